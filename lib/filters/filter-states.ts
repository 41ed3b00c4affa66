/**
 * Brings the states of preserving filters from their shards to disk: at checkpoints, at their end, and for a reload.
 * A write that fails leaves the last file whole and is tried again at the next checkpoint.
 */
import type { Logger } from '../plugin.ts';
import type { StateAnswer } from '../protocol/batch.ts';
import { errorText } from '../protocol/errors.ts';
import type { RunningFilter } from './running-filter.ts';

/** Where preserved states live. */
export interface StateKeeper {
  read(name: string): Promise<Uint8Array | undefined>;
  write(name: string, state: Uint8Array): Promise<void>;
}

export class FilterStates {
  readonly #keeper: StateKeeper;
  readonly #log: Logger;

  constructor(keeper: StateKeeper, log: Logger) {
    this.#keeper = keeper;
    this.#log = log;
  }

  /** The state to start a filter with; undefined when it keeps none or has none yet. */
  async of(filter: RunningFilter): Promise<Uint8Array | undefined> {
    return filter.definition.preserveData ? await this.#keeper.read(filter.name) : undefined;
  }

  /** Writes the states of those filters that ran since their last checkpoint. */
  async checkpoint(filters: readonly RunningFilter[]): Promise<void> {
    const changed = filters.filter((f) => f.changed && f.definition.preserveData);
    for (const filter of changed) filter.changed = false;
    try {
      await this.collect(changed, false);
    } catch (error) {
      // The shard is gone; its filters come back from older states, which are still there.
      for (const filter of changed) filter.changed = true;
      this.#log.error(`checkpoint: ${errorText(error)}`);
    }
  }

  /** Asks shards for the filters' states and writes them; with `end` the sandboxes are gone afterwards. */
  async collect(filters: readonly RunningFilter[], end: boolean): Promise<void> {
    const byShard = Map.groupBy(filters, (filter) => filter.queue.shard);
    await Promise.all(
      [...byShard].map(async ([shard, group]) => {
        const byId = new Map(group.map((filter) => [filter.id, filter]));
        const answer = await shard.states({ kind: 'state', sandboxes: [...byId.keys()], end });
        await this.#write(answer.states, byId);
      }),
    );
  }

  async #write(
    states: StateAnswer['states'],
    byId: ReadonlyMap<number, RunningFilter>,
  ): Promise<void> {
    for (const { sandbox, state, error } of states) {
      const filter = byId.get(sandbox);
      if (filter === undefined) continue;
      if (error !== undefined) this.#log.error(`Plugin '${filter.name}' error: ${error}`);
      if (state === undefined) continue;
      try {
        await this.#keeper.write(filter.name, state);
      } catch (failure) {
        filter.changed = true;
        this.#log.error(`Plugin '${filter.name}' error: ${errorText(failure)}`);
      }
    }
  }
}
