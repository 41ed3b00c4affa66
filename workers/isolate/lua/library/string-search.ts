/**
 * string.find, string.match and string.gmatch.
 */
import { cut } from '../../lua-text/flat-text.ts';
import { charge } from '../runtime/meter.ts';
import { checkInteger, checkText, many, none } from '../runtime/native.ts';
import type { LuaFunction, LuaValue } from '../runtime/values.ts';
import { capture, captures, found } from './pattern/captures.ts';
import { floatingPatternOf, patternOf, search } from './pattern/patterns.ts';

/** Longest needle that V8 may look for by itself: with a long one its worst case is the product of the lengths. */
const SHORT_NEEDLE = 32;
/** What a short string takes besides its bytes, or a slice of another. */
export const STRING_BYTES = 32;

/** Where a search begins that is asked for from position `init` on. */
function offsetOf(init: LuaValue, given: number, length: number): number {
  if (init === undefined) return 0;
  const position = checkInteger(init, 3, given);
  if (position > 0) return Math.min(position - 1, length);
  return position === 0 ? 0 : Math.max(position + length, 0);
}

/** The bytes that are not ordinary in a pattern; a NUL is where Lua 5.1 stops looking for them. */
const special = new Uint8Array(256);
for (const character of '^$*+?.([%-\0') special[character.charCodeAt(0)] = 1;

/** What was found without matching the last time. */
let lastPlain = '';

/** Can the pattern be found without matching? */
function isPlain(pattern: string): boolean {
  if (pattern === lastPlain) return true;
  for (let i = 0; i < pattern.length; i++) {
    const code = pattern.charCodeAt(i);
    if (special[code] === 1) {
      if (code === 0) break;
      return false;
    }
  }
  lastPlain = pattern;
  return true;
}

function findPlain(source: string, needle: string, init: number): number {
  charge(1 + ((source.length - init) >> 5) + (needle.length >> 4));
  if (needle.length <= SHORT_NEEDLE) return source.indexOf(needle, init);
  const head = needle.slice(0, SHORT_NEEDLE);
  for (let at = source.indexOf(head, init); at >= 0; at = source.indexOf(head, at + 1)) {
    charge(1 + (needle.length >> 6));
    if (source.startsWith(needle, at)) return at;
  }
  return -1;
}

export function find(text: LuaValue, needle: LuaValue, init: LuaValue, plain: LuaValue): LuaValue {
  const source = typeof text === 'string' ? text : checkText(text, 1, arguments.length);
  const pattern = typeof needle === 'string' ? needle : checkText(needle, 2, arguments.length);
  const from = init === undefined ? 0 : offsetOf(init, arguments.length, source.length);
  if ((plain !== undefined && plain !== false) || isPlain(pattern)) {
    const at = findPlain(source, pattern, from);
    if (at < 0) {
      $count = 1;
      return undefined;
    }
    $second = at + pattern.length;
    $count = 2;
    return at + 1;
  }
  const start = search(patternOf(pattern), source, from);
  if (start < 0) {
    $count = 1;
    return undefined;
  }
  const end = found[0] as number;
  const count = found[1] as number;
  if (count === 0) {
    $second = end;
    $count = 2;
    return start + 1;
  }
  if (count === 1) {
    $bytes += STRING_BYTES;
    $third = capture(source, 0, start);
    $second = end;
    $count = 3;
    return start + 1;
  }
  $bytes += STRING_BYTES * count;
  return many([start + 1, end, ...captures(source, start)]);
}

/** The captures of a match, or all of it. */
function matched(source: string, start: number): LuaValue {
  const count = found[1] as number;
  if (count === 0) {
    $bytes += STRING_BYTES;
    $count = 1;
    return cut(source.substring(start, found[0]), source.length);
  }
  $bytes += STRING_BYTES * count;
  if (count > 3) return many(captures(source, start));
  const first = capture(source, 0, start);
  if (count > 1) {
    $second = capture(source, 1, start);
    if (count > 2) $third = capture(source, 2, start);
  }
  $count = count;
  return first;
}

export function match(text: LuaValue, pattern: LuaValue, init: LuaValue): LuaValue {
  const source = typeof text === 'string' ? text : checkText(text, 1, arguments.length);
  const wanted = typeof pattern === 'string' ? pattern : checkText(pattern, 2, arguments.length);
  const from = init === undefined ? 0 : offsetOf(init, arguments.length, source.length);
  const start = search(patternOf(wanted), source, from);
  if (start >= 0) return matched(source, start);
  $count = 1;
  return undefined;
}

export function gmatch(text: LuaValue, pattern: LuaValue): LuaFunction {
  const source = checkText(text, 1, arguments.length);
  const wanted = floatingPatternOf(checkText(pattern, 2, arguments.length));
  $bytes += 4 * STRING_BYTES;
  let next = 0;
  $count = 1;
  // A method, so that its name costs nothing here: NATIVE, and a name.
  return {
    'lua gmatch iterator'() {
      const start = next > source.length ? -1 : search(wanted, source, next);
      if (start < 0) return none();
      const end = found[0] as number;
      next = end === start ? end + 1 : end;
      return matched(source, start);
    },
  }['lua gmatch iterator'];
}
