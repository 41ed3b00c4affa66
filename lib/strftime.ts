/**
 * C's strftime for output paths and time prefixes, in the machine's own time zone and with English names.
 * An unknown directive stays in the text as it is written.
 */
import { MONTHS, WEEKDAYS } from './protocol/calendar-names.ts';

const MS_PER_DAY = 86_400_000;
const NS_PER_MS = 1_000_000n;

const zoneName = new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' });

function pad(value: number, width: number, fill = '0'): string {
  return String(value).padStart(width, fill);
}

/** The local civil day as a count of days, so that differences are whole. */
function dayNumber(date: Date): number {
  return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / MS_PER_DAY;
}

function dayOfYear(date: Date): number {
  return dayNumber(date) - Date.UTC(date.getFullYear(), 0, 1) / MS_PER_DAY + 1;
}

/** ISO 8601: the week belongs to the year that holds its Thursday. */
function isoWeek(date: Date): { readonly year: number; readonly week: number } {
  const thursday = new Date((dayNumber(date) - ((date.getDay() + 6) % 7) + 3) * MS_PER_DAY);
  const year = thursday.getUTCFullYear();
  const first = Date.UTC(year, 0, 1);
  return { year, week: Math.floor((thursday.getTime() - first) / MS_PER_DAY / 7) + 1 };
}

function offsetText(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(size / 60), 2)}${pad(size % 60, 2)}`;
}

function hour12(date: Date): number {
  return date.getHours() % 12 || 12;
}

function directive(letter: string, date: Date, ns: number): string | undefined {
  const day = WEEKDAYS[date.getDay()] ?? '';
  const month = MONTHS[date.getMonth()] ?? '';
  const all = (format: string): string => expand(format, date, ns);
  switch (letter) {
    case 'a':
      return day.slice(0, 3);
    case 'A':
      return day;
    case 'b':
    case 'h':
      return month.slice(0, 3);
    case 'B':
      return month;
    case 'c':
      return all('%a %b %e %H:%M:%S %Y');
    case 'C':
      return pad(Math.floor(date.getFullYear() / 100), 2);
    case 'd':
      return pad(date.getDate(), 2);
    case 'D':
    case 'x':
      return all('%m/%d/%y');
    case 'e':
      return pad(date.getDate(), 2, ' ');
    case 'f':
      return pad(Math.floor(ns / 1000), 6);
    case 'F':
      return all('%Y-%m-%d');
    case 'G':
      return String(isoWeek(date).year);
    case 'g':
      return pad(isoWeek(date).year % 100, 2);
    case 'H':
      return pad(date.getHours(), 2);
    case 'I':
      return pad(hour12(date), 2);
    case 'j':
      return pad(dayOfYear(date), 3);
    case 'k':
      return pad(date.getHours(), 2, ' ');
    case 'l':
      return pad(hour12(date), 2, ' ');
    case 'L':
      return pad(Math.floor(ns / 1_000_000), 3);
    case 'm':
      return pad(date.getMonth() + 1, 2);
    case 'M':
      return pad(date.getMinutes(), 2);
    case 'n':
      return '\n';
    case 'N':
      return pad(ns, 9);
    case 'p':
      return date.getHours() < 12 ? 'AM' : 'PM';
    case 'P':
      return date.getHours() < 12 ? 'am' : 'pm';
    case 'r':
      return all('%I:%M:%S %p');
    case 'R':
      return all('%H:%M');
    case 's':
      return String(Math.floor(date.getTime() / 1000));
    case 'S':
      return pad(date.getSeconds(), 2);
    case 't':
      return '\t';
    case 'T':
    case 'X':
      return all('%H:%M:%S');
    case 'u':
      return String(date.getDay() || 7);
    case 'U':
      return pad(Math.floor((dayOfYear(date) + 6 - date.getDay()) / 7), 2);
    case 'V':
      return pad(isoWeek(date).week, 2);
    case 'w':
      return String(date.getDay());
    case 'W':
      return pad(Math.floor((dayOfYear(date) + 6 - ((date.getDay() + 6) % 7)) / 7), 2);
    case 'y':
      return pad(date.getFullYear() % 100, 2);
    case 'Y':
      return pad(date.getFullYear(), 4);
    case 'z':
      return offsetText(date);
    case 'Z':
      return zoneName.formatToParts(date).find((part) => part.type === 'timeZoneName')?.value ?? '';
    case '%':
      return '%';
    default:
      return undefined;
  }
}

function expand(format: string, date: Date, ns: number): string {
  return format.replace(/%(.)/gs, (whole, letter: string) => directive(letter, date, ns) ?? whole);
}

/** `timeNs` (nanoseconds since the epoch) as `format` says. */
export function strftime(format: string, timeNs: bigint): string {
  const ms = timeNs >= 0n ? timeNs / NS_PER_MS : (timeNs - (NS_PER_MS - 1n)) / NS_PER_MS;
  const date = new Date(Number(ms));
  if (Number.isNaN(date.getTime())) return format; // beyond what a Date holds: about year 275,760
  const ns = Number(timeNs - ms * NS_PER_MS) + date.getMilliseconds() * 1_000_000;
  return expand(format, date, ns);
}
