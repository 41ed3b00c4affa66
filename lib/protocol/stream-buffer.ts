/**
 * The unread part of one byte stream, in memory of its own. A byte that was handed out is never written again: parts
 * of `bytes` may be kept for as long as they are wanted, without a copy (a kept part keeps its whole block alive).
 *
 *   bytes: │ consumed, maybe still in use │ unread │ free │
 *          0                            start     end    bytes.length
 *
 * When a chunk does not fit behind `end`, the unread part moves to a new block; the old one is left as it is.
 */
export class StreamBuffer {
  bytes: Uint8Array = new Uint8Array(0);
  start = 0;
  end = 0;
  /** Place of `start` in the stream. */
  offset = 0;
  readonly #blockBytes: number;

  /** `blockBytes` is the smallest block; a chunk that is larger gets a block of its own size. */
  constructor(blockBytes: number) {
    this.#blockBytes = blockBytes;
  }

  get length(): number {
    return this.end - this.start;
  }

  /** Adds a copy of `chunk`. */
  append(chunk: Uint8Array): void {
    if (chunk.length > this.bytes.length - this.end) {
      const unread = this.end - this.start;
      // Twice what is unread: a record that comes in small pieces is moved a bounded number of times per byte.
      const size = Math.max(this.#blockBytes, unread + Math.max(unread, chunk.length));
      const block = new Uint8Array(size);
      block.set(this.bytes.subarray(this.start, this.end));
      this.bytes = block;
      this.start = 0;
      this.end = unread;
    }
    this.bytes.set(chunk, this.end);
    this.end += chunk.length;
  }

  /** The first `length` unread bytes become read. */
  consume(length: number): void {
    this.start += length;
    this.offset += length;
  }
}
