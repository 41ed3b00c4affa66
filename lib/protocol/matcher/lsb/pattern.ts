/**
 * Patterns of lua_sandbox's matcher: Lua 5.1's without captures, over bytes. A pattern becomes a list of items; as only
 * the verdict counts, `-` is `*`, and what cannot change the verdict is cut off. Literals become byte tests, the
 * rest an automaton, or where that cannot be, a walk over position lists: all take time linear in the input.
 */
import type { ByteTest } from '../byte-test.ts';
import { always, containing, endingWith, equalTo, never, startingWith } from '../byte-test.ts';
import { LITERAL_SEARCH_COST } from '../limits.ts';
import type { ByteSet } from './byte-set.ts';
import { anyByte, bracketSet, classOf, onlyByteOf, singleByte } from './byte-set.ts';
import { AUTOMATON_COST, automatonTest, fitsAutomaton } from './pattern-automaton.ts';
import { POSITIONS_BASE_COST, positionsTest } from './pattern-positions.ts';

/**
 * One step of a pattern: a byte of the set, once (`one`), at most once (`option`) or any number of times (`star`); the
 * place where the set begins (`frontier`); or a balanced run between two bytes.
 */
export type PatternItem =
  | { readonly kind: 'one' | 'option' | 'star' | 'frontier'; readonly set: ByteSet }
  | { readonly kind: 'balance'; readonly open: number; readonly close: number };

export interface Pattern {
  readonly items: readonly PatternItem[];
  readonly anchoredStart: boolean;
  readonly anchoredEnd: boolean;
}

export interface PatternTest {
  readonly test: ByteTest;
  /** Steps per byte of input at the worst; the matcher bounds the sum of its patterns. */
  readonly cost: number;
}

const PERCENT = 0x25;
const MAGIC: ReadonlySet<number> = new Set(Array.from('^$*+?.[%-', (c) => c.charCodeAt(0)));

/** The test that searches a byte range for `pattern`; `plain` takes it as it is. Malformed patterns match nothing. */
export function compilePattern(pattern: Uint8Array, plain: boolean): PatternTest {
  if (plain || !pattern.some((byte) => MAGIC.has(byte))) {
    return { test: containing(pattern), cost: LITERAL_SEARCH_COST };
  }
  const parsed = parsePattern(pattern);
  if (parsed === undefined) return { test: never, cost: 0 };
  const simple = withoutIdleEnds(parsed);
  const literal = literalTest(simple);
  if (literal !== undefined) return literal;
  return fitsAutomaton(simple)
    ? { test: automatonTest(simple), cost: AUTOMATON_COST }
    : { test: positionsTest(simple), cost: POSITIONS_BASE_COST + simple.items.length };
}

/** The items of a pattern; undefined when it is malformed, which upstream notices only while it matches. */
export function parsePattern(pattern: Uint8Array): Pattern | undefined {
  const items: PatternItem[] = [];
  const { length } = pattern;
  const anchoredStart = pattern[0] === 0x5e;
  let anchoredEnd = false;
  let at = anchoredStart ? 1 : 0;
  while (at < length) {
    const byte = pattern[at] as number; // at < length
    const escaped = byte === PERCENT ? pattern[at + 1] : undefined;
    if (escaped === 0x62) {
      const open = pattern[at + 2];
      const close = pattern[at + 3];
      if (open === undefined || close === undefined) return undefined;
      items.push({ kind: 'balance', open, close });
      at += 4;
      continue;
    }
    if (escaped === 0x66) {
      const close = pattern[at + 2] === 0x5b ? bracketEnd(pattern, at + 2) : -1;
      if (close < 0) return undefined;
      items.push({ kind: 'frontier', set: bracketSet(pattern, at + 2, close) });
      at = close + 1;
      continue;
    }
    if (byte === 0x24 && at + 1 === length) {
      anchoredEnd = true;
      break;
    }
    let set: ByteSet;
    if (byte === PERCENT) {
      if (escaped === undefined) return undefined;
      set = classOf(escaped);
      at += 2;
    } else if (byte === 0x5b) {
      const close = bracketEnd(pattern, at);
      if (close < 0) return undefined;
      set = bracketSet(pattern, at, close);
      at = close + 1;
    } else {
      set = byte === 0x2e ? anyByte : singleByte(byte);
      at++;
    }
    switch (pattern[at]) {
      case 0x3f: // ?
        items.push({ kind: 'option', set });
        at++;
        break;
      case 0x2b: // +
        items.push({ kind: 'one', set }, { kind: 'star', set });
        at++;
        break;
      case 0x2a: // *
      case 0x2d: // -
        items.push({ kind: 'star', set });
        at++;
        break;
      default:
        items.push({ kind: 'one', set });
    }
  }
  return { items, anchoredStart, anchoredEnd };
}

/** The place of the bracket that closes the set at `open`, or -1. The first byte of a set never closes it. */
function bracketEnd(pattern: Uint8Array, open: number): number {
  let at = open + 1;
  if (pattern[at] === 0x5e) at++;
  do {
    if (at >= pattern.length) return -1;
    if (pattern[at++] === PERCENT && at < pattern.length) at++;
  } while (pattern[at] !== 0x5d);
  return at;
}

/** Cuts off what matches nothing as well as something, and `.*` together with the anchor that it outdoes. */
function withoutIdleEnds(pattern: Pattern): Pattern {
  let { anchoredStart, anchoredEnd } = pattern;
  let from = 0;
  let to = pattern.items.length;
  for (; from < to; from++) {
    const first = pattern.items[from];
    if (first?.kind !== 'star' && first?.kind !== 'option') break;
    if (!anchoredStart) continue;
    if (first.kind !== 'star' || first.set !== anyByte) break;
    anchoredStart = false;
  }
  for (; from < to; to--) {
    const last = pattern.items[to - 1];
    if (last?.kind !== 'star' && last?.kind !== 'option') break;
    if (!anchoredEnd) continue;
    if (last.kind !== 'star' || last.set !== anyByte) break;
    anchoredEnd = false;
  }
  return { items: pattern.items.slice(from, to), anchoredStart, anchoredEnd };
}

/** The byte test of a pattern that is a text with or without anchors. */
function literalTest(pattern: Pattern): PatternTest | undefined {
  const { items, anchoredStart, anchoredEnd } = pattern;
  const literal = new Uint8Array(items.length);
  for (const [i, item] of items.entries()) {
    const byte = item.kind === 'one' ? onlyByteOf(item.set) : -1;
    if (byte < 0) return undefined;
    literal[i] = byte;
  }
  if (anchoredStart && anchoredEnd) return { test: equalTo(literal), cost: 0 };
  if (literal.length === 0) return { test: always, cost: 0 };
  if (anchoredStart) return { test: startingWith(literal), cost: 0 };
  if (anchoredEnd) return { test: endingWith(literal), cost: 0 };
  return { test: containing(literal), cost: LITERAL_SEARCH_COST };
}
