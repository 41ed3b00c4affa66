/**
 * How close the engines' instruction counts are to Lua 5.1's: each program counted by a hook in lua5.1 and by the meter of a
 * sandbox. An `instruction_limit` that was set for Heka's sandbox means about the same here.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Shard } from '../lib/cells/cell.ts';
import { ThreadCell } from '../lib/cells/thread-cell.ts';
import type { SandboxSpec } from '../lib/protocol/batch.ts';
import { limits } from '../native-limits/limits.ts';
import type { Benchmark, Sample } from './benchmark.ts';
import { type Program, programs } from './engine-programs.ts';
import { filterSpec, LIBRARIES } from './shard-delivery.ts';

const ENGINES = ['compiled', 'interpreted'] as const;
const INSTRUCTIONS = 1_000_000_000;
/** Heka's sandbox has no coroutines. */
const counted = programs.filter(({ name }) => name !== 'coroutines');
const LEAST = 0.85;
const MOST = 1.15;

export const metering: Benchmark = {
  subject: 'metering',
  layout: 'by case',
  conditions: [
    'Each program of lua/programs runs once with its small argument: in lua5.1 under a hook that counts every instruction, and as the top level of a sandbox, whose report says what its meter counted.',
    'The hook does not see what library functions do; the meters charge it, by the bytes and elements that a function reads and writes. Programs that spend their time in the library therefore count more here, on purpose.',
  ],
  ratios: [],
  aims: ENGINES.flatMap((engine) =>
    counted.map(({ name }) => ({
      case: name,
      measure: `${engine} over lua5.1`,
      atMost: MOST,
      atLeast: LEAST,
    })),
  ),
  parameters: () => ({
    programs: counted.map(({ name, small }) => `${name} ${small}`).join(', '),
  }),
  async *run() {
    const cell = await ThreadCell.start({ shards: 1, messageBytes: limits.messageSize.value });
    try {
      const [shard] = cell.shards;
      if (shard === undefined) throw new Error('the cell has no shard');
      for (const program of counted) yield* countsOf(program, shard);
    } finally {
      await cell.close();
    }
  },
};

/** A program's instructions, and what it returned. */
interface Counted {
  readonly count: number;
  readonly checksum: string;
}

async function* countsOf(program: Program, shard: Shard): AsyncIterable<Sample> {
  const { name, file, small } = program;
  const reference = countIn51(file, small);
  if (reference !== undefined) {
    yield { case: name, measure: 'lua5.1', unit: 'count', value: reference.count };
  }
  for (const engine of ENGINES) {
    const { count, checksum } = await countInSandbox(program, engine, shard);
    if (reference !== undefined && checksum !== reference.checksum) {
      throw new Error(`${name}: ${engine} gives ${checksum}, lua5.1 ${reference.checksum}`);
    }
    yield { case: name, measure: engine, unit: 'count', value: count };
    if (reference === undefined) continue;
    const value = count / reference.count;
    yield { case: name, measure: `${engine} over lua5.1`, unit: 'times', value };
  }
}

/** Undefined when the machine has no lua5.1. */
function countIn51(file: string, argument: number): Counted | undefined {
  const script = join(import.meta.dirname, 'lua', 'instructions.lua');
  try {
    const text = execFileSync('lua5.1', [script, file, String(argument)], { encoding: 'utf8' });
    const [count, checksum = ''] = text.trimEnd().split(' ');
    return { count: Number(count), checksum };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

async function countInSandbox(
  { name, file, small }: Program,
  engine: SandboxSpec['engine'],
  shard: Shard,
): Promise<Counted> {
  const script = `${LIBRARIES}
local program = (function(...)
${readFileSync(file, 'latin1')}
end)(...)
print(tostring(program(${small})))
function process_message()
    return 0
end
`;
  const spec = filterSpec(name, script, engine);
  const answer = await shard.load({
    kind: 'load',
    spec: { ...spec, limits: { ...spec.limits, instructions: INSTRUCTIONS } },
  });
  if (answer.failure !== undefined) throw new Error(`${name}, ${engine}: ${answer.failure.text}`);
  await shard.states({ kind: 'state', sandboxes: [spec.id], end: true });
  return { count: answer.usage.instructions.used, checksum: answer.logs[0]?.text.trim() ?? '' };
}
