/**
 * PayloadEncoder: the payload's own bytes, with a time before and a newline behind them when asked for (Heka 0.11).
 */
import type { PluginSpec, Section } from '../config/spec.ts';
import type { Clock, Encoder, PluginContext, PluginType } from '../plugin.ts';
import type { Message } from '../protocol/message.ts';
import { utf8Length, writeUtf8 } from '../protocol/text.ts';
import { strftime } from '../strftime.ts';
import type { Encoded } from './encoded.ts';

const NEWLINE = 10;

const spec: PluginSpec = {
  type: 'PayloadEncoder',
  category: 'encoder',
  doc: "Writes each message's payload.",
  fields: {
    append_newlines: { kind: 'bool', default: true, doc: 'Put a newline behind every payload.' },
    prefix_ts: { kind: 'bool', default: false, doc: 'Put a time before every payload.' },
    ts_from_message: {
      kind: 'bool',
      default: true,
      doc: "The time is the message's own; when false, the time of writing.",
    },
    ts_format: {
      kind: 'string',
      default: '[%Y/%b/%d:%H:%M:%S %z]',
      doc: "The time's strftime format, in the machine's time zone; a space is added when it does not end in one.",
      example: '"%Y-%m-%d %H:%M:%S"',
    },
  },
};

class PayloadEncoder implements Encoder {
  readonly framedByDefault = false;
  readonly #clock: Clock;
  readonly #newline: boolean;
  readonly #prefix: boolean;
  readonly #fromMessage: boolean;
  readonly #format: string;

  constructor(section: Section, clock: Clock) {
    this.#clock = clock;
    this.#newline = section.bool('append_newlines');
    this.#prefix = section.bool('prefix_ts');
    this.#fromMessage = section.bool('ts_from_message');
    const format = section.string('ts_format');
    this.#format = format.endsWith(' ') ? format : `${format} `;
  }

  encode(message: Message): Encoded {
    const payload = message.payloadBytes;
    if (!this.#newline && !this.#prefix) return payload;
    const prefix = this.#prefix
      ? strftime(this.#format, this.#fromMessage ? message.timestampNs : this.#clock.nowNs())
      : '';
    const prefixLength = utf8Length(prefix);
    const bytes = new Uint8Array(prefixLength + payload.length + (this.#newline ? 1 : 0));
    writeUtf8(bytes, 0, prefix);
    bytes.set(payload, prefixLength);
    if (this.#newline) bytes[bytes.length - 1] = NEWLINE;
    return bytes;
  }
}

export const payloadEncoder: PluginType<Encoder> = {
  spec,
  create: (section: Section, context: PluginContext) => new PayloadEncoder(section, context.clock),
};
