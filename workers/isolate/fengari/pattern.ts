/**
 * Lua 5.1's pattern matching over byte strings, metered: every step and every backtrack counts. Knows nothing of the
 * virtual machine; faults of a pattern are thrown as PatternError.
 */
import { isInClass } from '../lua-text/character-classes.ts';
import { budget } from './budget.ts';

/** Captures of one pattern, as Lua 5.1's LUA_MAXCAPTURES. */
const MAX_CAPTURES = 32;
/** Nested repetitions and captures; Lua 5.1 has no limit of its own and relies on the C stack. */
const MAX_DEPTH = 200;
/** Steps of the matcher for the price of one instruction of the interpreter. */
const STEPS_PER_INSTRUCTION = 4;
/** Steps between two charges. */
const STEP_BATCH = 1024;

const PERCENT = 37;
const POSITION_CAPTURE = -2;
const OPEN_CAPTURE = -1;

export class PatternError {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export class Matcher {
  readonly source: string;
  readonly #pattern: string;
  /** Captures of the last match: start and length (or one of the marks above). */
  level = 0;
  readonly #starts: number[] = [];
  readonly #lengths: number[] = [];
  #steps = 0;
  #depth = 0;

  constructor(source: string, pattern: string) {
    this.source = source;
    // As a C string: what follows a NUL is not seen.
    const nul = pattern.indexOf('\0');
    this.#pattern = nul < 0 ? pattern : pattern.slice(0, nul);
  }

  /** Is the pattern free of magic characters? Then a plain search will do. */
  static isPlain(pattern: string): boolean {
    return !/[\^$*+?.([%-]/.test(pattern);
  }

  /** The end of a match that begins exactly at `start`, or -1. `from` is the pattern's first character. */
  matchAt(start: number, from: number): number {
    this.level = 0;
    this.#depth = 0;
    return this.#match(start, from);
  }

  /** Pays for the steps since the last time. */
  settle(): void {
    const steps = this.#steps;
    this.#steps = 0;
    budget.charge(Math.ceil(steps / STEPS_PER_INSTRUCTION));
  }

  /** How many values the match stands for; without captures it is the whole match. */
  captureCount(whole: boolean): number {
    return this.level === 0 && whole ? 1 : this.level;
  }

  /** A capture's text, or its position (a number). */
  capture(index: number, start: number, end: number): string | number {
    if (index >= this.level) {
      if (index !== 0) throw new PatternError('invalid capture index');
      return this.source.slice(start, end);
    }
    const from = this.#starts[index] ?? 0;
    const length = this.#lengths[index] ?? OPEN_CAPTURE;
    if (length === OPEN_CAPTURE) throw new PatternError('unfinished capture');
    return length === POSITION_CAPTURE ? from + 1 : this.source.slice(from, from + length);
  }

  #step(): void {
    if (++this.#steps >= STEP_BATCH) this.settle();
  }

  #match(start: number, from: number): number {
    if (++this.#depth > MAX_DEPTH) throw new PatternError('pattern too complex');
    const end = this.#matchHere(start, from);
    this.#depth--;
    return end;
  }

  #matchHere(start: number, from: number): number {
    const { source } = this;
    const pattern = this.#pattern;
    let s = start;
    let p = from;
    for (;;) {
      this.#step();
      if (p >= pattern.length) return s;
      const code = pattern.charCodeAt(p);
      if (code === 40) {
        // ( or ()
        return pattern.charCodeAt(p + 1) === 41
          ? this.#startCapture(s, p + 2, POSITION_CAPTURE)
          : this.#startCapture(s, p + 1, OPEN_CAPTURE);
      }
      if (code === 41) return this.#endCapture(s, p + 1);
      if (code === 36 && p + 1 === pattern.length) return s === source.length ? s : -1;
      if (code === PERCENT) {
        const next = pattern.charCodeAt(p + 1);
        if (next === 98) {
          // %b
          s = this.#balance(s, p + 2);
          if (s < 0) return -1;
          p += 4;
          continue;
        }
        if (next === 102) {
          // %f
          p += 2;
          if (pattern.charCodeAt(p) !== 91)
            throw new PatternError("missing '[' after '%f' in pattern");
          const end = this.#itemEnd(p);
          const before = s === 0 ? 0 : source.charCodeAt(s - 1);
          const here = s < source.length ? source.charCodeAt(s) : 0;
          if (this.#inSet(before, p, end - 1) || !this.#inSet(here, p, end - 1)) return -1;
          p = end;
          continue;
        }
        if (next >= 48 && next <= 57) {
          s = this.#backReference(s, next);
          if (s < 0) return -1;
          p += 2;
          continue;
        }
      }
      const end = this.#itemEnd(p);
      const suffix = pattern.charCodeAt(end);
      if (suffix === 63) {
        // ?
        if (this.#single(s, p, end)) {
          const found = this.#match(s + 1, end + 1);
          if (found >= 0) return found;
        }
        p = end + 1;
      } else if (suffix === 42) {
        return this.#expandMost(s, p, end);
      } else if (suffix === 43) {
        return this.#single(s, p, end) ? this.#expandMost(s + 1, p, end) : -1;
      } else if (suffix === 45) {
        return this.#expandLeast(s, p, end);
      } else {
        if (!this.#single(s, p, end)) return -1;
        s++;
        p = end;
      }
    }
  }

  /** The pattern index behind a single item. */
  #itemEnd(from: number): number {
    const pattern = this.#pattern;
    let p = from;
    const code = pattern.charCodeAt(p++);
    if (code === PERCENT) {
      if (p >= pattern.length) throw new PatternError("malformed pattern (ends with '%')");
      return p + 1;
    }
    if (code !== 91) return p;
    if (pattern.charCodeAt(p) === 94) p++;
    do {
      this.#step();
      if (p >= pattern.length) throw new PatternError("malformed pattern (missing ']')");
      if (pattern.charCodeAt(p++) === PERCENT && p < pattern.length) p++;
    } while (pattern.charCodeAt(p) !== 93);
    return p + 1;
  }

  #single(s: number, p: number, end: number): boolean {
    this.#step();
    if (s >= this.source.length) return false;
    const code = this.source.charCodeAt(s);
    const item = this.#pattern.charCodeAt(p);
    switch (item) {
      case 46:
        return true;
      case PERCENT:
        return isInClass(code, this.#pattern.charCodeAt(p + 1));
      case 91:
        return this.#inSet(code, p, end - 1);
      default:
        return item === code;
    }
  }

  /** Tests a set; `close` is the index of its `]`. */
  #inSet(code: number, open: number, close: number): boolean {
    const pattern = this.#pattern;
    let p = open + 1;
    let found = true;
    if (pattern.charCodeAt(p) === 94) {
      found = false;
      p++;
    }
    for (; p < close; p++) {
      this.#step();
      const item = pattern.charCodeAt(p);
      if (item === PERCENT) {
        p++;
        if (isInClass(code, pattern.charCodeAt(p))) return found;
      } else if (pattern.charCodeAt(p + 1) === 45 && p + 2 < close) {
        p += 2;
        if (item <= code && code <= pattern.charCodeAt(p)) return found;
      } else if (item === code) {
        return found;
      }
    }
    return !found;
  }

  #expandMost(start: number, p: number, end: number): number {
    let count = 0;
    while (this.#single(start + count, p, end)) count++;
    for (; count >= 0; count--) {
      const found = this.#match(start + count, end + 1);
      if (found >= 0) return found;
    }
    return -1;
  }

  #expandLeast(start: number, p: number, end: number): number {
    for (let s = start; ; s++) {
      const found = this.#match(s, end + 1);
      if (found >= 0) return found;
      if (!this.#single(s, p, end)) return -1;
    }
  }

  #startCapture(s: number, p: number, mark: number): number {
    if (this.level >= MAX_CAPTURES) throw new PatternError('too many captures');
    this.#starts[this.level] = s;
    this.#lengths[this.level] = mark;
    this.level++;
    const found = this.#match(s, p);
    if (found < 0) this.level--;
    return found;
  }

  #endCapture(s: number, p: number): number {
    let index = this.level - 1;
    while (index >= 0 && this.#lengths[index] !== OPEN_CAPTURE) index--;
    if (index < 0) throw new PatternError('invalid pattern capture');
    this.#lengths[index] = s - (this.#starts[index] ?? 0);
    const found = this.#match(s, p);
    if (found < 0) this.#lengths[index] = OPEN_CAPTURE;
    return found;
  }

  #balance(start: number, p: number): number {
    const pattern = this.#pattern;
    if (p + 1 >= pattern.length) throw new PatternError('unbalanced pattern');
    const { source } = this;
    const open = pattern.charCodeAt(p);
    const close = pattern.charCodeAt(p + 1);
    if (start >= source.length || source.charCodeAt(start) !== open) return -1;
    let level = 1;
    for (let s = start + 1; s < source.length; s++) {
      this.#step();
      const code = source.charCodeAt(s);
      if (code === close) {
        if (--level === 0) return s + 1;
      } else if (code === open) {
        level++;
      }
    }
    return -1;
  }

  #backReference(s: number, digit: number): number {
    const index = digit - 49;
    const length = this.#lengths[index];
    if (index < 0 || index >= this.level || length === undefined || length === OPEN_CAPTURE) {
      throw new PatternError('invalid capture index');
    }
    const from = this.#starts[index] ?? 0;
    // A position capture has no text; Lua 5.1 compares its mark as a length and never finds it.
    if (length < 0 || this.source.length - s < length) return -1;
    this.#steps += length >> 4;
    this.#step();
    return this.source.startsWith(this.source.slice(from, from + length), s) ? s + length : -1;
  }
}
