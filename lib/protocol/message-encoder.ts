/**
 * Encodes messages as hekad does: headers in the order of their tags, then fields with explicit type and representation
 * and packed numbers. Also used inside isolates, so it holds no Node API.
 */
import { HekateError } from './errors.ts';
import type { FieldInit, FieldValue, MessageInit } from './message.ts';
import { type MessageView, ValueType } from './message-view.ts';
import { ProtobufWriter } from './protobuf-writer.ts';
import { parseUuid, randomUuid } from './uuid.ts';

const FIELD_TAG = 10;
/** A larger buffer is not kept between messages. */
const MAX_KEPT_BYTES = 1 << 18;

/** Kept between messages, because what was encoded is copied out of it. */
let kept: ProtobufWriter | undefined;

function writerFor(maxSize: number): ProtobufWriter {
  if (kept === undefined || kept.limit !== maxSize || kept.bytes.length > MAX_KEPT_BYTES) {
    kept = new ProtobufWriter(maxSize);
  }
  kept.clear();
  return kept;
}

/**
 * Encodes `init`, with a random uuid and the present time when it has none. Throws HKT_MESSAGE_TOO_BIG beyond `maxSize`
 * bytes, HKT_MESSAGE_FIELD_TYPE for a field of mixed values and HKT_UUID_INVALID.
 */
export function encodeMessage(init: MessageInit, maxSize: number): Uint8Array {
  const w = writerFor(maxSize);
  if (init.uuid === undefined) {
    w.tag(1, 2);
    w.lengthDelimited(randomUuid());
  }
  for (let tag = 1; tag < FIELD_TAG; tag++) {
    writeHeader(w, tag, init);
    if (tag === 2 && init.timestampNs === undefined) {
      w.tag(2, 0);
      w.varintBig(BigInt(Date.now()) * 1000000n);
    }
  }
  return finished(w, init.fields);
}

/** A message's bytes with the headers of `changes` in place of its own, and the fields of `changes` behind its own. */
export function encodeChanged(
  view: MessageView,
  changes: MessageInit,
  maxSize: number,
): Uint8Array {
  const w = writerFor(maxSize);
  const replaced = new Set<number>();
  let next = 1;
  const writeUpTo = (tag: number): void => {
    for (; next <= tag && next < FIELD_TAG; next++) {
      if (writeHeader(w, next, changes)) replaced.add(next);
    }
  };
  view.eachItem((tag, start, end) => {
    writeUpTo(tag);
    if (!replaced.has(tag)) w.raw(view.bytes, start, end);
  });
  writeUpTo(FIELD_TAG);
  return finished(w, changes.fields);
}

function finished(w: ProtobufWriter, fields: readonly FieldInit[] | undefined): Uint8Array {
  for (const field of fields ?? []) writeField(w, field);
  w.checkLimit();
  return w.take();
}

/** Writes the header with this tag; false when `init` does not have it. */
function writeHeader(w: ProtobufWriter, tag: number, init: MessageInit): boolean {
  switch (tag) {
    case 1:
      if (init.uuid === undefined) return false;
      w.tag(1, 2);
      w.lengthDelimited(typeof init.uuid === 'string' ? parseUuid(init.uuid) : init.uuid);
      return true;
    case 2:
      if (init.timestampNs === undefined) return false;
      w.tag(2, 0);
      if (typeof init.timestampNs === 'bigint') w.varintBig(init.timestampNs);
      else w.varint(Math.trunc(init.timestampNs));
      return true;
    case 3:
      return writeText(w, 3, init.type);
    case 4:
      return writeText(w, 4, init.logger);
    case 5:
      return writeInt32(w, 5, init.severity);
    case 6:
      return writeText(w, 6, init.payload);
    case 7:
      return writeText(w, 7, init.envVersion);
    case 8:
      return writeInt32(w, 8, init.pid);
    case 9:
      return writeText(w, 9, init.hostname);
    default:
      return false;
  }
}

function writeText(
  w: ProtobufWriter,
  tag: number,
  value: string | Uint8Array | undefined,
): boolean {
  if (value === undefined) return false;
  w.tag(tag, 2);
  if (typeof value === 'string') w.utf8String(value);
  else w.lengthDelimited(value);
  return true;
}

function writeInt32(w: ProtobufWriter, tag: number, value: number | undefined): boolean {
  if (value === undefined) return false;
  w.tag(tag, 0);
  w.varint(value >>> 0); // a negative one takes 5 bytes, as hekad writes it
  return true;
}

function valueTypeOf(value: FieldValue | undefined, integer: boolean): number {
  if (typeof value === 'number') return integer ? ValueType.integer : ValueType.double;
  if (typeof value === 'boolean') return ValueType.bool;
  if (value === undefined && integer) return ValueType.integer;
  return value instanceof Uint8Array ? ValueType.bytes : ValueType.string;
}

function writeField(w: ProtobufWriter, field: FieldInit): void {
  const values: readonly FieldValue[] = Array.isArray(field.value)
    ? field.value
    : [field.value as FieldValue]; // not an array: one value
  const integer = field.integer === true;
  const type = valueTypeOf(values[0], integer);
  const mark = w.begin(FIELD_TAG);
  writeText(w, 1, field.name);
  w.tag(2, 0);
  w.varint(type);
  writeText(w, 3, field.representation ?? '');
  const packed = type >= ValueType.integer && values.length > 0 ? w.begin(type + 4) : -1;
  for (const value of values) {
    if (valueTypeOf(value, integer) !== type) {
      throw new HekateError('HKT_MESSAGE_FIELD_TYPE', [field.name]);
    }
    if (typeof value === 'string') writeText(w, 4, value);
    else if (typeof value === 'boolean') w.varint(value ? 1 : 0);
    else if (typeof value === 'number') {
      if (type === ValueType.integer) w.varint(Math.trunc(value));
      else w.double(value);
    } else {
      writeText(w, 5, value);
    }
  }
  if (packed >= 0) w.finish(packed);
  w.finish(mark);
}
