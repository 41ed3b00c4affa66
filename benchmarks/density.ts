/**
 * Memory and creation time per sandbox: a real daemon, filled by the real heka-sbmgrload with its own counting filter; and a
 * shard by itself, before and after its sandboxes were busy.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Shard } from '../lib/cells/cell.ts';
import { ThreadCell } from '../lib/cells/thread-cell.ts';
import { BatchSlot, OpenBatch } from '../lib/router/open-batch.ts';
import { limits } from '../native-limits/limits.ts';
import type { Benchmark, Sample } from './benchmark.ts';
import { DaemonProcess } from './daemon-process.ts';
import { filterSpec, loadSandbox, packs } from './shard-delivery.ts';

const LOADER = join(import.meta.dirname, '..', 'bin', 'heka-sbmgrload.js');
const COUNTS = [100, 1000];
const QUICK_COUNTS = [5];
const MIB = 1024 * 1024;
const SHARD_COUNT = 200;
const QUICK_SHARD_COUNT = 5;
/** Messages that each sandbox of the shard gets. */
const CALLS = 20_000;
const QUICK_CALLS = 512;
const BATCH = 256;
/** A collection takes some milliseconds, with as much time between for what else there is. */
const COLLECTION_MS = 25;

const COUNTING = `
require "string"
require "table"
require "os"
local counts = {}
total = 0
function process_message()
  local t = read_message("Type")
  counts[t] = (counts[t] or 0) + 1
  total = total + 1
  return 0
end
function timer_event(ns)
  inject_payload("txt", "counts", string.format("%d messages", total))
end
`;

const CONFIG = `
[hekad]
base_dir = "$FOLDER/base"
share_dir = "$FOLDER"
maxprocs = 1

[Control]
type = "TcpInput"
address = "127.0.0.1:0"
    [Control.signer.bench_0]
    hmac_key = "benchmark"

[Manager]
type = "SandboxManagerFilter"
message_signer = "bench"
working_directory = "sandbox"
max_filters = 1100
`;

export const density: Benchmark = {
  subject: 'density',
  conditions: [
    'A daemon with one shard in a process of its own; `heka-sbmgrload -num=N` loads its built-in filter (string, table, os; a ticker of one second; preserve_data) by signed messages.',
    'Memory: growth of VmRSS from before the loads to after all were answered and a report of the daemon listed all filters; nothing is collected on purpose.',
    'Creation: the time of heka-sbmgrload divided by N, with 16 requests in flight, files and directory synchronised for each.',
    'A shard: one shard of a process of its own, 200 sandboxes of a filter that counts types, loaded one after the other; then 20,000 messages for each in batches of 256; then nothing until the idle ones were collected. Growth of VmRSS each time.',
  ],
  ratios: [],
  aims: COUNTS.flatMap((count) => [
    { case: `${count} sandboxes`, measure: 'resident per sandbox', atMost: 5 },
    { case: `${count} sandboxes`, measure: 'creation per sandbox', atMost: 25 },
  ]).concat([
    { case: 'a shard', measure: 'creation per sandbox', atMost: 3 },
    { case: 'a shard', measure: 'resident when loaded', atMost: 1.6 },
    { case: 'a shard', measure: 'resident when idle after 20,000 messages', atMost: 2 },
  ]),
  parameters: (quick) => ({ sandboxes: quick ? QUICK_COUNTS : COUNTS, shards: 1, inFlight: 16 }),
  async *run(quick) {
    yield* fillShard(quick ? QUICK_SHARD_COUNT : SHARD_COUNT, quick ? QUICK_CALLS : CALLS);
    for (const count of quick ? QUICK_COUNTS : COUNTS) yield* fill(count);
  },
};

async function* fillShard(count: number, calls: number): AsyncIterable<Sample> {
  const cell = await ThreadCell.start({ shards: 1, messageBytes: limits.messageSize.value });
  try {
    const [shard] = cell.shards;
    if (shard === undefined) throw new Error('no shard');
    const spec = filterSpec('counting', COUNTING, 'compiled');
    await loadSandbox(shard, { ...spec, id: count + 1 });
    const before = residentBytes();
    const started = performance.now();
    for (let id = 1; id <= count; id++) {
      await loadSandbox(shard, { ...spec, id, chunkName: `counting ${id}.lua` });
    }
    const creationMs = (performance.now() - started) / count;
    const figure = (measure: string, value: number, unit: Sample['unit'] = 'MiB') =>
      ({ case: 'a shard', measure, unit, value }) as const;
    const resident = () => (residentBytes() - before) / MIB / count;
    yield figure('creation per sandbox', creationMs, 'ms');
    yield figure('resident when loaded', resident());
    await sleep(limits.idleTime.value + count * COLLECTION_MS);
    yield figure('resident when loaded and idle', resident());
    await keepBusy(shard, count, calls);
    yield figure('resident after 20,000 messages', resident());
    await sleep(limits.idleTime.value + count * COLLECTION_MS);
    yield figure('resident when idle after 20,000 messages', resident());
  } finally {
    await cell.close();
  }
}

/** Gives each sandbox its messages, a batch for all of them at a time. */
async function keepBusy(shard: Shard, count: number, calls: number): Promise<void> {
  const open = new OpenBatch();
  const slots = Array.from({ length: count }, (_, i) => new BatchSlot(i + 1));
  for (let sent = 0, sequence = 1; sent < calls; sent += BATCH, sequence++) {
    for (const pack of packs.slice(0, BATCH)) for (const slot of slots) open.append(slot, pack);
    let report = await shard.run(open.take(sequence));
    while (report.unfinished) report = await shard.run(open.take(++sequence));
  }
}

function residentBytes(): number {
  const kib = /VmRSS:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return Number(kib) * 1024;
}

async function* fill(count: number): AsyncIterable<Sample> {
  const daemon = await DaemonProcess.start(CONFIG, {});
  try {
    const { host, port } = await daemon.address('Control');
    const loader = `ip_address = "${host}:${port}"
[signer]
name = "bench"
hmac_hash = "md5"
hmac_key = "benchmark"
version = 0
`;
    const before = await daemon.residentBytes();
    const seconds = await load(daemon, loader, count);
    const report = await daemon.report();
    const running = report.split('\nManager-CounterSandbox').length - 1;
    if (running !== count) throw new Error(`${running} of ${count} sandboxes run\n${report}`);
    const after = await daemon.residentBytes();
    const name = `${count} sandboxes`;
    const resident = (after - before) / MIB / count;
    yield { case: name, measure: 'resident per sandbox', unit: 'MiB', value: resident };
    yield {
      case: name,
      measure: 'creation per sandbox',
      unit: 'ms',
      value: (seconds * 1000) / count,
    };
    yield { case: name, measure: 'daemon before', unit: 'MiB', value: before / MIB };
    const stopping = performance.now();
    await daemon.stop();
    const stopMs = (performance.now() - stopping) / count;
    yield { case: name, measure: 'shutdown per sandbox', unit: 'ms', value: stopMs };
  } finally {
    await daemon.stop();
  }
}

async function load(daemon: DaemonProcess, config: string, count: number): Promise<number> {
  const file = join(daemon.folder, 'sbmgrload.toml');
  await writeFile(file, config);
  const { stdout } = await promisify(execFile)(process.execPath, [
    LOADER,
    `-config=${file}`,
    '-action=load',
    `-num=${count}`,
    '-timeout=120s',
    '-format=json',
  ]);
  const answer: unknown = JSON.parse(stdout);
  if (
    typeof answer === 'object' &&
    answer !== null &&
    'seconds' in answer &&
    'ok' in answer &&
    answer.ok === count &&
    typeof answer.seconds === 'number'
  ) {
    return answer.seconds;
  }
  throw new Error(`heka-sbmgrload: ${stdout}`);
}
