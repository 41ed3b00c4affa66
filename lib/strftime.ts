/**
 * C's strftime for output paths, time prefixes and names of indices, in the machine's own time zone or in UTC, and with
 * English names. An unknown directive stays in the text as it is written.
 */
import { MONTHS, WEEKDAYS } from './protocol/calendar-names.ts';

const MS_PER_DAY = 86_400_000;
const NS_PER_MS = 1_000_000n;

const zoneName = new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' });

function pad(value: number, width: number, fill = '0'): string {
  return String(value).padStart(width, fill);
}

/** A moment as clocks and calendars of one zone show it. */
interface Civil {
  readonly moment: Date;
  readonly year: number;
  /** 0 to 11. */
  readonly month: number;
  readonly day: number;
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
  /** 0 is Sunday. */
  readonly weekday: number;
  /** Ahead of UTC. */
  readonly offsetMinutes: number;
  readonly zone: string;
}

function localCivil(moment: Date): Civil {
  return {
    moment,
    year: moment.getFullYear(),
    month: moment.getMonth(),
    day: moment.getDate(),
    hours: moment.getHours(),
    minutes: moment.getMinutes(),
    seconds: moment.getSeconds(),
    weekday: moment.getDay(),
    offsetMinutes: -moment.getTimezoneOffset(),
    get zone() {
      return (
        zoneName.formatToParts(moment).find((part) => part.type === 'timeZoneName')?.value ?? ''
      );
    },
  };
}

function utcCivil(moment: Date): Civil {
  return {
    moment,
    year: moment.getUTCFullYear(),
    month: moment.getUTCMonth(),
    day: moment.getUTCDate(),
    hours: moment.getUTCHours(),
    minutes: moment.getUTCMinutes(),
    seconds: moment.getUTCSeconds(),
    weekday: moment.getUTCDay(),
    offsetMinutes: 0,
    zone: 'UTC',
  };
}

/** The civil day as a count of days, so that differences are whole. */
function dayNumber(at: Civil): number {
  return Date.UTC(at.year, at.month, at.day) / MS_PER_DAY;
}

function dayOfYear(at: Civil): number {
  return dayNumber(at) - Date.UTC(at.year, 0, 1) / MS_PER_DAY + 1;
}

/** ISO 8601: the week belongs to the year that holds its Thursday. */
function isoWeek(at: Civil): { readonly year: number; readonly week: number } {
  const thursday = new Date((dayNumber(at) - ((at.weekday + 6) % 7) + 3) * MS_PER_DAY);
  const year = thursday.getUTCFullYear();
  const first = Date.UTC(year, 0, 1);
  return { year, week: Math.floor((thursday.getTime() - first) / MS_PER_DAY / 7) + 1 };
}

function offsetText(at: Civil): string {
  const minutes = at.offsetMinutes;
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(size / 60), 2)}${pad(size % 60, 2)}`;
}

function hour12(at: Civil): number {
  return at.hours % 12 || 12;
}

function directive(letter: string, at: Civil, ns: number): string | undefined {
  const day = WEEKDAYS[at.weekday] ?? '';
  const month = MONTHS[at.month] ?? '';
  const all = (format: string): string => expand(format, at, ns);
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
      return pad(Math.floor(at.year / 100), 2);
    case 'd':
      return pad(at.day, 2);
    case 'D':
    case 'x':
      return all('%m/%d/%y');
    case 'e':
      return pad(at.day, 2, ' ');
    case 'f':
      return pad(Math.floor(ns / 1000), 6);
    case 'F':
      return all('%Y-%m-%d');
    case 'G':
      return String(isoWeek(at).year);
    case 'g':
      return pad(isoWeek(at).year % 100, 2);
    case 'H':
      return pad(at.hours, 2);
    case 'I':
      return pad(hour12(at), 2);
    case 'j':
      return pad(dayOfYear(at), 3);
    case 'k':
      return pad(at.hours, 2, ' ');
    case 'l':
      return pad(hour12(at), 2, ' ');
    case 'L':
      return pad(Math.floor(ns / 1_000_000), 3);
    case 'm':
      return pad(at.month + 1, 2);
    case 'M':
      return pad(at.minutes, 2);
    case 'n':
      return '\n';
    case 'N':
      return pad(ns, 9);
    case 'p':
      return at.hours < 12 ? 'AM' : 'PM';
    case 'P':
      return at.hours < 12 ? 'am' : 'pm';
    case 'r':
      return all('%I:%M:%S %p');
    case 'R':
      return all('%H:%M');
    case 's':
      return String(Math.floor(at.moment.getTime() / 1000));
    case 'S':
      return pad(at.seconds, 2);
    case 't':
      return '\t';
    case 'T':
    case 'X':
      return all('%H:%M:%S');
    case 'u':
      return String(at.weekday || 7);
    case 'U':
      return pad(Math.floor((dayOfYear(at) + 6 - at.weekday) / 7), 2);
    case 'V':
      return pad(isoWeek(at).week, 2);
    case 'w':
      return String(at.weekday);
    case 'W':
      return pad(Math.floor((dayOfYear(at) + 6 - ((at.weekday + 6) % 7)) / 7), 2);
    case 'y':
      return pad(at.year % 100, 2);
    case 'Y':
      return pad(at.year, 4);
    case 'z':
      return offsetText(at);
    case 'Z':
      return at.zone;
    case '%':
      return '%';
    default:
      return undefined;
  }
}

function expand(format: string, at: Civil, ns: number): string {
  return format.replace(/%(.)/gs, (whole, letter: string) => directive(letter, at, ns) ?? whole);
}

/** `timeNs` (nanoseconds since the epoch) as `format` says, in that zone. */
export function strftime(format: string, timeNs: bigint, zone: 'local' | 'utc' = 'local'): string {
  const ms = timeNs >= 0n ? timeNs / NS_PER_MS : (timeNs - (NS_PER_MS - 1n)) / NS_PER_MS;
  const date = new Date(Number(ms));
  if (Number.isNaN(date.getTime())) return format; // beyond what a Date holds: about year 275,760
  const ns = Number(timeNs - ms * NS_PER_MS) + date.getMilliseconds() * 1_000_000;
  return expand(format, zone === 'utc' ? utcCivil(date) : localCivil(date), ns);
}
