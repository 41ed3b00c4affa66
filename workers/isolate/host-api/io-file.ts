/**
 * A file of the io library, as C's stdio has it: one buffer for what was read and not taken, one for what was written and
 * not passed on, both inside the isolate, because a call to the host costs about a microsecond.
 *
 *   file            ──────────────┬───────────────────┬─────────
 *   reading                       taken ▸ unread text │ host's position
 *   writing         host's position ▸ pending text
 *
 * At most one of the two holds something: who turns from reading to writing seeks back over the unread text.
 */

import { GuestError, type HostFunction, type HostObject } from '../engine.ts';
import { parseNumber } from '../lua-text/number-text.ts';
import { type FileHost, Whence } from './file-host.ts';
import { errorNumber, systemErrorText } from './system-error.ts';

export const FILE_TYPE = 'FILE*';
export type Buffering = 'no' | 'line' | 'full';

/** Bytes asked of the host at once, and bytes written that are passed on at once. */
const BLOCK = 32 * 1024;
/** Longest text that "*n" looks at. */
const NUMBER_TEXT_LIMIT = 400;

/** A failed call, as Lua gets it: nil, text, number. `path` is absent where C has no name at hand. */
export type Failure = readonly [undefined, string, number];

export function failure(number: number, path?: string): Failure {
  const text = systemErrorText(number);
  return [undefined, path === undefined ? text : `${path}: ${text}`, number];
}

/** Raised inside the library when the host fails; the io functions return it as a Failure. */
export class FileError {
  readonly number: number;
  constructor(number: number) {
    this.number = number;
  }
}

export interface FileOptions {
  readonly host: FileHost;
  readonly number: number;
  readonly readable: boolean;
  readonly writable: boolean;
  /** A stream that the guest may not close. */
  readonly standard: boolean;
  readonly buffering: Buffering;
  readonly methods: Readonly<Record<string, HostFunction>>;
  /** Longest text that one read may return, bytes. */
  readonly stringLimit: number;
  /** Called before the host is asked for more: a prompt must be seen before its answer is waited for. */
  readonly beforeRead?: () => void;
}

const NUMBER =
  /^[+-]?(?:0[xX][0-9a-fA-F]*\.?[0-9a-fA-F]*(?:[pP][+-]?[0-9]*)?|[0-9]*\.?[0-9]*(?:(?<=[0-9.])[eE][+-]?[0-9]*)?)/;
const WORD = /^[+-]?(?:in(?:f(?:i(?:n(?:i(?:ty?)?)?)?)?)?|na?n?)/i;

export class IoFile implements HostObject {
  readonly kind = 'object';
  readonly type = FILE_TYPE;
  readonly externalBytes = 0;
  readonly methods: Readonly<Record<string, HostFunction>>;
  readonly standard: boolean;
  readonly #options: FileOptions;
  #closed = false;
  #buffering: Buffering;
  #blockBytes = BLOCK;
  #unread = '';
  #at = 0;
  #pending: string[] = [];
  #pendingBytes = 0;

  constructor(options: FileOptions) {
    this.#options = options;
    this.#buffering = options.buffering;
    this.methods = options.methods;
    this.standard = options.standard;
  }

  get closed(): boolean {
    return this.#closed;
  }

  // ---- reading -------------------------------------------------------------------------------------------------

  /** The next line without its newline; undefined at the end. */
  line(): string | undefined {
    const first = this.#unread.indexOf('\n', this.#at);
    if (first >= 0) return this.#take(first, 1);
    const parts: string[] = [];
    let length = 0;
    for (;;) {
      const found = this.#unread.indexOf('\n', this.#at);
      const part = found >= 0 ? this.#take(found, 1) : this.#take(this.#unread.length, 0);
      length += part.length;
      this.#checkLength(length);
      parts.push(part);
      if (found >= 0) return joined(parts);
      if (!this.#fill()) return length === 0 ? undefined : joined(parts);
    }
  }

  /** Everything that is left. */
  all(): string {
    const parts: string[] = [];
    let length = 0;
    do {
      const part = this.#take(this.#unread.length, 0);
      length += part.length;
      this.#checkLength(length);
      parts.push(part);
    } while (this.#fill());
    return joined(parts);
  }

  /** Up to so many bytes; undefined at the end. */
  bytes(count: number): string | undefined {
    if (count === 0) return this.#more() ? '' : undefined;
    this.#checkLength(Math.min(count, this.#options.stringLimit));
    const parts: string[] = [];
    let left = count;
    while (left > 0 && this.#more()) {
      const part = this.#take(Math.min(this.#unread.length, this.#at + left), 0);
      left -= part.length;
      this.#checkLength(count - left);
      parts.push(part);
    }
    return left === count ? undefined : joined(parts);
  }

  /** A number as C's scanf("%lf") reads it; undefined when there is none. What looked like one is gone all the same. */
  number(): number | undefined {
    do {
      while (this.#at < this.#unread.length && isSpace(this.#unread.charCodeAt(this.#at))) {
        this.#at++;
      }
    } while (this.#at === this.#unread.length && this.#fill());
    for (;;) {
      const text = this.#unread.slice(this.#at, this.#at + NUMBER_TEXT_LIMIT);
      const match = WORD.exec(text) ?? NUMBER.exec(text);
      const found = match?.[0] ?? '';
      // It may go on in the next block.
      if (found.length === text.length && text.length < NUMBER_TEXT_LIMIT && this.#fill()) continue;
      this.#at += found.length;
      return found === '' ? undefined : parseNumber(found);
    }
  }

  /** True when there is something to take. */
  #more(): boolean {
    return this.#at < this.#unread.length || this.#fill();
  }

  /** Takes the text up to `end`, and passes `skip` characters more. */
  #take(end: number, skip: number): string {
    const text = this.#unread.slice(this.#at, end);
    this.#at = end + skip;
    return text;
  }

  /** Gets the next block behind what is unread. False at the end of the file. */
  #fill(): boolean {
    const { host, number, readable, beforeRead } = this.#options;
    if (!readable) throw new FileError(errorNumber('EBADF'));
    this.flush();
    beforeRead?.();
    const block = host.read(number, BLOCK);
    if (typeof block === 'number') throw new FileError(-block);
    if (block === '') return false;
    this.#unread = this.#at >= this.#unread.length ? block : this.#unread.slice(this.#at) + block;
    this.#at = 0;
    return true;
  }

  #checkLength(length: number): void {
    if (length > this.#options.stringLimit) throw new GuestError('not enough memory');
  }

  // ---- writing -------------------------------------------------------------------------------------------------

  write(text: string): void {
    if (!this.#options.writable) throw new FileError(errorNumber('EBADF'));
    if (this.#at < this.#unread.length) this.#seekBack();
    this.#unread = '';
    this.#at = 0;
    this.#pending.push(text);
    this.#pendingBytes += text.length;
    if (
      this.#pendingBytes >= this.#blockBytes ||
      this.#buffering === 'no' ||
      (this.#buffering === 'line' && text.includes('\n'))
    ) {
      this.flush();
    }
  }

  /** Passes on what was written. */
  flush(): void {
    if (this.#pendingBytes === 0) return;
    const text = this.#pending.join('');
    // What cannot be written now is lost, as C says it may be.
    this.#pending = [];
    this.#pendingBytes = 0;
    const result = this.#options.host.write(this.#options.number, text);
    if (result < 0) throw new FileError(-result);
  }

  setBuffering(buffering: Buffering, bytes: number | undefined): void {
    this.#buffering = buffering;
    this.#blockBytes = bytes === undefined ? BLOCK : Math.max(1, Math.min(bytes, BLOCK));
    if (buffering === 'no') this.flush();
  }

  // ---- position ------------------------------------------------------------------------------------------------

  /** Returns the new position from the start. */
  seek(whence: Whence, offset: number): number {
    this.flush();
    const unread = this.#unread.length - this.#at;
    const from = whence === Whence.current ? offset - unread : offset;
    const position = this.#options.host.seek(this.#options.number, whence, from);
    if (position < 0) throw new FileError(-position);
    this.#unread = '';
    this.#at = 0;
    return position;
  }

  #seekBack(): void {
    const { host, number } = this.#options;
    const back = this.#at - this.#unread.length;
    const position = host.seek(number, Whence.current, back);
    if (position < 0) throw new FileError(-position);
  }

  /** Closes it, whether or not what was written could be passed on. */
  close(): void {
    const { host, number } = this.#options;
    this.#closed = true;
    let failed: unknown;
    try {
      this.flush();
    } catch (error) {
      failed = error;
    }
    this.#unread = '';
    this.#at = 0;
    const result = host.close(number);
    if (failed !== undefined) throw failed;
    if (result < 0) throw new FileError(-result);
  }
}

function joined(parts: readonly string[]): string {
  return parts.length === 1 ? (parts[0] ?? '') : parts.join('');
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}
