/**
 * What a NullSplitter is for streams that end soon: everything from one end to the next is one record. No more than its
 * limit is held; what is longer is dropped or cut, as keep_truncated says, and counted.
 */
import type { Splitter } from '../plugin.ts';
import type { RecordLimit, RecordSink } from './record-limit.ts';

export class WholeStreamSplitter implements Splitter {
  readonly useMessageBytes: boolean;
  readonly #limit: RecordLimit;
  readonly #limitBytes: number;
  #chunks: Uint8Array[] = [];
  #length = 0;
  #offset = 0;
  /** The stream is too long and was dealt with: its rest is dropped. */
  #discarding = false;

  constructor(limit: RecordLimit, limitBytes: number) {
    this.useMessageBytes = limit.useMessageBytes;
    this.#limit = limit;
    this.#limitBytes = limitBytes;
  }

  push(chunk: Uint8Array, sink: RecordSink): void {
    this.#offset += chunk.length;
    if (this.#discarding) {
      this.#limit.skipped(chunk.length);
      return;
    }
    this.#chunks.push(chunk.slice()); // the caller may use its buffer again
    this.#length += chunk.length;
    if (this.#length <= this.#limitBytes) return;
    this.#discarding = true;
    this.#limit.oversized(this.#take(), this.#offset, sink, this.#limitBytes);
  }

  end(sink: RecordSink): void {
    if (!this.#discarding) this.#limit.deliver(this.#take(), this.#offset, sink, this.#limitBytes);
    this.#discarding = false;
  }

  #take(): Uint8Array {
    const [first] = this.#chunks;
    const bytes =
      this.#chunks.length === 1 && first !== undefined
        ? first
        : Buffer.concat(this.#chunks, this.#length);
    this.#chunks = [];
    this.#length = 0;
    return bytes;
  }
}
