/**
 * The part of Lua 5.1's os library that a sandbox keeps: clock, date, difftime, time. Time zone is UTC.
 */
import {
  type DateParts,
  dateParts,
  dateText,
  invalidSpecifier,
  secondsOf,
} from '../lua-text/date-text.ts';
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

function date(L: LuaState): number {
  const given = optionalText(L, 1) ?? '%c';
  // As C strings: what follows a NUL is not seen.
  let format = given.split('\0', 1)[0] ?? '';
  const seconds =
    optional(L, 2) === null ? Math.floor(Date.now() / 1000) : toInteger(checkNumber(L, 2));
  // Both are the same time here; only the name of the zone differs.
  const zone = format.startsWith('!') ? 'GMT' : 'UTC';
  if (zone === 'GMT') format = format.slice(1);
  const when = dateParts(seconds);
  if (when === undefined) return push(L, null);
  if (format === '*t') return push(L, dateTable(when));
  budget.charge(format.length);
  const wrong = invalidSpecifier(format);
  if (wrong !== undefined) argumentError(L, 1, `invalid conversion specifier '${wrong}'`);
  return pushText(L, dateText(format, when, zone, checkLength));
}

function checkLength(length: number): void {
  budget.checkLength(length);
}

function dateTable(when: DateParts): LuaTable {
  const table = new LuaTable();
  table.setText('sec', when.second);
  table.setText('min', when.minute);
  table.setText('hour', when.hour);
  table.setText('day', when.day);
  table.setText('month', when.month);
  table.setText('year', when.year);
  table.setText('wday', when.weekday + 1);
  table.setText('yday', when.yearDay + 1);
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
  const summer = given.getText('isdst');
  const isSummer = summer !== null && summer !== false;
  const seconds = secondsOf(year, month, day, hour, minute, second, isSummer);
  return seconds === undefined ? push(L, null) : pushNumber(L, seconds);
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
