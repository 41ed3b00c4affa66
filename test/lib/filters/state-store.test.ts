import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { StateStore, stateStem } from '../../../lib/filters/state-store.ts';
import { FaultyFileSystem } from '../../faulty-file-system.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const textOf = (state: Uint8Array | undefined): string | undefined =>
  state === undefined ? undefined : Buffer.from(state).toString('latin1');
const folder = (base: string): string => join(base, 'sandbox_preservation');

t.test(
  'a state is read back byte for byte, from a file that only the owner can read',
  async (t) => {
    const base = t.testdir();
    const store = await StateStore.open(base);
    t.equal(await store.read('counts'), undefined);
    const state = Uint8Array.from({ length: 256 }, (_, i) => i);
    await store.write('counts', state);
    t.same(await store.read('counts'), state);
    t.equal(statSync(folder(base)).mode & 0o777, 0o700);
    t.equal(statSync(join(folder(base), 'counts.data')).mode & 0o777, 0o600);
    await store.write('counts', new Uint8Array(0));
    t.same(await (await StateStore.open(base)).read('counts'), new Uint8Array(0));
    await store.remove('counts');
    await store.remove('counts');
    t.equal(await store.read('counts'), undefined);
  },
);

t.test('no two names share a file, and no name leaves the folder', async (t) => {
  const names = [
    'A-B_C',
    'A_B-C',
    'A.B-C',
    'A-B.C',
    'A B C',
    'A/B/C',
    '../../etc/passwd',
    '..',
    '.',
    '\0',
    'ä',
    'ö',
    '',
    'x'.repeat(200),
    'x'.repeat(201),
    'x'.repeat(5000),
  ];
  const stems = names.map(stateStem);
  t.equal(new Set(stems).size, names.length);
  for (const stem of stems) t.match(stem, /^[0-9A-Za-z_~-]{1,200}$/);
  t.equal(stateStem('PlatformDevs-Example'), 'PlatformDevs-Example');

  const base = t.testdir();
  const store = await StateStore.open(base);
  for (const name of names) await store.write(name, bytes(`state of ${name}`));
  for (const name of names)
    t.equal(Buffer.from((await store.read(name)) ?? '').toString(), `state of ${name}`);
  t.equal(readdirSync(folder(base)).length, names.length);
  t.same(readdirSync(base), ['sandbox_preservation']);
});

t.test('a damaged, foreign or moved file is refused and stays as it is', async (t) => {
  const base = t.testdir();
  const store = await StateStore.open(base);
  await store.write('a', bytes('state'));
  const path = join(folder(base), 'a.data');
  const good = readFileSync(path);
  const cases: [string, Uint8Array, string][] = [
    ['cut', good.subarray(0, good.length - 1), 'HKT_STATE_CORRUPT'],
    ['changed', Buffer.concat([good.subarray(0, -1), bytes('X')]), 'HKT_STATE_CORRUPT'],
    ['empty', new Uint8Array(0), 'HKT_STATE_FOREIGN'],
    ['header only', good.subarray(0, 20), 'HKT_STATE_FOREIGN'],
    [
      'newer',
      bytes(good.toString().replace('hekate-state 1', 'hekate-state 2')),
      'HKT_STATE_FOREIGN',
    ],
    [
      'upstream',
      bytes('if _PRESERVATION_VERSION ~= 0 then return end\ncount = 7\n'),
      'HKT_STATE_FOREIGN',
    ],
    ['other name', bytes(good.toString().replace('"a"', '"b"')), 'HKT_STATE_CORRUPT'],
  ];
  for (const [what, content, code] of cases) {
    writeFileSync(path, content);
    await t.rejects(store.read('a'), { code }, what);
    t.same(readFileSync(path), Buffer.from(content), `${what} is untouched`);
  }
});

t.test(
  'a write that fails is told, keeps the previous state, and can be tried again',
  async (t) => {
    for (let n = 1; ; n++) {
      const base = t.testdir();
      await (await StateStore.open(base)).write('a', bytes('old'));
      const faulty = new FaultyFileSystem(n);
      const store = await StateStore.open(base, faulty.fs);
      const error: unknown = await store.write('a', bytes('new')).catch((e: unknown) => e);
      if (!faulty.hit) break;
      t.match(error, {
        code: 'HKT_STATE_WRITE',
        message: 'cannot write the state of a: ENOSPC',
        retryable: true,
      });
      t.match(textOf(await store.read('a')), /^(?:old|new)$/, `call ${n}`);
      await store.write('a', bytes('newer'));
      t.equal(textOf(await store.read('a')), 'newer');
      t.same(readdirSync(folder(base)), ['a.data']);
    }
  },
);

t.test('a crash at any step leaves a whole state, and the next open tidies up', async (t) => {
  for (let n = 1; ; n++) {
    const base = t.testdir();
    await (await StateStore.open(base)).write('a', bytes('old'));
    const faulty = new FaultyFileSystem(n, 'crash');
    await (await StateStore.open(base, faulty.fs)).write('a', bytes('new')).catch(() => {});
    if (!faulty.hit) break;
    const store = await StateStore.open(base);
    t.match(textOf(await store.read('a')), /^(?:old|new)$/, `call ${n}`);
    t.same(readdirSync(folder(base)), ['a.data'], `call ${n}`);
  }
});

t.test('writes of one name happen in order, also when one of them fails', async (t) => {
  const base = t.testdir();
  const store = await StateStore.open(base, new FaultyFileSystem(2).fs);
  const results = await Promise.allSettled([
    store.write('a', bytes('1')),
    store.write('a', bytes('2')),
    store.write('a', bytes('3')),
    store.read('a').then(textOf),
  ]);
  t.same(
    results.map((r) => r.status),
    ['rejected', 'fulfilled', 'fulfilled', 'fulfilled'],
  );
  t.match(results[3], { value: '3' });
});

t.test('a file in place of the folder is told at the open', async (t) => {
  const base = t.testdir({ sandbox_preservation: 'a file' });
  await t.rejects(StateStore.open(base), { code: 'HKT_STATE_DIRECTORY' });
});
