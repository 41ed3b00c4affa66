/**
 * Entry of a shard's worker thread (one thread per Piscina). The thread's first task starts the shard, others bring what
 * its isolates are made from; every other task carries the generation that it was meant for, so that work for a thread that
 * died is refused by its successor.
 */
import type { MessagePort } from 'node:worker_threads';
import { move } from 'piscina';
import type { ShardTask } from '../lib/protocol/batch.ts';
import { packEnvelope, unpackEnvelope } from '../lib/protocol/batch.ts';
import { HekateError } from '../lib/protocol/errors.ts';
import { compileInThread } from '../native-limits/guest-compilation.ts';
import { GuestIsolate, IsolateSnapshot } from '../native-limits/guest-isolate.ts';
import { enlargeGuestStack } from '../native-limits/guest-stack.ts';
import { limits } from '../native-limits/limits.ts';
import { CompiledFiles } from './compiled-files.ts';
import type { ShardImage } from './isolate-bundles.ts';
import { LuaCompiler } from './lua-compiler.ts';
import { compilerWarmUp, sandboxWarmUp } from './probe.ts';
import { noCompiler, ShardCore } from './shard-core.ts';

/** Starts the shard. Answered with undefined. */
export interface StartTask {
  readonly start: {
    readonly shard: number;
    readonly generation: number;
    readonly messageBytes: number;
    /** Sandboxes that this shard may hold: its part of what the process can. */
    readonly isolates: number;
    /** Texts of the runtime's extensions, by name. */
    readonly extensions: Readonly<Record<string, string>>;
    /** For a thread of one input or output: words of ControlWord, and where an input's messages go. */
    readonly control?: SharedArrayBuffer;
    readonly port?: MessagePort;
  };
}

/**
 * Brings what isolates of one kind are made from: code, of which this shard makes the snapshot, or the snapshot that
 * another one made. The compiler comes before the compiled engine. Answered with the snapshot's bytes when it was made here.
 */
export interface ImageTask {
  readonly image: {
    readonly name: ShardImage;
    readonly code?: string;
    /** Keep in the snapshot what a first use compiles. */
    readonly warmUp?: boolean;
    readonly snapshot?: ArrayBuffer;
    /** For the compiler: its version. */
    readonly version?: string;
    /** For the compiler: folder of compiled code; none without. */
    readonly folder?: string | undefined;
  };
}

/** The last task of a thread: ends its isolates. Answered with undefined. */
export interface StopTask {
  readonly stop: true;
}

/** What the start or an image comes to: the snapshot that was made, and what the operator should know. */
export interface ImageAnswer {
  readonly snapshot?: ArrayBuffer;
  readonly warning?: string;
}

/** Between two looks for idle sandboxes, ms: a longer one after a look that found none. */
const IDLE_TICK_MS = 250;
const IDLE_BUSY_TICK_MS = 40;

let core: ShardCore | undefined;
let compiler: LuaCompiler | undefined;
let shard = -1;

export default function runTask(task: StartTask | ImageTask | StopTask | Uint8Array): unknown {
  if (!(task instanceof Uint8Array)) {
    if ('image' in task) return addImage(task.image);
    if ('start' in task) start(task.start);
    else stop();
    return undefined;
  }
  const envelope = unpackEnvelope<ShardTask>(task);
  if (core === undefined || core.generation !== envelope.generation) {
    throw new HekateError('HKT_SANDBOX_LOST', [shard, 'the thread was replaced']);
  }
  switch (envelope.kind) {
    case 'batch':
      return move(packEnvelope(core.run(envelope)));
    case 'load':
      return move(packEnvelope(core.load(envelope)));
    case 'state':
      return move(packEnvelope(core.states(envelope)));
    case 'poll':
      return move(packEnvelope(core.poll(envelope)));
    case 'test':
      return move(packEnvelope(core.test(envelope)));
    default:
      return envelope satisfies never;
  }
}

function start(options: StartTask['start']): void {
  enlargeGuestStack();
  compileInThread();
  // For a thread that ends by itself; one that is ended from outside is told to stop before.
  process.once('exit', () => GuestIsolate.disposeAll());
  shard = options.shard;
  const made = new ShardCore({
    generation: options.generation,
    messageBytes: options.messageBytes,
    isolates: options.isolates,
    extensions: options.extensions,
    ...(options.control === undefined ? {} : { control: options.control }),
    ...(options.port === undefined ? {} : { deliver: deliverTo(options.port) }),
    compile: (request) => compiler?.compile(request) ?? noCompiler(request),
  });
  core = made;
  lookForIdle(made);
}

/** Posts what an input injected; the main thread counts it off in the control words as it takes it. */
function deliverTo(port: MessagePort): (report: Uint8Array<ArrayBuffer>) => void {
  return (report) => port.postMessage(report, [report.buffer]);
}

function stop(): void {
  core = undefined;
  compiler = undefined;
  GuestIsolate.disposeAll();
}

/** Goes on for the life of the thread, between tasks. */
function lookForIdle(made: ShardCore): void {
  compiler?.collectIdle();
  const collected = made.collectIdle();
  setTimeout(() => lookForIdle(made), collected > 0 ? IDLE_BUSY_TICK_MS : IDLE_TICK_MS).unref();
}

function addImage(image: ImageTask['image']): ImageAnswer {
  const { name, snapshot: bytes } = image;
  const snapshot =
    bytes === undefined
      ? IsolateSnapshot.make(image.code ?? '', image.warmUp === true ? warmUp(name) : undefined)
      : IsolateSnapshot.adopt(bytes);
  const made = bytes === undefined ? { snapshot: snapshot.bytes } : {};
  if (name !== 'compiler') {
    core?.addEngine(name, snapshot);
    return made;
  }
  const { version = '', folder } = image;
  const files = folder === undefined ? undefined : CompiledFiles.open(folder, version, FILE_BOUNDS);
  const unusable = typeof files === 'string';
  compiler = new LuaCompiler({ snapshot, version, files: unusable ? undefined : files });
  return unusable ? { ...made, warning: files } : made;
}

const FILE_BOUNDS = { count: limits.compileFiles.value, bytes: limits.compileFileBytes.value };

function warmUp(name: ShardImage): string {
  return name === 'compiler' ? compilerWarmUp() : sandboxWarmUp(name, compileNow);
}

/** Compiles a script of our own. Throws its error. */
function compileNow(source: string, chunkName: string): string {
  const result = compiler?.compile({ source, chunkName, coroutines: false, lasting: false });
  if (result !== undefined && 'code' in result) return result.code.toString();
  throw new HekateError('HKT_SANDBOX_INTERNAL', [`warm-up: ${result?.error ?? 'no compiler'}`]);
}
