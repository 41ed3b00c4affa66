/**
 * The package as a user gets it: packed, installed into an empty project, used as a library and from the command line.
 */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, '..');
const MINUTES = 60_000;
/** The test runner's own Node options are not the user's: without them, as in a shell. */
const PLAIN = ['-c', 'unset NODE_OPTIONS; exec "$0" "$@"'];

const program = `
import { createHost, Message } from 'hekate';
await using host = await createHost({ shards: 1 });
const injected = host.injected();
await host.load({
  name: 'echo',
  script: 'function process_message() inject_payload("txt", "echo", read_message("Payload")) return 0 end',
});
await host.deliver(Message.create({ type: 'question', payload: 'from the package' }));
const { value } = await injected.next();
console.log(value.type, value.logger, value.payload);
`;

const typed = `
import { createHost, type Host, Message } from 'hekate';
export async function count(): Promise<number> {
  await using host: Host = await createHost();
  await host.deliver(Message.create({ type: 'x' }));
  return host.status().length;
}
`;

const modules = `
require 'cjson'
local clf = require 'lpeg.common_log_format'
function test_modules()
  assert(cjson.decode('{"status":200}').status == 200)
  assert(clf.build_nginx_grammar('$status'):match('304').status == 304)
end
`;

t.test('the packed package installs, runs and is typed', { timeout: 5 * MINUTES }, async (t) => {
  const folder = t.testdir({
    'package.json': JSON.stringify({
      name: 'user',
      private: true,
      type: 'module',
      allowScripts: { 'isolated-vm': true, 'msgpackr-extract': true },
    }),
    'use.js': program,
    'typed.ts': typed,
    'tsconfig.json': JSON.stringify({
      compilerOptions: {
        module: 'nodenext',
        target: 'es2024',
        lib: ['es2024', 'esnext.disposable'],
        strict: true,
        noEmit: true,
        typeRoots: [path.join(root, 'node_modules/@types')],
        types: ['node'],
      },
      files: ['typed.ts'],
    }),
  });
  const packed = await run(
    'sh',
    [...PLAIN, 'npm', 'pack', '--json', '--pack-destination', folder],
    {
      cwd: root,
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  const listing = JSON.parse(packed.stdout.slice(packed.stdout.indexOf('[\n')));
  const [{ filename, files }] = listing;
  const names: string[] = files.map((file: { path: string }) => file.path);
  t.ok(names.includes('dist/lib/index.d.ts'), 'declarations are in it');
  t.ok(names.includes('dist/workers/compiled-bundle.js'), 'the isolate bundle is in it');
  t.same(
    names.filter(
      (name) => name.endsWith('.ts') && !name.endsWith('.d.ts') && !name.startsWith('examples/'),
    ),
    [],
    'no source that Node would refuse under node_modules',
  );
  t.same(
    names.filter((name) => /^(test|benchmarks|scripts)\//.test(name)),
    [],
  );

  await run(
    'sh',
    [
      ...PLAIN,
      'npm',
      'install',
      '--prefer-offline',
      '--no-audit',
      '--no-fund',
      path.join(folder, filename),
    ],
    {
      cwd: folder,
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  const used = await run(process.execPath, ['--no-node-snapshot', 'use.js'], { cwd: folder });
  t.equal(used.stdout.trim(), 'heka.sandbox-output echo from the package');

  const cli = path.join(folder, 'node_modules/hekate/bin/hekate.js');
  const version = await run(process.execPath, [cli, '-version'], { cwd: folder });
  t.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
  writeFileSync(path.join(folder, 'up.lua'), 'function process_message() return 0 end\n');
  const tried = await run(
    process.execPath,
    [cli, 'try', 'up.lua', '-input', 'package.json', '-format', 'text'],
    {
      cwd: folder,
    },
  );
  t.match(tried.stderr, /1 processed, 0 failed/);

  const packages = await run(process.execPath, [cli, 'ext', 'list'], { cwd: folder });
  t.match(packages.stdout, /^cjson +/m, 'the packages that come with it are known');
  writeFileSync(path.join(folder, 'modules.test.lua'), modules);
  const tested = await run(process.execPath, [cli, 'test', 'modules.test.lua'], { cwd: folder });
  t.match(tested.stdout, /1 passed/, 'native modules and grammars load');

  const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
  const checked = await run(process.execPath, [tsc, '-p', folder], { cwd: folder }).catch(
    (error: { stdout: string }) => error,
  );
  t.equal(checked.stdout, '', 'a typed program compiles against the declarations');
});
