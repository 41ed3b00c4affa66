/**
 * A message for people and for other programs, in the two text forms of upstream's heka-cat: `txt` with one header a line
 * and Go's compact protobuf text for the fields, and `json` as Go's encoding/json writes upstream's message struct (uuid and
 * bytes in base64, value_type as a number, absent headers left out). Times are UTC; upstream's are in the local zone.
 */

import type { FieldValue, Message } from '../protocol/message.ts';
import { ValueType } from '../protocol/message-view.ts';
import { utf8Bytes, utf8Text } from '../protocol/text.ts';

const TYPE_NAMES: readonly string[] = ['STRING', 'BYTES', 'INTEGER', 'DOUBLE', 'BOOL'];
/** Keys of a field's values by value type, in both forms. */
const VALUE_KEYS: readonly string[] = [
  'value_string',
  'value_bytes',
  'value_integer',
  'value_double',
  'value_bool',
];
const NS_PER_SECOND = 1_000_000_000n;
/** Heka's severity of a message without one. */
const DEFAULT_SEVERITY = 7;
/** From this power of ten on Go's %v writes an exponent. */
const FIRST_EXPONENT = 6;

/** The `txt` form, with the payload's bytes as they are, ending in an empty line. */
export function messageText(message: Message): Uint8Array {
  const head =
    `Timestamp: ${goTime(message.timestampNs)}\n` +
    `Type: ${message.type}\n` +
    `Hostname: ${message.hostname}\n` +
    `Pid: ${message.pid ?? 0}\n` +
    `UUID: ${message.uuid}\n` +
    `Logger: ${message.logger}\n` +
    'Payload: ';
  const tail =
    `\nEnvVersion: ${message.envVersion}\n` +
    `Severity: ${message.severity ?? DEFAULT_SEVERITY}\n` +
    `Fields: [${fieldTexts(message).join(' ')}]\n\n`;
  return Buffer.concat([Buffer.from(head), message.payloadBytes, Buffer.from(tail)]);
}

/** The `json` form: one line, without its newline. */
export function messageJson(message: Message): string {
  const view = message.view;
  const parts: string[] = [];
  const add = (present: boolean, key: string, value: () => string): void => {
    if (present) parts.push(`"${key}":${value()}`);
  };
  add(view.uuidStart >= 0, 'uuid', () =>
    jsonBytes(view.bytes.subarray(view.uuidStart, view.uuidEnd)),
  );
  add(view.hasTimestamp, 'timestamp', () => String(message.timestampNs));
  add(view.typeStart >= 0, 'type', () => jsonString(message.type));
  add(view.loggerStart >= 0, 'logger', () => jsonString(message.logger));
  add(view.hasSeverity, 'severity', () => String(view.severity));
  add(view.payloadStart >= 0, 'payload', () => jsonString(message.payload));
  add(view.envVersionStart >= 0, 'env_version', () => jsonString(message.envVersion));
  add(view.hasPid, 'pid', () => String(view.pid));
  add(view.hostnameStart >= 0, 'hostname', () => jsonString(message.hostname));
  add(view.fieldCount > 0, 'fields', () => `[${fieldJsons(message).join(',')}]`);
  return `{${parts.join(',')}}`;
}

interface FieldParts {
  readonly name: string;
  readonly type: number;
  readonly hasType: boolean;
  readonly representation: string | undefined;
  readonly values: readonly FieldValue[];
}

/** Fields in wire order, with what Message.fields() leaves out: whether type and representation were written. */
function fieldParts(message: Message): FieldParts[] {
  const view = message.view;
  return message.fields().map((field, index) => {
    view.openField(index);
    const written = view.fieldRepresentationStart >= 0;
    return {
      name: field.name,
      type: field.type,
      hasType: view.fieldHasValueType,
      representation: written
        ? utf8Text(view.bytes, view.fieldRepresentationStart, view.fieldRepresentationEnd)
        : undefined,
      values: field.values,
    };
  });
}

function fieldTexts(message: Message): string[] {
  return fieldParts(message).map((field) => {
    const key = VALUE_KEYS[field.type] ?? '';
    let text = `name:${quoted(field.name)} `;
    if (field.hasType) text += `value_type:${TYPE_NAMES[field.type] ?? field.type} `;
    if (field.representation !== undefined) {
      text += `representation:${quoted(field.representation)} `;
    }
    for (const value of field.values) text += `${key}:${valueText(value, field.type)} `;
    return text;
  });
}

function valueText(value: FieldValue, type: number): string {
  if (typeof value === 'string' || value instanceof Uint8Array) return quoted(value);
  return typeof value === 'number' && type === ValueType.double ? goFloat(value) : String(value);
}

function fieldJsons(message: Message): string[] {
  return fieldParts(message).map((field) => {
    const parts = [`"name":${jsonString(field.name)}`];
    if (field.hasType) parts.push(`"value_type":${field.type}`);
    if (field.representation !== undefined) {
      parts.push(`"representation":${jsonString(field.representation)}`);
    }
    if (field.values.length > 0) {
      const key = VALUE_KEYS[field.type] ?? '';
      parts.push(`"${key}":[${field.values.map(jsonValue).join(',')}]`);
    }
    return `{${parts.join(',')}}`;
  });
}

function jsonValue(value: FieldValue): string {
  if (value instanceof Uint8Array) return jsonBytes(value);
  // Not a number and the infinities become null: JSON has no form for them, and upstream prints an empty line.
  return typeof value === 'string' ? jsonString(value) : JSON.stringify(value);
}

function jsonBytes(bytes: Uint8Array): string {
  return `"${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')}"`;
}

/** Go also escapes what could end a script element in a page. */
function jsonString(text: string): string {
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Protobuf's text form of a string: byte by byte, octal escapes for what is not printable ASCII. */
function quoted(value: string | Uint8Array): string {
  const bytes = typeof value === 'string' ? utf8Bytes(value) : value;
  let text = '"';
  for (const byte of bytes) {
    if (byte === 0x0a) text += '\\n';
    else if (byte === 0x0d) text += '\\r';
    else if (byte === 0x09) text += '\\t';
    else if (byte === 0x22) text += '\\"';
    else if (byte === 0x5c) text += '\\\\';
    else if (byte >= 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
    else text += `\\${byte.toString(8).padStart(3, '0')}`;
  }
  return `${text}"`;
}

/** Go's %v of a float64: shortest digits; below 1e-4 and from 1e6 on with an exponent of at least two digits. */
function goFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [digits = '', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power >= -4 && power < FIRST_EXPONENT) return String(value);
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

/** Go's time.Time as text: "2014-11-24 14:54:53.5 +0000 UTC", the fraction without trailing zeros. */
function goTime(ns: bigint): string {
  let seconds = ns / NS_PER_SECOND;
  let rest = ns % NS_PER_SECOND;
  if (rest < 0n) {
    seconds -= 1n;
    rest += NS_PER_SECOND;
  }
  // int64 nanoseconds reach from 1677 to 2262: a Date holds every such second, with four digits for the year.
  const stamp = new Date(Number(seconds) * 1000).toISOString();
  const fraction = rest === 0n ? '' : `.${String(rest).padStart(9, '0').replace(/0+$/, '')}`;
  return `${stamp.slice(0, 10)} ${stamp.slice(11, 19)}${fraction} +0000 UTC`;
}
