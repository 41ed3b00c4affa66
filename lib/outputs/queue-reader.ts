/**
 * Reads a disk queue's messages in order, from a place on. What belongs to no frame is passed over and reported: the
 * tail that a killed process tore, or damage. Holds one block of a segment in memory.
 */
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { type FileSystem, systemCode } from '../atomic-file.ts';
import { RecordFinder } from '../protocol/framing.ts';
import type { QueuePlace } from './queue-cursor.ts';
import type { QueueSegments } from './queue-segments.ts';

/** Bytes of one read. */
const READ_BYTES = 64 * 1024;

export interface QueueReaderOptions {
  readonly segments: QueueSegments;
  readonly from: QueuePlace;
  readonly maxMessageSize: number;
  readonly fs: FileSystem;
  /** How far a segment that still grows may be read; undefined for one that is complete. */
  readonly readable: (segment: number) => number | undefined;
  /** Bytes of a segment belong to no message. */
  readonly onSkipped: (segment: number, bytes: number) => void;
}

export class QueueReader {
  readonly #options: QueueReaderOptions;
  #segment: number;
  /** Where the next read starts. */
  #offset: number;
  /** Where the finder's stream starts in the segment. */
  #base: number;
  #finder: RecordFinder;
  #reported = 0;
  #file: FileHandle | undefined;

  constructor(options: QueueReaderOptions) {
    this.#options = options;
    this.#segment = options.from.segment;
    this.#offset = options.from.offset;
    this.#base = this.#offset;
    this.#finder = new RecordFinder(options.maxMessageSize);
  }

  /** Behind the last message that `next` gave, and behind everything before it that is no message. */
  place(): QueuePlace {
    return { segment: this.#segment, offset: this.#base + this.#finder.endOffset };
  }

  /** The bytes of the next message of what is in memory; undefined when more must be read. */
  next(): Uint8Array | undefined {
    return this.#finder.next() ? this.#finder.message() : undefined;
  }

  /** Reads more; false when there is nothing more for now. Rejects with the system's error and may be called again. */
  async fill(): Promise<boolean> {
    const { segments, readable } = this.#options;
    this.#reportSkipped();
    const until = readable(this.#segment);
    const size = until ?? segments.size(this.#segment);
    if (size !== undefined && this.#offset < size) {
      if (await this.#read(size)) return true;
      // The file is shorter than it was: there is nothing more in it.
    }
    if (until !== undefined) return false;
    const next = segments.from(this.#segment + 1);
    await this.#leave(next ?? this.#segment + 1);
    return next !== undefined;
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  async #read(size: number): Promise<boolean> {
    try {
      this.#file ??= await this.#open();
    } catch (thrown) {
      if (systemCode(thrown) !== 'ENOENT') throw thrown;
      // Somebody removed it: waiting does not bring it back.
      this.#options.onSkipped(this.#segment, size - this.#offset);
      this.#offset = size;
      return false;
    }
    const length = Math.min(READ_BYTES, size - this.#offset);
    const { bytesRead, buffer } = await this.#file.read(
      Buffer.allocUnsafe(length),
      0,
      length,
      this.#offset,
    );
    if (bytesRead === 0) return false;
    this.#offset += bytesRead;
    this.#finder.append(buffer.subarray(0, bytesRead));
    return true;
  }

  async #open(): Promise<FileHandle> {
    const { fs, segments } = this.#options;
    const { O_RDONLY, O_NOFOLLOW } = constants;
    return await fs.open(segments.path(this.#segment), O_RDONLY | O_NOFOLLOW);
  }

  /** The segment is read to its end: on to the next one, which may not be there yet. */
  async #leave(segment: number): Promise<void> {
    await this.close();
    this.#finder.end();
    this.#reportSkipped();
    this.#segment = segment;
    this.#offset = 0;
    this.#base = 0;
    this.#finder = new RecordFinder(this.#options.maxMessageSize);
    this.#reported = 0;
  }

  #reportSkipped(): void {
    const { skippedBytes } = this.#finder.counters;
    if (skippedBytes > this.#reported) {
      this.#options.onSkipped(this.#segment, skippedBytes - this.#reported);
    }
    this.#reported = skippedBytes;
  }
}
