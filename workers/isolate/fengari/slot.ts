/**
 * Slots (fengari's TValue): tags, making and reading them. Every number is a double with the float tag; nothing makes
 * fengari's 32-bit integers.
 */
import './early-patches.ts';
// Before any other: fengari's modules refer to each other in circles, and entered elsewhere some find others half made.
import lapi from 'fengari/src/lapi.js';
import lobject from 'fengari/src/lobject.js';
import { LuaString } from './lua-string.ts';
import type { Closure, LuaState, LuaValue, Slot } from './vm-types.ts';

// The import must be used, or the bundler drops it.
if (lapi.lua_version(null) !== 503) throw new Error('not the fengari this was made for');

export const TValue = lobject.TValue;
export const LClosure = lobject.LClosure;
export const Udata = lobject.Udata;

/** Type tags: the low four bits are the Lua type, the others a variant. */
export const Tag = {
  nil: 0,
  boolean: 1,
  lightUserdata: 2,
  number: 3,
  table: 5,
  luaFunction: 6,
  userdata: 7,
  thread: 8,
  string: 20,
  nativeFunction: 22,
} as const;

const NUMBER = Tag.number;

function setNumber(this: Slot, value: number): void {
  this.type = NUMBER;
  this.value = value;
}
TValue.prototype.setivalue = setNumber;
TValue.prototype.chgivalue = setNumber;

export const NIL: Slot = lobject.luaO_nilobject;

export function numberSlot(value: number): Slot {
  return new TValue(Tag.number, value);
}

export function stringSlot(value: LuaString): Slot {
  return new TValue(Tag.string, value);
}

/** The slot of any value. The order of the tests is the order of frequency. */
export function slotOf(value: LuaValue): Slot {
  return new TValue(tagOf(value), value);
}

export function tagOf(value: LuaValue): number {
  if (value instanceof LuaString) return Tag.string;
  if (typeof value === 'number') return Tag.number;
  if (value === null) return Tag.nil;
  if (typeof value === 'boolean') return Tag.boolean;
  if (typeof value === 'function') return Tag.nativeFunction;
  if (isClosure(value)) return Tag.luaFunction;
  if (value instanceof Udata) return Tag.userdata;
  return 'l_G' in value ? Tag.thread : Tag.table;
}

export function isClosure(value: LuaValue | undefined): value is Closure {
  return value instanceof LClosure;
}

export function isThread(value: LuaValue | undefined): value is LuaState {
  return typeof value === 'object' && value !== null && 'l_G' in value;
}
