/**
 * Lua 5.1's math library with lua_sandbox's erf and erfc, and a random generator of each engine's own.
 */
import {
  argumentCount,
  argumentError,
  checkInteger,
  checkNumber,
  type NativeLibrary,
  pushNumber,
  raise,
} from './native.ts';
import { scaled } from './number-text.ts';
import type { LuaState, NativeFunction } from './vm-types.ts';

function unary(f: (x: number) => number): NativeFunction {
  return (L) => pushNumber(L, f(checkNumber(L, 1)));
}

function binary(f: (x: number, y: number) => number): NativeFunction {
  return (L) => pushNumber(L, f(checkNumber(L, 1), checkNumber(L, 2)));
}

/** C's pow: 1 to any power and anything to the power 0 is 1. */
function power(x: number, y: number): number {
  return x === 1 || (x === -1 && Math.abs(y) === Number.POSITIVE_INFINITY) ? 1 : x ** y;
}

function fold(choose: (a: number, b: number) => number): NativeFunction {
  return (L) => {
    let result = checkNumber(L, 1);
    const count = argumentCount(L);
    for (let i = 2; i <= count; i++) result = choose(result, checkNumber(L, i));
    return pushNumber(L, result);
  };
}

// As C compares them: not a number is neither larger nor smaller, where Math.max would return it.
function larger(a: number, b: number): number {
  if (b > a) return b;
  return a;
}

function smaller(a: number, b: number): number {
  if (b < a) return b;
  return a;
}

function modf(L: LuaState): number {
  const value = checkNumber(L, 1);
  const whole = Math.trunc(value);
  pushNumber(L, whole);
  return (
    1 + pushNumber(L, Number.isFinite(value) ? value - whole : Number.isNaN(value) ? value : 0)
  );
}

const halves = new DataView(new ArrayBuffer(8));

function frexp(L: LuaState): number {
  const value = checkNumber(L, 1);
  if (value === 0 || !Number.isFinite(value)) {
    pushNumber(L, value);
    return 1 + pushNumber(L, 0);
  }
  // Subnormals are scaled up first, so that the exponent's bits mean what they say.
  const lift = Math.abs(value) < 2 ** -1000 ? 64 : 0;
  halves.setFloat64(0, value * 2 ** lift);
  const exponent = ((halves.getUint32(0) >>> 20) & 0x7ff) - 1022;
  pushNumber(L, scaled(value * 2 ** lift, -exponent));
  return 1 + pushNumber(L, exponent - lift);
}

function ldexp(L: LuaState): number {
  return pushNumber(L, scaled(checkNumber(L, 1), checkInteger(L, 2)));
}

/** Odd series for small arguments, continued fraction of the complement for others; about 15 digits. */
function erf(x: number): number {
  if (Math.abs(x) > 2.5) return x > 0 ? 1 - erfc(x) : erfc(-x) - 1;
  let term = x;
  let sum = x;
  for (let n = 1; n < 200 && Math.abs(term) > Math.abs(sum) * 1e-18; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  // erf(x) = 2/sqrt(pi) exp(-x²) Σ 2ⁿ x²ⁿ⁺¹ / (1·3·…·(2n+1)): all terms have one sign, nothing cancels.
  return Number.isNaN(x) ? x : (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

function erfc(x: number): number {
  if (x < 2.5) return 1 - erf(x);
  if (x > 28) return 0;
  let fraction = 0;
  for (let n = 60; n >= 1; n--) fraction = n / 2 / (x + fraction);
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + fraction);
}

/** The sfc32 generator: three words of state and a counter. */
class Random {
  #a = 0;
  #b = 0;
  #c = 0;
  #counter = 1;

  /** Begins at a place of V8's choice, which differs from isolate to isolate. */
  constructor() {
    // The first numbers of isolates that were made from one snapshot resemble each other.
    Math.random();
    this.#start(Math.random() * 2 ** 32, Math.random() * 2 ** 32, Math.random() * 2 ** 32);
  }

  seed(seed: number): void {
    halves.setFloat64(0, seed);
    this.#start(halves.getUint32(0), halves.getUint32(4), 0x9e3779b9);
  }

  #start(a: number, b: number, c: number): void {
    this.#a = a | 0;
    this.#b = b | 0;
    this.#c = c | 0;
    this.#counter = 1;
    for (let i = 0; i < 20; i++) this.next();
  }

  /** A number in [0, 1). */
  next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  }
}

function randomFrom(generator: Random): NativeFunction {
  return (L) => {
    const value = generator.next();
    const count = argumentCount(L);
    if (count === 0) return pushNumber(L, value);
    if (count > 2) return raise(L, 'wrong number of arguments');
    const low = count === 1 ? 1 : checkInteger(L, 1);
    const high = checkInteger(L, count);
    if (low > high) return argumentError(L, count, 'interval is empty');
    return pushNumber(L, Math.floor(value * (high - low + 1)) + low);
  };
}

/** The library with a generator of its own. */
export function makeMathLibrary(): NativeLibrary {
  const generator = new Random();
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
