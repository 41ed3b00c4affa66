/**
 * The part of Lua 5.1's os library that a sandbox keeps: clock, date, difftime, time. Time zone is UTC, locale C,
 * conversion specifiers are validated as lua_sandbox does.
 */
import { budget } from './budget.ts';
import { LuaTable } from './lua-table.ts';
import {
  argumentError,
  checkNumber,
  type NativeLibrary,
  optional,
  optionalText,
  push,
  pushNumber,
  pushText,
  raise,
  toInteger,
  toNumber,
  typeError,
} from './native.ts';
import type { LuaState } from './vm-types.ts';

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

const PLAIN = 'aAbBcCdDeFgGhHIjklmMnprRSstTuUVwWxXyYzZ%';
const AFTER_E = 'cCxXyY';
const AFTER_O = 'deHImMSuUVwWy';
/** Farthest that a JavaScript date reaches, seconds. */
const LAST_SECOND = 8.64e12;

function pad(value: number, width: number, fill = '0'): string {
  return String(value).padStart(width, fill);
}

function dayOfYear(date: Date): number {
  const first = new Date(date.getTime());
  first.setUTCMonth(0, 1);
  first.setUTCHours(0, 0, 0, 0);
  return Math.floor((date.getTime() - first.getTime()) / 86_400_000);
}

/** ISO 8601 week: its year and number. */
function isoWeek(date: Date): { year: number; week: number } {
  const thursday = new Date(date.getTime());
  thursday.setUTCDate(date.getUTCDate() + 3 - ((date.getUTCDay() + 6) % 7));
  return { year: thursday.getUTCFullYear(), week: Math.floor(dayOfYear(thursday) / 7) + 1 };
}

function convert(letter: string, date: Date): string {
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth();
  const day = date.getUTCDate();
  const weekday = date.getUTCDay();
  const hour = date.getUTCHours();
  const hour12 = hour % 12 === 0 ? 12 : hour % 12;
  const monthName = MONTHS[month] ?? '';
  const dayName = DAYS[weekday] ?? '';
  const minutes = pad(date.getUTCMinutes(), 2);
  const seconds = pad(date.getUTCSeconds(), 2);
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
      return `${dayName.slice(0, 3)} ${monthName.slice(0, 3)} ${pad(day, 2, ' ')} ${pad(hour, 2)}:${minutes}:${seconds} ${year}`;
    case 'C':
      return pad(Math.floor(year / 100), 2);
    case 'd':
      return pad(day, 2);
    case 'D':
    case 'x':
      return `${pad(month + 1, 2)}/${pad(day, 2)}/${pad(mod(year, 100), 2)}`;
    case 'e':
      return pad(day, 2, ' ');
    case 'F':
      return `${year}-${pad(month + 1, 2)}-${pad(day, 2)}`;
    case 'g':
      return pad(mod(isoWeek(date).year, 100), 2);
    case 'G':
      return String(isoWeek(date).year);
    case 'H':
      return pad(hour, 2);
    case 'I':
      return pad(hour12, 2);
    case 'j':
      return pad(dayOfYear(date) + 1, 3);
    case 'k':
      return pad(hour, 2, ' ');
    case 'l':
      return pad(hour12, 2, ' ');
    case 'm':
      return pad(month + 1, 2);
    case 'M':
      return minutes;
    case 'n':
      return '\n';
    case 'p':
      return hour < 12 ? 'AM' : 'PM';
    case 'P':
      return hour < 12 ? 'am' : 'pm';
    case 'r':
      return `${pad(hour12, 2)}:${minutes}:${seconds} ${hour < 12 ? 'AM' : 'PM'}`;
    case 'R':
      return `${pad(hour, 2)}:${minutes}`;
    case 'S':
      return seconds;
    case 's':
      return String(Math.floor(date.getTime() / 1000));
    case 't':
      return '\t';
    case 'T':
    case 'X':
      return `${pad(hour, 2)}:${minutes}:${seconds}`;
    case 'u':
      return String(weekday === 0 ? 7 : weekday);
    case 'U':
      return pad(Math.floor((dayOfYear(date) + 7 - weekday) / 7), 2);
    case 'V':
      return pad(isoWeek(date).week, 2);
    case 'w':
      return String(weekday);
    case 'W':
      return pad(Math.floor((dayOfYear(date) + 7 - ((weekday + 6) % 7)) / 7), 2);
    case 'y':
      return pad(mod(year, 100), 2);
    case 'Y':
      return String(year);
    case 'z':
      return '+0000';
    default:
      return '%';
  }
}

function mod(value: number, by: number): number {
  return ((value % by) + by) % by;
}

function date(L: LuaState): number {
  const given = optionalText(L, 1) ?? '%c';
  // As C strings: what follows a NUL is not seen.
  let format = given.split('\0', 1)[0] ?? '';
  const seconds =
    optional(L, 2) === null ? Math.floor(Date.now() / 1000) : toInteger(checkNumber(L, 2));
  // Both are the same time here; only the name of the zone differs.
  const zone = format.startsWith('!') ? 'GMT' : 'UTC';
  if (zone === 'GMT') format = format.slice(1);
  if (Math.abs(seconds) > LAST_SECOND) return push(L, null);
  const when = new Date(seconds * 1000);
  if (format.startsWith('*t')) return push(L, dateTable(when));
  budget.charge(format.length);
  let text = '';
  for (let i = 0; i < format.length; i++) {
    if (format.charAt(i) !== '%') {
      text += format.charAt(i);
      continue;
    }
    const first = format.charAt(i + 1);
    const second = format.charAt(i + 2);
    const modified =
      second !== '' &&
      ((first === 'E' && AFTER_E.includes(second)) || (first === 'O' && AFTER_O.includes(second)));
    if (!modified && (first === '' || !PLAIN.includes(first))) {
      return argumentError(L, 1, `invalid conversion specifier '${format.slice(i)}'`);
    }
    text += first === 'Z' ? zone : convert(modified ? second : first, when);
    i += modified ? 2 : 1;
    budget.checkLength(text.length);
  }
  return pushText(L, text);
}

function dateTable(when: Date): LuaTable {
  const table = new LuaTable();
  table.setText('sec', when.getUTCSeconds());
  table.setText('min', when.getUTCMinutes());
  table.setText('hour', when.getUTCHours());
  table.setText('day', when.getUTCDate());
  table.setText('month', when.getUTCMonth() + 1);
  table.setText('year', when.getUTCFullYear());
  table.setText('wday', when.getUTCDay() + 1);
  table.setText('yday', dayOfYear(when) + 1);
  table.setText('isdst', false);
  return table;
}

function field(L: LuaState, table: LuaTable, name: string, otherwise: number | undefined): number {
  const value = toNumber(table.getText(name));
  if (value !== undefined) return toInteger(value);
  return otherwise ?? raise(L, `field '${name}' missing in date table`);
}

function time(L: LuaState): number {
  const given = optional(L, 1);
  if (given === null) return pushNumber(L, Math.floor(Date.now() / 1000));
  if (!(given instanceof LuaTable)) return typeError(L, 1, 'table');
  const second = field(L, given, 'sec', 0);
  const minute = field(L, given, 'min', 0);
  const hour = field(L, given, 'hour', 12);
  const day = field(L, given, 'day', undefined);
  const month = field(L, given, 'month', undefined);
  const year = field(L, given, 'year', undefined);
  const when = new Date(0);
  when.setUTCFullYear(year, month - 1, day);
  when.setUTCHours(hour, minute, second, 0);
  const result = when.getTime() / 1000;
  return Number.isNaN(result) ? push(L, null) : pushNumber(L, result);
}

/** The library; `clock` counts from when it was made. */
export function makeOsLibrary(): NativeLibrary {
  const started = Date.now();
  return {
    clock: (L) => pushNumber(L, (Date.now() - started) / 1000),
    date,
    difftime: (L) =>
      pushNumber(L, checkNumber(L, 1) - (optional(L, 2) === null ? 0 : checkNumber(L, 2))),
    time,
  };
}
