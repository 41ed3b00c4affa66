/**
 * A message as one line of JSON. Every header is always there, so that a reader needs no special cases; an unset one
 * has the value that Heka reads for it (severity 7, pid 0, else ""). Nothing is lost: numbers that JSON lacks are
 * texts, bytes are base64, and a payload that is not UTF-8 comes with its exact bytes.
 *
 *   {"uuid":"…","timestamp":"2014-10-27T22:17:14.638504391Z","timestamp_ns":"1414448234638504391","type":"nginx",
 *    "logger":"access","severity":7,"payload":"…","env_version":"","pid":0,"hostname":"web1","fields":[
 *      {"name":"status","type":"integer","representation":"","values":[200]},
 *      {"name":"body","type":"bytes","representation":"","values":["aGk="]}]}
 */
import { Buffer } from 'node:buffer';
import type { Field, FieldValue, Message } from '../protocol/message.ts';
import { ValueType } from '../protocol/message-view.ts';
import { rfc3339Nano } from './rfc3339.ts';

const TYPE_NAMES: Readonly<Record<number, string>> = {
  [ValueType.string]: 'string',
  [ValueType.bytes]: 'bytes',
  [ValueType.integer]: 'integer',
  [ValueType.double]: 'double',
  [ValueType.bool]: 'bool',
};
const DEFAULT_SEVERITY = 7;

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

function jsonValue(value: FieldValue): string | number | boolean {
  if (value instanceof Uint8Array) return base64(value);
  // JSON has no NaN and no infinities: they are written as the texts "NaN", "Infinity", "-Infinity".
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

function jsonField(field: Field): object {
  return {
    name: field.name,
    type: TYPE_NAMES[field.type] ?? String(field.type),
    representation: field.representation,
    values: field.values.map(jsonValue),
  };
}

/** The exact bytes when the text does not say them all. */
function exactPayload(message: Message, text: string): { payload_base64?: string } {
  if (!text.includes('\ufffd')) return {};
  const bytes = message.payloadBytes;
  return Buffer.from(text, 'utf8').equals(bytes) ? {} : { payload_base64: base64(bytes) };
}

/** The plain object that the line is made of. */
export function jsonOf(message: Message): Readonly<Record<string, unknown>> {
  const ns = message.timestampNs;
  const payload = message.payload;
  return {
    uuid: message.uuid,
    timestamp: rfc3339Nano(ns),
    timestamp_ns: ns.toString(),
    type: message.type,
    logger: message.logger,
    severity: message.severity ?? DEFAULT_SEVERITY,
    payload,
    ...exactPayload(message, payload),
    env_version: message.envVersion,
    pid: message.pid ?? 0,
    hostname: message.hostname,
    fields: message.fields().map(jsonField),
  };
}

/** One line without its newline; also safe inside a script element's text and for readers that split at U+2028. */
export function jsonLine(message: Message): string {
  return JSON.stringify(jsonOf(message)).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
