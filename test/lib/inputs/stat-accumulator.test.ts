import t from 'tap';
import { StatAccumulator, StatAccumulators } from '../../../lib/inputs/stat-accumulator.ts';
import { timerMeasures } from '../../../lib/inputs/timer-measures.ts';

function add(stats: StatAccumulator, line: string, sampling = 1): boolean {
  const [bucket = '', value = '', modifier = ''] = line.split(/[:|]/);
  return stats.add({ bucket, value, modifier, sampling });
}

t.test(
  'counters add up by their rate, gauges keep the last value, timers all of them',
  async (t) => {
    const stats = new StatAccumulator();
    for (const line of [
      'c:1|c',
      'c:2|',
      'h:5|h',
      'g:1|g',
      'g:2.5|g',
      't:30|ms',
      't:4|ms',
      't:200|ms',
    ]) {
      t.ok(add(stats, line));
    }
    add(stats, 'r:123|c', 0.1);
    add(stats, 'n:-3|c', 0.3);
    add(stats, 'f:0.9|c');
    const taken = stats.take(false);
    t.same(taken.counters, [
      ['c', 3],
      ['h', 5],
      ['r', 1230],
      ['n', -10],
      ['f', 0],
    ]);
    t.same(taken.gauges, [['g', 2.5]]);
    t.same(
      taken.timers.map(([name, values]) => [name, [...values]]),
      [['t', [4, 30, 200]]],
    );
  },
);

t.test(
  'after a flush names stay with nothing in them, unless idle ones are to be forgotten',
  async (t) => {
    const stats = new StatAccumulator();
    const fill = (): void => {
      for (const line of ['c:1|c', 'g:7|g', 't:3|ms']) add(stats, line);
    };
    fill();
    stats.take(false);
    const idle = stats.take(true);
    t.same(idle.counters, [['c', 0]]);
    t.same(idle.gauges, [['g', 7]]);
    t.same([...(idle.timers[0]?.[1] ?? [1])], []);
    t.equal(stats.names, 0);
    t.same(stats.take(false).gauges, []);
  },
);

t.test('the number of names is bounded, and what is refused is counted', async (t) => {
  const stats = new StatAccumulator();
  stats.maxStats = 3;
  for (const line of ['a:1|c', 'b:1|g', 'c:1|ms', 'd:1|c', 'e:1|g', 'f:1|ms', 'a:2|c', 'c:5|ms']) {
    add(stats, line);
  }
  t.equal(stats.names, 3);
  const { counters, full, unreadable } = stats.take(false);
  t.same(counters, [['a', 3]]);
  t.same(unreadable, { count: 0, last: '' });
  t.same(full, { count: 3, last: 'f:1' });
  t.same(stats.take(false).full, { count: 0, last: '' });
});

t.test('timer values are bounded in number', async (t) => {
  const stats = new StatAccumulator();
  const stat = { bucket: 't', value: '1', modifier: 'ms', sampling: 1 };
  for (let i = 0; i < 1_000_003; i++) stats.add(stat);
  const { full, timers } = stats.take(false);
  t.equal(full.count, 3);
  t.equal(timers[0]?.[1].length, 1_000_000);
  stats.add(stat);
  t.equal(stats.take(false).full.count, 0);
});

t.test('values that are no numbers and names that cannot be kept are refused', async (t) => {
  const stats = new StatAccumulator();
  for (const value of ['', 'x', '<Bytes>', 'NaN', '1e400', '0x1']) {
    t.ok(stats.add({ bucket: 'a', value, modifier: '', sampling: 1 }), 'it is open');
  }
  stats.add({ bucket: '', value: '1', modifier: '', sampling: 1 });
  stats.add({ bucket: 'x'.repeat(513), value: '1', modifier: '', sampling: 1 });
  stats.add({ bucket: 'a', value: '1', modifier: '', sampling: 0 });
  stats.add({ bucket: 'a', value: '1', modifier: '', sampling: Number.NaN });
  const { counters, unreadable } = stats.take(false);
  t.same(counters, []);
  t.equal(unreadable.count, 10);
});

t.test('a name cannot break out of its line', async (t) => {
  const stats = new StatAccumulator();
  stats.add({ bucket: 'a b\nevil 1 2\r\u0000', value: '1', modifier: '', sampling: 1 });
  t.same(stats.take(false).counters, [['a_b_evil_1_2__', 1]]);
});

t.test('sums stay exact integers', async (t) => {
  const stats = new StatAccumulator();
  add(stats, 'c:1e300|c');
  add(stats, 'c:1e300|c');
  t.same(stats.take(false).counters, [['c', Number.MAX_SAFE_INTEGER]]);
});

t.test('nothing is taken once it is closed', async (t) => {
  const stats = new StatAccumulator();
  stats.close();
  t.notOk(add(stats, 'a:1|c'));
  t.equal(stats.names, 0);
});

t.test('there is one accumulator to a name', async (t) => {
  const accumulators = new StatAccumulators();
  t.equal(accumulators.of('a'), accumulators.of('a'));
  t.not(accumulators.of('a'), accumulators.of('b'));
});

t.test('timers are measured as upstream does', async (t) => {
  t.same(timerMeasures(Float64Array.of(10, 10, 20, 20), 10, [90]), {
    count: 4,
    rate: 0.4,
    lower: 10,
    upper: 20,
    sum: 60,
    mean: 15,
    percentiles: [{ percent: 90, mean: 15, upper: 20 }],
  });
  const ten = Float64Array.from({ length: 10 }, (_, i) => i + 1);
  t.same(timerMeasures(ten, 1, [90, 50, 0, 100]).percentiles, [
    { percent: 90, mean: 5, upper: 9 },
    { percent: 50, mean: 3, upper: 5 },
    { percent: 0, mean: 1, upper: 10 },
    { percent: 100, mean: 5.5, upper: 10 },
  ]);
  t.same(timerMeasures(new Float64Array(0), 10, [90]), {
    count: 0,
    rate: 0,
    lower: 0,
    upper: 0,
    sum: 0,
    mean: 0,
    percentiles: [{ percent: 90, mean: 0, upper: 0 }],
  });
});
