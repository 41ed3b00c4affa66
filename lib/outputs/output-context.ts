/**
 * What an output is given beyond a plugin's context: its encoder, and whether its records are framed.
 */
import type { PluginSpec, Section } from '../config/spec.ts';
import type { Encoder, Output, PluginContext } from '../plugin.ts';
import { errorText, HekateError } from '../protocol/errors.ts';
import { frame } from '../protocol/framing.ts';
import type { Pack } from '../protocol/pack.ts';
import type { DiskQueueOptions } from './disk-queue.ts';

export interface OutputContext extends PluginContext {
  /** Undefined when the section names none. */
  readonly encoder: Encoder | undefined;
  /** use_framing as it was written; undefined leaves it to the encoder. */
  readonly framed: boolean | undefined;
  /**
   * Given when a disk queue feeds the output: told, in the order of `deliver`, how many messages the destination took
   * or will never get. The queue keeps those that are not settled and delivers them again after a restart.
   */
  readonly settled?: (messages: number) => void;
}

/** An output type: as PluginType, with the wider context. */
export interface OutputType {
  readonly spec: PluginSpec;
  /** Settings of the disk queue that hold as long as the section has no [buffering] of its own. */
  readonly buffering?: Partial<DiskQueueOptions>;
  create(section: Section, context: OutputContext): Output;
}

/** Turns packs into the bytes of one output's records, and counts what cannot be encoded. */
export class RecordEncoder {
  readonly #context: OutputContext;
  readonly #encoder: Encoder;
  readonly #framed: boolean;
  #failed = 0;

  /**
   * `byDefault` is 'encoder' for outputs that write a stream, in which ProtobufEncoder's records are framed unless
   * use_framing says otherwise; the others frame only when it says so. Throws HKT_PLUGIN_ENCODER_REQUIRED.
   */
  constructor(context: OutputContext, byDefault: 'encoder' | 'bare') {
    if (context.encoder === undefined) throw new HekateError('HKT_PLUGIN_ENCODER_REQUIRED');
    this.#context = context;
    this.#encoder = context.encoder;
    this.#framed = context.framed ?? (byDefault === 'encoder' && context.encoder.framedByDefault);
  }

  /** Messages that the encoder refused. */
  get failed(): number {
    return this.#failed;
  }

  /** The record, or undefined when the message is to be skipped or was refused. */
  encode(pack: Pack): Uint8Array | undefined {
    try {
      const bytes = this.#encoder.encode(pack.message);
      if (bytes === undefined) return undefined;
      return this.#framed ? frame(bytes, { maxMessageSize: this.#context.maxMessageSize }) : bytes;
    } catch (thrown) {
      this.#failed++;
      this.#context.log.error(
        new HekateError('HKT_PLUGIN_ENCODE', [errorText(thrown)], thrown).message,
      );
      return undefined;
    }
  }
}
