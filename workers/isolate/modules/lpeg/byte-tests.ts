/**
 * Writes the tests of whether a byte is in a set, in JavaScript: comparisons where few do, else a look into a table. The byte
 * is an expression, evaluated once; it may be END where that is said.
 */
import { type ByteRange, type ByteSet, END } from './byte-set.ts';

/** Ranges that are compared one by one at most. */
const MOST_RANGES = 2;

export class ByteTests {
  /** Sets whose tables the code asks for as T0, T1, … */
  readonly tables: ByteSet[] = [];
  readonly #numbers = new Map<string, number>();

  /** True when the byte is in the set. */
  inside(set: ByteSet, byte: string, mayEnd: boolean): string {
    const ranges = set.ranges();
    if (ranges.length === 0) return 'false';
    if (set.isFull()) return mayEnd ? `${byte}<${END}` : 'true';
    if (isFew(ranges, byte)) return ranges.map((range) => within(range, byte)).join('||');
    const gaps = set.complement().ranges();
    if (!mayEnd && isFew(gaps, byte)) return gaps.map((range) => without(range, byte)).join('&&');
    return `${this.#look(set, byte)}===1`;
  }

  /** True when the byte is not in the set. */
  outside(set: ByteSet, byte: string, mayEnd: boolean): string {
    const ranges = set.ranges();
    if (ranges.length === 0) return 'true';
    if (set.isFull()) return mayEnd ? `${byte}===${END}` : 'false';
    if (isFew(ranges, byte)) return ranges.map((range) => without(range, byte)).join('&&');
    const gaps = set.complement().ranges();
    if (!mayEnd && isFew(gaps, byte)) return gaps.map((range) => within(range, byte)).join('||');
    return `${this.#look(set, byte)}===0`;
  }

  #look(set: ByteSet, byte: string): string {
    let index = this.#numbers.get(set.key);
    if (index === undefined) {
      index = this.tables.push(set) - 1;
      this.#numbers.set(set.key, index);
    }
    return `T${index}[${byte}]`;
  }
}

/** A name may be asked several times, anything longer once. */
function isFew(ranges: readonly ByteRange[], byte: string): boolean {
  return ranges.length <= (/^\w+$/.test(byte) ? MOST_RANGES : 1);
}

function within([first, last]: ByteRange, byte: string): string {
  if (first === last) return `${byte}===${first}`;
  if (first === 0) return `${byte}<=${last}`;
  return `(${byte}-${first}>>>0)<=${last - first}`;
}

function without([first, last]: ByteRange, byte: string): string {
  if (first === last) return `${byte}!==${first}`;
  if (first === 0) return `${byte}>${last}`;
  return `(${byte}-${first}>>>0)>${last - first}`;
}
