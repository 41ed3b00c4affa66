/**
 * RstEncoder: every header and field of a message as reStructuredText, for people who look for faults (Heka 0.11).
 */
import { Buffer } from 'node:buffer';
import type { PluginSpec } from '../config/spec.ts';
import type { Encoder, PluginType } from '../plugin.ts';
import type { Message } from '../protocol/message.ts';
import { utf8Bytes } from '../protocol/text.ts';
import { type ExactField, type ExactValue, exactFields, goFloat } from './exact-fields.ts';
import { rfc3339Nano } from './rfc3339.ts';

const DEFAULT_SEVERITY = 7;

const spec: PluginSpec = {
  type: 'RstEncoder',
  category: 'encoder',
  doc: 'Writes messages with all headers and fields as reStructuredText, for people to read.',
  fields: {},
};

function valueText(value: ExactValue): string {
  if (typeof value === 'string') return `"${value}"`;
  if (typeof value === 'number') return goFloat(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return String(value);
}

function fieldLine({ name, type, representation, values }: ExactField): string {
  const texts = values.map(valueText).join(',');
  const value = values.length === 1 ? texts : `[${texts}]`;
  const unit = representation === '' ? '' : ` representation:"${representation}"`;
  return `    | name:"${name}" type:${type} value:${value}${unit}\n`;
}

function rstText(message: Message): string {
  // Go's form of a time in UTC.
  const time = rfc3339Nano(message.timestampNs).replace('T', ' ').replace('Z', ' +0000 UTC');
  const headers: readonly (readonly [string, string | number])[] = [
    ['Timestamp', time],
    ['Type', message.type],
    ['Hostname', message.hostname],
    ['Pid', message.pid ?? 0],
    ['Uuid', message.uuid],
    ['Logger', message.logger],
    ['Payload', message.payload],
    ['EnvVersion', message.envVersion],
    ['Severity', message.severity ?? DEFAULT_SEVERITY],
  ];
  const fields = exactFields(message);
  let text = '\n';
  for (const [name, value] of headers) text += `:${name}: ${value}\n`;
  if (fields.length > 0) text += `:Fields:\n${fields.map(fieldLine).join('')}`;
  return `${text}\n`;
}

const encoder: Encoder = {
  framedByDefault: false,
  encode: (message) => utf8Bytes(rstText(message)),
};

export const rstEncoder: PluginType<Encoder> = { spec, create: () => encoder };
