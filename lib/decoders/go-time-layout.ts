/**
 * Go's time layouts ("02/Jan/2006:15:04:05 -0700"): a layout is compiled once into elements, then parses texts as Go's
 * time.ParseInLocation does, lenient spaces and optional fractions included. What is read stays civil (year, month,
 * …, zone); civil-time.ts turns it into nanoseconds.
 */
import { MONTHS, WEEKDAYS } from '../protocol/calendar-names.ts';
import { CHUNK_TEXTS, type ChunkKind, FORMS_BY_FIRST } from './go-time-chunks.ts';

/** The zone as the text gave it. */
export type TextZone =
  | { readonly kind: 'none' }
  | { readonly kind: 'utc' }
  | { readonly kind: 'offset'; readonly seconds: number }
  /** An abbreviation such as "PST"; what it means depends on the location. */
  | { readonly kind: 'name'; readonly name: string };

export interface CivilTime {
  /** 0 when the layout has no year. */
  readonly year: number;
  /** 1 to 12; 1 when the layout has none. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
  readonly zone: TextZone;
}

type Element =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: ChunkKind; readonly text: string; readonly digits: number };

export interface GoTimeLayout {
  readonly text: string;
  readonly elements: readonly Element[];
}

const NANOSECOND_DIGITS = 9;

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}

function isLower(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 97 && code <= 122;
}

/** The element that starts exactly at `at`, or undefined when that character is literal. */
function elementAt(layout: string, at: number): Element | undefined {
  const first = layout.charAt(at);
  if (first === '.' || first === ',') {
    const digit = layout.charAt(at + 1);
    if (digit !== '0' && digit !== '9') return undefined;
    let end = at + 1;
    while (layout.charAt(end) === digit) end++;
    // A fraction ends before anything that is not a digit: ".0006" is text.
    if (isDigit(layout, end)) return undefined;
    const kind = digit === '0' ? 'fraction' : 'optionalFraction';
    return { kind, text: layout.slice(at, end), digits: end - at - 1 };
  }
  for (const form of FORMS_BY_FIRST.get(first) ?? []) {
    if (!layout.startsWith(form, at)) continue;
    // "_2006" is an underscore before the year; "Jan" inside "January" was tried before, "Janet" is no month.
    if (form === '_2' && layout.startsWith('_2006', at)) return undefined;
    if ((form === 'Jan' || form === 'Mon') && isLower(layout, at + form.length)) continue;
    return { kind: CHUNK_TEXTS[form] ?? 'year', text: form, digits: 0 };
  }
  return undefined;
}

export function compileGoLayout(text: string): GoTimeLayout {
  const elements: Element[] = [];
  let literal = '';
  for (let at = 0; at < text.length; ) {
    const element = elementAt(text, at);
    if (element === undefined) {
      literal += text.charAt(at++);
      continue;
    }
    if (literal !== '') elements.push({ kind: 'literal', text: literal });
    literal = '';
    elements.push(element);
    at += element.text.length;
  }
  if (literal !== '') elements.push({ kind: 'literal', text: literal });
  return { text, elements };
}

/** Reads one text; every method moves on or sets `failed`. */
class Reader {
  readonly #text: string;
  #at = 0;
  failed = false;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#at === this.#text.length;
  }

  fail(): number {
    this.failed = true;
    return 0;
  }

  peek(ahead = 0): string {
    return this.#text.charAt(this.#at + ahead);
  }

  digitAt(ahead: number): boolean {
    return isDigit(this.#text, this.#at + ahead);
  }

  skip(count: number): void {
    this.#at += count;
  }

  take(count: number): string {
    const part = this.#text.slice(this.#at, this.#at + count);
    this.#at += count;
    return part;
  }

  accept(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  /** Literal text; a run of spaces in the layout matches any run, also none at the end of the text. */
  literal(text: string): void {
    for (let i = 0; i < text.length && !this.failed; ) {
      if (text[i] === ' ') {
        if (!this.atEnd && this.peek() !== ' ') this.fail();
        while (text[i] === ' ') i++;
        this.spaces();
      } else if (text[i] === this.peek()) {
        i++;
        this.#at++;
      } else this.fail();
    }
  }

  spaces(): void {
    while (this.peek() === ' ') this.#at++;
  }

  /** Exactly `count` digits. */
  digits(count: number): number {
    for (let i = 0; i < count; i++) if (!this.digitAt(i)) return this.fail();
    return Number(this.take(count));
  }

  /** One or two digits, or exactly two. */
  number(two: boolean): number {
    if (!this.digitAt(0)) return this.fail();
    if (!this.digitAt(1)) return two ? this.fail() : this.digits(1);
    return this.digits(2);
  }

  within(value: number, least: number, most: number): number {
    return value < least || value > most ? this.fail() : value;
  }

  /** Index of the name that stands here, without regard to case. */
  name(names: readonly string[], length?: number): number {
    for (const [index, name] of names.entries()) {
      const form = length === undefined ? name : name.slice(0, length);
      const here = this.#text.slice(this.#at, this.#at + form.length);
      if (here.toLowerCase() === form.toLowerCase()) {
        this.#at += form.length;
        return index;
      }
    }
    return this.fail();
  }

  /** The digits of a fraction behind its separator, as nanoseconds. */
  fraction(count: number): number {
    for (let i = 1; i <= count; i++) if (!this.digitAt(i)) return this.fail();
    const digits = this.take(count + 1).slice(1, NANOSECOND_DIGITS + 1);
    return Number(digits.padEnd(NANOSECOND_DIGITS, '0'));
  }

  atFraction(): boolean {
    return (this.peek() === '.' || this.peek() === ',') && this.digitAt(1);
  }

  fractionLength(): number {
    let count = 0;
    while (this.digitAt(count + 1)) count++;
    return count;
  }

  /** Seconds east of UTC, in the shape of `form` ("-07:00", "-0700", "-07", with seconds too). */
  offset(form: string): number {
    const sign = this.peek() === '-' ? -1 : 1;
    if (this.peek() !== '+' && this.peek() !== '-') return this.fail();
    this.skip(1);
    const colon = form.includes(':');
    const parts = form.replace(/[^0-9]/g, '').length / 2;
    const units = [3600, 60, 1];
    let seconds = 0;
    for (let i = 0; i < parts && !this.failed; i++) {
      if (i > 0 && colon && !this.accept(':')) return this.fail();
      seconds += this.within(this.digits(2), 0, i === 0 ? 24 : 59) * (units[i] ?? 0);
    }
    return sign * seconds;
  }

  /** How long the abbreviation of a zone is that stands here; 0 for none. */
  zoneNameLength(): number {
    const rest = this.#text.slice(this.#at, this.#at + 12);
    const special = /^(?:ChST|MeST)/.exec(rest);
    if (special !== null) return 4;
    const gmt = /^GMT(?:[+-]\d{1,2})?/.exec(rest);
    if (gmt !== null) return Math.abs(Number(gmt[0].slice(3))) <= 23 ? gmt[0].length : 3;
    const signed = /^[+-]\d{1,2}/.exec(rest);
    if (signed !== null) return Math.abs(Number(signed[0])) <= 23 ? signed[0].length : 0;
    const upper = /^[A-Z]{0,6}/.exec(rest)?.[0] ?? '';
    if (upper.length === 3) return 3;
    if (upper.length === 4) return upper.endsWith('T') || upper === 'WITA' ? 4 : 0;
    return upper.length === 5 && upper.endsWith('T') ? 5 : 0;
  }
}

function daysIn(month: number, year: number): number {
  return new Date(Date.UTC(2000, month, 0)).getUTCDate() - (month === 2 && !isLeap(year) ? 1 : 0);
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** The time in `text`, or undefined when it does not follow the layout or names no real date. */
export function parseGoTime(layout: GoTimeLayout, text: string): CivilTime | undefined {
  const r = new Reader(text);
  const t = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0, nanosecond: 0 };
  let yearDay = 0;
  let half: 'am' | 'pm' | undefined;
  let zone: TextZone = { kind: 'none' };

  for (const [index, element] of layout.elements.entries()) {
    if (r.failed) return undefined;
    switch (element.kind) {
      case 'literal':
        r.literal(element.text);
        break;
      case 'year':
        t.year = r.digits(4);
        break;
      case 'shortYear':
        t.year = r.digits(2);
        t.year += t.year >= 69 ? 1900 : 2000;
        break;
      case 'monthName':
        t.month = r.name(MONTHS) + 1;
        break;
      case 'shortMonthName':
        t.month = r.name(MONTHS, 3) + 1;
        break;
      case 'month':
        t.month = r.within(r.number(element.text === '01'), 1, 12);
        break;
      case 'weekdayName':
        r.name(WEEKDAYS);
        break;
      case 'shortWeekdayName':
        r.name(WEEKDAYS, 3);
        break;
      case 'day':
        if (element.text === '_2' && r.peek() === ' ') r.skip(1);
        t.day = r.within(r.number(element.text === '02'), 1, 31);
        break;
      case 'yearDay': {
        const padded = element.text === '__2';
        for (let i = 0; padded && i < 2 && r.peek() === ' '; i++) r.skip(1);
        let width = 3;
        while (padded && width > 1 && !r.digitAt(width - 1)) width--;
        yearDay = r.within(r.digits(width), 1, 366);
        break;
      }
      case 'hour':
        t.hour = r.within(r.number(false), 0, 23);
        break;
      case 'hour12':
        t.hour = r.within(r.number(element.text === '03'), 0, 12);
        break;
      case 'minute':
        t.minute = r.within(r.number(element.text === '04'), 0, 59);
        break;
      case 'second': {
        t.second = r.within(r.number(element.text === '05'), 0, 59);
        // A fraction may follow though the layout has none.
        const next = layout.elements[index + 1]?.kind;
        const planned = next === 'fraction' || next === 'optionalFraction';
        if (!planned && r.atFraction()) t.nanosecond = r.fraction(r.fractionLength());
        break;
      }
      case 'half': {
        const word = r.take(2);
        const upper = element.text === 'PM';
        if (word === (upper ? 'PM' : 'pm')) half = 'pm';
        else if (word === (upper ? 'AM' : 'am')) half = 'am';
        else return undefined;
        break;
      }
      case 'fraction':
        if (r.peek() !== '.' && r.peek() !== ',') return undefined;
        t.nanosecond = r.fraction(element.digits);
        break;
      case 'optionalFraction':
        if (r.atFraction()) t.nanosecond = r.fraction(Math.min(r.fractionLength(), 9));
        break;
      case 'offsetOrZ':
        if (r.accept('Z')) {
          zone = { kind: 'utc' };
          break;
        }
        zone = { kind: 'offset', seconds: r.offset(element.text) };
        break;
      case 'offset':
        zone = { kind: 'offset', seconds: r.offset(element.text) };
        break;
      case 'zoneName': {
        if (r.accept('UTC')) {
          zone = { kind: 'utc' };
          break;
        }
        const length = r.zoneNameLength();
        if (length === 0) return undefined;
        zone = { kind: 'name', name: r.take(length) };
        break;
      }
      default:
        element satisfies never;
    }
  }
  if (r.failed || !r.atEnd) return undefined;
  if (half === 'pm' && t.hour < 12) t.hour += 12;
  else if (half === 'am' && t.hour === 12) t.hour = 0;
  if (yearDay > 0) {
    if (yearDay === 366 && !isLeap(t.year)) return undefined;
    const date = new Date(Date.UTC(isLeap(t.year) ? 2000 : 2001, 0, yearDay));
    const month = date.getUTCMonth() + 1;
    const day = date.getUTCDate();
    if ((t.month > 0 && t.month !== month) || (t.day > 0 && t.day !== day)) return undefined;
    t.month = month;
    t.day = day;
  }
  t.month ||= 1;
  t.day ||= 1;
  return t.day > daysIn(t.month, t.year) ? undefined : { ...t, zone };
}
