/**
 * Environments (the tables of globals that functions have). A function inherits the one of the function that makes it,
 * as a variable around it. One that was given its own later is in a map here; `$fenv` says that there is any, so
 * that code which nobody gave one pays for a test only.
 */
import { argumentError, type ChunkInfo, frames, NATIVE, raise } from './errors.ts';
import { safepoint } from './meter.ts';
import { checkNumber } from './native.ts';
import type { LuaFunction, LuaTable, LuaValue } from './values.ts';

let own = new WeakMap<LuaFunction, LuaTable>();
/** Main functions of chunks: how to set what all functions of the chunk inherit. */
let mains = new WeakMap<LuaFunction, (env: LuaTable) => void>();
/** Generators that run in a function's place. */
const owners = new WeakMap<object, LuaFunction>();

/** Forgets everything; a process that runs several engines calls it for each new one. */
export function resetEnvironments(): void {
  own = new WeakMap();
  mains = new WeakMap();
}

export function registerMain(main: LuaFunction, setGlobals: (env: LuaTable) => void): void {
  mains.set(main, setGlobals);
}

export function registerGenerator(generator: object, owner: LuaFunction): void {
  owners.set(generator, owner);
}

/** A function's environment, `inherited` unless it has its own. */
export function env(f: LuaFunction, inherited: LuaTable): LuaTable {
  return own.get(f) ?? inherited;
}

/** A new function takes over the environment of its maker, if that has its own. */
export function inherit(f: LuaFunction, maker: LuaFunction, inherited: LuaTable): void {
  const table = own.get(maker);
  if (table !== undefined && table !== inherited) own.set(f, table);
}

const CALLER_AWARE: ReadonlySet<string> = new Set(['setfenv', 'getfenv', 'module']);

/** Is it one of the natives that ask which function calls them? */
export function isCallerAware(f: LuaFunction): boolean {
  return f.name.startsWith(NATIVE) && CALLER_AWARE.has(f.name.slice(NATIVE.length));
}

/** Set while a function is asked for its environment. */
let asking = false;
let leftBefore = 0;
let answer: { readonly env: LuaTable; readonly chunk: ChunkInfo | undefined } | undefined;
const ANSWERED = {};

/** A function was entered without instructions left: it is asked for its environment, or the meter has run down. */
export function enter(inherited: LuaTable): void {
  if (asking) {
    asking = false;
    $left = leftBefore;
    answer = { env: inherited, chunk: frames(1)[0]?.chunk };
    throw ANSWERED;
  }
  safepoint();
}

/** Not compiled from Lua: compiled functions have names of the compiler's making. */
export function isNative(f: LuaFunction): boolean {
  return !f.name.startsWith('$f');
}

/** The environment of any function; `globals` for natives. */
export function environmentOf(f: LuaFunction, globals: LuaTable): LuaTable {
  return own.get(f) ?? originOf(f)?.env ?? globals;
}

/** Where a function comes from; undefined for a native. */
export function originOf(
  f: LuaFunction,
): { readonly env: LuaTable; readonly chunk: ChunkInfo | undefined } | undefined {
  if (isNative(f)) return undefined;
  const left = $left;
  leftBefore = left;
  asking = true;
  $left = -0x3fffffff;
  try {
    // Compiled functions look at the meter before anything else.
    f();
  } catch (error) {
    if (error !== ANSWERED) throw error;
  } finally {
    // Otherwise it was answered, at a price.
    if (asking) {
      asking = false;
      $left = left;
    }
  }
  const found = answer;
  answer = undefined;
  return found;
}

/** Gives a function its own environment. `byItself`: it is what called setfenv, and looks at the result. */
export function setEnvironment(f: LuaFunction, table: LuaTable, byItself: boolean): boolean {
  if (isNative(f)) return false;
  const setGlobals = mains.get(f);
  if (setGlobals !== undefined && (byItself || !isActive(f))) {
    setGlobals(table);
    // Its own statements ask again after the call.
    own.set(f, table);
    return true;
  }
  own.set(f, table);
  $fenv = true;
  return true;
}

function isActive(f: LuaFunction): boolean {
  return frames(200).some((frame) => ownerOf(frame.callee) === f);
}

function ownerOf(f: LuaFunction | undefined): LuaFunction | undefined {
  return f === undefined ? undefined : (owners.get(f) ?? f);
}

/** The function at a level, counted from the native that asks: 1 called it. */
export function functionAt(level: number): LuaFunction | undefined {
  const frame = frames(level + 1)[level];
  return ownerOf(frame?.callee);
}

/** The caller as compiled code named it, if it did; else found on the stack. */
export function callerFunction(): { readonly caller: LuaFunction | undefined; byItself: boolean } {
  const named = $caller;
  $caller = undefined;
  return named === undefined
    ? { caller: functionAt(1), byItself: false }
    : { caller: named, byItself: true };
}

/** What setfenv and getfenv take: a function or a level. */
export function target(
  value: LuaValue,
  given: number,
  optional: boolean,
): { readonly f: LuaFunction | undefined; readonly byItself: boolean; readonly level: number } {
  if (typeof value === 'function') {
    $caller = undefined;
    return { f: value, byItself: false, level: -1 };
  }
  const level = value === undefined && optional ? 1 : Math.trunc(checkNumber(value, 1, given));
  if (level < 0) argumentError(1, 'level must be non-negative');
  if (level === 1 && $caller !== undefined) {
    const f = $caller;
    $caller = undefined;
    return { f, byItself: true, level };
  }
  $caller = undefined;
  if (level === 0) return { f: undefined, byItself: false, level };
  const f = functionAt(level);
  if (f !== undefined) return { f, byItself: false, level };
  if (frames(level + 1).length <= level) argumentError(1, 'invalid level');
  return raise(`no function environment for tail call at level ${level}`);
}
