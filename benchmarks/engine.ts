/**
 * The compiled engine against Lua 5.1 and LuaJIT on the same program texts in the same run; how it warms up; and what a
 * delivery costs with it and with the interpreted one.
 */
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ThreadCell } from '../lib/cells/thread-cell.ts';
import { limits } from '../native-limits/limits.ts';
import type { Benchmark, Outside, Sample } from './benchmark.ts';
import { awfyFolder, awfyPrograms } from './engine-awfy.ts';
import { programs } from './engine-programs.ts';
import { WARM_UP_MESSAGES, WARM_UP_SANDBOXES, warmUpSamples } from './engine-warm-up.ts';
import { type LuaEngine, type TimedRun, timedRun } from './lua-engines.ts';
import { deliver, filterSpec, loadSandbox } from './shard-delivery.ts';
import { geometricMean, spreadOf } from './statistics.ts';

const RIVAL = 'lua5.1';
const ENGINES: readonly LuaEngine[] = [RIVAL, 'luajit', 'compiled'];
const ITERATIONS = 10;
const QUICK_ITERATIONS = 2;
const BATCH = 256;
const DELIVERIES: readonly [number, number] = [100_000, 400_000];
const QUICK_PART = 100;
const SCRIPTS = ['counting', 'reading'] as const;

/** Where lua/timing.lua lies; programs are named from there. */
const LUA_FOLDER = join(import.meta.dirname, 'lua');

export const engine: Benchmark = {
  subject: 'engine',
  layout: 'by case',
  conditions: [
    "Programs: each engine runs the same text in a process of its own, one after the other; `hekate lua -engine=compiled` runs it in an isolate with metering on and a limit far away. Times are wall clock, from the line that the program writes before an iteration to the one after it; starting the process and loading the program are not counted, V8's compiling of hot code is.",
    '"first" is the first iteration, "steady" the median of the second half. "speed" is the time of lua5.1 divided by the time of the engine: above 1 the engine is faster. All engines must give the same checksum.',
    'Names with "awfy" are the programs of are-we-fast-yet (`-awfy=DIR`); lua5.1 and the compiled engine get bit operations from lua/bit.lua, LuaJIT has its own.',
    `Warm-up: the message filter in ${WARM_UP_SANDBOXES} fresh sandboxes, ${WARM_UP_MESSAGES} messages at a time, time in the isolate; the median over the sandboxes. "messages to par" counts up to the first of three batches in a row that are as fast as lua5.1 is when warm; the line is missing when none is.`,
    `Deliveries: the whole worker path in batches of ${BATCH}; counting.lua counts, reading.lua calls read_message twice and counts in a table.`,
  ],
  ratios: SCRIPTS.map((script) => ({
    name: `${script}.lua, interpreted over compiled, in the isolate`,
    of: [`${script}, interpreted`, 'in the isolate'],
    to: [`${script}, compiled`, 'in the isolate'],
  })),
  aims: [
    { case: 'mean, awfy', measure: 'compiled speed, steady', atLeast: 6 },
    { case: 'mean, awfy', measure: 'compiled speed, first', atLeast: 4 },
    { case: 'mean, programs', measure: 'compiled speed, steady', atLeast: 3.5 },
    { case: 'warm-up, compiled', measure: 'messages to par', atMost: 2000 },
    { case: 'counting, compiled', measure: 'in the isolate', atMost: 100 },
    { case: 'reading, compiled', measure: 'in the isolate', atMost: 300 },
  ],
  parameters: (quick) => ({
    iterations: quick ? QUICK_ITERATIONS : ITERATIONS,
    programs: programs.map(({ name, large }) => `${name} ${large}`).join(', '),
    awfy: awfyPrograms.map(({ name, inner }) => `${name} ${inner}`).join(', '),
    batch: BATCH,
    deliveries: DELIVERIES,
  }),
  async *run(quick, outside) {
    if (outside?.awfy !== undefined) yield* awfySamples(outside, quick);
    const speeds = new Speeds('programs');
    for (const { name, file, large, small } of programs) {
      const iterations = quick ? QUICK_ITERATIONS : ITERATIONS;
      const args = [file.slice(LUA_FOLDER.length + 1), quick ? small : large, iterations];
      yield* comparison(name, LUA_FOLDER, 'timing.lua', args, speeds);
    }
    yield* speeds.means();
    yield* warmUpSamples(quick);
    for (const script of SCRIPTS) yield* deliverySamples(script, quick);
  },
};

async function* awfySamples({ awfy = '' }: Outside, quick: boolean): AsyncIterable<Sample> {
  const folder = await awfyFolder(awfy);
  try {
    const speeds = new Speeds('awfy');
    for (const { name, inner, iterations } of awfyPrograms) {
      const args = [name, inner, quick ? 1 : iterations];
      yield* comparison(`awfy ${name}`, folder, 'timing-awfy.lua', args, speeds);
    }
    yield* speeds.means();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Collects "speed" samples for their geometric means. */
class Speeds {
  readonly #group: string;
  readonly #values = new Map<string, number[]>();

  constructor(group: string) {
    this.#group = group;
  }

  add(sample: Sample): void {
    const known = this.#values.get(sample.measure);
    if (known === undefined) this.#values.set(sample.measure, [sample.value]);
    else known.push(sample.value);
  }

  *means(): Iterable<Sample> {
    for (const [measure, values] of this.#values) {
      yield {
        case: `mean, ${this.#group}`,
        measure,
        unit: 'times',
        value: geometricMean(values),
      };
    }
  }
}

/** One program in all engines that the machine has. */
async function* comparison(
  name: string,
  folder: string,
  script: string,
  args: readonly (string | number)[],
  speeds: Speeds,
): AsyncIterable<Sample> {
  const runs = new Map<LuaEngine, TimedRun>();
  for (const engine of ENGINES) {
    const run = await timedRun(engine, folder, script, args);
    if (run !== undefined) runs.set(engine, run);
  }
  const rival = runs.get(RIVAL);
  for (const [engine, run] of runs) {
    if (rival !== undefined && run.checksum !== rival.checksum) {
      throw new Error(`${name}: ${engine} gives ${run.checksum}, ${RIVAL} ${rival.checksum}`);
    }
    for (const [when, ms] of whens(run)) {
      if (engine !== 'luajit') {
        yield { case: name, measure: `${engine}, ${when}`, unit: 'ms', value: ms };
      }
      const reference = rival === undefined ? undefined : new Map(whens(rival)).get(when);
      if (engine === RIVAL || reference === undefined) continue;
      const sample: Sample = {
        case: name,
        measure: `${engine} speed, ${when}`,
        unit: 'times',
        value: reference / ms,
      };
      speeds.add(sample);
      yield sample;
    }
  }
}

function whens({ ms }: TimedRun): [string, number][] {
  const secondHalf = ms.slice(Math.floor(ms.length / 2));
  return [
    ['first', ms[0] ?? 0],
    ['steady', spreadOf(secondHalf).median],
  ];
}

async function* deliverySamples(script: string, quick: boolean): AsyncIterable<Sample> {
  const text = readFileSync(join(LUA_FOLDER, `${script}.lua`), 'latin1');
  const [warm, measured] = DELIVERIES.map((count) => (quick ? count / QUICK_PART : count));
  for (const engine of ['compiled', 'interpreted'] as const) {
    const cell = await ThreadCell.start({ shards: 1, messageBytes: limits.messageSize.value });
    try {
      const [shard] = cell.shards;
      if (shard === undefined) throw new Error('the cell has no shard');
      await loadSandbox(shard, filterSpec(script, text, engine));
      await deliver(shard, BATCH, warm ?? 0);
      const cost = await deliver(shard, BATCH, measured ?? 0);
      const name = `${script}, ${engine}`;
      yield { case: name, measure: 'in the isolate', unit: 'ns', value: cost.isolateNs };
      yield { case: name, measure: 'round trip', unit: 'ns', value: cost.wallNs };
    } finally {
      await cell.close();
    }
  }
}
