/**
 * The daemon's own cell: one Piscina with exactly one thread per shard, because a sandbox's isolate lives in the thread
 * that made it. A shard gets what its isolates are made from when the first sandbox needs it.
 *
 * Piscina replaces a thread that dies without a word; the generation in every task makes the successor refuse what was
 * meant for the dead one, and `onReplaced` tells the filter host to bring the sandboxes back.
 */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { move, Piscina } from 'piscina';
import { codeFromStrings } from '../../native-limits/code-generation.ts';
import { threadStackMib } from '../../native-limits/guest-stack.ts';
import { limits } from '../../native-limits/limits.ts';
import type { ShardImage } from '../../workers/isolate-bundles.ts';
import { shardEntry } from '../entry-urls.ts';
import type {
  Batch,
  Delivered,
  EngineName,
  LoadAnswer,
  LoadTask,
  PollAnswer,
  PollTask,
  Report,
  ShardAnswer,
  StateAnswer,
  StateTask,
  TestAnswer,
  TestTask,
} from '../protocol/batch.ts';
import {
  BATCH_PROTOCOL_VERSION,
  DEFAULT_ENGINE,
  packEnvelope,
  unpackEnvelope,
} from '../protocol/batch.ts';
import { errorText, HekateError } from '../protocol/errors.ts';
import type { Cell, Shard, Unstamped } from './cell.ts';
import { extensionCode } from './isolate-code.ts';
import { type ImageSource, ShardImages } from './shard-images.ts';

/** Tasks that may wait in the thread; the router's own bound on batches is lower, loads come on top. */
const TASKS_IN_THREAD = 4096;

export interface ThreadCellOptions {
  readonly shards: number;
  /** Largest message, bytes. */
  readonly messageBytes: number;
  /** What runs inside isolates, whatever the engine; default: Hekate's own. */
  readonly code?: string;
  /** The engine that most sandboxes ask for: it is ready when the cell has started. Default: the system's default. */
  readonly engine?: EngineName;
  /** Folder of compiled code that outlives the process; none by default. */
  readonly compiledFolder?: string;
  /** May code be made from strings? Without it the interpreter takes the compiled engine's place. Default: asks V8. */
  readonly codeFromStrings?: boolean;
  /** Gets what the operator should know. */
  readonly warn?: (text: string) => void;
  /** What isolates are made from, when another cell of the process has it already. */
  readonly images?: ShardImages;
  /** For the thread of one input or output: words of ControlWord. */
  readonly control?: SharedArrayBuffer;
  /** Gets what an input injects in the middle of a call. */
  readonly onDelivered?: (delivered: Delivered) => void;
  /** What runs in the threads; default: workers/shard.ts. Tests wrap it, to end a thread where they want. */
  readonly entry?: URL;
}

type RunOptions = Parameters<Piscina['run']>[1];

class ThreadShard implements Shard {
  readonly index: number;
  readonly #pool: Piscina;
  readonly #messageBytes: number;
  readonly #isolates: number;
  readonly #images: ShardImages;
  readonly #interpretAll: boolean;
  readonly #warn: (text: string) => void;
  readonly #control: SharedArrayBuffer | undefined;
  readonly #onDelivered: ((delivered: Delivered) => void) | undefined;
  #deliveries: MessagePort | undefined;
  #generation = 0;
  #started = false;
  /** What this life of the thread has, or is being given. */
  #has = new Map<ShardImage, Promise<void>>();
  /** Engines whose sandboxes it has been asked for: each life has them from its start. */
  readonly #engines = new Set<EngineName>();
  /** The start of the thread's next life, or what a first sandbox of an engine needs, while it is under way. */
  #starting: Promise<void> | undefined;
  /** The thread's next life could not be started: the next task tries again. */
  #dead = false;
  #replaced: ((shard: Shard, reason: string) => void) | undefined;
  #closed = false;

  constructor(index: number, options: ThreadCellOptions, images: ShardImages) {
    this.index = index;
    this.#images = images;
    this.#interpretAll = !(options.codeFromStrings ?? codeFromStrings());
    this.#warn = options.warn ?? (() => undefined);
    this.#control = options.control;
    this.#onDelivered = options.onDelivered;
    this.#messageBytes = options.messageBytes;
    this.#isolates = Math.floor(limits.isolatesPerProcess.value / options.shards);
    this.#pool = new Piscina({
      filename: (options.entry ?? shardEntry).href,
      minThreads: 1,
      maxThreads: 1,
      // All tasks go to the thread at once and run there in order: no round trip between two batches.
      concurrentTasksPerWorker: TASKS_IN_THREAD,
      maxQueue: Number.POSITIVE_INFINITY,
      idleTimeout: Number.POSITIVE_INFINITY,
      resourceLimits: { stackSizeMb: threadStackMib },
      // 'sync' would stop the thread's event loop between tasks.
      atomics: 'disabled',
      recordTiming: false,
    });
    // Piscina says so when a thread dies that had no task; without a listener that would end the process. The thread's own
    // events tell the same, see #watch.
    this.#pool.on('error', () => undefined);
  }

  get generation(): number {
    return this.#generation;
  }

  set onReplaced(listener: (shard: Shard, reason: string) => void) {
    this.#replaced = listener;
  }

  /** Starts the shard in its thread, with what sandboxes of its engines need. */
  async start(): Promise<void> {
    this.#has = new Map();
    const start = {
      shard: this.index,
      generation: this.#generation,
      messageBytes: this.#messageBytes,
      isolates: this.#isolates,
      extensions: await extensionCode(),
      ...(this.#control === undefined ? {} : { control: this.#control }),
    };
    const port = this.#openPort();
    if (port === undefined) await this.#pool.run({ start });
    else {
      // Piscina's type for the list is that of browsers' ports.
      const moved = { transferList: [port] } as unknown as NonNullable<RunOptions>;
      await this.#pool.run({ start: { ...start, port } }, moved);
    }
    this.#watch();
    this.#started = true;
    for (const engine of this.#engines) await this.#equip(engine);
  }

  /** A new way out for what an input injects; the old one went with its thread. */
  #openPort(): MessagePort | undefined {
    const onDelivered = this.#onDelivered;
    this.#deliveries?.close();
    if (onDelivered === undefined) return undefined;
    const { port1, port2 } = new MessageChannel();
    port1.on('message', (bytes: Uint8Array) => onDelivered(unpackEnvelope<Delivered>(bytes)));
    port1.unref();
    this.#deliveries = port1;
    return port2;
  }

  /** The engine that runs what asks for `engine`. */
  engineFor(engine: EngineName): EngineName {
    return this.#interpretAll ? 'interpreted' : engine;
  }

  /** Sandboxes of this engine will come. To be called before the start. */
  expect(engine: EngineName): void {
    this.#engines.add(this.engineFor(engine));
  }

  /** Brings what sandboxes of an engine are made from, once per life of the thread. */
  async #equip(engine: EngineName): Promise<void> {
    const has = this.#has;
    for (const name of this.#images.needed(engine)) {
      let bringing = has.get(name);
      if (bringing === undefined) {
        bringing = this.#images.bring(name, (source) => this.#addImage(source));
        has.set(name, bringing);
        bringing.catch(() => has.delete(name)); // the next sandbox tries again
      }
      await bringing;
    }
  }

  /**
   * Brings an engine's images for the first sandbox that asks for it. Tasks wait meanwhile, so that they keep their order.
   * When it fails the shard refuses the sandbox, and the next one tries again.
   */
  #equipLater(engine: EngineName): void {
    const before = this.#starting;
    const equipped = (async () => {
      await before;
      try {
        await this.#equip(engine);
        this.#engines.add(engine);
      } catch (error) {
        this.#warn(`the ${engine} engine cannot be started: ${errorText(error)}`);
      }
    })();
    this.#hold(equipped);
  }

  /** Lets tasks wait for a promise; they fail when it does. */
  #hold(until: Promise<void>): void {
    const free = () => {
      if (this.#starting === until) this.#starting = undefined;
    };
    this.#starting = until;
    until.then(free, free);
  }

  /** Resolves with the snapshot's bytes when the shard made it. */
  async #addImage(image: ImageSource): Promise<ArrayBuffer | undefined> {
    const answer: unknown = await this.#pool.run({ image });
    const { snapshot, warning } = answer as { snapshot?: ArrayBuffer; warning?: string }; // ImageAnswer of shard.ts
    if (warning !== undefined && this.index === 0) {
      this.#warn(`compiled code is not kept on disk: ${warning}`);
    }
    return snapshot;
  }

  /**
   * Notices the thread's end by whichever event comes first: an uncaught error is told before the exit, and a task sent in
   * between would meet a thread that was not started.
   */
  #watch(): void {
    let gone = false;
    const end = (reason: string): void => {
      if (gone || this.#closed) return;
      gone = true;
      this.#restart(reason);
    };
    const thread = this.#pool.threads[0];
    thread?.once('error', (error) => end(`worker thread failed: ${errorText(error)}`));
    thread?.once('exit', (code) => end(`worker thread exited with code ${code}`));
  }

  run(batch: Unstamped<Batch>): Promise<Report> {
    return this.#send<Report>(batch);
  }

  load(task: Unstamped<LoadTask>): Promise<LoadAnswer> {
    const engine = this.engineFor(task.spec.engine);
    if (!this.#engines.has(engine)) this.#equipLater(engine);
    return this.#send<LoadAnswer>({ ...task, spec: { ...task.spec, engine } });
  }

  states(task: Unstamped<StateTask>): Promise<StateAnswer> {
    return this.#send<StateAnswer>(task);
  }

  poll(task: Unstamped<PollTask>): Promise<PollAnswer> {
    return this.#send<PollAnswer>(task);
  }

  test(task: Unstamped<TestTask>): Promise<TestAnswer> {
    return this.#send<TestAnswer>(task);
  }

  /** Every rejection means that the task was lost with its thread. */
  async #send<T extends ShardAnswer>(
    task:
      | Unstamped<Batch>
      | Unstamped<LoadTask>
      | Unstamped<StateTask>
      | Unstamped<PollTask>
      | Unstamped<TestTask>,
  ): Promise<T> {
    if (this.#dead) this.#revive();
    // Packed before anything is awaited: the bytes are the caller's, who may go on filling its buffer.
    const bytes = packEnvelope({
      ...task,
      version: BATCH_PROTOCOL_VERSION,
      generation: this.#generation,
    });
    let answer: unknown;
    try {
      // Not awaited when the shard runs, so that tasks reach the thread in the order of the calls.
      if (this.#starting !== undefined) await this.#starting;
      answer = await this.#pool.run(move(bytes));
    } catch (error) {
      throw new HekateError('HKT_SANDBOX_LOST', [this.index, errorText(error)], error);
    }
    return unpackEnvelope<T>(answer as Uint8Array); // shard.ts answers every envelope with one
  }

  /** The thread is gone: numbers the next life and starts the shard in the thread that took its place. */
  #restart(reason: string): void {
    this.#generation++;
    this.#revive();
    this.#replaced?.(this, reason);
  }

  #revive(): void {
    if (!this.#started) return; // the first start reports its own failure
    this.#dead = false;
    const starting = this.start();
    this.#hold(starting);
    starting.catch(() => {
      this.#dead = true;
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    // After what runs, and before the thread is ended: its isolates must be gone by then.
    await this.#pool.run({ stop: true }).catch(() => undefined); // a thread that died has none
    await this.#pool.close();
    this.#deliveries?.close();
  }
}

export class ThreadCell implements Cell {
  readonly #shards: readonly ThreadShard[];

  /** What its isolates are made from, for other cells of the process. */
  readonly images: ShardImages;

  private constructor(shards: readonly ThreadShard[], images: ShardImages) {
    this.#shards = shards;
    this.images = images;
  }

  /** Starts all shards; resolves when each can load sandboxes. */
  static async start(options: ThreadCellOptions): Promise<ThreadCell> {
    const images =
      options.images ?? new ShardImages({ code: options.code, folder: options.compiledFolder });
    const shards = Array.from(
      { length: options.shards },
      (_, index) => new ThreadShard(index, options, images),
    );
    const cell = new ThreadCell(shards, images);
    const engine = options.engine ?? DEFAULT_ENGINE;
    try {
      for (const shard of shards) shard.expect(engine);
      await Promise.all(shards.map((shard) => shard.start()));
    } catch (error) {
      await cell.close();
      throw error;
    }
    const [first] = shards;
    if (first !== undefined && first.engineFor(engine) !== engine) {
      options.warn?.('code from strings is switched off: all sandboxes are interpreted');
    }
    return cell;
  }

  get shards(): readonly Shard[] {
    return this.#shards;
  }

  onReplaced(listener: (shard: Shard, reason: string) => void): void {
    for (const shard of this.#shards) shard.onReplaced = listener;
  }

  async close(): Promise<void> {
    await Promise.all(this.#shards.map((shard) => shard.close()));
  }
}
