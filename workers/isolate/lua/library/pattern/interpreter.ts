/**
 * Lua 5.1's pattern matching, straight from the pattern's text: what runs a pattern the first few times. Every step and
 * every backtrack is paid for.
 */
import { isInClass } from '../../../lua-text/character-classes.ts';
import { raise } from '../../runtime/errors.ts';
import { charge } from '../../runtime/meter.ts';
import { FIRST, found, MAX_CAPTURES, OPEN, POSITION } from './captures.ts';

/** Nested repetitions and captures; Lua 5.1 has no limit of its own and relies on the C stack. */
export const MAX_DEPTH = 200;
/** Steps of the matcher for the price of one instruction. */
const STEPS_PER_INSTRUCTION = 16;
/** Steps between two charges. */
const STEP_BATCH = 1024;

const PERCENT = 37;
const DOLLAR = 36;
const OPEN_PARENTHESIS = 40;
const CLOSE_PARENTHESIS = 41;
const STAR = 42;
const PLUS = 43;
const MINUS = 45;
const DOT = 46;
const QUESTION = 63;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const CARET = 94;

// The search that runs. Nothing of the guest can run meanwhile, so that there is only one.
let source = '';
let pattern = '';
let level = 0;
let depth = 0;
let steps = 0;
/** Steps of the last search that were paid before it ended. */
let paid = 0;

/** What is wrong with a pattern. */
class PatternFault {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

function fault(text: string): never {
  throw new PatternFault(text);
}

function settle(): void {
  const instructions = Math.ceil(steps / STEPS_PER_INSTRUCTION);
  paid += steps;
  steps = 0;
  charge(instructions);
}

function step(): void {
  if (++steps >= STEP_BATCH) settle();
}

/** Steps that the last search took. */
export function stepsTaken(): number {
  return paid;
}

/**
 * Searches `text` from `init` on for the pattern, which begins at its character `from`; if it is anchored, only at `init`.
 */
export function interpret(
  text: string,
  patternText: string,
  init: number,
  from: number,
  anchored: boolean,
): number {
  source = text;
  pattern = patternText;
  steps = 0;
  paid = 0;
  try {
    const start = run(init, from, anchored);
    settle();
    return start;
  } catch (error) {
    // Raised from here: where the stack is short, the caller's position is found.
    if (error instanceof PatternFault) raise(error.text);
    throw error;
  }
}

function run(init: number, from: number, anchored: boolean): number {
  for (let start = init; start <= source.length; start++) {
    level = 0;
    depth = 0;
    const end = match(start, from);
    if (end >= 0) {
      found[0] = end;
      found[1] = level;
      return start;
    }
    if (anchored) break;
  }
  return -1;
}

function match(start: number, from: number): number {
  if (++depth > MAX_DEPTH) fault('pattern too complex');
  const end = matchHere(start, from);
  depth--;
  return end;
}

function matchHere(start: number, from: number): number {
  let s = start;
  let p = from;
  for (;;) {
    step();
    if (p >= pattern.length) return s;
    const code = pattern.charCodeAt(p);
    if (code === OPEN_PARENTHESIS) {
      return pattern.charCodeAt(p + 1) === CLOSE_PARENTHESIS
        ? startCapture(s, p + 2, POSITION)
        : startCapture(s, p + 1, OPEN);
    }
    if (code === CLOSE_PARENTHESIS) return endCapture(s, p + 1);
    if (code === DOLLAR && p + 1 === pattern.length) return s === source.length ? s : -1;
    if (code === PERCENT) {
      const next = pattern.charCodeAt(p + 1);
      if (next === 98) {
        // %b
        s = balance(s, p + 2);
        if (s < 0) return -1;
        p += 4;
        continue;
      }
      if (next === 102) {
        // %f
        p += 2;
        if (pattern.charCodeAt(p) !== OPEN_BRACKET) fault("missing '[' after '%f' in pattern");
        const end = itemEnd(p);
        const before = s === 0 ? 0 : source.charCodeAt(s - 1);
        const here = s < source.length ? source.charCodeAt(s) : 0;
        if (isInSet(before, p, end - 1) || !isInSet(here, p, end - 1)) return -1;
        p = end;
        continue;
      }
      if (next >= 48 && next <= 57) {
        s = backReference(s, next - 49);
        if (s < 0) return -1;
        p += 2;
        continue;
      }
    }
    const end = itemEnd(p);
    const suffix = end < pattern.length ? pattern.charCodeAt(end) : 0;
    if (suffix === QUESTION) {
      if (single(s, p, end)) {
        const to = match(s + 1, end + 1);
        if (to >= 0) return to;
      }
      p = end + 1;
    } else if (suffix === STAR) {
      return expandMost(s, p, end);
    } else if (suffix === PLUS) {
      return single(s, p, end) ? expandMost(s + 1, p, end) : -1;
    } else if (suffix === MINUS) {
      return expandLeast(s, p, end);
    } else {
      if (!single(s, p, end)) return -1;
      s++;
      p = end;
    }
  }
}

/** The pattern index behind a single item. */
function itemEnd(from: number): number {
  let p = from;
  const code = pattern.charCodeAt(p++);
  if (code === PERCENT) {
    if (p >= pattern.length) fault("malformed pattern (ends with '%')");
    return p + 1;
  }
  if (code !== OPEN_BRACKET) return p;
  if (p < pattern.length && pattern.charCodeAt(p) === CARET) p++;
  do {
    step();
    if (p >= pattern.length) fault("malformed pattern (missing ']')");
    if (pattern.charCodeAt(p++) === PERCENT && p < pattern.length) p++;
  } while (p >= pattern.length || pattern.charCodeAt(p) !== CLOSE_BRACKET);
  return p + 1;
}

function single(s: number, p: number, end: number): boolean {
  step();
  if (s >= source.length) return false;
  const code = source.charCodeAt(s);
  const item = pattern.charCodeAt(p);
  switch (item) {
    case DOT:
      return true;
    case PERCENT:
      return isInClass(code, pattern.charCodeAt(p + 1));
    case OPEN_BRACKET:
      return isInSet(code, p, end - 1);
    default:
      return item === code;
  }
}

/** Tests a set; `close` is the index of its `]`. */
function isInSet(code: number, open: number, close: number): boolean {
  let p = open + 1;
  let inside = true;
  if (pattern.charCodeAt(p) === CARET) {
    inside = false;
    p++;
  }
  for (; p < close; p++) {
    step();
    const item = pattern.charCodeAt(p);
    if (item === PERCENT) {
      p++;
      if (isInClass(code, pattern.charCodeAt(p))) return inside;
    } else if (pattern.charCodeAt(p + 1) === MINUS && p + 2 < close) {
      p += 2;
      if (item <= code && code <= pattern.charCodeAt(p)) return inside;
    } else if (item === code) {
      return inside;
    }
  }
  return !inside;
}

function expandMost(start: number, p: number, end: number): number {
  let s = start;
  while (single(s, p, end)) s++;
  for (; s >= start; s--) {
    const to = match(s, end + 1);
    if (to >= 0) return to;
  }
  return -1;
}

function expandLeast(start: number, p: number, end: number): number {
  for (let s = start; ; s++) {
    const to = match(s, end + 1);
    if (to >= 0) return to;
    if (!single(s, p, end)) return -1;
  }
}

function startCapture(s: number, p: number, mark: number): number {
  if (level >= MAX_CAPTURES) fault('too many captures');
  found[FIRST + 2 * level] = s;
  found[FIRST + 1 + 2 * level] = mark;
  level++;
  const to = match(s, p);
  if (to < 0) level--;
  return to;
}

function endCapture(s: number, p: number): number {
  let index = level - 1;
  while (index >= 0 && found[FIRST + 1 + 2 * index] !== OPEN) index--;
  if (index < 0) fault('invalid pattern capture');
  found[FIRST + 1 + 2 * index] = s - (found[FIRST + 2 * index] as number);
  const to = match(s, p);
  if (to < 0) found[FIRST + 1 + 2 * index] = OPEN;
  return to;
}

function balance(start: number, p: number): number {
  if (p + 1 >= pattern.length) fault('unbalanced pattern');
  const open = pattern.charCodeAt(p);
  const close = pattern.charCodeAt(p + 1);
  if (start >= source.length || source.charCodeAt(start) !== open) return -1;
  let nested = 1;
  for (let s = start + 1; s < source.length; s++) {
    step();
    const code = source.charCodeAt(s);
    if (code === close) {
      if (--nested === 0) return s + 1;
    } else if (code === open) {
      nested++;
    }
  }
  return -1;
}

function backReference(s: number, index: number): number {
  const length = index < 0 || index >= level ? OPEN : (found[FIRST + 1 + 2 * index] as number);
  if (length === OPEN) fault('invalid capture index');
  const from = found[FIRST + 2 * index] as number;
  // A position capture has no text; Lua 5.1 compares its mark as a length and never finds it.
  if (length < 0 || source.length - s < length) return -1;
  steps += length >> 4;
  step();
  return source.substring(from, from + length) === source.substring(s, s + length)
    ? s + length
    : -1;
}
