/**
 * What the splitters of text streams do with a record above the largest size, and with the rest of a stream at its end:
 * drop it or deliver its first part, count it, and say so. Upstream started a new record in the middle of an oversized
 * one; here its rest belongs to it, up to its delimiter, and is dropped.
 */
import type { Section } from '../config/spec.ts';
import type { PluginContext, SplitRecord } from '../plugin.ts';
import { HekateError } from '../protocol/errors.ts';
import { maxRecordSize } from '../protocol/framing.ts';
import { LossLog } from './loss-log.ts';
import { newCounters, type SplitterCounters } from './splitter-factory.ts';

export type RecordSink = (record: SplitRecord) => void;

/** min_buffer_size of a splitter section. Throws HKT_SPLITTER_BUFFER when it is above the largest record, as hekad. */
export function bufferSize(section: Section, maxRecordBytes: number): number {
  const size = section.number('min_buffer_size');
  if (size > maxRecordBytes && section.given('min_buffer_size')) {
    throw new HekateError('HKT_SPLITTER_BUFFER', [size, maxRecordBytes]);
  }
  return Math.min(size, maxRecordBytes);
}

export class RecordLimit {
  readonly maxBytes: number;
  readonly blockBytes: number;
  readonly useMessageBytes: boolean;
  readonly counters: SplitterCounters = newCounters();
  readonly #keepTruncated: boolean;
  readonly #deliverFinal: boolean;
  readonly #losses: LossLog;

  constructor(section: Section, context: PluginContext) {
    this.maxBytes = maxRecordSize(context.maxMessageSize);
    this.blockBytes = bufferSize(section, this.maxBytes);
    this.useMessageBytes = section.bool('use_message_bytes');
    this.#keepTruncated = section.bool('keep_truncated');
    this.#deliverFinal = section.bool('deliver_incomplete_final');
    this.#losses = new LossLog(context);
  }

  /** Hands out a record that fits, and what is to be kept of one that does not. */
  deliver(
    bytes: Uint8Array,
    endOffset: number,
    sink: RecordSink,
    maxBytes: number = this.maxBytes,
  ): void {
    if (bytes.length > maxBytes) {
      this.oversized(bytes, endOffset, sink, maxBytes);
    } else if (bytes.length > 0) {
      this.counters.records++;
      sink({ bytes, signer: '', endOffset });
    }
  }

  /** `bytes` is all that is known of an oversized record. */
  oversized(
    bytes: Uint8Array,
    endOffset: number,
    sink: RecordSink,
    maxBytes: number = this.maxBytes,
  ): void {
    const fate = this.#keepTruncated ? 'truncated' : 'dropped';
    this.counters.oversized++;
    this.#losses.report('HKT_RECORD_TOO_BIG', [maxBytes, fate]);
    const kept = this.#keepTruncated ? Math.min(bytes.length, maxBytes) : 0;
    this.skipped(bytes.length - kept);
    if (kept > 0) this.deliver(bytes.subarray(0, kept), endOffset, sink, maxBytes);
  }

  /** More bytes of an oversized record went by. */
  skipped(length: number): void {
    this.counters.skippedBytes += length;
  }

  /** What is left of a stream that ended. */
  final(bytes: Uint8Array, endOffset: number, sink: RecordSink): void {
    if (bytes.length === 0) return;
    if (this.#deliverFinal) {
      this.deliver(bytes, endOffset, sink);
      return;
    }
    this.skipped(bytes.length);
    this.#losses.report('HKT_RECORD_INCOMPLETE', [bytes.length]);
  }
}
