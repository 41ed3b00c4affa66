/**
 * The `bit` module (LuaBitOp 1.0.2): bitwise operations whose results are signed 32-bit numbers. Shift counts are taken
 * modulo 32.
 */
import type { HostFunction } from '../../engine.ts';
import type { ModuleFactory, ObjectMemory } from '../native-module.ts';
import { bitsArgument, payForOperands } from './bit-argument.ts';

const HEX_DIGITS = 8;

export const createModule: ModuleFactory = ({ memory }) => ({
  name: 'bit',
  open: () => ({
    name: 'bit',
    functions: {
      tobit: (args) => bitsArgument(args, 1),
      bnot: (args) => ~bitsArgument(args, 1),
      band: folding(memory, (a, b) => a & b),
      bor: folding(memory, (a, b) => a | b),
      bxor: folding(memory, (a, b) => a ^ b),
      lshift: shifting((bits, count) => bits << count),
      rshift: shifting((bits, count) => (bits >>> count) | 0),
      arshift: shifting((bits, count) => bits >> count),
      rol: shifting((bits, count) => (bits << count) | (bits >>> -count)),
      ror: shifting((bits, count) => (bits >>> count) | (bits << -count)),
      bswap: (args) => swapped(bitsArgument(args, 1)),
      tohex,
    },
  }),
});

function folding(memory: ObjectMemory, combine: (a: number, b: number) => number): HostFunction {
  return (args) => {
    payForOperands(args, memory);
    let bits = bitsArgument(args, 1);
    // From the last to the second: the argument that an error names is the last wrong one.
    for (let argument = args.length; argument > 1; argument--) {
      bits = combine(bits, bitsArgument(args, argument));
    }
    return bits;
  };
}

/** JavaScript takes shift counts modulo 32 as the module does. */
function shifting(shift: (bits: number, count: number) => number): HostFunction {
  return (args) => {
    const bits = bitsArgument(args, 1);
    return shift(bits, bitsArgument(args, 2));
  };
}

function swapped(bits: number): number {
  return (bits >>> 24) | ((bits >>> 8) & 0xff00) | ((bits & 0xff00) << 8) | (bits << 24);
}

/** The last digits of the hexadecimal text; a negative count asks for upper case. */
const tohex: HostFunction = (args) => {
  const text = (bitsArgument(args, 1) >>> 0).toString(16).padStart(HEX_DIGITS, '0');
  const count = args.length < 2 ? HEX_DIGITS : bitsArgument(args, 2);
  const digits = text.slice(HEX_DIGITS - Math.min(HEX_DIGITS, Math.abs(count)));
  return count < 0 ? digits.toUpperCase() : digits;
};
