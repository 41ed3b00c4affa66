import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import {
  makeDirectories,
  readBounded,
  removeLeftovers,
  systemCode,
  writeAtomic,
} from '../../lib/atomic-file.ts';
import { FaultyFileSystem } from '../faulty-file-system.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);

t.test('a file is replaced as a whole and gets the mode that was asked for', async (t) => {
  const dir = t.testdir({ a: 'old' });
  await writeAtomic(join(dir, 'a'), bytes('new'));
  await writeAtomic(join(dir, 'b'), bytes('first'), 0o640);
  t.equal(readFileSync(join(dir, 'a'), 'utf8'), 'new');
  t.equal(statSync(join(dir, 'a')).mode & 0o777, 0o600);
  t.equal(statSync(join(dir, 'b')).mode & 0o777, 0o640);
  t.same(readdirSync(dir).sort(), ['a', 'b']);
});

t.test('a symbolic link at the path is replaced, its target is untouched', async (t) => {
  const dir = t.testdir({ outside: 'precious', inside: {} });
  symlinkSync(join(dir, 'outside'), join(dir, 'inside', 'a'));
  await writeAtomic(join(dir, 'inside', 'a'), bytes('new'));
  t.equal(readFileSync(join(dir, 'outside'), 'utf8'), 'precious');
  t.equal(readFileSync(join(dir, 'inside', 'a'), 'utf8'), 'new');
});

t.test(
  'whichever call fails, the path holds the old bytes or the new ones and nothing lies beside it',
  async (t) => {
    const counter = new FaultyFileSystem(0);
    await writeAtomic(join(t.testdir({ a: 'old' }), 'a'), bytes('new'), 0o600, counter.fs);
    t.ok(counter.calls >= 5, 'open, write, sync, rename, open, sync');
    for (let n = 1; n <= counter.calls; n++) {
      const dir = t.testdir({ a: 'old' });
      const faulty = new FaultyFileSystem(n);
      await t.rejects(writeAtomic(join(dir, 'a'), bytes('new'), 0o600, faulty.fs), {
        code: 'ENOSPC',
      });
      t.match(readFileSync(join(dir, 'a'), 'utf8'), /^(?:old|new)$/, `call ${n}`);
      t.same(readdirSync(dir), ['a'], `nothing left after call ${n} failed`);
    }
  },
);

t.test(
  'after a crash at any call the old or the new bytes are there, and leftovers are found again',
  async (t) => {
    for (let n = 1; n <= 6; n++) {
      const dir = t.testdir({ a: 'old', '.hidden.tmp': 'not ours' });
      const faulty = new FaultyFileSystem(n, 'crash');
      await t.rejects(writeAtomic(join(dir, 'a'), bytes('new'), 0o600, faulty.fs));
      t.match(readFileSync(join(dir, 'a'), 'utf8'), /^(?:old|new)$/, `call ${n}`);
      await removeLeftovers(dir, (target) => target === 'b');
      await removeLeftovers(dir, (target) => target === 'a');
      t.same(readdirSync(dir).sort(), ['.hidden.tmp', 'a'], `clean after a crash in call ${n}`);
    }
  },
);

t.test('reading refuses links, directories and files over the bound', async (t) => {
  const dir = t.testdir({ a: '0123456789' });
  symlinkSync(join(dir, 'a'), join(dir, 'link'));
  mkdirSync(join(dir, 'folder'));
  t.equal(Buffer.from(await readBounded(join(dir, 'a'), 10)).toString(), '0123456789');
  await t.rejects(readBounded(join(dir, 'a'), 9), { code: 'EFBIG' });
  await t.rejects(readBounded(join(dir, 'link'), 10), { code: 'ELOOP' });
  await t.rejects(readBounded(join(dir, 'folder'), 10), { code: 'EINVAL' });
  await t.rejects(readBounded(join(dir, 'none'), 10), { code: 'ENOENT' });
});

t.test("a system's code is told without the path", async (t) => {
  const dir = t.testdir({ file: '' });
  writeFileSync(join(dir, 'file'), '');
  const error = await readBounded(join(dir, 'file', 'below'), 1).catch((e: unknown) => e);
  t.equal(systemCode(error), 'ENOTDIR');
  t.equal(systemCode('text'), 'EUNKNOWN');
});

t.test('missing directories are made, and what is in the way is an error', async (t) => {
  const dir = t.testdir({ file: 'x' });
  await makeDirectories(join(dir, 'a/b/c'), 0o700);
  t.equal(statSync(join(dir, 'a/b/c')).mode & 0o777, 0o700);
  await makeDirectories(join(dir, 'a/b/c'), 0o700);
  await t.rejects(makeDirectories(join(dir, 'file'), 0o700), { code: 'EEXIST' });
  await t.rejects(makeDirectories(join(dir, 'file/below'), 0o700), { code: 'ENOTDIR' });
});

const noProc = !existsSync('/proc/self') && 'needs a /proc';
t.test('a place that takes no directories is an error at once', { skip: noProc }, async (t) => {
  await t.rejects(makeDirectories('/proc/no-such-thing/below', 0o700), { code: 'ENOENT' });
});
