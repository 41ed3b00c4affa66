/**
 * JsonEncoder: one JSON object a line (see message-json.ts for its form). Upstream has no plain one.
 */
import type { PluginSpec } from '../config/spec.ts';
import type { Encoder, PluginType } from '../plugin.ts';
import { utf8Bytes } from '../protocol/text.ts';
import { jsonLine } from './message-json.ts';

const spec: PluginSpec = {
  type: 'JsonEncoder',
  category: 'encoder',
  doc: 'Writes each message as one JSON object on a line of its own, with all headers and all fields.',
  fields: {},
};

const encoder: Encoder = {
  framedByDefault: false,
  encode: (message) => utf8Bytes(`${jsonLine(message)}\n`),
};

export const jsonEncoder: PluginType<Encoder> = { spec, create: () => encoder };
