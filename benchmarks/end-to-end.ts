/**
 * Framed messages over loopback TCP to an answer that a filter injects and a TcpOutput brings back: how many a second, and
 * how long one takes at a moderate rate, with one shard and with two.
 */

import { readFile } from 'node:fs/promises';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { frame, RecordFinder } from '../lib/protocol/framing.ts';
import { Message } from '../lib/protocol/message.ts';
import type { Benchmark, Sample } from './benchmark.ts';
import { DaemonProcess } from './daemon-process.ts';
import { MESSAGE_SEED, pinnedMessage } from './pinned-messages.ts';
import { quantile } from './statistics.ts';

const SHARDS = [1, 2];
const WARM_MESSAGES = 20_000;
const MESSAGES = 100_000;
/** Messages a second of the latency part, and for how long. */
const RATE = 1000;
const RATE_SECONDS = 5;
const QUICK_PART = 50;
/** Frames written at once in the throughput part. */
const WRITE_FRAMES = 256;
const FILTERS = ['left', 'right'] as const;

const config = (shards: number, answers: number): string => `
[hekad]
base_dir = "$FOLDER/base"
share_dir = "$FOLDER"
maxprocs = ${shards}

[In]
type = "TcpInput"
address = "127.0.0.1:0"

${FILTERS.map(
  (name) => `[${name}]
type = "SandboxFilter"
filename = "answering.lua"
message_matcher = "Type == 'nginx.access' && Logger == '${name}'"
`,
).join('\n')}
[Out]
type = "TcpOutput"
address = "127.0.0.1:${answers}"
message_matcher = "Type == 'heka.sandbox.answer'"
`;

export const endToEnd: Benchmark = {
  subject: 'end-to-end',
  conditions: [
    'A daemon in a process of its own: TcpInput (unsigned frames of about 300 bytes), two filters that each get half and inject an answer with the payload, TcpOutput back to the sender. The sender shares the machine.',
    `Throughput: ${MESSAGES} messages after ${WARM_MESSAGES}, as fast as the connection takes them, until the last answer is back.`,
    `Latency: ${RATE} messages a second for ${RATE_SECONDS} s, from the write of a message to its answer.`,
  ],
  ratios: [
    {
      name: 'throughput of 2 shards over 1',
      of: ['2 shards', 'throughput'],
      to: ['1 shards', 'throughput'],
    },
  ],
  aims: [],
  parameters: (quick) => ({
    shards: SHARDS,
    warmMessages: WARM_MESSAGES / part(quick),
    messages: MESSAGES / part(quick),
    rate: RATE,
    rateSeconds: RATE_SECONDS / part(quick),
    seed: MESSAGE_SEED,
  }),
  async *run(quick) {
    for (const shards of SHARDS) yield* measure(shards, part(quick));
  },
};

function part(quick: boolean): number {
  return quick ? QUICK_PART : 1;
}

async function* measure(shards: number, divisor: number): AsyncIterable<Sample> {
  const answers = await Answers.listen();
  const script = await readFile(join(import.meta.dirname, 'lua', 'answering.lua'), 'utf8');
  const daemon = await DaemonProcess.start(config(shards, answers.port), {
    'answering.lua': script,
  });
  try {
    const socket = await connectTo(await daemon.address('In'));
    try {
      const name = `${shards} shards`;
      await burst(socket, answers, WARM_MESSAGES / divisor);
      const count = MESSAGES / divisor;
      const started = performance.now();
      await burst(socket, answers, count);
      const rate = (count * 1000) / (performance.now() - started);
      yield { case: name, measure: 'throughput', unit: 'messages/s', value: rate };
      const latencies = await pace(socket, answers, (RATE * RATE_SECONDS) / divisor);
      yield { case: name, measure: 'latency p50', unit: 'ms', value: quantile(latencies, 0.5) };
      yield { case: name, measure: 'latency p99', unit: 'ms', value: quantile(latencies, 0.99) };
      yield { case: name, measure: 'latency most', unit: 'ms', value: quantile(latencies, 1) };
    } finally {
      socket.destroy();
    }
  } finally {
    await daemon.stop();
    await answers.close();
  }
}

/** The n-th message as a frame; its payload is its number. */
function framed(index: number): Uint8Array {
  const logger = FILTERS[index % FILTERS.length] ?? '';
  const message = pinnedMessage({ type: 'nginx.access', logger, tenant: 'tenant 0' }, index);
  return frame(message.with({ payload: String(index) }).bytes);
}

async function burst(socket: Socket, answers: Answers, count: number): Promise<void> {
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < count; at += WRITE_FRAMES) {
    const frames = Array.from({ length: Math.min(WRITE_FRAMES, count - at) }, (_, i) =>
      framed(at + i),
    );
    blocks.push(Buffer.concat(frames));
  }
  const done = answers.expect(count);
  for (const block of blocks) {
    if (!socket.write(block)) await new Promise((drained) => socket.once('drain', drained));
  }
  await done;
}

/** Sends at a fixed rate and returns the sorted latencies in milliseconds. */
async function pace(socket: Socket, answers: Answers, count: number): Promise<Float64Array> {
  const frames = Array.from({ length: count }, (_, i) => framed(i));
  const sentMs = new Float64Array(count);
  const latencies = new Float64Array(count);
  const done = answers.expect(count, (payload) => {
    const index = Number(payload);
    latencies[index] = performance.now() - (sentMs[index] ?? Number.NaN);
  });
  const started = performance.now();
  for (let next = 0; next < count; ) {
    const due = Math.min(count, ((performance.now() - started) * RATE) / 1000);
    for (; next < due; next++) {
      sentMs[next] = performance.now();
      socket.write(frames[next] ?? '');
    }
    await new Promise((later) => setTimeout(later, 1));
  }
  await done;
  return latencies.sort();
}

async function connectTo(address: {
  readonly host: string;
  readonly port: number;
}): Promise<Socket> {
  const socket = createConnection(address);
  socket.setNoDelay(true);
  await new Promise<void>((connected, failed) => {
    socket.once('connect', connected).once('error', failed);
  });
  return socket;
}

/** The server to which the daemon sends the answers. */
class Answers {
  readonly #server: Server;
  readonly port: number;
  #expected = 0;
  #onAnswer: ((payload: string) => void) | undefined;
  #done: () => void = () => undefined;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
    server.on('connection', (socket) => {
      const finder = new RecordFinder();
      socket.on('data', (chunk) => {
        finder.append(Buffer.from(chunk));
        while (finder.next()) this.#take(finder.message());
      });
    });
  }

  static async listen(): Promise<Answers> {
    const server = createServer();
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return new Answers(server, address.port);
  }

  /** Resolves when so many answers have come. */
  expect(count: number, onAnswer?: (payload: string) => void): Promise<void> {
    this.#expected = count;
    this.#onAnswer = onAnswer;
    return new Promise((done) => {
      this.#done = done;
    });
  }

  #take(bytes: Uint8Array): void {
    this.#onAnswer?.(Message.decode(bytes).payload);
    if (--this.#expected === 0) this.#done();
  }

  async close(): Promise<void> {
    await new Promise((closed) => this.#server.close(closed));
  }
}
