/**
 * Numbers in JSON text as C's strtod reads them: beside JSON's own forms leading zeros and plus signs, hexadecimal numbers
 * with fractions and binary exponents, infinities and NaN.
 */
import { scaled } from '../../lua-text/number-text.ts';

/** Of a hexadecimal number, digits that matter; whether any other is not zero is added as one more. */
const HEX_DIGITS = 16;
const NUMBER =
  /[+-]?(?:0x(?=\.?[\da-f])([\da-f]*)\.?([\da-f]*)(?:p([+-]?\d+))?|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|(inf)(?:inity)?|nan(?:\(\w*\))?)/iy;
const INVALID = /\+|-?(?:0[x\d]|inf|nan)/iy;

/** The number that begins here, and its length; undefined for none. */
export function readNumber(text: string, start: number): readonly [number, number] | undefined {
  NUMBER.lastIndex = start;
  const found = NUMBER.exec(text);
  if (found === null) return undefined;
  const [whole, digits, fraction = '', power = '0', infinity] = found;
  let value = Number(whole);
  if (digits !== undefined) {
    value = hexadecimal(digits + fraction, Number(power) - 4 * fraction.length);
  } else if (infinity !== undefined) value = Number.POSITIVE_INFINITY;
  else return [value, whole.length];
  return [whole.startsWith('-') ? -value : value, whole.length];
}

/** JSON does not have it: a plus sign, leading zeros, a hexadecimal number, an infinity or NaN. */
export function isInvalidNumber(text: string, start: number): boolean {
  INVALID.lastIndex = start;
  return INVALID.test(text);
}

function hexadecimal(digits: string, exponent: number): number {
  const used = digits.replace(/^0+/, '');
  const rest = used.slice(HEX_DIGITS);
  const last = /[^0]/.test(rest) ? '1' : '0';
  return scaled(Number(`0x${used.slice(0, HEX_DIGITS)}${last}`), exponent + 4 * (rest.length - 1));
}
