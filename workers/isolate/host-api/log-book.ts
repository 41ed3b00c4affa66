/**
 * Log lines of one sandbox until the shard takes them. Bounded by count and bytes; what does not fit is counted
 * and the count becomes a line of its own, so nothing is dropped silently.
 */
import type { LogLine } from '../../../lib/protocol/batch.ts';

/** Severities used here, as syslog numbers them. */
export const LogLevel = { error: 3, warning: 4, debug: 7 } as const;

const LINE_LIMIT = 256;
const BYTE_LIMIT = 65536;

export class LogBook {
  #lines: LogLine[] = [];
  #bytes = 0;
  #dropped = 0;

  get empty(): boolean {
    return this.#lines.length === 0 && this.#dropped === 0;
  }

  write(level: number, text: string): void {
    if (this.#lines.length >= LINE_LIMIT || this.#bytes + text.length > BYTE_LIMIT) {
      this.#dropped++;
      return;
    }
    this.#bytes += text.length;
    this.#lines.push({ level, text });
  }

  /** All lines, oldest first; the book is empty afterwards. */
  take(): readonly LogLine[] {
    const lines = this.#lines;
    if (this.#dropped > 0) {
      lines.push({ level: LogLevel.warning, text: `${this.#dropped} more log lines dropped` });
    }
    this.#lines = [];
    this.#bytes = 0;
    this.#dropped = 0;
    return lines;
  }
}
