/**
 * Numbers to text as C's printf does it, and text to numbers as C's strtod does it, both in the C locale. JavaScript's
 * own conversions are exact but round ties up; C rounds them to even.
 */

/** Precisions above this are refused by string.format; JavaScript's conversions end at 100. */
export const MAX_PRECISION = 99;

/** Decimal digits that every double keeps. */
const EXACT_DIGITS = 15;
const POWERS = Array.from({ length: EXACT_DIGITS + 1 }, (_, power) => 10 ** power);
const ZEROS = ['', '0', '00', '000'];

interface Digits {
  /** Significant decimal digits, the first one not zero (but for zero itself). */
  readonly digits: string;
  /** Power of ten of the first digit. */
  readonly exponent: number;
}

/** `%.14g`: what `tostring` and `..` write. */
export function numberText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e14) {
    return value === 0 && Object.is(value, -0) ? '-0' : String(value);
  }
  return general(value, 14, false);
}

/** `%.<precision>g`; with `alternate` (the flag #) trailing zeros stay. */
export function general(value: number, precision: number, alternate: boolean): string {
  const special = notFinite(value);
  if (special !== undefined) return special;
  const count = precision === 0 ? 1 : precision;
  if (!alternate && count <= EXACT_DIGITS) {
    const magnitude = Math.abs(value);
    if (magnitude >= 1e-4 && magnitude < (POWERS[count] ?? 0)) {
      // JavaScript's shortest text has no digit more than it needs: if they are few, they are C's.
      const text = String(value);
      if (text.length <= count + 1 || Number.isInteger(value)) return text;
    }
  }
  const { digits, exponent } = significant(Math.abs(value), count);
  const sign = isNegative(value) ? '-' : '';
  if (exponent < -4 || exponent >= count) {
    const kept = alternate ? digits : trimZeros(digits, 1);
    return sign + mantissa(kept, alternate) + exponentText(exponent);
  }
  let text: string;
  if (exponent < 0) {
    text = `0.${'0'.repeat(-exponent - 1)}${alternate ? digits : trimZeros(digits, 1)}`;
  } else {
    const whole = digits.slice(0, exponent + 1);
    const fraction = alternate
      ? digits.slice(exponent + 1)
      : trimZeros(digits.slice(exponent + 1), 0);
    text = fraction === '' && !alternate ? whole : `${whole}.${fraction}`;
  }
  return sign + text;
}

/** `%.<precision>e`. */
export function scientific(value: number, precision: number, alternate: boolean): string {
  const special = notFinite(value);
  if (special !== undefined) return special;
  const { digits, exponent } = significant(Math.abs(value), precision + 1);
  return (isNegative(value) ? '-' : '') + mantissa(digits, alternate) + exponentText(exponent);
}

/** `%.<precision>f`. */
export function fixed(value: number, precision: number, alternate: boolean): string {
  const special = notFinite(value);
  if (special !== undefined) return special;
  const magnitude = Math.abs(value);
  let text = alternate ? '' : shortFixed(magnitude, precision);
  if (text !== '') return isNegative(value) ? `-${text}` : text;
  if (magnitude >= 1e21) {
    text = BigInt(magnitude).toString() + (precision > 0 ? `.${'0'.repeat(precision)}` : '');
  } else {
    text = magnitude.toFixed(precision);
    if (isFractionTie(magnitude, precision)) text = evenLast(text);
  }
  if (alternate && precision === 0) text += '.';
  return (isNegative(value) ? '-' : '') + text;
}

/** A small number of few decimals, from an integer; "" where rounding needs a closer look. */
function shortFixed(magnitude: number, precision: number): string {
  if (precision > 3) return '';
  const power = POWERS[precision] ?? 0;
  const scaled = magnitude * power;
  if (scaled >= 2 ** 30) return '';
  const below = Math.floor(scaled);
  const rest = scaled - below;
  if (Math.abs(rest - 0.5) < 1e-4) return '';
  const units = rest > 0.5 ? below + 1 : below;
  if (precision === 0) return String(units);
  const whole = Math.floor(units / power);
  const fraction = String(units - whole * power);
  return fraction.length === precision
    ? `${whole}.${fraction}`
    : `${whole}.${ZEROS[precision - fraction.length] ?? ''}${fraction}`;
}

function significant(magnitude: number, count: number): Digits {
  if (magnitude === 0) return { digits: '0'.repeat(count), exponent: 0 };
  const text = magnitude.toExponential(count - 1);
  const at = text.indexOf('e');
  const exponent = Number(text.slice(at + 1));
  let digits = text.charAt(0) + text.slice(2, at);
  const decimals = count - 1 - exponent;
  const tie =
    decimals >= 0 ? isFractionTie(magnitude, decimals) : isIntegerTie(magnitude, -decimals);
  if (tie) digits = evenLast(digits);
  return { digits, exponent };
}

/** Is the value exactly half-way between two numbers with so many decimals? */
function isFractionTie(magnitude: number, decimals: number): boolean {
  // Then its binary fraction has exactly one bit more than there are decimals.
  const scaled = magnitude * 2 ** (decimals + 1);
  return scaled < 2 ** 53 && scaled % 2 === 1;
}

/** Is the integer exactly half-way between two multiples of ten to this power? */
function isIntegerTie(magnitude: number, power: number): boolean {
  // Powers of ten up to 10^22 are exact, and so is the remainder; beyond, a double is never half-way for 14 digits.
  if (power <= 22) return magnitude % 10 ** power === 5 * 10 ** (power - 1);
  const unit = 10n ** BigInt(power);
  return (BigInt(magnitude) % unit) * 2n === unit;
}

/** JavaScript rounded a tie up: an odd last digit means that the even neighbour is one below. */
function evenLast(text: string): string {
  const last = text.charCodeAt(text.length - 1) - 48;
  return last % 2 === 1 ? text.slice(0, -1) + String(last - 1) : text;
}

function isNegative(value: number): boolean {
  return value < 0 || Object.is(value, -0);
}

function notFinite(value: number): string | undefined {
  if (Number.isNaN(value)) return signBit(value) ? '-nan' : 'nan';
  if (value === Number.POSITIVE_INFINITY) return 'inf';
  return value === Number.NEGATIVE_INFINITY ? '-inf' : undefined;
}

const bits = new DataView(new ArrayBuffer(8));

function signBit(value: number): boolean {
  bits.setFloat64(0, value);
  return bits.getUint8(0) >= 128;
}

function trimZeros(digits: string, keep: number): string {
  let end = digits.length;
  while (end > keep && digits.charCodeAt(end - 1) === 48) end--;
  return digits.slice(0, end);
}

function mantissa(digits: string, alternate: boolean): string {
  if (digits.length === 1) return alternate ? `${digits}.` : digits;
  return `${digits.charAt(0)}.${digits.slice(1)}`;
}

function exponentText(exponent: number): string {
  const digits = String(Math.abs(exponent));
  return `e${exponent < 0 ? '-' : '+'}${digits.length < 2 ? '0' : ''}${digits}`;
}

const DECIMAL = /^[ \t-\r]*([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)[ \t-\r]*$/;
const HEXADECIMAL =
  /^[ \t-\r]*([+-]?)0[xX](?:([0-9a-fA-F]+)(?:\.([0-9a-fA-F]*))?|\.([0-9a-fA-F]+))(?:[pP]([+-]?[0-9]+))?[ \t-\r]*$/;
const NAMED = /^[ \t-\r]*([+-]?)(inf|infinity|nan)[ \t-\r]*$/i;

/** The number a text stands for, or undefined. Ends at the first NUL, as a C string does. */
export function parseNumber(text: string): number | undefined {
  const { length } = text;
  if (length > 0 && length <= EXACT_DIGITS) {
    let value = 0;
    let i = 0;
    for (; i < length; i++) {
      const digit = text.charCodeAt(i) - 48;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    // Digits alone, as in most texts that are numbers.
    if (i === length) return value;
  }
  const nul = text.indexOf('\0');
  const source = nul < 0 ? text : text.slice(0, nul);
  const decimal = DECIMAL.exec(source);
  if (decimal !== null) return Number(decimal[1]);
  const hexadecimal = HEXADECIMAL.exec(source);
  if (hexadecimal !== null) {
    const whole = hexadecimal[2] ?? '';
    const fraction = hexadecimal[3] ?? hexadecimal[4] ?? '';
    const scale = Number(hexadecimal[5] ?? 0) - 4 * fraction.length;
    const magnitude = scaled(Number(`0x${whole}${fraction}`), scale);
    return hexadecimal[1] === '-' ? -magnitude : magnitude;
  }
  const named = NAMED.exec(source);
  if (named === null) return undefined;
  const magnitude = named[2]?.toLowerCase() === 'nan' ? Number.NaN : Number.POSITIVE_INFINITY;
  return named[1] === '-' ? -magnitude : magnitude;
}

/** `magnitude × 2^exponent` in two steps, since 2^exponent alone may overflow. */
export function scaled(magnitude: number, exponent: number): number {
  if (magnitude === 0 || exponent === 0) return magnitude;
  const bounded = Math.max(-2200, Math.min(2200, exponent));
  const half = Math.trunc(bounded / 2);
  const quarter = Math.trunc(half / 2);
  return (
    magnitude *
    2 ** quarter *
    2 ** (half - quarter) *
    2 ** (bounded - half - quarter) *
    2 ** quarter
  );
}
