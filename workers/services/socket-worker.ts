/**
 * The helper thread that has the sockets of one sandbox, because the thread of the sandbox waits for them. It does what it is
 * told, in order, and tells what happens; it ends itself when it is told to finish, or when something of its own fails.
 */
import { workerData } from 'node:worker_threads';
import type { Command, Event, HelperData } from './sockets/messages.ts';
import { WorkerDatagrams } from './sockets/worker-datagrams.ts';
import { resolveHost, reverseAddress } from './sockets/worker-resolver.ts';
import { type StreamHost, WorkerStreams } from './sockets/worker-streams.ts';

/** How often the shard is told of what was dropped. */
const DROPPED_MS = 1000;

const { limits, port, signal } = workerData as HelperData; // the link's own
const word = new Int32Array(signal);
const dropped = { connections: 0, datagrams: 0 };
let telling = false;

function ring(): void {
  Atomics.add(word, 0, 1);
  Atomics.notify(word, 0);
}

function post(event: Event): void {
  port.postMessage(event);
  ring();
}

function tellDropped(): void {
  telling = false;
  for (const what of ['connections', 'datagrams'] as const) {
    const count = dropped[what];
    dropped[what] = 0;
    if (count > 0) post({ kind: 'dropped', what, count });
  }
}

const host: StreamHost = {
  limits,
  count: () => streams.size + datagrams.size,
  post,
  postBytes: (event, bytes) => {
    port.postMessage(event, [bytes.buffer]);
    ring();
  },
  dropped: (what) => {
    dropped[what]++;
    if (telling) return;
    telling = true;
    setTimeout(tellDropped, DROPPED_MS).unref();
  },
};
const streams: WorkerStreams = new WorkerStreams(host);
const datagrams: WorkerDatagrams = new WorkerDatagrams(host);

function obey(command: Command): void {
  switch (command.kind) {
    case 'listen':
      streams.listen(command);
      return;
    case 'connect':
      streams.connect(command);
      return;
    case 'accept':
      streams.accept(command.id);
      return;
    case 'write':
      streams.write(command.id, command.bytes);
      return;
    case 'taken':
      streams.taken(command.id, command.bytes);
      return;
    case 'endOutput':
      streams.endOutput(command.id);
      return;
    case 'option':
      streams.option(command.id, command.option);
      return;
    case 'close':
      streams.close(command.id);
      datagrams.close(command.id);
      return;
    case 'bindDatagram':
      datagrams.bind(command);
      return;
    case 'connectDatagram':
      datagrams.connect(command);
      return;
    case 'sendDatagram':
      datagrams.send(command);
      return;
    case 'datagramOption':
      datagrams.option(command);
      return;
    case 'takenDatagrams':
      datagrams.taken(command.id, command.count, command.bytes);
      return;
    case 'resolve':
      answer(command.request, resolveHost(command.host));
      return;
    case 'reverse':
      answer(command.request, reverseAddress(command.address));
      return;
    case 'finish':
      finish();
      return;
    default:
      command satisfies never;
  }
}

function answer(request: number, reply: ReturnType<typeof resolveHost>): void {
  reply.then((found) => post({ kind: 'reply', request, reply: found }), fail);
}

/** Without its port nothing keeps the thread but what is still to be sent. */
function finish(): void {
  streams.closeAll();
  datagrams.closeAll();
  port.close();
}

function fail(error: unknown): void {
  post({ kind: 'broken', text: error instanceof Error ? error.message : String(error) });
  process.exit(1);
}

process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);
port.on('message', (command: Command) => obey(command));
