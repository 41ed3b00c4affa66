/**
 * Operators where compiled code found operands that are not numbers: strings that stand for numbers, metamethods, and
 * the errors with the operands' names.
 */
import { numberText, parseNumber } from '../../lua-text/number-text.ts';
import { callEvent } from './calls.ts';
import { operandError, raiseHere } from './errors.ts';
import { metamethod } from './metatables.ts';
import { allocate, charge, checkLength } from './meter.ts';
import { LuaTable, type LuaValue, typeName } from './values.ts';

function numeric(value: LuaValue): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return undefined;
  charge(1 + (value.length >> 4));
  return parseNumber(value);
}

/** The result of the metamethod for operands that are not both numbers; an error that names the first culprit if there is none. */
function viaEvent(event: string, a: LuaValue, b: LuaValue, site: number): LuaValue {
  const handler = metamethod(a, event) ?? metamethod(b, event);
  if (handler === undefined) {
    const second = numeric(a) !== undefined;
    operandError('perform arithmetic on', second ? b : a, site, second ? 1 : 0);
  }
  return callEvent(handler, a, b);
}

export function add(a: LuaValue, b: LuaValue, site: number): LuaValue {
  const x = numeric(a);
  const y = numeric(b);
  return x !== undefined && y !== undefined ? x + y : viaEvent('__add', a, b, site);
}

export function sub(a: LuaValue, b: LuaValue, site: number): LuaValue {
  const x = numeric(a);
  const y = numeric(b);
  return x !== undefined && y !== undefined ? x - y : viaEvent('__sub', a, b, site);
}

export function mul(a: LuaValue, b: LuaValue, site: number): LuaValue {
  const x = numeric(a);
  const y = numeric(b);
  return x !== undefined && y !== undefined ? x * y : viaEvent('__mul', a, b, site);
}

export function div(a: LuaValue, b: LuaValue, site: number): LuaValue {
  const x = numeric(a);
  const y = numeric(b);
  return x !== undefined && y !== undefined ? x / y : viaEvent('__div', a, b, site);
}

export function mod(a: LuaValue, b: LuaValue, site: number): LuaValue {
  const x = numeric(a);
  const y = numeric(b);
  return x !== undefined && y !== undefined
    ? x - Math.floor(x / y) * y
    : viaEvent('__mod', a, b, site);
}

export function pow(a: LuaValue, b: LuaValue, site: number): LuaValue {
  const x = numeric(a);
  const y = numeric(b);
  return x !== undefined && y !== undefined ? power(x, y) : viaEvent('__pow', a, b, site);
}

/** C's pow, which says 1 where JavaScript says NaN: 1^y, and (-1)^±inf. */
export function power(x: number, y: number): number {
  if (x === 1 || (x === -1 && (y === Infinity || y === -Infinity))) return 1;
  return x ** y;
}

export function minus(a: LuaValue, site: number): LuaValue {
  const x = numeric(a);
  if (x !== undefined) return -x;
  const handler = metamethod(a, '__unm');
  if (handler !== undefined) return callEvent(handler, a, a);
  return operandError('perform arithmetic on', a, site);
}

export function length(value: LuaValue, site: number): LuaValue {
  if (value instanceof LuaTable) {
    const count = value.arr.length;
    return count === 0 ? 0 : count - 1;
  }
  if (typeof value === 'string') return value.length;
  const handler = metamethod(value, '__len');
  if (handler !== undefined) return callEvent(handler, value, undefined);
  return operandError('get length of', value, site);
}

// ---- comparison ---------------------------------------------------------------------------------------------------

/** Both operands are not identical; the first is an object. */
export function equal(a: LuaValue, b: LuaValue): boolean {
  if (typeof a !== 'object' || typeof b !== 'object') return false;
  if (a.mt === null || b.mt === null) return false;
  if (typeName(a) !== typeName(b)) return false;
  const handler = comparisonEvent(a, b, '__eq');
  if (handler === undefined) return false;
  return isTrue(callEvent(handler, a, b));
}

/** The handler that both operands share. */
function comparisonEvent(a: LuaValue, b: LuaValue, event: string) {
  const first = metamethod(a, event);
  if (first === undefined) return undefined;
  return metamethod(b, event) === first ? first : undefined;
}

function isTrue(value: LuaValue): boolean {
  return value !== undefined && value !== false;
}

/** Strings of this length pay for being compared. */
const LONG_TEXT = 1024;

/** Are a string and a value the same? Two strings of one length may have to be read to their ends. */
export function sameText(a: string, b: LuaValue): boolean {
  if (a.length > LONG_TEXT && typeof b === 'string' && b.length === a.length) {
    charge(a.length >> 6);
  }
  return a === b;
}

/** `a < b`. */
export function lessThan(a: LuaValue, b: LuaValue): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a < b;
  if (typeof a === 'string' && typeof b === 'string') {
    if (a.length > LONG_TEXT) charge(Math.min(a.length, b.length) >> 6);
    return a < b;
  }
  if (typeName(a) === typeName(b)) {
    const handler = comparisonEvent(a, b, '__lt');
    if (handler !== undefined) return isTrue(callEvent(handler, a, b));
  }
  return orderError(a, b);
}

/** `a <= b`. */
export function lessEqual(a: LuaValue, b: LuaValue): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a <= b;
  if (typeof a === 'string' && typeof b === 'string') {
    if (a.length > LONG_TEXT) charge(Math.min(a.length, b.length) >> 6);
    return a <= b;
  }
  if (typeName(a) === typeName(b)) {
    const handler = comparisonEvent(a, b, '__le');
    if (handler !== undefined) return isTrue(callEvent(handler, a, b));
    const reverse = comparisonEvent(b, a, '__lt');
    if (reverse !== undefined) return !isTrue(callEvent(reverse, b, a));
  }
  return orderError(a, b);
}

function orderError(a: LuaValue, b: LuaValue): never {
  const first = typeName(a);
  const second = typeName(b);
  return raiseHere(
    first === second
      ? `attempt to compare two ${first} values`
      : `attempt to compare ${first} with ${second}`,
  );
}

// ---- concatenation ------------------------------------------------------------------------------------------------

/** Longer results are counted against the memory limit one by one. */
const SHORT_TEXT = 256;
const ROPE_BYTES = 32;

function joined(a: string, b: string): string {
  const count = a.length + b.length;
  $bytes += ROPE_BYTES;
  if (count > SHORT_TEXT) {
    checkLength(count);
    charge(count >> 8);
    allocate(count >> 2);
  }
  return a + b;
}

function concatText(value: LuaValue): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? numberText(value) : undefined;
}

export function concat(a: LuaValue, b: LuaValue, site: number): LuaValue {
  if (typeof a === 'string' && typeof b === 'string') return joined(a, b);
  return concatPair(a, b, site, 0);
}

/** `which` is the place of the first operand among those of the site. */
function concatPair(a: LuaValue, b: LuaValue, site: number, which: number): LuaValue {
  const x = concatText(a);
  const y = concatText(b);
  if (x !== undefined && y !== undefined) return joined(x, y);
  const handler = metamethod(a, '__concat') ?? metamethod(b, '__concat');
  if (handler !== undefined) return callEvent(handler, a, b);
  const second = x !== undefined;
  return operandError('concatenate', second ? b : a, site, second ? which + 1 : which);
}

export function concat3(a: LuaValue, b: LuaValue, c: LuaValue, site: number): LuaValue {
  if (typeof a === 'string' && typeof b === 'string' && typeof c === 'string') {
    return joined(joined(a, b), c);
  }
  return concatPair(a, concatPair(b, c, site, 1), site, 0);
}

/** Right to left, as PUC. */
export function concatAll(values: readonly LuaValue[], site: number): LuaValue {
  const last = values.length - 1;
  let count = 0;
  let i = 0;
  for (; i <= last; i++) {
    const value = values[i];
    if (typeof value !== 'string') break;
    count += value.length;
  }
  if (i > last && count <= SHORT_TEXT) {
    $bytes += ROPE_BYTES * last;
    let text = '';
    for (const value of values) text += value as string; // all were looked at
    return text;
  }
  let result = values[last];
  for (let k = last - 1; k >= 0; k--) result = concatPair(values[k], result, site, k);
  return result;
}
