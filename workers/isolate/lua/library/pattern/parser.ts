/**
 * Patterns as lists of items, for the compiler. What Lua 5.1 would complain about, at whatever place and time, is left to the
 * interpreter: then there is no list.
 */
import { ALL_BYTES, ByteSet, classSet, singleByte } from './byte-set.ts';
import { MAX_CAPTURES } from './captures.ts';

/** One byte of a set, repeated `least` to `most` times. */
export interface SetItem {
  readonly kind: 'set';
  readonly set: ByteSet;
  readonly least: 0 | 1;
  readonly most: number;
  /** As few as possible? */
  readonly lazy: boolean;
}

export type Item =
  | SetItem
  | { readonly kind: 'open' | 'close' | 'position' | 'reference'; readonly index: number }
  | { readonly kind: 'balance'; readonly open: number; readonly close: number }
  | { readonly kind: 'frontier'; readonly set: ByteSet }
  | { readonly kind: 'end' };

export interface Parsed {
  readonly items: readonly Item[];
  /** For each capture: is it a position? */
  readonly positions: readonly boolean[];
}

/** Longest pattern that is compiled, bytes. */
const MAX_LENGTH = 256;
/** Repetitions in a compiled pattern: each is a loop within the one before. */
const MAX_REPETITIONS = 32;

const isPart = (code: number): boolean => code >= 0; // not NaN: the end of the pattern

/** Reads the pattern from its character `from` on. */
export function parsePattern(pattern: string, from: number): Parsed | undefined {
  if (pattern.length > MAX_LENGTH) return undefined;
  const items: Item[] = [];
  const positions: boolean[] = [];
  const open: number[] = [];
  const closed = new Set<number>();
  let repetitions = 0;
  let p = from;
  while (p < pattern.length) {
    const character = pattern.charAt(p);
    const next = pattern.charAt(p + 1);
    if (character === '(') {
      if (positions.length >= MAX_CAPTURES) return undefined;
      const index = positions.push(next === ')') - 1;
      if (next === ')') items.push({ kind: 'position', index });
      else {
        open.push(index);
        items.push({ kind: 'open', index });
      }
      p += next === ')' ? 2 : 1;
    } else if (character === ')') {
      const index = open.pop();
      if (index === undefined) return undefined;
      closed.add(index);
      items.push({ kind: 'close', index });
      p++;
    } else if (character === '$' && next === '') {
      items.push({ kind: 'end' });
      p++;
    } else if (character === '%' && next === 'b') {
      const first = pattern.charCodeAt(p + 2);
      const last = pattern.charCodeAt(p + 3);
      if (!isPart(last)) return undefined;
      items.push({ kind: 'balance', open: first, close: last });
      p += 4;
    } else if (character === '%' && next === 'f') {
      const end = pattern.charAt(p + 2) === '[' ? itemEnd(pattern, p + 2) : -1;
      if (end < 0) return undefined;
      items.push({ kind: 'frontier', set: byteSet(pattern, p + 2, end) });
      p = end;
    } else if (character === '%' && next >= '0' && next <= '9') {
      const index = Number(next) - 1;
      if (!closed.has(index)) return undefined;
      items.push({ kind: 'reference', index });
      p += 2;
    } else {
      const end = itemEnd(pattern, p);
      if (end < 0) return undefined;
      const set = byteSet(pattern, p, end);
      const suffix = pattern.charAt(end);
      const repeated = suffix !== '' && '*+-?'.includes(suffix);
      if (repeated && ++repetitions > MAX_REPETITIONS) return undefined;
      items.push({
        kind: 'set',
        set,
        least: repeated && suffix !== '+' ? 0 : 1,
        most: repeated && suffix !== '?' ? Number.POSITIVE_INFINITY : 1,
        lazy: suffix === '-',
      });
      p = end + (repeated ? 1 : 0);
    }
  }
  return open.length === 0 ? { items, positions } : undefined;
}

/** The index behind a single item; -1 if it has no end. */
function itemEnd(pattern: string, from: number): number {
  const character = pattern.charAt(from);
  if (character === '%') return from + 1 < pattern.length ? from + 2 : -1;
  if (character !== '[') return from + 1;
  let p = from + 1;
  if (pattern.charAt(p) === '^') p++;
  do {
    if (p >= pattern.length) return -1;
    if (pattern.charAt(p++) === '%' && p < pattern.length) p++;
  } while (pattern.charAt(p) !== ']');
  return p + 1;
}

/** The bytes that the single item from `from` to `end` matches. */
function byteSet(pattern: string, from: number, end: number): ByteSet {
  const code = pattern.charCodeAt(from);
  const letter = pattern.charCodeAt(from + 1);
  switch (pattern.charAt(from)) {
    case '.':
      return ALL_BYTES;
    case '%':
      return classSet(letter);
    case '[':
      break;
    default:
      return singleByte(code);
  }
  const set = new ByteSet();
  const close = end - 1;
  const negated = pattern.charAt(from + 1) === '^';
  for (let p = from + (negated ? 2 : 1); p < close; p++) {
    const item = pattern.charCodeAt(p);
    if (pattern.charAt(p) === '%') {
      p++;
      set.addAll(classSet(pattern.charCodeAt(p)));
    } else if (pattern.charAt(p + 1) === '-' && p + 2 < close) {
      p += 2;
      set.addRange(item, pattern.charCodeAt(p));
    } else {
      set.addRange(item, item);
    }
  }
  return negated ? set.complement() : set;
}
