/**
 * Offsets of one protobuf-encoded Heka message inside a byte array. Found in one pass, nothing is copied.
 * A view is a reusable register file: `reset` points it at other bytes, and the field registers describe the
 * field that was located last. Layout and quirks as Heka 0.11 (message.proto; both packed and unpacked numbers).
 *
 *   bytes: …| 0a 10 <uuid> | 10 <timestamp> | 1a n <type> | … | 52 n <field> | 52 n <field> |…
 *            start                                                                        end
 */
import { HekateError } from './errors.ts';

/** Value types of a field, by their number on the wire. */
export const ValueType = { string: 0, bytes: 1, integer: 2, double: 3, bool: 4 } as const;
export type ValueTypeNumber = (typeof ValueType)[keyof typeof ValueType];

const VALUE_TAG_BY_TYPE = [4, 5, 6, 7, 8] as const;
const TWO_32 = 4294967296;

const doubleBytes = new Uint8Array(8);
const doubleView = new DataView(doubleBytes.buffer);

export class MessageView {
  bytes: Uint8Array = new Uint8Array(0);
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
  #fieldStarts: number[] = [];
  #fieldEnds: number[] = [];

  // Registers of the field that `openField` read last.
  fieldNameStart = 0;
  fieldNameEnd = 0;
  fieldValueType: number = ValueType.string;
  fieldHasValueType = false;
  fieldRepresentationStart = -1;
  fieldRepresentationEnd = -1;
  #openStart = 0;
  #openEnd = 0;

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

  /** Finds all headers and field records. Throws HKT_MESSAGE_* when the bytes are not a message. */
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
    this.#position = this.start;
    const end = this.end;
    while (this.#position < end) {
      const at = this.#position;
      this.#varint(end);
      const tag = this.#low >>> 3;
      const wire = this.#low & 7;
      if (wire === 2) {
        this.#varint(end);
        const from = this.#position;
        const to = from + this.#low;
        if (this.#high !== 0 || to > end) throw new HekateError('HKT_MESSAGE_TRUNCATED', [at - this.start]);
        this.#position = to;
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
            this.#fieldStarts[this.fieldCount] = from;
            this.#fieldEnds[this.fieldCount] = to;
            this.fieldCount++;
            break;
          case 0:
          case 2:
          case 5:
          case 8:
            throw new HekateError('HKT_MESSAGE_WIRE_TYPE', [tag, wire, at - this.start]);
          default: // unknown tags are kept as they are
        }
      } else if (wire === 0) {
        const valueAt = this.#position;
        this.#varint(end);
        switch (tag) {
          case 2:
            this.hasTimestamp = true;
            this.timestampAt = valueAt;
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
            throw new HekateError('HKT_MESSAGE_WIRE_TYPE', [tag, wire, at - this.start]);
          default:
        }
      } else if ((wire === 1 || wire === 5) && tag > 10) {
        this.#position += wire === 1 ? 8 : 4;
        if (this.#position > end) throw new HekateError('HKT_MESSAGE_TRUNCATED', [at - this.start]);
      } else {
        throw new HekateError('HKT_MESSAGE_WIRE_TYPE', [tag, wire, at - this.start]);
      }
    }
    this.#scanned = true;
  }

  /** The timestamp without loss; 0n when unset. */
  timestampBig(): bigint {
    this.scan();
    if (this.timestampAt < 0) return 0n;
    this.#position = this.timestampAt;
    this.#varint(this.end);
    return BigInt.asIntN(64, (BigInt(this.#high) << 32n) | BigInt(this.#low));
  }

  /** Reads name, type and representation of field `index` (wire order) into the field registers. */
  openField(index: number): void {
    const from = this.#fieldStarts[index];
    const to = this.#fieldEnds[index];
    if (from === undefined || to === undefined) throw new RangeError(`no field ${index}`);
    this.fieldNameStart = from;
    this.fieldNameEnd = from;
    this.fieldValueType = ValueType.string;
    this.fieldHasValueType = false;
    this.fieldRepresentationStart = -1;
    this.fieldRepresentationEnd = -1;
    this.#openEnd = to;
    this.#position = from;
    let firstValue = to;
    while (this.#position < to) {
      const tag = this.#fieldItem(to);
      if (tag === 1) {
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
      const from = this.#fieldStarts[i] as number; // i < fieldCount: written by scan
      let matches: boolean;
      if (bytes[from] === 0x0a && (bytes[from + 1] as number) < 0x80) {
        matches = bytes[from + 1] === length && from + 2 + length <= (this.#fieldEnds[i] as number);
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
   */
  locateValue(arrayIndex: number): boolean {
    const wanted = VALUE_TAG_BY_TYPE[this.fieldValueType];
    if (wanted === undefined) return false;
    const to = this.#openEnd;
    this.#position = this.#openStart;
    let seen = 0;
    while (this.#position < to) {
      const tag = this.#fieldItem(to);
      if (tag !== wanted) continue;
      if (wanted <= 5) {
        if (seen++ === arrayIndex) return true;
      } else if (this.#itemWire === 2) {
        const resume = this.#position;
        const stop = this.valueEnd;
        this.#position = this.valueStart;
        while (this.#position < stop) {
          this.#number(wanted, stop);
          if (seen++ === arrayIndex) return true;
        }
        this.#position = resume;
      } else {
        if (seen++ === arrayIndex) return true;
      }
    }
    return false;
  }

  /** How many values the open field has. */
  countValues(): number {
    const wanted = VALUE_TAG_BY_TYPE[this.fieldValueType];
    if (wanted === undefined) return 0;
    const to = this.#openEnd;
    this.#position = this.#openStart;
    let count = 0;
    while (this.#position < to) {
      if (this.#fieldItem(to) !== wanted) continue;
      if (wanted > 5 && this.#itemWire === 2) {
        const resume = this.#position;
        const stop = this.valueEnd;
        this.#position = this.valueStart;
        while (this.#position < stop) {
          this.#number(wanted, stop);
          count++;
        }
        this.#position = resume;
      } else count++;
    }
    return count;
  }

  #itemStart = 0;
  #itemWire = 0;

  /** Reads one item of a field record; strings land in valueStart/End, numbers in valueNumber and #low. */
  #fieldItem(end: number): number {
    this.#itemStart = this.#position;
    this.#varint(end);
    const tag = this.#low >>> 3;
    const wire = this.#low & 7;
    this.#itemWire = wire;
    if (wire === 2) {
      this.#varint(end);
      this.valueStart = this.#position;
      this.valueEnd = this.#position + this.#low;
      if (this.#high !== 0 || this.valueEnd > end) {
        throw new HekateError('HKT_MESSAGE_TRUNCATED', [this.#itemStart - this.start]);
      }
      this.#position = this.valueEnd;
    } else if (wire === 0) {
      this.#number(tag === 8 ? 8 : 6, end);
    } else if (wire === 1) {
      this.#number(7, end);
    } else if (wire === 5 && tag > 8) {
      this.#position += 4;
      if (this.#position > end) {
        throw new HekateError('HKT_MESSAGE_TRUNCATED', [this.#itemStart - this.start]);
      }
    } else {
      throw new HekateError('HKT_MESSAGE_WIRE_TYPE', [tag, wire, this.#itemStart - this.start]);
    }
    if ((tag === 1 || (tag >= 3 && tag <= 5)) && wire !== 2) {
      throw new HekateError('HKT_MESSAGE_WIRE_TYPE', [tag, wire, this.#itemStart - this.start]);
    }
    return tag;
  }

  /** Reads one number in the encoding of a value tag (6 integer, 7 double, 8 bool) into valueNumber. */
  #number(tag: number, end: number): void {
    if (tag === 7) {
      if (this.#position + 8 > end) {
        throw new HekateError('HKT_MESSAGE_TRUNCATED', [this.#position - this.start]);
      }
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

  /** Reads a varint at #position into #low and #high (unsigned 32-bit halves). */
  #varint(end: number): void {
    const bytes = this.bytes;
    let at = this.#position;
    let low = 0;
    let high = 0;
    let shift = 0;
    for (;;) {
      if (at >= end || shift > 63) throw new HekateError('HKT_MESSAGE_TRUNCATED', [at - this.start]);
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
}
