/**
 * Tests of a byte range against a literal: the ground of every string test. No test allocates, and each
 * takes time linear in the range at the worst.
 */
import type { Operator } from './ast.ts';

export type ByteTest = (bytes: Uint8Array, start: number, end: number) => boolean;

export function equalTo(literal: Uint8Array): ByteTest {
  const length = literal.length;
  return (bytes, start, end) => {
    if (end - start !== length) return false;
    // From the end, because dotted names share their beginnings.
    for (let i = length - 1; i >= 0; i--) if (bytes[start + i] !== literal[i]) return false;
    return true;
  };
}

export function startingWith(literal: Uint8Array): ByteTest {
  const length = literal.length;
  return (bytes, start, end) => {
    if (end - start < length) return false;
    for (let i = 0; i < length; i++) if (bytes[start + i] !== literal[i]) return false;
    return true;
  };
}

export function endingWith(literal: Uint8Array): ByteTest {
  const length = literal.length;
  return (bytes, start, end) => {
    const from = end - length;
    if (from < start) return false;
    for (let i = 0; i < length; i++) if (bytes[from + i] !== literal[i]) return false;
    return true;
  };
}

/** Knuth, Morris and Pratt's search: linear whatever the literal, because tenants choose it. */
export function containing(literal: Uint8Array): ByteTest {
  const length = literal.length;
  if (length === 0) return always;
  const borders = bordersOf(literal);
  return (bytes, start, end) => {
    const last = end - length;
    let at = findFirst(bytes, literal, start, last);
    if (at > last) return false;
    let matched = 1;
    at++;
    while (matched < length) {
      if (at >= end) return false;
      if (bytes[at] === literal[matched]) {
        matched++;
        at++;
        continue;
      }
      matched = borders[matched - 1] as number; // 0 < matched < length
      if (matched > 0) continue;
      at = findFirst(bytes, literal, at, last) + 1;
      if (at > last + 1) return false;
      matched = 1;
    }
    return true;
  };
}

/** The first place up to `last` that holds the literal's first byte, else a place behind `last`. */
function findFirst(bytes: Uint8Array, literal: Uint8Array, from: number, last: number): number {
  const first = literal[0];
  let at = from;
  while (at <= last && bytes[at] !== first) at++;
  return at;
}

/** For each prefix of the literal, the length of its longest proper border. */
function bordersOf(literal: Uint8Array): Uint32Array {
  const borders = new Uint32Array(literal.length);
  let length = 0;
  for (let i = 1; i < literal.length; i++) {
    while (length > 0 && literal[i] !== literal[length]) length = borders[length - 1] as number; // length <= i
    if (literal[i] === literal[length]) length++;
    borders[i] = length;
  }
  return borders;
}

/** Less than, equal to or greater than zero as the range sorts before, with or after the literal, byte by byte. */
function order(bytes: Uint8Array, start: number, end: number, literal: Uint8Array): number {
  const length = Math.min(end - start, literal.length);
  for (let i = 0; i < length; i++) {
    const difference = (bytes[start + i] as number) - (literal[i] as number); // both within bounds
    if (difference !== 0) return difference;
  }
  return end - start - literal.length;
}

/** The test for a relational operator; never called with a regular expression's operator. */
export function comparing(operator: Operator, literal: Uint8Array): ByteTest {
  switch (operator) {
    case '==':
      return equalTo(literal);
    case '!=':
      return not(equalTo(literal));
    case '<':
      return (bytes, start, end) => order(bytes, start, end, literal) < 0;
    case '<=':
      return (bytes, start, end) => order(bytes, start, end, literal) <= 0;
    case '>':
      return (bytes, start, end) => order(bytes, start, end, literal) > 0;
    case '>=':
      return (bytes, start, end) => order(bytes, start, end, literal) >= 0;
    case '=~':
    case '!~':
      throw new RangeError(`${operator} does not compare`); // the parser lets it stand before a regex only
    default:
      return operator satisfies never;
  }
}

export function not(test: ByteTest): ByteTest {
  return (bytes, start, end) => !test(bytes, start, end);
}

export function anyOf(tests: readonly ByteTest[]): ByteTest {
  const [only] = tests;
  if (tests.length === 1 && only !== undefined) return only;
  return (bytes, start, end) => {
    for (const test of tests) if (test(bytes, start, end)) return true;
    return false;
  };
}

export const always: ByteTest = () => true;
export const never: ByteTest = () => false;
