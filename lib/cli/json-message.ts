/**
 * Reads messages from JSON lines, in two forms: what JsonEncoder writes, and a short one for people with the names that
 * scripts use:
 *
 *   {"Type":"nginx","Payload":"GET /","Timestamp":1500000000000000000,"Fields":{"status":200,"tags":["a","b"]}}
 */
import { HekateError } from '../protocol/errors.ts';
import { type FieldInit, type FieldValue, Message, type MessageInit } from '../protocol/message.ts';

type Json = Readonly<Record<string, unknown>>;

/** Lower-case names of both forms. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ['timestamp_ns', 'timestampNs'],
  ['env_version', 'envversion'],
]);
/** Severity and Pid are int32 on the wire. */
const INT32 = 2 ** 31;

/** Throws HKT_TOOL_INPUT for a line that is not a message. */
export function messageOfJson(line: string, lineNumber: number, maxSize: number): Message {
  const fault = (text: string): HekateError =>
    new HekateError('HKT_TOOL_INPUT', [lineNumber, text]);
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw fault(`not JSON: ${error instanceof Error ? error.message : ''}`);
  }
  if (!isObject(value)) throw fault('not a JSON object');
  const parts: Record<string, unknown> = Object.create(null); // any key may come
  for (const [key, part] of Object.entries(value)) {
    const lower = key.toLowerCase();
    parts[NAMES.get(lower) ?? lower] = part;
  }
  const text = (name: string): string | undefined => {
    const part = parts[name];
    if (part === undefined || part === null) return undefined;
    if (typeof part !== 'string') throw fault(`${name} is not a string`);
    return part;
  };
  const whole = (name: string): number | undefined => {
    const part = parts[name];
    if (part === undefined || part === null) return undefined;
    if (typeof part !== 'number' || !Number.isInteger(part) || part < -INT32 || part >= INT32) {
      throw fault(`${name} is not an integer of 32 bits`);
    }
    return part;
  };
  const exact = text('payload_base64');
  const init: Record<string, unknown> = {
    uuid: text('uuid') || undefined,
    timestampNs: timestampOf(parts, fault),
    type: text('type'),
    logger: text('logger'),
    severity: whole('severity'),
    payload: exact === undefined ? text('payload') : Buffer.from(exact, 'base64'),
    envVersion: text('envversion'),
    pid: whole('pid'),
    hostname: text('hostname'),
    fields: fieldsOf(parts['fields'], fault),
  };
  const given = Object.fromEntries(Object.entries(init).filter(([, part]) => part !== undefined));
  // Every part was checked above; only the given ones are there.
  try {
    return Message.create(given as MessageInit, maxSize);
  } catch (error) {
    // A uuid, a mix of types, the size: whoever sent ten thousand lines wants to know which one.
    throw error instanceof HekateError ? fault(error.message) : error;
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function timestampOf(
  parts: Json,
  fault: (text: string) => HekateError,
): bigint | number | undefined {
  const ns = parts['timestampNs'] ?? parts['timestamp'];
  if (ns === undefined || ns === null) return undefined;
  if (typeof ns === 'number') return ns;
  if (typeof ns === 'string') {
    if (/^-?\d{1,19}$/.test(ns)) return BigInt(ns);
    const ms = Date.parse(ns);
    if (!Number.isNaN(ms)) return BigInt(ms) * 1_000_000n;
  }
  throw fault('timestamp is neither nanoseconds nor a date');
}

function fieldsOf(fields: unknown, fault: (text: string) => HekateError): FieldInit[] | undefined {
  if (fields === undefined || fields === null) return undefined;
  if (Array.isArray(fields)) {
    return fields.map((field: unknown) => {
      if (!isObject(field) || typeof field['name'] !== 'string') throw fault('a field has no name');
      const { name, type, representation } = field;
      const values = field['values'] ?? field['value'];
      return {
        name,
        value: fieldValue(name, values, type === 'bytes', fault),
        ...(typeof representation === 'string' ? { representation } : {}),
        integer: type === 'integer' || type === 2,
      };
    });
  }
  if (!isObject(fields)) throw fault('fields is neither an array nor an object');
  return Object.entries(fields).map(([name, value]) => ({
    name,
    value: fieldValue(name, value, false, fault),
  }));
}

function fieldValue(
  name: string,
  value: unknown,
  bytes: boolean,
  fault: (text: string) => HekateError,
): FieldValue | readonly FieldValue[] {
  const one = (part: unknown): FieldValue => {
    if (typeof part === 'string') {
      if (bytes) return Buffer.from(part, 'base64');
      return part;
    }
    if (typeof part === 'number' || typeof part === 'boolean') return part;
    throw fault(`field ${name} has a value that is no string, number or boolean`);
  };
  return Array.isArray(value) ? value.map(one) : one(value);
}
