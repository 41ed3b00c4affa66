/**
 * A growing byte buffer that writes protobuf primitives. Used by the message encoders on both sides of an isolate,
 * so it holds no Node API. `limit` bounds the size: a write beyond it throws HKT_MESSAGE_TOO_BIG and adds nothing.
 */
import { HekateError } from './errors.ts';
import { utf8Length, writeUtf8 } from './text.ts';

const doubleBytes = new Uint8Array(8);
const doubleView = new DataView(doubleBytes.buffer);
const TWO_32 = 4294967296;

export class ProtobufWriter {
  bytes: Uint8Array;
  length = 0;
  readonly limit: number;

  constructor(limit: number, initialSize = 512) {
    this.limit = limit;
    this.bytes = new Uint8Array(Math.min(initialSize, limit));
  }

  /** Forgets what was written and keeps the buffer. */
  clear(): void {
    this.length = 0;
  }

  /** A copy of what was written. */
  take(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  tag(field: number, wire: number): void {
    this.varint((field << 3) | wire);
  }

  /** Unsigned or non-negative value up to 2^53; negative values are written as 64-bit two's complement. */
  varint(value: number): void {
    this.#room(10);
    let at = this.length;
    const bytes = this.bytes;
    if (value >= 0 && value < 0x80) {
      bytes[at] = value;
      this.length = at + 1;
      return;
    }
    let low: number;
    let high: number;
    if (value < 0) {
      const magnitude = -value;
      low = (~(magnitude >>> 0) + 1) >>> 0;
      high = ~Math.floor(magnitude / TWO_32) >>> 0;
      if (low === 0) high = (high + 1) >>> 0;
    } else {
      low = value >>> 0;
      high = Math.floor(value / TWO_32) >>> 0;
    }
    while (high !== 0 || low > 0x7f) {
      bytes[at++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    bytes[at++] = low;
    this.length = at;
  }

  /** A 64-bit value, two's complement. */
  varintBig(value: bigint): void {
    this.#room(10);
    let rest = BigInt.asUintN(64, value);
    while (rest > 0x7fn) {
      this.bytes[this.length++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.bytes[this.length++] = Number(rest);
  }

  double(value: number): void {
    this.#room(8);
    doubleView.setFloat64(0, value, true);
    this.bytes.set(doubleBytes, this.length);
    this.length += 8;
  }

  /** Length-delimited bytes, with their length in front. */
  lengthDelimited(value: Uint8Array): void {
    this.varint(value.length);
    this.#room(value.length);
    this.bytes.set(value, this.length);
    this.length += value.length;
  }

  /** A byte string (latin1), with its length in front. */
  byteString(value: string): void {
    this.varint(value.length);
    this.#room(value.length);
    const bytes = this.bytes;
    let at = this.length;
    for (let i = 0; i < value.length; i++) bytes[at++] = value.charCodeAt(i);
    this.length = at;
  }

  /** A string in UTF-8, with its length in front. */
  utf8String(value: string): void {
    const size = utf8Length(value);
    this.varint(size);
    this.#room(size);
    this.length = writeUtf8(this.bytes, this.length, value);
  }

  /**
   * Writes a length-delimited item whose size is known only afterwards. `begin` returns a mark for `finish`.
   * The length takes one byte unless the content is 128 bytes or longer, then the content is moved.
   */
  begin(field: number): number {
    this.tag(field, 2);
    this.#room(1);
    this.length++;
    return this.length;
  }

  finish(mark: number): void {
    const size = this.length - mark;
    let extra = 0;
    for (let rest = size >>> 7; rest > 0; rest >>>= 7) extra++;
    if (extra > 0) {
      this.#room(extra);
      this.bytes.copyWithin(mark + extra, mark, this.length);
    }
    const end = this.length + extra;
    this.length = mark - 1;
    this.varint(size);
    this.length = end;
  }

  #room(size: number): void {
    const need = this.length + size;
    if (need <= this.bytes.length) return;
    if (need > this.limit + 10) throw new HekateError('HKT_MESSAGE_TOO_BIG', [need, this.limit]);
    const grown = new Uint8Array(Math.min(Math.max(need, this.bytes.length * 2), this.limit + 10));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  /** Throws HKT_MESSAGE_TOO_BIG when more than `limit` bytes were written. */
  checkLimit(): void {
    if (this.length > this.limit) {
      throw new HekateError('HKT_MESSAGE_TOO_BIG', [this.length, this.limit]);
    }
  }
}
