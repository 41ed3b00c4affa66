import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function start(
  script: string,
  args: readonly string[],
  options: {
    readonly env?: Record<string, string>;
    readonly node?: readonly string[];
    readonly onOutput?: (pid: number) => void;
  } = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [...(options.node ?? []), script, ...args],
      { env: { PATH: process.env['PATH'] ?? '', ...options.env } },
      (error, out, err) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, err });
      },
    );
    child.stdout?.once('data', () => options.onOutput?.(child.pid ?? 0));
  });
}

/** A package whose entry is the given JavaScript, with our launchers. */
function packageWith(test: { testdir: typeof t.testdir }, entry: string, manifest = '{}'): string {
  const folder = test.testdir({
    bin: {},
    dist: { lib: { cli: { 'entry.js': entry } } },
    'package.json': '{"type":"module"}',
    node_modules: { node: { bin: {}, 'package.json': manifest } },
  });
  for (const name of ['launch.js', 'hekate.js', 'heka-sbmgr.js']) {
    copyFileSync(join(root, 'bin', name), join(folder, 'bin', name));
  }
  return folder;
}

/** Makes a Node that believes to be version 20, and has no execve. */
const OLD_NODE = [
  '--import',
  'data:text/javascript,Object.defineProperty(process.versions,"node",{value:"20.1.0"});delete process.execve;',
];
const SHOW =
  'console.log(JSON.stringify({ argv: process.argv.slice(2), flags: process.execArgv, node: process.execPath }));';

t.test('the launchers of the checkout reach their programs', async (t) => {
  const hekate = await start(join(root, 'bin/hekate.js'), ['-version']);
  t.match(hekate, { code: 0, out: /^\d+\.\d+\.\d+\n$/, err: '' });
  for (const tool of ['heka-sbmgr', 'heka-sbmgrload']) {
    const help = await start(join(root, `bin/${tool}.js`), ['-help']);
    t.equal(help.code, 0);
    t.match(help.out, new RegExp(`usage: ${tool} `));
  }
});

t.test('the exit code of the program is that of the launcher', async (t) => {
  t.match(await start(join(root, 'bin/hekate.js'), ['nonsense']), { code: 2, out: '' });
  t.match(await start(join(root, 'bin/heka-sbmgr.js'), ['-config=/no/such']), { code: 1 });
});

t.test(
  'hekate runs with the snapshot of Node switched off, started once if it already is',
  async (t) => {
    const folder = packageWith(t, SHOW);
    const script = join(folder, 'bin/hekate.js');
    const plain = await start(script, ['cat', '-x', 'a b']);
    t.match(JSON.parse(plain.out), {
      argv: ['hekate', 'cat', '-x', 'a b'],
      flags: ['--no-node-snapshot'],
    });
    const already = await start(script, ['cat'], { node: ['--no-node-snapshot'] });
    t.match(JSON.parse(already.out), { argv: ['hekate', 'cat'], flags: ['--no-node-snapshot'] });
    const byEnvironment = await start(script, [], {
      env: { NODE_OPTIONS: '--no-node-snapshot' },
    });
    t.same(JSON.parse(byEnvironment.out).flags, [], 'not started a second time');
  },
);

t.test('tools that make no isolates start without a second process', async (t) => {
  const folder = packageWith(t, SHOW);
  const { out } = await start(join(folder, 'bin/heka-sbmgr.js'), ['-x']);
  t.match(JSON.parse(out), { argv: ['heka-sbmgr', '-x'], flags: [] });
});

t.test('an old Node hands over to the one that npm installed', async (t) => {
  const folder = packageWith(t, SHOW, '{"version":"26.1.0"}');
  const own = join(folder, 'node_modules/node/bin/node');
  symlinkSync(process.execPath, own);
  const { out } = await start(join(folder, 'bin/heka-sbmgr.js'), ['-x'], { node: OLD_NODE });
  t.match(JSON.parse(out), { argv: ['heka-sbmgr', '-x'] });
  t.ok(JSON.parse(out).flags.includes('--no-node-snapshot'));
});

t.test('an old Node alone says what to do', async (t) => {
  for (const manifest of ['{"version":"20.0.0"}', undefined]) {
    const folder = packageWith(t, SHOW, manifest);
    if (manifest !== undefined) {
      writeFileSync(join(folder, 'node_modules/node/bin/node'), '');
    }
    const { code, err } = await start(join(folder, 'bin/hekate.js'), [], { node: OLD_NODE });
    t.equal(code, 1);
    t.match(err, /^hekate: HKT_TOOL_NODE_VERSION Node\.js 20\.1\.0 is too old.*\n {2}Run npm ci/);
  }
});

t.test('a package that was not built says so', async (t) => {
  const folder = t.testdir({ bin: {}, 'package.json': '{"type":"module"}' });
  for (const name of ['launch.js', 'hekate.js']) {
    copyFileSync(join(root, 'bin', name), join(folder, 'bin', name));
  }
  t.match(await start(join(folder, 'bin/hekate.js'), []), {
    code: 1,
    err: /^hekate: HKT_TOOL_NOT_BUILT/,
  });
});

t.test('under node_modules the built files are taken, even beside sources', async (t) => {
  const outer = t.testdir({ node_modules: { hekate: { 'package.json': '{"type":"module"}' } } });
  const folder = join(outer, 'node_modules/hekate');
  for (const path of ['bin', 'lib/cli', 'dist/lib/cli']) {
    mkdirSync(join(folder, path), { recursive: true });
  }
  writeFileSync(join(folder, 'lib/cli/entry.ts'), 'console.log("source")');
  writeFileSync(join(folder, 'dist/lib/cli/entry.js'), 'console.log("built")');
  for (const name of ['launch.js', 'heka-sbmgr.js']) {
    copyFileSync(join(root, 'bin', name), join(folder, 'bin', name));
  }
  t.match(await start(join(folder, 'bin/heka-sbmgr.js'), []), { code: 0, out: 'built\n' });
});

t.test('signals reach the program, with and without a process in between', async (t) => {
  const wait =
    'process.on("SIGTERM", () => { console.log("got it"); process.exit(7); });' +
    'setInterval(() => {}, 1000); console.log("ready");';
  const folder = packageWith(t, wait, '{"version":"26.1.0"}');
  symlinkSync(process.execPath, join(folder, 'node_modules/node/bin/node'));
  for (const node of [[], OLD_NODE]) {
    const ended = await start(join(folder, 'bin/hekate.js'), [], {
      node,
      onOutput: (pid) => process.kill(pid, 'SIGTERM'),
    });
    t.match(ended, { code: 7, out: 'ready\ngot it\n' });
  }
});

t.test('a program that a signal ended gives 128 and its number', async (t) => {
  const folder = packageWith(t, 'process.kill(process.pid, "SIGKILL");', '{"version":"26.1.0"}');
  symlinkSync(process.execPath, join(folder, 'node_modules/node/bin/node'));
  const ended = await start(join(folder, 'bin/hekate.js'), [], { node: OLD_NODE });
  t.equal(ended.code, 137);
});
