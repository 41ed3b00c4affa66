/**
 * Lua 5.1's string library over byte strings. Every function is bounded before it makes anything and pays for what
 * it reads and writes.
 */
import { latin1Bytes, latin1Text } from '../../../lib/protocol/text.ts';
import {
  formatFloat,
  formatInteger,
  formatText,
  formatUnsigned,
  parseDirective,
  quoted,
} from '../lua-text/string-format.ts';
import { budget } from './budget.ts';
import { LuaString } from './lua-string.ts';
import {
  argumentCount,
  argumentError,
  checkFunction,
  checkInteger,
  checkNumber,
  checkText,
  type NativeLibrary,
  optionalInteger,
  pushNumber,
  pushText,
  raise,
  reserve,
} from './native.ts';
import { MAX_RESULTS, STRING_BYTES } from './sizes.ts';
import { numberSlot, stringSlot } from './slot.ts';
import { findOrMatch, fromStart, gmatch, gsub, pushCut } from './string-patterns.ts';
import type { LuaState } from './vm-types.ts';

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
  if (/^[\0-\x7f]*$/.test(text)) return ascii(text);
  const bytes = latin1Bytes(text);
  for (let i = 0; i < bytes.length; i++) {
    const letter = (bytes[i] ?? 0) - first;
    if (letter >= 0 && letter < 26) bytes[i] = (letter + first) ^ 32;
  }
  return latin1Text(bytes, 0, bytes.length);
}

function lower(L: LuaState): number {
  return pushText(
    L,
    changeCase(checkText(L, 1), 65, (text) => text.toLowerCase()),
  );
}

function upper(L: LuaState): number {
  return pushText(
    L,
    changeCase(checkText(L, 1), 97, (text) => text.toUpperCase()),
  );
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
  const first = fromStart(optionalInteger(L, 2, 1), text.length);
  const start = Math.max(1, first);
  const end = Math.min(text.length, fromStart(optionalInteger(L, 3, first), text.length));
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
        case 'G': {
          const value = checkNumber(L, index);
          // Hundreds of digits are written out.
          if (Math.abs(value) >= 1e21) budget.charge(50);
          text += formatFloat(directive, value);
          break;
        }
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
