/**
 * The record of who asked for what over the control plane: one JSON line per control action, appended to a file of mode
 * 0600. An entry has no place for scripts, configurations or keys. The file is bounded: at `maxBytes` it becomes
 * `<path>.1`, and what was there before is gone. Lines are written at once, so the order is that of the actions and an
 * action that was answered is in the file. When writing fails the control plane goes on; it is said once and counted.
 */
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { errorText } from '../protocol/errors.ts';

/** One control action and what became of it. */
export interface AuditEntry {
  /** When it was decided, milliseconds since the epoch. */
  readonly timeMs: number;
  readonly manager: string;
  /** The verified signer; "" for an unsigned message. */
  readonly signer: string;
  readonly action: string;
  /** The filter's name as it was asked for. */
  readonly filter: string;
  /** Origin.description of the message. */
  readonly source: string;
  readonly uuid?: string;
  /** A code of the error catalogue, or "OK". */
  readonly code: string;
  /** The caller's words for the outcome; they must not quote the message's config or script. */
  readonly text: string;
}

export interface AuditLogOptions {
  readonly path: string;
  /** Told when writing fails, and when it works again. */
  readonly onFailure: (text: string) => void;
  readonly maxBytes?: number;
  /** Wait for the disk after every line: some milliseconds per control action. */
  readonly fsync?: boolean;
}

const DEFAULT_MAX_BYTES = 10 * 1024 * 1024;
/** Characters kept of each text, so that a line is bounded whatever was sent. */
const MAX_TEXT = 512;
const NEWLINE = 0x0a;

export class AuditLog implements Disposable {
  readonly #path: string;
  readonly #maxBytes: number;
  readonly #fsync: boolean;
  readonly #onFailure: (text: string) => void;
  #file: number | undefined;
  #regular = false;
  #size = 0;
  /** The file ends in the middle of a line. */
  #torn = false;
  #failing = false;
  #lost = 0;
  #lostInARow = 0;
  #closed = false;

  constructor(options: AuditLogOptions) {
    this.#path = options.path;
    this.#maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
    this.#fsync = options.fsync ?? false;
    this.#onFailure = options.onFailure;
  }

  /** Entries that could not be written. */
  get lost(): number {
    return this.#lost;
  }

  record(entry: AuditEntry): void {
    const line = Buffer.from(`${JSON.stringify(lineOf(entry))}\n`, 'utf8');
    try {
      if (this.#closed) throw new Error('it is closed');
      this.#rotateFor(line.length);
      this.#write(line);
    } catch (error) {
      this.#lost++;
      this.#lostInARow++;
      this.#close(); // the next entry opens the file anew: the disk or the directory may be well again
      if (!this.#failing) {
        this.#failing = true;
        this.#onFailure(`cannot write the audit log '${this.#path}': ${errorText(error)}`);
      }
      return;
    }
    if (this.#failing) {
      this.#failing = false;
      const lost = this.#lostInARow;
      this.#lostInARow = 0;
      this.#onFailure(`writes the audit log '${this.#path}' again; ${lost} entries are missing`);
    }
  }

  /** Closes the file; entries that come later are lost and counted. */
  [Symbol.dispose](): void {
    this.#closed = true;
    this.#close();
  }

  #write(line: Buffer): void {
    const file = this.#open();
    const bytes = this.#torn ? Buffer.concat([Buffer.of(NEWLINE), line]) : line;
    let at = 0;
    while (at < bytes.length) {
      const written = writeSync(file, bytes, at);
      at += written;
      this.#size += written;
      this.#torn = at < bytes.length;
    }
    if (this.#fsync) fsyncSync(file);
  }

  #open(): number {
    if (this.#file !== undefined) return this.#file;
    const { O_APPEND, O_CREAT, O_RDWR } = constants;
    const file = openSync(this.#path, O_APPEND | O_CREAT | O_RDWR, 0o600);
    this.#file = file;
    const status = fstatSync(file);
    this.#regular = status.isFile(); // a pipe or a device is written to, and otherwise left as it is
    this.#size = this.#regular ? status.size : 0;
    if (this.#regular) fchmodSync(file, 0o600); // it may have been there with a wider mode
    const last = Buffer.alloc(1);
    this.#torn =
      this.#size > 0 && readSync(file, last, 0, 1, this.#size - 1) === 1 && last[0] !== NEWLINE;
    return file;
  }

  #rotateFor(length: number): void {
    this.#open();
    if (!this.#regular || this.#size === 0 || this.#size + length <= this.#maxBytes) return;
    this.#close();
    renameSync(this.#path, `${this.#path}.1`);
  }

  #close(): void {
    const file = this.#file;
    this.#file = undefined;
    if (file === undefined) return;
    try {
      closeSync(file);
    } catch (error) {
      this.#onFailure(`cannot close the audit log '${this.#path}': ${errorText(error)}`);
    }
  }
}

function lineOf(entry: AuditEntry): Record<string, string> {
  return {
    time: new Date(entry.timeMs).toISOString(),
    manager: bounded(entry.manager),
    signer: bounded(entry.signer),
    action: bounded(entry.action),
    filter: bounded(entry.filter),
    source: bounded(entry.source),
    ...(entry.uuid === undefined ? {} : { uuid: bounded(entry.uuid) }),
    code: bounded(entry.code),
    text: bounded(entry.text),
  };
}

function bounded(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`;
}
