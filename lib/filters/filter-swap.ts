/**
 * Stands in for a filter while a reload brings up its successor: takes every message that either of the two wants, in
 * order, and hands them to the one that stays. No message is missed and none is given to both.
 */
import type { Pack } from '../protocol/pack.ts';
import type { Subscription } from '../router/router.ts';
import type { RunningFilter } from './running-filter.ts';

/** Messages, and bytes of them, that a swap may hold before the router is blocked. */
const HELD_MESSAGES = 4096;
const HELD_BYTES = 16 * 1024 * 1024;

export class FilterSwap implements Subscription {
  readonly kind = 'filter';
  readonly signer = '';
  readonly matcher = { matches: () => true };
  readonly #old: RunningFilter;
  readonly #fresh: RunningFilter;
  readonly #held: Pack[] = [];
  #bytes = 0;

  constructor(old: RunningFilter, fresh: RunningFilter) {
    this.#old = old;
    this.#fresh = fresh;
  }

  get name(): string {
    return this.#old.name;
  }

  deliver(pack: Pack): Promise<void> | undefined {
    if (this.#old.wants(pack) || this.#fresh.wants(pack)) {
      this.#held.push(pack);
      this.#bytes += pack.message.bytes.length;
    }
    return undefined;
  }

  full(): boolean {
    return this.#held.length >= HELD_MESSAGES || this.#bytes >= HELD_BYTES;
  }

  /**
   * Gives what was held to the filter that stays. Call it before that one is subscribed and before this is unsubscribed:
   * what follows must come after it, and nothing may be routed in between.
   */
  settle(stays: RunningFilter): void {
    for (const pack of this.#held.splice(0)) {
      if (stays.wants(pack)) stays.deliver(pack);
    }
  }

  /** Messages that the old filter would have got and that nobody gets, because it ended and no other took its place. */
  get lost(): number {
    return this.#held.filter((pack) => this.#old.wants(pack)).length;
  }
}
