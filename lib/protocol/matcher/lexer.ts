/**
 * Cuts a message_matcher into tokens (grammar: Heka 0.11, message_matcher_parser.y). Positions count UTF-16 units from 0.
 * Where hekad took a fault for the end of the expression and dropped the rest, this lexer throws.
 */
import { HekateError } from '../errors.ts';
import type { Operator } from './ast.ts';
import { numberHeaders, stringHeaders } from './ast.ts';
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
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'regex'; readonly pattern: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
);

type LexerErrorCode = 'HKT_MATCHER_SYNTAX' | 'HKT_MATCHER_IGNORED_TEXT';

const HEADERS: ReadonlySet<string> = new Set([...stringHeaders, ...numberHeaders]);
const NAMES: readonly string[] = [...HEADERS, 'Fields', 'TRUE', 'FALSE', 'NIL'];
const HINT_BY_WORD: ReadonlyMap<string, string> = new Map([
  ['and', 'use &&'],
  ['or', 'use ||'],
  ['not', 'there is no negation: use != or !~'],
  ['null', 'use NIL'],
]);
const NUMBER_FORM = /^(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/;
/** How much of a token an error message repeats. */
const SHOWN_LENGTH = 64;

/** The end of the expression without trailing blanks and line ends. */
function trimmedLength(text: string): number {
  let end = text.length;
  while (end > 0 && ' \t\r\n'.includes(text.charAt(end - 1))) end--;
  return end;
}

function isLetter(c: string): boolean {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

function isDigit(c: string): boolean {
  return c >= '0' && c <= '9';
}

export class Lexer {
  readonly #text: string;
  readonly #end: number;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#end = trimmedLength(text);
    const nul = text.indexOf('\0');
    if (nul >= 0 && nul < this.#end) {
      throw this.#fault(nul, nul + 1, 'a zero character is not allowed');
    }
  }

  /** The next token; at the end of the text always one of kind `end`. Throws HKT_MATCHER_*. */
  next(): Token {
    while (this.#at < this.#end && ' \t'.includes(this.#text.charAt(this.#at))) this.#at++;
    const start = this.#at;
    if (start === this.#end) return { kind: 'end', start, end: start };
    const c = this.#text.charAt(start);
    if (c >= 'A' && c <= 'Z') return this.#word(start);
    if (isDigit(c) || c === '.') return this.#number(start);
    switch (c) {
      case '(':
      case ')':
        this.#at++;
        return { kind: c, start, end: this.#at };
      case '"':
      case "'":
        return { kind: 'string', text: this.#quoted(start, c), start, end: this.#at };
      case '/':
        return { kind: 'regex', pattern: this.#quoted(start, c), start, end: this.#at };
      case '\r':
      case '\n':
        throw this.#fault(
          start,
          start + 1,
          'an expression stands on one line; hekad ignored what follows a line end',
          'HKT_MATCHER_IGNORED_TEXT',
        );
      default:
        return this.#operator(start, c);
    }
  }

  /** The error for a token that cannot stand where it stands. */
  unexpected(token: Token, hint: string, code: LexerErrorCode = 'HKT_MATCHER_SYNTAX'): HekateError {
    return this.#fault(token.start, token.end, hint, code);
  }

  /** What error messages show of the text from `start` to `end`. */
  shown(start: number, end: number): string {
    if (start >= this.#end) return 'end of expression';
    const text = this.#text.slice(start, Math.min(end, start + SHOWN_LENGTH));
    return text.replace(/[^\x20-\x7e\u00a0-\ud7ff\ue000-\uffff]/g, '?');
  }

  #fault(
    start: number,
    end: number,
    hint: string,
    code: LexerErrorCode = 'HKT_MATCHER_SYNTAX',
  ): HekateError {
    return new HekateError(code, [this.shown(start, end), start, hint]);
  }

  #operator(start: number, c: string): Token {
    const pair = this.#text.slice(start, Math.min(start + 2, this.#end));
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
    if (isLetter(c)) return this.#word(start);
    switch (c) {
      case '=':
        throw this.#fault(start, start + 1, 'use == or =~');
      case '!':
        throw this.#fault(start, start + 1, 'there is no negation: use != or !~');
      case '&':
        throw this.#fault(start, start + 1, 'use &&');
      case '|':
        throw this.#fault(start, start + 1, 'use ||');
      case '-':
      case '+':
        throw this.#fault(start, start + 1, 'numbers have no sign here');
      default:
        throw this.#fault(start, start + 1, 'unexpected character');
    }
  }

  #word(start: number): Token {
    let at = start;
    while (at < this.#end && isLetter(this.#text.charAt(at))) at++;
    const word = this.#text.slice(start, at);
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
    if (this.#at >= this.#end || this.#text.charAt(this.#at) !== '[') {
      throw this.#fault(start, this.#at, 'write Fields[name], without a blank before the bracket');
    }
    const name = this.#bracket(start);
    if (/[\r\n]/.test(name)) throw this.#fault(start, this.#at, 'a field name stands on one line');
    if (name === '') throw this.#fault(start, this.#at, 'the field name is empty');
    const fieldIndex = this.#index(start, 'field');
    const arrayIndex = this.#index(start, 'array');
    return { kind: 'field', name, fieldIndex, arrayIndex, start, end: this.#at };
  }

  /** Reads an optional `[digits]`. */
  #index(start: number, what: string): number {
    if (this.#at >= this.#end || this.#text.charAt(this.#at) !== '[') return 0;
    const digits = this.#bracket(start);
    const value = Number(digits);
    if (!/^\d+$/.test(digits) || value > MAX_INDEX) {
      throw this.#fault(start, this.#at, `the ${what} index must be a number from 0`);
    }
    return value;
  }

  /** The text between the bracket at the current place and the next closing one. */
  #bracket(start: number): string {
    const close = this.#text.indexOf(']', this.#at);
    if (close < 0 || close >= this.#end) {
      throw this.#fault(start, this.#end, 'the closing bracket is missing');
    }
    const inside = this.#text.slice(this.#at + 1, close);
    this.#at = close + 1;
    return inside;
  }

  #number(start: number): Token {
    let at = start;
    while (at < this.#end && '0123456789.e+-'.includes(this.#text.charAt(at))) at++;
    const text = this.#text.slice(start, at);
    const value = Number(text);
    if (!NUMBER_FORM.test(text) || !Number.isFinite(value)) {
      throw new HekateError('HKT_MATCHER_NUMBER', [this.shown(start, at), start]);
    }
    this.#at = at;
    return { kind: 'number', value, start, end: at };
  }

  /**
   * Reads up to the next `quote`. A backslash before the quote stands for the quote; every other pair of a backslash
   * and a character is kept as it is.
   */
  #quoted(start: number, quote: string): string {
    let text = '';
    let at = start + 1;
    let from = at;
    for (; at < this.#end; at++) {
      const c = this.#text.charAt(at);
      if (c === quote) {
        this.#at = at + 1;
        return text + this.#text.slice(from, at);
      }
      if (c === '\n') break;
      if (c === '\\' && at + 1 < this.#end) {
        at++;
        if (this.#text.charAt(at) === '\n') break;
        if (this.#text.charAt(at) === quote) {
          text += this.#text.slice(from, at - 1);
          from = at;
        }
      }
    }
    throw this.#fault(start, this.#end, `the closing ${quote} is missing on this line`);
  }
}

function unknownWordHint(word: string): string {
  const lower = word.toLowerCase();
  const hint = HINT_BY_WORD.get(lower);
  if (hint !== undefined) return hint;
  const near = NAMES.find((name) => name.toLowerCase() === lower);
  if (near !== undefined) return `names are case-sensitive: use ${near}`;
  return `unknown variable; known are ${NAMES.slice(0, HEADERS.size).join(', ')} and Fields[name]`;
}
