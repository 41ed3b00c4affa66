/**
 * Numbers in JSON text as C's strtod reads them: beside JSON's own forms leading zeros and plus signs, hexadecimal numbers
 * with fractions and binary exponents, infinities and NaN. No form is looked at twice: time is linear.
 */
import { scaled } from '../../lua-text/number-text.ts';

/** Of a hexadecimal number, digits that matter; whether any other is not zero is added as one more. */
const HEX_DIGITS = 16;
const NAMED = /[+-]?(?:inf(?:inity)?|nan(?:\(\w{0,200}\))?)/iy;

/** Where the number that was read last ends. */
export let numberEnd = 0;

/** The number that begins at `start`, or undefined. Sets `numberEnd`. */
export function readNumber(text: string, start: number): number | undefined {
  const sign = text.charCodeAt(start);
  const from = sign === 43 || sign === 45 ? start + 1 : start;
  if (text.charCodeAt(from) === 48 && (text.charCodeAt(from + 1) | 32) === 120) {
    const value = readHexadecimal(text, from + 2);
    if (value !== undefined) return sign === 45 ? -value : value;
  }
  let at = digitsEnd(text, from);
  let count = at - from;
  if (text.charCodeAt(at) === 46) {
    const end = digitsEnd(text, at + 1);
    count += end - at - 1;
    if (count > 0) at = end;
  }
  if (count === 0) return readNamed(text, start);
  if ((text.charCodeAt(at) | 32) === 101) at = exponentEnd(text, at);
  numberEnd = at;
  return Number(text.slice(start, at));
}

/** JSON does not have it: a plus sign, leading zeros, a hexadecimal number, an infinity or NaN. */
export function isInvalidNumber(text: string, start: number): boolean {
  const first = text.charCodeAt(start);
  if (first === 43) return true;
  const from = first === 45 ? start + 1 : start;
  const code = text.charCodeAt(from);
  if (code === 48) {
    const next = text.charCodeAt(from + 1);
    return (next | 32) === 120 || isDigit(next);
  }
  const name = text.slice(from, from + 3).toLowerCase();
  return name === 'inf' || name === 'nan';
}

function readNamed(text: string, start: number): number | undefined {
  NAMED.lastIndex = start;
  const found = NAMED.exec(text)?.[0].toLowerCase();
  if (found === undefined) return undefined;
  numberEnd = start + found.length;
  const magnitude = found.includes('nan') ? Number.NaN : Number.POSITIVE_INFINITY;
  return found.startsWith('-') ? -magnitude : magnitude;
}

/** At the first character behind "0x". */
function readHexadecimal(text: string, start: number): number | undefined {
  let at = hexEnd(text, start);
  let digits = text.slice(start, at);
  let exponent = 0;
  if (text.charCodeAt(at) === 46) {
    const end = hexEnd(text, at + 1);
    const fraction = text.slice(at + 1, end);
    if (digits !== '' || fraction !== '') at = end;
    exponent = -4 * fraction.length;
    digits += fraction;
  }
  if (digits === '') return undefined;
  if ((text.charCodeAt(at) | 32) === 112) {
    const end = exponentEnd(text, at);
    if (end > at) exponent += Number(text.slice(at + 1, end));
    at = end;
  }
  numberEnd = at;
  let first = 0;
  while (first < digits.length - 1 && digits.charCodeAt(first) === 48) first++;
  const last = first + HEX_DIGITS;
  let kept = digits.slice(first, last);
  if (digits.length > last) {
    kept += /[^0]/.test(digits.slice(last)) ? '1' : '0';
    exponent += 4 * (digits.length - last - 1);
  }
  return scaled(Number(`0x${kept}`), exponent);
}

function digitsEnd(text: string, start: number): number {
  let at = start;
  while (isDigit(text.charCodeAt(at))) at++;
  return at;
}

function hexEnd(text: string, start: number): number {
  let at = start;
  for (;;) {
    const code = text.charCodeAt(at);
    const letter = code | 32;
    if (!isDigit(code) && !(letter >= 97 && letter <= 102)) return at;
    at++;
  }
}

/** Behind an exponent with digits, or where it begins. */
function exponentEnd(text: string, start: number): number {
  const sign = text.charCodeAt(start + 1);
  const from = sign === 43 || sign === 45 ? start + 2 : start + 1;
  const end = digitsEnd(text, from);
  return end > from ? end : start;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}
