/**
 * Finds regular expressions that are literals in disguise, such as `^heka\.`, `stats.*` or `^(GET|PUT)$`, and reduces
 * them to byte tests. What it does not know for sure it leaves alone: `undefined` is always a right answer.
 */
import { utf8Bytes } from '../text.ts';
import type { ByteTest } from './byte-test.ts';
import { always, anyOf, containing, endingWith, equalTo, startingWith } from './byte-test.ts';
import { LITERAL_SEARCH_COST } from './limits.ts';

export interface LiteralTest {
  readonly test: ByteTest;
  /** Steps per byte of input at the worst. */
  readonly cost: number;
}

type Item = { readonly text: string } | '^' | '$' | '(' | ')' | '|' | '.*';

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** The byte test that gives the same verdicts as searching for `pattern`, when there is one. */
export function literalTest(pattern: string): LiteralTest | undefined {
  const items = itemsOf(pattern);
  if (items === undefined) return undefined;
  return items.includes('(') || items.includes(')')
    ? groupTest(items)
    : branchesTest(items, false, false);
}

/** Cuts the pattern into literal text and the few operators known here. */
function itemsOf(pattern: string): Item[] | undefined {
  const items: Item[] = [];
  let text = '';
  for (let at = 0; at < pattern.length; ) {
    const code = pattern.codePointAt(at) as number; // at < length
    // A replacement character in a pattern also matches a byte that is not UTF-8; a lone surrogate has no bytes.
    if (code === 0xfffd || (code >= 0xd800 && code <= 0xdfff)) return undefined;
    const c = String.fromCodePoint(code);
    at += c.length;
    let item: Item | undefined;
    switch (c) {
      case '^':
      case '$':
      case '|':
      case ')':
        item = c;
        break;
      case '(':
        if (pattern.startsWith('?:', at)) at += 2;
        else if (pattern.startsWith('?', at)) return undefined;
        item = '(';
        break;
      case '.':
        if (!pattern.startsWith('*', at)) return undefined;
        at += pattern.startsWith('*?', at) ? 2 : 1;
        item = '.*';
        break;
      case '*':
      case '+':
      case '?':
      case '[':
      case '{':
        return undefined;
      case '\\': {
        const escaped = pattern.charAt(at++);
        if (escaped === 'A') item = '^';
        else if (escaped === 'z') item = '$';
        else {
          const plain = Object.hasOwn(ESCAPES, escaped) ? ESCAPES[escaped] : punctuation(escaped);
          if (plain === undefined) return undefined;
          text += plain;
        }
        break;
      }
      default:
        text += c;
    }
    if (item === undefined) continue;
    if (text !== '') items.push({ text });
    text = '';
    items.push(item);
  }
  if (text !== '') items.push({ text });
  return items;
}

/** An escaped ASCII character that is neither letter nor digit stands for itself. */
function punctuation(c: string): string | undefined {
  return c !== '' && c <= '\x7f' && !/[0-9A-Za-z]/.test(c) ? c : undefined;
}

/** `^`? `(` branches `)` `.*`? `$`?, where the anchors hold for every branch. */
function groupTest(items: readonly Item[]): LiteralTest | undefined {
  let from = 0;
  let to = items.length;
  const anchoredStart = items[0] === '^';
  if (anchoredStart) from++;
  const anchoredEnd = items[to - 1] === '$';
  if (anchoredEnd) to--;
  else if (items[to - 1] === '.*') to--;
  if (items[from] !== '(' || items[to - 1] !== ')') return undefined;
  const inside = items.slice(from + 1, to - 1);
  if (inside.some((item) => typeof item === 'string' && item !== '|')) return undefined;
  return branchesTest(inside, anchoredStart, anchoredEnd);
}

function branchesTest(
  items: readonly Item[],
  anchoredStart: boolean,
  anchoredEnd: boolean,
): LiteralTest | undefined {
  const tests: ByteTest[] = [];
  let cost = 0;
  for (let from = 0; from <= items.length; ) {
    const bar = items.indexOf('|', from);
    const to = bar < 0 ? items.length : bar;
    const branch = branchTest(items.slice(from, to), anchoredStart, anchoredEnd);
    if (branch === undefined) return undefined;
    tests.push(branch.test);
    cost += branch.cost;
    from = to + 1;
  }
  return { test: anyOf(tests), cost };
}

/** `^`? `.*`? text? `.*`? `$`?, as far as `.*` (which stops at a line end) cannot change the verdict. */
function branchTest(
  items: readonly Item[],
  anchoredStart: boolean,
  anchoredEnd: boolean,
): LiteralTest | undefined {
  let from = 0;
  let to = items.length;
  let start = anchoredStart;
  let end = anchoredEnd;
  if (!start && items[from] === '^') {
    start = true;
    from++;
  }
  if (!end && to > from && items[to - 1] === '$') {
    end = true;
    to--;
  }
  if (!end && to > from && items[to - 1] === '.*') to--;
  if (!start && from < to && items[from] === '.*') from++;
  if (to - from > 1) return undefined;
  const item = items[from];
  if (to > from && typeof item !== 'object') return undefined;
  const literal = utf8Bytes(to > from && typeof item === 'object' ? item.text : '');
  if (start && end) return { test: equalTo(literal), cost: 0 };
  if (literal.length === 0) return { test: always, cost: 0 };
  if (start) return { test: startingWith(literal), cost: 0 };
  if (end) return { test: endingWith(literal), cost: 0 };
  return { test: containing(literal), cost: LITERAL_SEARCH_COST };
}
