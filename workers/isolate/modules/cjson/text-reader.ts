/**
 * JSON text to guest values, by upstream's rules and with its error texts. Open containers are on a stack of our own, so that
 * depth costs no stack of JavaScript's. Most documents are read by tree-reader.ts; this one takes what that leaves:
 * malformed ones, numbers that JSON does not have, control characters, great depth or length.
 */
import { GuestError, type GuestValue } from '../../engine.ts';
import { cut } from '../../lua-text/flat-text.ts';
import { utf8Bytes } from '../utf8-bytes.ts';
import { isInvalidNumber, readNumber } from './number-reader.ts';
import { type CjsonContext, NESTING_CAP, reserve } from './settings.ts';
import { codePoint, listOf, recordOf } from './tree-reader.ts';

/** Values that wait for their container, between two looks at memory; and what each takes. */
const VALUES_PER_LOOK = 8192;
const WAITING_BYTES = 24;

/** Tokens of one character, and the words, with their values. */
const SIGNS: Readonly<Record<string, string>> = {
  '{': 'T_OBJ_BEGIN',
  '}': 'T_OBJ_END',
  '[': 'T_ARR_BEGIN',
  ']': 'T_ARR_END',
  ':': 'T_COLON',
  ',': 'T_COMMA',
};
const WORDS: readonly (readonly [string, string, GuestValue])[] = [
  ['true', 'T_BOOLEAN', true],
  ['false', 'T_BOOLEAN', false],
  ['null', 'T_NULL', undefined],
];
const SCALARS: ReadonlySet<string> = new Set(['T_STRING', 'T_NUMBER', 'T_BOOLEAN', 'T_NULL']);
/** Letters of escapes, and what they stand for. */
const ESCAPES = '"\\/bfnrt';
const ESCAPED = '"\\/\b\f\n\r\t';
const UNIT = /\\u([\da-f]{4})(?:\\u(d[c-f][\da-f]{2}))?/iy;

interface Open {
  /** Of an object. */
  readonly keys: string[] | undefined;
  readonly values: GuestValue[];
}

/** Reads a text without NULs. */
export function readText(text: string, context: CjsonContext): GuestValue {
  const { parts, settings, nullObject } = context;
  const { decodeDepth, decodeInvalid, decodeNull } = settings;
  const { length } = text;
  const outer: Open[] = [];
  let open: Open | undefined;
  let waiting = 0;
  let at = 0;
  /** The token: its name or what is wrong with it, where it is, and its value. */
  let token = '';
  let index = 0;
  let value: GuestValue;

  const next = (): string => {
    let code = text.charCodeAt(at);
    while (code === 32 || code === 10 || code === 13 || code === 9) code = text.charCodeAt(++at);
    index = at;
    token = at < length ? read(text.charAt(at)) : 'T_END';
    return token;
  };

  const read = (first: string): string => {
    const sign = SIGNS[first];
    if (sign !== undefined) {
      at++;
      return sign;
    }
    if (first === '"') return readString();
    for (const [word, name, meaning] of WORDS) {
      if (!text.startsWith(word, at)) continue;
      at += word.length;
      value = name === 'T_NULL' && decodeNull ? nullObject : meaning;
      return name;
    }
    const isPlain = first === '-' || (first >= '0' && first <= '9');
    const isAllowed = isPlain && decodeInvalid;
    const isInvalid = !isAllowed && isInvalidNumber(text, at);
    if (!isPlain && !(isInvalid && decodeInvalid)) return 'invalid token';
    const number = isInvalid && !decodeInvalid ? undefined : readNumber(text, at);
    if (number === undefined) return 'invalid number';
    value = number[0];
    at += number[1];
    return 'T_NUMBER';
  };

  const readString = (): string => {
    let content = '';
    for (at++; ; ) {
      const start = at;
      let code = text.charCodeAt(at);
      while (code !== 34 && code !== 92 && at < length) code = text.charCodeAt(++at);
      content += text.slice(start, at);
      if (code === 34) break;
      if (at === length) return failed('unexpected end of string');
      const letter = text.charAt(at + 1);
      const simple = letter === '' ? -1 : ESCAPES.indexOf(letter);
      if (simple >= 0) {
        content += ESCAPED.charAt(simple);
        at += 2;
      } else if (letter === 'u') {
        UNIT.lastIndex = at;
        const [, unit = '', low] = UNIT.exec(text) ?? [];
        const point = unit === '' ? -1 : codePoint(unit, low);
        if (point < 0) return failed('invalid unicode escape code');
        content += utf8Bytes(point);
        at += point > 0xffff ? 12 : 6;
      } else return failed('invalid escape code');
    }
    at++;
    value = cut(content, length);
    return 'T_STRING';
  };

  /** What is wrong is here, and not where the string begins. */
  const failed = (what: string): string => {
    index = at;
    return what;
  };

  const unexpected = (expected: string): GuestError =>
    new GuestError(`Expected ${expected} but found ${token} at character ${index + 1}`);

  /** At a key, or what should be one: up to the first token of its value. */
  const key = (keys: string[]): void => {
    if (token !== 'T_STRING') throw unexpected('object key string');
    keys.push(String(value));
    if (next() !== 'T_COLON') throw unexpected('colon');
    next();
  };

  /** Looks at memory now and then: what is in no table yet is not counted by the engine. */
  const wait = (): void => {
    if (++waiting % VALUES_PER_LOOK === 0) reserve(context, waiting * WAITING_BYTES + at);
  };

  next();
  for (;;) {
    // At the first token of a value.
    const isObject = token === 'T_OBJ_BEGIN';
    if (isObject || token === 'T_ARR_BEGIN') {
      if (open !== undefined) outer.push(open);
      const depth = outer.length + 1;
      if (depth > decodeDepth || depth > NESTING_CAP) {
        throw new GuestError(`Found too many nested data structures (${depth}) at character ${at}`);
      }
      open = { keys: isObject ? [] : undefined, values: [] };
      next();
      if (token !== (isObject ? 'T_OBJ_END' : 'T_ARR_END')) {
        if (open.keys !== undefined) key(open.keys);
        continue;
      }
    } else {
      if (!SCALARS.has(token)) throw unexpected('value');
      wait();
      if (open !== undefined) {
        open.values.push(value);
        next();
      }
    }
    // Behind a value: as many containers as end here.
    for (;;) {
      if (open === undefined) {
        const result = value;
        if (next() !== 'T_END') throw unexpected('the end');
        return result;
      }
      const { keys, values } = open;
      if (token === 'T_COMMA') {
        next();
        if (keys !== undefined) key(keys);
        break;
      }
      if (token !== (keys === undefined ? 'T_ARR_END' : 'T_OBJ_END')) {
        throw unexpected(keys === undefined ? 'comma or array end' : 'comma or object end');
      }
      value = keys === undefined ? listOf(parts, values) : recordOf(parts, keys, values, false);
      open = outer.pop();
      if (open !== undefined) {
        open.values.push(value);
        next();
      }
    }
  }
}
