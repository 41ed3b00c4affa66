/**
 * Control messages that wait for their turn: exactly one is worked on at a time, in the order in which they came. Bounded by
 * count and bytes; whoever pushes beyond that is asked to wait, nothing is dropped.
 */
import type { Pack } from '../protocol/pack.ts';

/** Room for a tool that loads a thousand filters without waiting for replies. */
const MAX_WAITING = 1024;
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

export class ControlQueue<T extends { readonly pack: Pack }> {
  readonly #work: (item: T) => Promise<void>;
  readonly #items: T[] = [];
  #bytes = 0;
  #running: Promise<void> | undefined;
  #room: PromiseWithResolvers<void> | undefined;

  /** `work` must not reject. */
  constructor(work: (item: T) => Promise<void>) {
    this.#work = work;
  }

  /** A returned promise settles when there is room again: push no more before that. */
  push(item: T): Promise<void> | undefined {
    this.#items.push(item);
    this.#bytes += item.pack.message.bytes.length;
    this.#running ??= this.#run();
    if (!this.#full) return undefined;
    this.#room ??= Promise.withResolvers<void>();
    return this.#room.promise;
  }

  /** Resolves when everything pushed so far was worked on. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  get #full(): boolean {
    return this.#items.length >= MAX_WAITING || this.#bytes >= MAX_WAITING_BYTES;
  }

  async #run(): Promise<void> {
    // The next turn, so that `push` returns before any work starts.
    await Promise.resolve();
    for (let item = this.#items.shift(); item !== undefined; item = this.#items.shift()) {
      this.#bytes -= item.pack.message.bytes.length;
      if (this.#room !== undefined && !this.#full) {
        this.#room.resolve();
        this.#room = undefined;
      }
      await this.#work(item);
    }
    this.#running = undefined;
  }
}
