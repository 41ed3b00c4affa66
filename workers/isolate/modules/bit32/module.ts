/**
 * The `bit32` module (Lua 5.2's, as lua-compat 0.3 brings it): bitwise operations whose results are unsigned 32-bit
 * numbers. Shift counts may be negative; a shift by 32 or more leaves nothing. It sets no global.
 */
import { GuestError, type GuestValue, type HostFunction } from '../../engine.ts';
import { checkArgument, integerArgument, optionalInteger } from '../../host-api/guest-arguments.ts';
import { bitsArgument, payForOperands } from '../bit/bit-argument.ts';
import type { ModuleFactory, ObjectMemory } from '../native-module.ts';

const BITS = 32;
const ALL_ONES = 0xffffffff;

export const createModule: ModuleFactory = ({ memory }) => {
  const and = folding(memory, -1, (a, b) => a & b);
  return {
    name: 'bit32',
    open: () => ({
      name: 'bit32',
      global: false,
      functions: {
        band: (args) => and(args) >>> 0,
        btest: (args) => and(args) !== 0,
        bor: unsigned(folding(memory, 0, (a, b) => a | b)),
        bxor: unsigned(folding(memory, 0, (a, b) => a ^ b)),
        bnot: (args) => ~bitsArgument(args, 1) >>> 0,
        lshift: (args) => shifted(bitsArgument(args, 1), integerArgument(args, 2)),
        rshift: (args) => shifted(bitsArgument(args, 1), -integerArgument(args, 2)),
        arshift: (args) => {
          const bits = bitsArgument(args, 1);
          const count = integerArgument(args, 2);
          if (count < 0 || bits >= 0) return shifted(bits, -count);
          return count >= BITS ? ALL_ONES : (bits >> count) >>> 0;
        },
        lrotate: (args) => rotated(bitsArgument(args, 1), integerArgument(args, 2)),
        rrotate: (args) => rotated(bitsArgument(args, 1), -integerArgument(args, 2)),
        extract: (args) => {
          const bits = bitsArgument(args, 1);
          const [first, width] = fieldArguments(args, 2);
          return ((bits >>> first) & mask(width)) >>> 0;
        },
        replace: (args) => {
          const bits = bitsArgument(args, 1);
          const value = bitsArgument(args, 2);
          const [first, width] = fieldArguments(args, 3);
          const field = mask(width);
          return ((bits & ~(field << first)) | ((value & field) << first)) >>> 0;
        },
      },
    }),
  };
};

function folding(
  memory: ObjectMemory,
  start: number,
  combine: (a: number, b: number) => number,
): (args: readonly GuestValue[]) => number {
  return (args) => {
    payForOperands(args, memory);
    let bits = start;
    for (let argument = 1; argument <= args.length; argument++) {
      bits = combine(bits, bitsArgument(args, argument));
    }
    return bits;
  };
}

function unsigned(fold: (args: readonly GuestValue[]) => number): HostFunction {
  return (args) => fold(args) >>> 0;
}

/** To the left; to the right when `count` is negative. */
function shifted(bits: number, count: number): number {
  if (count <= -BITS || count >= BITS) return 0;
  return (count < 0 ? bits >>> -count : bits << count) >>> 0;
}

function rotated(bits: number, count: number): number {
  const turn = count % BITS;
  return ((bits << turn) | (bits >>> -turn)) >>> 0;
}

/** First bit and width of a field; both lie inside of the number. */
function fieldArguments(args: readonly GuestValue[], argument: number): readonly [number, number] {
  const first = integerArgument(args, argument);
  const width = optionalInteger(args, argument + 1, 1);
  checkArgument(first >= 0, argument, 'field cannot be negative');
  checkArgument(width > 0, argument + 1, 'width must be positive');
  if (first + width > BITS) throw new GuestError('trying to access non-existent bits');
  return [first, width];
}

function mask(width: number): number {
  return width >= BITS ? -1 : (1 << width) - 1;
}
