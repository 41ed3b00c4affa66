/**
 * The daemon's own cell: one Piscina with exactly one thread per shard, because a sandbox's isolate lives in the thread
 * that made it. The first shard makes the startup snapshot, the others adopt its bytes.
 *
 * Piscina replaces a thread that dies without a word; the generation in every task makes the successor refuse what was
 * meant for the dead one, and `onReplaced` tells the filter host to bring the sandboxes back.
 */
import { move, Piscina } from 'piscina';
import { limits } from '../../native-limits/limits.ts';
import { shardEntry } from '../entry-urls.ts';
import type {
  Batch,
  LoadAnswer,
  LoadTask,
  Report,
  ShardAnswer,
  StateAnswer,
  StateTask,
} from '../protocol/batch.ts';
import { BATCH_PROTOCOL_VERSION, packEnvelope, unpackEnvelope } from '../protocol/batch.ts';
import { errorText, HekateError } from '../protocol/errors.ts';
import type { Cell, Shard, Unstamped } from './cell.ts';
import { isolateCode } from './isolate-code.ts';

/** Tasks that may wait in the thread; the router's own bound on batches is lower, loads come on top. */
const TASKS_IN_THREAD = 4096;

export interface ThreadCellOptions {
  readonly shards: number;
  /** Largest message, bytes. */
  readonly messageBytes: number;
  /** What runs inside isolates; default: Hekate's own. */
  readonly code?: string;
  /** What runs in the threads; default: workers/shard.ts. Tests wrap it, to end a thread where they want. */
  readonly entry?: URL;
}

class ThreadShard implements Shard {
  readonly index: number;
  readonly #pool: Piscina;
  readonly #messageBytes: number;
  readonly #isolates: number;
  #generation = 0;
  #snapshot: ArrayBuffer | undefined;
  /** The start of the thread's next life while it is under way. */
  #starting: Promise<void> | undefined;
  /** The thread's next life could not be started: the next task tries again. */
  #dead = false;
  #replaced: ((shard: Shard, reason: string) => void) | undefined;
  #closed = false;

  constructor(index: number, options: ThreadCellOptions) {
    this.index = index;
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

  /** Starts the shard in its thread. Returns the snapshot's bytes for the other shards. */
  async start(
    source:
      | { readonly code: string; readonly warmUp: boolean }
      | { readonly snapshot: ArrayBuffer },
  ): Promise<ArrayBuffer> {
    const snapshot: unknown = await this.#pool.run({
      start: {
        shard: this.index,
        generation: this.#generation,
        messageBytes: this.#messageBytes,
        isolates: this.#isolates,
        ...source,
      },
    });
    this.#watch();
    this.#snapshot = snapshot as ArrayBuffer; // what the shard's start returns
    return this.#snapshot;
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
    return this.#send<LoadAnswer>(task);
  }

  states(task: Unstamped<StateTask>): Promise<StateAnswer> {
    return this.#send<StateAnswer>(task);
  }

  /** Every rejection means that the task was lost with its thread. */
  async #send<T extends ShardAnswer>(
    task: Unstamped<Batch> | Unstamped<LoadTask> | Unstamped<StateTask>,
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
    const snapshot = this.#snapshot;
    if (snapshot === undefined) return; // it never started; the first start reports its own failure
    this.#dead = false;
    const starting = this.start({ snapshot }).then(
      () => {
        this.#starting = undefined;
      },
      (error: unknown) => {
        this.#starting = undefined;
        this.#dead = true;
        throw error;
      },
    );
    this.#starting = starting;
    // Whoever sends a task meanwhile gets the reason; nobody may be there.
    starting.catch(() => undefined);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#pool.close();
  }
}

export class ThreadCell implements Cell {
  readonly #shards: readonly ThreadShard[];

  private constructor(shards: readonly ThreadShard[]) {
    this.#shards = shards;
  }

  /** Starts all shards; resolves when each can load sandboxes. */
  static async start(options: ThreadCellOptions): Promise<ThreadCell> {
    const code = options.code ?? (await isolateCode());
    const shards = Array.from(
      { length: options.shards },
      (_, index) => new ThreadShard(index, options),
    );
    const cell = new ThreadCell(shards);
    try {
      const [first, ...others] = shards;
      if (first !== undefined) {
        const snapshot = await first.start({ code, warmUp: options.code === undefined });
        await Promise.all(others.map((shard) => shard.start({ snapshot })));
      }
    } catch (error) {
      await cell.close();
      throw error;
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
