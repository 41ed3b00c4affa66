import { execFileSync } from 'node:child_process';
import { appendFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import { GuestPaths } from '../../../workers/guest-paths.ts';
import type { ServiceValue } from '../../../workers/isolate/modules/native-module.ts';
import { gzfileService } from '../../../workers/services/gzfile-service.ts';

const LONG = Array.from({ length: 30_000 }, (_, i) => `line ${i}\n`).join('');

function place(t: Test) {
  const folder = t.testdir({ root: { 'plain.log': LONG }, secret: 'outside' });
  const root = path.join(folder, 'root');
  const { close, operations } = gzfileService(root, new GuestPaths([root], ['/dev/null']));
  t.teardown(close);
  const call = (name: string, ...args: ServiceValue[]): readonly ServiceValue[] =>
    operations[name]?.(args) ?? [];
  const all = (number: ServiceValue): string => {
    let text = '';
    for (;;) {
      const [block] = call('read', number);
      if (block === '') return text;
      text += String(block ?? '');
    }
  };
  const write = (name: string, content: Uint8Array | string) =>
    writeFileSync(path.join(root, name), content);
  const append = (name: string, content: Uint8Array | string) =>
    appendFileSync(path.join(root, name), content);
  return { all, append, call, close, folder, root, write };
}

t.test('plain and compressed files read the same', async (t) => {
  const { all, call, write } = place(t);
  write('one.gz', gzipSync(LONG));
  write('many.gz', Buffer.concat([gzipSync(LONG), gzipSync(''), gzipSync('end')]));
  write('rubbish.gz', Buffer.concat([gzipSync('content'), Buffer.from('rubbish')]));
  write('empty', '');
  write('short', 'x');
  for (const [name, content] of [
    ['plain.log', LONG],
    ['one.gz', LONG],
    ['many.gz', `${LONG}end`],
    ['rubbish.gz', 'content'],
    ['empty', ''],
    ['short', 'x'],
  ] as const) {
    const [file] = call('open', name);
    t.equal(all(file), content, name);
    t.same(call('close', file), [false]);
  }
});

t.test('what is appended is read later, in the middle of compressed data too', async (t) => {
  const { all, append, call, write } = place(t);
  write('grows', '');
  const [file] = call('open', 'grows');
  t.equal(all(file), '');
  append('grows', 'one');
  t.equal(all(file), 'one');
  append('grows', 'two');
  t.equal(all(file), 'two');
  const bytes = gzipSync(LONG);
  write('grows.gz', bytes.subarray(0, 5000));
  const [packed] = call('open', 'grows.gz');
  const first = all(packed);
  t.ok(LONG.startsWith(first) && first.length > 100);
  append('grows.gz', bytes.subarray(5000));
  t.equal(first + all(packed), LONG);
  append('grows.gz', gzipSync('another'));
  t.equal(all(packed), 'another');
  write('half.gz', bytes.subarray(0, 5000));
  const [half] = call('open', 'half.gz');
  all(half);
  t.same(call('close', half), [true], 'it says that it was cut short');
});

t.test('seeking, forwards and back, from the start and from here', async (t) => {
  const { all, call, write } = place(t);
  write('one.gz', gzipSync(LONG));
  for (const name of ['plain.log', 'one.gz']) {
    const [file] = call('open', name);
    t.same(call('seek', file, false, 200_000), [200_000], `${name}: before anything is read`);
    t.equal(all(file), LONG.slice(200_000));
    t.same(call('seek', file, false, 5), [5]);
    const [block] = call('read', file);
    const read = String(block).length;
    t.equal(block, LONG.slice(5, 5 + read));
    t.same(call('seek', file, true, -10), [5 + read - 10]);
    t.same(call('seek', file, true, 1000), [5 + read + 990]);
    t.equal(all(file), LONG.slice(5 + read + 990));
    t.same(call('seek', file, false, -1), [-1]);
    t.same(call('seek', file, false, Number.NaN), [-1]);
    t.same(call('seek', file, false, 1e9), [1e9], 'behind the end');
    t.equal(all(file), '');
    t.same(call('seek', file, false, 0), [0]);
    t.equal(all(file), LONG);
  }
});

t.test('damaged data is told with the name of the file', async (t) => {
  const { all, call, write } = place(t);
  const bytes = gzipSync(LONG);
  bytes.fill(0xff, 100, 200);
  write('broken.gz', bytes);
  const [file] = call('open', 'broken.gz');
  t.throws(() => all(file), /^broken\.gz: /);
});

t.test('nothing outside of the root, no pipe and no folder is opened', async (t) => {
  const { call, folder, root } = place(t);
  symlinkSync(path.join(folder, 'secret'), path.join(root, 'link'));
  symlinkSync(folder, path.join(root, 'up'));
  execFileSync('mkfifo', [path.join(root, 'pipe')]);
  for (const name of [
    '../secret',
    path.join(folder, 'secret'),
    'link',
    'up/secret',
    '/etc/passwd',
    'pipe',
    '.',
    'missing',
    '',
    '\0plain.log',
  ]) {
    t.same(call('open', name), [], name);
  }
  t.type(call('open', 'plain.log\0.gz')[0], 'number', 'a name ends at its NUL, as in C');
});

t.test('one call reads and throws away a bounded amount', async (t) => {
  const { call, write } = place(t);
  write('bomb.gz', gzipSync(Buffer.alloc(40_000_000)));
  const [bomb] = call('open', 'bomb.gz');
  call('seek', bomb, false, 39_999_999);
  let calls = 0;
  while (call('read', bomb)[0] === undefined) calls++;
  t.ok(calls >= 4, `${calls} calls without content`);
  const empty = gzipSync('');
  write('members.gz', Buffer.concat(Array.from({ length: 100_000 }, () => empty)));
  const [members] = call('open', 'members.gz');
  t.same(call('read', members), [undefined], 'members without content');
});

t.test('open files are bounded, and closed with the service', async (t) => {
  const { call, close } = place(t);
  for (let i = 0; i < 64; i++) t.type(call('open', 'plain.log')[0], 'number');
  t.same(call('open', 'plain.log'), [undefined]);
  close();
  t.throws(() => call('read', 3), /no such file/);
});
