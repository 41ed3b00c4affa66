/**
 * RegexSplitter: records are what stands between matches of a delimiter. A capture group in it marks the part of the
 * delimiter that is kept, at the end of the record before it (delimiter_eol) or at the start of the one behind it.
 *
 * Time is linear in the stream, however it is cut into chunks. After a search without success only the last
 * OVERLAP bytes are searched again when more arrives, and everything when the unread part has doubled; a hit is always
 * followed by the search from the start that finds the first delimiter. So a delimiter of more than OVERLAP bytes that
 * a read cuts in two may be found late, but is never missed.
 */
import type { ConfigValue } from '../config/spec.ts';
import type { Splitter } from '../plugin.ts';
import { HekateError } from '../protocol/errors.ts';
import { StreamBuffer } from '../protocol/stream-buffer.ts';
import { RecordLimit, type RecordSink } from './record-limit.ts';
import { compileDelimiter, type DelimiterMatch, type RegexDelimiter } from './regex-delimiter.ts';
import type { SplitterType } from './splitter-factory.ts';

const OVERLAP = 256;

class RegexSplitter implements Splitter {
  readonly useMessageBytes: boolean;
  readonly #limit: RecordLimit;
  readonly #delimiter: RegexDelimiter;
  readonly #eol: boolean;
  readonly #buffer: StreamBuffer;
  /** Unread bytes that begin with the kept part of the last delimiter, which is not searched again. */
  #captured = 0;
  /** Unread bytes behind #captured that were searched, and how many there were at the last whole search. */
  #searched = 0;
  #searchedWhole = 0;
  /** The record at hand is oversized and was dealt with: its rest is dropped. */
  #discarding = false;

  constructor(limit: RecordLimit, delimiter: RegexDelimiter, eol: boolean) {
    this.useMessageBytes = limit.useMessageBytes;
    this.#limit = limit;
    this.#delimiter = delimiter;
    this.#eol = eol;
    this.#buffer = new StreamBuffer(limit.blockBytes);
  }

  push(chunk: Uint8Array, sink: RecordSink): void {
    this.#buffer.append(chunk);
    const limitBytes = this.#limit.maxBytes + OVERLAP;
    while (this.#cut(sink, this.#buffer.length > limitBytes)) {}
    if (this.#discarding) {
      this.#limit.skipped(this.#take(this.#buffer.length - OVERLAP).length);
    } else if (this.#buffer.length > limitBytes) {
      this.#discarding = true;
      // The last bytes may be the start of the delimiter.
      const record = this.#take(this.#buffer.length - OVERLAP);
      this.#limit.oversized(record, this.#buffer.offset, sink);
    }
  }

  end(sink: RecordSink): void {
    while (this.#cut(sink, true)) {}
    const rest = this.#take(this.#buffer.length);
    if (this.#discarding) this.#limit.skipped(rest.length);
    else this.#limit.final(rest, this.#buffer.offset, sink);
    this.#discarding = false;
  }

  /** Takes the first record off the unread bytes; false when there is no delimiter in them. */
  #cut(sink: RecordSink, whole: boolean): boolean {
    const { bytes, start, end } = this.#buffer;
    const base = start + this.#captured;
    if (base >= end) return false;
    const match = this.#search(bytes.subarray(base, end), whole);
    if (match === undefined) return false;

    let recordEnd = base + match.start;
    let next = base + match.end;
    let captured = 0;
    if (match.captureStart >= 0) {
      if (this.#eol) {
        recordEnd = base + match.captureEnd;
      } else if (match.captureEnd > 0) {
        captured = match.captureEnd - match.captureStart;
        next = base + match.captureStart;
      }
    }
    const record = bytes.subarray(start, recordEnd);
    this.#take(next - start);
    this.#captured = captured;
    if (this.#discarding) {
      this.#discarding = false;
      this.#limit.skipped(record.length);
    } else {
      this.#limit.deliver(record, this.#buffer.offset, sink);
    }
    return true;
  }

  #search(text: Uint8Array, whole: boolean): DelimiterMatch | undefined {
    const delimiter = this.#delimiter;
    if (delimiter.length > 0) {
      const match = delimiter.find(text, Math.max(0, this.#searched - delimiter.length + 1));
      this.#searched = text.length;
      return match;
    }
    const everything = whole || this.#searched === 0 || text.length >= 2 * this.#searchedWhole;
    if (!everything && this.#searched < text.length) {
      const near = delimiter.find(text, Math.max(0, this.#searched - OVERLAP));
      this.#searched = text.length;
      if (near === undefined) return undefined;
    } else if (!everything) {
      return undefined;
    }
    this.#searched = text.length;
    this.#searchedWhole = text.length;
    return delimiter.find(text, 0);
  }

  /** The first `length` unread bytes (none if it is negative); they count as read. */
  #take(length: number): Uint8Array {
    const buffer = this.#buffer;
    const taken = buffer.bytes.subarray(buffer.start, buffer.start + Math.max(0, length));
    buffer.consume(taken.length);
    this.#captured = 0;
    this.#searched = 0;
    this.#searchedWhole = 0;
    return taken;
  }
}

function delimiterFault(value: ConfigValue): string | undefined {
  const compiled = compileDelimiter(typeof value === 'string' ? value : '');
  return typeof compiled === 'string' ? compiled : undefined;
}

export const regexSplitter: SplitterType = {
  spec: {
    type: 'RegexSplitter',
    category: 'splitter',
    doc: 'Cuts a stream where a regular expression matches. Without a capture group the delimiter is dropped.',
    fields: {
      delimiter: {
        kind: 'string',
        default: '\n',
        doc: "Regular expression in RE2's syntax with at most one capture group, whose text is kept.",
        example: '"\\n(\\\\d{4}-)"',
        check: delimiterFault,
      },
      delimiter_eol: {
        kind: 'bool',
        default: true,
        doc: 'Put the captured text at the end of the record before it, else at the start of the next one.',
      },
    },
  },
  create(section, context) {
    const limit = new RecordLimit(section, context);
    const delimiter = compileDelimiter(section.string('delimiter'));
    if (typeof delimiter === 'string') throw new HekateError('HKT_SPLITTER_DELIMITER', [delimiter]);
    const eol = section.bool('delimiter_eol');
    return {
      useMessageBytes: limit.useMessageBytes,
      counters: limit.counters,
      open: () => new RegexSplitter(limit, delimiter, eol),
    };
  },
};
