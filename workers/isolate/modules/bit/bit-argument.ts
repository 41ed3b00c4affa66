/**
 * How the modules of bitwise operations read a number: rounded to an integer, halves to even, modulo 2^32. Beyond ±2^51
 * the bits are those that adding the bias leaves, as both upstream modules have it.
 */
import type { GuestValue } from '../../engine.ts';
import { numberOf, typeError } from '../../host-api/guest-arguments.ts';
import type { ObjectMemory } from '../native-module.ts';

/** A double of this size has no fraction, and the integer part of what was added in its lower bits. */
const BIAS = 2 ** 52 + 2 ** 51;
const double = new DataView(new ArrayBuffer(8));

/** Operands that come for the price of one instruction beside the call's own. */
const OPERANDS_PER_INSTRUCTION = 8;

/** The argument as a signed 32-bit number. */
export function bitsArgument(args: readonly GuestValue[], argument: number): number {
  const given = args[argument - 1];
  const value = typeof given === 'number' ? given : numberOf(given);
  if (value === undefined) throw typeError(args, argument, 'number');
  const integer = value | 0;
  if (integer === value) return integer;
  double.setFloat64(0, value + BIAS, true);
  return double.getInt32(0, true);
}

/** Long lists of operands cost more than a call. */
export function payForOperands(args: readonly GuestValue[], memory: ObjectMemory): void {
  if (args.length > OPERANDS_PER_INSTRUCTION) memory.charge(args.length / OPERANDS_PER_INSTRUCTION);
}
