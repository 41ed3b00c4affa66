/**
 * Compiled code in files, for the shards of a process and for its next start. A file is
 *
 *   hekate-compiled-lua 1 <compiler's version>␊
 *   <SHA-256 of key and code, hexadecimal>␊
 *   <code, one byte per character>
 *
 * and its name is its key, the SHA-256 of what was compiled. Whatever is not exactly that is as good as not there. Nothing
 * here throws: without files everything is compiled again.
 *
 * Who can write into the folder decides what runs inside isolates, so it has to be this user's alone (docs/decisions/0018).
 */
import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { errorText } from '../lib/protocol/errors.ts';

const FORMAT = 'hekate-compiled-lua 1';
const KEY = /^[0-9a-f]{64}$/;
const TEMPORARY = /^\.[0-9a-f]{64}\.[0-9a-f]{16}\.tmp$/;
const DIGEST_CHARACTERS = 64;
/** A temporary file of this age was left behind by a process that was killed. */
const ABANDONED_MS = 60_000;
/** Longest file that is read. */
const FILE_BYTES = 64 * 1024 * 1024;
const OTHERS_MAY_WRITE = 0o022;

export interface FileBounds {
  readonly count: number;
  readonly bytes: number;
}

export class CompiledFiles {
  readonly #folder: string;
  readonly #header: string;
  readonly #bounds: FileBounds;
  /** What was there at the last look and what this thread wrote since; other threads' files are seen at the next look. */
  #count = 0;
  #bytes = 0;

  private constructor(folder: string, version: string, bounds: FileBounds) {
    this.#folder = folder;
    this.#header = `${FORMAT} ${version}\n`;
    this.#bounds = bounds;
  }

  /**
   * Makes the folder if it is not there and removes what is too much in it. Returns the reason as a text when the folder
   * cannot be used.
   */
  static open(folder: string, version: string, bounds: FileBounds): CompiledFiles | string {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const status = lstatSync(folder);
      const owner = process.geteuid?.();
      if (!status.isDirectory()) return `${folder} is not a directory`;
      if (owner !== undefined && status.uid !== owner) return `${folder} belongs to another user`;
      if ((status.mode & OTHERS_MAY_WRITE) !== 0) return `${folder} can be written by others`;
      const files = new CompiledFiles(folder, version, bounds);
      files.#removeOldest();
      return files;
    } catch (error) {
      return errorText(error);
    }
  }

  /** The code of a key, or undefined when there is no file that is exactly that. */
  read(key: string): string | undefined {
    let text: string;
    const file = path.join(this.#folder, key);
    try {
      text = readOwn(file);
    } catch {
      return undefined; // not there, or not readable: compiled again
    }
    const digestAt = this.#header.length;
    const codeAt = digestAt + DIGEST_CHARACTERS + 1;
    if (!text.startsWith(this.#header) || text[codeAt - 1] !== '\n') return undefined;
    const code = text.slice(codeAt);
    if (text.slice(digestAt, codeAt - 1) !== digestOf(key, code)) return undefined;
    try {
      const now = new Date();
      utimesSync(file, now, now); // what is used stays longest
    } catch {
      // safe: it only goes earlier
    }
    return code;
  }

  /** Writes a file as a whole, or not at all. */
  write(key: string, code: string): void {
    const temporary = path.join(this.#folder, `.${key}.${randomBytes(8).toString('hex')}.tmp`);
    const text = `${this.#header}${digestOf(key, code)}\n${code}`;
    if (text.length > FILE_BYTES || text.length > this.#bounds.bytes) return;
    try {
      // Not flushed: what a power cut leaves of it does not match its digest.
      writeFileSync(temporary, text, { encoding: 'latin1', mode: 0o600, flag: 'wx' });
      renameSync(temporary, path.join(this.#folder, key));
    } catch {
      remove(temporary); // a full or read-only disk: the next start compiles again
      return;
    }
    this.#count++;
    this.#bytes += text.length;
    if (this.#count > this.#bounds.count || this.#bytes > this.#bounds.bytes) this.#removeOldest();
  }

  /** Removes the files that were not used for the longest, down to three quarters of what is allowed. */
  #removeOldest(): void {
    const files: { readonly file: string; readonly size: number; readonly usedAt: number }[] = [];
    this.#count = 0;
    this.#bytes = 0;
    for (const name of readdirSync(this.#folder)) {
      const file = path.join(this.#folder, name);
      const status = lstatSync(file, { throwIfNoEntry: false });
      if (status === undefined) continue;
      if (TEMPORARY.test(name) && Date.now() - status.mtimeMs > ABANDONED_MS) remove(file);
      if (!KEY.test(name)) continue;
      files.push({ file, size: status.size, usedAt: status.mtimeMs });
      this.#count++;
      this.#bytes += status.size;
    }
    const { count, bytes } = this.#bounds;
    if (this.#count <= count && this.#bytes <= bytes) return;
    files.sort((a, b) => a.usedAt - b.usedAt);
    for (const { file, size } of files) {
      if (this.#count <= count * 0.75 && this.#bytes <= bytes * 0.75) return;
      remove(file);
      this.#count--;
      this.#bytes -= size;
    }
  }
}

/** A regular file of this user's, as a byte string. Throws otherwise. */
function readOwn(file: string): string {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  // Non-blocking: opening a FIFO would wait for a writer.
  const handle = openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const status = fstatSync(handle);
    const owner = process.geteuid?.();
    const own = owner === undefined || status.uid === owner;
    if (!status.isFile() || !own || status.size > FILE_BYTES) throw new Error('not ours');
    if ((status.mode & OTHERS_MAY_WRITE) !== 0) throw new Error('others may write it');
    return readFileSync(handle).toString('latin1');
  } finally {
    closeSync(handle);
  }
}

function remove(file: string): void {
  try {
    unlinkSync(file);
  } catch {
    // safe: gone already, or it stays and is found again at the next look
  }
}

function digestOf(key: string, code: string): string {
  return createHash('sha256').update(key).update('\n').update(code, 'latin1').digest('hex');
}
