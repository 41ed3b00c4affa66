/**
 * The patterns in use: each is interpreted at first and compiled when it has proved worth it. Both forms give the same
 * results.
 */
import { allocate, charge } from '../../runtime/meter.ts';
import type { Search } from './captures.ts';
import { compilePattern } from './compiler.ts';
import { instantiate } from './instantiate.ts';
import { interpret, stepsTaken } from './interpreter.ts';

/** Compiled patterns that are kept, and others that are. */
const MAX_PATTERNS = 200;
/** Searches after which a pattern is compiled … */
const SEARCHES = 4;
/** … or steps of the interpreter that take as long as compiling does. */
const STEPS = 4096;
/** What compiling costs: instructions, more of them for each byte of the pattern, and bytes that the code takes. */
const COMPILE_CHARGE = 1000;
const COMPILE_BYTE_CHARGE = 50;
const COMPILED_BYTES = 6 * 1024;

const CARET = 94;

export class Pattern {
  readonly key: string;
  /** As a C string: what follows a NUL is not seen. */
  readonly text: string;
  /** Does it match at the first place only? */
  readonly anchored: boolean;
  /** The search, once it is compiled. */
  compiled: Search | undefined = undefined;
  searches = 0;
  steps = 0;

  constructor(key: string, anchored: boolean) {
    const nul = key.indexOf('\0');
    this.key = key;
    this.text = nul < 0 ? key : key.slice(0, nul);
    this.anchored = anchored;
  }
}

const counted = new Map<string, Pattern>();
const compiled = new Map<string, Pattern>();
let last = new Pattern('', false);

/** The pattern of a text, for which a `^` in front is an anchor. */
export function patternOf(text: string): Pattern {
  if (text === last.key) return last;
  let pattern = compiled.get(text) ?? counted.get(text);
  if (pattern === undefined) {
    pattern = new Pattern(text, text.charCodeAt(0) === CARET);
    if (counted.size >= MAX_PATTERNS) counted.clear();
    counted.set(text, pattern);
  }
  last = pattern;
  return pattern;
}

/** As patternOf, where a `^` in front is an ordinary character. */
export function floatingPatternOf(text: string): Pattern {
  return text.charCodeAt(0) === CARET ? new Pattern(text, false) : patternOf(text);
}

/** The offset of the next match from `init` on, or -1; what it captured is in `found`. */
export function search(pattern: Pattern, source: string, init: number): number {
  const { compiled: quick } = pattern;
  return quick === undefined ? searchFirst(pattern, source, init) : quick(source, init);
}

/** A search before the pattern is compiled, and the first one after. */
function searchFirst(pattern: Pattern, source: string, init: number): number {
  const from = pattern.anchored ? 1 : 0;
  pattern.searches++;
  if (instantiate !== undefined && (pattern.searches > SEARCHES || pattern.steps > STEPS)) {
    charge(COMPILE_CHARGE + COMPILE_BYTE_CHARGE * pattern.text.length);
    allocate(COMPILED_BYTES);
    const quick = compilePattern(pattern.text, from, pattern.anchored, instantiate);
    if (quick !== undefined) {
      keep(pattern, quick);
      return quick(source, init);
    }
    // Not to be tried again.
    pattern.searches = Number.NEGATIVE_INFINITY;
    pattern.steps = Number.NEGATIVE_INFINITY;
  }
  const start = interpret(source, pattern.text, init, from, pattern.anchored);
  pattern.steps += stepsTaken();
  return start;
}

function keep(pattern: Pattern, quick: Search): void {
  pattern.compiled = quick;
  counted.delete(pattern.key);
  if (compiled.size >= MAX_PATTERNS) {
    for (const oldest of compiled.keys()) {
      compiled.delete(oldest);
      break;
    }
  }
  compiled.set(pattern.key, pattern);
}
