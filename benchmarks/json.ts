/**
 * The `cjson` module in a sandbox against lua-cjson in Lua 5.1 on the same documents: reading a text into tables, and writing
 * the tables.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Shard } from '../lib/cells/cell.ts';
import { ThreadCell } from '../lib/cells/thread-cell.ts';
import { limits } from '../native-limits/limits.ts';
import type { Benchmark, Sample } from './benchmark.ts';
import { timedRun } from './lua-engines.ts';
import { deliver, filterSpec, LIBRARIES, loadSandbox } from './shard-delivery.ts';
import { spreadOf } from './statistics.ts';

const SEED = 12_345;
/**
 * Bytes of a document at least; how often it is taken per message, and messages per batch: the work of a batch is done
 * before the shard turns to others.
 */
const documents = [
  { name: '1 kB', bytes: 1000, perMessage: 20, batch: 8, ofRival: 5000 },
  { name: '100 kB', bytes: 100_000, perMessage: 1, batch: 1, ofRival: 50 },
] as const;
const directions = ['decode', 'encode'] as const;
/** The largest document must fit into the sandbox's output. */
const OUTPUT_BYTES = 1024 * 1024;
const WARM_MESSAGES = 640;
const MESSAGES = 200;
const ROUNDS = 9;
const QUICK_ROUNDS = 2;
const LUA_FOLDER = join(import.meta.dirname, 'lua');

export const json: Benchmark = {
  subject: 'cjson',
  layout: 'by case',
  conditions: [
    'Each document is decoded, or the tables that it gives encoded, in a filter on the compiled engine with the default limits but for the output: time in the isolate, the loop around it included, metering on. Documents are lists of log events with numbers, short and long strings and nested objects; no field is read.',
    `lua5.1 does the same with lua-cjson: wall clock of its loop. Each figure is the median of ${ROUNDS} rounds. "speed" is the time of lua5.1 divided by the sandbox's: above 1 the sandbox is faster.`,
  ],
  ratios: [],
  aims: documents.flatMap(({ name }) =>
    directions.map((direction) => ({
      case: `${direction}, ${name}`,
      measure: 'speed',
      atLeast: 1,
    })),
  ),
  parameters: (quick) => ({
    seed: SEED,
    documentBytes: documents.map(({ bytes }) => bytes),
    perMessage: documents.map(({ perMessage }) => perMessage),
    batch: documents.map(({ batch }) => batch),
    messages: MESSAGES,
    rounds: quick ? QUICK_ROUNDS : ROUNDS,
  }),
  async *run(quick) {
    const rounds = quick ? QUICK_ROUNDS : ROUNDS;
    const folder = await mkdtemp(join(tmpdir(), 'hekate-benchmark-'));
    const cell = await ThreadCell.start({ shards: 1, messageBytes: limits.messageSize.value });
    try {
      const [shard] = cell.shards;
      if (shard === undefined) throw new Error('the cell has no shard');
      for (const document of documents) {
        const { name, bytes, ofRival } = document;
        const text = documentText(bytes);
        const file = join(folder, 'document.json');
        await writeFile(file, text, 'latin1');
        for (const direction of directions) {
          const title = `${direction}, ${name}`;
          const us = await sandboxTime(shard, direction, text, document, rounds);
          yield sample(title, 'sandbox', 'us', us);
          const run = await timedRun('lua5.1', LUA_FOLDER, 'json-rival.lua', [
            file,
            direction,
            ofRival,
            rounds,
          ]);
          if (run === undefined) continue;
          const rivalUs = (spreadOf(run.ms).median * 1000) / ofRival;
          yield sample(title, 'lua5.1', 'us', rivalUs);
          yield sample(title, 'speed', 'times', rivalUs / us);
        }
      }
    } finally {
      await cell.close();
      await rm(folder, { recursive: true });
    }
  },
};

function sample(name: string, measure: string, unit: Sample['unit'], value: number): Sample {
  return { case: name, measure, unit, value };
}

/** Microseconds per document in a fresh isolate. */
async function sandboxTime(
  shard: Shard,
  direction: (typeof directions)[number],
  text: string,
  { perMessage, batch }: (typeof documents)[number],
  rounds: number,
): Promise<number> {
  const spec = filterSpec('cjson', script(direction, text, perMessage), 'compiled');
  await loadSandbox(shard, {
    ...spec,
    nativeModules: ['cjson'],
    limits: { ...spec.limits, outputBytes: OUTPUT_BYTES },
  });
  await deliver(shard, batch, WARM_MESSAGES);
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const cost = await deliver(shard, batch, MESSAGES);
    times.push(cost.isolateNs / perMessage / 1000);
  }
  await shard.states({ kind: 'state', sandboxes: [spec.id], end: true });
  return spreadOf(times).median;
}

function script(direction: (typeof directions)[number], text: string, perMessage: number): string {
  return `${LIBRARIES} require "cjson"
local document = [==[${text}]==]
local value = cjson.decode(document)
local subject = ${direction === 'decode' ? 'document' : 'value'}
function process_message()
    for i = 1, ${perMessage} do
        cjson.${direction}(subject)
    end
    return 0
end
`;
}

const WORDS =
  'request timeout upstream connection refused accepted session worker queue latency'.split(' ');

/** A list of log events of so many bytes at least. */
function documentText(bytes: number): string {
  let state = SEED;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
  const word = (): string => WORDS[random(WORDS.length)] ?? '';
  const event = (i: number): object => ({
    timestamp: 1_700_000_000_000 + i * 137,
    id: `a${random(1e9).toString(36)}`,
    type: 'nginx.access',
    host: `web-${random(20)}.example.com`,
    status: [200, 200, 304, 404, 500][random(5)],
    bytes: random(100_000),
    request_time: random(100_000) / 1000,
    ok: random(3) > 0,
    user: null,
    message: `${Array.from({ length: 12 }, word).join(' ')} "${word()}"\n`,
    path: `/api/v1/${word()}/${random(10_000)}`,
    tags: [word(), word(), word()],
    geo: { lat: random(180_000) / 1000 - 90, lon: random(360_000) / 1000 - 180, country: 'DE' },
    headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64)', accept: '*/*' },
    timings: [random(1000), random(1000), random(1000) / 10, random(1000) / 100],
  });
  const events: object[] = [];
  let text = '';
  while (text.length < bytes) {
    events.push(event(events.length));
    text = JSON.stringify(events);
  }
  return text;
}
