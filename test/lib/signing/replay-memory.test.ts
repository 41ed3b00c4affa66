import t from 'tap';
import { ReplayMemory } from '../../../lib/signing/replay-memory.ts';
import { ManualClock } from '../../manual-clock.ts';
import { seededRandom } from '../../seeded-random.ts';

const NS = 1_000_000n;
const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

function started(options: { maxEntries?: number } = {}): {
  clock: ManualClock;
  memory: ReplayMemory;
} {
  const clock = new ManualClock();
  const memory = new ReplayMemory({ clock, ...options });
  clock.advance(60_000);
  return { clock, memory };
}

/** A message stamped and read now. */
function now(clock: ManualClock, stampOffsetMs = 0, readOffsetMs = 0): [bigint, number] {
  return [BigInt(clock.now() + stampOffsetMs) * NS, clock.now() + readOffsetMs];
}

t.test('a message is obeyed once', async (t) => {
  const { clock, memory } = started();
  t.same(memory.check(uuid(1), ...now(clock)), { ok: true });
  t.match(memory.check(uuid(1), ...now(clock)), { ok: false, code: 'HKT_CONTROL_REPLAY' });
  t.same(memory.check(uuid(2), ...now(clock)), { ok: true }, 'another one is obeyed');
  t.match(memory.check(uuid(1), ...now(clock)), { ok: false }, 'also later');
});

t.test('a timestamp must be less than five seconds from the reading, either way', async (t) => {
  const { clock, memory } = started();
  t.match(memory.check(uuid(1), ...now(clock, -5000)), {
    code: 'HKT_CONTROL_SKEW',
    text: 'Discarded control message: 5 seconds skew',
  });
  t.match(memory.check(uuid(1), ...now(clock, 7999)), {
    code: 'HKT_CONTROL_SKEW',
    text: 'Discarded control message: -7 seconds skew',
  });
  t.match(memory.check(uuid(1), ...now(clock, -4999)), { ok: true });
  t.match(memory.check(uuid(2), ...now(clock, 4999)), { ok: true });
});

t.test('the skew is judged by when the frame was read, not by how long it waited', async (t) => {
  const { clock, memory } = started();
  const [stamp, readAt] = now(clock);
  clock.advance(30_000);
  t.match(memory.check(uuid(1), stamp, readAt), { ok: true });
});

t.test('what was stamped before the start is refused', async (t) => {
  const clock = new ManualClock();
  const memory = new ReplayMemory({ clock });
  t.match(memory.check(uuid(1), ...now(clock, -1)), {
    code: 'HKT_CONTROL_BEFORE_START',
    text: 'Discarded control message: it was made 1 ms before the daemon started',
  });
  t.match(memory.check(uuid(1), ...now(clock)), { ok: true });
});

t.test('a start before the memory was made may be given', async (t) => {
  const clock = new ManualClock();
  const memory = new ReplayMemory({ clock, startNs: BigInt(clock.now() - 1000) * NS });
  t.match(memory.check(uuid(1), ...now(clock, -1000)), { ok: true });
});

t.test('a message without a UUID is refused', async (t) => {
  const { clock, memory } = started();
  t.match(memory.check('', ...now(clock)), { code: 'HKT_CONTROL_REPLAY', text: /no UUID/ });
});

t.test('a refused message is not remembered', async (t) => {
  const { clock, memory } = started();
  memory.check(uuid(1), ...now(clock, -9000));
  t.equal(memory.size, 0);
  t.match(memory.check(uuid(1), ...now(clock)), { ok: true });
});

t.test('a full memory refuses, and has room again when entries have run out', async (t) => {
  const { clock, memory } = started({ maxEntries: 3 });
  for (let i = 0; i < 3; i++) t.match(memory.check(uuid(i), ...now(clock)), { ok: true });
  t.match(memory.check(uuid(9), ...now(clock)), { code: 'HKT_CONTROL_MEMORY_FULL' });
  t.match(memory.check(uuid(1), ...now(clock)), { code: 'HKT_CONTROL_REPLAY' });
  clock.advance(71_000);
  t.match(memory.check(uuid(9), ...now(clock)), { ok: true });
  t.equal(memory.size, 1);
});

t.test('a message that waited longer than it is remembered is refused', async (t) => {
  const { clock, memory } = started();
  const first = now(clock);
  const replay: [bigint, number] = [first[0], first[1] + 4000];
  memory.check(uuid(1), ...first);
  clock.advance(120_000);
  t.match(memory.check(uuid(1), ...replay), { ok: false, code: 'HKT_CONTROL_SKEW' });
  t.match(memory.check(uuid(2), ...now(clock)), { ok: true });
});

t.test('a replay is refused whatever the clock and the queues do', async (t) => {
  const random = seededRandom();
  t.comment(`seed ${random.seed}`);
  for (let round = 0; round < 100; round++) {
    const { clock, memory } = started({ maxEntries: 20 });
    const obeyed = new Set<string>();
    const sent: [string, bigint][] = [];
    for (let step = 0; step < 200; step++) {
      // The clock may also be set back.
      if (random.below(4) === 0) clock.advance(random.below(40_000) - 10_000);
      let [id, stamp] = [uuid(step), BigInt(clock.now() + random.below(12_000) - 6000) * NS];
      const old = sent[random.below(sent.length + 1)];
      if (old !== undefined) [id, stamp] = old;
      else sent.push([id, stamp]);
      const readAt =
        random.below(2) === 0 ? clock.now() : Number(stamp / NS) + random.below(9000) - 4500;
      if (memory.check(id, stamp, readAt).ok) {
        if (obeyed.has(id)) t.fail(`round ${round}, step ${step}: ${id} twice`);
        obeyed.add(id);
      }
      if (memory.size > 20) t.fail('more entries than allowed');
    }
    if (obeyed.size < 3) t.fail(`only ${obeyed.size} messages were obeyed`);
  }
  t.pass('100 rounds');
});
