/** Which packages are on, and what the sandboxes of each kind may load of them. */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import t, { type Test } from 'tap';
import { ADDED_FOLDER, openPackages } from '../../../lib/packages/package-store.ts';

type Section = Readonly<Record<string, unknown>>;

/** A base_dir with packages that were added, by name. */
async function baseWith(t: Test, packages: Readonly<Record<string, Section>>): Promise<string> {
  const base = t.testdir({});
  for (const [name, section] of Object.entries(packages)) {
    const folder = path.join(base, ADDED_FOLDER, name);
    for (const part of ['modules', 'io_modules', 'sandboxes/analysis']) {
      await mkdir(path.join(folder, part), { recursive: true });
    }
    await writeFile(path.join(folder, 'modules', `${name}.lua`), 'return {}');
    await writeFile(path.join(folder, 'io_modules', `${name}_io.lua`), 'return {}');
    await writeFile(path.join(folder, 'sandboxes/analysis', `${name}_count.lua`), 'x = 1');
    const hekate = {
      extension: name,
      modules: 'modules',
      ioModules: 'io_modules',
      sandboxes: 'sandboxes',
      ...section,
    };
    await writeFile(
      path.join(folder, 'package.json'),
      JSON.stringify({ name, version: '1.2.0', hekate }),
    );
  }
  return base;
}

t.test('without a base_dir there are the packages that ship, wherever it runs', async (t) => {
  const base = await baseWith(t, { words: {} });
  const before = process.cwd();
  t.teardown(() => process.chdir(before));
  process.chdir(base);
  const { packages } = await openPackages(undefined, ['all']);
  t.ok(packages.length > 0);
  t.same(
    packages.filter(({ origin }) => origin !== 'shipped'),
    [],
  );
});

t.test('a module that a sandbox may not load says which package has it', async (t) => {
  const base = await baseWith(t, { words: {}, silent: { enabled: false } });
  const { refusedModules } = (await openPackages(base, [])).modules('filter', 'lsb');
  t.equal(refusedModules['words'], undefined);
  t.equal(refusedModules['words_io'], "is in the package 'words', and not for filters");
  t.equal(refusedModules['silent'], "is in the package 'silent', which is not enabled");
  const output = (await openPackages(base, [])).modules('output', 'lsb');
  t.equal(output.refusedModules['words_io'], undefined);
  t.ok(output.moduleDirectories.some((folder) => folder.endsWith('words/io_modules')));
});

t.test('names that do not exist and needs that are not met are errors', async (t) => {
  const base = await baseWith(t, { words: { requires: { letters: '>=2.0' } }, letters: {} });
  await t.rejects(openPackages(base, []), { code: 'HKT_PACKAGE_NEEDS', message: /1\.2\.0/ });
  await t.rejects(openPackages(base, ['nothing']), { code: 'HKT_PACKAGE_UNKNOWN' });
  await t.resolves(openPackages(base, ['-words']));
});

t.test('a script is found by its kind, and never outside of its package', async (t) => {
  const base = await baseWith(t, { words: {} });
  const analysis = path.join(base, ADDED_FOLDER, 'words', 'sandboxes', 'analysis');
  await writeFile(path.join(base, 'out.lua'), 'secret');
  await symlink(path.join(base, 'out.lua'), path.join(analysis, 'link.lua'));
  const store = await openPackages(base, []);
  t.equal(store.script('filter', 'words_count.lua'), path.join(analysis, 'words_count.lua'));
  t.equal(store.script('decoder', 'words_count.lua'), undefined);
  for (const name of [
    'link.lua',
    '../../../../out.lua',
    '/etc/hostname',
    'package.json',
    '',
    '.',
  ]) {
    t.equal(store.script('filter', name), undefined, name);
  }
});
