/**
 * Encoded records between the router and a writer that may be slow, bounded by count and bytes. `put` always takes the
 * record, so nothing is lost here, and gives a promise once the queue is full: the router waits for it.
 *
 *   put ─▶ │ r0 r1 r2 │ r3 r4 r5 … │          batch: what the writer has in hand; it stays queued until `done`
 *            in hand     waiting
 *
 * A message that leaves no record is settled with the record before it, so that messages are settled in order.
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
  readonly #onSettled: ((messages: number) => void) | undefined;
  #records: Uint8Array[] = [];
  /** How many messages each record settles: itself, and those without a record that follow it. */
  #messages: number[] = [];
  /** Records before this index are done; they are cut off in larger steps. */
  #head = 0;
  #bytes = 0;
  #room: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;

  /** `onSettled` is told, in order, how many messages need not be kept any more. */
  constructor(bounds: QueueBounds = OUTPUT_QUEUE_BOUNDS, onSettled?: (messages: number) => void) {
    this.#bounds = bounds;
    this.#onSettled = onSettled;
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
    this.#messages.push(1);
    this.#bytes += record.length;
    if (!this.full) return undefined;
    this.#room ??= Promise.withResolvers<void>();
    return this.#room.promise;
  }

  /** A message came that leaves no record. */
  skip(): void {
    if (this.length === 0) {
      this.#onSettled?.(1);
      return;
    }
    const last = this.#messages.length - 1;
    this.#messages[last] = (this.#messages[last] ?? 0) + 1;
  }

  /** The oldest records, together at most `maxBytes` but at least one, without taking them out. */
  peek(maxBytes: number, maxRecords = Number.POSITIVE_INFINITY): readonly Uint8Array[] {
    let bytes = 0;
    const last = Math.min(this.#records.length, this.#head + maxRecords);
    let end = this.#head;
    for (; end < last; end++) {
      bytes += this.#records[end]?.length ?? 0;
      if (bytes > maxBytes && end > this.#head) break;
    }
    return this.#records.slice(this.#head, end);
  }

  /** The `count` oldest records are written, or given up for good. */
  done(count: number): void {
    const settled = this.#drop(count);
    if (settled > 0) this.#onSettled?.(settled);
  }

  /** Throws everything away, settles nothing, and lets the router go on; returns how many records that were. */
  discard(): number {
    const count = this.length;
    this.#drop(count);
    return count;
  }

  #drop(count: number): number {
    let messages = 0;
    for (let i = 0; i < count; i++) {
      this.#bytes -= this.#records[this.#head]?.length ?? 0;
      messages += this.#messages[this.#head] ?? 0;
      this.#head++;
    }
    if (this.#head > 1024 || this.#head === this.#records.length) {
      this.#records = this.#records.slice(this.#head);
      this.#messages = this.#messages.slice(this.#head);
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
    return messages;
  }
}
