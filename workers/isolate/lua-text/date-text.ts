/**
 * Dates as os.date and os.time of Lua 5.1 know them, by the arithmetic of the Gregorian calendar, for all years that fit C's
 * struct tm. Time zone is UTC, locale C, texts are glibc's. Conversion specifiers are validated as lua_sandbox does.
 */
import { MONTHS, WEEKDAYS } from '../../../lib/protocol/calendar-names.ts';

const PLAIN = 'aAbBcCdDeFgGhHIjklmMnprRsStTuUVwWxXyYzZ%';
const AFTER_E = 'cCxXyY';
const AFTER_O = 'deHImMSuUVwWy';
const SECONDS_PER_DAY = 86_400;
/** Days from 0000-03-01, with which a cycle of 400 years begins, to 1970-01-01. */
const EPOCH_DAYS = 719_468;
const DAYS_PER_CYCLE = 146_097;

/** A point of time in parts. */
export interface DateParts {
  /** Seconds since 1970. */
  readonly seconds: number;
  readonly year: number;
  /** 1–12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Days since Sunday. */
  readonly weekday: number;
  /** Days since the first of January. */
  readonly yearDay: number;
}

/** Days from 1970 to the first day of a month (1–12). */
function daysBefore(year: number, month: number): number {
  // Years begin in March here, so that the leap day is their last.
  const shifted = month > 2 ? year : year - 1;
  const yearOfCycle = mod(shifted, 400);
  const days = Math.floor((153 * mod(month - 3, 12) + 2) / 5);
  return (
    Math.floor(shifted / 400) * DAYS_PER_CYCLE +
    yearOfCycle * 365 +
    Math.floor(yearOfCycle / 4) -
    Math.floor(yearOfCycle / 100) +
    days -
    EPOCH_DAYS
  );
}

/** What gmtime makes of whole seconds since 1970; undefined when the year does not fit. */
export function dateParts(seconds: number): DateParts | undefined {
  const days = Math.floor(seconds / SECONDS_PER_DAY);
  const rest = seconds - days * SECONDS_PER_DAY;
  const shifted = days + EPOCH_DAYS;
  const cycle = Math.floor(shifted / DAYS_PER_CYCLE);
  const dayOfCycle = shifted - cycle * DAYS_PER_CYCLE;
  const yearOfCycle = Math.floor(
    (dayOfCycle -
      Math.floor(dayOfCycle / 1460) +
      Math.floor(dayOfCycle / 36_524) -
      Math.floor(dayOfCycle / 146_096)) /
      365,
  );
  const marchDay =
    dayOfCycle - (365 * yearOfCycle + Math.floor(yearOfCycle / 4) - Math.floor(yearOfCycle / 100));
  const marchMonth = Math.floor((5 * marchDay + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const year = cycle * 400 + yearOfCycle + (month <= 2 ? 1 : 0);
  // As an int counts years from 1900.
  if (!(year - 1900 >= -(2 ** 31) && year - 1900 < 2 ** 31)) return undefined;
  return {
    seconds,
    year,
    month,
    day: marchDay - Math.floor((153 * marchMonth + 2) / 5) + 1,
    hour: Math.floor(rest / 3600),
    minute: Math.floor(rest / 60) % 60,
    second: rest % 60,
    weekday: mod(days + 4, 7),
    yearDay: days - daysBefore(year, 1),
  };
}

/**
 * What mktime makes of parts that may lie outside of their ranges, as integers of C; undefined for -1, which C takes
 * for a failure. Summer time, which UTC has not, is an hour ahead.
 */
export function secondsOf(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
  summer: boolean,
): number | undefined {
  const monthsFrom0 = (month - 1) | 0;
  const years = ((year - 1900) | 0) + 1900 + Math.floor(monthsFrom0 / 12);
  const days = daysBefore(years, mod(monthsFrom0, 12) + 1) + (day | 0) - 1;
  const clock = (hour | 0) * 3600 + (minute | 0) * 60 + (second | 0) - (summer ? 3600 : 0);
  const seconds = days * SECONDS_PER_DAY + clock;
  return seconds === -1 ? undefined : seconds;
}

/** The rest of a format from its first specifier that is none, or undefined. */
export function invalidSpecifier(format: string): string | undefined {
  for (let i = format.indexOf('%'); i >= 0; i = format.indexOf('%', i)) {
    const length = specifierLength(format, i + 1);
    if (length === 0) return format.slice(i);
    i += 1 + length;
  }
  return undefined;
}

/** Characters of the specifier that begins here, after its %; 0 if there is none of that name. */
function specifierLength(format: string, at: number): number {
  const first = format.charAt(at);
  const second = format.charAt(at + 1);
  if (second !== '' && first === 'E' && AFTER_E.includes(second)) return 2;
  if (second !== '' && first === 'O' && AFTER_O.includes(second)) return 2;
  return first !== '' && PLAIN.includes(first) ? 1 : 0;
}

/**
 * The text of a date by a format without invalid specifiers. `zone` is the time zone's name; `checkLength` is told the
 * length as the text grows, and may throw.
 */
export function dateText(
  format: string,
  parts: DateParts,
  zone: string,
  checkLength: (length: number) => void,
): string {
  let text = '';
  let from = 0;
  for (let i = format.indexOf('%'); i >= 0; i = format.indexOf('%', from)) {
    text += format.slice(from, i);
    from = i + 1 + specifierLength(format, i + 1);
    const letter = format.charAt(from - 1);
    text += letter === 'Z' ? zone : convert(letter, parts);
    checkLength(text.length);
  }
  checkLength(text.length + format.length - from);
  return text + format.slice(from);
}

function convert(letter: string, date: DateParts): string {
  const { year, weekday, hour } = date;
  const monthName = MONTHS[date.month - 1] ?? '';
  const dayName = WEEKDAYS[weekday] ?? '';
  switch (letter) {
    case 'a':
      return dayName.slice(0, 3);
    case 'A':
      return dayName;
    case 'b':
    case 'h':
      return monthName.slice(0, 3);
    case 'B':
      return monthName;
    case 'c':
      return `${dayName.slice(0, 3)} ${monthName.slice(0, 3)} ${blank(date.day)} ${clock(date)} ${year}`;
    case 'C':
      return String(Math.floor(year / 100));
    case 'd':
      return two(date.day);
    case 'D':
    case 'x':
      return `${two(date.month)}/${two(date.day)}/${two(mod(year, 100))}`;
    case 'e':
      return blank(date.day);
    case 'F':
      return `${year}-${two(date.month)}-${two(date.day)}`;
    case 'g':
      return two(mod(isoWeek(date).year, 100));
    case 'G':
      return String(isoWeek(date).year);
    case 'H':
      return two(hour);
    case 'I':
      return two(twelve(hour));
    case 'j':
      return String(date.yearDay + 1).padStart(3, '0');
    case 'k':
      return blank(hour);
    case 'l':
      return blank(twelve(hour));
    case 'm':
      return two(date.month);
    case 'M':
      return two(date.minute);
    case 'n':
      return '\n';
    case 'p':
      return hour < 12 ? 'AM' : 'PM';
    case 'r':
      return `${two(twelve(hour))}:${two(date.minute)}:${two(date.second)} ${hour < 12 ? 'AM' : 'PM'}`;
    case 'R':
      return `${two(hour)}:${two(date.minute)}`;
    case 's':
      return BigInt(date.seconds).toString();
    case 'S':
      return two(date.second);
    case 't':
      return '\t';
    case 'T':
    case 'X':
      return clock(date);
    case 'u':
      return String(weekday === 0 ? 7 : weekday);
    case 'U':
      return two(Math.floor((date.yearDay + 7 - weekday) / 7));
    case 'V':
      return two(isoWeek(date).week);
    case 'w':
      return String(weekday);
    case 'W':
      return two(Math.floor((date.yearDay + 7 - mod(weekday - 1, 7)) / 7));
    case 'y':
      return two(mod(year, 100));
    case 'Y':
      return String(year);
    case 'z':
      return '+0000';
    default:
      return '%';
  }
}

/** ISO 8601 week: its year and number. */
function isoWeek(date: DateParts): { year: number; week: number } {
  // The week belongs to the year of its Thursday.
  const thursday = date.yearDay + 3 - mod(date.weekday - 1, 7);
  const year =
    thursday < 0 ? date.year - 1 : thursday >= yearLength(date.year) ? date.year + 1 : date.year;
  const day =
    thursday < 0
      ? thursday + yearLength(year)
      : year > date.year
        ? thursday - yearLength(date.year)
        : thursday;
  return { year, week: Math.floor(day / 7) + 1 };
}

function yearLength(year: number): number {
  return daysBefore(year + 1, 1) - daysBefore(year, 1);
}

function twelve(hour: number): number {
  return hour % 12 === 0 ? 12 : hour % 12;
}

function clock(date: DateParts): string {
  return `${two(date.hour)}:${two(date.minute)}:${two(date.second)}`;
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

function blank(value: number): string {
  return value < 10 ? ` ${value}` : String(value);
}

function mod(value: number, by: number): number {
  return value - Math.floor(value / by) * by;
}
