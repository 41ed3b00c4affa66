/**
 * Lua 5.1's base library as a sandbox has it. `print` is the host's, and so is what files there are.
 */
import type { EngineOptions } from '../engine.ts';
import { budget } from './budget.ts';
import { compile } from './compile.ts';
import { environmentFunctions } from './environment.ts';
import { LuaString } from './lua-string.ts';
import { LuaTable } from './lua-table.ts';
import {
  argument,
  argumentCount,
  argumentError,
  callForOne,
  checkAny,
  checkFunction,
  checkInteger,
  checkTable,
  checkText,
  displayText,
  metafield,
  metatableOf,
  type NativeLibrary,
  optional,
  optionalInteger,
  optionalText,
  push,
  pushBoolean,
  pushNumber,
  pushText,
  raise,
  raiseValue,
  reserve,
  toNumber,
  typeName,
  where,
} from './native.ts';
import { protectedCall } from './protected-call.ts';
import { MAX_RESULTS } from './sizes.ts';
import { slotOf, Tag, TValue, Udata } from './slot.ts';
import { ldo, lvm, makeString, slotAt } from './vm.ts';
import type { LuaState, LuaValue, NativeFunction } from './vm-types.ts';

const ALL_RESULTS = -1;

function assert(L: LuaState): number {
  const value = checkAny(L, 1);
  if (value === null || value === false) {
    const message = optionalText(L, 2) ?? 'assertion failed!';
    // As luaL_error("%s"): with the position of the caller.
    return raise(L, message);
  }
  return argumentCount(L);
}

function error(L: LuaState): number {
  const level = optionalInteger(L, 2, 1);
  const value = optional(L, 1);
  if (level > 0 && (value instanceof LuaString || typeof value === 'number')) {
    return raiseValue(L, makeString(where(L, level) + checkText(L, 1)));
  }
  return raiseValue(L, value);
}

function getmetatable(L: LuaState): number {
  const metatable = metatableOf(L, checkAny(L, 1));
  if (metatable === null) return push(L, null);
  return push(L, metatable.getText('__metatable') ?? metatable);
}

function setmetatable(L: LuaState): number {
  const table = checkTable(L, 1);
  const given = argument(L, 2);
  if (given !== null) {
    const metatable = given === undefined ? argumentError(L, 2, 'nil or table expected') : given;
    if (!(metatable instanceof LuaTable)) return argumentError(L, 2, 'nil or table expected');
    refuseProtected(L, table);
    table.metatable = metatable;
  } else {
    refuseProtected(L, table);
    table.metatable = null;
  }
  return push(L, table);
}

function refuseProtected(L: LuaState, table: LuaTable): void {
  if (table.metatable !== null && table.metatable.getText('__metatable') !== null) {
    raise(L, 'cannot change a protected metatable');
  }
}

function next(L: LuaState): number {
  const table = checkTable(L, 1);
  const position = table.position(optional(L, 2));
  // Raised by the table in Lua 5.1, so without a position; likewise in rawset.
  if (position === undefined) return raiseValue(L, makeString("invalid key to 'next'"));
  const at = table.following(position);
  // Passing dead places is work.
  const passed = (at < 0 ? table.places : at) - position;
  if (passed > 8) budget.charge(passed >> 3);
  if (at < 0) return push(L, null);
  push(L, table.keyAt(at));
  const slot = table.slotAt(at);
  L.stack[L.top++] = new TValue(slot.type, slot.value);
  return 2;
}

function nextItem(L: LuaState): number {
  const index = checkInteger(L, 2) + 1;
  const slot = checkTable(L, 1).numberSlot(index);
  if (slot.type === Tag.nil) return push(L, null);
  pushNumber(L, index);
  L.stack[L.top++] = new TValue(slot.type, slot.value);
  return 2;
}

function ipairs(L: LuaState): number {
  const table = checkTable(L, 1);
  push(L, nextItem);
  push(L, table);
  return 2 + pushNumber(L, 0);
}

function pairs(L: LuaState): number {
  const table = checkTable(L, 1);
  push(L, next);
  push(L, table);
  return 2 + push(L, null);
}

function pcall(L: LuaState): number {
  checkAny(L, 1);
  const base = L.ci.funcOff + 1;
  // Results and errors come back at `base`, where the function is now.
  const ok = protectedCall(L, base, 0, callAll);
  return finishProtected(L, base, ok);
}

function callAll(L: LuaState, base: number): void {
  ldo.luaD_callnoyield(L, base, ALL_RESULTS);
}

function xpcall(L: LuaState): number {
  checkAny(L, 2);
  const callee = optional(L, 1);
  const handler = L.ci.funcOff + 2;
  // The handler stays where it is; of further arguments there are none in Lua 5.1.
  ldo.adjust_top(L, handler + 1);
  const base = L.top;
  L.stack[L.top++] = slotOf(callee);
  const ok = protectedCall(L, base, handler, callAll);
  return finishProtected(L, base, ok);
}

/** Puts the status in front of the values that begin at `base`. */
function finishProtected(L: LuaState, base: number, ok: boolean): number {
  const count = L.top - base;
  reserve(L, 1);
  L.top++;
  L.stack[L.top - 1] = new TValue(Tag.nil, null);
  for (let at = L.top - 1; at > base; at--) slotAt(L, at).setfrom(slotAt(L, at - 1));
  L.stack[base] = new TValue(Tag.boolean, ok);
  return count + 1;
}

function rawequal(L: LuaState): number {
  const a = checkAny(L, 1);
  const b = checkAny(L, 2);
  return pushBoolean(L, lvm.luaV_equalobj(null, slotOf(a), slotOf(b)) !== 0);
}

function rawget(L: LuaState): number {
  return push(L, checkTable(L, 1).get(checkAny(L, 2)));
}

function rawset(L: LuaState): number {
  const table = checkTable(L, 1);
  const key = checkAny(L, 2);
  const value = checkAny(L, 3);
  if (key === null) return raiseValue(L, makeString('table index is nil'));
  if (typeof key === 'number' && Number.isNaN(key)) {
    return raiseValue(L, makeString('table index is NaN'));
  }
  table.store(key, slotOf(value));
  return push(L, table);
}

function select(L: LuaState): number {
  const count = argumentCount(L);
  const first = optional(L, 1);
  if (first instanceof LuaString && first.text.startsWith('#')) return pushNumber(L, count - 1);
  let index = checkInteger(L, 1);
  if (index < 0) index = count + index;
  else if (index > count) index = count;
  if (index < 1) return argumentError(L, 1, 'index out of range');
  return count - index;
}

function tonumber(L: LuaState): number {
  const base = optionalInteger(L, 2, 10);
  if (base === 10) {
    const value = toNumber(checkAny(L, 1));
    return value === undefined ? push(L, null) : pushNumber(L, value);
  }
  const text = checkText(L, 1);
  if (base < 2 || base > 36) return argumentError(L, 2, 'base out of range');
  const value = parseInBase(text, base);
  return value === undefined ? push(L, null) : pushNumber(L, value);
}

/** C's strtoul: blanks, a sign (the value wraps to 64 bits), `0x` in base 16. */
function parseInBase(text: string, base: number): number | undefined {
  const match = /^[ \t-\r]*([+-]?)(0[xX](?=[0-9a-fA-F]))?([0-9a-zA-Z]+)[ \t-\r]*$/.exec(text);
  if (match === null) return undefined;
  budget.charge(text.length >> 3);
  let value = 0;
  // Beyond base 33, `x` is a digit.
  const digits = base === 16 ? (match[3] ?? '') : (match[2] ?? '') + (match[3] ?? '');
  for (const character of digits) {
    const digit = Number.parseInt(character, 36);
    if (digit >= base) return undefined;
    value = value * base + digit;
  }
  if (value >= 2 ** 64) return 2 ** 64;
  return match[1] === '-' && value > 0 ? 2 ** 64 - value : value;
}

function unpack(L: LuaState): number {
  const table = checkTable(L, 1);
  const first = optionalInteger(L, 2, 1);
  const last = optional(L, 3) === null ? table.length : checkInteger(L, 3);
  if (first > last) return 0;
  const count = last - first + 1;
  if (count > MAX_RESULTS) return raise(L, 'too many results to unpack');
  budget.charge(count >> 2);
  reserve(L, count);
  // Counted from zero: at 2^53 and beyond, one more is the same number.
  for (let i = 0; i < count; i++) {
    const slot = table.numberSlot(first + i);
    L.stack[L.top++] = new TValue(slot.type, slot.value);
  }
  return count;
}

/** Everything `load` reads; bounded like any string. */
function readAll(L: LuaState, reader: LuaValue): string {
  const parts: string[] = [];
  let length = 0;
  for (;;) {
    const piece = callForOne(L, reader);
    if (piece === null) break;
    if (!(piece instanceof LuaString)) return raise(L, 'reader function must return a string');
    if (piece.text === '') break;
    length += piece.text.length;
    budget.checkLength(length);
    parts.push(piece.text);
  }
  return parts.join('');
}

function loadText(L: LuaState, source: string, name: string, globals: LuaTable): number {
  const compiled = compile(L, source, name, globals);
  if ('closure' in compiled) return push(L, compiled.closure);
  push(L, null);
  return 1 + pushText(L, compiled.error);
}

type ReadFile = NonNullable<EngineOptions['readFile']>;

/** For guests without files: the text is that of a file that is not there. */
const noFile: ReadFile = (name) => `cannot open ${name ?? 'stdin'}`;

function loadfile(L: LuaState, readFile: ReadFile, globals: LuaTable): number {
  const found = readFile(optionalText(L, 1));
  if (typeof found !== 'string') {
    return loadText(L, withoutFirstComment(found[0]), found[1], globals);
  }
  push(L, null);
  return 1 + pushText(L, found);
}

function dofile(L: LuaState, readFile: ReadFile, globals: LuaTable): number {
  const base = L.top;
  loadfile(L, readFile, globals);
  const callee = slotAt(L, base).value;
  // As lua_error: the text has its position, or no position is to be had.
  if (callee === null) return raiseValue(L, slotAt(L, base + 1).value);
  ldo.luaD_callnoyield(L, base, ALL_RESULTS);
  return L.top - base;
}

/** A userdata of nothing, with a new metatable, with that of another, or with none. */
function newproxy(L: LuaState): number {
  const given = optional(L, 1);
  const proxy = new Udata(L, 0);
  if (given === true) {
    proxy.metatable = new LuaTable();
  } else if (given instanceof Udata && given.metatable !== null) {
    proxy.metatable = given.metatable;
  } else if (given !== null && given !== false) {
    return argumentError(L, 1, 'boolean or proxy expected');
  }
  return push(L, proxy);
}

/** A file's first line may be for the operating system's eyes only. */
export function withoutFirstComment(source: string): string {
  return source.startsWith('#') ? source.replace(/^[^\n]*/, '') : source;
}

/**
 * Accepts what Lua 5.1 accepts and collects nothing: V8 decides about that. The count of memory is 0, since nothing
 * here measures a guest's live bytes.
 */
const collectgarbage: NativeFunction = (L) => {
  const option = optionalText(L, 1) ?? 'collect';
  const options = ['collect', 'stop', 'restart', 'count', 'step', 'setpause', 'setstepmul'];
  if (!options.includes(option)) return argumentError(L, 1, `invalid option '${option}'`);
  return pushNumber(L, 0);
};

/** The functions; `globals` is the table that loaded chunks get as their environment. */
export function baseFunctions(globals: LuaTable, readFile: ReadFile = noFile): NativeLibrary {
  return {
    assert,
    collectgarbage,
    dofile: (L) => dofile(L, readFile, globals),
    error,
    ...environmentFunctions(globals),
    // As collectgarbage: 0 of 0.
    gcinfo: (L) => {
      pushNumber(L, 0);
      return 1 + pushNumber(L, 0);
    },
    getmetatable,
    ipairs,
    load: (L) => {
      const reader = checkFunction(L, 1);
      const name = optionalText(L, 2) ?? '=(load)';
      return loadText(L, readAll(L, reader), name, globals);
    },
    loadfile: (L) => loadfile(L, readFile, globals),
    loadstring: (L) => {
      const source = checkText(L, 1);
      return loadText(L, source, optionalText(L, 2) ?? source, globals);
    },
    newproxy,
    next,
    pairs,
    pcall,
    rawequal,
    rawget,
    rawset,
    select,
    setmetatable,
    tonumber,
    tostring: (L) => {
      const value = checkAny(L, 1);
      const own = metafield(L, value, '__tostring');
      // Whatever it returns: only print insists on a string.
      return push(L, own === null ? displayText(L, value) : callForOne(L, own, value));
    },
    type: (L) => pushText(L, typeName(checkAny(L, 1))),
    unpack,
    xpcall,
    _VERSION: 'Lua 5.1',
  };
}
