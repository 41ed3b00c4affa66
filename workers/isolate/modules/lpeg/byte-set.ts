/**
 * Sets of bytes. A set never changes once it is made, so sets are shared freely.
 */

export type ByteRange = readonly [first: number, last: number];

const BYTES = 256;
const WORD_BITS = 32;
const WORDS = BYTES / WORD_BITS;
/** What stands for the byte at the end of a subject: in no set. */
export const END = BYTES;

export class ByteSet {
  /** A bit for each byte. */
  readonly #words: Int32Array;
  #ranges: readonly ByteRange[] | undefined = undefined;
  #table: Uint8Array | undefined = undefined;
  #key: string | undefined = undefined;

  constructor(words: Int32Array) {
    this.#words = words;
  }

  static ofRanges(...ranges: readonly ByteRange[]): ByteSet {
    const words = new Int32Array(WORDS);
    for (const [first, last] of ranges)
      for (let byte = first; byte <= last; byte++) add(words, byte);
    return new ByteSet(words);
  }

  static ofText(text: string): ByteSet {
    const words = new Int32Array(WORDS);
    for (let i = 0; i < text.length; i++) add(words, text.charCodeAt(i));
    return new ByteSet(words);
  }

  has(byte: number): boolean {
    return (((this.#words[byte >> 5] ?? 0) >>> (byte & 31)) & 1) === 1;
  }

  union(other: ByteSet): ByteSet {
    if (other === this || other === NO_BYTES || this === ALL_BYTES) return this;
    if (this === NO_BYTES || other === ALL_BYTES) return other;
    return new ByteSet(this.#words.map((word, i) => word | other.#word(i)));
  }

  intersection(other: ByteSet): ByteSet {
    if (other === this || other === ALL_BYTES || this === NO_BYTES) return this;
    if (this === ALL_BYTES || other === NO_BYTES) return other;
    return new ByteSet(this.#words.map((word, i) => word & other.#word(i)));
  }

  minus(other: ByteSet): ByteSet {
    return new ByteSet(this.#words.map((word, i) => word & ~other.#word(i)));
  }

  complement(): ByteSet {
    return new ByteSet(this.#words.map((word) => ~word));
  }

  isDisjointFrom(other: ByteSet): boolean {
    return this.#words.every((word, i) => (word & other.#word(i)) === 0);
  }

  isWithin(other: ByteSet): boolean {
    return this === other || this.#words.every((word, i) => (word & ~other.#word(i)) === 0);
  }

  equals(other: ByteSet): boolean {
    return this === other || this.#words.every((word, i) => word === other.#word(i));
  }

  /** The same for equal sets. */
  get key(): string {
    this.#key ??= this.#words.join();
    return this.#key;
  }

  isEmpty(): boolean {
    return this.#words.every((word) => word === 0);
  }

  isFull(): boolean {
    return this.#words.every((word) => word === -1);
  }

  /** The ranges it consists of, in order. */
  ranges(): readonly ByteRange[] {
    if (this.#ranges !== undefined) return this.#ranges;
    const ranges: ByteRange[] = [];
    for (let byte = 0; byte < BYTES; byte++) {
      if (!this.has(byte)) continue;
      const first = byte;
      while (byte + 1 < BYTES && this.has(byte + 1)) byte++;
      ranges.push([first, byte]);
    }
    this.#ranges = ranges;
    return ranges;
  }

  /** 1 for each byte of the set, 0 for the others and for END. */
  table(): Uint8Array {
    this.#table ??= new Uint8Array(BYTES + 1).map((_, byte) =>
      byte < BYTES && this.has(byte) ? 1 : 0,
    );
    return this.#table;
  }

  #word(i: number): number {
    return this.#words[i] ?? 0;
  }
}

function add(words: Int32Array, byte: number): void {
  const word = byte >> 5;
  words[word] = (words[word] ?? 0) | (1 << (byte & 31));
}

export const NO_BYTES: ByteSet = new ByteSet(new Int32Array(WORDS));
export const ALL_BYTES: ByteSet = NO_BYTES.complement();

const singles: ByteSet[] = [];

export function singleByte(byte: number): ByteSet {
  singles[byte] ??= ByteSet.ofRanges([byte, byte]);
  return singles[byte];
}
