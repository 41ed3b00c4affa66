/**
 * Wakes one waiting loop, by `ring` or after a time. A ring while nobody waits is kept, so that none is missed.
 */
import type { Clock } from './plugin.ts';

export class Alarm {
  readonly #clock: Clock;
  #rung = false;
  #wake: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** Resolves at the next ring, at once when it rang since the last wait, or after `ms`. One waiter at a time. */
  wait(ms?: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#rung) {
        this.#rung = false;
        resolve();
        return;
      }
      const finish = (): void => {
        timer?.[Symbol.dispose]();
        this.#wake = undefined;
        this.#rung = false;
        resolve();
      };
      const timer = ms === undefined ? undefined : this.#clock.after(ms, finish);
      this.#wake = finish;
    });
  }
}
