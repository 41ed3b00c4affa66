/**
 * The daemon's log: information to standard output, errors to standard error, each line behind a prefix that log_flags
 * chooses (Go's bits, as hekad: 1 date, 2 time, 4 microseconds, 32 UTC). A plugin's lines carry its name. Entries quote
 * tenants and peers: nothing in them steers a terminal, and an error is one line, so that it cannot look like two.
 */
import { visibleText } from '../outputs/visible-text.ts';
import type { Clock, Logger } from '../plugin.ts';

const DATE = 1;
const TIME = 2;
const MICROSECONDS = 4;
const UTC = 32;

export interface LogSink {
  out(text: string): void;
  err(text: string): void;
}

export class ConsoleLog implements Logger {
  readonly #sink: LogSink;
  readonly #clock: Clock;
  #flags: number;

  constructor(sink: LogSink, clock: Clock, flags = DATE | TIME) {
    this.#sink = sink;
    this.#clock = clock;
    this.#flags = flags;
  }

  set flags(flags: number) {
    this.#flags = flags;
  }

  info(text: string): void {
    this.#sink.out(`${this.#prefix()}${visibleText(text)}\n`);
  }

  error(text: string): void {
    const line = text.trim().replace(/[\r\n]+/g, ' ');
    this.#sink.err(`${this.#prefix()}${visibleText(line)}\n`);
  }

  /** `kind` is the word upstream puts before the name: Plugin, Input, Decoder or Splitter. */
  named(kind: string, name: string): Logger {
    return {
      info: (text) => this.info(`${kind} '${name}': ${text}`),
      error: (text) => this.error(`${kind} '${name}' error: ${text}`),
    };
  }

  /** `YYYY/MM/DD HH:MM:SS ` as Go's log package writes it. */
  #prefix(): string {
    const flags = this.#flags;
    if ((flags & (DATE | TIME | MICROSECONDS)) === 0) return '';
    const ns = this.#clock.nowNs();
    const ms = Number(ns / 1_000_000n);
    // A date that shows local time when it is read as UTC.
    const shown = new Date(
      (flags & UTC) === 0 ? ms - new Date(ms).getTimezoneOffset() * 60_000 : ms,
    );
    const iso = shown.toISOString();
    let prefix = '';
    if ((flags & DATE) !== 0) prefix += `${iso.slice(0, 10).replaceAll('-', '/')} `;
    if ((flags & (TIME | MICROSECONDS)) !== 0) {
      const micros = String((ns / 1000n) % 1_000_000n).padStart(6, '0');
      prefix += `${iso.slice(11, 19)}${(flags & MICROSECONDS) === 0 ? '' : `.${micros}`} `;
    }
    return prefix;
  }
}
