import t from 'tap';
import { BatchSlot } from '../../../lib/router/open-batch.ts';
import { ShardQueue } from '../../../lib/router/shard-queue.ts';
import { limits } from '../../../native-limits/limits.ts';
import { FakeShard, settle } from '../../fake-cell.ts';
import { ManualClock } from '../../manual-clock.ts';
import { inputPack } from '../../sandbox-spec.ts';

const IN_FLIGHT = limits.unansweredBatches.value;

function setUp(maxMessages = 3, maxBytes = 1_000_000) {
  const shard = new FakeShard(0);
  shard.automatic = false;
  const clock = new ManualClock();
  const slot = new BatchSlot(1);
  const events: string[] = [];
  const crowded: boolean[] = [];
  const queue = new ShardQueue({
    shard,
    clock,
    maxMessages,
    maxBytes,
    onReport: (report) => {
      events.push(`report ${report.sequence}`);
      crowded.push(queue.crowded);
    },
    onLost: ({ messages, deliveries }) => events.push(`lost ${messages} ${deliveries}`),
    onRoom: () => events.push('room'),
  });
  const append = (count: number): void => {
    for (let i = 0; i < count; i++) queue.append(slot, inputPack('m'));
  };
  /** Answers the oldest task. */
  const answer = async (): Promise<void> => {
    shard.step();
    await settle(1);
  };
  const sizes = (): number[] => shard.batches.map(({ loops }) => loops.length);
  return { shard, clock, slot, events, crowded, queue, append, answer, sizes };
}

t.test('an idle shard gets what one turn of the event loop brought', async (t) => {
  const { append, sizes, queue } = setUp();
  t.equal(queue.idle, true);
  append(1);
  append(1);
  t.same(sizes(), []);
  t.equal(queue.idle, false);
  await settle(1);
  t.same(sizes(), [2]);
});

t.test('a full batch goes at once, by count or by bytes', (t) => {
  const { append, sizes } = setUp();
  append(7);
  t.same(sizes(), [3, 3]);
  const bytes = setUp(1000, 2 * inputPack('m').message.bytes.length);
  bytes.append(5);
  t.same(bytes.sizes(), [2, 2]);
  t.end();
});

t.test('beside a busy shard a batch waits until it is old enough', (t) => {
  const { append, clock, sizes } = setUp();
  append(4);
  t.same(sizes(), [3]);
  clock.advance(limits.batchAge.value - 1);
  t.same(sizes(), [3]);
  append(1);
  clock.advance(1);
  t.same(sizes(), [3, 2], 'the age is that of its first message');
  t.equal(clock.pending, 0);
  t.end();
});

t.test('a report sends what is open', async (t) => {
  const { append, answer, events, sizes } = setUp();
  append(4);
  await answer();
  t.same(sizes(), [3, 1]);
  t.same(events, ['report 1', 'room']);
});

t.test('no more than the bound is in flight, and then the queue is full', async (t) => {
  const { append, answer, queue, sizes, clock } = setUp();
  append(3 * IN_FLIGHT);
  t.equal(queue.unanswered, IN_FLIGHT);
  t.equal(queue.full, false);
  append(3);
  t.equal(queue.full, true);
  clock.advance(100);
  t.equal(sizes().length, IN_FLIGHT);
  await answer();
  t.equal(queue.full, false);
  t.equal(queue.unanswered, IN_FLIGHT, 'the open batch took the place');
});

t.test(
  'a report that comes to a full queue tells that the shard holds the router up',
  async (t) => {
    const { append, answer, crowded, queue } = setUp();
    append(3 * IN_FLIGHT + 3);
    await answer();
    await answer();
    t.same(crowded, [true, false]);
    t.equal(queue.crowded, false);
  },
);

t.test('a barrier waits for what was appended before it, and for no more', async (t) => {
  const { append, answer, queue } = setUp();
  await queue.barrier();
  append(4);
  let reached = false;
  const barrier = queue.barrier().then(() => {
    reached = true;
  });
  append(6);
  await answer();
  t.equal(reached, false);
  await answer();
  t.equal(reached, true, 'with more in flight and open');
  t.equal(queue.idle, false);
  await barrier;
});

t.test('a barrier is reached while more comes without end', async (t) => {
  const { append, answer, queue } = setUp();
  append(3 * IN_FLIGHT + 2);
  let reached = false;
  const barrier = queue.barrier().then(() => {
    reached = true;
  });
  let answers = 0;
  while (!reached && answers < 50) {
    append(3);
    await answer();
    answers++;
  }
  t.equal(answers, IN_FLIGHT + 1);
  await barrier;
});

t.test('while it is held nothing is sent, and the release sends it', async (t) => {
  const { append, answer, clock, queue, sizes, events } = setUp();
  queue.hold();
  queue.hold();
  append(3);
  clock.advance(100);
  await settle(1);
  t.same(sizes(), []);
  t.equal(queue.full, true, 'the bound of back pressure is one batch then');
  let reached = false;
  const barrier = queue.barrier().then(() => {
    reached = true;
  });
  queue.release();
  t.same(sizes(), []);
  queue.release();
  t.same(sizes(), [3]);
  t.equal(reached, false);
  await answer();
  await barrier;
  t.match(events.slice(0, 2), ['room', 'room']);
});

t.test('a lost batch is counted, makes room and lets barriers through', async (t) => {
  const { append, events, queue, shard, slot } = setUp();
  const pack = inputPack('two readers');
  queue.append(slot, pack);
  queue.append(new BatchSlot(2), pack);
  append(2);
  const barrier = queue.barrier();
  shard.die();
  await barrier;
  t.same(events, ['lost 3 4', 'room']);
  t.equal(queue.idle, true);
});

t.test('after an unfinished report only empty batches go, until all was run', async (t) => {
  const { append, answer, queue, shard, sizes, events } = setUp();
  shard.stalls = 3;
  append(6);
  let reached = false;
  const barrier = queue.barrier().then(() => {
    reached = true;
  });
  await answer();
  append(3);
  t.same(sizes(), [3, 3], 'the batch in flight goes on with the rest');
  t.equal(queue.full, true);
  await answer();
  t.same(sizes(), [3, 3, 0]);
  await answer();
  t.same(sizes(), [3, 3, 0, 0]);
  t.equal(reached, false);
  t.equal(queue.idle, false);
  await answer();
  t.same(sizes(), [3, 3, 0, 0, 3]);
  t.equal(reached, true);
  await barrier;
  t.same(
    events.filter((event) => event !== 'room'),
    ['report 1', 'report 2', 'report 2', 'report 2'],
  );
  await answer();
  await queue.barrier();
  t.equal(queue.idle, true);
});

t.test('a thread that dies with unfinished batches loses them too', async (t) => {
  const { append, answer, events, queue, shard } = setUp();
  shard.stalls = 1;
  append(3);
  await answer();
  append(2);
  const barrier = queue.barrier();
  shard.die();
  await settle(1);
  t.same(
    events.filter((event) => event !== 'room'),
    ['report 1', 'lost 3 3'],
  );
  shard.step();
  await barrier;
  t.same(shard.batches.at(-1)?.loops.length, 2, 'what was open goes to the new thread');
});

t.test('timer events travel in their order among messages', async (t) => {
  const { queue, slot, append, shard } = setUp();
  append(1);
  queue.timer(slot, 77, false);
  append(1);
  await settle(1);
  t.same([...(shard.batches[0]?.deliveries[0]?.events ?? [])], [0, -1, 1]);
  t.same(shard.batches[0]?.timers, [{ ns: 77, shutdown: false }]);
});
