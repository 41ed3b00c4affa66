/**
 * Brings the states of preserving filters from their shards to disk: at checkpoints, at their end, and for a reload.
 * The newest state that a shard gave wins, whatever the order of the writes; one that could not be written stays here
 * and is tried again at the next checkpoint, because a shard hands out each state once.
 */
import type { Shard } from '../cells/cell.ts';
import type { Logger } from '../plugin.ts';
import type { StateAnswer } from '../protocol/batch.ts';
import { errorText, HekateError } from '../protocol/errors.ts';
import type { StateKeeper } from '../sandboxes/state-keeper.ts';
import type { RunningFilter } from './running-filter.ts';

/** Sandboxes that one task asks: a shard writes states in one go, and its other work waits. */
const SANDBOXES_PER_TASK = 16;

export class FilterStates {
  readonly #keeper: StateKeeper;
  readonly #log: Logger;
  /** The newest state of each filter that is not on disk. */
  readonly #unwritten = new Map<string, Uint8Array>();

  constructor(keeper: StateKeeper, log: Logger) {
    this.#keeper = keeper;
    this.#log = log;
  }

  /** The state to start a filter with; undefined when it keeps none or has none yet. */
  async of(filter: RunningFilter): Promise<Uint8Array | undefined> {
    if (!filter.definition.preserveData) return undefined;
    return this.#unwritten.get(filter.name) ?? (await this.#keeper.read(filter.name));
  }

  /** Writes the states of those filters that ran since their last checkpoint. Never rejects. */
  async checkpoint(filters: readonly RunningFilter[]): Promise<void> {
    const preserving = filters.filter((filter) => filter.definition.preserveData);
    const late = preserving.filter((f) => !f.changed && this.#unwritten.has(f.name));
    await Promise.all([
      this.#collect(
        preserving.filter((filter) => filter.changed),
        false,
      ),
      this.#writeAll(late),
    ]);
  }

  /** Asks for the filters' states, ends their sandboxes and writes the states. Never rejects: what is lost is logged. */
  async end(filters: readonly RunningFilter[]): Promise<void> {
    await this.#collect(filters, true);
    for (const { name } of filters) this.#unwritten.delete(name);
  }

  /** Brings a filter's state up to date for its successor. Rejects when the shard cannot give it. */
  async handOver(filter: RunningFilter): Promise<void> {
    const { shard } = filter.queue;
    const answer = await shard.states({ kind: 'state', sandboxes: [filter.id], end: false });
    const error = answer.states[0]?.error;
    if (error !== undefined) throw new HekateError('HKT_STATE_WRITE', [filter.name, error]);
    this.#take(answer.states, new Map([[filter.id, filter]]));
    await this.#write(filter);
  }

  async #collect(filters: readonly RunningFilter[], end: boolean): Promise<void> {
    const byShard = Map.groupBy(filters, (filter) => filter.queue.shard);
    await Promise.all(
      [...byShard].map(async ([shard, group]) => {
        for (let i = 0; i < group.length; i += SANDBOXES_PER_TASK) {
          await this.#collectSome(shard, group.slice(i, i + SANDBOXES_PER_TASK), end);
        }
      }),
    );
  }

  async #collectSome(shard: Shard, group: readonly RunningFilter[], end: boolean): Promise<void> {
    const byId = new Map(group.map((filter) => [filter.id, filter]));
    for (const filter of group) filter.changed = false;
    try {
      const answer = await shard.states({ kind: 'state', sandboxes: [...byId.keys()], end });
      this.#take(answer.states, byId);
    } catch (error) {
      // The thread is gone; its filters come back from older states, which are still there.
      for (const filter of group) filter.changed = true;
      this.#log.error(`states of shard ${shard.index}: ${errorText(error)}`);
    }
    await this.#writeAll(group);
  }

  #take(states: StateAnswer['states'], byId: ReadonlyMap<number, RunningFilter>): void {
    for (const { sandbox, state, error } of states) {
      const filter = byId.get(sandbox);
      if (filter === undefined) continue;
      if (error !== undefined) this.#log.error(`Plugin '${filter.name}' error: ${error}`);
      if (state !== undefined) this.#unwritten.set(filter.name, state);
    }
  }

  async #writeAll(filters: readonly RunningFilter[]): Promise<void> {
    await Promise.all(filters.map((filter) => this.#write(filter)));
  }

  async #write({ name }: RunningFilter): Promise<void> {
    const state = this.#unwritten.get(name);
    if (state === undefined) return;
    try {
      await this.#keeper.write(name, state);
      // A newer one may have come meanwhile, with a write of its own.
      if (this.#unwritten.get(name) === state) this.#unwritten.delete(name);
    } catch (failure) {
      this.#log.error(`Plugin '${name}' error: ${errorText(failure)}`);
    }
  }
}
