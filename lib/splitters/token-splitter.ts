/**
 * TokenSplitter: a record ends with the `count`-th delimiter byte, which belongs to it. Every byte is looked at once.
 */
import type { ConfigValue } from '../config/spec.ts';
import type { Splitter } from '../plugin.ts';
import { StreamBuffer } from '../protocol/stream-buffer.ts';
import { utf8Bytes } from '../protocol/text.ts';
import { RecordLimit, type RecordSink } from './record-limit.ts';
import type { SplitterType } from './splitter-factory.ts';

class TokenSplitter implements Splitter {
  readonly useMessageBytes: boolean;
  readonly #limit: RecordLimit;
  readonly #delimiter: number;
  readonly #count: number;
  readonly #buffer: StreamBuffer;
  /** Unread bytes that were searched, and the delimiters in them. */
  #searched = 0;
  #seen = 0;
  /** The record at hand is oversized and was dealt with: its rest is dropped. */
  #discarding = false;

  constructor(limit: RecordLimit, delimiter: number, count: number) {
    this.useMessageBytes = limit.useMessageBytes;
    this.#limit = limit;
    this.#delimiter = delimiter;
    this.#count = count;
    this.#buffer = new StreamBuffer(limit.blockBytes);
  }

  push(chunk: Uint8Array, sink: RecordSink): void {
    const buffer = this.#buffer;
    const limit = this.#limit;
    buffer.append(chunk);
    const { bytes, end } = buffer;
    for (;;) {
      const found = bytes.indexOf(this.#delimiter, buffer.start + this.#searched);
      if (found < 0 || found >= end) break; // behind `end` is free space
      this.#searched = found + 1 - buffer.start;
      if (++this.#seen < this.#count) continue;
      const length = this.#searched;
      const record = bytes.subarray(buffer.start, buffer.start + length);
      this.#seen = 0;
      this.#searched = 0;
      buffer.consume(length);
      if (this.#discarding) {
        this.#discarding = false;
        limit.skipped(length);
      } else {
        limit.deliver(record, buffer.offset, sink);
      }
    }
    this.#searched = buffer.length;
    if (this.#discarding) {
      limit.skipped(this.#take().length);
    } else if (buffer.length > limit.maxBytes) {
      this.#discarding = true;
      limit.oversized(this.#take(), buffer.offset, sink);
    }
  }

  end(sink: RecordSink): void {
    const rest = this.#take();
    this.#seen = 0;
    if (!this.#discarding) this.#limit.final(rest, this.#buffer.offset, sink);
    this.#discarding = false;
  }

  /** All unread bytes; they count as read. */
  #take(): Uint8Array {
    const buffer = this.#buffer;
    const rest = buffer.bytes.subarray(buffer.start, buffer.end);
    buffer.consume(rest.length);
    this.#searched = 0;
    return rest;
  }
}

function delimiterFault(value: ConfigValue): string | undefined {
  return typeof value === 'string' && utf8Bytes(value).length === 1
    ? undefined
    : 'TokenSplitter delimiter must be a single character.';
}

export const tokenSplitter: SplitterType = {
  spec: {
    type: 'TokenSplitter',
    category: 'splitter',
    doc: 'Cuts a stream behind every delimiter byte, or behind every n-th. The delimiter is part of the record.',
    fields: {
      delimiter: {
        kind: 'string',
        default: '\n',
        doc: 'One byte, so an ASCII character.',
        example: '"\\t"',
        check: delimiterFault,
      },
      count: {
        kind: 'uint',
        default: 1,
        doc: 'How many delimiters make a record.',
        example: '4',
      },
    },
  },
  create(section, context) {
    const limit = new RecordLimit(section, context);
    const [delimiter = 0x0a] = utf8Bytes(section.string('delimiter'));
    const count = Math.max(1, section.number('count'));
    return {
      useMessageBytes: limit.useMessageBytes,
      counters: limit.counters,
      open: () => new TokenSplitter(limit, delimiter, count),
    };
  },
};
