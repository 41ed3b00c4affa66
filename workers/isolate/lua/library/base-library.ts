/**
 * Lua 5.1's base library. `print` is the host's, and so is what files there are. Functions that need the engine
 * (loadstring, require, …) are made by loadingNatives, and in module-library.ts.
 */

import { numberText } from '../../lua-text/number-text.ts';
import { sameText } from '../runtime/arithmetic.ts';
import { callGuest } from '../runtime/calls.ts';
import { argumentError, raise, typeError } from '../runtime/errors.ts';
import { following, next } from '../runtime/iteration.ts';
import { eventOf, metamethod, metatableOf } from '../runtime/metatables.ts';
import { charge } from '../runtime/meter.ts';
import {
  checkAny,
  checkInteger,
  checkTable,
  checkText,
  many,
  type Natives,
  one,
  three,
  toNumber,
} from '../runtime/native.ts';
import { rawGet, rawSet } from '../runtime/tables.ts';
import { LuaTable, type LuaValue, typeName, Userdata } from '../runtime/values.ts';

import { assert, error, pcall, xpcall } from './protected-calls.ts';

// ---- tables ---------------------------------------------------------------------------------------------------

function getmetatable(value: LuaValue): LuaValue {
  const metatable = metatableOf(checkAny(value, 1, arguments.length));
  if (metatable === null) return one(undefined);
  return one(eventOf(metatable, '__metatable') ?? metatable);
}

function setmetatable(table: LuaValue, metatable: LuaValue): LuaValue {
  const t = checkTable(table, 1, arguments.length);
  if (!(metatable instanceof LuaTable) && (metatable !== undefined || arguments.length < 2)) {
    return argumentError(2, 'nil or table expected');
  }
  if (t.mt !== null && eventOf(t.mt, '__metatable') !== undefined) {
    raise('cannot change a protected metatable');
  }
  t.mt = metatable ?? null;
  $count = 1;
  return t;
}

function pairs(table: LuaValue): LuaValue {
  if (!(table instanceof LuaTable)) typeError(1, 'table', table, arguments.length);
  $second = table;
  $third = undefined;
  $count = 3;
  return next;
}

function ipairs(table: LuaValue): LuaValue {
  return three(following, checkTable(table, 1, arguments.length), 0);
}

function rawequal(a: LuaValue, b: LuaValue): LuaValue {
  checkAny(a, 1, arguments.length);
  checkAny(b, 2, arguments.length);
  return one(typeof a === 'string' ? sameText(a, b) : a === b);
}

function rawget(table: LuaValue, key: LuaValue): LuaValue {
  const t = checkTable(table, 1, arguments.length);
  checkAny(key, 2, arguments.length);
  return one(rawGet(t, key));
}

function rawset(table: LuaValue, key: LuaValue, value: LuaValue): LuaValue {
  const t = checkTable(table, 1, arguments.length);
  checkAny(key, 2, arguments.length);
  checkAny(value, 3, arguments.length);
  rawSet(t, key, value);
  return one(t);
}

// ---- values ---------------------------------------------------------------------------------------------------

function type(value: LuaValue): LuaValue {
  if (arguments.length === 0) argumentError(1, 'value expected');
  $count = 1;
  return typeName(value);
}

const addresses = new WeakMap<object, string>();
let lastAddress = 0x10000000;

/** A text that stands for an object's identity, as an address does. */
export function addressOf(object: object): string {
  let address = addresses.get(object);
  if (address === undefined) {
    lastAddress += 16;
    address = `0x${lastAddress.toString(16).padStart(8, '0')}`;
    addresses.set(object, address);
  }
  return address;
}

/** `tostring` without metamethods. */
export function plainText(value: LuaValue): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return numberText(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'undefined':
      return 'nil';
    default:
      return `${typeName(value)}: ${addressOf(value)}`;
  }
}

export function tostring(value: LuaValue): LuaValue {
  if (typeof value === 'object') {
    const handler = metamethod(value, '__tostring');
    if (handler !== undefined) {
      const text = callGuest(handler, value);
      $count = 1;
      return text;
    }
  } else if (arguments.length === 0) argumentError(1, 'value expected');
  $count = 1;
  return plainText(value);
}

function tonumber(value: LuaValue, base: LuaValue): LuaValue {
  if (base === undefined || base === 10) {
    if (typeof value === 'number') return one(value);
    checkAny(value, 1, arguments.length);
    if (typeof value !== 'string') return one(undefined);
    charge(1);
    return one(toNumber(value));
  }
  const text = checkText(value, 1, arguments.length);
  const radix = checkInteger(base, 2, arguments.length);
  if (radix < 2 || radix > 36) argumentError(2, 'base out of range');
  charge(1 + (text.length >> 4));
  return one(parseInteger(text, radix));
}

/** C's strtoul with nothing but blanks behind it. */
function parseInteger(text: string, radix: number): number | undefined {
  const pattern =
    radix === 16
      ? /^[ \t-\r]*([+-]?)(?:0[xX](?=[0-9a-zA-Z]))?([0-9a-zA-Z]+)[ \t-\r]*(?:\0|$)/
      : /^[ \t-\r]*([+-]?)([0-9a-zA-Z]+)[ \t-\r]*(?:\0|$)/;
  const match = pattern.exec(text);
  if (match === null) return undefined;
  let value = 0;
  for (const character of match[2] ?? '') {
    const digit = Number.parseInt(character, 36);
    if (digit >= radix) return undefined;
    value = value * radix + digit;
  }
  // strtoul's result is an unsigned long; too much is the largest one, a minus wraps around.
  if (value >= 2 ** 64) return 2 ** 64;
  return match[1] === '-' && value > 0 ? 2 ** 64 - value : value;
}

export function select(which: LuaValue, ...values: LuaValue[]): LuaValue {
  if (which === '#') return one(values.length);
  const index = checkInteger(which, 1, arguments.length);
  const count = values.length;
  const from = index < 0 ? count + index : index - 1;
  if (from < 0) argumentError(1, 'index out of range');
  if (from >= count) return many([]);
  charge((count - from) >> 4);
  return many(from === 0 ? values : values.slice(from));
}

function newproxy(like: LuaValue): LuaValue {
  const proxy = new Userdata(undefined);
  if (like === true) proxy.mt = new LuaTable();
  else if (like instanceof Userdata) proxy.mt = like.mt;
  else if (like !== undefined && like !== false) argumentError(1, 'boolean or proxy expected');
  return one(proxy);
}

/** The functions that need nothing but the runtime. */
export const baseNatives: Natives = {
  assert,
  error,
  getmetatable,
  ipairs,
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
  tostring,
  type,
  xpcall,
};
