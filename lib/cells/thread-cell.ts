/**
 * The daemon's own cell: one Piscina with exactly one thread per shard, because a sandbox's isolate lives in the thread
 * that made it. The first shard makes the startup snapshot, the others adopt its bytes.
 *
 * Piscina replaces a thread that dies without a word; the generation in every task makes the successor refuse what was
 * meant for the dead one, and `onReplaced` tells the filter host to bring the sandboxes back.
 */
import { move, Piscina } from 'piscina';
import { shardEntry } from '../entry-urls.ts';
import {
  BATCH_PROTOCOL_VERSION,
  packEnvelope,
  unpackEnvelope,
} from '../protocol/batch.ts';
import type { Batch, LoadAnswer, LoadTask, Report, ShardAnswer, StateAnswer, StateTask } from '../protocol/batch.ts';
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
}

class ThreadShard implements Shard {
  readonly index: number;
  readonly #pool: Piscina;
  readonly #messageBytes: number;
  #generation = 0;
  #snapshot: ArrayBuffer | undefined;
  #starting: Promise<void> | undefined;
  #replaced: ((shard: Shard, reason: string) => void) | undefined;
  #closed = false;

  constructor(index: number, messageBytes: number) {
    this.index = index;
    this.#messageBytes = messageBytes;
    this.#pool = new Piscina({
      filename: shardEntry.href,
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
  }

  get generation(): number {
    return this.#generation;
  }

  set onReplaced(listener: (shard: Shard, reason: string) => void) {
    this.#replaced = listener;
  }

  /** Starts the shard in its thread. Returns the snapshot's bytes for the other shards. */
  async start(source: { readonly code: string } | { readonly snapshot: ArrayBuffer }): Promise<ArrayBuffer> {
    const snapshot: unknown = await this.#pool.run({
      start: {
        shard: this.index,
        generation: this.#generation,
        messageBytes: this.#messageBytes,
        ...source,
      },
    });
    const thread = this.#pool.threads[0];
    thread?.once('exit', (code) => {
      if (!this.#closed) this.#restart(`worker thread exited with code ${code}`);
    });
    this.#snapshot = snapshot as ArrayBuffer; // what the shard's start returns
    return this.#snapshot;
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
    // Not awaited when the shard runs, so that tasks reach the thread in the order of the calls.
    if (this.#starting !== undefined) await this.#starting;
    const bytes = packEnvelope({
      ...task,
      version: BATCH_PROTOCOL_VERSION,
      generation: this.#generation,
    });
    let answer: unknown;
    try {
      answer = await this.#pool.run(move(bytes));
    } catch (error) {
      throw new HekateError('HKT_SANDBOX_LOST', [this.index, errorText(error)], error);
    }
    return unpackEnvelope<T>(answer as Uint8Array); // shard.ts answers every envelope with one
  }

  /** The thread is gone: numbers the next life and starts the shard in the thread that took its place. */
  #restart(reason: string): void {
    this.#generation++;
    const snapshot = this.#snapshot;
    if (snapshot === undefined) return; // it never started; the first start reports its own failure
    this.#starting = this.start({ snapshot }).then(() => {
      this.#starting = undefined;
    });
    // A start that fails leaves #starting rejected: every later task fails with its reason.
    this.#starting.catch(() => undefined);
    this.#replaced?.(this, reason);
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
      (_, index) => new ThreadShard(index, options.messageBytes),
    );
    const cell = new ThreadCell(shards);
    try {
      const [first, ...others] = shards;
      if (first !== undefined) {
        const snapshot = await first.start({ code });
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
