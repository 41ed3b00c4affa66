/** Lua BitOp's `bit`: 32-bit operations on numbers, results signed. */
import { checkNumber, type Natives, one, optionalInteger } from '../runtime/native.ts';
import type { LuaValue } from '../runtime/values.ts';

/** A number modulo 2^32, as the library's trick with the mantissa: halves round to even. */
function toBits(value: LuaValue, index: number, given: number): number {
  const number = checkNumber(value, index, given);
  if (number === (number | 0)) return number | 0;
  const floor = Math.floor(number);
  const rest = number - floor;
  const whole = rest < 0.5 || (rest === 0.5 && floor % 2 === 0) ? floor : floor + 1;
  return whole | 0;
}

function swap(bits: number): number {
  return ((bits & 0xff) << 24) | ((bits & 0xff00) << 8) | ((bits >>> 8) & 0xff00) | (bits >>> 24);
}

export const bitNatives: Natives = {
  tobit(a: LuaValue) {
    return one(toBits(a, 1, arguments.length));
  },
  bnot(a: LuaValue) {
    return one(~toBits(a, 1, arguments.length));
  },
  bswap(a: LuaValue) {
    return one(swap(toBits(a, 1, arguments.length)) | 0);
  },
  band(a: LuaValue, b: LuaValue, ...others: LuaValue[]) {
    const given = arguments.length;
    let bits = toBits(a, 1, given);
    if (given > 1) bits &= toBits(b, 2, given);
    for (let i = 0; i < others.length; i++) bits &= toBits(others[i], i + 3, given);
    return one(bits);
  },
  bor(a: LuaValue, b: LuaValue, ...others: LuaValue[]) {
    const given = arguments.length;
    let bits = toBits(a, 1, given);
    if (given > 1) bits |= toBits(b, 2, given);
    for (let i = 0; i < others.length; i++) bits |= toBits(others[i], i + 3, given);
    return one(bits);
  },
  bxor(a: LuaValue, b: LuaValue, ...others: LuaValue[]) {
    const given = arguments.length;
    let bits = toBits(a, 1, given);
    if (given > 1) bits ^= toBits(b, 2, given);
    for (let i = 0; i < others.length; i++) bits ^= toBits(others[i], i + 3, given);
    return one(bits);
  },
  lshift(a: LuaValue, n: LuaValue) {
    return one(toBits(a, 1, arguments.length) << toBits(n, 2, arguments.length));
  },
  rshift(a: LuaValue, n: LuaValue) {
    return one((toBits(a, 1, arguments.length) >>> toBits(n, 2, arguments.length)) | 0);
  },
  arshift(a: LuaValue, n: LuaValue) {
    return one(toBits(a, 1, arguments.length) >> toBits(n, 2, arguments.length));
  },
  rol(a: LuaValue, n: LuaValue) {
    const bits = toBits(a, 1, arguments.length);
    const count = toBits(n, 2, arguments.length) & 31;
    return one((bits << count) | (count === 0 ? 0 : bits >>> (32 - count)));
  },
  ror(a: LuaValue, n: LuaValue) {
    const bits = toBits(a, 1, arguments.length);
    const count = toBits(n, 2, arguments.length) & 31;
    return one((count === 0 ? bits : bits >>> count) | (count === 0 ? 0 : bits << (32 - count)));
  },
  tohex(a: LuaValue, digits: LuaValue) {
    const bits = toBits(a, 1, arguments.length) >>> 0;
    const count = optionalInteger(digits, 2, arguments.length, 8);
    const wanted = Math.min(8, Math.abs(count));
    const text = wanted === 0 ? '' : bits.toString(16).padStart(8, '0').slice(-wanted);
    return one(count < 0 ? text.toUpperCase() : text);
  },
};
