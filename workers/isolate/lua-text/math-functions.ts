/**
 * Functions of C's math library as Lua 5.1 shows them, where JavaScript has none or another result, and
 * lua_sandbox's erf and erfc.
 */
import { scaled } from './number-text.ts';

/** C's pow: 1 to any power and anything to the power 0 is 1. */
export function power(x: number, y: number): number {
  return x === 1 || (x === -1 && Math.abs(y) === Number.POSITIVE_INFINITY) ? 1 : x ** y;
}

/** As C compares: not a number is neither larger nor smaller, where Math.max would return it. */
export function larger(a: number, b: number): number {
  if (b > a) return b;
  return a;
}

export function smaller(a: number, b: number): number {
  if (b < a) return b;
  return a;
}

/** modf's second result: what is behind the point, with the sign of the value. */
export function fractionOf(value: number): number {
  const whole = Math.trunc(value);
  if (value !== whole) return Number.isNaN(value) ? value : value - whole;
  return value < 0 || Object.is(value, -0) ? -0 : 0;
}

const bits = new DataView(new ArrayBuffer(8));

/** frexp's second result. */
export function exponentOf(value: number): number {
  if (value === 0 || !Number.isFinite(value)) return 0;
  // Subnormals are scaled up first, so that the exponent's bits mean what they say.
  const lift = Math.abs(value) < 2 ** -1000 ? 64 : 0;
  bits.setFloat64(0, value * 2 ** lift);
  return ((bits.getUint32(0) >>> 20) & 0x7ff) - 1022 - lift;
}

/** frexp's first result: 0.5 ≤ |mantissa| < 1. */
export function mantissaOf(value: number): number {
  return value === 0 || !Number.isFinite(value) ? value : scaled(value, -exponentOf(value));
}

/** Odd series for small arguments, continued fraction of the complement for others; about 15 digits. */
export function erf(x: number): number {
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

export function erfc(x: number): number {
  if (x < 2.5) return 1 - erf(x);
  if (x > 28) return 0;
  let fraction = 0;
  for (let n = 60; n >= 1; n--) fraction = n / 2 / (x + fraction);
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + fraction);
}
