import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { PrefixClaims } from '../../../lib/manager/filter-name.ts';
import { FakeFilterHost } from '../../fake-filter-host.ts';
import { FaultyFileSystem } from '../../faulty-file-system.ts';
import { config, ManagerHarness } from '../../manager-harness.ts';

const files = (baseDir: string): string[] => readdirSync(join(baseDir, 'sbxmgrs')).sort();

t.test(
  'a restart brings back what ran, byte for byte, and the names can be unloaded',
  async (t) => {
    const baseDir = t.testdir();
    const before = await ManagerHarness.started({ baseDir });
    await before.load(config('A', 'ticker_interval = 7'), 'script of A');
    await before.load(config('B'));
    await before.load(config('C'));
    await before.unload('B');
    await before.reload(config('C'), 'second C');
    await before.manager.stop();

    const after = await ManagerHarness.started({ baseDir });
    t.same([...after.host.filters.keys()].sort(), ['PlatformDevs-A', 'PlatformDevs-C']);
    t.equal(after.host.definition('PlatformDevs-A')?.tickerSeconds, 7);
    t.equal(
      Buffer.from(after.host.definition('PlatformDevs-A')?.script ?? []).toString(),
      'script of A',
    );
    t.equal(
      Buffer.from(after.host.definition('PlatformDevs-C')?.script ?? []).toString(),
      'second C',
    );
    t.equal(after.manager.report().RunningFilters, 2);
    t.same(after.infos.sort(), ['Loading: PlatformDevs-A', 'Loading: PlatformDevs-C']);
    t.equal((await after.unload('A')).code, 'ok');
    t.equal((await after.reload(config('C'))).code, 'ok');
    t.same(files(baseDir), ['PlatformDevs-C.lua', 'PlatformDevs-C.toml']);
  },
);

t.test(
  'a directory of hekad is read: the file name is the name, whatever the section is called',
  async (t) => {
    const baseDir = t.testdir({
      sbxmgrs: { 'PlatformDevs-Old.toml': config('"Old name!"'), 'PlatformDevs-Old.lua': 'x' },
    });
    const h = await ManagerHarness.started({ baseDir });
    t.ok(h.host.has('PlatformDevs-Old'));
  },
);

t.test('max_filters counts at a restore; the rest stays on disk and is named', async (t) => {
  const baseDir = t.testdir();
  const before = await ManagerHarness.started({ baseDir });
  for (const name of ['A', 'B', 'C', 'D', 'E', 'F']) await before.load(config(name));
  await before.manager.stop();

  const after = await ManagerHarness.started({ baseDir, settings: { max_filters: 5 } });
  t.equal(after.host.filters.size, 5);
  t.same(after.errors, [
    'PlatformDevs attempted to load more than 5 filters',
    'stays on disk, not started: PlatformDevs-F',
  ]);
  t.equal(files(baseDir).length, 12);
  t.equal((await after.load(config('G'))).code, 'HKT_CONTROL_MAX_FILTERS');
  await after.manager.stop();

  const none = await ManagerHarness.started({ baseDir, settings: { max_filters: 0 } });
  t.equal(none.host.filters.size, 0);
});

t.test(
  'a filter that does not come back is logged with its code, keeps its files, and takes no place',
  async (t) => {
    const baseDir = t.testdir({
      outside: 'secret',
      sbxmgrs: {
        'PlatformDevs-A.toml': config('A'),
        'PlatformDevs-A.lua': 'fine',
        'PlatformDevs-B.toml': 'half a fi',
        'PlatformDevs-B.lua': 'x',
        'PlatformDevs-C.toml': config('C'),
        'PlatformDevs-D.toml': config('D', 'memory_limit = 1'),
        'PlatformDevs-D.lua': 'x',
        'PlatformDevs-E.toml': config('E'),
        'PlatformDevs-E.lua': 'fail HKT_SANDBOX_SCRIPT boom',
        'PlatformDevs-F.toml': config('F'),
        'PlatformDevs-..toml': config('G'),
        'PlatformDevs-H.toml': {},
        'PlatformDevs-Z.toml': config('Z'),
        'PlatformDevs-Z.lua': 'fine',
        'Other-A.toml': config('A'),
        'Other-A.lua': 'x',
        'notes.txt': '',
      },
    });
    symlinkSync(join(baseDir, 'outside'), join(baseDir, 'sbxmgrs', 'PlatformDevs-F.lua'));
    const before = files(baseDir);
    const h = await ManagerHarness.started({ baseDir, settings: { max_filters: 2 } });
    t.same([...h.host.filters.keys()], ['PlatformDevs-A', 'PlatformDevs-Z']);
    t.same(files(baseDir), before);
    const logged = h.errors.join('\n');
    for (const line of [
      /^restoreSandboxes failed: PlatformDevs-B: .*HKT_CONFIG_SYNTAX/m,
      /^createRunner failed: HKT_CONTROL_STORED .*PlatformDevs-C: ENOENT$/m,
      /^createRunner failed: HKT_CONTROL_OWNED .*memory_limit/m,
      /^createRunner failed: HKT_SANDBOX_SCRIPT Initialization failed for 'PlatformDevs-E': Init\(\) boom$/m,
      /^createRunner failed: HKT_CONTROL_STORED .*PlatformDevs-F: ELOOP$/m,
      /^createRunner failed: HKT_CONTROL_STORED .*PlatformDevs-\.: not a name/m,
      /^createRunner failed: HKT_CONTROL_STORED .*PlatformDevs-H: EINVAL$/m,
    ]) {
      t.match(logged, line);
    }
    t.equal(h.errors.length, 7);
    t.same(h.routed, [], 'no message for restore errors, as upstream');
  },
);

t.test('control messages that come during a restore wait for it', async (t) => {
  const baseDir = t.testdir();
  const before = await ManagerHarness.started({ baseDir });
  await before.load(config('A'));
  await before.manager.stop();

  const host = new FakeFilterHost();
  const gate = Promise.withResolvers<void>();
  host.gate = gate.promise;
  const after = new ManagerHarness({ baseDir, host });
  const started = after.manager.start();
  const reply = after.unload('A');
  gate.resolve();
  await started;
  t.equal((await reply).code, 'ok');
  t.same(host.calls, ['start PlatformDevs-A', 'stop PlatformDevs-A']);
});

t.test(
  'whatever step of a load, reload or unload the machine dies in, a restart agrees with the replies',
  async (t) => {
    for (const action of ['load', 'reload', 'unload'] as const) {
      for (let n = 1; ; n++) {
        const baseDir = t.testdir();
        if (action !== 'load') {
          const first = await ManagerHarness.started({ baseDir });
          await first.load(config('A'), 'one');
          await first.manager.stop();
        }
        const faulty = new FaultyFileSystem(n, 'crash', 'EIO');
        const dying = await ManagerHarness.started({ baseDir, fs: faulty.fs }).catch(
          () => undefined,
        );
        if (dying === undefined || faulty.hit) continue;
        const reply =
          action === 'unload' ? await dying.unload('A') : await dying[action](config('A'), 'two');
        if (!faulty.hit) break;
        const after = await ManagerHarness.started({ baseDir });
        const script = after.host.definition('PlatformDevs-A')?.script;
        const runs = script === undefined ? 'nothing' : Buffer.from(script).toString();
        const place = `${action}, crash at call ${n}, answered ${reply.code}: ${runs}`;
        if (reply.code === 'ok') t.equal(runs, action === 'unload' ? 'nothing' : 'two', place);
        else if (action === 'load') t.equal(runs, 'nothing', place);
        else t.equal(runs, 'one', place);
        t.same(after.errors, [], place);
      }
    }
  },
);

t.test(
  'when the disk fails at any step of a load, it is told and nothing runs or stays',
  async (t) => {
    let failures = 0;
    for (let n = 1; ; n++) {
      const baseDir = t.testdir();
      const faulty = new FaultyFileSystem(n);
      const h = await ManagerHarness.started({ baseDir, fs: faulty.fs });
      const reply = await h.load(config('A'));
      if (!faulty.hit) break;
      if (reply.code === 'ok') {
        t.match(h.errors, [/^HKT_CONTROL_STORE cannot store PlatformDevs-A: ENOSPC$/], `call ${n}`);
        t.ok(h.host.has('PlatformDevs-A'));
        continue;
      }
      failures++;
      t.match(reply, { code: 'HKT_CONTROL_STORE', text: 'cannot store PlatformDevs-A: ENOSPC' });
      t.notOk(h.host.has('PlatformDevs-A'), `call ${n}`);
      t.equal(h.manager.report().RunningFilters, 0);
      t.same(files(baseDir), [], `call ${n}`);
      t.match(h.routedOf('heka.sandbox-terminated'), [
        { payload: 'cannot store PlatformDevs-A: ENOSPC' },
      ]);
      t.equal((await h.load(config('A'))).code, 'ok', 'room again');
    }
    t.ok(failures >= 8, `${failures} steps can fail before the point of no return`);
  },
);

t.test(
  'when the disk fails at any step of a reload, the reply says what runs now and what comes back',
  async (t) => {
    const codes = new Set<string>();
    for (let n = 1; ; n++) {
      const baseDir = t.testdir();
      const first = await ManagerHarness.started({ baseDir });
      await first.load(config('A'), 'one');
      await first.manager.stop();
      const faulty = new FaultyFileSystem(n);
      const h = await ManagerHarness.started({ baseDir, fs: faulty.fs });
      if (faulty.hit) continue;
      const { code } = await h.reload(config('A'), 'two');
      if (!faulty.hit) break;
      codes.add(code);
      const after = await ManagerHarness.started({ baseDir });
      const script = (host: FakeFilterHost): string =>
        Buffer.from(host.definition('PlatformDevs-A')?.script ?? []).toString();
      t.equal(script(h.host), code === 'HKT_CONTROL_STORE' ? 'one' : 'two', `runs after call ${n}`);
      t.equal(script(after.host), code === 'ok' ? 'two' : 'one', `comes back after call ${n}`);
    }
    t.same(codes, new Set(['HKT_CONTROL_STORE', 'HKT_CONTROL_NOT_STORED', 'ok']));
  },
);

t.test(
  'a directory that cannot be used stops the manager at its start, with its path',
  async (t) => {
    const baseDir = t.testdir({ sbxmgrs: 'a file' });
    const h = new ManagerHarness({ baseDir });
    await t.rejects(h.manager.start(), {
      code: 'HKT_CONTROL_DIRECTORY',
      message: `PlatformDevs cannot use its working directory '${join(baseDir, 'sbxmgrs')}': EEXIST`,
    });
    t.equal((await h.load(config('A'))).code, 'HKT_CONTROL_STOPPING');
  },
);

t.test(
  'a directory that goes away while the manager runs fails loads, keeps unloads honest',
  async (t) => {
    const baseDir = t.testdir();
    const h = await ManagerHarness.started({ baseDir });
    await h.load(config('A'));
    rmSync(join(baseDir, 'sbxmgrs'), { recursive: true });
    writeFileSync(join(baseDir, 'sbxmgrs'), '');
    t.match(await h.load(config('B')), { code: 'HKT_CONTROL_STORE', text: /ENOTDIR/ });
    t.match(await h.reload(config('A'), 'two'), { code: 'HKT_CONTROL_STORE' });
    t.match(await h.unload('A'), { code: 'HKT_CONTROL_STORE' });
    t.ok(h.host.has('PlatformDevs-A'), 'it runs on: its files could not be removed');
    t.notOk(h.host.has('PlatformDevs-B'));
    rmSync(join(baseDir, 'sbxmgrs'));
    mkdirSync(join(baseDir, 'sbxmgrs'));
    t.equal((await h.load(config('B'))).code, 'ok');
  },
);

t.test('a working directory may be absolute and shared by managers', async (t) => {
  const shared = join(t.testdir(), 'shared');
  const claims = new PrefixClaims();
  const host = new FakeFilterHost();
  const common = { baseDir: '/nonexistent', settings: { working_directory: shared }, claims, host };
  const ops = await ManagerHarness.started({ ...common, name: 'Ops' });
  const opsEu = await ManagerHarness.started({ ...common, name: 'Ops-EU' });
  t.equal((await ops.load(config('Counter'))).name, 'Ops-Counter');
  t.equal((await opsEu.load(config('Counter'))).name, 'Ops_EU-Counter');
  t.equal((await ops.unload('Counter')).code, 'ok');
  t.same(readdirSync(shared).sort(), ['Ops_EU-Counter.lua', 'Ops_EU-Counter.toml']);
  t.equal(readFileSync(join(shared, 'Ops_EU-Counter.toml'), 'utf8'), config('Counter'));

  const clash = new ManagerHarness({ ...common, name: 'Ops.EU' });
  await t.rejects(clash.manager.start(), {
    code: 'HKT_CONTROL_MANAGER_NAME',
    message: "managers 'Ops-EU' and 'Ops.EU' would both give names that begin with Ops_EU-",
  });
});
