/**
 * setfenv and getfenv of Lua 5.1 on fengari's `_ENV` upvalues. A function's environment is the cell of its `_ENV`
 * upvalue; a new environment is a new cell, so functions that shared the old one keep it, and functions made afterwards
 * by this one inherit the new: just as each 5.1 function has an environment of its own, taken from its maker.
 */
import type { LuaTable } from './lua-table.ts';
import {
  argumentError,
  checkInteger,
  checkTable,
  frameAt,
  type NativeLibrary,
  optional,
  push,
  raise,
  toNumber,
  typeError,
} from './native.ts';
import { isClosure, Tag, TValue } from './slot.ts';
import type { Closure, LuaState, LuaValue } from './vm-types.ts';

/** Environments of functions that use no global, and so have no `_ENV` upvalue. */
const unused = new WeakMap<Closure, LuaTable>();

function cellIndex(closure: Closure): number {
  return closure.p.upvalues.findIndex((upvalue) => upvalue.name?.text === '_ENV');
}

export function setEnvironment(closure: Closure, environment: LuaTable): void {
  const index = cellIndex(closure);
  if (index < 0) unused.set(closure, environment);
  else closure.upvals[index] = new TValue(Tag.table, environment);
}

/** The Lua function running at a level, seen from a native function: 1 is its caller. */
export function closureAt(L: LuaState, level: number): Closure | undefined {
  const value = frameAt(L, level)?.func.value;
  return isClosure(value) ? value : undefined;
}

function environmentOf(value: LuaValue, globals: LuaTable): LuaValue {
  if (!isClosure(value)) return globals;
  const index = cellIndex(value);
  return index < 0 ? (unused.get(value) ?? globals) : (value.upvals[index]?.value ?? null);
}

/** The function that the first argument names: itself, or by level; undefined for level 0, the thread. */
function target(L: LuaState, otherwise: number | undefined): LuaValue | undefined {
  const given = optional(L, 1);
  if (typeof given === 'function' || isClosure(given)) return given;
  if (given === null && otherwise === undefined) return typeError(L, 1, 'number');
  const level = given === null ? (otherwise ?? 1) : checkInteger(L, 1);
  if (level < 0) return argumentError(L, 1, 'level must be non-negative');
  if (level === 0) return undefined;
  const frame = frameAt(L, level);
  return frame === undefined ? argumentError(L, 1, 'invalid level') : frame.func.value;
}

export function environmentFunctions(globals: LuaTable): NativeLibrary {
  return {
    getfenv: (L) => {
      const value = target(L, 1);
      return push(L, value === undefined ? globals : environmentOf(value, globals));
    },
    setfenv: (L) => {
      const environment = checkTable(L, 2);
      const first = optional(L, 1);
      if (typeof first !== 'function' && !isClosure(first) && toNumber(first) === undefined) {
        return typeError(L, 1, 'number');
      }
      const value = target(L, undefined);
      if (value === undefined) {
        return raise(L, "'setfenv' on level 0 is not supported");
      }
      if (!isClosure(value)) {
        return raise(L, "'setfenv' cannot change environment of given object");
      }
      setEnvironment(value, environment);
      return push(L, value);
    },
  };
}
