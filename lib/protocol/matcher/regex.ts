/**
 * Regular expressions of a matcher: RE2's syntax, unanchored, in time linear in the input. Literals become byte tests,
 * the rest runs on re2js over the message's own bytes (a byte that is not UTF-8 counts as one U+FFFD, as in Go).
 */
import { RE2JS } from 're2js';
import { errorText, HekateError } from '../errors.ts';
import type { ByteTest } from './byte-test.ts';
import {
  AUTOMATON_BASE_BYTES,
  AUTOMATON_BYTES_PER_INSTRUCTION,
  MAX_GROUP_NESTING,
  MAX_PATTERN_LENGTH,
  MAX_REGEX_COST,
  REGEX_BASE_COST,
} from './limits.ts';
import { estimateRegex } from './regex-cost.ts';
import { literalTest } from './regex-literal.ts';

export interface RegexTest {
  readonly test: ByteTest;
  /** Steps per byte of input at the worst; the matcher bounds the sum of its expressions. */
  readonly cost: number;
}

/**
 * The test that searches a byte range for `pattern`. `pos` is its place in the matcher's text, for errors.
 * Throws HKT_MATCHER_REGEX and HKT_MATCHER_TOO_BIG.
 */
export function compileRegex(pattern: string, pos: number): RegexTest {
  if (pattern.length > MAX_PATTERN_LENGTH) {
    throw tooBig(pos, "a regular expression's length", pattern.length, MAX_PATTERN_LENGTH);
  }
  const literal = literalTest(pattern);
  if (literal !== undefined) return literal;
  const estimate = estimateRegex(pattern);
  if (estimate.nesting > MAX_GROUP_NESTING) {
    throw tooBig(pos, "a regular expression's nesting", estimate.nesting, MAX_GROUP_NESTING);
  }
  // The estimate errs on the high side by up to a factor of 3; it only has to keep the compiler out of trouble.
  if (estimate.instructions > 4 * MAX_REGEX_COST) {
    throw tooBig(pos, "a regular expression's program", estimate.instructions, MAX_REGEX_COST);
  }
  const regex = compileRe2(pattern, pos);
  const re2 = regex.re2();
  const instructions = regex.programSize();
  limitAutomaton(regex, instructions);
  return {
    test: (bytes, start, end) => re2.matchUTF8(bytes.subarray(start, end)),
    cost: REGEX_BASE_COST + instructions,
  };
}

export function tooBig(pos: number, what: string, size: number, limit: number): HekateError {
  return new HekateError('HKT_MATCHER_TOO_BIG', [pos, what, size, limit]);
}

function compileRe2(pattern: string, pos: number): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (thrown) {
    const shown = `/${pattern.slice(0, 64)}/`;
    throw new HekateError(
      'HKT_MATCHER_REGEX',
      [shown, pos, errorText(thrown).slice(0, 200)],
      thrown,
    );
  }
}

/** Lowers the memory that the library's automaton may cache states in. */
function limitAutomaton(regex: RE2JS, instructions: number): void {
  const re2 = regex.re2();
  if (re2.onepass !== null) return; // runs without cached states
  const bytes = AUTOMATON_BASE_BYTES + AUTOMATON_BYTES_PER_INSTRUCTION * instructions;
  const automaton = re2.dfa;
  automaton.stateBudget = bytes;
  automaton.memBudget = bytes;
}
