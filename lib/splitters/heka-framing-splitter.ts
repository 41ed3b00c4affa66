/**
 * HekaFramingSplitter: cuts a stream at Heka's frames, checks their signatures and hands out the messages in them.
 * A record carries a signer's name only when its HMAC was verified.
 */
import type { PluginContext, SplitRecord, Splitter } from '../plugin.ts';
import { maxRecordSize, RecordFinder } from '../protocol/framing.ts';
import {
  mergeSigners,
  type SignerTable,
  signerField,
  signerTable,
} from '../signing/signer-table.ts';
import { verify } from '../signing/verification.ts';
import { LossLog } from './loss-log.ts';
import { bufferSize } from './record-limit.ts';
import { newCounters, type SplitterCounters, type SplitterType } from './splitter-factory.ts';

interface Shared {
  readonly counters: SplitterCounters;
  readonly losses: LossLog;
  readonly useMessageBytes: boolean;
  readonly skipAuthentication: boolean;
  readonly maxMessageSize: number;
  readonly blockBytes: number;
}

class HekaFraming implements Splitter {
  readonly useMessageBytes: boolean;
  readonly #shared: Shared;
  readonly #signers: SignerTable;
  readonly #finder: RecordFinder;

  constructor(shared: Shared, signers: SignerTable) {
    this.useMessageBytes = shared.useMessageBytes;
    this.#shared = shared;
    this.#signers = signers;
    this.#finder = new RecordFinder(shared.maxMessageSize, shared.blockBytes);
  }

  push(chunk: Uint8Array, sink: (record: SplitRecord) => void): void {
    const finder = this.#finder;
    const { counters, skipAuthentication } = this.#shared;
    finder.append(chunk);
    try {
      while (finder.next()) {
        const bytes = finder.message();
        let signer = '';
        if (finder.header !== undefined && !skipAuthentication) {
          const verification = verify(finder.header, bytes, this.#signers);
          if (verification.kind === 'refused') {
            counters.refused++;
            this.#shared.losses.report(verification.code, verification.values);
            continue;
          }
          signer = verification.signer;
        }
        counters.records++;
        sink({ bytes, signer, endOffset: finder.endOffset });
      }
    } finally {
      this.#reportLosses();
    }
  }

  /** An incomplete frame is never delivered: its message would be cut. */
  end(): void {
    this.#reportLosses();
    const rest = this.#finder.end();
    if (rest === 0) return;
    this.#finder.counters.skippedBytes = 0;
    this.#shared.counters.skippedBytes += rest;
    this.#shared.losses.report('HKT_FRAME_INCOMPLETE', [rest]);
  }

  /** Moves what the finder counted since the last time to the section's counters. */
  #reportLosses(): void {
    const { skippedBytes, oversized } = this.#finder.counters;
    if (skippedBytes === 0) return;
    const { counters, losses, maxMessageSize } = this.#shared;
    counters.skippedBytes += skippedBytes;
    counters.oversized += oversized;
    this.#finder.counters.skippedBytes = 0;
    this.#finder.counters.oversized = 0;
    if (oversized > 0) {
      losses.report('HKT_FRAME_TOO_BIG', [maxMessageSize, this.#finder.lastOversizedLength]);
    }
    losses.report('HKT_FRAME_HEADER', [skippedBytes]);
  }
}

export const hekaFramingSplitter: SplitterType = {
  spec: {
    type: 'HekaFramingSplitter',
    category: 'splitter',
    doc:
      "Cuts a stream at Heka's frames, finds frames again after corruption, and checks signatures. " +
      'keep_truncated and deliver_incomplete_final have no effect: an incomplete message is never delivered.',
    commonDefaults: { use_message_bytes: true },
    fields: {
      signer: signerField,
      skip_authentication: {
        kind: 'bool',
        default: false,
        doc: 'Take every message without checking its signature; no message then has a signer.',
      },
    },
  },
  create(section, context: PluginContext) {
    const own = signerTable(section);
    const shared: Shared = {
      counters: newCounters(),
      losses: new LossLog(context),
      useMessageBytes: section.bool('use_message_bytes'),
      skipAuthentication: section.bool('skip_authentication'),
      maxMessageSize: context.maxMessageSize,
      blockBytes: bufferSize(section, maxRecordSize(context.maxMessageSize)),
    };
    return {
      useMessageBytes: shared.useMessageBytes,
      counters: shared.counters,
      open: (signers) =>
        new HekaFraming(shared, signers === undefined ? own : mergeSigners(own, signers)),
    };
  },
};
