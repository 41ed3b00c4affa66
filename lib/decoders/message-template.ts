/**
 * The message_fields of a decoder: what a decoded message's headers and fields are set to, with %group% filled in
 * from the captures. A group that does not exist reads as <group>, as upstream.
 */
import type { ConfigValue } from '../config/spec.ts';
import { errorText, HekateError } from '../protocol/errors.ts';
import type { FieldInit, Message, MessageInit } from '../protocol/message.ts';
import { latin1Bytes } from '../protocol/text.ts';
import { parseUuid } from '../protocol/uuid.ts';

export type Captures = ReadonlyMap<string, string>;

interface TemplateEntry {
  /** The key as it is configured: a header's name, or a field's with an optional |representation. */
  readonly key: string;
  /** Text, group, text, group, …, text. */
  readonly parts: readonly string[];
}

export type MessageTemplate = readonly TemplateEntry[];

type Headers = { -readonly [K in keyof MessageInit]: MessageInit[K] };

const VARIABLE = /%(\w+)%/;
const SHOWN_CHARACTERS = 200;
const INT32 = 2 ** 31;

export function compileTemplate(fields: Readonly<Record<string, ConfigValue>>): MessageTemplate {
  return Object.entries(fields).map(([key, value]) => ({
    key,
    parts: String(value).split(VARIABLE),
  }));
}

function fill(parts: readonly string[], captures: Captures): string {
  let text = '';
  for (const [index, part] of parts.entries()) {
    text += index % 2 === 0 ? part : (captures.get(part) ?? `<${part}>`);
  }
  return text;
}

function integer(header: string, text: string): number {
  const number = Number(text);
  if (!/^[+-]?\d{1,10}$/.test(text) || number < -INT32 || number >= INT32) {
    throw new HekateError('HKT_DECODE_FIELD', [
      header,
      text.slice(0, SHOWN_CHARACTERS),
      'not a number',
    ]);
  }
  return number;
}

function uuid(text: string): Uint8Array {
  if (text.length === 16) return latin1Bytes(text);
  try {
    return parseUuid(text);
  } catch (thrown) {
    const values = ['Uuid', text.slice(0, SHOWN_CHARACTERS), errorText(thrown)];
    throw new HekateError('HKT_DECODE_FIELD', values, thrown);
  }
}

function setHeader(headers: Headers, key: string, value: string): boolean {
  switch (key) {
    case 'Logger':
      headers.logger = value;
      return true;
    case 'Type':
      headers.type = value;
      return true;
    case 'Payload':
      headers.payload = value;
      return true;
    case 'Hostname':
      headers.hostname = value;
      return true;
    case 'Pid':
      headers.pid = integer(key, value.split('.')[0] ?? '');
      return true;
    case 'Severity':
      headers.severity = integer(key, value);
      return true;
    case 'Uuid':
      headers.uuid = uuid(value);
      return true;
    default:
      return false;
  }
}

/**
 * A changed copy of `message`. `found` holds headers that were read from special groups. Throws HKT_DECODE_FIELD for a
 * value that does not fit its header, HKT_MESSAGE_TOO_BIG beyond `maxSize` bytes.
 */
export function applyTemplate(
  template: MessageTemplate,
  message: Message,
  captures: Captures,
  found: { readonly timestampNs: bigint | undefined; readonly severity: number | undefined },
  maxSize: number,
): Message {
  const headers: Headers = {};
  if (found.timestampNs !== undefined) headers.timestampNs = found.timestampNs;
  if (found.severity !== undefined) headers.severity = found.severity;
  const fields: FieldInit[] = [];
  for (const { key, parts } of template) {
    const value = fill(parts, captures);
    if (setHeader(headers, key, value)) continue;
    const bar = key.indexOf('|');
    fields.push(
      bar < 0
        ? { name: key, value }
        : { name: key.slice(0, bar), value, representation: key.slice(bar + 1) },
    );
  }
  return message.with({ ...headers, fields }, maxSize);
}
