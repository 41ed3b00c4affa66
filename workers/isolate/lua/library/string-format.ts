/**
 * string.format: C's printf as Lua 5.1 calls it. A format is read once and kept as a list of directives; the commonest
 * directives have a short way.
 */
import { flatten } from '../../lua-text/flat-text.ts';
import { fixed, general } from '../../lua-text/number-text.ts';
import {
  type Directive,
  formatFloat,
  formatInteger,
  formatText,
  formatUnsigned,
  parseDirective,
  quoted,
} from '../../lua-text/string-format.ts';
import { argumentError, raise } from '../runtime/errors.ts';
import { allocate, charge, chargeBytes, checkLength } from '../runtime/meter.ts';
import { checkNumber, checkText } from '../runtime/native.ts';
import type { LuaValue } from '../runtime/values.ts';

/** One directive and the text before it. */
interface Part {
  readonly literal: string;
  /** The conversion letter's code; 0 when the directive is faulty. */
  readonly letter: number;
  /** Neither flags nor width nor precision. */
  readonly bare: boolean;
  /** Neither flags but `0` and `-` nor a precision. */
  readonly padded: boolean;
  /** A precision only. */
  readonly precise: boolean;
  readonly directive: Directive;
  /** What is wrong with it. */
  readonly fault: string | undefined;
}

interface Format {
  readonly parts: readonly Part[];
  readonly tail: string;
}

/** Formats that are kept, and how long each may be. */
const MAX_FORMATS = 200;
const MAX_KEPT = 256;
/** Results up to this length are made flat at once. */
const FLAT = 1024;
/** Texts of at least this length are copied as they are by a %s without a precision: PUC's MAX_ITEM. */
const LONG_TEXT = 100;
const STRING_BYTES = 32;
/** Floats from here on are written with all their digits. */
const HUGE = 1e21;
const HUGE_CHARGE = 50;

const LETTERS = 'cdiouxXeEfgGqs';

const formats = new Map<string, Format>();
let lastTemplate = '';
let lastFormat: Format = { parts: [], tail: '' };

function formatOf(template: string): Format {
  if (template === lastTemplate) return lastFormat;
  let format = formats.get(template);
  if (format === undefined) {
    charge(1 + (template.length >> 2));
    format = parseFormat(template);
    if (template.length <= MAX_KEPT) {
      if (formats.size >= MAX_FORMATS) formats.clear();
      formats.set(template, format);
    }
  }
  if (template.length <= MAX_KEPT) {
    lastTemplate = template;
    lastFormat = format;
  }
  return format;
}

const NO_DIRECTIVE = parseDirective('s', 0) as Directive; // it has no fault

function parseFormat(template: string): Format {
  const parts: Part[] = [];
  let literal = '';
  let from = 0;
  for (;;) {
    const at = template.indexOf('%', from);
    if (at < 0) return { parts, tail: literal + template.slice(from) };
    literal += template.slice(from, at);
    if (template.charAt(at + 1) === '%') {
      literal += '%';
      from = at + 2;
      continue;
    }
    const directive = parseDirective(template, at + 1);
    if (typeof directive === 'string') {
      parts.push(faultyPart(literal, directive));
      return { parts, tail: '' };
    }
    const { letter } = directive;
    if (letter === '' || !LETTERS.includes(letter)) {
      const shown = letter === '\0' ? '' : letter;
      parts.push(faultyPart(literal, `invalid option '%${shown}' to 'format'`));
      return { parts, tail: '' };
    }
    const unflagged = directive.sign === '' && !directive.alternate;
    const unpadded = directive.width === 0;
    parts.push({
      literal,
      letter: letter.charCodeAt(0),
      bare: unflagged && unpadded && directive.precision === undefined,
      padded: unflagged && directive.precision === undefined,
      precise: unflagged && unpadded && directive.precision !== undefined,
      directive,
      fault: undefined,
    });
    literal = '';
    from = directive.end;
  }
}

function faultyPart(literal: string, fault: string): Part {
  const directive = NO_DIRECTIVE;
  return { literal, letter: 0, bare: false, padded: false, precise: false, directive, fault };
}

export function format(template: LuaValue, ...values: LuaValue[]): LuaValue {
  const given = values.length + 1;
  const wanted = typeof template === 'string' ? template : checkText(template, 1, arguments.length);
  const { parts, tail } = formatOf(wanted);
  charge(1 + 2 * parts.length + (wanted.length >> 6));
  let text = '';
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as Part; // the index is within
    if (part.literal !== '') text += part.literal;
    if (i >= values.length) argumentError(i + 2, 'no value');
    const value = values[i];
    switch (part.letter) {
      case 115: // s
        text += stringText(
          part,
          typeof value === 'string' ? value : checkText(value, i + 2, given),
        );
        checkLength(text.length);
        break;
      case 100: // d
      case 105: // i
        text += integerText(part, checkNumber(value, i + 2, given));
        break;
      case 102: // f
        text += fixedText(part, checkNumber(value, i + 2, given));
        break;
      case 120: // x
      case 88: // X
      case 111: // o
      case 117: // u
        text += unsignedText(part, checkNumber(value, i + 2, given));
        break;
      case 99: // c
        text += characterText(part.directive, checkNumber(value, i + 2, given));
        break;
      case 113: {
        // q
        const content = checkText(value, i + 2, given);
        checkLength(text.length + content.length);
        charge(content.length >> 2);
        allocate(4 * content.length);
        text += quoted(content);
        break;
      }
      case 0:
        raise(part.fault ?? '');
        break;
      default:
        text += floatText(part, checkNumber(value, i + 2, given));
    }
    checkLength(text.length);
  }
  if (tail !== '') text += tail;
  checkLength(text.length);
  allocate(STRING_BYTES + text.length);
  $count = 1;
  return text.length <= FLAT ? flatten(text) : text;
}

function stringText({ bare, directive }: Part, text: string): string {
  if (text.length >= LONG_TEXT && directive.precision === undefined) {
    chargeBytes(text.length);
    return text;
  }
  chargeBytes(text.length);
  // As a C string: what follows a NUL is not seen.
  const nul = text.indexOf('\0');
  const seen = nul < 0 ? text : text.slice(0, nul);
  return bare ? seen : formatText(directive, seen);
}

function integerText({ bare, padded, directive }: Part, value: number): string {
  const whole = Math.trunc(value);
  if (padded && Number.isSafeInteger(whole)) {
    const text = String(whole);
    if (bare) return text;
    const { width, left, zero } = directive;
    if (left) return text.padEnd(width);
    if (!zero) return text.padStart(width);
    return whole < 0 ? `-${text.slice(1).padStart(width - 1, '0')}` : text.padStart(width, '0');
  }
  return formatInteger(directive, value);
}

function unsignedText({ padded, letter, directive }: Part, value: number): string {
  const whole = Math.trunc(value);
  if (padded && whole >= 0 && Number.isSafeInteger(whole)) {
    const base = letter === 117 ? 10 : letter === 111 ? 8 : 16;
    const digits = whole.toString(base);
    const text = letter < 97 ? digits.toUpperCase() : digits;
    const { width, left, zero } = directive;
    return left ? text.padEnd(width) : text.padStart(width, zero ? '0' : ' ');
  }
  return formatUnsigned(directive, value);
}

function fixedText({ precise, directive }: Part, value: number): string {
  if (Math.abs(value) >= HUGE) charge(HUGE_CHARGE);
  if (precise) return fixed(value, directive.precision ?? 0, false);
  return formatFloat(directive, value);
}

function floatText({ bare, precise, letter, directive }: Part, value: number): string {
  if ((bare || precise) && letter === 103) {
    return general(value, directive.precision ?? 6, false); // %g
  }
  if (Math.abs(value) >= HUGE) charge(HUGE_CHARGE);
  return formatFloat(directive, value);
}

/** %c: C's printf writes a NUL, but Lua 5.1 takes only what is before it. */
function characterText(directive: Directive, value: number): string {
  const code = Math.trunc(value) & 255;
  const { left, width } = directive;
  if (code === 0) return left ? '' : ' '.repeat(Math.max(width - 1, 0));
  const text = String.fromCharCode(code);
  return left ? text.padEnd(width) : text.padStart(width);
}
