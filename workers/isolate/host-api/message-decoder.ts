/**
 * `decode_message`: an encoded message as a guest table. Strict as upstream (unknown tags, a missing uuid or timestamp
 * are errors), but every bound is checked and an empty packed list is no value (Heka 0.11, lua_sandbox 1.4).
 */
import { latin1Bytes } from '../../../lib/protocol/text.ts';
import { GuestArgumentError, GuestError, type GuestTable, type GuestValue } from '../engine.ts';
import { WireReader } from './wire-reader.ts';

/** No message is shorter than a uuid and a timestamp. */
const SHORTEST_MESSAGE = 20;

const HEADER_STRINGS: Readonly<Record<number, string>> = {
  3: 'Type',
  4: 'Logger',
  6: 'Payload',
  7: 'EnvVersion',
  9: 'Hostname',
};
const HEADER_NUMBERS: Readonly<Record<number, string>> = {
  2: 'Timestamp',
  5: 'Severity',
  8: 'Pid',
};

export function decodeMessage(
  args: readonly GuestValue[],
  createTable: () => GuestTable,
): GuestTable {
  const text = args[0];
  if (args.length !== 1 || typeof text !== 'string') {
    throw new GuestArgumentError(0, 'must have one string argument');
  }
  return decodeBytes(text, createTable);
}

/** The message in `text` as a table. Throws upstream's errors. */
export function decodeBytes(text: string, createTable: () => GuestTable): GuestTable {
  if (text.length < SHORTEST_MESSAGE) throw new GuestError('invalid message, too short');
  const reader = new WireReader(latin1Bytes(text));
  const message = createTable();
  let fields: GuestTable | undefined;
  let fieldCount = 0;
  let hasUuid = false;
  let hasTimestamp = false;
  while (reader.position < reader.end) {
    const at = reader.position;
    reader.key(); // position < end: there is one
    const { tag, wire } = reader;
    const stringName = HEADER_STRINGS[tag];
    const numberName = HEADER_NUMBERS[tag];
    if (stringName !== undefined || tag === 1) {
      if (wire !== 2 || !reader.span()) throw tagError(tag, wire, at);
      const content = text.slice(reader.spanStart, reader.spanEnd);
      if (tag === 1) {
        if (content.length !== 16) throw tagError(tag, wire, at);
        hasUuid = true;
      }
      message.set(stringName ?? 'Uuid', content);
    } else if (numberName !== undefined) {
      if (wire !== 0 || !reader.integer()) throw tagError(tag, wire, at);
      if (tag === 2) hasTimestamp = true;
      message.set(numberName, reader.number);
    } else {
      if (tag !== 10 || wire !== 2 || !reader.span()) throw tagError(tag, wire, at);
      fields ??= createTable();
      const field = decodeField(
        text,
        new WireReader(reader.bytes, reader.spanStart, reader.spanEnd),
        createTable,
      );
      if (field === undefined) throw tagError(tag, wire, at);
      fields.set(++fieldCount, field);
    }
  }
  if (!hasUuid || !hasTimestamp) {
    const found = (has: boolean): string => (has ? 'found' : 'not found');
    throw new GuestError(
      `missing required field uuid: ${found(hasUuid)} timestamp: ${found(hasTimestamp)}`,
    );
  }
  if (fields !== undefined) message.set('Fields', fields);
  return message;
}

function tagError(tag: number, wire: number, offset: number): GuestError {
  return new GuestError(`error in tag: ${tag} wiretype: ${wire} offset: ${offset}`);
}

/** One field record as a table, or undefined when it is damaged or has no name. */
function decodeField(
  text: string,
  reader: WireReader,
  createTable: () => GuestTable,
): GuestTable | undefined {
  const field = createTable();
  const values = createTable();
  let count = 0;
  let hasName = false;
  while (reader.key()) {
    const { tag, wire } = reader;
    switch (tag) {
      case 1:
      case 3:
      case 4:
      case 5: {
        if (wire !== 2 || !reader.span()) return undefined;
        const content = text.slice(reader.spanStart, reader.spanEnd);
        if (tag === 1) {
          field.set('name', content);
          hasName = true;
        } else if (tag === 3) field.set('representation', content);
        else values.set(++count, content);
        break;
      }
      case 2:
        if (wire !== 0 || !reader.integer()) return undefined;
        field.set('value_type', reader.number);
        break;
      case 6:
      case 7:
      case 8: {
        const plain = tag === 7 ? 1 : 0;
        if (wire === plain) {
          if (!readNumber(reader, tag)) return undefined;
          values.set(++count, tag === 8 ? reader.number !== 0 : reader.number);
          break;
        }
        if (wire !== 2 || !reader.span()) return undefined;
        const packed = new WireReader(reader.bytes, reader.spanStart, reader.spanEnd);
        while (packed.position < packed.end) {
          if (!readNumber(packed, tag)) return undefined;
          values.set(++count, tag === 8 ? packed.number !== 0 : packed.number);
        }
        break;
      }
      default:
        return undefined;
    }
  }
  field.set('value', values);
  return hasName ? field : undefined;
}

function readNumber(reader: WireReader, tag: number): boolean {
  return tag === 7 ? reader.double() : reader.integer();
}
