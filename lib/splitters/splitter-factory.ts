/**
 * What a splitter section makes: a factory that opens one splitter per stream. The streams of one section share its
 * counters, so that they outlive their connections.
 *
 * Ownership: the bytes of a SplitRecord are never written again, by any splitter of this folder. A receiver may keep
 * them without a copy; what it keeps holds a whole block of the stream in memory (min_buffer_size or one chunk).
 */
import type { PluginType, Splitter } from '../plugin.ts';
import type { SignerTable } from '../signing/signer-table.ts';

/** Every byte pushed is in a record, in `skippedBytes`, in a delimiter, or still pending. */
export interface SplitterCounters {
  /** Records handed out. */
  records: number;
  /** Bytes that were not handed out: corrupt, of an oversized record, or incomplete at the end of a stream. */
  skippedBytes: number;
  /** Records above the largest size, dropped or cut. */
  oversized: number;
  /** Framed messages whose signature was refused. */
  refused: number;
}

export interface SplitterFactory {
  readonly useMessageBytes: boolean;
  readonly counters: SplitterCounters;
  /** `signers` are the input's own; they count beside those of the splitter's section. */
  open(signers?: SignerTable): Splitter;
  /** A splitter that makes one record of each whole stream, up to that many bytes; absent where streams are cut. */
  openWhole?(limitBytes: number): Splitter;
}

export type SplitterType = PluginType<SplitterFactory>;

export function newCounters(): SplitterCounters {
  return { records: 0, skippedBytes: 0, oversized: 0, refused: 0 };
}
