/**
 * Lua 5.1's string library. Every function is bounded before it makes anything and pays for what it reads and writes.
 */
import { latin1Bytes, latin1Text } from '../../../../lib/protocol/text.ts';
import { cut, flatten } from '../../lua-text/flat-text.ts';
import { argumentError, raise } from '../runtime/errors.ts';
import { allocate, charge, chargeBytes, checkLength } from '../runtime/meter.ts';
import {
  checkFunction,
  checkInteger,
  checkText,
  many,
  type Natives,
  none,
  one,
  optionalInteger,
} from '../runtime/native.ts';
import type { LuaValue } from '../runtime/values.ts';
import { format } from './string-format.ts';
import { find, gmatch, match, STRING_BYTES } from './string-search.ts';
import { gsub } from './string-substitution.ts';

/** Results of one call at most: PUC's LUAI_MAXCSTACK. */
const MAX_RESULTS = 8000;
/** Texts up to this length are made flat at once. */
const FLAT = 1024;
const UPPER_A = 65;
const LOWER_A = 97;
const LETTERS = 26;
const CASE = 32;

function len(text: LuaValue): LuaValue {
  $count = 1;
  return (typeof text === 'string' ? text : checkText(text, 1, arguments.length)).length;
}

/** A position from the end becomes one from the start. */
function fromStart(position: number, length: number): number {
  return position < 0 ? Math.max(position + length + 1, 0) : position;
}

function sub(text: LuaValue, i: LuaValue, j: LuaValue): LuaValue {
  const source = typeof text === 'string' ? text : checkText(text, 1, arguments.length);
  const { length } = source;
  const first = typeof i === 'number' && i === (i | 0) ? i : checkInteger(i, 2, arguments.length);
  let last = length;
  if (j !== undefined) {
    last = typeof j === 'number' && j === (j | 0) ? j : checkInteger(j, 3, arguments.length);
    if (last < 0) last += length + 1;
    else if (last > length) last = length;
  }
  const from = first > 0 ? first - 1 : first < 0 && first > -length ? first + length : 0;
  $count = 1;
  if (from >= last) return '';
  $bytes += STRING_BYTES;
  return cut(source.substring(from, last), length);
}

function byte(text: LuaValue, i: LuaValue, j: LuaValue): LuaValue {
  const source = typeof text === 'string' ? text : checkText(text, 1, arguments.length);
  if (j === undefined) {
    if (i === undefined) return byteAt(source, 1);
    if (typeof i === 'number' && i === (i | 0)) return byteAt(source, i);
  }
  const first = fromStart(optionalInteger(i, 2, arguments.length, 1), source.length);
  const last = fromStart(optionalInteger(j, 3, arguments.length, first), source.length);
  return bytes(source, Math.max(first, 1), Math.min(last, source.length));
}

function byteAt(source: string, position: number): LuaValue {
  const at = position < 0 ? position + source.length : position - 1;
  if (at < 0 || at >= source.length) return none();
  $count = 1;
  return source.charCodeAt(at);
}

function bytes(source: string, first: number, last: number): LuaValue {
  const count = last - first + 1;
  if (count <= 0) return none();
  if (count > MAX_RESULTS) return raise('stack overflow (string slice too long)');
  charge(count >> 1);
  allocate(count * 8);
  const codes: LuaValue[] = [];
  for (let at = first - 1; at < last; at++) codes.push(source.charCodeAt(at));
  return many(codes);
}

function char(...codes: LuaValue[]): LuaValue {
  const count = codes.length;
  $count = 1;
  if (count === 1) return String.fromCharCode(checkCode(codes[0], 1, 1));
  charge(count >> 1);
  allocate(STRING_BYTES + 8 * count);
  const checked: number[] = [];
  for (let i = 0; i < count; i++) checked.push(checkCode(codes[i], i + 1, count));
  return String.fromCharCode.apply(undefined, checked);
}

function checkCode(value: LuaValue, index: number, given: number): number {
  const code = checkInteger(value, index, given) | 0;
  return code >= 0 && code <= 255 ? code : argumentError(index, 'invalid value');
}

function reverse(text: LuaValue): LuaValue {
  const source = checkText(text, 1, arguments.length);
  charge(source.length >> 2);
  allocate(STRING_BYTES + 2 * source.length);
  return one(latin1Text(latin1Bytes(source).reverse(), 0, source.length));
}

/** Letters of ASCII only: JavaScript's own mapping changes other latin1 letters, too. */
const ASCII = /^[\0-\x7f]*$/;

/** The other case of the letters from `first` on. */
function otherCase(source: string, first: number): string {
  const codes = latin1Bytes(source);
  for (let i = 0; i < codes.length; i++) {
    const letter = (codes[i] as number) - first;
    if (letter >= 0 && letter < LETTERS) codes[i] = (letter + first) ^ CASE;
  }
  return latin1Text(codes, 0, codes.length);
}

function lower(text: LuaValue): LuaValue {
  const source = typeof text === 'string' ? text : checkText(text, 1, arguments.length);
  charge(source.length >> 3);
  allocate(STRING_BYTES + source.length);
  $count = 1;
  return ASCII.test(source) ? source.toLowerCase() : otherCase(source, UPPER_A);
}

function upper(text: LuaValue): LuaValue {
  const source = typeof text === 'string' ? text : checkText(text, 1, arguments.length);
  charge(source.length >> 3);
  allocate(STRING_BYTES + source.length);
  $count = 1;
  return ASCII.test(source) ? source.toUpperCase() : otherCase(source, LOWER_A);
}

/** A short text repeated, of which shorter repetitions are slices. */
let strip = '';
let stripOf = '';
const STRIP = 256;

function rep(text: LuaValue, n: LuaValue): LuaValue {
  const source = typeof text === 'string' ? text : checkText(text, 1, arguments.length);
  // As PUC: of an integer of 64 bits, the lower half.
  const count = checkInteger(n, 2, arguments.length) | 0;
  $count = 1;
  if (count <= 0 || source === '') return '';
  const length = source.length * count;
  checkLength(length);
  chargeBytes(length);
  allocate(STRING_BYTES + length);
  if (length > STRIP) {
    const result = source.repeat(count);
    return length <= FLAT ? flatten(result) : result;
  }
  if (source !== stripOf) {
    if (length > STRIP / 2) return flatten(source.repeat(count));
    stripOf = source;
    strip = flatten(source.repeat(Math.floor(STRIP / source.length)));
  }
  return strip.substring(0, length);
}

function dump(f: LuaValue): LuaValue {
  checkFunction(f, 1, arguments.length);
  return raise('unable to dump given function');
}

export const stringNatives: Natives = {
  byte,
  char,
  dump,
  find,
  format,
  gfind: gmatch,
  gmatch,
  gsub,
  len,
  lower,
  match,
  rep,
  reverse,
  sub,
  upper,
};
