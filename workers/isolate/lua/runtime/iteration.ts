/**
 * The generic `for`: loops over `next` and over `ipairs`' iterator walk the table directly; for everything else compiled
 * code calls the iterator.
 */
import { checkInteger, checkTable, nameNative, none, two } from './native.ts';
import { Cursor, next as nextEntry, rawGet } from './tables.ts';
import { LuaTable, type LuaValue } from './values.ts';

/** The native `next`. */
export function next(t: LuaValue, key: LuaValue): LuaValue {
  return nextEntry(checkTable(t, 1, arguments.length), key);
}
nameNative('next', next);

/** The iterator that `ipairs` returns. */
export function following(t: LuaValue, index: LuaValue): LuaValue {
  const position = checkInteger(index, 2, arguments.length) + 1;
  const table = checkTable(t, 1, arguments.length);
  const value = rawGet(table, position);
  return value === undefined ? none() : two(position, value);
}
nameNative('(for generator)', following);

class ListCursor {
  key = 0;
  value: LuaValue = undefined;
  readonly #table: LuaTable;

  constructor(table: LuaTable) {
    this.#table = table;
  }

  advance(): boolean {
    const key = this.key + 1;
    const table = this.#table;
    const value = key < table.arr.length ? table.arr[key] : rawGet(table, key);
    if (value === undefined) return false;
    this.key = key;
    this.value = value;
    return true;
  }
}

/** A cursor that does what calling `iterator` with these would do, or null. */
export function cursor(
  iterator: LuaValue,
  subject: LuaValue,
  control: LuaValue,
): Cursor | ListCursor | null {
  if (iterator === next) {
    if (control === undefined && subject instanceof LuaTable) return new Cursor(subject);
  } else if (iterator === following && control === 0 && subject instanceof LuaTable) {
    return new ListCursor(subject);
  }
  return null;
}
