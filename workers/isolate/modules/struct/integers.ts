/**
 * Integers of any number of bytes from and to doubles, through 64 bits in two halves. Doubles outside of 64 bits give the
 * bits that the C conversion gives on x86-64.
 */

const HALF = 2 ** 32;
const SIGN = 2 ** 63;
const WIDTH = 8;

/** The number's lowest bytes; more than eight are filled up with zeros. */
export function integerBytes(value: number, size: number, littleEndian: boolean): string {
  const whole = Math.trunc(clamped(value));
  let high = Math.floor(whole / HALF) | 0;
  let low = (whole - Math.floor(whole / HALF) * HALF) | 0;
  let text = '';
  for (let i = 0; i < size; i++) {
    const byte = String.fromCharCode(low & 0xff);
    text = littleEndian ? text + byte : byte + text;
    low = (low >>> 8) | (high << 24);
    high >>>= 8;
  }
  return text;
}

function clamped(value: number): number {
  if (value < 0) return Math.max(value, -SIGN);
  if (value < 2 * SIGN) return value;
  return Number.isNaN(value) ? SIGN : 0;
}

/** Of more than eight bytes only the lowest eight count. */
export function readInteger(
  data: string,
  at: number,
  size: number,
  littleEndian: boolean,
  signed: boolean,
): number {
  const bytes = Math.min(size, WIDTH);
  let high = 0;
  let low = 0;
  for (let i = bytes - 1; i >= 0; i--) {
    const byte = data.charCodeAt(littleEndian ? at + i : at + size - 1 - i);
    high = (high << 8) | (low >>> 24);
    low = (low << 8) | byte;
  }
  if (signed && size > 0 && size < WIDTH) {
    const unused = 64 - 8 * size;
    if (unused >= 32) {
      low = (low << (unused - 32)) >> (unused - 32);
      high = low >> 31;
    } else high = (high << unused) >> unused;
  }
  return (signed ? high : high >>> 0) * HALF + (low >>> 0);
}
