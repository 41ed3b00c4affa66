import t from 'tap';
import { BatchSlot, emptyBatch, OpenBatch } from '../../../lib/router/open-batch.ts';
import { inputPack } from '../../sandbox-spec.ts';

t.test('a message is appended once, however many sandboxes get it', (t) => {
  const batch = new OpenBatch();
  const [one, other] = [new BatchSlot(7), new BatchSlot(9)];
  const [first, second] = [
    inputPack('first'),
    { ...inputPack('second'), position: 5, loopCount: 2 },
  ];
  t.equal(batch.empty, true);
  batch.append(one, first);
  batch.append(other, first);
  batch.addTimer(one, { ns: 1, shutdown: false });
  batch.append(other, second);
  batch.addTimer(other, { ns: 2, shutdown: true });
  t.equal(batch.messages, 2);
  const taken = batch.take(3);
  t.equal(taken.sequence, 3);
  t.same(Buffer.from(taken.bytes), Buffer.concat([first.message.bytes, second.message.bytes]));
  const end = first.message.bytes.length;
  t.same([...taken.offsets], [0, end, end + second.message.bytes.length]);
  t.same([...taken.loops], [0, 2]);
  t.same([...taken.streams], [1, 1]);
  t.same([...taken.positions], [0, 5]);
  t.same(taken.timers, [
    { ns: 1, shutdown: false },
    { ns: 2, shutdown: true },
  ]);
  t.same(
    taken.deliveries.map(({ sandbox, events }) => [sandbox, ...events]),
    [
      [7, 0, -1],
      [9, 0, 1, -2],
    ],
  );
  t.end();
});

t.test('a taken batch leaves an empty one, and slots begin anew', (t) => {
  const batch = new OpenBatch();
  const slot = new BatchSlot(1);
  const pack = inputPack('again');
  batch.append(slot, pack);
  batch.take(1);
  t.equal(batch.empty, true);
  t.equal(batch.byteLength, 0);
  batch.append(slot, pack);
  const { deliveries, offsets } = batch.take(2);
  t.same([...(deliveries[0]?.events ?? [])], [0]);
  t.same([...offsets], [0, pack.message.bytes.length]);
  t.end();
});

t.test('slots and bytes grow as needed', (t) => {
  const batch = new OpenBatch();
  const slot = new BatchSlot(1);
  for (let i = 0; i < 1000; i++) batch.append(slot, inputPack(`${i} ${'x'.repeat(500)}`));
  const { bytes, deliveries, offsets } = batch.take(1);
  t.same([...(deliveries[0]?.events ?? [])], [...Array(1000).keys()]);
  t.equal(bytes.length, offsets[1000]);
  t.end();
});

t.test('a batch of timers alone is not empty, the one that asks for the rest is', (t) => {
  const batch = new OpenBatch();
  batch.addTimer(new BatchSlot(1), { ns: 1, shutdown: false });
  t.equal(batch.empty, false);
  t.match(emptyBatch(4), { kind: 'batch', sequence: 4, deliveries: [], timers: [] });
  t.end();
});
