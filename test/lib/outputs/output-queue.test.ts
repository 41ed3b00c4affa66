import t from 'tap';
import { OutputQueue } from '../../../lib/outputs/output-queue.ts';

const record = (length: number): Uint8Array => new Uint8Array(length);

t.test('a full queue still takes the record and says when there is room', async (t) => {
  const queue = new OutputQueue({ records: 4, bytes: 1000 });
  for (let i = 0; i < 3; i++) t.equal(queue.put(record(1)), undefined);
  const room = queue.put(record(1));
  t.ok(room instanceof Promise);
  t.equal(queue.put(record(1)), room);
  let open = false;
  void room?.then(() => {
    open = true;
  });
  queue.done(2);
  await Promise.resolve();
  t.equal(open, false);
  queue.done(1);
  await room;
  t.equal(open, true);
  t.equal(queue.length, 2);
});

t.test('bytes fill the queue as records do', async (t) => {
  const queue = new OutputQueue({ records: 100, bytes: 10 });
  t.equal(queue.put(record(9)), undefined);
  t.ok(queue.put(record(9)) instanceof Promise);
  t.equal(queue.bytes, 18);
});

t.test('peek leaves the records in and gives at least one', async (t) => {
  const queue = new OutputQueue({ records: 100, bytes: 1000 });
  for (const length of [50, 3, 3]) void queue.put(record(length));
  t.same(
    queue.peek(10).map((r) => r.length),
    [50],
  );
  queue.done(1);
  t.same(
    queue.peek(10).map((r) => r.length),
    [3, 3],
  );
  t.same(
    queue.peek(5).map((r) => r.length),
    [3],
  );
  t.equal(queue.length, 2);
});

t.test('discarding says how many records are gone and lets the router go on', async (t) => {
  const queue = new OutputQueue({ records: 2, bytes: 1000 });
  void queue.put(record(1));
  const room = queue.put(record(1));
  t.equal(queue.discard(), 2);
  await room;
  t.equal(queue.bytes, 0);
});

t.test('order holds over many records', async (t) => {
  const queue = new OutputQueue({ records: 1e9, bytes: 1e9 });
  let next = 0;
  for (let i = 0; i < 5000; i++) {
    void queue.put(new Uint8Array([i & 255]));
    if (i % 3 !== 0) continue;
    const batch = queue.peek(2);
    for (const one of batch) if (one[0] !== (next++ & 255)) t.fail('out of order');
    queue.done(batch.length);
  }
  t.equal(queue.length + next, 5000);
});

t.test('messages are settled in order, those without a record with the one before', async (t) => {
  const settled: number[] = [];
  const queue = new OutputQueue(undefined, (messages) => settled.push(messages));
  queue.skip();
  t.same(settled, [1], 'at once when nothing is before it');
  void queue.put(new Uint8Array(1));
  queue.skip();
  queue.skip();
  void queue.put(new Uint8Array(1));
  t.same(settled, [1]);
  queue.done(1);
  t.same(settled, [1, 3]);
  void queue.put(new Uint8Array(1));
  queue.skip();
  queue.done(2);
  t.same(settled, [1, 3, 3]);
});

t.test('what is thrown away is not settled', async (t) => {
  const settled: number[] = [];
  const queue = new OutputQueue(undefined, (messages) => settled.push(messages));
  void queue.put(new Uint8Array(1));
  queue.skip();
  t.equal(queue.discard(), 1);
  t.same(settled, []);
  t.equal(queue.bytes, 0);
});

t.test('peek gives no more records than asked for', async (t) => {
  const queue = new OutputQueue();
  for (let i = 0; i < 5; i++) void queue.put(Uint8Array.of(i));
  t.equal(queue.peek(100, 2).length, 2);
  queue.done(3);
  t.same(queue.peek(100, 3), [Uint8Array.of(3), Uint8Array.of(4)]);
});
