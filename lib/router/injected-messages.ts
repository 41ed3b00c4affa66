/**
 * Reads what sandboxes inject, as an async iterator over a bounded queue. When the queue is full the router is blocked
 * until the reader catches up: nothing is dropped.
 */
import type { Message } from '../protocol/message.ts';
import type { Pack } from '../protocol/pack.ts';
import type { Router, Subscription } from './router.ts';

/** Messages that may wait for the reader. */
const WAITING_MESSAGES = 1024;

export class InjectedMessages implements AsyncIterableIterator<Message> {
  readonly #router: Router;
  readonly #onFinish: () => void;
  readonly #subscription: Subscription;
  #waiting: Message[] = [];
  /** Calls of `next` that wait for a message, in order. */
  readonly #readers: ((result: IteratorResult<Message>) => void)[] = [];
  #finished = false;
  #left = false;

  constructor(router: Router, onFinish: () => void) {
    this.#router = router;
    this.#onFinish = onFinish;
    this.#subscription = {
      name: 'injected',
      kind: 'output',
      signer: '',
      matcher: { matches: () => true },
      deliver: (pack) => this.#take(pack),
      full: () => !this.#finished && this.#waiting.length >= WAITING_MESSAGES,
    };
    router.subscribe(this.#subscription);
  }

  #take(pack: Pack): undefined {
    if (pack.stream !== 0 || this.#left) return; // it came from outside, or nobody reads any more
    const reader = this.#readers.shift();
    if (reader === undefined) this.#waiting.push(pack.message);
    else reader({ done: false, value: pack.message });
  }

  next(): Promise<IteratorResult<Message>> {
    const value = this.#waiting.shift();
    if (value !== undefined) {
      this.#router.wake();
      return Promise.resolve({ done: false, value });
    }
    if (this.#finished) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => {
      this.#readers.push(resolve);
    });
  }

  /** Called when a `for await` loop is left. */
  return(): Promise<IteratorResult<Message>> {
    this.#left = true;
    this.#waiting = [];
    this.finish();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** No more messages come; what waits, here and in the router for this reader, is still read. */
  finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    // Never full from here on: what the router held back for this reader comes now, bounded by the router's queue.
    this.#router.wake();
    this.#router.unsubscribe(this.#subscription);
    this.#onFinish();
    for (const reader of this.#readers.splice(0)) reader({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
