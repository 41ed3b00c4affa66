/**
 * Libraries in plain Lua 5.1 with their own tests. Those for busted run under upstream/busted.lua with the real luassert and
 * say, which must be there too.
 */
import { cp, mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Suite, UpstreamCase } from './case.ts';
import { type Cuts, cutFiles } from './cuts.ts';

interface Library {
  /** The repository's name, and its folder's. */
  readonly name: string;
  /** A folder of specs for busted: each is a program of its own. */
  readonly specs?: string;
  /** A folder of scripts that end with an error when a test fails. */
  readonly scripts?: string;
  /** Programs that run by themselves. */
  readonly programs?: readonly Pick<UpstreamCase, 'name' | 'args' | 'wanted' | 'unwanted'>[];
  /** Files of specs or scripts that are not run, and why. */
  readonly leftOut?: Readonly<Record<string, string>>;
  readonly cuts?: Cuts;
}

/** Our own files, and the two libraries that assertions come from, lie below this folder of each copy. */
const SUPPORT = 'hekate-support';
/** Modules that other libraries' tests ask for, and where they come from. */
const LENT = [
  ['luassert', 'luassert/src'],
  ['say', 'say/src'],
  ['pl', 'Penlight/lua/pl'],
] as const;
const LUA_PATH = ['.', 'src', 'lua', 'test', SUPPORT]
  .flatMap((folder) => [`./${folder}/?.lua`, `./${folder}/?/init.lua`])
  .join(';')
  .replaceAll('././', './');

const PROCESSES = 'starts child processes';
const FILE_SYSTEM = 'needs the C library LuaFileSystem';

const WEAK = 'weak tables keep what they hold';

const libraries: readonly Library[] = [
  {
    name: 'Moses',
    specs: 'spec',
  },
  {
    name: 'Penlight',
    specs: 'spec',
    scripts: 'tests',
    leftOut: {
      'spec/app_spec.lua': PROCESSES,
      'tests/test-app.lua': PROCESSES,
      'tests/test-dir.lua': FILE_SYSTEM,
      'tests/test-path.lua': FILE_SYSTEM,
      'tests/test-utils2.lua': PROCESSES,
      'tests/test-utils3.lua': PROCESSES,
    },
    cuts: {
      'tests/test-utils.lua': [
        { lines: [33, 65], digest: '0045987a2c1d', reason: PROCESSES },
        { lines: [235, 259], digest: '966548b472ab', reason: PROCESSES },
        { lines: [282, 302], digest: 'a2c19ae00cc8', reason: PROCESSES },
      ],
    },
  },
  {
    name: 'date',
    specs: 'spec',
    cuts: {
      'spec/date_spec.lua': [
        {
          lines: [318, 319],
          digest: '07a6149ac0c8',
          reason: 'takes the first month of that name that pairs comes upon',
        },
      ],
    },
  },
  { name: 'i18n.lua', specs: 'spec' },
  { name: 'inspect.lua', specs: 'spec' },
  {
    name: 'json.lua',
    programs: [
      {
        name: 'test/test.lua',
        args: ['test/test.lua'],
        wanted: /\[pass\]/,
        unwanted: /\[fail\]/,
      },
    ],
    cuts: {
      'test/test.lua': [
        {
          lines: [2, 2],
          digest: '274bd696c4fe',
          reason: 'wants to run in its own folder',
          instead: 'local json = loadfile("json.lua")()',
        },
      ],
    },
  },
  {
    name: 'luafun',
    programs: [
      {
        name: 'tests',
        args: [
          `${SUPPORT}/luafun.lua`,
          ...['basic', 'compositions', 'filtering', 'generators', 'indexing'].map(testOfLuafun),
          ...['operators', 'reducing', 'slicing', 'stateful', 'transformations'].map(testOfLuafun),
        ],
      },
    ],
  },
  { name: 'luassert', specs: 'spec' },
  {
    name: 'luaunit',
    programs: [{ name: 'test/test_luaunit.lua', args: ['run_unit_tests.lua'] }],
    cuts: {
      'test/test_luaunit.lua': [
        {
          lines: [223, 223],
          digest: '5b019f2293d5',
          reason: 'a stack trace names a function as it is defined, not as it is called',
        },
      ],
    },
  },
  {
    name: 'lume',
    programs: [
      { name: 'test/test.lua', args: ['test/test.lua'], wanted: /\b0 Failed/, unwanted: /FAIL/ },
    ],
  },
  { name: 'md5.lua', specs: 'spec' },
  {
    name: 'middleclass',
    specs: 'spec',
    cuts: {
      'spec/metamethods_spec.lua': [
        { lines: [100, 100], digest: 'a51da7d122d6', reason: WEAK },
        { lines: [174, 174], digest: '13420345b138', reason: WEAK },
      ],
    },
  },
  { name: 'say', specs: 'spec' },
  { name: 'semver.lua', specs: 'spec' },
  {
    name: 'serpent',
    programs: [{ name: 't/test.lua', args: ['t/test.lua'], wanted: /^All tests passed\.$/m }],
    cuts: {
      't/test.lua': [
        { lines: [59, 59], digest: '7fcd245c675b', reason: 'string.dump is refused' },
        { lines: [89, 90], digest: 'f2e72973d94f', reason: 'string.dump is refused' },
        { lines: [423, 438], digest: '7902f5b299ae', reason: 'string.dump is refused' },
      ],
    },
  },
  { name: 'stateful.lua', specs: 'spec' },
];

function testOfLuafun(name: string): string {
  return `tests/${name}.lua`;
}

export const libraryTests: Suite = {
  directory: 'a folder of checkouts, each named as its repository',
  async prepare(directory, folder) {
    const cases: UpstreamCase[] = [];
    for (const library of libraries) {
      const source = join(directory, library.name);
      if (!(await exists(source))) continue;
      const copy = join(folder, library.name);
      await cp(source, copy, { recursive: true });
      await support(directory, join(copy, SUPPORT));
      await cutFiles(copy, library.cuts ?? {});
      cases.push(...(await casesOf(library, copy)));
    }
    return cases;
  },
};

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false, // it was not fetched
  );
}

async function support(directory: string, folder: string): Promise<void> {
  await mkdir(folder);
  for (const name of ['busted.lua', 'lfs.lua', 'luafun.lua']) {
    await cp(join(import.meta.dirname, name), join(folder, name));
  }
  for (const [name, path] of LENT) {
    const source = join(directory, path);
    if (await exists(source)) await cp(source, join(folder, name), { recursive: true });
  }
}

async function casesOf(library: Library, copy: string): Promise<UpstreamCase[]> {
  const cases: UpstreamCase[] = [];
  const add = (program: UpstreamCase, file: string): void => {
    const leftOut = library.leftOut?.[file];
    const cuts = library.cuts?.[file]?.map((cut) => cut.reason);
    cases.push({
      ...program,
      name: `${library.name}/${program.name}`,
      folder: library.name,
      env: { LUA_PATH },
      ...(leftOut === undefined ? {} : { leftOut }),
      ...(cuts === undefined ? {} : { cuts }),
    });
  };
  for (const program of library.programs ?? []) add(program, program.name);
  for (const name of await filesOf(copy, library.specs, /_spec\.lua$/)) {
    add({ name, args: [`${SUPPORT}/busted.lua`, name] }, name);
  }
  for (const name of await filesOf(copy, library.scripts, /\.lua$/)) {
    add({ name, args: [name] }, name);
  }
  return cases;
}

async function filesOf(copy: string, folder: string | undefined, form: RegExp): Promise<string[]> {
  if (folder === undefined) return [];
  const names = await readdir(join(copy, folder));
  return names
    .filter((name) => form.test(name))
    .sort()
    .map((name) => `${folder}/${name}`);
}
