/**
 * ProtobufEncoder: the message as it came, in Heka's protocol buffers form. Nothing is encoded anew.
 */
import type { PluginSpec } from '../config/spec.ts';
import type { Encoder, PluginType } from '../plugin.ts';

const spec: PluginSpec = {
  type: 'ProtobufEncoder',
  category: 'encoder',
  doc: "Writes messages in Heka's protocol buffers form; TcpOutput and FileOutput frame them by default. Always available without a section.",
  fields: {},
};

const encoder: Encoder = {
  framedByDefault: true,
  encode: (message) => message.bytes,
};

export const protobufEncoder: PluginType<Encoder> = { spec, create: () => encoder };
