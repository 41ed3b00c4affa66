/**
 * Messages that decoders and inputs make of tables and strings: as the script gave them, with nothing stamped on. What a
 * decoder's message lacks is taken from the message that is decoded (Heka 0.11).
 */
import { HekateError } from '../../../../lib/protocol/errors.ts';
import { MessageView } from '../../../../lib/protocol/message-view.ts';
import { ProtobufWriter } from '../../../../lib/protocol/protobuf-writer.ts';
import type { GuestTable, GuestValue } from '../../engine.ts';
import { numberOf } from '../../host-api/guest-arguments.ts';
import { writeFields, writeNumber, writeString } from '../../host-api/message-encoder.ts';
import type { RandomSource } from '../../host-api/random-source.ts';

const UUID_BYTES = 16;
const SECOND_NS = 1e9;
/** Headers that a decoder's message takes from the original: Timestamp, Type, Logger, Severity, Pid, Hostname. */
const INHERITED: readonly number[] = [2, 3, 4, 5, 8, 9];

/** Where a message's parts come from when the table has none. */
export interface PlainSource {
  readonly random: RandomSource;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

const uuidBytes = new Uint8Array(UUID_BYTES);

/**
 * Writes the table's message: Uuid and Timestamp always, other headers as far as the table has them, or else the scanned
 * message `inherits` has them.
 */
export function encodePlain(
  w: ProtobufWriter,
  message: GuestTable,
  source: PlainSource,
  inherits?: MessageView,
): void {
  w.clear();
  w.tag(1, 2);
  const uuid = message.get('Uuid');
  if (typeof uuid === 'string' && uuid.length === UUID_BYTES) w.byteString(uuid);
  else {
    source.random.fillUuid(uuidBytes);
    w.lengthDelimited(uuidBytes);
  }
  w.tag(2, 0);
  const now = () => Math.floor(source.clock() / 1000) * SECOND_NS;
  w.varint(Math.trunc(numberOf(message.get('Timestamp')) ?? now()));
  const v = inherits;
  text(w, 3, message.get('Type'), v, v?.typeStart, v?.typeEnd);
  text(w, 4, message.get('Logger'), v, v?.loggerStart, v?.loggerEnd);
  number(w, 5, message.get('Severity'), v?.hasSeverity === true ? v.severity : undefined);
  writeString(w, 6, message.get('Payload'));
  writeString(w, 7, message.get('EnvVersion'));
  number(w, 8, message.get('Pid'), v?.hasPid === true ? v.pid : undefined);
  text(w, 9, message.get('Hostname'), v, v?.hostnameStart, v?.hostnameEnd);
  writeFields(w, message.get('Fields'));
  w.checkLimit();
}

/** A header of the table's, or else the bytes of the other message's. */
function text(
  w: ProtobufWriter,
  tag: number,
  value: GuestValue,
  view: MessageView | undefined,
  start = -1,
  end = -1,
): void {
  const before = w.length;
  writeString(w, tag, value);
  if (w.length > before || view === undefined || start < 0) return;
  w.tag(tag, 2);
  w.varint(end - start);
  w.raw(view.bytes, start, end);
}

function number(
  w: ProtobufWriter,
  tag: number,
  value: GuestValue,
  inherited: number | undefined,
): void {
  const before = w.length;
  writeNumber(w, tag, value);
  if (w.length > before || inherited === undefined) return;
  w.tag(tag, 0);
  w.varint(inherited);
}

/** The parts of an encoded message by tag, each with its key. Undefined when the bytes are no message. */
export function itemsOf(bytes: Uint8Array): Map<number, Uint8Array[]> | undefined {
  const view = new MessageView();
  view.reset(bytes, 0, bytes.length);
  const items = new Map<number, Uint8Array[]>();
  try {
    view.check();
    view.eachItem((tag, start, end) => {
      const item = bytes.subarray(start, end);
      const known = items.get(tag);
      if (known === undefined) items.set(tag, [item]);
      else known.push(item);
    });
  } catch (error) {
    if (error instanceof HekateError) return undefined; // that is the answer
    throw error;
  }
  return items;
}

/** The message with a Uuid of its own and with the original's headers where it has none; undefined when it is none. */
export function completed(
  bytes: Uint8Array,
  original: Uint8Array,
  random: RandomSource,
): Uint8Array | undefined {
  const items = itemsOf(bytes);
  if (items === undefined) return undefined;
  let missing = false;
  if (!items.has(1)) {
    missing = true;
    items.set(1, [newUuid(random)]);
  }
  const given = INHERITED.filter((tag) => !items.has(tag));
  const source = given.length === 0 ? undefined : itemsOf(original);
  for (const tag of given) {
    const item = source?.get(tag);
    if (item === undefined) continue;
    missing = true;
    items.set(tag, item);
  }
  return missing ? joinItems(items) : bytes;
}

/** A uuid header with its key. */
export function newUuid(random: RandomSource): Uint8Array {
  const w = new ProtobufWriter(UUID_BYTES + 2);
  random.fillUuid(uuidBytes);
  w.tag(1, 2);
  w.lengthDelimited(uuidBytes);
  return w.take();
}

/** One message of parts, in the order of their tags. */
export function joinItems(items: ReadonlyMap<number, readonly Uint8Array[]>): Uint8Array {
  const parts = [...items.entries()].sort(([a], [b]) => a - b).flatMap(([, list]) => list);
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
