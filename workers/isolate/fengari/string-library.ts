/**
 * Lua 5.1's string library over byte strings. Every function is bounded before it makes anything and pays for what
 * it reads and writes.
 */
import { latin1Bytes, latin1Text } from '../../../lib/protocol/text.ts';
import { budget } from './budget.ts';
import { LuaString } from './lua-string.ts';
import { LuaTable } from './lua-table.ts';
import {
  argument,
  argumentCount,
  argumentError,
  callForOne,
  checkFunction,
  checkInteger,
  checkNumber,
  checkText,
  isFunction,
  type NativeLibrary,
  optional,
  optionalInteger,
  push,
  pushNumber,
  pushText,
  raise,
  reserve,
  typeName,
} from './native.ts';
import { numberText } from './number-text.ts';
import { Matcher, PatternError } from './pattern.ts';
import { MAX_RESULTS, STRING_BYTES } from './sizes.ts';
import { numberSlot, stringSlot } from './slot.ts';
import {
  formatFloat,
  formatInteger,
  formatText,
  formatUnsigned,
  parseDirective,
  quoted,
} from './string-format.ts';
import type { LuaState, LuaValue, NativeFunction } from './vm-types.ts';

/** A string that a native function made, as a value. */
function pushCut(L: LuaState, text: string, parentLength: number): 1 {
  budget.allocate(STRING_BYTES + text.length);
  L.stack[L.top++] = stringSlot(LuaString.cut(text, parentLength));
  return 1;
}

/** A position from the end becomes one from the start. */
function fromStart(position: number, length: number): number {
  const at = position < 0 ? position + length + 1 : position;
  return at >= 0 ? at : 0;
}

function len(L: LuaState): number {
  return pushNumber(L, checkText(L, 1).length);
}

function sub(L: LuaState): number {
  const text = checkText(L, 1);
  const start = Math.max(1, fromStart(checkInteger(L, 2), text.length));
  const end = Math.min(text.length, fromStart(optionalInteger(L, 3, -1), text.length));
  return pushCut(L, start <= end ? text.slice(start - 1, end) : '', text.length);
}

function reverse(L: LuaState): number {
  const bytes = latin1Bytes(checkText(L, 1));
  budget.charge(bytes.length >> 3);
  bytes.reverse();
  return pushText(L, latin1Text(bytes, 0, bytes.length));
}

/** ASCII letters only; JavaScript's own mapping would change other latin1 letters, too. */
function changeCase(text: string, first: number, ascii: (text: string) => string): string {
  budget.charge(text.length >> 3);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
  if (/^[\0-\x7f]*$/.test(text)) return ascii(text);
  const bytes = latin1Bytes(text);
  for (let i = 0; i < bytes.length; i++) {
    const letter = (bytes[i] ?? 0) - first;
    if (letter >= 0 && letter < 26) bytes[i] = (letter + first) ^ 32;
  }
  return latin1Text(bytes, 0, bytes.length);
}

function lower(L: LuaState): number {
  return pushText(L, changeCase(checkText(L, 1), 65, (text) => text.toLowerCase()));
}

function upper(L: LuaState): number {
  return pushText(L, changeCase(checkText(L, 1), 97, (text) => text.toUpperCase()));
}

function rep(L: LuaState): number {
  const text = checkText(L, 1);
  const count = checkInteger(L, 2);
  if (count <= 0 || text === '') return pushText(L, '');
  budget.checkLength(text.length * count);
  budget.chargeBytes(text.length * count);
  return pushText(L, text.repeat(count));
}

function byte(L: LuaState): number {
  const text = checkText(L, 1);
  const first = optionalInteger(L, 2, 1);
  const start = Math.max(1, fromStart(first, text.length));
  const end = Math.min(text.length, fromStart(optionalInteger(L, 3, start), text.length));
  if (start > end) return 0;
  const count = end - start + 1;
  if (count > MAX_RESULTS) return raise(L, 'string slice too long');
  budget.charge(count >> 2);
  reserve(L, count);
  for (let i = start - 1; i < end; i++) L.stack[L.top++] = numberSlot(text.charCodeAt(i));
  return count;
}

function char(L: LuaState): number {
  const count = argumentCount(L);
  budget.charge(count >> 2);
  let text = '';
  for (let i = 1; i <= count; i++) {
    const code = checkInteger(L, i);
    if (code < 0 || code > 255) return argumentError(L, i, 'invalid value');
    text += String.fromCharCode(code);
  }
  return pushText(L, text);
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

function pushCaptures(L: LuaState, matcher: Matcher, start: number, end: number, whole: boolean): number {
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

function findOrMatch(L: LuaState, find: boolean): number {
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

function gmatch(L: LuaState): number {
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

function gsub(L: LuaState): number {
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

function format(L: LuaState): number {
  const template = checkText(L, 1);
  budget.chargeBytes(template.length * 8);
  let text = '';
  let from = 0;
  let index = 1;
  for (;;) {
    const at = template.indexOf('%', from);
    if (at < 0) break;
    text += template.slice(from, at);
    if (template.charCodeAt(at + 1) === 37) {
      text += '%';
      from = at + 2;
    } else {
      const directive = parseDirective(template, at + 1);
      if (typeof directive === 'string') return raise(L, directive);
      index++;
      if (index > argumentCount(L)) return argumentError(L, index, 'no value');
      budget.charge(2);
      switch (directive.letter) {
        case 'c':
          text += formatText(directive, String.fromCharCode(checkInteger(L, index) & 255));
          break;
        case 'd':
        case 'i':
          text += formatInteger(directive, checkNumber(L, index));
          break;
        case 'o':
        case 'u':
        case 'x':
        case 'X':
          text += formatUnsigned(directive, checkNumber(L, index));
          break;
        case 'e':
        case 'E':
        case 'f':
        case 'g':
        case 'G':
          text += formatFloat(directive, checkNumber(L, index));
          break;
        case 'q': {
          const value = checkText(L, index);
          budget.charge(value.length >> 3);
          text += quoted(value);
          break;
        }
        case 's': {
          const value = checkText(L, index);
          budget.checkLength(text.length + value.length);
          budget.chargeBytes(value.length);
          text += formatText(directive, value);
          break;
        }
        default:
          return raise(L, `invalid option '%${directive.letter}' to 'format'`);
      }
      from = directive.end;
    }
    budget.checkLength(text.length);
  }
  text += template.slice(from);
  const result = new LuaString(text);
  budget.checkLength(text.length);
  budget.allocate(STRING_BYTES + text.length);
  // Built of small pieces; as a rope it would take several times its length.
  result.flatten();
  L.stack[L.top++] = stringSlot(result);
  return 1;
}

function dump(L: LuaState): number {
  checkFunction(L, 1);
  return raise(L, 'unable to dump given function');
}

export const stringLibrary: NativeLibrary = {
  byte,
  char,
  dump,
  find: (L) => findOrMatch(L, true),
  format,
  gfind: gmatch,
  gmatch,
  gsub,
  len,
  lower,
  match: (L) => findOrMatch(L, false),
  rep,
  reverse,
  sub,
  upper,
};
