/**
 * The functions of Lua 5.1's string library that match patterns: find, match, gmatch, gsub. The matcher pays for its
 * steps; what gsub makes is bounded as it grows.
 */

import { numberText } from '../lua-text/number-text.ts';
import { budget } from './budget.ts';
import { LuaString } from './lua-string.ts';
import { LuaTable } from './lua-table.ts';
import {
  argument,
  argumentError,
  callForOne,
  checkText,
  isFunction,
  optional,
  optionalInteger,
  push,
  pushNumber,
  pushText,
  raise,
  reserve,
  typeName,
} from './native.ts';
import { Matcher, PatternError } from './pattern.ts';
import { STRING_BYTES } from './sizes.ts';
import { stringSlot } from './slot.ts';
import type { LuaState, LuaValue, NativeFunction } from './vm-types.ts';

/** Pushes a part of a longer text. */
export function pushCut(L: LuaState, text: string, parentLength: number): 1 {
  budget.allocate(STRING_BYTES + text.length);
  L.stack[L.top++] = stringSlot(LuaString.cut(text, parentLength));
  return 1;
}

/** A position from the end becomes one from the start. */
export function fromStart(position: number, length: number): number {
  const at = position < 0 ? position + length + 1 : position;
  return Math.max(at, 0);
}

/** Runs something that uses a pattern; its faults become Lua errors. */
function matching(L: LuaState, matcher: Matcher, body: () => number): number {
  try {
    const results = body();
    matcher.settle();
    return results;
  } catch (error) {
    if (error instanceof PatternError) return raise(L, error.text);
    throw error;
  }
}

function pushCaptures(
  L: LuaState,
  matcher: Matcher,
  start: number,
  end: number,
  whole: boolean,
): number {
  const count = matcher.captureCount(whole);
  reserve(L, count);
  for (let i = 0; i < count; i++) {
    const value = matcher.capture(i, start, end);
    if (typeof value === 'number') pushNumber(L, value);
    else pushCut(L, value, matcher.source.length);
  }
  return count;
}

/** Longest needle that V8 may look for by itself: with a long one its worst case is the product of the lengths. */
const SHORT_NEEDLE = 32;

function plainFind(text: string, needle: string, init: number): number {
  budget.charge((text.length - init) >> 5);
  if (needle.length <= SHORT_NEEDLE) return text.indexOf(needle, init);
  const head = needle.slice(0, SHORT_NEEDLE);
  for (let at = text.indexOf(head, init); at >= 0; at = text.indexOf(head, at + 1)) {
    budget.charge(1 + (needle.length >> 6));
    if (text.startsWith(needle, at)) return at;
  }
  return -1;
}

export function findOrMatch(L: LuaState, find: boolean): number {
  const text = checkText(L, 1);
  const pattern = checkText(L, 2);
  let init = fromStart(optionalInteger(L, 3, 1), text.length) - 1;
  init = Math.max(0, Math.min(init, text.length));
  if (find && (isTrue(argument(L, 4)) || Matcher.isPlain(pattern))) {
    const at = plainFind(text, pattern, init);
    if (at < 0) return push(L, null);
    pushNumber(L, at + 1);
    return 1 + pushNumber(L, at + pattern.length);
  }
  const anchored = pattern.startsWith('^');
  const matcher = new Matcher(text, pattern);
  return matching(L, matcher, () => {
    for (let start = init; start <= text.length; start++) {
      const end = matcher.matchAt(start, anchored ? 1 : 0);
      if (end >= 0) {
        if (!find) return pushCaptures(L, matcher, start, end, true);
        pushNumber(L, start + 1);
        pushNumber(L, end);
        return 2 + pushCaptures(L, matcher, start, end, false);
      }
      if (anchored) break;
    }
    return push(L, null);
  });
}

function isTrue(value: LuaValue | undefined): boolean {
  return value !== undefined && value !== null && value !== false;
}

export function gmatch(L: LuaState): number {
  const text = checkText(L, 1);
  const pattern = checkText(L, 2);
  let next = 0;
  const step: NativeFunction = (thread) => {
    const matcher = new Matcher(text, pattern);
    return matching(thread, matcher, () => {
      for (let start = next; start <= text.length; start++) {
        const end = matcher.matchAt(start, 0);
        if (end >= 0) {
          next = end === start ? end + 1 : end;
          return pushCaptures(thread, matcher, start, end, true);
        }
      }
      next = text.length + 1;
      return push(thread, null);
    });
  };
  return push(L, step);
}

/** What gsub puts in the place of one match: a text, or undefined to keep it. */
type Replacer = (matcher: Matcher, start: number, end: number) => string | undefined;

function replacerOf(L: LuaState): Replacer {
  const value = optional(L, 3);
  if (value instanceof LuaTable) {
    return (matcher, start, end) => {
      const key = matcher.capture(0, start, end);
      return replacement(L, indexed(L, value, key));
    };
  }
  if (isFunction(value)) {
    return (matcher, start, end) => {
      const values: LuaValue[] = [];
      const count = matcher.captureCount(true);
      for (let i = 0; i < count; i++) {
        const capture = matcher.capture(i, start, end);
        values.push(typeof capture === 'number' ? capture : new LuaString(capture));
      }
      // The callback may run patterns of its own: what this one did so far is paid first.
      matcher.settle();
      return replacement(L, callForOne(L, value, ...values));
    };
  }
  if (!(value instanceof LuaString) && typeof value !== 'number') {
    return argumentError(L, 3, 'string/function/table expected');
  }
  const template = checkText(L, 3);
  if (!template.includes('%')) return () => template;
  return (matcher, start, end) => expandTemplate(template, matcher, start, end);
}

function expandTemplate(template: string, matcher: Matcher, start: number, end: number): string {
  let text = '';
  for (let i = 0; i < template.length; i++) {
    let character = template.charAt(i);
    if (character === '%') {
      i++;
      const code = template.charCodeAt(i);
      character = template.charAt(i);
      if (code === 48) {
        character = matcher.source.slice(start, end);
      } else if (code >= 49 && code <= 57) {
        const capture = matcher.capture(code - 49, start, end);
        character = typeof capture === 'number' ? numberText(capture) : capture;
      }
    }
    text += character;
    budget.checkLength(text.length);
  }
  return text;
}

/** `table[key]` with metamethods, as gsub looks its replacements up. */
function indexed(L: LuaState, table: LuaTable, key: string | number): LuaValue {
  const found = table.get(typeof key === 'number' ? key : new LuaString(key));
  const index = found === null ? (table.metatable?.getText('__index') ?? null) : null;
  if (index === null) return found;
  const keyValue = typeof key === 'number' ? key : new LuaString(key);
  if (index instanceof LuaTable) return indexed(L, index, key);
  return callForOne(L, index, table, keyValue);
}

function replacement(L: LuaState, value: LuaValue): string | undefined {
  if (value === null || value === false) return undefined;
  if (value instanceof LuaString) return value.text;
  if (typeof value === 'number') return numberText(value);
  return raise(L, `invalid replacement value (a ${typeName(value)})`);
}

export function gsub(L: LuaState): number {
  const text = checkText(L, 1);
  const pattern = checkText(L, 2);
  const replace = replacerOf(L);
  const limit = optionalInteger(L, 4, text.length + 1);
  const anchored = pattern.startsWith('^');
  const matcher = new Matcher(text, pattern);
  return matching(L, matcher, () => {
    const parts: string[] = [];
    let length = 0;
    let count = 0;
    let from = 0;
    let copied = 0;
    while (count < limit) {
      const end = matcher.matchAt(from, anchored ? 1 : 0);
      if (end >= 0) {
        count++;
        const put = replace(matcher, from, end);
        if (put !== undefined) {
          parts.push(text.slice(copied, from), put);
          length += from - copied + put.length;
          budget.checkLength(length);
          budget.allocate(put.length + 64);
          budget.charge(1);
          copied = end;
        }
      }
      if (end > from) from = end;
      else if (from < text.length) from++;
      else break;
      if (anchored) break;
    }
    if (count === 0 || parts.length === 0) pushText(L, text);
    else {
      parts.push(text.slice(copied));
      budget.checkLength(length + text.length - copied);
      budget.chargeBytes(length + text.length);
      pushText(L, parts.join(''));
    }
    return 1 + pushNumber(L, count);
  });
}
