/**
 * fengari's virtual machine with what Lua 5.1 and the limits need put in its place: tables, number texts, error wording,
 * the meter, `..`. The one door to fengari for the rest of the engine; everything replaced is replaced here, in
 * call-frames.ts or in early-patches.ts, once per isolate.
 */
import './slot.ts';

import ldebug from 'fengari/src/ldebug.js';
import ldo from 'fengari/src/ldo.js';
import lfunc from 'fengari/src/lfunc.js';
import lobject from 'fengari/src/lobject.js';
import lopcodes from 'fengari/src/lopcodes.js';
import lparser from 'fengari/src/lparser.js';
import lstate from 'fengari/src/lstate.js';
import ltable from 'fengari/src/ltable.js';
import ltm from 'fengari/src/ltm.js';
import lvm from 'fengari/src/lvm.js';
import lzio from 'fengari/src/lzio.js';
import { latin1Bytes, latin1Text } from '../../../lib/protocol/text.ts';
import { numberText, parseNumber } from '../lua-text/number-text.ts';
import { budget } from './budget.ts';
import { chunkName, formatMessage } from './error-wording.ts';
import { LuaString } from './lua-string.ts';
import { LuaTable } from './lua-table.ts';
import { STRING_BYTES } from './sizes.ts';
import { NIL, Tag, TValue } from './slot.ts';
import type { LuaState, Slot } from './vm-types.ts';

export { ldebug, ldo, lfunc, lobject, lopcodes, lparser, lstate, ltm, lvm, lzio };

/** fengari's LUA_MASKCOUNT: with it set, the machine asks luaG_traceexec before every instruction. */
export const MASK_COUNT = 8;
/** CallInfo.callstatus: the frame runs a Lua function. */
export const LUA_FRAME = 2;

export function slotAt(L: LuaState, index: number): Slot {
  const slot = L.stack[index];
  if (slot === undefined) throw new Error(`no stack slot ${index}`);
  return slot;
}

/** A string of the guest's, counted and checked against the longest that it may make. */
export function makeString(text: string): LuaString {
  budget.checkLength(text.length);
  budget.allocate(STRING_BYTES + text.length);
  return new LuaString(text);
}

// ---- the meter -------------------------------------------------------------------------------------------------

ldebug.luaG_traceexec = () => {
  if (--budget.left < 0) budget.safepoint();
};

// ---- tables ----------------------------------------------------------------------------------------------------

ltable.Table = LuaTable;
ltable.luaH_new = () => new LuaTable();
ltable.luaH_getint = (table, key) => table.numberSlot(key);
ltable.luaH_getstr = (table, key) => table.hashSlot(key.text);
ltable.luaH_setint = (table, key, value) => table.storeItem(key, value);
ltable.luaH_getn = (table) => table.length;
ltable.invalidateTMcache = (table) => {
  table.flags = 0;
};

ltable.luaH_get = (_L, table, key) => {
  const value = key.value;
  if (value instanceof LuaString) return table.textSlot(value.text);
  if (typeof value === 'number') {
    return key.type === Tag.lightUserdata
      ? table.hashSlot(compilerKey(value))
      : table.numberSlot(value);
  }
  return value === null ? NIL : table.hashSlot(value);
};

ltable.luaH_setfrom = (L, table, key, value) => {
  const keyValue = key.value;
  if (keyValue === null) return ldebug.luaG_runerror(L, INDEX_IS_NIL);
  if (typeof keyValue === 'number') {
    if (Number.isNaN(keyValue)) return ldebug.luaG_runerror(L, INDEX_IS_NAN);
    if (key.type === Tag.lightUserdata) return table.setText(compilerKey(keyValue), value.value);
  }
  table.store(keyValue, value);
};

const INDEX_IS_NIL = latin1Bytes('table index is nil');
const INDEX_IS_NAN = latin1Bytes('table index is NaN');

/** fengari's compiler notes integer constants under numbers tagged as light userdata. No guest text is like this. */
function compilerKey(value: number): string {
  return `\u0100${value}`;
}

// ---- numbers and their texts -----------------------------------------------------------------------------------

lobject.luaO_str2num = (bytes, into) => {
  budget.charge(bytes.length >> 5);
  const value = parseNumber(latin1Text(bytes, 0, bytes.length));
  if (value === undefined) return 0;
  into.setfltvalue(value);
  return bytes.length + 1;
};

lobject.luaO_tostring = (_L, slot) => {
  if (typeof slot.value === 'number') slot.setsvalue(makeString(numberText(slot.value)));
};

// ---- error messages --------------------------------------------------------------------------------------------

lobject.luaO_pushvfstring = (L, format, values) => {
  const text = formatMessage(format, values);
  ldo.luaD_checkstack(L, 1);
  L.stack[L.top++] = new TValue(Tag.string, makeString(text));
  return latin1Bytes(text);
};
lobject.luaO_pushfstring = (L, format, ...values) => lobject.luaO_pushvfstring(L, format, values);

lobject.luaO_chunkid = (source) => latin1Bytes(chunkName(latin1Text(source, 0, source.length)));

const TYPE_NAMES = [
  'nil',
  'boolean',
  'userdata',
  'number',
  'string',
  'table',
  'function',
  'userdata',
  'thread',
].map((name) => latin1Bytes(name));

/** Without 5.3's `__name`. */
ltm.luaT_objtypename = (_L, slot) => {
  const name = TYPE_NAMES[slot.type & 15];
  if (name === undefined) throw new Error(`no name of type ${slot.type}`);
  return name;
};

// ---- closures --------------------------------------------------------------------------------------------------

// In Lua 5.1 each evaluation of a function expression makes a new function (setfenv would show otherwise).
Object.defineProperty(lfunc.Proto.prototype, 'cache', {
  get: () => null,
  set: () => {
    // fengari notes each closure as the one to use again.
  },
});

// ---- metamethods -----------------------------------------------------------------------------------------------

const fasttm = ltm.fasttm;
const TM_LEN = ltm.TMS.TM_LEN;
/** In Lua 5.1 `#` of a table never asks a metamethod. */
ltm.fasttm = (L, metatable, event) =>
  metatable === null || event === TM_LEN ? null : fasttm(L, metatable, event);

// ---- concatenation ---------------------------------------------------------------------------------------------

/**
 * The constant that marks a concatenation. compile.ts turns every OP_CONCAT into a "load constant" of this, because
 * fengari's own concatenation cannot be replaced and allocates before it could be refused.
 */
export const CONCAT: Slot = new TValue(Tag.nil, null);

lobject.setobj2s = (L, index, from) => {
  if (from === CONCAT) concatenate(L, index);
  else slotAt(L, index).setfrom(from);
};

const TM_CONCAT = ltm.TMS.TM_CONCAT;

function concatenate(L: LuaState, result: number): void {
  const ci = L.ci;
  const instruction = ci.l_code[ci.l_savedpc - 1];
  if (instruction === undefined) throw new Error('no instruction');
  const first = ci.l_base + instruction.B;
  let at = ci.l_base + instruction.C;
  while (at > first) {
    const right = slotAt(L, at);
    const left = slotAt(L, at - 1);
    if (isText(left) && isText(right)) {
      at = joinTexts(L, first, at);
    } else {
      // Lua 5.1 cannot yield here, and fengari could not resume a rewritten instruction.
      L.nny++;
      ltm.luaT_trybinTM(L, left, right, left, TM_CONCAT);
      L.nny--;
      at--;
    }
  }
  slotAt(L, result).setfrom(slotAt(L, first));
}

/** Joins the run of strings and numbers that ends at `last`; returns where it begins and the result now is. */
function joinTexts(L: LuaState, first: number, last: number): number {
  let text = '';
  let nodes = 0;
  let at = last + 1;
  while (at > first) {
    const slot = slotAt(L, at - 1);
    if (!isText(slot)) break;
    at--;
    const value = slot.value;
    if (value instanceof LuaString) {
      text = text === '' ? value.text : value.text + text;
      nodes += value.nodes + 1;
    } else if (typeof value === 'number') {
      text = numberText(value) + text;
      nodes++;
    }
    budget.checkLength(text.length);
  }
  budget.chargeBytes(text.length);
  budget.allocate(STRING_BYTES + text.length);
  slotAt(L, at).setsvalue(new LuaString(text, nodes));
  return at;
}

function isText(slot: Slot): boolean {
  return slot.type === Tag.string || slot.type === Tag.number;
}
