/**
 * What must be changed in fengari before the rest of it is loaded, because its modules copy these members into
 * local variables as they load: the string type, two limits, and `goto` as an ordinary name (Lua 5.1).
 * vm.ts imports this file first; nobody else does.
 */
import defs from 'fengari/src/defs.js';
import llimits from 'fengari/src/llimits.js';
import lstring from 'fengari/src/lstring.js';
import luaconf from 'fengari/src/luaconf.js';
import { latin1Text } from '../../../lib/protocol/text.ts';
import { budget, chargeLongText } from './budget.ts';
import { LuaString } from './lua-string.ts';
import { NESTED_CALLS, STACK_SLOTS, STRING_BYTES } from './sizes.ts';

if (defs.constant_types['LUA_TLNGSTR'] !== 20) throw new Error('not the fengari this was made for');
luaconf.LUAI_MAXSTACK = STACK_SLOTS;
llimits.LUAI_MAXCCALLS = NESTED_CALLS;
// Lua 5.1's remainder, which is NaN for an infinite divisor.
llimits.luai_nummod = (_L, a, b) => a - Math.floor(a / b) * b;

// fengari calls some of these with `new`, so none of them is an arrow function.
function bless(_L: unknown, bytes: Uint8Array): LuaString {
  return fromText(latin1Text(bytes, 0, bytes.length));
}

function fromText(text: string): LuaString {
  budget.allocate(STRING_BYTES + text.length);
  return new LuaString(text);
}

function newLiteral(_L: unknown, text: string): LuaString {
  return fromText(text);
}

/** Reserved words are looked up by this hash; the lexer never makes this one from a source text. */
function hash(bytes: Uint8Array): string {
  const text = latin1Text(bytes, 0, bytes.length);
  return text === 'goto' ? 'goto is a name' : text;
}

lstring.TString = LuaString;
lstring.luaS_bless = bless;
lstring.luaS_new = bless;
lstring.luaS_newliteral = newLiteral;
lstring.luaS_hash = hash;
/** The texts of strings that are compared by order, and the lexer's names. */
lstring.luaS_hashlongstr = (string) => {
  chargeLongText(string.text);
  return string.text;
};
lstring.luaS_eqlngstr = (a, b) => {
  if (a === b) return true;
  if (a.text.length !== b.text.length) return false;
  chargeLongText(a.text);
  return a.text === b.text;
};
