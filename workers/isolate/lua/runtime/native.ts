/**
 * What natives are made of: names, arguments with Lua 5.1's checks and messages, and results. Arguments are numbered from
 * 1; `given` is `arguments.length`, which tells "no value" from nil.
 */
import { numberText, parseNumber } from '../../lua-text/number-text.ts';
import { argumentError, NATIVE, typeError } from './errors.ts';
import { charge } from './meter.ts';
import { type LuaFunction, LuaTable, type LuaValue } from './values.ts';

export type Natives = Readonly<Record<string, LuaFunction>>;

/** Gives natives the names by which errors and tracebacks know them. Each may be given one name only. */
export function nameNatives(natives: Natives): Natives {
  for (const [name, native] of Object.entries(natives)) nameNative(name, native);
  return natives;
}

export function nameNative(name: string, native: LuaFunction): LuaFunction {
  return Object.defineProperty(native, 'name', { value: NATIVE + name });
}

// ---- results ---------------------------------------------------------------------------------------------------

/** No result. */
export function none(): undefined {
  $count = 0;
  return undefined;
}

export function one(value: LuaValue): LuaValue {
  $count = 1;
  return value;
}

export function two(first: LuaValue, second: LuaValue): LuaValue {
  $second = second;
  $count = 2;
  return first;
}

export function three(first: LuaValue, second: LuaValue, third: LuaValue): LuaValue {
  $second = second;
  $third = third;
  $count = 3;
  return first;
}

/** Any number of results. The array must not be changed afterwards. */
export function many(values: LuaValue[]): LuaValue {
  const count = values.length;
  $count = count;
  if (count > 3) $all = values;
  else if (count > 1) {
    $second = values[1];
    if (count > 2) $third = values[2];
  }
  return values[0];
}

/** The results of the call that just returned `first`, as an array that may be `$all` itself: never change it. */
export function results(first: LuaValue): LuaValue[] {
  switch ($count) {
    case 0:
      return [];
    case 1:
      return [first];
    case 2:
      return [first, $second];
    case 3:
      return [first, $second, $third];
    default:
      if ($all.length > 16) charge($all.length >> 3);
      return $all;
  }
}

/** A list of arguments that is about to be spread. */
export function spread(values: LuaValue[]): LuaValue[] {
  if (values.length > 16) charge(values.length >> 3);
  return values;
}

// ---- arguments -------------------------------------------------------------------------------------------------

export function checkAny(value: LuaValue, index: number, given: number): LuaValue {
  if (index > given) argumentError(index, 'value expected');
  return value;
}

export function checkTable(value: LuaValue, index: number, given: number): LuaTable {
  return value instanceof LuaTable ? value : typeError(index, 'table', value, given);
}

export function checkFunction(value: LuaValue, index: number, given: number): LuaFunction {
  return typeof value === 'function' ? value : typeError(index, 'function', value, given);
}

export function checkNumber(value: LuaValue, index: number, given: number): number {
  if (typeof value === 'number') return value;
  return toNumber(value) ?? typeError(index, 'number', value, given);
}

export function optionalNumber(
  value: LuaValue,
  index: number,
  given: number,
  otherwise: number,
): number {
  return value === undefined ? otherwise : checkNumber(value, index, given);
}

/** Truncated toward zero, as a C cast to a 64-bit integer. */
export function checkInteger(value: LuaValue, index: number, given: number): number {
  if (typeof value === 'number' && value === (value | 0)) return value;
  return toInteger(checkNumber(value, index, given));
}

export function optionalInteger(
  value: LuaValue,
  index: number,
  given: number,
  otherwise: number,
): number {
  return value === undefined ? otherwise : checkInteger(value, index, given);
}

/** A string, or a number's text. */
export function checkText(value: LuaValue, index: number, given: number): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? numberText(value) : typeError(index, 'string', value, given);
}

export function optionalText(value: LuaValue, index: number, given: number): string | undefined {
  return value === undefined ? undefined : checkText(value, index, given);
}

/** One of the named options, as luaL_checkoption. */
export function checkOption(
  value: LuaValue,
  index: number,
  given: number,
  options: readonly string[],
  otherwise?: string,
): string {
  const text =
    value === undefined && otherwise !== undefined ? otherwise : checkText(value, index, given);
  return options.includes(text) ? text : argumentError(index, `invalid option '${text}'`);
}

// ---- conversions -----------------------------------------------------------------------------------------------

export function toNumber(value: LuaValue): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return undefined;
  if (value.length > 16) charge(value.length >> 4);
  return parseNumber(value);
}

/** What a C cast to a 64-bit integer gives on x86-64, out of range included. */
export function toInteger(value: number): number {
  const whole = Math.trunc(value);
  return whole >= -(2 ** 63) && whole < 2 ** 63 ? whole + 0 : -(2 ** 63);
}
