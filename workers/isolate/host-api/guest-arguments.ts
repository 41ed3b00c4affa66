/**
 * Checks the arguments of host functions the way Lua's auxiliary library does, with its error texts.
 * Argument numbers count from 1; a method's object is argument 1.
 */
import { GuestArgumentError, type GuestValue } from '../engine.ts';
import { luaNumber } from './number-text.ts';

/** Lua's name for the type of a value. */
export function guestTypeName(value: GuestValue): string {
  switch (typeof value) {
    case 'undefined':
      return 'nil';
    case 'object':
      return value.kind === 'object' ? 'userdata' : value.kind;
    default:
      return typeof value;
  }
}

function gotName(args: readonly GuestValue[], argument: number): string {
  return argument > args.length ? 'no value' : guestTypeName(args[argument - 1]);
}

export function typeError(
  args: readonly GuestValue[],
  argument: number,
  expected: string,
): GuestArgumentError {
  return new GuestArgumentError(argument, `${expected} expected, got ${gotName(args, argument)}`);
}

const DECIMAL = /^[ \t\n\v\f\r]*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[ \t\n\v\f\r]*$/;
const HEXADECIMAL = /^[ \t\n\v\f\r]*([+-]?)0[xX]([0-9a-fA-F]+)[ \t\n\v\f\r]*$/;
/** Longest text that can be a number; more is not looked at. */
const NUMBER_TEXT_LIMIT = 400;

/** The number that Lua would take a value for, or undefined. */
export function numberOf(value: GuestValue): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.length > NUMBER_TEXT_LIMIT) return undefined;
  if (DECIMAL.test(value)) return Number(value.trim());
  const hexadecimal = HEXADECIMAL.exec(value);
  if (hexadecimal === null) return undefined;
  const magnitude = Number.parseInt(hexadecimal[2] ?? '0', 16);
  return hexadecimal[1] === '-' ? -magnitude : magnitude;
}

/** The string that Lua would take a value for: strings and numbers. */
export function stringOf(value: GuestValue): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? luaNumber(value) : undefined;
}

export function stringArgument(args: readonly GuestValue[], argument: number): string {
  const text = stringOf(args[argument - 1]);
  if (text === undefined) throw typeError(args, argument, 'string');
  return text;
}

export function numberArgument(args: readonly GuestValue[], argument: number): number {
  const number = numberOf(args[argument - 1]);
  if (number === undefined) throw typeError(args, argument, 'number');
  return number;
}

/** A number cut to an integer; NaN reads as 0. */
export function integerArgument(args: readonly GuestValue[], argument: number): number {
  const number = numberArgument(args, argument);
  return Number.isNaN(number) ? 0 : Math.trunc(number);
}

export function optionalInteger(
  args: readonly GuestValue[],
  argument: number,
  fallback: number,
): number {
  return args[argument - 1] === undefined ? fallback : integerArgument(args, argument);
}

export function optionalNumber(
  args: readonly GuestValue[],
  argument: number,
  fallback: number,
): number {
  return args[argument - 1] === undefined ? fallback : numberArgument(args, argument);
}

/** One of `options`; without a fallback a missing argument is an error. Returns the option's index. */
export function optionArgument(
  args: readonly GuestValue[],
  argument: number,
  options: readonly string[],
  fallback?: string,
): number {
  const given = args[argument - 1];
  const text =
    given === undefined && fallback !== undefined ? fallback : stringArgument(args, argument);
  const index = options.indexOf(text);
  if (index < 0) throw new GuestArgumentError(argument, `invalid option '${text.slice(0, 64)}'`);
  return index;
}

/** Throws an argument error unless `holds`. */
export function checkArgument(holds: boolean, argument: number, text: string): void {
  if (!holds) throw new GuestArgumentError(argument, text);
}
