/**
 * Cuts a message matcher of lua_sandbox 1.x into tokens. Positions count UTF-16 units from 0. Everything is
 * case-sensitive; blanks may stand between any tokens, but not inside `Fields[…][…]` and not before a pattern's `%`.
 */
import { type ErrorCode, HekateError } from '../../errors.ts';
import type { Operator } from '../ast.ts';
import { numberHeaders, stringHeaders } from '../ast.ts';
import { MAX_INDEX } from './limits.ts';

export type Token = {
  readonly start: number;
  readonly end: number;
} & (
  | { readonly kind: 'operator'; readonly operator: Operator }
  | { readonly kind: '(' | ')' | '&&' | '||' | 'end' | 'nil' }
  | { readonly kind: 'header'; readonly name: string }
  | {
      readonly kind: 'field';
      readonly name: string;
      readonly fieldIndex: number;
      readonly arrayIndex: number;
    }
  /** `plain`: a percent sign stands right behind the string. */
  | { readonly kind: 'string'; readonly text: string; readonly plain: boolean }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'boolean'; readonly value: boolean }
);

export type FieldToken = Token & { readonly kind: 'field' };
export type HeaderToken = Token & { readonly kind: 'header' };

const HEADERS: ReadonlySet<string> = new Set([...stringHeaders, ...numberHeaders]);
const NAMES: readonly string[] = [...HEADERS, 'Fields', 'TRUE', 'FALSE', 'NIL'];
const HINT_BY_SIGN: ReadonlyMap<string, string> = new Map([
  ['=', 'use == or =~'],
  ['!', 'there is no negation: use != or !~'],
  ['&', 'use &&'],
  ['|', 'use ||'],
  ['/', 'a pattern is a quoted string'],
  ['%', 'a percent sign stands right behind a pattern, without a blank'],
]);
const NUMBER_FORM = /[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y;
/** What cannot follow a number or a word directly. */
const WORD_PART = /[0-9A-Za-z_.]/;
/** How much of a token an error message repeats. */
const SHOWN_LENGTH = 64;

function isLetter(c: string): boolean {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

export class Lexer {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    const nul = text.indexOf('\0');
    if (nul >= 0) throw this.#fault(nul, nul + 1, 'a zero character is not allowed');
  }

  /** The next token; at the end of the text always one of kind `end`. Throws HKT_MATCHER_LSB_SYNTAX. */
  next(): Token {
    const text = this.#text;
    while (this.#at < text.length && ' \t\r\n'.includes(text.charAt(this.#at))) this.#at++;
    const start = this.#at;
    if (start === text.length) return { kind: 'end', start, end: start };
    const c = text.charAt(start);
    if (isLetter(c)) return this.#word(start);
    if ((c >= '0' && c <= '9') || c === '-' || c === '+') return this.#number(start);
    switch (c) {
      case '(':
      case ')':
        this.#at++;
        return { kind: c, start, end: this.#at };
      case '"':
      case "'":
        return this.#string(start, c);
      default:
        return this.#operator(start, c);
    }
  }

  /** The error for a token that cannot stand where it stands. */
  unexpected(token: Token, hint: string): HekateError {
    return this.#fault(token.start, token.end, hint);
  }

  #fault(start: number, end: number, hint: string): HekateError {
    const code: ErrorCode = 'HKT_MATCHER_LSB_SYNTAX';
    return new HekateError(code, [this.#shown(start, end), start, hint]);
  }

  #shown(start: number, end: number): string {
    if (start >= this.#text.length) return 'end of expression';
    const text = this.#text.slice(start, Math.min(end, start + SHOWN_LENGTH));
    return text.replace(/[^\x20-\x7e\u00a0-\ud7ff\ue000-\uffff]/g, '?');
  }

  #operator(start: number, c: string): Token {
    const pair = this.#text.slice(start, start + 2);
    switch (pair) {
      case '==':
      case '!=':
      case '>=':
      case '<=':
      case '=~':
      case '!~':
        this.#at += 2;
        return { kind: 'operator', operator: pair, start, end: this.#at };
      case '&&':
      case '||':
        this.#at += 2;
        return { kind: pair, start, end: this.#at };
      default:
    }
    if (c === '>' || c === '<') {
      this.#at++;
      return { kind: 'operator', operator: c, start, end: this.#at };
    }
    throw this.#fault(start, start + 1, HINT_BY_SIGN.get(c) ?? 'unexpected character');
  }

  #word(start: number): Token {
    const text = this.#text;
    let at = start;
    while (at < text.length && WORD_PART.test(text.charAt(at))) at++;
    const word = text.slice(start, at);
    this.#at = at;
    switch (word) {
      case 'TRUE':
      case 'FALSE':
        return { kind: 'boolean', value: word === 'TRUE', start, end: at };
      case 'NIL':
        return { kind: 'nil', start, end: at };
      case 'Fields':
        return this.#field(start);
      default:
        if (HEADERS.has(word)) return { kind: 'header', name: word, start, end: at };
        throw this.#fault(start, at, unknownWordHint(word));
    }
  }

  #field(start: number): Token {
    if (this.#text.charAt(this.#at) !== '[') {
      throw this.#fault(start, this.#at, 'write Fields[name], without a blank before the bracket');
    }
    const name = this.#bracket(start);
    const fieldIndex = this.#index(start, 'field');
    const arrayIndex = this.#index(start, 'array');
    return { kind: 'field', name, fieldIndex, arrayIndex, start, end: this.#at };
  }

  /** Reads an optional `[number]`. */
  #index(start: number, what: string): number {
    if (this.#text.charAt(this.#at) !== '[') return 0;
    const digits = this.#bracket(start);
    const value = Number(digits);
    if (!/^(?:0|[1-9][0-9]*)$/.test(digits) || value > MAX_INDEX) {
      const hint = `the ${what} index must be a number from 0 to ${MAX_INDEX}`;
      throw this.#fault(start, this.#at, hint);
    }
    return value;
  }

  /** The text between the bracket at the current place and the next closing one. */
  #bracket(start: number): string {
    const close = this.#text.indexOf(']', this.#at);
    if (close < 0) throw this.#fault(start, this.#text.length, 'the closing bracket is missing');
    const inside = this.#text.slice(this.#at + 1, close);
    this.#at = close + 1;
    return inside;
  }

  #number(start: number): Token {
    NUMBER_FORM.lastIndex = start;
    const digits = NUMBER_FORM.exec(this.#text)?.[0] ?? '';
    let end = start + Math.max(digits.length, 1);
    if (digits === '' || WORD_PART.test(this.#text.charAt(end))) {
      while (WORD_PART.test(this.#text.charAt(end))) end++;
      throw this.#fault(start, end, 'not a number: write one such as 6, -0.5 or 1e9');
    }
    this.#at = end;
    return { kind: 'number', value: Number(digits), start, end };
  }

  /**
   * Reads up to the next `quote` that no backslash escapes. A backslash before either quote or a backslash stands for
   * that character; every other backslash stays what it is.
   */
  #string(start: number, quote: string): Token {
    const all = this.#text;
    let text = '';
    let from = start + 1;
    for (let at = from; at < all.length; at++) {
      const c = all.charAt(at);
      if (c === quote) {
        text += all.slice(from, at);
        const plain = all.charAt(at + 1) === '%';
        this.#at = plain ? at + 2 : at + 1;
        return { kind: 'string', text, plain, start, end: this.#at };
      }
      const next = all.charAt(at + 1);
      if (c === '\\' && (next === '"' || next === "'" || next === '\\')) {
        // The other quote needs no backslash, so one before it is dropped but does not guard the end.
        text += all.slice(from, at);
        at++;
        from = at;
      }
    }
    throw this.#fault(start, all.length, `the closing ${quote} is missing`);
  }
}

function unknownWordHint(word: string): string {
  switch (word.toLowerCase()) {
    case 'and':
      return 'use &&';
    case 'or':
      return 'use ||';
    case 'not':
      return 'there is no negation: use != or !~';
    case 'null':
      return 'use NIL';
    default:
  }
  const near = NAMES.find((name) => name.toLowerCase() === word.toLowerCase());
  if (near !== undefined) return `names are case-sensitive: use ${near}`;
  return `unknown variable; known are ${NAMES.slice(0, HEADERS.size).join(', ')} and Fields[name]`;
}
