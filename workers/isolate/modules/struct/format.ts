/**
 * Format texts of the `struct` module, item by item: byte order, alignment, and the size of what comes next. The text ends
 * at its first zero byte.
 */
import { GuestArgumentError, GuestError } from '../../engine.ts';

/** Sizes of a 64-bit machine. */
const SIZES: Readonly<Record<string, number>> = {
  b: 1,
  B: 1,
  h: 2,
  H: 2,
  l: 8,
  L: 8,
  T: 8,
  f: 4,
  d: 8,
  x: 1,
};
const INTEGER_SIZE = 4;
const LARGEST_INTEGER_SIZE = 32;
const DEFAULT_ALIGNMENT = 8;
/** Numbers in formats stop growing here. */
const LARGEST_NUMBER = 2 ** 31 - 1;

export class Format {
  readonly #text: string;
  #at = 0;
  #alignment = 1;
  littleEndian = true;
  /** The current item's letter, and its size: 0 for what has none of its own. */
  option = '';
  size = 0;

  constructor(text: string) {
    const end = text.indexOf('\0');
    this.#text = end < 0 ? text : text.slice(0, end);
  }

  /** Goes on to the next item; false at the end. */
  next(): boolean {
    if (this.#at >= this.#text.length) return false;
    this.option = this.#text.charAt(this.#at++);
    this.size = this.#sizeOf(this.option);
    return true;
  }

  #sizeOf(option: string): number {
    if (option === 'c') return this.#number(1);
    if (option !== 'i' && option !== 'I') return SIZES[option] ?? 0;
    const size = this.#number(INTEGER_SIZE);
    if (size > LARGEST_INTEGER_SIZE) {
      throw new GuestError(`integral size ${size} is larger than limit of ${LARGEST_INTEGER_SIZE}`);
    }
    return size;
  }

  /** Decimal digits at this place; without one the default. */
  #number(otherwise: number): number {
    let value = otherwise;
    for (let first = true; ; first = false) {
      const digit = this.#text.charCodeAt(this.#at) - 48;
      if (!(digit >= 0 && digit <= 9)) return value;
      value = Math.min(LARGEST_NUMBER, (first ? 0 : value) * 10 + digit);
      this.#at++;
    }
  }

  /** Zero bytes before the current item, at that place of the data. */
  padding(place: number): number {
    if (this.size === 0 || this.option === 'c') return 0;
    const size = Math.min(this.size, this.#alignment);
    return (size - (place & (size - 1))) & (size - 1);
  }

  /** Obeys an item that is no data. */
  control(): void {
    switch (this.option) {
      case ' ':
        return;
      case '>':
        this.littleEndian = false;
        return;
      case '<':
        this.littleEndian = true;
        return;
      case '!': {
        const alignment = this.#number(DEFAULT_ALIGNMENT);
        if (alignment === 0 || (alignment & (alignment - 1)) !== 0) {
          throw new GuestError(`alignment ${alignment} is not a power of 2`);
        }
        this.#alignment = alignment;
        return;
      }
      default:
        throw new GuestArgumentError(1, `invalid format option '${this.option}'`);
    }
  }
}
