/**
 * Strict reading of protobuf records from a byte array, for `decode_message`, whose errors name the place.
 * Every read is bounded; a method returns false when the bytes do not hold what it should read.
 */

const TWO_32 = 4294967296;
const VARINT_BYTES = 10;

const doubleBytes = new Uint8Array(8);
const doubleView = new DataView(doubleBytes.buffer);

export class WireReader {
  readonly bytes: Uint8Array;
  position: number;
  end: number;
  /** Key of the last `key()`. */
  tag = 0;
  wire = 0;
  /** Result of `integer`, `length` and `double`. */
  number = 0;
  /** Content of the last `span()`. */
  spanStart = 0;
  spanEnd = 0;

  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
  }

  /** A key of one byte, as all known ones have. False at the end only: whether the tag is a known one is for the caller. */
  key(): boolean {
    if (this.position >= this.end) return false;
    const byte = this.bytes[this.position++] as number; // position < end <= bytes.length
    this.wire = byte & 7;
    this.tag = byte >> 3;
    return true;
  }

  /** A varint as a signed 64-bit value in a double. */
  integer(): boolean {
    let low = 0;
    let high = 0;
    for (let i = 0; i < VARINT_BYTES; i++) {
      if (this.position >= this.end) return false;
      const byte = this.bytes[this.position++] as number; // position < end <= bytes.length
      const bits = byte & 0x7f;
      const shift = 7 * i;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) {
        this.number = (high | 0) * TWO_32 + (low >>> 0);
        return true;
      }
    }
    return false;
  }

  double(): boolean {
    if (this.position + 8 > this.end) return false;
    for (let i = 0; i < 8; i++) doubleBytes[i] = this.bytes[this.position + i] as number; // checked
    this.position += 8;
    this.number = doubleView.getFloat64(0, true);
    return true;
  }

  /** A length-delimited item; its content is between `spanStart` and `spanEnd`. */
  span(): boolean {
    if (!this.integer() || this.number < 0 || this.number > this.end - this.position) return false;
    this.spanStart = this.position;
    this.spanEnd = this.position + this.number;
    this.position = this.spanEnd;
    return true;
  }
}
