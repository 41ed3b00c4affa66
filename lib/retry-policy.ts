/**
 * How often and how fast something is tried again: the [<plugin>.retries] settings. The wait doubles from `delay` to
 * `max_delay`, and a random part of up to `max_jitter` is added to each wait (as Heka 0.11 retries).
 */
import type { Clock } from './plugin.ts';
import { HekateError } from './protocol/errors.ts';

export interface RetryOptions {
  readonly delayMs: number;
  readonly maxDelayMs: number;
  readonly maxJitterMs: number;
  /** -1: for ever; 0: never. */
  readonly maxRetries: number;
}

export const DEFAULT_RETRIES: RetryOptions = {
  delayMs: 250,
  maxDelayMs: 30_000,
  maxJitterMs: 500,
  maxRetries: -1,
};

export class RetryPolicy {
  readonly #options: RetryOptions;
  readonly #clock: Clock;
  readonly #random: () => number;
  #times = 0;
  #delayMs: number;

  /** `random` gives a number from 0 to below 1. */
  constructor(options: RetryOptions, clock: Clock, random: () => number = Math.random) {
    this.#options = options;
    this.#clock = clock;
    this.#random = random;
    this.#delayMs = options.delayMs;
  }

  /** Attempts since the last success. */
  get times(): number {
    return this.#times;
  }

  /** Milliseconds until the next attempt, which counts as used. Throws HKT_PLUGIN_RETRIES when there is none. */
  next(): number {
    const { maxRetries, maxDelayMs, maxJitterMs } = this.#options;
    if (maxRetries >= 0 && this.#times >= maxRetries) {
      throw new HekateError('HKT_PLUGIN_RETRIES', [maxRetries]);
    }
    const waitMs = this.#delayMs + this.#random() * maxJitterMs;
    this.#delayMs = Math.min(this.#delayMs * 2, maxDelayMs);
    this.#times++;
    return waitMs;
  }

  /** Waits for the next attempt; returns at once when `signal` is aborted. Throws HKT_PLUGIN_RETRIES. */
  wait(signal?: AbortSignal): Promise<void> {
    const waitMs = this.next();
    return pause(waitMs, this.#clock, signal);
  }

  /** The operation succeeded: counting starts anew. */
  reset(): void {
    this.#times = 0;
    this.#delayMs = this.#options.delayMs;
  }
}

/** Resolves after `ms`, or at once when `signal` is aborted. */
export function pause(ms: number, clock: Clock, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const finish = (): void => {
      timer[Symbol.dispose]();
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const timer = clock.after(ms, finish);
    signal?.addEventListener('abort', finish, { once: true });
  });
}
