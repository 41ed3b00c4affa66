/**
 * Memory and creation time per sandbox: a real daemon, filled by the real heka-sbmgrload with its own counting filter.
 */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Benchmark, Sample } from './benchmark.ts';
import { DaemonProcess } from './daemon-process.ts';

const LOADER = join(import.meta.dirname, '..', 'bin', 'heka-sbmgrload.js');
const COUNTS = [100, 1000];
const QUICK_COUNTS = [5];
const MIB = 1024 * 1024;

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
  ],
  ratios: [],
  aims: COUNTS.flatMap((count) => [
    { case: `${count} sandboxes`, measure: 'resident per sandbox', atMost: 5 },
    { case: `${count} sandboxes`, measure: 'creation per sandbox', atMost: 25 },
  ]),
  parameters: (quick) => ({ sandboxes: quick ? QUICK_COUNTS : COUNTS, shards: 1, inFlight: 16 }),
  async *run(quick) {
    for (const count of quick ? QUICK_COUNTS : COUNTS) yield* fill(count);
  },
};

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
