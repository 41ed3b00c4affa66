/**
 * Encoded records between the router and a writer that may be slow, bounded by count and bytes. `put` always takes the
 * record, so nothing is lost here, and gives a promise once the queue is full: the router waits for it.
 *
 *   put ─▶ │ r0 r1 r2 │ r3 r4 r5 … │          batch: what the writer has in hand; it stays queued until `done`
 *            in hand     waiting
 */

export interface QueueBounds {
  readonly records: number;
  readonly bytes: number;
}

/** Bounds of the outputs that write to the network or to files. */
export const OUTPUT_QUEUE_BOUNDS: QueueBounds = { records: 4096, bytes: 4 * 1024 * 1024 };

/** Below this part of the bounds the queue takes records again, so that waiting is not per record. */
const RESUME_PART = 0.5;

export class OutputQueue {
  readonly #bounds: QueueBounds;
  #records: Uint8Array[] = [];
  /** Records before this index are done; they are cut off in larger steps. */
  #head = 0;
  #bytes = 0;
  #room: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;

  constructor(bounds: QueueBounds = OUTPUT_QUEUE_BOUNDS) {
    this.#bounds = bounds;
  }

  get length(): number {
    return this.#records.length - this.#head;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get full(): boolean {
    return this.length >= this.#bounds.records || this.#bytes >= this.#bounds.bytes;
  }

  /** Takes a record. The promise settles when there is room for the next one. */
  put(record: Uint8Array): Promise<void> | undefined {
    this.#records.push(record);
    this.#bytes += record.length;
    if (!this.full) return undefined;
    this.#room ??= Promise.withResolvers<void>();
    return this.#room.promise;
  }

  /** The oldest records, together at most `maxBytes` but at least one, without taking them out. */
  peek(maxBytes: number): readonly Uint8Array[] {
    let bytes = 0;
    let end = this.#head;
    for (; end < this.#records.length; end++) {
      bytes += this.#records[end]?.length ?? 0;
      if (bytes > maxBytes && end > this.#head) break;
    }
    return this.#records.slice(this.#head, end);
  }

  /** The `count` oldest records are written. */
  done(count: number): void {
    for (let i = 0; i < count; i++) {
      this.#bytes -= this.#records[this.#head]?.length ?? 0;
      this.#head++;
    }
    if (this.#head > 1024 || this.#head === this.#records.length) {
      this.#records = this.#records.slice(this.#head);
      this.#head = 0;
    }
    const { records, bytes } = this.#bounds;
    if (
      this.#room !== undefined &&
      this.length <= records * RESUME_PART &&
      this.#bytes <= bytes * RESUME_PART
    ) {
      this.#room.resolve();
      this.#room = undefined;
    }
  }

  /** Throws everything away and lets the router go on; returns how many records that were. */
  discard(): number {
    const count = this.length;
    this.done(count);
    return count;
  }
}
