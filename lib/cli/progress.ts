/** A line of progress on a terminal, written over itself. Silent when standard error is no terminal. */
import type { Clock } from '../plugin.ts';
import type { CommandIo } from './command.ts';

const INTERVAL_MS = 100;

export class Progress {
  readonly #io: CommandIo;
  readonly #clock: Clock;
  #shownAtMs = Number.NEGATIVE_INFINITY;
  #width = 0;

  constructor(io: CommandIo, clock: Clock) {
    this.#io = io;
    this.#clock = clock;
  }

  /** Shows the text, at most every 100 ms; it is only made when it is shown. */
  show(text: () => string): void {
    if (!this.#io.isTerminal) return;
    const now = this.#clock.now();
    if (now - this.#shownAtMs < INTERVAL_MS) return;
    this.#shownAtMs = now;
    const line = text();
    this.#io.stderr(`\r${line.padEnd(this.#width)}`);
    this.#width = line.length;
  }

  /** Wipes the line, before something else is written. */
  clear(): void {
    if (this.#width === 0) return;
    this.#io.stderr(`\r${' '.repeat(this.#width)}\r`);
    this.#width = 0;
  }
}
