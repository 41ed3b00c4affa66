/**
 * string.format as C's printf under Lua 5.1: flags, width and precision of at most two digits, integers of 64 bits.
 */
import { latin1Text } from '../../../lib/protocol/text.ts';
import { fixed, general, scientific } from './number-text.ts';

/** The parsed part between `%` and the conversion letter. */
export interface Directive {
  readonly letter: string;
  readonly left: boolean;
  readonly sign: string;
  readonly alternate: boolean;
  readonly zero: boolean;
  readonly width: number;
  readonly precision: number | undefined;
  /** Index behind the directive. */
  readonly end: number;
}

/** Reads the directive behind a `%`; a text is what is wrong with it. */
export function parseDirective(format: string, start: number): Directive | string {
  const found = /([-+ #0]*)([0-9]*)(?:\.([0-9]*))?/y;
  found.lastIndex = start;
  const match = found.exec(format);
  const flags = match?.[1] ?? '';
  const width = match?.[2] ?? '';
  const precision = match?.[3];
  if (flags.length > 5) return 'invalid format (repeated flags)';
  if (width.length > 2 || (precision !== undefined && precision.length > 2)) {
    return 'invalid format (width or precision too long)';
  }
  const end = start + (match?.[0].length ?? 0);
  const plus = flags.includes('+') ? '+' : '';
  return {
    letter: format.charAt(end),
    left: flags.includes('-'),
    sign: plus === '' && flags.includes(' ') ? ' ' : plus,
    alternate: flags.includes('#'),
    zero: flags.includes('0'),
    width: Number(width),
    precision: precision === undefined ? undefined : Number(precision),
    end: end + 1,
  };
}

/** `%d`, `%i`: a number truncated to a signed 64-bit integer. */
export function formatInteger(directive: Directive, value: number): string {
  const integer = toInteger64(value);
  const digits = withPrecision(
    (integer < 0n ? -integer : integer).toString(),
    directive,
    integer === 0n,
  );
  const sign = integer < 0n ? '-' : directive.sign;
  return padNumber(directive, sign, digits, directive.precision === undefined);
}

/** `%u`, `%o`, `%x`, `%X`: as an unsigned 64-bit integer. */
export function formatUnsigned(directive: Directive, value: number): string {
  const integer = toUnsigned64(value);
  const { letter } = directive;
  const base = letter === 'u' ? 10 : letter === 'o' ? 8 : 16;
  let digits = withPrecision(integer.toString(base), directive, integer === 0n);
  let prefix = '';
  if (directive.alternate && letter === 'o' && !digits.startsWith('0')) digits = `0${digits}`;
  if (directive.alternate && base === 16 && integer !== 0n) prefix = '0x';
  const text = padNumber(directive, prefix, digits, directive.precision === undefined);
  return letter === 'X' ? text.toUpperCase() : text;
}

/** `%e`, `%E`, `%f`, `%g`, `%G`. */
export function formatFloat(directive: Directive, value: number): string {
  const precision = directive.precision ?? 6;
  const { letter, alternate } = directive;
  let text: string;
  if (letter === 'f') text = fixed(value, precision, alternate);
  else if (letter === 'g' || letter === 'G') text = general(value, precision, alternate);
  else text = scientific(value, precision, alternate);
  const negative = text.startsWith('-');
  const sign = negative ? '-' : directive.sign;
  const padded = padNumber(
    directive,
    sign,
    negative ? text.slice(1) : text,
    Number.isFinite(value),
  );
  return letter === 'E' || letter === 'G' ? padded.toUpperCase() : padded;
}

/** `%s`, `%c`. */
export function formatText(directive: Directive, text: string): string {
  const cut = directive.precision === undefined ? text : text.slice(0, directive.precision);
  return pad(directive, cut);
}

/** Longer texts are quoted as bytes. */
const SHORT_TEXT = 1024;

/** `%q`: a text as a Lua literal. */
export function quoted(text: string): string {
  if (text.length > SHORT_TEXT) return quotedBytes(text);
  let result = '"';
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 34 && code !== 92) continue;
    let escaped: string;
    if (code === 34 || code === 92 || code === 10) escaped = '\\';
    else if (code === 13) escaped = '\\r';
    else if (code === 0) escaped = '\\000';
    else continue;
    result += text.slice(from, i) + escaped;
    // The first three stand behind their backslash as they are.
    from = escaped.length === 1 ? i : i + 1;
  }
  return `${result}${text.slice(from)}"`;
}

/** As one array of bytes: the pieces of a long text would take many times its memory. */
function quotedBytes(text: string): string {
  const bytes = new Uint8Array(text.length * 4);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 34 || code === 92 || code === 10 || code === 13 || code === 0) {
      bytes[length++] = 92;
    }
    if (code === 0) {
      // Three zeros. By hand: fill() takes longer.
      bytes[length++] = 48;
      bytes[length++] = 48;
      bytes[length++] = 48;
    } else {
      bytes[length++] = code === 13 ? 114 : code;
    }
  }
  return `"${latin1Text(bytes, 0, length)}"`;
}

function toInteger64(value: number): bigint {
  const whole = Math.trunc(value);
  // What a C cast gives out of range on x86-64.
  return whole >= -(2 ** 63) && whole < 2 ** 63 ? BigInt(whole) : -(2n ** 63n);
}

/** What a C cast to an unsigned integer gives on x86-64. */
function toUnsigned64(value: number): bigint {
  if (value < 2 ** 63) return BigInt.asUintN(64, toInteger64(value));
  return value < 2 ** 64 ? BigInt(Math.trunc(value)) : Number.isNaN(value) ? 2n ** 63n : 0n;
}

function withPrecision(digits: string, { precision }: Directive, isZero: boolean): string {
  if (precision === undefined) return digits;
  if (precision === 0 && isZero) return '';
  return digits.padStart(precision, '0');
}

function padNumber(directive: Directive, sign: string, digits: string, zeros: boolean): string {
  const { width } = directive;
  if (directive.zero && !directive.left && zeros) {
    return sign + digits.padStart(width - sign.length, '0');
  }
  return pad(directive, sign + digits);
}

function pad({ left, width }: Directive, text: string): string {
  return left ? text.padEnd(width) : text.padStart(width);
}
