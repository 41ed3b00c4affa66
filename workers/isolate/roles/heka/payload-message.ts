/**
 * What inject_payload makes of the message that is decoded: another payload, and two fields that say what it is. Later
 * payloads of the same call become messages of their own, with the original's headers (Heka 0.11).
 */
import { ProtobufWriter } from '../../../../lib/protocol/protobuf-writer.ts';
import type { RandomSource } from '../../host-api/random-source.ts';
import { itemsOf, joinItems, newUuid } from './plain-message.ts';

/** Tags of what a message of its own takes from the original: Timestamp, Type, Logger, Severity, Pid, Hostname. */
const KEPT: ReadonlySet<number> = new Set([2, 3, 4, 5, 8, 9]);
const FIELDS = 10;

export interface NewPayload {
  readonly payload: string;
  readonly type: string;
  readonly name: string;
}

/** With `random` the message is one of its own, with a new uuid. */
export function payloadMessage(
  base: Uint8Array,
  { payload, type, name }: NewPayload,
  random: RandomSource | undefined,
): Uint8Array {
  const items = itemsOf(base) ?? new Map<number, Uint8Array[]>();
  if (random !== undefined) {
    for (const tag of items.keys()) if (!KEPT.has(tag)) items.delete(tag);
    items.set(1, [newUuid(random)]);
  }
  items.set(6, [textItem(6, payload)]);
  items.set(FIELDS, [
    ...(items.get(FIELDS) ?? []),
    fieldItem('payload_type', type, 'file-extension'),
    fieldItem('payload_name', name, ''),
  ]);
  return joinItems(items);
}

function textItem(tag: number, text: string): Uint8Array {
  const w = new ProtobufWriter(text.length + 16);
  w.tag(tag, 2);
  w.byteString(text);
  return w.take();
}

function fieldItem(name: string, value: string, representation: string): Uint8Array {
  const w = new ProtobufWriter(name.length + value.length + representation.length + 64);
  const mark = w.begin(FIELDS);
  w.tag(1, 2);
  w.byteString(name);
  w.tag(2, 0);
  w.varint(0);
  w.tag(3, 2);
  w.byteString(representation);
  w.tag(4, 2);
  w.byteString(value);
  w.finish(mark);
  return w.take();
}
