/**
 * Lua 5.1's math library with lua_sandbox's erf and erfc, and a random generator of each engine's own. Each native is
 * written out, so that V8 keeps what it learns about one from the others.
 */
import {
  erfc as errorComplement,
  erf as errorFunction,
  exponentOf,
  fractionOf,
  larger,
  mantissaOf,
  power,
  smaller,
} from '../../lua-text/math-functions.ts';
import { scaled } from '../../lua-text/number-text.ts';
import { RandomGenerator } from '../../lua-text/random-generator.ts';
import { argumentError, raise } from '../runtime/errors.ts';
import {
  checkInteger,
  checkNumber,
  type Natives,
  nameNatives,
  none,
  one,
  two,
} from '../runtime/native.ts';
import type { LuaFunction, LuaValue } from '../runtime/values.ts';

const RADIANS_PER_DEGREE = Math.PI / 180;

function abs(x: LuaValue): LuaValue {
  return one(Math.abs(checkNumber(x, 1, arguments.length)));
}

function acos(x: LuaValue): LuaValue {
  return one(Math.acos(checkNumber(x, 1, arguments.length)));
}

function asin(x: LuaValue): LuaValue {
  return one(Math.asin(checkNumber(x, 1, arguments.length)));
}

function atan(x: LuaValue): LuaValue {
  return one(Math.atan(checkNumber(x, 1, arguments.length)));
}

function ceil(x: LuaValue): LuaValue {
  return one(Math.ceil(checkNumber(x, 1, arguments.length)));
}

function cos(x: LuaValue): LuaValue {
  return one(Math.cos(checkNumber(x, 1, arguments.length)));
}

function cosh(x: LuaValue): LuaValue {
  return one(Math.cosh(checkNumber(x, 1, arguments.length)));
}

function deg(x: LuaValue): LuaValue {
  return one(checkNumber(x, 1, arguments.length) / RADIANS_PER_DEGREE);
}

function erf(x: LuaValue): LuaValue {
  return one(errorFunction(checkNumber(x, 1, arguments.length)));
}

function erfc(x: LuaValue): LuaValue {
  return one(errorComplement(checkNumber(x, 1, arguments.length)));
}

function exp(x: LuaValue): LuaValue {
  return one(Math.exp(checkNumber(x, 1, arguments.length)));
}

function floor(x: LuaValue): LuaValue {
  return one(Math.floor(checkNumber(x, 1, arguments.length)));
}

function log(x: LuaValue): LuaValue {
  return one(Math.log(checkNumber(x, 1, arguments.length)));
}

function log10(x: LuaValue): LuaValue {
  return one(Math.log10(checkNumber(x, 1, arguments.length)));
}

function rad(x: LuaValue): LuaValue {
  return one(checkNumber(x, 1, arguments.length) * RADIANS_PER_DEGREE);
}

function sin(x: LuaValue): LuaValue {
  return one(Math.sin(checkNumber(x, 1, arguments.length)));
}

function sinh(x: LuaValue): LuaValue {
  return one(Math.sinh(checkNumber(x, 1, arguments.length)));
}

function sqrt(x: LuaValue): LuaValue {
  return one(Math.sqrt(checkNumber(x, 1, arguments.length)));
}

function tan(x: LuaValue): LuaValue {
  return one(Math.tan(checkNumber(x, 1, arguments.length)));
}

function tanh(x: LuaValue): LuaValue {
  return one(Math.tanh(checkNumber(x, 1, arguments.length)));
}

function atan2(x: LuaValue, y: LuaValue): LuaValue {
  const given = arguments.length;
  return one(Math.atan2(checkNumber(x, 1, given), checkNumber(y, 2, given)));
}

function fmod(x: LuaValue, y: LuaValue): LuaValue {
  const given = arguments.length;
  return one(checkNumber(x, 1, given) % checkNumber(y, 2, given));
}

function pow(x: LuaValue, y: LuaValue): LuaValue {
  const given = arguments.length;
  return one(power(checkNumber(x, 1, given), checkNumber(y, 2, given)));
}

function max(x: LuaValue, y: LuaValue, ...others: LuaValue[]): LuaValue {
  const given = arguments.length;
  let result = checkNumber(x, 1, given);
  if (given > 1) result = larger(result, checkNumber(y, 2, given));
  for (let i = 0; i < others.length; i++) {
    result = larger(result, checkNumber(others[i], i + 3, given));
  }
  return one(result);
}

function min(x: LuaValue, y: LuaValue, ...others: LuaValue[]): LuaValue {
  const given = arguments.length;
  let result = checkNumber(x, 1, given);
  if (given > 1) result = smaller(result, checkNumber(y, 2, given));
  for (let i = 0; i < others.length; i++) {
    result = smaller(result, checkNumber(others[i], i + 3, given));
  }
  return one(result);
}

function modf(x: LuaValue): LuaValue {
  const value = checkNumber(x, 1, arguments.length);
  return two(Math.trunc(value), fractionOf(value));
}

function frexp(x: LuaValue): LuaValue {
  const value = checkNumber(x, 1, arguments.length);
  return two(mantissaOf(value), exponentOf(value));
}

function ldexp(x: LuaValue, exponent: LuaValue): LuaValue {
  const given = arguments.length;
  const value = checkNumber(x, 1, given);
  return one(scaled(value, checkInteger(exponent, 2, given) | 0));
}

function randomFrom(generator: RandomGenerator): LuaFunction {
  return function random(first: LuaValue, second: LuaValue): LuaValue {
    const given = arguments.length;
    if (given === 0) return one(generator.next());
    if (given > 2) return raise('wrong number of arguments');
    const bound = checkInteger(first, 1, given);
    const low = given === 1 ? 1 : bound;
    const high = given === 1 ? bound : checkInteger(second, 2, given);
    if (low > high) return argumentError(given, 'interval is empty');
    return one(generator.between(low, high));
  };
}

/** The library with a generator of its own. */
export function makeMathLibrary(): Natives {
  const generator = new RandomGenerator();
  return {
    ...library,
    mod: fmod,
    ...nameNatives({
      random: randomFrom(generator),
      randomseed(seed: LuaValue): LuaValue {
        generator.seed(checkInteger(seed, 1, arguments.length));
        return none();
      },
    }),
  };
}

export const mathConstants: Readonly<Record<string, number>> = {
  huge: Number.POSITIVE_INFINITY,
  pi: Math.PI,
};

const library = nameNatives({
  abs,
  acos,
  asin,
  atan,
  atan2,
  ceil,
  cos,
  cosh,
  deg,
  erf,
  erfc,
  exp,
  floor,
  fmod,
  frexp,
  ldexp,
  log,
  log10,
  max,
  min,
  modf,
  pow,
  rad,
  sin,
  sinh,
  sqrt,
  tan,
  tanh,
});
