/**
 * Sets of bytes. A set knows the ranges it consists of, and how to ask in JavaScript whether a byte is in it: comparisons
 * where few do, else a look into a table.
 */
import { isInClass } from '../../../lua-text/character-classes.ts';

export type Range = readonly [first: number, last: number];

const BYTES = 256;
const WORDS = BYTES / 32;
/** Ranges that are compared one by one at most. */
const MAX_RANGES = 2;

export class ByteSet {
  /** A bit for each byte. */
  readonly words: Int32Array;
  #ranges: readonly Range[] | undefined = undefined;

  constructor(words = new Int32Array(WORDS)) {
    this.words = words;
  }

  static ofRange(first: number, last: number): ByteSet {
    const set = new ByteSet();
    set.addRange(first, last);
    return set;
  }

  addRange(first: number, last: number): void {
    for (let code = first; code <= last; code++) {
      this.words[code >> 5] = (this.words[code >> 5] as number) | (1 << (code & 31));
    }
  }

  addAll(other: ByteSet): void {
    for (let i = 0; i < WORDS; i++) {
      this.words[i] = (this.words[i] as number) | (other.words[i] as number);
    }
  }

  has(code: number): boolean {
    return (((this.words[code >> 5] as number) >>> (code & 31)) & 1) === 1;
  }

  union(other: ByteSet): ByteSet {
    const set = new ByteSet(this.words.slice());
    set.addAll(other);
    return set;
  }

  complement(): ByteSet {
    return new ByteSet(this.words.map((word) => ~word));
  }

  isDisjointFrom(other: ByteSet): boolean {
    for (let i = 0; i < WORDS; i++) {
      if (((this.words[i] as number) & (other.words[i] as number)) !== 0) return false;
    }
    return true;
  }

  isFull(): boolean {
    return this.words.every((word) => word === -1);
  }

  /** The ranges it consists of, in order. */
  ranges(): readonly Range[] {
    if (this.#ranges === undefined) {
      const found: Range[] = [];
      for (let code = 0; code < BYTES; code++) {
        if (!this.has(code)) continue;
        const first = code;
        while (code + 1 < BYTES && this.has(code + 1)) code++;
        found.push([first, code]);
      }
      this.#ranges = found;
    }
    return this.#ranges;
  }

  /** The one byte of a set of one; otherwise undefined. */
  onlyByte(): number | undefined {
    const [range, second] = this.ranges();
    return range !== undefined && second === undefined && range[0] === range[1]
      ? range[0]
      : undefined;
  }

  /** 1 for each byte that is in the set. */
  table(): Uint8Array {
    return new Uint8Array(BYTES).map((_, code) => (this.has(code) ? 1 : 0));
  }
}

export const ALL_BYTES = ByteSet.ofRange(0, BYTES - 1);

const singles: ByteSet[] = [];
const classSets = new Map<number, ByteSet>();
for (const letter of 'acdlpsuwxzACDLPSUWXZ') {
  const set = new ByteSet();
  const code = letter.charCodeAt(0);
  for (let byte = 0; byte < BYTES; byte++) if (isInClass(byte, code)) set.addRange(byte, byte);
  set.ranges();
  classSets.set(code, set);
}

/** The set of one byte. Never to be added to. */
export function singleByte(code: number): ByteSet {
  let set = singles[code];
  if (set === undefined) {
    set = ByteSet.ofRange(code, code);
    singles[code] = set;
  }
  return set;
}

/** What `%<letter>` matches. Never to be added to. */
export function classSet(letter: number): ByteSet {
  return classSets.get(letter) ?? singleByte(letter);
}

/** Writes the tests of one pattern; collects the tables they look into. */
export class ByteTests {
  readonly tables: ByteSet[] = [];

  /** Is the byte that `expression` stands for in the set? Uses the variable `c`. */
  inside(set: ByteSet, expression: string): string {
    const ranges = set.ranges();
    if (ranges.length === 0) return 'false';
    const outside = gaps(ranges);
    if (outside.length === 0) return 'true';
    if (ranges.length <= outside.length) {
      if (ranges.length <= MAX_RANGES) return anyOf(ranges, expression);
    } else if (outside.length <= MAX_RANGES) {
      return noneOf(outside, expression);
    }
    return `t${this.#table(set)}[${expression}]===1`;
  }

  #table(set: ByteSet): number {
    const known = this.tables.indexOf(set);
    return known >= 0 ? known : this.tables.push(set) - 1;
  }
}

function gaps(ranges: readonly Range[]): Range[] {
  const found: Range[] = [];
  let next = 0;
  for (const [first, last] of ranges) {
    if (first > next) found.push([next, first - 1]);
    next = last + 1;
  }
  if (next < BYTES) found.push([next, BYTES - 1]);
  return found;
}

function anyOf(ranges: readonly Range[], expression: string): string {
  const byte =
    ranges.length === 1 && ranges[0]?.[0] === ranges[0]?.[1] ? ranges[0]?.[0] : undefined;
  if (byte !== undefined) return `${expression}===${byte}`;
  const tests = ranges.map(([first, last], i) => {
    const c = i === 0 ? `(c=${expression})` : 'c';
    if (first === last) return `${c}===${first}`;
    if (first === 0) return `${c}<=${last}`;
    if (last === BYTES - 1) return `${c}>=${first}`;
    return `${c}>=${first}&&c<=${last}`;
  });
  return `(${tests.join('||')})`;
}

function noneOf(ranges: readonly Range[], expression: string): string {
  const byte =
    ranges.length === 1 && ranges[0]?.[0] === ranges[0]?.[1] ? ranges[0]?.[0] : undefined;
  if (byte !== undefined) return `${expression}!==${byte}`;
  const tests = ranges.map(([first, last], i) => {
    const c = i === 0 ? `(c=${expression})` : 'c';
    if (first === last) return `${c}!==${first}`;
    if (first === 0) return `${c}>${last}`;
    if (last === BYTES - 1) return `${c}<${first}`;
    return `(${c}<${first}||c>${last})`;
  });
  return `(${tests.join('&&')})`;
}
