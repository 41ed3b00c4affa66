/**
 * The bits of a Bloom filter: XXH32 of the key with seeds 0, 1, 2 … picks the bits. Bit n is bit n % 8 of byte n / 8.
 */
import type { HashKey } from '../hashes/hash-key.ts';
import { xxh32 } from '../hashes/xxh32.ts';

/** ln(1 / 2^ln 2). */
const BITS_DIVISOR = Math.log(1 / 2 ** Math.LN2);

export interface BloomSize {
  readonly bits: number;
  readonly bytes: number;
  readonly hashes: number;
}

/** The size for so many items at that probability of a false "yes". */
export function bloomSize(items: number, probability: number): BloomSize {
  const bits = Math.ceil((items * Math.log(probability)) / BITS_DIVISOR);
  return {
    bits,
    bytes: Math.ceil(bits / 8),
    hashes: Math.round((Math.LN2 * bits) / items),
  };
}

export class BloomBits {
  readonly bits: number;
  readonly hashes: number;
  readonly bytes: Uint8Array;

  constructor(size: BloomSize) {
    this.bits = size.bits;
    this.hashes = size.hashes;
    this.bytes = new Uint8Array(size.bytes);
  }

  /** Sets the key's bits; true when one of them was not set before. */
  add(key: HashKey): boolean {
    const { bits, bytes, hashes } = this;
    let added = false;
    for (let seed = 0; seed < hashes; seed++) {
      const bit = xxh32(key, seed) % bits;
      const at = Math.floor(bit / 8);
      const old = bytes[at] as number; // a bit of the filter
      const set = old | (1 << (bit & 7));
      if (set !== old) {
        bytes[at] = set;
        added = true;
      }
    }
    return added;
  }

  has(key: HashKey): boolean {
    const { bits, bytes, hashes } = this;
    for (let seed = 0; seed < hashes; seed++) {
      const bit = xxh32(key, seed) % bits;
      if (((bytes[Math.floor(bit / 8)] as number) & (1 << (bit & 7))) === 0) return false; // as above
    }
    return true;
  }
}
