/**
 * One open log file and how far it was read. Keeps the first and the last bytes that were read: to notice when the file
 * is no longer the one that was read (truncated, or truncated and grown again), and to name a place in it for a journal
 * even after that.
 *
 *   │ head │ …read and routed… │ ≤ 512 bytes │routed│ read, not routed yet │offset│ not read yet │
 *                              └─────────────── recent ─────────────────────┘
 */
import type { FileHandle } from 'node:fs/promises';
import {
  type FinishedFile,
  HEAD_BYTES,
  hashBlock,
  openLog,
  type Place,
  readBlock,
  TAIL_BYTES,
} from './logstream-place.ts';
import type { LogFile } from './logstream-scan.ts';

/** Bytes of one read. */
const READ_BYTES = 64 * 1024;
/** More recent bytes than this are not kept: only a record far above the largest message comes here. */
const MAX_RECENT_BYTES = 1024 * 1024;
const GZIP_MAGIC = [0x1f, 0x8b];

export class LogCursor {
  readonly identity: string;
  /** Changes when the file is renamed. */
  path: string;
  readonly #file: FileHandle;
  #head: Uint8Array;
  /** Ends at `#offset`. */
  #recent: Uint8Array;
  #offset: number;
  #sizeBytes = -1;
  #modifiedMs = -1;

  private constructor(
    path: string,
    identity: string,
    file: FileHandle,
    offset: number,
    head: Uint8Array,
    recent: Uint8Array,
  ) {
    this.path = path;
    this.identity = identity;
    this.#file = file;
    this.#offset = offset;
    this.#head = head;
    this.#recent = recent;
  }

  /** Rejects with the system's error. */
  static async open(log: LogFile, offset: number): Promise<LogCursor> {
    const file = await openLog(log.realPath);
    try {
      const info = await file.stat();
      const head = await readBlock(file, 0, Math.min(HEAD_BYTES, offset));
      const length = Math.min(TAIL_BYTES, offset);
      const recent = await readBlock(file, offset - length, length);
      // The handle's own identity: the name may have moved on since the scan.
      return new LogCursor(log.path, `${info.dev}:${info.ino}`, file, offset, head, recent);
    } catch (thrown) {
      await file.close();
      throw thrown;
    }
  }

  /** Offset of the next byte to read. */
  get offset(): number {
    return this.#offset;
  }

  /** When the file was last written, as of the last look at it. */
  get modifiedMs(): number {
    return this.#modifiedMs;
  }

  async compressed(): Promise<boolean> {
    const magic = await readBlock(this.#file, 0, GZIP_MAGIC.length);
    return magic.length === GZIP_MAGIC.length && magic.every((byte, i) => byte === GZIP_MAGIC[i]);
  }

  /** False when what was read is no longer in the file. Looks into the file only when it changed. */
  async intact(): Promise<boolean> {
    const info = await this.#file.stat();
    if (info.size < this.#offset) return false;
    if (info.size === this.#sizeBytes && info.mtimeMs === this.#modifiedMs) return true;
    this.#sizeBytes = info.size;
    this.#modifiedMs = info.mtimeMs;
    const tail = this.#recent.subarray(-TAIL_BYTES);
    const found = await readBlock(this.#file, this.#offset - tail.length, tail.length);
    if (Buffer.compare(found, tail) === 0) return true;
    this.#sizeBytes = -1; // so that the next call looks again
    return false;
  }

  /** The next bytes, in a block of their own; undefined at the end of the file as `intact` saw it. */
  async read(): Promise<Uint8Array | undefined> {
    if (this.#sizeBytes <= this.#offset) return undefined;
    const length = Math.min(READ_BYTES, this.#sizeBytes - this.#offset);
    const bytes = await readBlock(this.#file, this.#offset, length);
    if (bytes.length === 0) return undefined;
    this.#offset += bytes.length;
    if (this.#head.length < HEAD_BYTES) {
      this.#head = Buffer.concat([this.#head, bytes]).subarray(0, HEAD_BYTES);
    }
    const recent = Buffer.concat([this.#recent, bytes]);
    this.#recent =
      recent.length <= MAX_RECENT_BYTES ? recent : copyOf(recent.subarray(-TAIL_BYTES));
    return bytes;
  }

  /** Records up to this offset were routed: older bytes need not be kept. */
  release(routed: number): void {
    const unrouted = this.#offset - routed;
    if (this.#recent.length <= unrouted + TAIL_BYTES) return;
    this.#recent = copyOf(this.#recent.subarray(this.#recent.length - unrouted - TAIL_BYTES));
  }

  /** The place at an offset that was read before and not released. */
  placeAt(offset: number): Place {
    const end = this.#recent.length - (this.#offset - offset);
    const tail =
      end <= 0 ? new Uint8Array(0) : this.#recent.subarray(Math.max(0, end - TAIL_BYTES), end);
    return {
      path: this.path,
      identity: this.identity,
      offset,
      head: hashBlock(this.#head.subarray(0, Math.min(offset, HEAD_BYTES))),
      tail: hashBlock(tail),
    };
  }

  get finished(): FinishedFile {
    return { identity: this.identity, sizeBytes: this.#offset, head: hashBlock(this.#head) };
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/** Its own memory, so that a large block is not kept alive by a few of its bytes. */
function copyOf(bytes: Uint8Array): Uint8Array {
  return Uint8Array.prototype.slice.call(bytes);
}
