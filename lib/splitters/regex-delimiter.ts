/**
 * A compiled delimiter of RegexSplitter: RE2 syntax over bytes, in linear time. A pattern that is a plain text, perhaps
 * in one capture group, is searched for as bytes; that covers most delimiters and is many times faster.
 */
import { RE2JS } from 're2js';
import { errorText } from '../protocol/errors.ts';
import { utf8Bytes } from '../protocol/text.ts';

/** Where a delimiter stands; offsets from the start of the searched bytes, the capture is -1 when there is none. */
export interface DelimiterMatch {
  readonly start: number;
  readonly end: number;
  readonly captureStart: number;
  readonly captureEnd: number;
}

export interface RegexDelimiter {
  /** How many bytes every match has; 0 when it varies. */
  readonly length: number;
  /** The first delimiter that starts at `from` or behind it. */
  find(bytes: Uint8Array, from: number): DelimiterMatch | undefined;
}

/** Empty matches that are passed over in one search before it gives up. */
const MAX_EMPTY_MATCHES = 8;
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  f: '\f',
  v: '\v',
  a: '\x07',
};

/** Compiles a delimiter; a text says what is wrong with it. */
export function compileDelimiter(pattern: string): RegexDelimiter | string {
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(pattern);
  } catch (error) {
    return errorText(error);
  }
  if (compiled.groupCount() > 1) {
    return `regex must not contain more than one capture group: ${pattern}`;
  }
  if (matchesNothing(compiled)) return `regex must not match the empty text: ${pattern}`;
  const literal = literalOf(pattern);
  return literal === undefined
    ? new PatternDelimiter(compiled)
    : new LiteralDelimiter(utf8Bytes(literal.text), literal.captured);
}

class PatternDelimiter implements RegexDelimiter {
  readonly length = 0;
  readonly #pattern: RE2JS;

  constructor(pattern: RE2JS) {
    this.#pattern = pattern;
  }

  find(bytes: Uint8Array, from: number): DelimiterMatch | undefined {
    const matcher = this.#pattern.matcher(bytes);
    let found = matcher.find(from);
    for (let empty = 0; found && matcher.start() === matcher.end(); found = matcher.find()) {
      if (++empty > MAX_EMPTY_MATCHES) return undefined;
    }
    if (!found) return undefined;
    const hasGroup = this.#pattern.groupCount() === 1;
    return {
      start: matcher.start(),
      end: matcher.end(),
      captureStart: hasGroup ? matcher.start(1) : -1,
      captureEnd: hasGroup ? matcher.end(1) : -1,
    };
  }
}

class LiteralDelimiter implements RegexDelimiter {
  readonly length: number;
  readonly #text: Uint8Array;
  readonly #captured: boolean;

  constructor(text: Uint8Array, captured: boolean) {
    this.length = text.length;
    this.#text = text;
    this.#captured = captured;
  }

  find(bytes: Uint8Array, from: number): DelimiterMatch | undefined {
    const text = this.#text;
    const first = text[0] as number; // compileDelimiter refuses what matches the empty text
    const last = bytes.length - text.length;
    for (let at = bytes.indexOf(first, from); at >= 0 && at <= last; ) {
      let k = 1;
      while (k < text.length && bytes[at + k] === text[k]) k++;
      if (k === text.length) {
        const end = at + k;
        const captureStart = this.#captured ? at : -1;
        return { start: at, end, captureStart, captureEnd: this.#captured ? end : -1 };
      }
      at = bytes.indexOf(first, at + 1);
    }
    return undefined;
  }
}

/**
 * A delimiter without bytes cannot separate. What an empty match may depend on are the edges of the text and the kinds of
 * the characters beside it, so a short text of every such neighbourhood shows it.
 */
function matchesNothing(pattern: RE2JS): boolean {
  const sides = ['', '\n', 'a', '_', ' ', '\x01'];
  for (const before of sides) {
    for (const after of sides) {
      const matcher = pattern.matcher(before + after);
      while (matcher.find()) if (matcher.start() === matcher.end()) return true;
    }
  }
  return false;
}

/** The text that a pattern without operators stands for. */
function literalOf(pattern: string): { text: string; captured: boolean } | undefined {
  const captured = pattern.startsWith('(') && pattern.endsWith(')') && pattern[1] !== '?';
  const body = captured ? pattern.slice(1, -1) : pattern;
  let text = '';
  for (let i = 0; i < body.length; i++) {
    const c = body.charAt(i);
    if (c === '\\') {
      const next = body.charAt(++i);
      const character = ESCAPES[next];
      if (character !== undefined) text += character;
      else if (/[!-/:-@[-`{-~]/.test(next)) text += next;
      else return undefined; // a class, an assertion, a code point: the engine knows
    } else if (/[.*+?()[\]{}|^$]/.test(c)) {
      return undefined;
    } else text += c;
  }
  return text === '' ? undefined : { text, captured };
}
