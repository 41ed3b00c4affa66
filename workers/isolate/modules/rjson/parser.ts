/**
 * JSON text to a tree of values, with the checks and the errors of RapidJSON. Open containers are on a stack of our own. What
 * the tree takes is asked for as it grows.
 */
import { GuestError } from '../../engine.ts';
import { cut } from '../../lua-text/flat-text.ts';
import type { ObjectMemory } from '../native-module.ts';
import { characterEnd, utf8Bytes } from '../utf8-bytes.ts';
import { Double, type JsonContent, JsonValue, Members, VALUE_BYTES } from './json-value.ts';

/** Upstream has no limit and crashes where its stack ends; everything else here relies on this one. */
const MOST_DEPTH = 1000;
const VALUES_PER_LOOK = 1024;
const BYTES_PER_CHARGE = 8;
const LEAST_INT64 = -(2n ** 63n);
const MOST_UINT64 = 2n ** 64n - 1n;
/** Largest power of ten of a double; and significant digits that count for that. */
const MOST_POWER = 308;
const DIGITS = 17;

const SPACE = /[ \t\n\r]*/y;
/** What ends a run of plain characters in a string: its quote, an escape, a control character. */
const SPECIAL = /["\\\0-\x1f]/g;
const BEYOND_ASCII = /[\x80-\xff]/;
const LETTERS = '"\\/bfnrt';
const MEANINGS = '"\\/\b\f\n\r\t';

export interface ParseOptions {
  readonly memory: ObjectMemory;
  /** Strings must be UTF-8. */
  readonly validate: boolean;
  /** What follows the value does not matter. */
  readonly stopWhenDone: boolean;
}

export interface Parsed {
  readonly value: JsonValue;
  readonly bytes: number;
}

interface Open {
  readonly content: JsonValue[] | Members;
  readonly value: JsonValue;
  /** Of the member whose value is next. */
  name: string;
}

/** Thrown as a GuestError with upstream's text. `source` is read up to its first NUL. */
export function parse(source: string, options: ParseOptions): Parsed {
  const { memory, validate, stopWhenDone } = options;
  const nul = source.indexOf('\0');
  const text = nul < 0 ? source : source.slice(0, nul);
  memory.charge(text.length / BYTES_PER_CHARGE);
  const outer: Open[] = [];
  let open: Open | undefined;
  let at = 0;
  let values = 0;
  let bytes = 0;

  const fail = (message: string, offset: number = at): GuestError =>
    new GuestError(`failed to parse offset:${offset} ${message}`);

  const skip = (): string => {
    SPACE.lastIndex = at;
    SPACE.test(text);
    at = SPACE.lastIndex;
    return text.charAt(at);
  };

  const value = (content: JsonContent, size: number): JsonValue => {
    bytes += VALUE_BYTES + size;
    if (++values % VALUES_PER_LOOK === 0 && !memory.reserve(bytes)) {
      throw new GuestError('memory allocation failed');
    }
    return new JsonValue(content);
  };

  const word = (expected: string): void => {
    for (const letter of expected) {
      if (text.charAt(at) !== letter) throw fail('Invalid value.');
      at++;
    }
  };

  const hexUnit = (escapeAt: number): number => {
    const digits = text.slice(at, at + 4);
    if (!/^[\da-f]{4}$/i.test(digits)) {
      throw fail('Incorrect hex digit after \\u escape in string.', escapeAt);
    }
    at += 4;
    return Number.parseInt(digits, 16);
  };

  const readEscape = (): string => {
    const escapeAt = at;
    const letter = text.charAt(at + 1);
    const simple = letter === '' ? -1 : LETTERS.indexOf(letter);
    at += 2;
    if (simple >= 0) return MEANINGS.charAt(simple);
    if (letter !== 'u') throw fail('Invalid escape character in string.', escapeAt);
    const unit = hexUnit(escapeAt);
    if (unit < 0xd800 || unit > 0xdbff) return utf8Bytes(unit);
    const isPair = text.startsWith('\\u', at);
    at += 2;
    const low = isPair ? hexUnit(escapeAt) : 0;
    if (low < 0xdc00 || low > 0xdfff) {
      throw fail('The surrogate pair in string is invalid.', escapeAt);
    }
    return utf8Bytes(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
  };

  const checkEncoding = (from: number, to: number): void => {
    if (!BEYOND_ASCII.test(text.slice(from, to))) return;
    for (let i = from; i < to; ) {
      const end = characterEnd(text, i);
      if (end < 0 || end > to) throw fail('Invalid encoding in string.', i);
      i = end;
    }
  };

  /** At the opening quote. */
  const string = (): string => {
    let content = '';
    at++;
    for (;;) {
      SPECIAL.lastIndex = at;
      const end = SPECIAL.exec(text)?.index ?? text.length;
      if (validate) checkEncoding(at, end);
      content += text.slice(at, end);
      at = end;
      const special = text.charAt(at);
      if (special === '"') break;
      if (special === '') throw fail('Missing a closing quotation mark in string.');
      if (special !== '\\') throw fail('Invalid encoding in string.');
      content += readEscape();
    }
    at++;
    bytes += content.length;
    return cut(content, text.length);
  };

  const digits = (): string => {
    const start = at;
    let code = text.charCodeAt(at);
    while (code >= 48 && code <= 57) code = text.charCodeAt(++at);
    return text.slice(start, at);
  };

  const number = (): JsonContent => {
    const start = at;
    if (text.charAt(at) === '-') at++;
    if (!/\d/.test(text.charAt(at))) throw fail('Invalid value.');
    const whole = text.charAt(at) === '0' ? text.charAt(at++) : digits();
    const tooBig = 'Number too big to be stored in double.';
    if (Number(whole) === Number.POSITIVE_INFINITY) throw fail(tooBig, start);
    let fraction: string | undefined;
    if (text.charAt(at) === '.') {
      at++;
      fraction = digits();
      if (fraction === '') throw fail('Miss fraction part in number.');
    }
    let power: string | undefined;
    if (/e/i.test(text.charAt(at))) {
      at++;
      const sign = text.charAt(at);
      if (sign === '+' || sign === '-') at++;
      power = digits();
      if (power === '') throw fail('Miss exponent in number.');
      // Upstream looks at the digits of the fraction that it keeps, not at the number.
      const decimals = Math.min(fraction?.length ?? 0, DIGITS);
      if (sign !== '-' && power.length > 1 && Number(power) > MOST_POWER + decimals) {
        throw fail(tooBig, start);
      }
    }
    const all = text.slice(start, at);
    if (fraction === undefined && power === undefined) {
      const integer = Number(all);
      if (Number.isSafeInteger(integer)) return integer === 0 ? 0 : integer;
      const exact = all.length > 20 ? undefined : BigInt(all);
      if (exact !== undefined && exact >= LEAST_INT64 && exact <= MOST_UINT64) return exact;
    }
    const double = Number(all);
    if (!Number.isFinite(double)) throw fail(tooBig, start);
    return new Double(double);
  };

  /** At a member's name: up to its value. */
  const name = (container: Open): void => {
    if (text.charAt(at) !== '"') throw fail('Missing a name for object member.');
    container.name = string();
    if (skip() !== ':') throw fail('Missing a colon after a name of object member.');
    at++;
    skip();
  };

  if (skip() === '') throw fail('The document is empty.');
  for (;;) {
    // At a value.
    const first = text.charAt(at);
    let done: JsonValue;
    if (first === '{' || first === '[') {
      at++;
      if (outer.length + (open === undefined ? 0 : 1) >= MOST_DEPTH) {
        throw fail('Terminate parsing due to Handler error.');
      }
      const content = first === '[' ? [] : new Members();
      const begun: Open = { content, value: value(content, 64), name: '' };
      const next = skip();
      if (next !== (first === '[' ? ']' : '}')) {
        if (open !== undefined) outer.push(open);
        open = begun;
        if (first === '{') name(open);
        continue;
      }
      at++;
      done = begun.value;
    } else if (first === '"') done = value(string(), 0);
    else if (first === 'n') {
      word('null');
      done = value(null, 0);
    } else if (first === 't') {
      word('true');
      done = value(true, 0);
    } else if (first === 'f') {
      word('false');
      done = value(false, 0);
    } else done = value(number(), 0);
    // Behind a value: as many containers as end here.
    for (;;) {
      if (open === undefined) {
        if (!stopWhenDone && skip() !== '') {
          throw fail('The document root must not be followed by other values.');
        }
        return { value: done, bytes };
      }
      const { content } = open;
      const isList = Array.isArray(content);
      if (isList) content.push(done);
      else content.add(open.name, done);
      const next = skip();
      if (next === ',') {
        at++;
        skip();
        if (!isList) name(open);
        break;
      }
      if (next !== (isList ? ']' : '}')) {
        throw fail(
          isList
            ? "Missing a comma or ']' after an array element."
            : "Missing a comma or '}' after an object member.",
        );
      }
      at++;
      done = open.value;
      open = outer.pop();
    }
  }
}
