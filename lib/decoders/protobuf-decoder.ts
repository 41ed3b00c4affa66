/**
 * ProtobufDecoder: the record's own bytes are the message. The intake reads `decodesMessageBytes` and makes the message
 * with Message.decode; for a pack that already holds a message there is nothing left to do.
 */
import type { PluginSpec } from '../config/spec.ts';
import type { Decoder, PluginType } from '../plugin.ts';
import type { Pack } from '../protocol/pack.ts';

/** Marks a decoder that wants a record's bytes as an encoded message. */
export interface MessageBytesDecoder extends Decoder {
  readonly decodesMessageBytes: true;
}

/** True when records of a splitter with use_message_bytes may become messages through this decoder. */
export function decodesMessageBytes(decoder: Decoder | undefined): boolean {
  return decoder !== undefined && 'decodesMessageBytes' in decoder;
}

const spec: PluginSpec = {
  type: 'ProtobufDecoder',
  category: 'decoder',
  doc: "Reads records in Heka's protocol buffers form. Always available without a section.",
  fields: {},
};

const decoder: MessageBytesDecoder = {
  decodesMessageBytes: true,
  decode: (pack: Pack) => [pack],
};

export const protobufDecoder: PluginType<Decoder> = { spec, create: () => decoder };
