/**
 * The `lpeg` module in a sandbox against LPeg in C under Lua 5.1, on the same grammars and subjects: access log lines, a JSON
 * document, searches in a text.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Shard } from '../lib/cells/cell.ts';
import { ThreadCell } from '../lib/cells/thread-cell.ts';
import type { SandboxSpec } from '../lib/protocol/batch.ts';
import { limits } from '../native-limits/limits.ts';
import type { Benchmark, Sample } from './benchmark.ts';
import { timedRun } from './lua-engines.ts';
import { deliver, filterSpec, LIBRARIES } from './shard-delivery.ts';
import { spreadOf } from './statistics.ts';

const RIVAL = 'lua5.1';
const LUA_FOLDER = join(import.meta.dirname, 'lua');
const MODULES = join(import.meta.dirname, '..', 'lua', 'lpeg', 'modules');
const INSTRUCTIONS = 1_000_000_000;
/** The rival has no limit; with the default one the tables of the JSON documents are collected more often. */
const MEMORY_BYTES = 64 * 1024 * 1024;
/** A message is a call of the program. */
const WARM_MESSAGES = 60;
const MESSAGES = 15;
const ROUNDS = 9;
const QUICK_ROUNDS = 2;

/** `argument` makes a call take some milliseconds. */
interface Program {
  readonly name: string;
  readonly file: string;
  readonly argument: number;
  readonly atLeast: number;
}

const programs: readonly Program[] = [
  { name: 'nginx access log, per line', file: 'common-log', argument: 2000, atLeast: 2 },
  { name: 'JSON grammar, per 100 kB document', file: 'json', argument: 2, atLeast: 1.5 },
  { name: 'addresses in a text of 80 kB, per round', file: 'search', argument: 1, atLeast: 1.5 },
];

export const lpeg: Benchmark = {
  subject: 'lpeg',
  layout: 'by case',
  conditions: [
    'Each program of lua/lpeg runs as a filter on the compiled engine, in its isolate, the module loaded as for any sandbox, metering on, 64 MiB of memory: time in the isolate, the loop around the matches and the reading of a few fields included.',
    `lua5.1 runs the same text with LPeg 1.0.2 in C, one after the other: wall clock of its loop. Each figure is the median of ${ROUNDS} rounds, "least" and "most" are those of the sandbox's rounds. "speed" is the time of lua5.1 divided by the sandbox's: above 1 the sandbox is faster. Both must give the same checksum.`,
  ],
  ratios: [],
  aims: programs.map(({ name, atLeast }) => ({ case: name, measure: 'speed', atLeast })),
  parameters: (quick) => ({
    programs: programs.map(({ file, argument }) => `${file} ${argument}`).join(', '),
    messages: MESSAGES,
    rounds: quick ? QUICK_ROUNDS : ROUNDS,
  }),
  async *run(quick) {
    const cell = await ThreadCell.start({ shards: 1, messageBytes: limits.messageSize.value });
    try {
      const [shard] = cell.shards;
      if (shard === undefined) throw new Error('the cell has no shard');
      for (const program of programs) yield* comparison(shard, program, quick);
    } finally {
      await cell.close();
    }
  },
};

async function* comparison(shard: Shard, program: Program, quick: boolean): AsyncIterable<Sample> {
  const { name, file, argument } = program;
  const rounds = quick ? QUICK_ROUNDS : ROUNDS;
  const { us, checksum } = await sandboxTimes(shard, program, rounds);
  const { median, min, max } = spreadOf(us);
  const sample = (measure: string, unit: Sample['unit'], value: number): Sample => {
    return { case: name, measure, unit, value };
  };
  yield sample('sandbox', 'us', median);
  yield sample('sandbox, least', 'us', min);
  yield sample('sandbox, most', 'us', max);
  const run = await timedRun(RIVAL, LUA_FOLDER, 'lpeg-rival.lua', [
    join('lpeg', `${file}.lua`),
    argument,
    rounds,
    MODULES,
  ]);
  if (run === undefined) return;
  if (run.checksum !== checksum) {
    throw new Error(`${name}: the sandbox gives ${checksum}, ${RIVAL} ${run.checksum}`);
  }
  const rivalUs = (spreadOf(run.ms).median * 1000) / argument;
  yield sample(RIVAL, 'us', rivalUs);
  yield sample('speed', 'times', rivalUs / median);
}

/** Microseconds per unit of work in a fresh isolate, round by round, and what the program returns. */
async function sandboxTimes(
  shard: Shard,
  { file, argument }: Program,
  rounds: number,
): Promise<{ readonly us: number[]; readonly checksum: string }> {
  const text = readFileSync(join(LUA_FOLDER, 'lpeg', `${file}.lua`), 'latin1');
  const script = `${LIBRARIES}
local program = (function(...)
${text}
end)(...)
print(tostring(program(${argument})))
function process_message()
    program(${argument})
    return 0
end
`;
  const plain = filterSpec(file, script, 'compiled');
  const spec: SandboxSpec = {
    ...plain,
    nativeModules: ['lpeg'],
    moduleDirectories: [MODULES],
    limits: { ...plain.limits, instructions: INSTRUCTIONS, memoryBytes: MEMORY_BYTES },
  };
  const answer = await shard.load({ kind: 'load', spec });
  if (answer.failure !== undefined) throw new Error(answer.failure.text);
  const checksum = answer.logs[0]?.text.trim() ?? '';
  // One message at a time: the work of a batch is done before the shard turns to others.
  await deliver(shard, 1, WARM_MESSAGES);
  const us: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const cost = await deliver(shard, 1, MESSAGES);
    us.push(cost.isolateNs / argument / 1000);
  }
  await shard.states({ kind: 'state', sandboxes: [spec.id], end: true });
  return { us, checksum };
}
