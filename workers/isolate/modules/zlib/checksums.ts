/**
 * CRC-32 and Adler-32 of byte strings, and of a text in two parts whose sums are known: what zlib calls combining.
 */

export interface Checksum {
  /** Of no bytes at all. */
  readonly initial: number;
  /** Goes on from the sum of what came before. */
  readonly update: (sum: number, text: string) => number;
  /** Of a first part and a second one, which has so many bytes. */
  readonly combine: (first: number, second: number, secondBytes: number) => number;
}

/** The polynomial of CRC-32, lowest power first. */
const POLYNOMIAL = 0xedb88320;
const ADLER_BASE = 65521;
/** The most bytes whose sums cannot exceed what a double holds exactly; small enough to stay in 32 bits. */
const ADLER_RUN = 2048;

let table: Int32Array | undefined;

function crcTable(): Int32Array {
  if (table !== undefined) return table;
  table = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let rest = byte;
    for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ POLYNOMIAL : rest >>> 1;
    table[byte] = rest;
  }
  return table;
}

/** The product of two polynomials modulo the CRC's. */
function multiply(a: number, b: number): number {
  let product = 0;
  let power = b;
  for (let bit = 31; bit >= 0; bit--) {
    if ((a >>> bit) & 1) product ^= power;
    power = power & 1 ? (power >>> 1) ^ POLYNOMIAL : power >>> 1;
  }
  return product >>> 0;
}

/** x to the power of 8 · bytes, modulo the polynomial: what so many bytes behind a text do to its sum. */
function shift(bytes: number): number {
  let factor = 0x00800000; // x to the power of 8
  let result = 0x80000000; // 1
  for (let left = bytes; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = multiply(result, factor);
    factor = multiply(factor, factor);
  }
  return result;
}

export const crc32: Checksum = {
  initial: 0,
  update: (sum, text) => {
    const remainders = crcTable();
    let crc = ~sum;
    for (let i = 0; i < text.length; i++) {
      crc = (crc >>> 8) ^ (remainders[(crc ^ text.charCodeAt(i)) & 255] as number); // 256 entries
    }
    return ~crc >>> 0;
  },
  combine: (first, second, secondBytes) => (multiply(shift(secondBytes), first) ^ second) >>> 0,
};

export const adler32: Checksum = {
  initial: 1,
  update: (sum, text) => {
    let low = sum & 0xffff;
    let high = sum >>> 16;
    for (let at = 0; at < text.length; ) {
      for (const end = Math.min(at + ADLER_RUN, text.length); at < end; at++) {
        low += text.charCodeAt(at);
        high += low;
      }
      low %= ADLER_BASE;
      high %= ADLER_BASE;
    }
    return high * 65536 + low;
  },
  combine: (first, second, secondBytes) => {
    const firstLow = first & 0xffff;
    const low = (firstLow + (second & 0xffff) + ADLER_BASE - 1) % ADLER_BASE;
    const moved = ((secondBytes % ADLER_BASE) * (firstLow + ADLER_BASE - 1)) % ADLER_BASE;
    const high = ((first >>> 16) + (second >>> 16) + moved) % ADLER_BASE;
    return high * 65536 + low;
  },
};
