/**
 * When an output writes what it gathered: flush_count messages, flush_interval since the last flush, and the operator
 * that joins the two (Heka 0.11, file_output.go and elasticsearch.go).
 */
import type { Clock } from '../plugin.ts';

export interface FlushOptions {
  readonly count: number;
  /** Milliseconds; 0 switches the interval off. */
  readonly intervalMs: number;
  readonly operator: 'AND' | 'OR';
}

export class FlushRule {
  readonly #options: FlushOptions;
  readonly #clock: Clock;
  readonly #onDue: () => void;
  #count = 0;
  #elapsed = false;
  #timer: Disposable | undefined;

  constructor(options: FlushOptions, clock: Clock, onDue: () => void) {
    this.#options = options;
    this.#clock = clock;
    this.#onDue = onDue;
  }

  get due(): boolean {
    const { count, intervalMs, operator } = this.#options;
    if (this.#count === 0) return false;
    const enough = this.#count >= count;
    if (operator === 'AND') return enough && (intervalMs === 0 || this.#elapsed);
    return enough || (intervalMs > 0 && this.#elapsed);
  }

  /** The interval begins: at the start and after every flush, which may have left some messages. */
  restart(left = 0): void {
    this.#count = left;
    this.#elapsed = false;
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    if (this.#options.intervalMs === 0) return;
    this.#timer = this.#clock.after(this.#options.intervalMs, () => {
      this.#elapsed = true;
      if (this.due) this.#onDue();
    });
  }

  add(): void {
    this.#count++;
    if (this.due) this.#onDue();
  }

  stop(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }
}
