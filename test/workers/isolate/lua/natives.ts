/**
 * Calls natives from tests, outside of any Lua code, as pcall(native, …) does: so errors have no position in front, and
 * the native has no name in them.
 */
import './registers.ts';
import { LuaError } from '../../../../workers/isolate/lua/runtime/errors.ts';
import { beginCall, endCall } from '../../../../workers/isolate/lua/runtime/meter.ts';
import { results } from '../../../../workers/isolate/lua/runtime/native.ts';
import { rawSet } from '../../../../workers/isolate/lua/runtime/tables.ts';
import {
  type LuaFunction,
  LuaTable,
  type LuaValue,
} from '../../../../workers/isolate/lua/runtime/values.ts';

/** All results of a call. */
export function call(native: LuaFunction | undefined, ...args: readonly LuaValue[]): LuaValue[] {
  if (native === undefined) throw new Error('there is no such native');
  const nested = $nested;
  $count = -2;
  let first: LuaValue;
  try {
    first = native(...args);
  } finally {
    // As pcall does: what raises an error does not count itself out.
    $nested = nested;
  }
  if ($count < 0) throw new Error('the native did not say how many results there are');
  return Array.from(results(first));
}

/** The value of the error of Lua that a call raises; undefined when there is none. */
export function errorOf(native: LuaFunction | undefined, ...args: readonly LuaValue[]): LuaValue {
  try {
    call(native, ...args);
  } catch (error) {
    if (error instanceof LuaError) return error.value;
    throw error;
  }
  return undefined;
}

export function list(...values: readonly LuaValue[]): LuaTable {
  const table = new LuaTable();
  for (const [i, value] of values.entries()) rawSet(table, i + 1, value);
  return table;
}

export function record(entries: Readonly<Record<string, LuaValue>>): LuaTable {
  const table = new LuaTable();
  for (const [key, value] of Object.entries(entries)) rawSet(table, key, value);
  return table;
}

/** Runs with limits: so many instructions, strings of so many bytes, and so many looks at memory. */
export function limited<T>(
  limits: { instructions?: number; string?: number; polls?: number },
  body: () => T,
): T {
  let polls = limits.polls ?? Number.MAX_SAFE_INTEGER;
  const state = {
    meter: {
      instructionLimit: limits.instructions ?? Number.MAX_SAFE_INTEGER,
      stringLimit: limits.string ?? Number.MAX_SAFE_INTEGER,
      pollMemory: () => --polls < 0,
    },
    breach: undefined,
  };
  beginCall(state);
  try {
    return body();
  } finally {
    endCall(state);
  }
}
