/**
 * NullSplitter: every chunk is a record. A chunk that is larger than min_buffer_size comes out in pieces of that size,
 * which is how much hekad reads at a time. Nothing waits, so nothing is left at the end.
 */
import type { Splitter } from '../plugin.ts';
import { RecordLimit, type RecordSink } from './record-limit.ts';
import type { SplitterType } from './splitter-factory.ts';
import { WholeStreamSplitter } from './whole-stream-splitter.ts';

class NullSplitter implements Splitter {
  readonly useMessageBytes: boolean;
  readonly #limit: RecordLimit;
  #offset = 0;

  constructor(limit: RecordLimit) {
    this.useMessageBytes = limit.useMessageBytes;
    this.#limit = limit;
  }

  push(chunk: Uint8Array, sink: RecordSink): void {
    const own = chunk.slice(); // the caller may use its buffer again, records may be kept
    const pieceBytes = this.#limit.blockBytes;
    for (let at = 0; at < own.length; at += pieceBytes) {
      const piece = own.subarray(at, at + pieceBytes);
      this.#offset += piece.length;
      this.#limit.deliver(piece, this.#offset, sink);
    }
  }

  end(): void {}
}

export const nullSplitter: SplitterType = {
  spec: {
    type: 'NullSplitter',
    category: 'splitter',
    doc: 'Takes every chunk of bytes as a record, as it was read: a datagram, or what a read of a stream returned.',
    commonDefaults: { min_buffer_size: 65536 },
    fields: {},
  },
  create(section, context) {
    const limit = new RecordLimit(section, context);
    return {
      useMessageBytes: limit.useMessageBytes,
      counters: limit.counters,
      open: () => new NullSplitter(limit),
      openWhole: (limitBytes) => new WholeStreamSplitter(limit, limitBytes),
    };
  },
};
