/**
 * Is this a message in lua_sandbox 1.x's terms? Stricter than protobuf: uuid and timestamp must be there, tags that nobody
 * knows are refused, and so is what would be read beyond its record. Streams are brought back into step by it.
 */
import { WireReader } from '../wire-reader.ts';

const UUID_BYTES = 16;

export function isMessage(bytes: Uint8Array, start: number, end: number): boolean {
  const reader = new WireReader(bytes, start, end);
  let hasUuid = false;
  let hasTimestamp = false;
  while (reader.key()) {
    const { tag, wire } = reader;
    switch (tag) {
      case 2:
      case 5:
      case 8:
        if (wire !== 0 || !reader.integer()) return false;
        if (tag === 2) hasTimestamp = true;
        break;
      case 1:
      case 3:
      case 4:
      case 6:
      case 7:
      case 9:
        if (wire !== 2 || !reader.span()) return false;
        if (tag !== 1) break;
        if (reader.spanEnd - reader.spanStart !== UUID_BYTES) return false;
        hasUuid = true;
        break;
      case 10:
        if (wire !== 2 || !reader.span()) return false;
        if (!within(reader, isField)) return false;
        break;
      default:
        return false;
    }
  }
  return hasUuid && hasTimestamp;
}

/** Reads the span that was found last, and goes on behind it. */
function within(reader: WireReader, isRight: (reader: WireReader) => boolean): boolean {
  const { end, spanEnd } = reader;
  reader.position = reader.spanStart;
  reader.end = spanEnd;
  const right = isRight(reader);
  reader.position = spanEnd;
  reader.end = end;
  return right;
}

function isField(reader: WireReader): boolean {
  let hasName = false;
  while (reader.key()) {
    const { tag, wire } = reader;
    switch (tag) {
      case 1:
      case 3:
      case 4:
      case 5:
        if (wire !== 2 || !reader.span()) return false;
        if (tag === 1) hasName = true;
        break;
      case 2:
        if (wire !== 0 || !reader.integer()) return false;
        break;
      case 6:
      case 8:
        if (wire === 0) {
          if (!reader.integer()) return false;
        } else if (wire !== 2 || !reader.span() || !within(reader, areIntegers)) return false;
        break;
      case 7:
        if (wire === 1) {
          if (!reader.double()) return false;
        } else if (wire !== 2 || !reader.span() || !within(reader, areDoubles)) return false;
        break;
      default:
        return false;
    }
  }
  return hasName;
}

function areIntegers(reader: WireReader): boolean {
  while (reader.position < reader.end) if (!reader.integer()) return false;
  return true;
}

function areDoubles(reader: WireReader): boolean {
  return (reader.end - reader.position) % 8 === 0;
}
