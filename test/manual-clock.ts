/**
 * A clock that tests drive: time stands still until `advance` moves it, and due timers run in order of their time.
 * A timer that a callback sets within the advanced span runs in the same call.
 */
import type { Clock } from '../lib/plugin.ts';

interface PendingTimer {
  readonly atMs: number;
  readonly sequence: number;
  readonly callback: () => void;
}

/** 2024-01-02T03:04:05.000Z */
export const MANUAL_START_MS = Date.UTC(2024, 0, 2, 3, 4, 5);

export class ManualClock implements Clock {
  #nowMs: number;
  #sequence = 0;
  readonly #timers = new Set<PendingTimer>();

  constructor(startMs: number = MANUAL_START_MS) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  nowNs(): bigint {
    return BigInt(this.#nowMs) * 1_000_000n;
  }

  after(ms: number, callback: () => void): Disposable {
    const timer = { atMs: this.#nowMs + Math.max(0, ms), sequence: this.#sequence++, callback };
    this.#timers.add(timer);
    return { [Symbol.dispose]: () => void this.#timers.delete(timer) };
  }

  /** Timers that were set and have not fired. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Milliseconds until the next timer, or undefined when none is set. */
  get nextInMs(): number | undefined {
    const next = this.#next(Number.POSITIVE_INFINITY);
    return next === undefined ? undefined : next.atMs - this.#nowMs;
  }

  /** Moves time on by `ms` and fires what becomes due on the way. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (let timer = this.#next(endMs); timer !== undefined; timer = this.#next(endMs)) {
      this.#timers.delete(timer);
      this.#nowMs = Math.max(this.#nowMs, timer.atMs);
      timer.callback();
    }
    this.#nowMs = endMs;
  }

  /** As `advance`, and lets promises and I/O callbacks that are already due run between the timers. */
  async advanceAsync(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await turn();
    for (let timer = this.#next(endMs); timer !== undefined; timer = this.#next(endMs)) {
      this.#timers.delete(timer);
      this.#nowMs = Math.max(this.#nowMs, timer.atMs);
      timer.callback();
      await turn();
    }
    this.#nowMs = endMs;
    await turn();
  }

  #next(endMs: number): PendingTimer | undefined {
    let next: PendingTimer | undefined;
    for (const timer of this.#timers) {
      if (timer.atMs > endMs) continue;
      if (
        next === undefined ||
        timer.atMs < next.atMs ||
        (timer.atMs === next.atMs && timer.sequence < next.sequence)
      ) {
        next = timer;
      }
    }
    return next;
  }
}

/** One turn of the event loop. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
