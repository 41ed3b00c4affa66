/**
 * How numbers become text: the output functions' own form (at most 8 decimals), and C's `%g` that `tostring` uses.
 * Mended against upstream: rounding carries into the integer part, and -2147483648 prints as itself.
 */

const INT_MAX = 2147483647;
const INT_MIN = -2147483648;
const DECIMALS = 8;
const SCALE = 1e8;

/** Text of a number in payloads and circular buffers (lua_sandbox's output buffer). */
export function outputNumber(value: number): string {
  if (value <= INT_MAX && value >= INT_MIN) {
    if (Number.isInteger(value)) return String(value);
    return fixedText(value);
  }
  return formatG(value, 17);
}

function fixedText(value: number): string {
  const magnitude = Math.abs(value);
  let whole = Math.floor(magnitude);
  const scaled = (magnitude - whole) * SCALE;
  let fraction = Math.floor(scaled);
  const rest = scaled - fraction;
  if (rest > 0.5 || (rest === 0.5 && (fraction === 0 || fraction % 2 === 1))) fraction++;
  if (fraction >= SCALE) {
    fraction = 0;
    whole++;
  }
  const sign = value < 0 ? '-' : '';
  if (fraction === 0) return `${sign}${whole}`;
  const digits = String(fraction).padStart(DECIMALS, '0');
  return `${sign}${whole}.${trimZeros(digits)}`;
}

/** What Lua's `tostring` writes: `%.14g`. */
export function luaNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e14)
    return Object.is(value, -0) ? '-0' : String(value);
  return formatG(value, 14);
}

/** C's `%.<precision>g`; NaN is `nan` whatever its sign. Ties are rounded to even, as C does and JavaScript does not. */
export function formatG(value: number, precision: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (value === Infinity) return 'inf';
  if (value === -Infinity) return '-inf';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  if (value === 0) return `${sign}0`;
  const [digits, exponent] = roundedDigits(Math.abs(value), precision);
  if (exponent < -4 || exponent >= precision) {
    const tail = trimZeros(digits.slice(1));
    const power = Math.abs(exponent);
    const powerText = power < 10 ? `0${power}` : String(power);
    const mantissa = tail === '' ? digits.charAt(0) : `${digits.charAt(0)}.${tail}`;
    return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${powerText}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${trimZeros(digits)}`;
  const whole = digits.slice(0, exponent + 1);
  const tail = trimZeros(digits.slice(exponent + 1));
  return tail === '' ? sign + whole : `${sign}${whole}.${tail}`;
}

/** Enough digits behind the last wanted one to see that nothing but zeros follows a 5. */
const TIE_DIGITS = 25;

function roundedDigits(magnitude: number, precision: number): [string, number] {
  const rounded = magnitude.toExponential(precision - 1);
  const exact = magnitude.toExponential(Math.min(100, precision - 1 + TIE_DIGITS));
  const exactDigits = digitsOf(exact);
  const rest = exactDigits.slice(precision);
  const last = exactDigits.charCodeAt(precision - 1) - 48;
  if (rest.startsWith('5') && trimZeros(rest) === '5' && last % 2 === 0) {
    return [exactDigits.slice(0, precision), exponentOf(exact)];
  }
  return [digitsOf(rounded), exponentOf(rounded)];
}

function digitsOf(exponential: string): string {
  return exponential.slice(0, exponential.indexOf('e')).replace('.', '');
}

function exponentOf(exponential: string): number {
  return Number(exponential.slice(exponential.indexOf('e') + 1));
}

function trimZeros(digits: string): string {
  let end = digits.length;
  while (end > 0 && digits.charCodeAt(end - 1) === 48) end--;
  return digits.slice(0, end);
}
