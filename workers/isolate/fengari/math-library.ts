/**
 * Lua 5.1's math library with lua_sandbox's erf and erfc, and a random generator of each engine's own.
 */

import {
  erf,
  erfc,
  exponentOf,
  fractionOf,
  larger,
  mantissaOf,
  power,
  smaller,
} from '../lua-text/math-functions.ts';
import { scaled } from '../lua-text/number-text.ts';
import { RandomGenerator } from '../lua-text/random-generator.ts';
import {
  argumentCount,
  argumentError,
  checkInteger,
  checkNumber,
  type NativeLibrary,
  pushNumber,
  raise,
} from './native.ts';
import type { LuaState, NativeFunction } from './vm-types.ts';

function unary(f: (x: number) => number): NativeFunction {
  return (L) => pushNumber(L, f(checkNumber(L, 1)));
}

function binary(f: (x: number, y: number) => number): NativeFunction {
  return (L) => pushNumber(L, f(checkNumber(L, 1), checkNumber(L, 2)));
}

function fold(choose: (a: number, b: number) => number): NativeFunction {
  return (L) => {
    let result = checkNumber(L, 1);
    const count = argumentCount(L);
    for (let i = 2; i <= count; i++) result = choose(result, checkNumber(L, i));
    return pushNumber(L, result);
  };
}

function modf(L: LuaState): number {
  const value = checkNumber(L, 1);
  pushNumber(L, Math.trunc(value));
  return 1 + pushNumber(L, fractionOf(value));
}

function frexp(L: LuaState): number {
  const value = checkNumber(L, 1);
  pushNumber(L, mantissaOf(value));
  return 1 + pushNumber(L, exponentOf(value));
}

function ldexp(L: LuaState): number {
  return pushNumber(L, scaled(checkNumber(L, 1), checkInteger(L, 2)));
}

function randomFrom(generator: RandomGenerator): NativeFunction {
  return (L) => {
    const count = argumentCount(L);
    if (count === 0) return pushNumber(L, generator.next());
    if (count > 2) return raise(L, 'wrong number of arguments');
    const low = count === 1 ? 1 : checkInteger(L, 1);
    const high = checkInteger(L, count);
    if (low > high) return argumentError(L, count, 'interval is empty');
    return pushNumber(L, generator.between(low, high));
  };
}

/** The library with a generator of its own. */
export function makeMathLibrary(): NativeLibrary {
  const generator = new RandomGenerator();
  const mod = binary((x, y) => x % y);
  return {
    abs: unary(Math.abs),
    acos: unary(Math.acos),
    asin: unary(Math.asin),
    atan: unary(Math.atan),
    atan2: binary(Math.atan2),
    ceil: unary(Math.ceil),
    cos: unary(Math.cos),
    cosh: unary(Math.cosh),
    deg: unary((x) => x / (Math.PI / 180)),
    erf: unary(erf),
    erfc: unary(erfc),
    exp: unary(Math.exp),
    floor: unary(Math.floor),
    fmod: mod,
    frexp,
    huge: Number.POSITIVE_INFINITY,
    ldexp,
    log: unary(Math.log),
    log10: unary(Math.log10),
    max: fold(larger),
    min: fold(smaller),
    mod,
    modf,
    pi: Math.PI,
    pow: binary(power),
    rad: unary((x) => x * (Math.PI / 180)),
    random: randomFrom(generator),
    randomseed: (L) => {
      generator.seed(checkInteger(L, 1));
      return 0;
    },
    sin: unary(Math.sin),
    sinh: unary(Math.sinh),
    sqrt: unary(Math.sqrt),
    tan: unary(Math.tan),
    tanh: unary(Math.tanh),
  };
}
