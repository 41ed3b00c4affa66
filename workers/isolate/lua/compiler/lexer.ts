/**
 * Splits Lua 5.1 source, a byte string, into tokens. One token is current and at most one is read ahead. Work and memory
 * are proportional to the source.
 */
import { scaled } from '../../lua-text/number-text.ts';
import { syntaxError, upToZero } from './syntax-error.ts';
import { RESERVED, Token, tokenName } from './tokens.ts';

const DIGIT = 1;
const LETTER = 2;
const SPACE = 4;
const NEWLINE = 8;

/** What a byte is in the C locale; `_` counts as a letter. */
const CLASSES = new Uint8Array(256);
for (let byte = 0x30; byte <= 0x39; byte++) CLASSES[byte] = DIGIT;
for (let byte = 0x41; byte <= 0x5a; byte++) CLASSES[byte] = CLASSES[byte + 0x20] = LETTER;
for (let byte = 0x09; byte <= 0x0d; byte++) CLASSES[byte] = SPACE;
CLASSES[0x20] = SPACE;
CLASSES[0x5f] = LETTER;
CLASSES[0x0a] = CLASSES[0x0d] = SPACE | NEWLINE;

/** Escapes of one letter. */
const ESCAPES: ReadonlyMap<number, string> = new Map([
  [0x61, '\x07'],
  [0x62, '\b'],
  [0x66, '\f'],
  [0x6e, '\n'],
  [0x72, '\r'],
  [0x74, '\t'],
  [0x76, '\v'],
]);

const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const BACKSLASH = 0x5c;
const TILDE = 0x7e;
/** What is read at the end of the source. */
const NOTHING = -1;

const DECIMAL = /^(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const HEXADECIMAL = /^0[xX]([0-9a-fA-F]+)(?:[pP]([0-9]+))?$/;

export class Lexer {
  /** The current token. */
  token: number = Token.END_OF_SOURCE;
  /** The current token's name or string. */
  text = '';
  /** The current token's number. */
  value = 0;
  /** Line where reading stands: the end of the last token read, be it the current one or the one ahead. */
  line = 1;
  /** `line` before the current token was read: what PUC gives to instructions, and so to errors. */
  lastLine = 1;
  /** The word `coroutine` came by, as a name or in a string. */
  mentionsCoroutines = false;
  readonly #source: string;
  readonly #chunkName: string;
  #at = 0;
  /** What messages show of the last name, number or string read. */
  #shown = '';
  /** A token was read ahead; it is in the following three. */
  #isAhead = false;
  #aheadToken = 0;
  #aheadText = '';
  #aheadValue = 0;

  constructor(source: string, chunkName: string) {
    this.#source = source;
    this.#chunkName = chunkName;
  }

  /** Goes to the next token. */
  next(): void {
    this.lastLine = this.line;
    if (this.#isAhead) {
      this.#isAhead = false;
      this.token = this.#aheadToken;
      this.text = this.#aheadText;
      this.value = this.#aheadValue;
    } else {
      this.token = this.#read();
    }
  }

  /** The token after the current one. */
  peek(): number {
    if (!this.#isAhead) {
      const { text, value } = this;
      this.#aheadToken = this.#read();
      this.#aheadText = this.text;
      this.#aheadValue = this.value;
      this.#isAhead = true;
      this.text = text;
      this.value = value;
    }
    return this.#aheadToken;
  }

  /** Raises an error at the current token. */
  failHere(text: string): never {
    this.#fail(text, this.token);
  }

  /** Raises an error that names no token. */
  fail(text: string): never {
    this.#fail(text, 0);
  }

  #fail(text: string, token: number): never {
    const near =
      token === Token.NAME || token === Token.NUMBER || token === Token.STRING
        ? this.#shown
        : tokenName(token);
    syntaxError(this.#chunkName, this.line, text, token === 0 ? undefined : near);
  }

  /** The byte at a distance from where reading stands. */
  #byte(distance = 0): number {
    const at = this.#at + distance;
    return at < this.#source.length ? this.#source.charCodeAt(at) : NOTHING;
  }

  #read(): number {
    for (;;) {
      const byte = this.#byte();
      const kind = CLASSES[byte] ?? 0;
      if ((kind & LETTER) !== 0) return this.#readName();
      if ((kind & NEWLINE) !== 0) {
        this.#skipNewline();
        continue;
      }
      if (kind === SPACE) {
        this.#at++;
        continue;
      }
      if (kind === DIGIT) return this.#readNumber();
      switch (byte) {
        case NOTHING:
          return Token.END_OF_SOURCE;
        case Token.MINUS:
          if (this.#byte(1) !== Token.MINUS) break;
          this.#skipComment();
          continue;
        case Token.OPEN_BRACKET: {
          const level = this.#bracketLevel();
          if (level >= 0) return this.#readLongString(level);
          if (level === -1) break;
          this.#shown = this.#source.slice(this.#at, this.#at - level);
          return this.#fail('invalid long string delimiter', Token.STRING);
        }
        case Token.ASSIGN:
          if (this.#byte(1) === Token.ASSIGN) return this.#take(2, Token.EQUAL);
          break;
        case Token.LESS:
          if (this.#byte(1) === Token.ASSIGN) return this.#take(2, Token.LESS_EQUAL);
          break;
        case Token.GREATER:
          if (this.#byte(1) === Token.ASSIGN) return this.#take(2, Token.GREATER_EQUAL);
          break;
        case TILDE:
          if (this.#byte(1) === Token.ASSIGN) return this.#take(2, Token.NOT_EQUAL);
          break;
        case QUOTE:
        case APOSTROPHE:
          return this.#readString(byte);
        case Token.DOT:
          if (isOneOf('.', this.#byte(1))) {
            return isOneOf('.', this.#byte(2))
              ? this.#take(3, Token.DOTS)
              : this.#take(2, Token.CONCAT);
          }
          if (CLASSES[this.#byte(1)] === DIGIT) return this.#readNumber();
          break;
      }
      return this.#take(1, byte);
    }
  }

  #take(length: number, token: number): number {
    this.#at += length;
    return token;
  }

  /** `\r\n` and `\n\r` are one newline. */
  #skipNewline(): void {
    const first = this.#byte();
    const second = this.#byte(1);
    const isPair = second !== first && ((CLASSES[second] ?? 0) & NEWLINE) !== 0;
    this.#at += isPair ? 2 : 1;
    this.line++;
  }

  #readName(): number {
    const start = this.#at;
    this.#skipWord();
    const name = this.#source.slice(start, this.#at);
    const word = RESERVED.get(name);
    if (word !== undefined) return word;
    this.text = name;
    this.#shown = name;
    if (name === 'coroutine') this.mentionsCoroutines = true;
    return Token.NAME;
  }

  #skipWord(): void {
    const source = this.#source;
    let at = this.#at;
    while (((CLASSES[source.charCodeAt(at)] ?? 0) & (LETTER | DIGIT)) !== 0) at++;
    this.#at = at;
  }

  #readNumber(): number {
    const start = this.#at;
    const source = this.#source;
    let at = start;
    while (CLASSES[source.charCodeAt(at)] === DIGIT || source.charCodeAt(at) === Token.DOT) at++;
    if (isOneOf('eE', source.charCodeAt(at))) {
      at++;
      if (isOneOf('+-', source.charCodeAt(at))) at++;
    }
    this.#at = at;
    this.#skipWord();
    const text = source.slice(start, this.#at);
    this.#shown = text;
    this.value = numberOf(upToZero(text)) ?? this.#fail('malformed number', Token.NUMBER);
    return Token.NUMBER;
  }

  #readString(quote: number): number {
    const source = this.#source;
    let text = '';
    let from = ++this.#at;
    for (;;) {
      const byte = this.#byte();
      if (byte === quote) break;
      if (byte === NOTHING) this.#fail('unfinished string', Token.END_OF_SOURCE);
      if (byte === BACKSLASH) {
        text += source.slice(from, this.#at);
        this.#at++;
        text += this.#readEscape(quote, text);
        from = this.#at;
      } else if (((CLASSES[byte] ?? 0) & NEWLINE) !== 0) {
        this.#shown = String.fromCharCode(quote) + text + source.slice(from, this.#at);
        this.#fail('unfinished string', Token.STRING);
      } else {
        this.#at++;
      }
    }
    text += source.slice(from, this.#at++);
    const delimiter = String.fromCharCode(quote);
    return this.#string(text, delimiter, delimiter);
  }

  /** What follows a backslash. `before` is the string so far, for messages. */
  #readEscape(quote: number, before: string): string {
    const byte = this.#byte();
    const kind = CLASSES[byte] ?? 0;
    if ((kind & NEWLINE) !== 0) {
      this.#skipNewline();
      return '\n';
    }
    if (kind === DIGIT) {
      let code = 0;
      for (let digits = 0; digits < 3 && CLASSES[this.#byte()] === DIGIT; digits++) {
        code = 10 * code + this.#byte() - 0x30;
        this.#at++;
      }
      if (code <= 255) return String.fromCharCode(code);
      this.#shown = String.fromCharCode(quote) + before;
      return this.#fail('escape sequence too large', Token.STRING);
    }
    if (byte === NOTHING) return '';
    this.#at++;
    return ESCAPES.get(byte) ?? String.fromCharCode(byte);
  }

  #string(text: string, open: string, close: string): number {
    this.text = text;
    this.#shown = open + text + close;
    if (!this.mentionsCoroutines && text.includes('coroutine')) this.mentionsCoroutines = true;
    return Token.STRING;
  }

  /**
   * At a `[`: how many `=` stand before the next `[`. Without that one, minus the number of bytes that looked like a
   * delimiter.
   */
  #bracketLevel(): number {
    let level = 0;
    while (this.#byte(level + 1) === Token.ASSIGN) level++;
    return this.#byte(level + 1) === Token.OPEN_BRACKET ? level : -level - 1;
  }

  #skipComment(): void {
    this.#at += 2;
    if (this.#byte() === Token.OPEN_BRACKET) {
      const level = this.#bracketLevel();
      if (level >= 0) {
        this.#skipLong(level, 'unfinished long comment');
        return;
      }
    }
    const source = this.#source;
    let at = this.#at;
    while (at < source.length && ((CLASSES[source.charCodeAt(at)] ?? 0) & NEWLINE) === 0) at++;
    this.#at = at;
  }

  #readLongString(level: number): number {
    const from = this.#at + level + 2;
    this.#skipLong(level, 'unfinished long string');
    const raw = this.#source.slice(from, this.#at - level - 2);
    const text = raw.replace(/^(?:\r\n?|\n\r?)/, '');
    const signs = '='.repeat(level);
    return this.#string(
      text.includes('\r') ? text.replace(/\r\n?|\n\r?/g, '\n') : text,
      `[${signs}[`,
      `]${signs}]`,
    );
  }

  /** From the opening bracket of a long string or comment to behind its closing one. */
  #skipLong(level: number, unfinished: string): void {
    this.#at += level + 2;
    for (;;) {
      const byte = this.#byte();
      if (byte === Token.CLOSE_BRACKET) {
        let signs = 0;
        while (this.#byte(signs + 1) === Token.ASSIGN) signs++;
        this.#at += signs + 1;
        if (signs === level && this.#byte() === Token.CLOSE_BRACKET) {
          this.#at++;
          return;
        }
      } else if (byte === Token.OPEN_BRACKET && level === 0) {
        if (this.#byte(1) === Token.OPEN_BRACKET) {
          this.#fail('nesting of [[...]] is deprecated', Token.OPEN_BRACKET);
        }
        this.#at++;
      } else if (byte === NOTHING) {
        this.#fail(unfinished, Token.END_OF_SOURCE);
      } else if (((CLASSES[byte] ?? 0) & NEWLINE) !== 0) {
        this.#skipNewline();
      } else {
        this.#at++;
      }
    }
  }
}

/** Is the byte one of these characters, or zero? PUC asks strchr, which finds the zero that ends the set. */
function isOneOf(characters: string, byte: number): boolean {
  return byte === 0 || (byte > 0 && characters.includes(String.fromCharCode(byte)));
}

/** The number a numeral stands for, or undefined: what strtod makes of it in the C locale. */
function numberOf(text: string): number | undefined {
  if (DECIMAL.test(text)) return Number(text);
  const hexadecimal = HEXADECIMAL.exec(text);
  if (hexadecimal === null) return undefined;
  return scaled(Number(`0x${hexadecimal[1]}`), Number(hexadecimal[2] ?? 0));
}
