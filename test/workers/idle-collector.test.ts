import t from 'tap';
import { limits } from '../../native-limits/limits.ts';
import { IdleCollector } from '../../workers/idle-collector.ts';

const IDLE = limits.idleTime.value;
const GARBAGE = limits.idleGarbage.value;

class FakeSandbox {
  ended = false;
  grownBytes = GARBAGE;
  collections = 0;
  readonly #costMs: number;
  readonly #clock: { now: number };

  constructor(clock: { now: number }, costMs = 1) {
    this.#clock = clock;
    this.#costMs = costMs;
  }

  collect(): void {
    this.collections++;
    this.grownBytes = 0;
    this.#clock.now += this.#costMs;
  }
}

function fixture() {
  const clock = { now: 0 };
  return { clock, idle: new IdleCollector(() => clock.now) };
}

t.test('a sandbox that went quiet is collected once', (t) => {
  const { clock, idle } = fixture();
  const sandbox = new FakeSandbox(clock);
  idle.ran(sandbox);
  clock.now = IDLE - 1;
  t.equal(idle.collect(), 0);
  idle.ran(sandbox);
  clock.now += IDLE - 1;
  t.equal(idle.collect(), 0, 'a message puts it off');
  clock.now += 1;
  t.equal(idle.collect(), 1);
  clock.now += 10 * IDLE;
  sandbox.grownBytes = GARBAGE;
  t.equal(idle.collect(), 0, 'nothing ran in it since');
  idle.ran(sandbox);
  clock.now += IDLE;
  t.equal(idle.collect(), 1);
  t.equal(sandbox.collections, 2);
  t.end();
});

t.test('many that are due take turns with what waits for the shard', (t) => {
  const { clock, idle } = fixture();
  const sandboxes = Array.from({ length: 100 }, () => new FakeSandbox(clock, 3));
  for (const sandbox of sandboxes) idle.ran(sandbox);
  clock.now = IDLE;
  const perCall: number[] = [];
  for (let count = idle.collect(); count > 0; count = idle.collect()) perCall.push(count);
  t.same([...new Set(perCall)], [4], 'as many as fit into the slice');
  t.equal(perCall.length, 25);
  t.ok(sandboxes.every(({ collections }) => collections === 1));
  t.end();
});

t.test('one that takes longer than the slice is collected all the same, alone', (t) => {
  const { clock, idle } = fixture();
  const sandboxes = Array.from({ length: 3 }, () => new FakeSandbox(clock, 100));
  for (const sandbox of sandboxes) idle.ran(sandbox);
  clock.now = IDLE;
  t.equal(idle.collect(), 1);
  t.equal(idle.collect(), 1);
  t.end();
});

t.test('one that has ended or has hardly grown is passed over', (t) => {
  const { clock, idle } = fixture();
  const [ended, small, due] = [0, 1, 2].map(() => new FakeSandbox(clock));
  if (ended === undefined || small === undefined || due === undefined) throw new Error('three');
  ended.ended = true;
  small.grownBytes = GARBAGE - 1;
  for (const sandbox of [ended, small, due]) idle.ran(sandbox);
  clock.now = IDLE;
  t.equal(idle.collect(), 1);
  t.same([ended.collections, small.collections, due.collections], [0, 0, 1]);
  t.end();
});

t.test('timers neither put a collection off nor cost one each', (t) => {
  const { clock, idle } = fixture();
  const sandbox = new FakeSandbox(clock);
  idle.ran(sandbox);
  for (let second = 0; second < IDLE; second += 1000) {
    clock.now = second;
    idle.ticked(sandbox);
  }
  clock.now = IDLE;
  t.equal(idle.collect(), 1);
  let collections = 0;
  for (let second = 1; second <= 3600; second++) {
    clock.now = IDLE + second * 1000;
    sandbox.grownBytes += 1024; // of each timer_event
    idle.ticked(sandbox);
    collections += idle.collect();
  }
  t.ok(collections >= 20 && collections <= 3600 / (GARBAGE / 1024), `${collections} in an hour`);
  t.end();
});
