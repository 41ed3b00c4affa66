/**
 * A growing byte buffer that writes protobuf primitives. Used by the message encoders on both sides of an isolate,
 * so it holds no Node API. `limit` bounds the size: a write that goes more than 10 bytes beyond it throws
 * HKT_MESSAGE_TOO_BIG and adds nothing; `checkLimit` at the end is exact.
 */
import { HekateError } from './errors.ts';
import { utf8Length, writeUtf8 } from './text.ts';

const doubleBytes = new Uint8Array(8);
const doubleView = new DataView(doubleBytes.buffer);
const TWO_32 = 2 ** 32;
const TWO_63 = 2 ** 63;

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

  /**
   * A whole number as 64 bits, negative ones in two's complement. Exact for every double that is a whole number of the
   * int64 range; beyond it the nearest end of the range is written, and 0 for NaN.
   */
  varint(value: number): void {
    this.#room(10);
    if (value >= 0 && value < 0x80) {
      this.bytes[this.length++] = value;
      return;
    }
    if (value >= TWO_63) this.#halves(0xffffffff, 0x7fffffff);
    else if (value < -TWO_63) this.#halves(0, 0x80000000);
    else {
      // floor and >>> both work modulo 2^32 on two's complement, so one way serves both signs.
      const high = Math.floor(value / TWO_32);
      this.#halves((value - high * TWO_32) >>> 0, high >>> 0);
    }
  }

  /** The low 64 bits of a value, two's complement. */
  varintBig(value: bigint): void {
    this.#room(10);
    const bits = BigInt.asUintN(64, value);
    this.#halves(Number(bits & 0xffffffffn), Number(bits >> 32n));
  }

  /** Room for 10 bytes must be there. */
  #halves(lowBits: number, highBits: number): void {
    const bytes = this.bytes;
    let at = this.length;
    let low = lowBits;
    let high = highBits;
    while (high !== 0 || low > 0x7f) {
      bytes[at++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    bytes[at++] = low;
    this.length = at;
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

  /** bytes[start, end) as they are. */
  raw(bytes: Uint8Array, start: number, end: number): void {
    this.#room(end - start);
    this.bytes.set(bytes.subarray(start, end), this.length);
    this.length += end - start;
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
