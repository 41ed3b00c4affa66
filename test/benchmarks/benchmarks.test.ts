import t from 'tap';
import type { Sample } from '../../benchmarks/benchmark.ts';
import { type Result, resultsPage, resultTable } from '../../benchmarks/results-page.ts';
import { routing } from '../../benchmarks/routing.ts';
import { quantile, spreadOf } from '../../benchmarks/statistics.ts';
import { benchmarkOf, benchmarks } from '../../benchmarks/subjects.ts';

t.test('the routing benchmark runs and measures what its aims and ratios speak of', async (t) => {
  const samples: Sample[] = [];
  for await (const sample of routing.run(true)) samples.push(sample);
  t.ok(samples.length > 0);
  t.ok(samples.every((sample) => sample.value > 0 && Number.isFinite(sample.value)));
  const measured = new Set(samples.map((sample) => `${sample.case}/${sample.measure}`));
  t.equal(measured.size, samples.length, 'no figure is measured twice');
  for (const aim of routing.aims) t.ok(measured.has(`${aim.case}/${aim.measure}`), aim.case);
  for (const { of, to } of routing.ratios) {
    t.ok(measured.has(of.join('/')), of.join('/'));
    t.ok(measured.has(to.join('/')), to.join('/'));
  }
});

t.test('every subject has one benchmark, with conditions and inputs', async (t) => {
  for (const benchmark of benchmarks) {
    t.equal(benchmarkOf(benchmark.subject), benchmark);
    t.ok(benchmark.conditions.length > 0, benchmark.subject);
    t.ok(Object.keys(benchmark.parameters(false)).length > 0, benchmark.subject);
  }
  t.equal(benchmarkOf('nothing'), undefined);
});

t.test('median and spread are those of the sorted values', async (t) => {
  t.same(spreadOf([3, 1, 2]), { median: 2, min: 1, max: 3 });
  t.same(spreadOf([4, 1]), { median: 2.5, min: 1, max: 4 });
  t.equal(quantile([0, 10, 20, 30], 0.5), 15);
  t.throws(() => spreadOf([]), RangeError);
});

const sample = (value: number): Sample => ({ case: 'a', measure: 'm', unit: 'ns', value });
const result: Result = {
  subject: 'subject',
  conditions: {
    cpu: 'a processor',
    cores: 2,
    memoryMiB: 1024,
    system: 'linux',
    loadBefore: 0.5,
    versions: { node: '26.0.0' },
    commit: 'abc',
    date: '2024-01-02T03:04:05.000Z',
  },
  description: ['what is measured'],
  parameters: { messages: 10 },
  processes: 3,
  ratios: [
    { name: 'itself', of: ['a', 'm'], to: ['a', 'm'] },
    { name: 'a rival', of: ['a', 'm'], to: ['rival', 'm'] },
  ],
  aims: [{ case: 'a', measure: 'm', atMost: 15 }],
  rounds: [[sample(10)], [sample(2000)], [sample(20)]],
};

t.test('a table shows median, spread and whether the aim was met', async (t) => {
  t.match(
    resultTable(result),
    /^\| a +\| m +\| +20.0 \| +10.0 \| +2,000 \| ns +\| ≤ 15.0: missed \|$/m,
  );
  const faster = { ...result, rounds: [[sample(10)]] };
  t.match(resultTable(faster), /\| +10.0 \| +10.0 \| +10.0 \| ns +\| ≤ 15.0: met \|$/m);
});

t.test('a ratio to what was not there says so instead of giving a number', async (t) => {
  t.match(resultTable(result), '- itself: 1.00');
  t.match(resultTable(result), '- a rival: not measured in this run');
});

t.test('the page of results names the conditions', async (t) => {
  const page = resultsPage([result]);
  for (const part of [
    'a processor',
    '2 cores',
    'node 26.0.0',
    'commit abc',
    '3 processes',
    'messages 10',
  ]) {
    t.match(page, part);
  }
});
