/**
 * Offsets of one protobuf-encoded Heka message inside a byte array. Found in one pass, nothing is copied.
 * A view is a reusable register file: `reset` points it at other bytes, and the field registers describe the
 * field that was located last. Layout and quirks as Heka 0.11 (message.proto; both packed and unpacked numbers).
 * One file beyond 400 lines, because the readers share registers that nothing outside may touch.
 *
 *   bytes: …| 0a 10 <uuid> | 10 <timestamp> | 1a n <type> | … | 52 n <field> | 52 n <field> |…
 *            start                                                                        end
 *
 * One file, because all readers share one position in the bytes, which is what makes them free of allocation.
 */
import { HekateError } from './errors.ts';

/** Value types of a field, by their number on the wire. */
export const ValueType = { string: 0, bytes: 1, integer: 2, double: 3, bool: 4 } as const;
export type ValueTypeNumber = (typeof ValueType)[keyof typeof ValueType];

const VALUE_TAG_BY_TYPE = [4, 5, 6, 7, 8] as const;
/** Bit w of entry t: tag t of a field record may have wire type w. Numbers are read packed and unpacked. */
const WIRE_TYPES_BY_TAG = [0, 4, 1, 4, 4, 4, 1 | 4, 2 | 4, 1 | 4] as const;
const TWO_32 = 4294967296;

const NO_BYTES = new Uint8Array(0);
const doubleBytes = new Uint8Array(8);
const doubleView = new DataView(doubleBytes.buffer);

export class MessageView {
  bytes: Uint8Array = NO_BYTES;
  start = 0;
  end = 0;
  #scanned = false;

  // Header registers; a start of -1 means that the header is not set.
  uuidStart = -1;
  uuidEnd = -1;
  typeStart = -1;
  typeEnd = -1;
  loggerStart = -1;
  loggerEnd = -1;
  payloadStart = -1;
  payloadEnd = -1;
  envVersionStart = -1;
  envVersionEnd = -1;
  hostnameStart = -1;
  hostnameEnd = -1;
  hasTimestamp = false;
  /** Nanoseconds since the epoch as a double (about 256 ns of precision today). */
  timestamp = 0;
  /** Offset of the timestamp's varint, for exact 64-bit reading; -1 when unset. */
  timestampAt = -1;
  hasSeverity = false;
  severity = 7;
  hasPid = false;
  pid = 0;
  fieldCount = 0;
  /** Start and end of field record i at 2i and 2i + 1. */
  readonly #fieldBounds: number[] = [];

  // Registers of the field that `openField` read last.
  fieldNameStart = 0;
  fieldNameEnd = 0;
  fieldValueType: number = ValueType.string;
  fieldHasValueType = false;
  fieldRepresentationStart = -1;
  fieldRepresentationEnd = -1;
  #openStart = 0;
  #openEnd = 0;
  // The value behind the one that was located last: its place, its index, and the end of the packed run it is in.
  #nextAt = 0;
  #nextIndex = 0;
  #packedEnd = -1;

  // Registers of the value that `locateValue` found last.
  valueStart = 0;
  valueEnd = 0;
  valueNumber = 0;

  // Result registers of #varint.
  #position = 0;
  #low = 0;
  #high = 0;

  /** Points the view at one message. Nothing is read until `scan`. */
  reset(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.#scanned = false;
  }

  /**
   * Finds all headers and field records; the last of repeated headers counts. Throws HKT_MESSAGE_* when the bytes are
   * not a message. What is inside the field records is read only by `check` and when a field is opened.
   */
  scan(): void {
    if (this.#scanned) return;
    this.uuidStart = -1;
    this.typeStart = -1;
    this.loggerStart = -1;
    this.payloadStart = -1;
    this.envVersionStart = -1;
    this.hostnameStart = -1;
    this.hasTimestamp = false;
    this.timestamp = 0;
    this.timestampAt = -1;
    this.hasSeverity = false;
    this.severity = 7;
    this.hasPid = false;
    this.pid = 0;
    this.fieldCount = 0;
    const { bytes, end } = this;
    let at = this.start;
    while (at < end) {
      const itemAt = at;
      let key = bytes[at] as number; // at < end <= bytes.length
      if (key < 0x80) at++;
      else {
        key = this.#unsigned32(at, end);
        at = this.#position;
      }
      const tag = key >>> 3;
      const wire = key & 7;
      if (wire === 2) {
        let length = at < end ? (bytes[at] as number) : 0x80;
        if (length < 0x80) at++;
        else {
          length = this.#unsigned32(at, end);
          at = this.#position;
        }
        const from = at;
        const to = from + length;
        if (to > end) throw this.#truncated(itemAt);
        at = to;
        switch (tag) {
          case 1:
            this.uuidStart = from;
            this.uuidEnd = to;
            break;
          case 3:
            this.typeStart = from;
            this.typeEnd = to;
            break;
          case 4:
            this.loggerStart = from;
            this.loggerEnd = to;
            break;
          case 6:
            this.payloadStart = from;
            this.payloadEnd = to;
            break;
          case 7:
            this.envVersionStart = from;
            this.envVersionEnd = to;
            break;
          case 9:
            this.hostnameStart = from;
            this.hostnameEnd = to;
            break;
          case 10:
            this.#fieldBounds[2 * this.fieldCount] = from;
            this.#fieldBounds[2 * this.fieldCount + 1] = to;
            this.fieldCount++;
            break;
          case 0:
          case 2:
          case 5:
          case 8:
            throw this.#wrongWire(tag, wire, itemAt);
          default: // unknown tags are kept as they are
        }
      } else if (wire === 0) {
        this.#position = at;
        this.#varint(end);
        switch (tag) {
          case 2:
            this.hasTimestamp = true;
            this.timestampAt = at;
            this.timestamp = (this.#high | 0) * TWO_32 + this.#low;
            break;
          case 5:
            this.hasSeverity = true;
            this.severity = this.#low | 0;
            break;
          case 8:
            this.hasPid = true;
            this.pid = this.#low | 0;
            break;
          case 0:
          case 1:
          case 3:
          case 4:
          case 6:
          case 7:
          case 9:
          case 10:
            throw this.#wrongWire(tag, wire, itemAt);
          default:
        }
        at = this.#position;
      } else if ((wire === 1 || wire === 5) && tag > 10) {
        at += wire === 1 ? 8 : 4;
        if (at > end) throw this.#truncated(itemAt);
      } else {
        throw this.#wrongWire(tag, wire, itemAt);
      }
    }
    this.#scanned = true;
  }

  /**
   * `scan`, and a walk through every field record: afterwards no method of this view throws for these bytes.
   * What comes from outside is checked once, where it comes in.
   */
  check(): void {
    this.scan();
    for (let i = 0; i < this.fieldCount; i++) {
      const to = this.#fieldBounds[2 * i + 1] as number; // i < fieldCount: written by scan
      this.#position = this.#fieldBounds[2 * i] as number;
      while (this.#position < to) {
        const tag = this.#fieldItem(to);
        if (tag < 6 || tag > 8 || this.#itemWire !== 2) continue;
        const stop = this.valueEnd;
        this.#position = this.valueStart;
        while (this.#position < stop) this.#number(tag, stop);
      }
    }
  }

  /** Calls back for every item of the message, in wire order, with its tag and its place (key and value). */
  eachItem(visit: (tag: number, start: number, end: number) => void): void {
    this.scan();
    let at = this.start;
    while (at < this.end) {
      const from = at;
      const key = this.#unsigned32(at, this.end);
      const wire = key & 7;
      if (wire === 0) this.#varint(this.end);
      else if (wire === 2) {
        const length = this.#unsigned32(this.#position, this.end);
        this.#position += length;
      } else this.#position += wire === 1 ? 8 : 4; // `scan` has refused all others
      at = this.#position;
      visit(key >>> 3, from, at);
    }
  }

  /** The timestamp without loss; 0n when unset. */
  timestampBig(): bigint {
    this.scan();
    return this.timestampAt < 0 ? 0n : this.#bigAt(this.timestampAt, this.end);
  }

  #bigAt(at: number, end: number): bigint {
    this.#position = at;
    this.#varint(end);
    return BigInt.asIntN(64, (BigInt(this.#high) << 32n) | BigInt(this.#low));
  }

  /**
   * Reads name, type and representation of field `index` (wire order) into the field registers. A record without a
   * name has the empty one; of several names the first counts, here and in `findField`.
   */
  openField(index: number): void {
    const from = this.#fieldBounds[2 * index];
    const to = this.#fieldBounds[2 * index + 1];
    if (from === undefined || to === undefined || index >= this.fieldCount) {
      throw new RangeError(`no field ${index}`);
    }
    this.fieldNameStart = from;
    this.fieldNameEnd = from;
    this.fieldValueType = ValueType.string;
    this.fieldHasValueType = false;
    this.fieldRepresentationStart = -1;
    this.fieldRepresentationEnd = -1;
    this.#position = from;
    let firstValue = to;
    let named = false;
    while (this.#position < to) {
      const tag = this.#fieldItem(to);
      if (tag === 1) {
        if (named) continue;
        named = true;
        this.fieldNameStart = this.valueStart;
        this.fieldNameEnd = this.valueEnd;
      } else if (tag === 2) {
        this.fieldValueType = this.#low;
        this.fieldHasValueType = true;
      } else if (tag === 3) {
        this.fieldRepresentationStart = this.valueStart;
        this.fieldRepresentationEnd = this.valueEnd;
      } else if (tag >= 4 && tag <= 8 && firstValue === to) {
        firstValue = this.#itemStart;
      }
    }
    this.#openStart = firstValue;
    this.#openEnd = to;
    this.#rewind();
  }

  /**
   * Finds the `fieldIndex`-th field whose name equals `name` (bytes) and opens it.
   * Returns false when there is none.
   */
  findField(name: Uint8Array, fieldIndex: number): boolean {
    this.scan();
    let seen = 0;
    const bytes = this.bytes;
    const length = name.length;
    for (let i = 0; i < this.fieldCount; i++) {
      // The name is the record's first item in every known encoding; other orders take the slow way.
      const from = this.#fieldBounds[2 * i] as number; // i < fieldCount: written by scan
      const to = this.#fieldBounds[2 * i + 1] as number;
      let matches: boolean;
      if (to - from >= 2 && bytes[from] === 0x0a && (bytes[from + 1] as number) < 0x80) {
        matches = bytes[from + 1] === length && from + 2 + length <= to;
        for (let k = 0; matches && k < length; k++) matches = bytes[from + 2 + k] === name[k];
      } else {
        this.openField(i);
        matches = this.fieldNameEnd - this.fieldNameStart === length;
        for (let k = 0; matches && k < length; k++) {
          matches = bytes[this.fieldNameStart + k] === name[k];
        }
      }
      if (matches && seen++ === fieldIndex) {
        this.openField(i);
        return true;
      }
    }
    return false;
  }

  /**
   * Finds value `arrayIndex` of the open field. For string and bytes `valueStart`/`valueEnd` hold its place,
   * for the others `valueNumber` holds it (booleans as 0 and 1). Returns false when there is none.
   * Reading values in ascending order takes one pass in all.
   */
  locateValue(arrayIndex: number): boolean {
    const wanted = VALUE_TAG_BY_TYPE[this.fieldValueType];
    if (wanted === undefined) return false;
    if (arrayIndex < this.#nextIndex) this.#rewind();
    while (this.#nextValue(wanted)) if (this.#nextIndex > arrayIndex) return true;
    return false;
  }

  /** How many values the open field has. */
  countValues(): number {
    const wanted = VALUE_TAG_BY_TYPE[this.fieldValueType];
    if (wanted === undefined) return 0;
    this.#rewind();
    while (this.#nextValue(wanted));
    const count = this.#nextIndex;
    this.#rewind();
    return count;
  }

  /** The integer that `locateValue` found last, without loss. */
  valueBig(): bigint {
    return this.#bigAt(this.#numberAt, this.#openEnd);
  }

  #rewind(): void {
    this.#nextAt = this.#openStart;
    this.#packedEnd = -1;
    this.#nextIndex = 0;
  }

  /** Moves to the open field's next value under tag `wanted`. */
  #nextValue(wanted: number): boolean {
    this.#position = this.#nextAt;
    if (this.#position < this.#packedEnd) {
      this.#number(wanted, this.#packedEnd);
      this.#nextAt = this.#position;
      this.#nextIndex++;
      return true;
    }
    const to = this.#openEnd;
    while (this.#position < to) {
      if (this.#fieldItem(to) !== wanted) continue;
      if (wanted > 5 && this.#itemWire === 2) {
        if (this.valueStart === this.valueEnd) continue;
        this.#packedEnd = this.valueEnd;
        this.#position = this.valueStart;
        this.#number(wanted, this.#packedEnd);
      }
      this.#nextAt = this.#position;
      this.#nextIndex++;
      return true;
    }
    this.#nextAt = to;
    return false;
  }

  #itemStart = 0;
  #itemWire = 0;
  #numberAt = 0;

  /** Reads one item of a field record; strings land in valueStart/End, numbers in valueNumber and #low. */
  #fieldItem(end: number): number {
    const itemAt = this.#position;
    this.#itemStart = itemAt;
    const key = this.#unsigned32(itemAt, end);
    const tag = key >>> 3;
    const wire = key & 7;
    this.#itemWire = wire;
    if (tag <= 8 && !((WIRE_TYPES_BY_TAG[tag] as number) & (1 << wire))) {
      throw this.#wrongWire(tag, wire, itemAt);
    }
    if (wire === 2) {
      const length = this.#unsigned32(this.#position, end);
      this.valueStart = this.#position;
      this.valueEnd = this.#position + length;
      if (this.valueEnd > end) throw this.#truncated(itemAt);
      this.#position = this.valueEnd;
    } else if (wire === 0) {
      this.#number(tag === 8 ? 8 : 6, end);
    } else if (wire === 1) {
      this.#number(7, end);
    } else if (wire === 5) {
      this.#position += 4;
      if (this.#position > end) throw this.#truncated(itemAt);
    } else {
      throw this.#wrongWire(tag, wire, itemAt);
    }
    return tag;
  }

  /** Reads one number in the encoding of a value tag (6 integer, 7 double, 8 bool) into valueNumber. */
  #number(tag: number, end: number): void {
    this.#numberAt = this.#position;
    if (tag === 7) {
      if (this.#position + 8 > end) throw this.#truncated(this.#position);
      for (let i = 0; i < 8; i++) doubleBytes[i] = this.bytes[this.#position + i] as number;
      this.valueNumber = doubleView.getFloat64(0, true);
      this.#position += 8;
      return;
    }
    this.#varint(end);
    this.valueNumber =
      tag === 8
        ? this.#low !== 0 || this.#high !== 0
          ? 1
          : 0
        : (this.#high | 0) * TWO_32 + this.#low;
  }

  /** The varint at `at`, which must fit into 32 bits: a key or a length. #position moves behind it. */
  #unsigned32(at: number, end: number): number {
    const byte = at < end ? (this.bytes[at] as number) : 0x80;
    if (byte < 0x80) {
      this.#position = at + 1;
      return byte;
    }
    this.#position = at;
    this.#varint(end);
    if (this.#high !== 0) throw this.#truncated(at);
    return this.#low;
  }

  /** Reads a varint at #position into #low and #high (unsigned 32-bit halves). */
  #varint(end: number): void {
    const bytes = this.bytes;
    let at = this.#position;
    let low = 0;
    let high = 0;
    let shift = 0;
    for (;;) {
      if (at >= end || shift > 63) throw this.#truncated(at);
      const byte = bytes[at++] as number; // at < end <= bytes.length
      if (shift < 28) low |= (byte & 0x7f) << shift;
      else if (shift === 28) {
        low |= (byte & 0x0f) << 28;
        high = (byte & 0x7f) >> 4;
      } else high |= (byte & 0x7f) << (shift - 32);
      if (byte < 0x80) break;
      shift += 7;
    }
    this.#position = at;
    this.#low = low >>> 0;
    this.#high = high >>> 0;
  }

  #truncated(at: number): HekateError {
    return new HekateError('HKT_MESSAGE_TRUNCATED', [at - this.start]);
  }

  #wrongWire(tag: number, wire: number, at: number): HekateError {
    return new HekateError('HKT_MESSAGE_WIRE_TYPE', [tag, wire, at - this.start]);
  }
}
