/**
 * One log file to protobuf on disk: a daemon reads nginx access lines on its standard input, decodes them with the stock
 * decoder and LPeg, and writes framed messages. With one shard, and with two that share the lines.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Benchmark, Sample } from './benchmark.ts';

const LAUNCHER = join(import.meta.dirname, '..', 'bin', 'hekate.js');
const SHARDS = [1, 2];
const LINES = 200_000;
const QUICK_PART = 20;
const SEED = 20_241_010;

const config = (shards: number): string => `
[hekad]
base_dir = "$FOLDER/base"
share_dir = "$FOLDER"
maxprocs = ${shards}

[StdinInput]
splitter = "TokenSplitter"
decoder = "nginx"

[nginx]
type = "SandboxDecoder"
filename = "lua_decoders/nginx_access.lua"
instances = ${shards}

[nginx.config]
type = "nginx.access"
log_format = '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"'

[FileOutput]
path = "$FOLDER/messages.pb"
message_matcher = "Type == 'nginx.access'"
encoder = "ProtobufEncoder"
`;

export const logPipeline: Benchmark = {
  subject: 'pipeline',
  conditions: [
    `${LINES} nginx access lines of about 200 bytes from a file on standard input, TokenSplitter, SandboxDecoder with the stock nginx_access.lua, FileOutput with framed protobuf. A process of its own; its start, measured with an empty input, is taken off.`,
    'With two shards the decoder has two instances, which share the lines of the one file.',
  ],
  ratios: [
    {
      name: '2 shards over 1',
      of: ['2 shards', 'decoded and written'],
      to: ['1 shards', 'decoded and written'],
    },
  ],
  aims: [],
  parameters: (quick) => ({ shards: SHARDS, lines: LINES / part(quick), seed: SEED }),
  async *run(quick) {
    for (const shards of SHARDS) yield await measure(shards, LINES / part(quick));
  },
};

function part(quick: boolean): number {
  return quick ? QUICK_PART : 1;
}

async function measure(shards: number, lines: number): Promise<Sample> {
  const folder = await mkdtemp(join(tmpdir(), 'hekate-pipeline-'));
  try {
    const log = join(folder, 'access.log');
    const empty = join(folder, 'empty.log');
    const toml = join(folder, 'hekad.toml');
    await writeFile(log, accessLog(lines));
    await writeFile(empty, '');
    await writeFile(toml, config(shards).replaceAll('$FOLDER', folder));
    const startMs = await runDaemon(toml, empty, folder);
    const allMs = await runDaemon(toml, log, folder);
    const { size } = await stat(join(folder, 'messages.pb'));
    if (size < lines * 100) throw new Error(`only ${size} bytes were written`);
    const value = (lines * 1000) / (allMs - startMs);
    return { case: `${shards} shards`, measure: 'decoded and written', unit: 'messages/s', value };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Milliseconds from the start to the end of a daemon that reads that file. */
async function runDaemon(toml: string, input: string, folder: string): Promise<number> {
  const started = performance.now();
  const args = ['--no-node-snapshot', LAUNCHER, 'run', '-config', toml];
  const child = spawn(process.execPath, args, {
    cwd: folder,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const exited = once(child, 'exit');
  await pipeline(createReadStream(input), child.stdin);
  const [code] = await exited;
  if (code !== 0) throw new Error(`the daemon exited with ${String(code)}`);
  return performance.now() - started;
}

/** Lines that are the same at every run. */
function accessLog(lines: number): string {
  let state = SEED;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const two = (value: number): string => String(value).padStart(2, '0');
  const parts: string[] = [];
  for (let i = 0; i < lines; i++) {
    const address = `10.${random(256)}.${random(256)}.${random(256)}`;
    const time = `10/Oct/2024:${two(random(24))}:${two(random(60))}:${two(random(60))} +0000`;
    const status = [200, 200, 200, 304, 404, 500][random(6)] ?? 200;
    parts.push(
      `${address} - - [${time}] "GET /articles/${random(5000)}/page.html?ref=${random(99)} HTTP/1.1" ${status} ${random(90_000)} "http://www.example.com/start" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/41.0.2227.0 Safari/537.36"\n`,
    );
  }
  return parts.join('');
}
