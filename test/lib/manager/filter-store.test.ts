import { readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { FilterStore, type StoredFilter } from '../../../lib/manager/filter-store.ts';
import { FaultyFileSystem } from '../../faulty-file-system.ts';

const filter = (version: string): StoredFilter => ({
  config: Buffer.from(`config ${version}`),
  script: Buffer.from(`script ${version}`),
});

const noWarning = (error: Error): void => {
  throw error;
};

async function store(dir: string, prefix = 'M', faulty?: FaultyFileSystem): Promise<FilterStore> {
  return await FilterStore.open(dir, prefix, noWarning, faulty?.fs);
}

async function put(target: FilterStore, name: string, version: string): Promise<void> {
  const staged = await target.stage(name, filter(version));
  const late = await staged.commit();
  if (late !== undefined) throw late;
}

/** The version that both files agree on, or undefined when the filter is not stored. */
async function versionOf(target: FilterStore, name: string): Promise<string | undefined> {
  if (!(await target.names()).includes(name)) return undefined;
  const stored = await target.read(name);
  const config = Buffer.from(stored.config).toString();
  const script = Buffer.from(stored.script).toString();
  if (config.slice(7) !== script.slice(7)) throw new Error(`mixed: ${config} with ${script}`);
  return config.slice(7);
}

t.test('a committed filter is stored as two files that only the owner can read', async (t) => {
  const dir = join(t.testdir(), 'deep', 'work');
  const s = await store(dir);
  await put(s, 'M-A', '1');
  t.equal(statSync(dir).mode & 0o777, 0o700);
  t.equal(statSync(join(dir, 'M-A.toml')).mode & 0o777, 0o600);
  t.equal(statSync(join(dir, 'M-A.lua')).mode & 0o777, 0o600);
  t.equal(readFileSync(join(dir, 'M-A.toml'), 'utf8'), 'config 1');
  t.equal(readFileSync(join(dir, 'M-A.lua'), 'utf8'), 'script 1');
  t.same(readdirSync(dir).sort(), ['M-A.lua', 'M-A.toml']);
});

t.test('a discarded stage leaves the files from before, or none', async (t) => {
  const dir = t.testdir();
  const s = await store(dir);
  t.equal(await (await s.stage('M-A', filter('1'))).discard(), undefined);
  t.same(readdirSync(dir), []);
  await put(s, 'M-A', '1');
  t.equal(await (await s.stage('M-A', filter('2'))).discard(), undefined);
  t.equal(await versionOf(s, 'M-A'), '1');
  t.same(readdirSync(dir).sort(), ['M-A.lua', 'M-A.toml']);
});

t.test(
  'names that are not a manager and a filter of word characters never reach the disk',
  async (t) => {
    const dir = t.testdir({ secret: 'x', work: {} });
    const work = join(dir, 'work');
    const s = await store(work);
    const names = [
      'M-../secret',
      'M-a/b',
      'M-a.b',
      'M-',
      'M-a-b',
      'M-a\0b',
      'M-ä',
      'N-a',
      'M',
      '',
      '../M-a',
      `M-${'a'.repeat(300)}`,
    ];
    for (const name of names) {
      await t.rejects(s.stage(name, filter('1')), { code: 'HKT_CONTROL_STORE' }, name);
      await t.rejects(s.read(name), { code: 'HKT_CONTROL_STORED' }, name);
      t.same(await s.remove(name), { found: false, rest: undefined }, name);
    }
    t.same(readdirSync(work), []);
    t.equal(readFileSync(join(dir, 'secret'), 'utf8'), 'x');
  },
);

t.test('managers that share a directory never see or touch the files of one another', async (t) => {
  const dir = t.testdir();
  const m = await store(dir, 'M');
  const longer = await store(dir, 'M_A');
  await put(m, 'M-x', '1');
  await put(longer, 'M_A-x', '2');
  const pending = await longer.stage('M_A-y', filter('3'));
  await store(dir, 'M');
  t.same(await m.names(), ['M-x']);
  t.same(await longer.names(), ['M_A-x']);
  t.equal(await pending.commit(), undefined, 'an open of the other manager left this stage alone');
  await m.remove('M-x');
  t.same(await longer.names(), ['M_A-x', 'M_A-y']);
});

t.test('a link in the directory is not followed', async (t) => {
  const dir = t.testdir({ passwd: 'secret', work: { 'M-A.toml': 'config 1' } });
  const work = join(dir, 'work');
  symlinkSync(join(dir, 'passwd'), join(work, 'M-A.lua'));
  const s = await store(work);
  await t.rejects(s.read('M-A'), {
    code: 'HKT_CONTROL_STORED',
    message: 'cannot read the stored filter M-A: ELOOP',
  });
  await put(s, 'M-A', '2');
  t.equal(readFileSync(join(dir, 'passwd'), 'utf8'), 'secret');
  t.equal(await versionOf(s, 'M-A'), '2');
});

t.test('an entry that cannot be read is reported by its own code and stays', async (t) => {
  const dir = t.testdir({
    'M-A.toml': 'config 1',
    'M-B.toml': {},
    'M-C.x.toml': '',
    'M-D.lua': '',
  });
  const s = await store(dir);
  t.same(await s.names(), ['M-A', 'M-B', 'M-C.x']);
  for (const name of await s.names()) {
    await t.rejects(s.read(name), { code: 'HKT_CONTROL_STORED' }, name);
  }
  t.same(readdirSync(dir).sort(), ['M-A.toml', 'M-B.toml', 'M-C.x.toml', 'M-D.lua']);
});

t.test('removing tells whether there was something', async (t) => {
  const dir = t.testdir({ 'M-B.lua': 'half a filter' });
  const s = await store(dir);
  await put(s, 'M-A', '1');
  t.same(await s.remove('M-A'), { found: true, rest: undefined });
  t.same(await s.remove('M-A'), { found: false, rest: undefined });
  t.same(await s.remove('M-B'), { found: true, rest: undefined });
  t.same(readdirSync(dir), []);
});

/** Runs `work` with a crash at its n-th call for every n, and checks the directory after a new open each time. */
async function crashEverywhere(
  t: Test,
  before: string | undefined,
  work: (s: FilterStore) => Promise<unknown>,
  allowed: readonly (string | undefined)[],
): Promise<void> {
  const seen = new Set<string | undefined>();
  for (let n = 1; ; n++) {
    const dir = t.testdir();
    if (before !== undefined) await put(await store(dir), 'M-A', before);
    const faulty = new FaultyFileSystem(n, 'crash', 'EIO');
    const s = await store(dir, 'M', faulty);
    await work(s).catch(() => {});
    if (!faulty.hit) break;
    const restarted = await store(dir);
    const version = await versionOf(restarted, 'M-A');
    seen.add(version);
    t.ok(allowed.includes(version), `crash at call ${n}: ${version}`);
    t.notOk(
      readdirSync(dir).some((file) => file.endsWith('.new') || file.endsWith('.tmp')),
      `nothing half done after the restart from a crash at call ${n}`,
    );
    await put(restarted, 'M-A', '9');
    t.equal(await versionOf(restarted, 'M-A'), '9', 'the name can be used again');
  }
  t.same(seen, new Set(allowed), 'the crash points reach every outcome');
}

t.test('a crash at any step of a first load stores all of it or nothing', async (t) => {
  await crashEverywhere(t, undefined, (s) => put(s, 'M-A', '1'), [undefined, '1']);
});

t.test('a crash at any step of a replacement leaves the old pair or the new pair', async (t) => {
  await crashEverywhere(t, '1', (s) => put(s, 'M-A', '2'), ['1', '2']);
});

t.test('a crash while a stage is discarded leaves the old pair', async (t) => {
  await crashEverywhere(t, '1', async (s) => (await s.stage('M-A', filter('2'))).discard(), ['1']);
});

t.test('a crash at any step of a removal leaves the pair or nothing that comes back', async (t) => {
  await crashEverywhere(t, '1', (s) => s.remove('M-A'), ['1', undefined]);
});

t.test(
  'an error at any step of staging is told with its code and leaves nothing new',
  async (t) => {
    for (let n = 1; ; n++) {
      const dir = t.testdir();
      await put(await store(dir), 'M-A', '1');
      const faulty = new FaultyFileSystem(n);
      const s = await store(dir, 'M', faulty);
      const error: unknown = await s.stage('M-A', filter('2')).catch((e: unknown) => e);
      if (!faulty.hit) break;
      t.match(
        error,
        { code: 'HKT_CONTROL_STORE', message: 'cannot store M-A: ENOSPC' },
        `call ${n}`,
      );
      t.same(readdirSync(dir).sort(), ['M-A.lua', 'M-A.toml'], `call ${n}`);
      t.equal(await versionOf(await store(dir), 'M-A'), '1');
    }
  },
);

t.test(
  'a commit that fails before its point of no return changed nothing, after it the new pair counts',
  async (t) => {
    const outcomes: string[] = [];
    for (let n = 1; ; n++) {
      const dir = t.testdir();
      await put(await store(dir), 'M-A', '1');
      const faulty = new FaultyFileSystem(n);
      const s = await store(dir, 'M', faulty);
      const staged = await s.stage('M-A', filter('2')).catch(() => undefined);
      if (staged === undefined) continue;
      const outcome = await staged.commit().then(
        (late) => (late === undefined ? 'done' : 'late'),
        () => 'rejected',
      );
      if (!faulty.hit) break;
      outcomes.push(outcome);
      const expected = outcome === 'rejected' ? '1' : '2';
      await put(s, 'M-B', '3');
      t.equal(await versionOf(await store(dir), 'M-A'), expected, `call ${n} was ${outcome}`);
    }
    t.same(outcomes, ['rejected', 'late', 'late', 'late', 'late', 'late']);
  },
);

t.test('a file in place of the directory is an error of the open', async (t) => {
  const dir = t.testdir({ work: 'a file' });
  await t.rejects(store(join(dir, 'work')), { code: 'EEXIST' });
  await t.rejects(store(join(dir, 'work', 'below')), { code: 'ENOTDIR' });
});

t.test('a directory that went away is an error of the load', async (t) => {
  const dir = t.testdir({ work: {} });
  const s = await store(join(dir, 'work'));
  rmSync(join(dir, 'work'), { recursive: true });
  writeFileSync(join(dir, 'work'), '');
  await t.rejects(s.stage('M-A', filter('1')), {
    code: 'HKT_CONTROL_STORE',
    message: 'cannot store M-A: ENOTDIR',
  });
});
