/**
 * The part of Lua 5.1's os library that a sandbox keeps: clock, date, difftime, time. Time zone is UTC.
 */
import {
  type DateParts,
  dateParts,
  dateText,
  invalidSpecifier,
  secondsOf,
} from '../../lua-text/date-text.ts';
import { index } from '../runtime/access.ts';
import { argumentError, raise } from '../runtime/errors.ts';
import { allocate, charge, checkLength } from '../runtime/meter.ts';
import {
  checkNumber,
  checkTable,
  type Natives,
  nameNatives,
  one,
  optionalNumber,
  optionalText,
  toInteger,
  toNumber,
} from '../runtime/native.ts';
import { rawSet } from '../runtime/tables.ts';
import { LuaTable, type LuaValue } from '../runtime/values.ts';

const DATE_TABLE_BYTES = 1024;

function date(format: LuaValue, time: LuaValue): LuaValue {
  const given = arguments.length;
  // As C strings: what follows a NUL is not seen.
  let form = (optionalText(format, 1, given) ?? '%c').split('\0', 1)[0] ?? '';
  const seconds = time === undefined ? now() : toInteger(checkNumber(time, 2, given));
  // Both are the same time here; only the name of the zone differs.
  const zone = form.startsWith('!') ? 'GMT' : 'UTC';
  if (zone === 'GMT') form = form.slice(1);
  const parts = dateParts(seconds);
  if (parts === undefined) return one(undefined);
  if (form === '*t') return one(dateTable(parts));
  charge(form.length);
  const wrong = invalidSpecifier(form);
  if (wrong !== undefined) return argumentError(1, `invalid conversion specifier '${wrong}'`);
  const text = dateText(form, parts, zone, checkLength);
  allocate(text.length);
  return one(text);
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}

function dateTable(parts: DateParts): LuaTable {
  allocate(DATE_TABLE_BYTES);
  const table = new LuaTable();
  rawSet(table, 'sec', parts.second);
  rawSet(table, 'min', parts.minute);
  rawSet(table, 'hour', parts.hour);
  rawSet(table, 'day', parts.day);
  rawSet(table, 'month', parts.month);
  rawSet(table, 'year', parts.year);
  rawSet(table, 'wday', parts.weekday + 1);
  rawSet(table, 'yday', parts.yearDay + 1);
  rawSet(table, 'isdst', false);
  return table;
}

function time(table: LuaValue): LuaValue {
  if (table === undefined) return one(now());
  const date = checkTable(table, 1, arguments.length);
  const second = field(date, 'sec', 0);
  const minute = field(date, 'min', 0);
  const hour = field(date, 'hour', 12);
  const day = field(date, 'day', undefined);
  const month = field(date, 'month', undefined);
  const year = field(date, 'year', undefined);
  const summer = index(date, 'isdst');
  const isSummer = summer !== undefined && summer !== false;
  return one(secondsOf(year, month, day, hour, minute, second, isSummer));
}

function field(table: LuaTable, name: string, otherwise: number | undefined): number {
  const value = toNumber(index(table, name));
  if (value !== undefined) return toInteger(value);
  return otherwise ?? raise(`field '${name}' missing in date table`);
}

function difftime(later: LuaValue, earlier: LuaValue): LuaValue {
  const given = arguments.length;
  const end = checkNumber(later, 1, given);
  return one(end - optionalNumber(earlier, 2, given, 0));
}

/** The library; `clock` counts from when it was made. */
export function makeOsLibrary(): Natives {
  const started = Date.now();
  return nameNatives({
    clock: () => one((Date.now() - started) / 1000),
    date,
    difftime,
    time,
  });
}
