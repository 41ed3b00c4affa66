import t from 'tap';
import {
  callbacks,
  copyIn,
  GuestIsolate,
  IsolateSnapshot,
  SharedText,
  share,
} from '../../native-limits/guest-isolate.ts';

const MIB = 1024 * 1024;
const code = `
  const hoard = [];
  globalThis.entry = {
    add: (a, b) => a + b,
    spin: () => { for (;;); },
    hoard: () => { for (;;) hoard.push(new Array(1e5).fill(Math.random())); },
    buffers: () => { for (;;) hoard.push(new Uint8Array(1 << 20).fill(1)); },
    keep: (count) => { hoard.push(new Array(count).fill(1.5)); },
    drop: () => { hoard.length = 0; },
    fault: () => { throw new Error('broken'); },
    collector: () => typeof globalThis.gc,
    globals: () => Object.getOwnPropertyNames(globalThis).join(),
    write: (memory, at, value) => { new Uint8Array(memory)[at] = value; },
    ask: (host, number) => host.twice(number).join('+'),
    holdText: (host) => { const text = host.text(); hoard.push(text); return text.length; },
    object: (value) => value.deep.join(),
  };`;
const functions = [
  'add',
  'spin',
  'hoard',
  'buffers',
  'keep',
  'drop',
  'fault',
  'collector',
  'globals',
  'write',
  'ask',
  'object',
  'holdText',
];
const snapshot = IsolateSnapshot.make(code);

function isolate(t: { teardown(action: () => unknown): void }, backstopBytes = 32 * MIB) {
  const made = new GuestIsolate({ snapshot, backstopBytes, entry: 'entry', functions });
  t.teardown(() => made.dispose());
  return made;
}

t.test('an entry returns its value, and says when there is no such function', (t) => {
  const guest = isolate(t);
  t.same(guest.enter('add', [1, 2], 100), { kind: 'value', value: 3 });
  t.match(guest.enter('subtract', [1, 2], 100), { kind: 'fault', text: /subtract/ });
  t.match(guest.enter('fault', [], 100), { kind: 'fault', text: 'broken' });
  t.same(guest.enter('add', [1, 2], 100), { kind: 'value', value: 3 }, 'a fault leaves it whole');
  t.end();
});

t.test('an endless loop is ended by the wall clock', (t) => {
  const guest = isolate(t);
  t.same(guest.enter('spin', [], 20), { kind: 'timeout' });
  t.end();
});

for (const name of ['hoard', 'buffers']) {
  t.test(`memory without end is ended by the backstop (${name})`, (t) => {
    const guest = isolate(t);
    t.same(guest.enter(name, [], 30_000), { kind: 'memory' });
    guest.dispose();
    t.ok(guest.disposed);
    t.equal(guest.usedBytes(), 0);
    const other = isolate(t);
    t.same(other.enter('add', [1, 2], 100), { kind: 'value', value: 3 }, 'others are not touched');
    t.end();
  });
}

t.test('used bytes grow with what is kept and fall when it was dropped and collected', (t) => {
  const guest = isolate(t);
  guest.collect();
  const base = guest.usedBytes();
  guest.enter('keep', [500_000], 1000);
  guest.collect();
  const kept = guest.usedBytes() - base;
  t.ok(kept > 3.5 * MIB && kept < 8 * MIB, `${kept} bytes for an array of 500,000 doubles`);
  guest.enter('drop', [], 1000);
  guest.collect();
  t.ok(guest.usedBytes() - base < MIB / 2);
  t.end();
});

t.test('the collector is not there for guests', (t) => {
  const guest = isolate(t);
  t.same(guest.enter('collector', [], 100), { kind: 'value', value: 'undefined' });
  t.end();
});

t.test('disposal counts once, however it came about', (t) => {
  const before = GuestIsolate.living;
  const guest = isolate(t);
  t.equal(GuestIsolate.living, before + 1);
  guest.dispose();
  guest.dispose();
  t.equal(GuestIsolate.living, before);
  t.match(guest.enter('add', [1, 2], 100), { kind: 'memory' }, 'nothing runs afterwards');
  guest.collect();
  t.equal(guest.usedBytes(), 0);
  {
    using scoped = isolate(t);
    t.equal(scoped.disposed, false);
    t.equal(GuestIsolate.living, before + 1);
  }
  t.equal(GuestIsolate.living, before);
  t.end();
});

t.test('an isolate whose entry is missing is not left behind', (t) => {
  const before = GuestIsolate.living;
  t.throws(() => new GuestIsolate({ snapshot, backstopBytes: MIB, entry: 'none', functions }));
  t.equal(GuestIsolate.living, before);
  t.end();
});

t.test('isolates start from the bytes of another snapshot', (t) => {
  const adopted = IsolateSnapshot.adopt(snapshot.bytes.slice(0));
  using guest = new GuestIsolate({
    snapshot: adopted,
    backstopBytes: 8 * MIB,
    entry: 'entry',
    functions: ['add'],
  });
  t.same(guest.enter('add', [2, 3], 100), { kind: 'value', value: 5 });
  t.throws(() => IsolateSnapshot.make('this is not JavaScript'));
  t.end();
});

t.test('shared memory, copies and callbacks are what crosses', (t) => {
  const guest = isolate(t);
  const memory = new SharedArrayBuffer(8);
  guest.enter('write', [share(memory), 3, 42], 100);
  t.equal(new Uint8Array(memory)[3], 42);
  const host = callbacks({ twice: (number: number) => [number, number] });
  t.same(guest.enter('ask', [host, 4], 100), { kind: 'value', value: '4+4' });
  t.same(guest.enter('object', [copyIn({ deep: [1, 'b'] })], 100), { kind: 'value', value: '1,b' });
  t.end();
});

t.test('a shared text is the same memory in all isolates, and counts in each', (t) => {
  const text = new SharedText('x'.repeat(8 * MIB));
  t.equal(text.length, 8 * MIB);
  t.equal(text.toString().length, 8 * MIB);
  const isolates = Array.from({ length: 4 }, () => isolate(t));
  const before = process.memoryUsage().rss;
  for (const guest of isolates) {
    const used = guest.usedBytes();
    const host = callbacks({ text: () => text });
    t.same(guest.enter('holdText', [host], 1000), { kind: 'value', value: 8 * MIB });
    t.ok(guest.usedBytes() - used >= 8 * MIB);
  }
  t.ok(process.memoryUsage().rss - before < 24 * MIB, 'no copy for each of them');
  t.end();
});

t.test('all isolates of the thread can be ended at once', (t) => {
  const two = [isolate(t), isolate(t)];
  GuestIsolate.disposeAll();
  t.equal(GuestIsolate.living, 0);
  t.ok(two.every((guest) => guest.disposed));
  t.end();
});

t.test('one isolate knows nothing of another', (t) => {
  const [one, other] = [isolate(t), isolate(t)];
  one.enter('keep', [500_000], 1000);
  other.collect();
  one.collect();
  t.ok(one.usedBytes() - other.usedBytes() > 3 * MIB);
  t.end();
});
