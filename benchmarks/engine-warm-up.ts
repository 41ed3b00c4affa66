/**
 * How a fresh sandbox gets faster: the message filter in an isolate that has not run it before, 200 messages at a time.
 * V8 compiles for each isolate anew, so that every sandbox goes this way once.
 */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Shard } from '../lib/cells/cell.ts';
import { ThreadCell } from '../lib/cells/thread-cell.ts';
import { BatchSlot, OpenBatch } from '../lib/router/open-batch.ts';
import { limits } from '../native-limits/limits.ts';
import type { Sample } from './benchmark.ts';
import { programs } from './engine-programs.ts';
import { timedRun } from './lua-engines.ts';
import { filterSpec, LIBRARIES, loadSandbox, packs } from './shard-delivery.ts';
import { spreadOf } from './statistics.ts';

export const WARM_UP_MESSAGES = 200;
export const WARM_UP_SANDBOXES = 60;
/** Batches that are shown. */
const SHOWN = [1, 2, 3, 5, 10, 20, 60, 150];
const BATCHES = Math.max(...SHOWN);
const QUICK_SANDBOXES = 2;
/** Batches in a row that make a par: a single one may be luck. */
const AT_PAR = 3;
const RIVAL_BATCHES = 2000;
const QUICK_RIVAL_BATCHES = 20;

const NAME = 'message-filter';

export async function* warmUpSamples(quick: boolean): AsyncIterable<Sample> {
  const file = programs.find((program) => program.name === NAME)?.file;
  if (file === undefined) throw new Error(`no program ${NAME}`);
  const curve = await medianCurve(file, quick ? QUICK_SANDBOXES : WARM_UP_SANDBOXES);
  for (const batch of SHOWN) {
    const value = curve[batch - 1];
    if (value !== undefined) {
      yield {
        case: `warm-up, compiled, batch ${batch}`,
        measure: 'per message',
        unit: 'us',
        value,
      };
    }
  }
  const batches = quick ? QUICK_RIVAL_BATCHES : RIVAL_BATCHES;
  const rival = await timedRun('lua5.1', dirname(file), '../warm-up.lua', [
    file,
    WARM_UP_MESSAGES,
    batches,
  ]);
  const ms = rival?.ms[0];
  if (ms === undefined) return;
  const value = (ms * 1000) / (batches * WARM_UP_MESSAGES);
  yield { case: 'warm-up, lua5.1, warm', measure: 'per message', unit: 'us', value };
  const par = curve.findIndex((_, batch) => {
    const next = curve.slice(batch, batch + AT_PAR);
    return next.length === AT_PAR && next.every((us) => us <= value);
  });
  if (par < 0) return; // not within the batches: the table has no such line
  const messages = (par + 1) * WARM_UP_MESSAGES;
  yield { case: 'warm-up, compiled', measure: 'messages to par', unit: 'count', value: messages };
}

/** Microseconds per message of every batch, the median over fresh sandboxes. */
async function medianCurve(file: string, sandboxes: number): Promise<number[]> {
  const text = readFileSync(file, 'latin1');
  const script = `${LIBRARIES}
local program = (function(...)
${text}
end)(...)
function process_message()
    program(${WARM_UP_MESSAGES})
    return 0
end
`;
  const cell = await ThreadCell.start({ shards: 1, messageBytes: limits.messageSize.value });
  try {
    const [shard] = cell.shards;
    if (shard === undefined) throw new Error('the cell has no shard');
    const curves: number[][] = [];
    for (let i = 0; i < sandboxes; i++) {
      await loadSandbox(shard, filterSpec(NAME, script, 'compiled'));
      curves.push(await curveOf(shard));
      await shard.states({ kind: 'state', sandboxes: [1], end: true });
    }
    return Array.from(
      { length: BATCHES },
      (_, batch) => spreadOf(curves.map((curve) => curve[batch] ?? 0)).median,
    );
  } finally {
    await cell.close();
  }
}

async function curveOf(shard: Shard): Promise<number[]> {
  const open = new OpenBatch();
  const slot = new BatchSlot(1);
  const [pack] = packs;
  if (pack === undefined) throw new Error('no message');
  const curve: number[] = [];
  for (let sequence = 1; sequence <= BATCHES; sequence++) {
    open.append(slot, pack);
    const { results } = await shard.run(open.take(sequence));
    const [result] = results;
    if (result?.processed !== 1) {
      throw new Error(result?.termination?.text ?? 'the message was not processed');
    }
    curve.push(result.busyNs / 1000 / WARM_UP_MESSAGES);
  }
  return curve;
}
