/**
 * `inject_message(table)`: a guest table as protobuf, in the wire style of the sandboxes' own encoder: no value_type
 * for strings, single numbers and booleans unpacked, several packed (Heka 0.11; array layouts as lua_sandbox 1.4).
 * Some headers are replaced by the caller; nothing is written back into the guest's table.
 */
import type { ProtobufWriter } from '../../../lib/protocol/protobuf-writer.ts';
import {
  GuestError,
  type GuestFunction,
  type GuestTable,
  type GuestValue,
  type HostObject,
} from '../engine.ts';
import { guestTypeName, numberOf, stringOf } from './guest-arguments.ts';
import { luaNumber } from './number-text.ts';

/** Why a table cannot be encoded: upstream's detail text. */
export class EncodeError {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** What the host decides about a message. */
export interface HeaderPolicy {
  /** Put in front of the Type. */
  readonly typePrefix: string;
  readonly logger: string;
  readonly hostname: string;
  fillUuid(bytes: Uint8Array): void;
  /** Current time in whole seconds, nanoseconds since the epoch. */
  nowNs(): number;
}

/** How fields are read where the flavours differ. */
export interface FieldStyle {
  /** A number may be the key, and so the name, of a field. */
  readonly numericKeys: boolean;
  /** The text that userdata is written as. Throws an EncodeError for what has none. */
  userdata(value: HostObject | GuestFunction, w: ProtobufWriter): string;
}

const hekaStyle: FieldStyle = {
  numericKeys: true,
  userdata(value, w) {
    if (value.kind !== 'object') throw unsupported(value);
    if (value.output === undefined) {
      throw new EncodeError('user data object does not implement lsb_output');
    }
    return value.output(w.limit);
  },
};

const OBJECT_DEPTH_LIMIT = 100;
const UNSPECIFIED = -1;
const uuidBytes = new Uint8Array(16);

/**
 * Writes the table's message. Returns how many of the written bytes the policy added beyond what the table alone
 * would have taken: output_limit counts without them.
 */
export function encodeTable(w: ProtobufWriter, message: GuestTable, policy: HeaderPolicy): number {
  w.tag(1, 2);
  const uuid = message.get('Uuid');
  if (typeof uuid === 'string' && uuid.length === 16) w.byteString(uuid);
  else {
    policy.fillUuid(uuidBytes);
    w.lengthDelimited(uuidBytes);
  }
  w.tag(2, 0);
  w.varint(Math.trunc(numberOf(message.get('Timestamp')) ?? policy.nowNs()));
  const before = w.length;
  const type = stringOf(message.get('Type'));
  w.tag(3, 2);
  w.byteString(policy.typePrefix + (type ?? ''));
  w.tag(4, 2);
  w.utf8String(policy.logger);
  let added = w.length - before;
  writeNumber(w, 5, message.get('Severity'));
  writeString(w, 6, message.get('Payload'));
  writeString(w, 7, message.get('EnvVersion'));
  writeNumber(w, 8, message.get('Pid'));
  const hostnameAt = w.length;
  w.tag(9, 2);
  w.utf8String(policy.hostname);
  added += w.length - hostnameAt;
  for (const replaced of [
    type,
    stringOf(message.get('Logger')),
    stringOf(message.get('Hostname')),
  ]) {
    if (replaced !== undefined) added -= headerSize(replaced.length);
  }
  writeFields(w, message.get('Fields'));
  return added;
}

function headerSize(contentBytes: number): number {
  let size = 2;
  for (let rest = contentBytes >>> 7; rest > 0; rest >>>= 7) size++;
  return size + contentBytes;
}

export function writeString(w: ProtobufWriter, tag: number, value: GuestValue): void {
  const text = stringOf(value);
  if (text === undefined) return;
  w.tag(tag, 2);
  w.byteString(text);
}

export function writeNumber(w: ProtobufWriter, tag: number, value: GuestValue): void {
  const number = numberOf(value);
  if (number === undefined) return;
  w.tag(tag, 0);
  w.varint(Math.trunc(number));
}

/** A message's Fields in either layout; what is no table is left out. */
export function writeFields(
  w: ProtobufWriter,
  fields: GuestValue,
  style: FieldStyle = hekaStyle,
): void {
  if (!isTable(fields)) return;
  if (isTable(fields.get(1))) {
    for (let i = 1; ; i++) {
      const field = fields.get(i);
      if (field === undefined) return;
      // Strings can be indexed, and have no name.
      if (typeof field === 'string') throw nameless();
      if (!isTable(field)) throw new GuestError(`attempt to index a ${guestTypeName(field)} value`);
      const mark = w.begin(10);
      writeName(w, field.get('name'));
      writeObject(w, field, style);
      w.finish(mark);
    }
  }
  for (const [key, value] of fields.entries()) {
    const mark = w.begin(10);
    if (typeof key === 'number' && !style.numericKeys) throw nameless();
    writeName(w, key);
    writeValue(w, value, undefined, UNSPECIFIED, style, 0);
    w.finish(mark);
  }
}

function writeName(w: ProtobufWriter, name: GuestValue): void {
  const text = stringOf(name);
  if (text === undefined) throw nameless();
  w.tag(1, 2);
  w.byteString(text);
}

function nameless(): EncodeError {
  return new EncodeError('field name must be a string');
}

export function unsupported(value: GuestValue): EncodeError {
  return new EncodeError(`unsupported type: ${guestTypeName(value)}`);
}

/** A table with metadata: `{value = …, value_type = …, representation = …}`. */
function writeObject(w: ProtobufWriter, table: GuestTable, style: FieldStyle, depth = 0): void {
  if (depth > OBJECT_DEPTH_LIMIT) throw new EncodeError('value is nested too deeply');
  const given = stringOf(table.get('representation'));
  const nul = given === undefined ? -1 : given.indexOf('\0');
  const representation = nul < 0 ? given : given?.slice(0, nul);
  const type = numberOf(table.get('value_type'));
  writeValue(
    w,
    table.get('value'),
    representation,
    type === undefined ? UNSPECIFIED : Math.trunc(type),
    style,
    depth + 1,
  );
}

function writeValue(
  w: ProtobufWriter,
  value: GuestValue,
  representation: string | undefined,
  valueType: number,
  style: FieldStyle,
  depth: number,
): void {
  if (isTable(value)) {
    const first = value.get(1);
    if (first === undefined) {
      writeObject(w, value, style, depth);
      return;
    }
    if (typeof first === 'object') {
      throw new EncodeError(`unsupported array type: ${guestTypeName(first)}`);
    }
    const values: GuestValue[] = [];
    const length = value.length();
    for (let i = 1; i <= length; i++) values.push(value.get(i));
    writeScalars(w, values, representation, valueType);
    return;
  }
  if (typeof value === 'object' && (value.kind === 'object' || value.kind === 'userdata')) {
    const text = style.userdata(value, w);
    writeMetadata(w, 1, representation);
    w.tag(5, 2);
    w.byteString(text);
    return;
  }
  if (value === undefined || typeof value === 'object') throw unsupported(value);
  writeScalars(w, [value], representation, valueType);
}

/** Values of the first one's type, at least one. Whether the type may be the first one's is looked at first. */
function writeScalars(
  w: ProtobufWriter,
  values: readonly GuestValue[],
  representation: string | undefined,
  valueType: number,
): void {
  const first = values[0];
  if (typeof first === 'string') {
    if (valueType > 1 || valueType < UNSPECIFIED) {
      throw new EncodeError(`invalid string value_type: ${luaNumber(valueType)}`);
    }
    checkTypes(values);
    const tag = valueType === 1 ? 5 : 4;
    writeMetadata(w, valueType === 1 ? 1 : 0, representation);
    for (const value of values) writeString(w, tag, value);
    return;
  }
  let tag: 6 | 7 | 8;
  if (typeof first === 'number') {
    if (valueType !== UNSPECIFIED && valueType !== 2 && valueType !== 3) {
      throw new EncodeError(`invalid numeric value_type: ${luaNumber(valueType)}`);
    }
    tag = valueType === 2 ? 6 : 7;
  } else {
    if (valueType !== UNSPECIFIED && valueType !== 4) {
      throw new EncodeError(`invalid boolean value_type: ${luaNumber(valueType)}`);
    }
    tag = 8;
  }
  checkTypes(values);
  writeMetadata(w, tag - 4, representation);
  if (values.length === 1) {
    w.tag(tag, tag === 7 ? 1 : 0);
    writeElement(w, tag, first);
    return;
  }
  const mark = w.begin(tag);
  for (const value of values) writeElement(w, tag, value);
  w.finish(mark);
}

function checkTypes(values: readonly GuestValue[]): void {
  const type = typeof values[0];
  for (const value of values) {
    if (typeof value !== type) throw new EncodeError('array has mixed types');
  }
}

function writeElement(w: ProtobufWriter, tag: 6 | 7 | 8, value: GuestValue): void {
  if (typeof value === 'number') {
    if (tag === 7) w.double(value);
    else w.varint(Math.trunc(value));
  } else w.varint(value === true ? 1 : 0);
}

function writeMetadata(w: ProtobufWriter, type: number, representation: string | undefined): void {
  if (type !== 0) {
    w.tag(2, 0);
    w.varint(type);
  }
  if (representation !== undefined) {
    w.tag(3, 2);
    w.byteString(representation);
  }
}

function isTable(value: GuestValue): value is GuestTable {
  return typeof value === 'object' && value.kind === 'table';
}
