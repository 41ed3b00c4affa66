/**
 * What a circular buffer costs a filter: values added, moved on in time and read, and the whole buffer injected as text.
 */
import type { Shard } from '../lib/cells/cell.ts';
import { ThreadCell } from '../lib/cells/thread-cell.ts';
import { limits } from '../native-limits/limits.ts';
import type { Benchmark, Sample } from './benchmark.ts';
import { deliver, filterSpec, LIBRARIES, loadSandbox } from './shard-delivery.ts';

const ROWS = 1440;
const COLUMNS = 10;
const OUTPUT_COLUMNS = 3;
const OPERATIONS = 1000;
/** Reports of larger batches would be too long for one: the rest would come in the next. */
const BATCH = 8;
const WARM_MESSAGES = 640;
const MESSAGES = 3200;
const QUICK_PART = 10;
/** A million operations per second. */
const AIM_NS = 1000;

/** One operation, as a statement; `ns` is a time, `i` counts from 1 on. */
const operations: Readonly<Record<string, string>> = {
  add: 'cb:add(0, 4, 1)',
  'add, a row per 60 values': 'ns = ns + 1e9; cb:add(ns, 4, 1)',
  set: 'cb:set(0, 4, i)',
  get: 'cb:get(0, 4)',
  compute: 'if i % 100 == 0 then cb:compute("sum", 4) end',
};

/** Values of all cells. */
const contents: Readonly<Record<string, string>> = {
  'whole numbers': 'row * column % 1000',
  fractions: 'row * column / 7',
  nothing: '0/0',
};

export const circularBuffer: Benchmark = {
  subject: 'circular-buffer',
  conditions: [
    `Each operation ${OPERATIONS} times per message in a filter with the default limits on the compiled engine, its loop included: time in the isolate. The buffer has ${ROWS} rows of a minute and ${COLUMNS} columns; "compute" sums a column every 100th time.`,
    `Output: inject_payload of a buffer of ${ROWS} rows and ${OUTPUT_COLUMNS} columns, one per message, the message's encoding included: time in the isolate per cell.`,
  ],
  ratios: [],
  aims: [
    ...Object.keys(operations).map((name) => ({
      case: name,
      measure: 'per operation',
      atMost: AIM_NS,
    })),
    ...Object.keys(contents).map((name) => ({
      case: `output, ${name}`,
      measure: 'per cell',
      atMost: AIM_NS,
    })),
  ],
  parameters: (quick) => ({
    rows: ROWS,
    columns: COLUMNS,
    outputColumns: OUTPUT_COLUMNS,
    operations: OPERATIONS,
    batch: BATCH,
    messages: quick ? MESSAGES / QUICK_PART : MESSAGES,
  }),
  async *run(quick) {
    const cell = await ThreadCell.start({ shards: 1, messageBytes: limits.messageSize.value });
    try {
      const [shard] = cell.shards;
      if (shard === undefined) throw new Error('the cell has no shard');
      for (const [name, statement] of Object.entries(operations)) {
        const ns = await costOf(shard, operationScript(statement), quick);
        yield sample(name, 'per operation', ns / OPERATIONS);
      }
      for (const [name, value] of Object.entries(contents)) {
        const ns = await costOf(shard, outputScript(value), quick);
        yield sample(`output, ${name}`, 'per cell', ns / (ROWS * OUTPUT_COLUMNS));
      }
    } finally {
      await cell.close();
    }
  },
};

function sample(name: string, measure: string, value: number): Sample {
  return { case: name, measure, unit: 'ns', value };
}

function operationScript(statement: string): string {
  return `${LIBRARIES} require "circular_buffer"
local cb = circular_buffer.new(${ROWS}, ${COLUMNS}, 60)
local ns = 0
function process_message()
    for i = 1, ${OPERATIONS} do
        ${statement}
    end
    return 0
end
`;
}

function outputScript(value: string): string {
  return `${LIBRARIES} require "circular_buffer"
local cb = circular_buffer.new(${ROWS}, ${OUTPUT_COLUMNS}, 60)
for row = 0, ${ROWS - 1} do
    for column = 1, ${OUTPUT_COLUMNS} do
        cb:set(row * 60e9, column, ${value})
    end
end
function process_message()
    inject_payload("cbuf", "benchmark", cb)
    return 0
end
`;
}

/** Nanoseconds in a fresh isolate per message. */
async function costOf(shard: Shard, script: string, quick: boolean): Promise<number> {
  const spec = filterSpec('circular-buffer', script, 'compiled');
  await loadSandbox(shard, spec);
  await deliver(shard, BATCH, quick ? BATCH : WARM_MESSAGES);
  const cost = await deliver(shard, BATCH, quick ? MESSAGES / QUICK_PART : MESSAGES);
  await shard.states({ kind: 'state', sandboxes: [spec.id], end: true });
  return cost.isolateNs;
}
