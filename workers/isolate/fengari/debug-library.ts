/**
 * Lua 5.1's debug library for programs of the user's own. Hooks, locals and the registry are not offered: those functions
 * are absent.
 */
import { environmentFunctions } from './environment.ts';
import { chunkName } from './error-wording.ts';
import { LuaString } from './lua-string.ts';
import { LuaTable } from './lua-table.ts';
import {
  argument,
  argumentCount,
  argumentError,
  checkAny,
  checkFunction,
  checkInteger,
  isFunction,
  metatableOf,
  type NativeLibrary,
  optional,
  optionalInteger,
  optionalText,
  push,
  pushText,
  raise,
  toNumber,
} from './native.ts';
import { isClosure, isThread, slotOf, tagOf, Udata } from './slot.ts';
import { calledAs, framesOf, lineOf, tracebackOf } from './traceback.ts';
import { makeString } from './vm.ts';
import type { CallInfo, Closure, LuaState, LuaValue } from './vm-types.ts';

const INFO_OPTIONS = /^[SlnufL]*$/;

/** A leading thread argument, and how many arguments it takes. */
function threadArgument(L: LuaState): { thread: LuaState; skip: number } {
  const given = argument(L, 1);
  return isThread(given) ? { thread: given, skip: 1 } : { thread: L, skip: 0 };
}

function traceback(L: LuaState): number {
  const { thread, skip } = threadArgument(L);
  const message = optional(L, skip + 1);
  if (argumentCount(L) > skip && !(message instanceof LuaString) && typeof message !== 'number') {
    return push(L, message);
  }
  const level = optionalInteger(L, skip + 2, thread === L ? 1 : 0);
  const text = optionalText(L, skip + 1);
  return pushText(L, (text === undefined ? '' : `${text}\n`) + tracebackOf(thread, level));
}

/** The upvalues that the source names: `_ENV` is this engine's own. */
function upvaluesOf(closure: Closure): readonly number[] {
  return closure.p.upvalues.flatMap(({ name }, index) => (name?.text === '_ENV' ? [] : [index]));
}

function describeSource(info: LuaTable, closure: Closure | undefined): void {
  const text = (name: string, value: string) => info.setText(name, makeString(value));
  const source = closure?.p.source.text ?? '=[C]';
  const linedefined = closure?.p.linedefined ?? -1;
  text('source', source);
  text('short_src', chunkName(source));
  info.setText('linedefined', linedefined);
  info.setText('lastlinedefined', closure?.p.lastlinedefined ?? -1);
  text('what', closure === undefined ? 'C' : linedefined === 0 ? 'main' : 'Lua');
}

function getinfo(L: LuaState): number {
  const { thread, skip } = threadArgument(L);
  const what = optionalText(L, skip + 2) ?? 'flnSu';
  const given = optional(L, skip + 1);
  let frame: CallInfo | undefined;
  let value: LuaValue;
  if (toNumber(given) !== undefined) {
    const level = checkInteger(L, skip + 1);
    frame = level < 0 ? undefined : [...framesOf(thread)][level];
    if (frame === undefined) return push(L, null);
    value = frame.func.value;
  } else if (isFunction(given)) {
    value = given;
  } else {
    return argumentError(L, skip + 1, 'function or level expected');
  }
  if (!INFO_OPTIONS.test(what)) return argumentError(L, skip + 2, 'invalid option');
  const closure = isClosure(value) ? value : undefined;
  const info = new LuaTable();
  if (what.includes('S')) describeSource(info, closure);
  if (what.includes('l')) info.setText('currentline', frame === undefined ? -1 : lineOf(frame));
  if (what.includes('u')) {
    info.setText('nups', closure === undefined ? 0 : upvaluesOf(closure).length);
  }
  if (what.includes('n')) {
    const { name, kind } = frame === undefined ? { name: '', kind: '' } : calledAs(thread, frame);
    if (kind !== '') info.setText('name', makeString(name));
    info.setText('namewhat', makeString(kind));
  }
  if (what.includes('f')) info.setText('func', value);
  if (what.includes('L') && closure !== undefined) info.setText('activelines', linesOf(closure));
  return push(L, info);
}

function linesOf(closure: Closure): LuaTable {
  const lines = new LuaTable();
  for (const line of closure.p.lineinfo) lines.store(line, slotOf(true));
  return lines;
}

function upvalueIndex(L: LuaState): { closure: Closure; index: number } | undefined {
  const value = checkFunction(L, 1);
  const number = checkInteger(L, 2);
  if (!isClosure(value)) return undefined;
  const index = upvaluesOf(value)[number - 1];
  return index === undefined ? undefined : { closure: value, index };
}

function pushUpvalueName(L: LuaState, closure: Closure, index: number): number {
  return pushText(L, closure.p.upvalues[index]?.name?.text ?? '');
}

function getupvalue(L: LuaState): number {
  const found = upvalueIndex(L);
  if (found === undefined) return 0;
  const { closure, index } = found;
  return pushUpvalueName(L, closure, index) + push(L, closure.upvals[index]?.value ?? null);
}

function setupvalue(L: LuaState): number {
  const found = upvalueIndex(L);
  const value = checkAny(L, 3);
  if (found === undefined) return 0;
  found.closure.upvals[found.index]?.setfrom(slotOf(value));
  return pushUpvalueName(L, found.closure, found.index);
}

/** Unlike the base library's: of any value, and past `__metatable`. */
function setmetatable(L: LuaState): number {
  const given = argument(L, 2);
  if (given !== null && !(given instanceof LuaTable)) {
    return argumentError(L, 2, 'nil or table expected');
  }
  const value = checkAny(L, 1);
  if (value instanceof LuaTable || value instanceof Udata) value.metatable = given;
  else if (isFunction(value) || isThread(value)) {
    return raise(L, 'metatables of functions and threads are not supported');
  } else L.l_G.mt[tagOf(value) & 15] = given;
  return push(L, true);
}

export function debugLibrary(globals: LuaTable): NativeLibrary {
  const { getfenv, setfenv } = environmentFunctions(globals);
  return {
    getfenv: getfenv ?? 0,
    getinfo,
    getmetatable: (L) => push(L, metatableOf(L, checkAny(L, 1))),
    getupvalue,
    setfenv: setfenv ?? 0,
    setmetatable,
    setupvalue,
    traceback,
  };
}
