/**
 * A cell is a set of shards that live and die together: the daemon's own worker threads, or (process cells) a child
 * process. The router and the filter host know shards only through these interfaces.
 */
import type {
  Batch,
  LoadAnswer,
  LoadTask,
  PollAnswer,
  PollTask,
  Report,
  StateAnswer,
  StateTask,
  TestAnswer,
  TestTask,
} from '../protocol/batch.ts';

/** A task as the caller writes it: version and generation are the shard's to fill in. */
export type Unstamped<T> = Omit<T, 'version' | 'generation'>;

export interface Shard {
  readonly index: number;
  /** Grows by one each time the shard's thread was replaced and all its sandboxes were lost. */
  readonly generation: number;
  /** Rejects with HKT_SANDBOX_LOST when the thread died with the batch. */
  run(batch: Unstamped<Batch>): Promise<Report>;
  load(task: Unstamped<LoadTask>): Promise<LoadAnswer>;
  states(task: Unstamped<StateTask>): Promise<StateAnswer>;
  /** Calls an input's process_message; settles when it returns, which may be never. */
  poll(task: Unstamped<PollTask>): Promise<PollAnswer>;
  /** A call of the unit test interface. */
  test(task: Unstamped<TestTask>): Promise<TestAnswer>;
}

export interface Cell {
  readonly shards: readonly Shard[];
  /**
   * Called when a shard's thread died and a new, empty one has taken its place, before any new task reaches it.
   */
  onReplaced(listener: (shard: Shard, reason: string) => void): void;
  /** Waits for what runs, then ends the threads. */
  close(): Promise<void>;
}
