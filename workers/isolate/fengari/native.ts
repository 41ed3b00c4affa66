/**
 * What a native function needs: its arguments with Lua 5.1's checks and messages, its results, errors with positions,
 * calls back into the guest. Arguments are numbered from 1.
 */
import { latin1Bytes, latin1Text } from '../../../lib/protocol/text.ts';
import { numberText, parseNumber } from '../lua-text/number-text.ts';
import { chunkName } from './error-wording.ts';
import { LuaString } from './lua-string.ts';
import { LuaTable } from './lua-table.ts';
import { numberSlot, slotOf, stringSlot, Tag, TValue, tagOf } from './slot.ts';
import { LUA_FRAME, ldebug, ldo, makeString, slotAt } from './vm.ts';
import type { CallInfo, LuaState, LuaValue, NativeFunction } from './vm-types.ts';

export type NativeLibrary = Readonly<Record<string, NativeFunction | number | string>>;

// ---- arguments -------------------------------------------------------------------------------------------------

export function argumentCount(L: LuaState): number {
  return L.top - L.ci.funcOff - 1;
}

/** The argument's value; undefined when there is none. */
export function argument(L: LuaState, index: number): LuaValue | undefined {
  const at = L.ci.funcOff + index;
  return at < L.top ? L.stack[at]?.value : undefined;
}

/** The argument's value, nil when there is none. */
export function optional(L: LuaState, index: number): LuaValue {
  return argument(L, index) ?? null;
}

export function checkAny(L: LuaState, index: number): LuaValue {
  return (
    argument(L, index) ??
    (L.ci.funcOff + index < L.top ? null : argumentError(L, index, 'value expected'))
  );
}

export function checkTable(L: LuaState, index: number): LuaTable {
  const value = argument(L, index);
  return value instanceof LuaTable ? value : typeError(L, index, 'table');
}

export function checkFunction(L: LuaState, index: number): LuaValue {
  const value = optional(L, index);
  return isFunction(value) ? value : typeError(L, index, 'function');
}

export function checkNumber(L: LuaState, index: number): number {
  const value = argument(L, index);
  if (typeof value === 'number') return value;
  return toNumber(value) ?? typeError(L, index, 'number');
}

export function optionalNumber(L: LuaState, index: number, otherwise: number): number {
  return optional(L, index) === null ? otherwise : checkNumber(L, index);
}

/** Truncated toward zero, as a C cast to a 64-bit integer. */
export function checkInteger(L: LuaState, index: number): number {
  return toInteger(checkNumber(L, index));
}

export function optionalInteger(L: LuaState, index: number, otherwise: number): number {
  return optional(L, index) === null ? otherwise : checkInteger(L, index);
}

/** A string, or a number's text. */
export function checkText(L: LuaState, index: number): string {
  const value = argument(L, index);
  if (value instanceof LuaString) return value.text;
  return typeof value === 'number' ? numberText(value) : typeError(L, index, 'string');
}

export function optionalText(L: LuaState, index: number): string | undefined {
  return optional(L, index) === null ? undefined : checkText(L, index);
}

/** One of the named options, as luaL_checkoption. */
export function checkOption(
  L: LuaState,
  index: number,
  options: readonly string[],
  otherwise: string,
): string {
  const text = optionalText(L, index) ?? otherwise;
  return options.includes(text) ? text : argumentError(L, index, `invalid option '${text}'`);
}

// ---- values ----------------------------------------------------------------------------------------------------

export function isFunction(value: LuaValue): boolean {
  const tag = tagOf(value);
  return tag === Tag.luaFunction || tag === Tag.nativeFunction;
}

export function toNumber(value: LuaValue | undefined): number | undefined {
  if (typeof value === 'number') return value;
  return value instanceof LuaString ? parseNumber(value.text) : undefined;
}

/** What a C cast to a 64-bit integer gives on x86-64, out of range included. */
export function toInteger(value: number): number {
  const whole = Math.trunc(value);
  return whole >= -(2 ** 63) && whole < 2 ** 63 ? whole + 0 : -(2 ** 63);
}

const TYPE_NAMES: Readonly<Record<number, string>> = {
  [Tag.nil]: 'nil',
  [Tag.boolean]: 'boolean',
  [Tag.number]: 'number',
  [Tag.string]: 'string',
  [Tag.table]: 'table',
  [Tag.luaFunction]: 'function',
  [Tag.nativeFunction]: 'function',
  [Tag.userdata]: 'userdata',
  [Tag.thread]: 'thread',
};

export function typeName(value: LuaValue): string {
  return TYPE_NAMES[tagOf(value)] ?? 'userdata';
}

// ---- results ---------------------------------------------------------------------------------------------------

/** Room for so many results; a native function has 20 to begin with. */
export function reserve(L: LuaState, count: number): void {
  ldo.luaD_checkstack(L, count);
}

export function push(L: LuaState, value: LuaValue): 1 {
  L.stack[L.top++] = slotOf(value);
  return 1;
}

export function pushNumber(L: LuaState, value: number): 1 {
  L.stack[L.top++] = numberSlot(value);
  return 1;
}

export function pushBoolean(L: LuaState, value: boolean): 1 {
  L.stack[L.top++] = new TValue(Tag.boolean, value);
  return 1;
}

/** A new string of the guest's: counted, and refused when it is too long. */
export function pushText(L: LuaState, text: string): 1 {
  L.stack[L.top++] = stringSlot(makeString(text));
  return 1;
}

// ---- errors ----------------------------------------------------------------------------------------------------

/** The frame at a level: 0 is the running function. */
export function frameAt(L: LuaState, level: number): CallInfo | undefined {
  let ci: CallInfo | null = L.ci;
  for (let n = level; n > 0 && ci !== null; n--) ci = ci.previous;
  return ci === null || ci === L.base_ci ? undefined : ci;
}

/** `chunk:line: ` of the Lua function at a level, or nothing. */
export function where(L: LuaState, level: number): string {
  const ci = frameAt(L, level);
  if (ci === undefined || (ci.callstatus & LUA_FRAME) === 0) return '';
  const closure = ci.func.value;
  if (closure === null || typeof closure !== 'object' || !('p' in closure)) return '';
  const line = closure.p.lineinfo[ci.l_savedpc - 1];
  return line === undefined ? '' : `${chunkName(closure.p.source.text)}:${line}: `;
}

/** Raises any value as it is. */
export function raiseValue(L: LuaState, value: LuaValue): never {
  reserve(L, 2);
  push(L, value);
  return ldebug.luaG_errormsg(L);
}

/** Raises a text with the position of the Lua caller, as luaL_error. */
export function raise(L: LuaState, text: string): never {
  return raiseValue(L, makeString(where(L, 1) + text));
}

/** Keeps all results of a call. */
export const ALL_RESULTS = -1;

const WHAT_NAME = latin1Bytes('n');

/** `bad argument #1 to 'name' (text)`, worded for methods as luaL_argerror does. */
export function argumentError(L: LuaState, index: number, text: string): never {
  const record = { i_ci: L.ci, name: null, namewhat: null };
  ldebug.lua_getinfo(L, WHAT_NAME, record);
  const { name, kind } = nameOf(record);
  if (kind === 'method') {
    return index === 1
      ? raise(L, `calling '${name}' on bad self (${text})`)
      : raise(L, `bad argument #${index - 1} to '${name}' (${text})`);
  }
  return raise(L, `bad argument #${index} to '${name}' (${text})`);
}

function nameOf(record: { name: Uint8Array | null; namewhat: Uint8Array | null }): {
  name: string;
  kind: string;
} {
  const { name, namewhat } = record;
  return {
    name: name === null ? '?' : latin1Text(name, 0, name.length),
    kind: namewhat === null ? '' : latin1Text(namewhat, 0, namewhat.length),
  };
}

/** `… expected, got …` */
export function typeError(L: LuaState, index: number, expected: string): never {
  const value = argument(L, index);
  const got = L.ci.funcOff + index >= L.top ? 'no value' : typeName(value ?? null);
  return argumentError(L, index, `${expected} expected, got ${got}`);
}

// ---- calls -----------------------------------------------------------------------------------------------------

/** Calls a function with up to three arguments and returns its first result. Cannot be yielded across. */
export function callForOne(L: LuaState, callee: LuaValue, ...values: LuaValue[]): LuaValue {
  reserve(L, values.length + 2);
  const base = L.top;
  push(L, callee);
  for (const value of values) push(L, value);
  ldo.luaD_callnoyield(L, base, 1);
  const result = slotAt(L, base).value;
  ldo.adjust_top(L, base);
  return result;
}

/** As callForOne, with any number of arguments and all results. */
export function callForAll(L: LuaState, callee: LuaValue, values: readonly LuaValue[]): LuaValue[] {
  reserve(L, values.length + 2);
  const base = L.top;
  push(L, callee);
  for (const value of values) push(L, value);
  ldo.luaD_callnoyield(L, base, ALL_RESULTS);
  const results: LuaValue[] = [];
  for (let at = base; at < L.top; at++) results.push(slotAt(L, at).value);
  ldo.adjust_top(L, base);
  return results;
}

/** A metamethod or other field of a value's metatable. */
export function metafield(L: LuaState, value: LuaValue, name: string): LuaValue {
  return metatableOf(L, value)?.getText(name) ?? null;
}

export function metatableOf(L: LuaState, value: LuaValue): LuaTable | null {
  if (value instanceof LuaTable) return value.metatable;
  const tag = tagOf(value);
  if (tag === Tag.userdata && value !== null && typeof value === 'object' && 'metatable' in value) {
    return value.metatable;
  }
  return L.l_G.mt[tag & 15] ?? null;
}

/** `tostring(value)`. */
export function displayText(L: LuaState, value: LuaValue): LuaString {
  const own = metafield(L, value, '__tostring');
  if (own !== null) {
    const text = callForOne(L, own, value);
    if (text instanceof LuaString) return text;
    if (typeof text === 'number') return makeString(numberText(text));
    return raise(L, "'tostring' must return a string to 'print'");
  }
  if (value instanceof LuaString) return value;
  if (typeof value === 'number') return makeString(numberText(value));
  if (value === null) return makeString('nil');
  if (typeof value === 'boolean') return makeString(value ? 'true' : 'false');
  return makeString(`${typeName(value)}: ${address(value)}`);
}

const addresses = new WeakMap<object, number>();
let lastAddress = 0;

/** A number that stands for an object's address: equal for the same object only. */
function address(value: object): string {
  let number = addresses.get(value);
  if (number === undefined) {
    number = ++lastAddress;
    addresses.set(value, number);
  }
  return `0x${(0x5500_0000 + number * 32).toString(16).padStart(14, '0')}`;
}
