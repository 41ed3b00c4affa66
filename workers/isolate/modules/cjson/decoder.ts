/**
 * JSON text to guest values, as upstream reads it: byte strings are taken as they are, nulls leave nothing behind, the text
 * ends at its first NUL. Open containers are on a stack of our own, so that depth costs no stack of JavaScript's. The text is
 * read once; measured, this is as fast as walking over what JSON.parse gives, which knows other rules.
 */
import { GuestError, type GuestTable, type GuestValue, type HostObject } from '../../engine.ts';
import { cut } from '../../lua-text/flat-text.ts';
import type { ModuleParts } from '../native-module.ts';
import { KeyCache } from './key-cache.ts';
import { isInvalidNumber, numberEnd, readNumber } from './number-reader.ts';
import type { CjsonSettings } from './settings.ts';
import { NESTING_CAP } from './settings.ts';

/** Bytes of text for the price of one instruction. */
const BYTES_PER_CHARGE = 8;
/** Values that wait for their container, between two looks at memory; and what each takes. */
const VALUES_PER_LOOK = 8192;
const WAITING_BYTES = 24;
/** Integers of so many digits, and powers of ten to this one, are exact: so is their quotient. */
const EXACT_DIGITS = 15;
const POWERS = Array.from({ length: EXACT_DIGITS + 1 }, (_, power) => 10 ** power);

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  t: '\t',
  n: '\n',
  f: '\f',
  r: '\r',
};

export class Decoder {
  readonly #parts: ModuleParts;
  readonly #settings: CjsonSettings;
  readonly #null: HostObject;
  readonly #keys = new KeyCache();
  #text = '';
  /** Where the scalar that was read last ends. */
  #end = 0;
  /** Where the next backslash is: past the end if there is none. */
  #escape = -1;
  #waiting = 0;
  /** Of all containers that are open: values, and of objects keys with their numbers in the key cache. */
  readonly #values: GuestValue[] = [];
  readonly #names: string[] = [];
  readonly #numbers: number[] = [];
  /** Per open container where its values begin, and its names; -1 for a list. */
  readonly #begins: number[] = [];
  #depth = 0;

  constructor(parts: ModuleParts, settings: CjsonSettings, nullObject: HostObject) {
    this.#parts = parts;
    this.#settings = settings;
    this.#null = nullObject;
  }

  decode(source: string): GuestValue {
    const nul = source.indexOf('\0');
    if (source.length >= 2 && (nul === 0 || nul === 1)) {
      throw new GuestError('JSON parser does not support UTF-16 or UTF-32');
    }
    this.#parts.memory.charge(source.length / BYTES_PER_CHARGE);
    this.#text = nul < 0 ? source : source.slice(0, nul);
    this.#escape = -1;
    this.#waiting = 0;
    try {
      return this.#document();
    } finally {
      this.#text = '';
      this.#depth = 0;
      this.#begins.length = 0;
      this.#values.length = 0;
      this.#names.length = 0;
      this.#numbers.length = 0;
    }
  }

  #document(): GuestValue {
    const text = this.#text;
    const values = this.#values;
    const begins = this.#begins;
    let at = 0;
    for (;;) {
      // At a value.
      at = skip(text, at);
      const code = text.charCodeAt(at);
      let value: GuestValue;
      if (code === 123) {
        at = skip(text, this.#descend(at, this.#names.length));
        if (text.charCodeAt(at) !== 125) {
          at = this.#key(at);
          continue;
        }
        at++;
        value = this.#close();
      } else if (code === 91) {
        at = skip(text, this.#descend(at, -1));
        if (text.charCodeAt(at) !== 93) continue;
        at++;
        value = this.#close();
      } else {
        value = this.#scalar(at, code);
        at = this.#end;
      }
      // Behind a value: as many containers as end here.
      for (;;) {
        at = skip(text, at);
        if (this.#depth === 0) {
          if (at < text.length) throw this.#unexpected('the end', at);
          return value;
        }
        values.push(value);
        const isObject = (begins[begins.length - 1] ?? -1) >= 0;
        const next = text.charCodeAt(at);
        if (next === 44) {
          at++;
          if (isObject) at = this.#key(skip(text, at));
          break;
        }
        if (next !== (isObject ? 125 : 93)) {
          throw this.#unexpected(isObject ? 'comma or object end' : 'comma or array end', at);
        }
        at++;
        value = this.#close();
      }
    }
  }

  /** At an opening bracket; returns what is behind it. */
  #descend(at: number, names: number): number {
    const depth = ++this.#depth;
    if (depth > this.#settings.decodeDepth || depth > NESTING_CAP) {
      throw new GuestError(
        `Found too many nested data structures (${depth}) at character ${at + 1}`,
      );
    }
    this.#begins.push(this.#values.length, names);
    return at + 1;
  }

  /** Ends the innermost container. */
  #close(): GuestTable {
    const values = this.#values;
    const names = this.#begins.pop() ?? -1;
    const begin = this.#begins.pop() ?? 0;
    this.#depth--;
    // Copies have no room that is not used.
    const own = values.slice(begin);
    values.length = begin;
    if (names < 0) return this.#list(own);
    const keys = this.#names.slice(names);
    const plain = this.#keys.areDistinct(this.#numbers, names);
    this.#names.length = names;
    this.#numbers.length = names;
    if (plain) leaveOut(keys, own);
    const table = this.#parts.createTable();
    if (keys.length > 0) table.fill(keys, own, plain);
    return table;
  }

  /** A list ends, for `#`, before its first null; what comes after it keeps its index. */
  #list(values: readonly GuestValue[]): GuestTable {
    const hole = values.indexOf(undefined);
    if (hole < 0) return this.#parts.createList(values);
    const table = this.#parts.createList(values.slice(0, hole));
    for (let i = hole; i < values.length; i++) {
      const value = values[i];
      if (value !== undefined) table.set(i + 1, value);
    }
    return table;
  }

  /** Looks at memory now and then: what is in no table yet is not counted by the engine. */
  #wait(at: number): void {
    this.#waiting++;
    if (this.#waiting % VALUES_PER_LOOK !== 0) return;
    const bytes = this.#waiting * WAITING_BYTES + at;
    if (!this.#parts.memory.reserve(bytes)) throw new GuestError('not enough memory');
  }

  /** At a key; returns where its value begins. */
  #key(at: number): number {
    const text = this.#text;
    if (text.charCodeAt(at) !== 34) throw this.#unexpected('object key string', at);
    const number = this.#keys.read(text, at + 1);
    this.#numbers.push(number);
    let end: number;
    if (number < 0) {
      this.#names.push(this.#string(at, 'object key string'));
      end = this.#end;
    } else {
      const name = this.#keys.key(number);
      this.#names.push(name);
      end = at + name.length + 2;
    }
    end = skip(text, end);
    if (text.charCodeAt(end) !== 58) throw this.#unexpected('colon', end);
    return end + 1;
  }

  /** Sets `#end`. */
  #scalar(at: number, code: number): GuestValue {
    this.#wait(at);
    const text = this.#text;
    switch (code) {
      case 34:
        return this.#string(at, 'value');
      case 116:
        if (!text.startsWith('true', at)) break;
        this.#end = at + 4;
        return true;
      case 102:
        if (!text.startsWith('false', at)) break;
        this.#end = at + 5;
        return false;
      case 110:
        if (!text.startsWith('null', at)) break;
        this.#end = at + 4;
        return this.#settings.decodeNull ? this.#null : undefined;
    }
    return this.#number(at, code);
  }

  /** JSON's own numbers of few digits here; all others where they are rare. */
  #number(start: number, code: number): number {
    const text = this.#text;
    let at = code === 45 ? start + 1 : start;
    const first = at;
    let value = 0;
    let next = text.charCodeAt(at);
    for (; next >= 48 && next <= 57; next = text.charCodeAt(++at)) value = value * 10 + next - 48;
    let count = at - first;
    let decimals = 0;
    if (next === 46 && count > 0) {
      const point = at;
      next = text.charCodeAt(++at);
      for (; next >= 48 && next <= 57; next = text.charCodeAt(++at)) value = value * 10 + next - 48;
      decimals = at - point - 1;
      count += decimals;
    }
    const letter = next | 32;
    const leadingZero = count - decimals > 1 && text.charCodeAt(first) === 48;
    if (count === 0 || count > EXACT_DIGITS || letter === 101 || letter === 120 || leadingZero) {
      return this.#otherNumber(start, code);
    }
    this.#end = at;
    if (decimals > 0) value /= POWERS[decimals] ?? 1;
    return code === 45 ? -value : value;
  }

  #otherNumber(at: number, code: number): number {
    const text = this.#text;
    const isPlain = code === 45 || (code >= 48 && code <= 57);
    const allowed = this.#settings.decodeInvalid
      ? isPlain || isInvalidNumber(text, at)
      : isPlain && !isInvalidNumber(text, at);
    const value = allowed ? readNumber(text, at) : undefined;
    if (value === undefined) throw this.#unexpected('value', at);
    this.#end = numberEnd;
    return value;
  }

  /** At its opening quote. */
  #string(at: number, expected: string): string {
    const text = this.#text;
    const start = at + 1;
    const end = text.indexOf('"', start);
    if (end < 0 || this.#nextEscape(start) < end) return this.#escaped(start, expected);
    this.#end = end + 1;
    return cut(text.slice(start, end), text.length);
  }

  #escaped(start: number, expected: string): string {
    const text = this.#text;
    let from = start;
    let value = '';
    let end = text.indexOf('"', from);
    for (;;) {
      const at = this.#nextEscape(from);
      if (end >= 0 && end < at) break;
      if (at === text.length) throw this.#error(expected, 'unexpected end of string', at);
      value += text.slice(from, at);
      const letter = text.charAt(at + 1);
      const single = ESCAPES[letter];
      if (single !== undefined) {
        value += single;
        from = at + 2;
      } else if (letter === 'u') {
        const point = codePointAt(text, at);
        if (point < 0) throw this.#error(expected, 'invalid unicode escape code', at);
        value += utf8(point);
        from = at + (point > 0xffff ? 12 : 6);
      } else throw this.#error(expected, 'invalid escape code', at);
      if (end >= 0 && end < from) end = text.indexOf('"', from);
    }
    this.#end = end + 1;
    return value + text.slice(from, end);
  }

  #nextEscape(from: number): number {
    if (this.#escape < from) {
      const found = this.#text.indexOf('\\', from);
      this.#escape = found < 0 ? this.#text.length : found;
    }
    return this.#escape;
  }

  /** The error about the token that is here, which is read for that. */
  #unexpected(expected: string, at: number): GuestError {
    const text = this.#text;
    const code = text.charCodeAt(at);
    if (Number.isNaN(code)) return this.#error(expected, 'T_END', at);
    const single = TOKENS[text.charAt(at)];
    if (single !== undefined) return this.#error(expected, single, at);
    if (code === 34) {
      this.#string(at, expected); // throws what is wrong in it
      return this.#error(expected, 'T_STRING', at);
    }
    if (text.startsWith('true', at) || text.startsWith('false', at)) {
      return this.#error(expected, 'T_BOOLEAN', at);
    }
    if (text.startsWith('null', at)) return this.#error(expected, 'T_NULL', at);
    const isPlain = code === 45 || (code >= 48 && code <= 57);
    const isOther = isInvalidNumber(text, at) && (isPlain || /[+in]/i.test(text.charAt(at)));
    if (!isPlain && !(isOther && this.#settings.decodeInvalid)) {
      return this.#error(expected, 'invalid token', at);
    }
    const valid = this.#settings.decodeInvalid || !isOther;
    const isNumber = valid && readNumber(text, at) !== undefined;
    return this.#error(expected, isNumber ? 'T_NUMBER' : 'invalid number', at);
  }

  #error(expected: string, found: string, at: number): GuestError {
    return new GuestError(`Expected ${expected} but found ${found} at character ${at + 1}`);
  }
}

/** Where there is no white space any more. */
function skip(text: string, start: number): number {
  let at = start;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return at;
    at++;
  }
}

/** Takes out the keys whose value is undefined. */
function leaveOut(keys: string[], values: GuestValue[]): void {
  let kept = values.indexOf(undefined);
  if (kept < 0) return;
  for (let i = kept + 1; i < keys.length; i++) {
    const key = keys[i];
    const value = values[i];
    if (key === undefined || value === undefined) continue;
    keys[kept] = key;
    values[kept] = value;
    kept++;
  }
  keys.length = kept;
  values.length = kept;
}

const TOKENS: Readonly<Record<string, string>> = {
  '{': 'T_OBJ_BEGIN',
  '}': 'T_OBJ_END',
  '[': 'T_ARR_BEGIN',
  ']': 'T_ARR_END',
  ':': 'T_COLON',
  ',': 'T_COMMA',
};

/** The code point that `\uXXXX` at this place stands for, or two of them; -1 if it is none. */
function codePointAt(text: string, at: number): number {
  const unit = hexUnit(text, at + 2);
  if (unit < 0xd800 || unit > 0xdfff) return unit;
  if (unit > 0xdbff || text.charAt(at + 6) !== '\\' || text.charAt(at + 7) !== 'u') return -1;
  const low = hexUnit(text, at + 8);
  if (low < 0xdc00 || low > 0xdfff) return -1;
  return 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
}

function hexUnit(text: string, at: number): number {
  const digits = text.slice(at, at + 4);
  return /^[\da-fA-F]{4}$/.test(digits) ? Number.parseInt(digits, 16) : -1;
}

/** The bytes of a code point's UTF-8 form. */
function utf8(point: number): string {
  if (point < 0x80) return String.fromCharCode(point);
  const last = 0x80 | (point & 0x3f);
  if (point < 0x800) return String.fromCharCode(0xc0 | (point >> 6), last);
  const third = 0x80 | ((point >> 6) & 0x3f);
  if (point < 0x10000) return String.fromCharCode(0xe0 | (point >> 12), third, last);
  return String.fromCharCode(0xf0 | (point >> 18), 0x80 | ((point >> 12) & 0x3f), third, last);
}
