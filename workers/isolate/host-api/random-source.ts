/**
 * Random bytes for message UUIDs inside an isolate, where there is no `crypto`: xoshiro128** seeded by the host.
 * Good for uniqueness, not for secrets.
 */

export class RandomSource {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** `seed` is a byte string of 16 random bytes. */
  constructor(seed: string) {
    const word = (at: number): number =>
      (seed.charCodeAt(at) |
        (seed.charCodeAt(at + 1) << 8) |
        (seed.charCodeAt(at + 2) << 16) |
        (seed.charCodeAt(at + 3) << 24)) >>>
      0;
    this.#a = word(0);
    this.#b = word(4);
    this.#c = word(8);
    this.#d = word(12) | 1; // the all-zero state would stay zero for ever
  }

  /** 32 random bits. */
  next(): number {
    const scrambled = Math.imul(rotate(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = rotate(this.#d, 11);
    return scrambled;
  }

  /** Fills 16 bytes with a version 4 UUID; the variant nibble is always A, as the sandboxes write it. */
  fillUuid(bytes: Uint8Array): void {
    for (let i = 0; i < 16; i += 4) {
      const word = this.next();
      bytes[i] = word;
      bytes[i + 1] = word >>> 8;
      bytes[i + 2] = word >>> 16;
      bytes[i + 3] = word >>> 24;
    }
    bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40; // 16 bytes were written above
    bytes[8] = ((bytes[8] as number) & 0x0f) | 0xa0;
  }
}

function rotate(value: number, bits: number): number {
  return ((value << bits) | (value >>> (32 - bits))) >>> 0;
}
