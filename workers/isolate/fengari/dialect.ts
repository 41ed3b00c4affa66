/**
 * Makes a Lua 5.1 source acceptable to fengari's 5.3 parser without changing any line number: escapes that 5.1
 * allows (`"\."`), the `arg` table of vararg functions, and refusal of operators that only 5.3 has.
 */

/** Called by rewritten vararg functions; compile.ts replaces the reference, so no global of this name exists. */
export const ARG_FUNCTION = '__vararg_table';

export type Translation =
  | { readonly text: string }
  /** A construct of Lua 5.3: the line and the token that 5.1 stops at. */
  | { readonly line: number; readonly near: string };

interface OpenFunction {
  /** Where `local arg` goes: behind the parameter list. */
  insertAt: number;
  vararg: boolean;
  usesDots: boolean;
  usesArg: boolean;
}

type Block = OpenFunction | 'block' | 'repeat';

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /(?:0[xX][0-9a-fA-F.]*(?:[pP][+-]?)?|[0-9.]+(?:[eE][+-]?)?)[A-Za-z0-9_]*/y;
const LONG_OPEN = /\[(=*)\[/y;
/** All that is needed is plain to see in most sources, and a glance is cheaper than a scan. */
const SUSPICIOUS = /\.\.\.|[\\&|~]|\/\/|<<|>>|::/;

/** Escapes that fengari reads as Lua 5.1 does. */
const KNOWN_ESCAPES = 'abfnrtv\\"\'\n\r0123456789';

export function translate(source: string): Translation {
  return SUSPICIOUS.test(source) ? new Translator(source).run() : { text: source };
}

class Translator {
  readonly #source: string;
  readonly #edits: { readonly at: number; readonly drop: number; readonly text: string }[] = [];
  readonly #blocks: Block[] = [];
  #at = 0;
  /** The function whose parameter list comes next. */
  #opening: OpenFunction | undefined;

  constructor(source: string) {
    this.#source = source;
  }

  run(): Translation {
    const source = this.#source;
    while (this.#at < source.length) {
      const refused = this.#token(source.charCodeAt(this.#at));
      if (refused !== undefined) {
        return { line: source.slice(0, this.#at).split('\n').length, near: refused };
      }
    }
    return { text: this.#edited() };
  }

  /** Passes one token; returns the text of one that Lua 5.1 does not know. */
  #token(code: number): string | undefined {
    const source = this.#source;
    if (isNameStart(code)) {
      this.#name(match(NAME, source, this.#at) ?? '');
      return undefined;
    }
    if (code >= 48 && code <= 57) {
      this.#at += match(NUMBER, source, this.#at)?.length ?? 1;
      return undefined;
    }
    const next = source.charCodeAt(this.#at + 1);
    switch (code) {
      case 34: // "
      case 39: // '
        this.#string(code);
        return undefined;
      case 45: // -
        this.#at += next === 45 ? 2 : 1;
        if (next === 45) this.#comment();
        return undefined;
      case 91: // [
        if (!this.#longBracket()) this.#at++;
        return undefined;
      case 46: // .
        this.#dots(next);
        return undefined;
      case 41: // )
        this.#at++;
        if (this.#opening !== undefined) {
          this.#opening.insertAt = this.#at;
          this.#opening = undefined;
        }
        return undefined;
      case 38: // &
      case 124: // |
        return String.fromCharCode(code);
      case 126: // ~
        if (next !== 61) return '~';
        this.#at += 2;
        return undefined;
      case 47: // /
      case 58: // :
      case 60: // <
      case 62: // >
        if (next === code) return String.fromCharCode(code);
        this.#at++;
        return undefined;
      default:
        this.#at++;
        return undefined;
    }
  }

  #name(name: string): void {
    const before = this.#previous();
    const at = this.#at;
    this.#at = at + name.length;
    if (before === '.' || before === ':') return;
    switch (name) {
      case 'function':
        this.#opening = { insertAt: 0, vararg: false, usesDots: false, usesArg: false };
        this.#blocks.push(this.#opening);
        return;
      case 'do':
      case 'if':
        this.#blocks.push('block');
        return;
      case 'repeat':
        this.#blocks.push('repeat');
        return;
      case 'until':
        this.#blocks.pop();
        return;
      case 'end':
        this.#close(this.#blocks.pop());
        return;
      case 'arg':
        // An inner function sees the table of the one around it.
        for (const block of this.#blocks) if (typeof block === 'object') block.usesArg = true;
        return;
      default:
        return;
    }
  }

  #close(block: Block | undefined): void {
    if (typeof block !== 'object') return;
    if (block.vararg && block.usesArg && !block.usesDots && block.insertAt > 0) {
      this.#edits.push({ at: block.insertAt, drop: 0, text: ` local arg=${ARG_FUNCTION}(...) ` });
    }
  }

  #dots(next: number): void {
    if (next >= 48 && next <= 57) {
      this.#at += match(NUMBER, this.#source, this.#at)?.length ?? 1;
      return;
    }
    if (!this.#source.startsWith('...', this.#at)) {
      this.#at += next === 46 ? 2 : 1;
      return;
    }
    this.#at += 3;
    if (this.#opening !== undefined) {
      this.#opening.vararg = true;
      return;
    }
    for (let i = this.#blocks.length - 1; i >= 0; i--) {
      const block = this.#blocks[i];
      if (typeof block === 'object') {
        block.usesDots = true;
        return;
      }
    }
  }

  #string(quote: number): void {
    const source = this.#source;
    let at = this.#at + 1;
    for (; at < source.length; at++) {
      const code = source.charCodeAt(at);
      if (code === quote) {
        at++;
        break;
      }
      // An unfinished string: fengari words the error.
      if (code === 10) break;
      if (code !== 92) continue;
      const escaped = source.charAt(at + 1);
      if (escaped !== '' && !KNOWN_ESCAPES.includes(escaped) && !isHexEscape(source, at)) {
        this.#edits.push({ at, drop: 1, text: '' });
      }
      at++;
    }
    this.#at = at;
  }

  #comment(): void {
    if (this.#longBracket()) return;
    const end = this.#source.indexOf('\n', this.#at);
    this.#at = end < 0 ? this.#source.length : end;
  }

  /** Passes a long string or comment, if one begins here. */
  #longBracket(): boolean {
    LONG_OPEN.lastIndex = this.#at;
    const open = LONG_OPEN.exec(this.#source);
    if (open === null) return false;
    const close = `]${open[1]}]`;
    const end = this.#source.indexOf(close, this.#at + open[0].length);
    this.#at = end < 0 ? this.#source.length : end + close.length;
    return true;
  }

  /** The character before the current token, blanks aside; '' for `..`, which is no field access. */
  #previous(): string {
    let at = this.#at - 1;
    while (at >= 0 && this.#source.charCodeAt(at) <= 32) at--;
    const character = this.#source.charAt(at);
    return character === '.' && this.#source.charAt(at - 1) === '.' ? '' : character;
  }

  #edited(): string {
    if (this.#edits.length === 0) return this.#source;
    const edits = this.#edits.sort((a, b) => a.at - b.at);
    const parts: string[] = [];
    let from = 0;
    for (const edit of edits) {
      parts.push(this.#source.slice(from, edit.at), edit.text);
      from = edit.at + edit.drop;
    }
    parts.push(this.#source.slice(from));
    return parts.join('');
  }
}

/** `\x41` stays 5.3's: a script that has it means it. */
function isHexEscape(source: string, at: number): boolean {
  return /^\\x[0-9a-fA-F]{2}/.test(source.slice(at, at + 4));
}

function isNameStart(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95;
}

function match(pattern: RegExp, source: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0];
}
