import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import t from 'tap';
import type { Sample } from '../../benchmarks/benchmark.ts';
import { awfyPrograms } from '../../benchmarks/engine-awfy.ts';
import { programs } from '../../benchmarks/engine-programs.ts';
import { isLuaEngine, luaCommand, luaEngines } from '../../benchmarks/lua-engines.ts';
import { type Result, resultTable } from '../../benchmarks/results-page.ts';
import { geometricMean } from '../../benchmarks/statistics.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'benchmarks', 'lua', 'programs');

t.test('every program file is measured, under its own name', async (t) => {
  t.same(programs.map(({ file }) => basename(file)).sort(), readdirSync(FOLDER).sort());
  for (const { name, file, large, small } of programs) {
    t.equal(basename(file), `${name}.lua`);
    t.ok(small < large, name);
  }
  t.equal(new Set(awfyPrograms.map(({ name }) => name)).size, awfyPrograms.length);
});

t.test("this project's engines run with metering on", async (t) => {
  for (const engine of luaEngines) {
    t.ok(isLuaEngine(engine));
    const [program, args] = luaCommand(engine);
    if (engine === 'lua5.1' || engine === 'luajit') t.same([program, args], [engine, []]);
    else {
      t.equal(program, process.execPath);
      t.ok(args.includes(`-engine=${engine}`));
      t.ok(args.includes('-instruction_limit=1000000000000000'), 'as digits, without exponent');
    }
  }
  t.notOk(isLuaEngine('lua5.4'));
});

t.test('the geometric mean of a speed and its inverse is one', async (t) => {
  t.equal(geometricMean([4, 0.25]), 1);
  t.throws(() => geometricMean([]), RangeError);
});

const sample = (name: string, measure: string, value: number): Sample => {
  return { case: name, measure, unit: 'ms', value };
};
const result: Result = {
  subject: 'subject',
  conditions: {
    cpu: 'a processor',
    cores: 2,
    memoryMiB: 1024,
    system: 'linux',
    loadBefore: 0.5,
    versions: {},
    commit: 'abc',
    date: '2024-01-02T03:04:05.000Z',
  },
  description: [],
  parameters: {},
  processes: 2,
  layout: 'by case',
  ratios: [],
  aims: [{ case: 'b', measure: 'two', atLeast: 3 }],
  rounds: [
    [sample('a', 'one', 1), sample('a', 'two', 10), sample('b', 'one', 2), sample('b', 'two', 4)],
    [sample('a', 'one', 1), sample('a', 'two', 20), sample('c', 'other', 5)],
  ],
};

t.test('by case, cases with the same measures share a table', async (t) => {
  const tables = resultTable(result).split('\n\n');
  t.equal(tables.length, 2);
  const [shared = '', own = ''] = tables;
  t.match(shared, /^\| case \| one \(ms\) \| +two \(ms\) \| aim +\|$/m);
  t.match(shared, /^\| a +\| +1\.00 \| 15\.0 \(10\.0–20\.0\) \| +\|$/m);
  t.match(shared, /^\| b +\| +2\.00 \| +4\.00 \| ≥ 3\.00: met \|$/m);
  t.match(own, /^\| case \| other \(ms\) \|$/m);
});
