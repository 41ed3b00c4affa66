/**
 * Lua 5.1's table library and `unpack`: raw access throughout, as there. Pays for what it moves, joins and walks over.
 */
import { numberText } from '../../lua-text/number-text.ts';
import { callGuest } from '../runtime/calls.ts';
import { raise } from '../runtime/errors.ts';
import { allocate, charge, chargeBytes, checkLength } from '../runtime/meter.ts';
import {
  checkFunction,
  checkInteger,
  checkTable,
  many,
  type Natives,
  nameNatives,
  none,
  one,
  optionalInteger,
  optionalText,
  three,
  two,
} from '../runtime/native.ts';
import { append, border, pull, rawGet, rawSet } from '../runtime/tables.ts';
import { Cursor } from '../runtime/traversal.ts';
import { type LuaTable, type LuaValue, typeName } from '../runtime/values.ts';
import { sort } from './table-sort.ts';

/** Stack slots of one call of a native, arguments and results: LUAI_MAXCSTACK. */
const MAX_VALUES = 8000;
/** Fewer values than this are moved one by one. */
const SHORT_TAIL = 24;
const ENTRY_BYTES = 16;
const TEXT_BYTES = 24;

function concat(t: LuaValue, separator: LuaValue, from: LuaValue, to: LuaValue): LuaValue {
  const given = arguments.length;
  const between = optionalText(separator, 2, given) ?? '';
  const table = checkTable(t, 1, given);
  const first = optionalInteger(from, 3, given, 1) | 0;
  const last = to === undefined ? border(table) : checkInteger(to, 4, given) | 0;
  if (first > last) return one('');
  const parts: string[] = [];
  let length = 0;
  for (let i = first; i <= last; i++) {
    charge(1);
    allocate(ENTRY_BYTES);
    const value = rawGet(table, i);
    const text = typeof value === 'string' ? value : textOf(value, i);
    length += text.length + between.length;
    checkLength(length - between.length);
    parts.push(text);
  }
  chargeBytes(length);
  allocate(length + TEXT_BYTES);
  return one(parts.join(between));
}

function textOf(value: LuaValue, i: number): string {
  if (typeof value === 'number') return numberText(value);
  return raise(`invalid value (${typeName(value)}) at index ${i} in table for 'concat'`);
}

function insert(t: LuaValue, position: LuaValue, value: LuaValue): LuaValue {
  const given = arguments.length;
  const table = checkTable(t, 1, given);
  if (given === 2) {
    if (position !== undefined) append(table, position);
    return none();
  }
  if (given !== 3) return raise("wrong number of arguments to 'insert'");
  const at = checkInteger(position, 2, given) | 0;
  const end = border(table) + 1;
  if (at >= end || at < 1) {
    for (let i = end; i > at; i--) {
      charge(1);
      rawSet(table, i, rawGet(table, i - 1));
    }
    rawSet(table, at, value);
  } else open(table, at, value);
  return none();
}

/** Moves the values from a place inside of the list on by one. */
function open(table: LuaTable, at: number, value: LuaValue): void {
  const { arr } = table;
  const last = arr.length - 1;
  charge((last - at) >> 4);
  allocate(ENTRY_BYTES);
  if (last - at < SHORT_TAIL) {
    arr.push(arr[last]);
    for (let i = last; i > at; i--) arr[i] = arr[i - 1];
    arr[at] = value;
  } else arr.splice(at, 0, value);
  if (table.hash !== null) pull(table.hash, arr);
}

function remove(t: LuaValue, position: LuaValue): LuaValue {
  const given = arguments.length;
  const table = checkTable(t, 1, given);
  const last = border(table);
  const at = position === undefined ? last : checkInteger(position, 2, given) | 0;
  if (at < 1 || at > last) return none();
  const { arr } = table;
  const value = arr[at];
  if (at === last) rawSet(table, at, undefined);
  else {
    // The last value, which is not nil, stays the last one.
    charge((last - at) >> 4);
    if (last - at < SHORT_TAIL) {
      for (let i = at; i < last; i++) arr[i] = arr[i + 1];
      arr.pop();
    } else arr.splice(at, 1);
  }
  return one(value);
}

function maxn(t: LuaValue): LuaValue {
  const table = checkTable(t, 1, arguments.length);
  let most = border(table);
  const { hash } = table;
  if (hash !== null) {
    const { keys, values } = hash;
    charge(keys.length >> 2);
    for (let slot = 0; slot < keys.length; slot++) {
      const key = keys[slot];
      if (typeof key === 'number' && key > most && values[slot] !== undefined) most = key;
    }
  }
  return one(most);
}

function getn(t: LuaValue): LuaValue {
  return one(border(checkTable(t, 1, arguments.length)));
}

function setn(t: LuaValue): LuaValue {
  checkTable(t, 1, arguments.length);
  return raise("'setn' is obsolete");
}

function foreach(t: LuaValue, f: LuaValue): LuaValue {
  const given = arguments.length;
  const cursor = new Cursor(checkTable(t, 1, given));
  const callee = checkFunction(f, 2, given);
  while (cursor.advance()) {
    charge(1);
    const result = callGuest(callee, cursor.key, cursor.value);
    if (result !== undefined) return one(result);
  }
  return none();
}

function foreachi(t: LuaValue, f: LuaValue): LuaValue {
  const given = arguments.length;
  const table = checkTable(t, 1, given);
  const callee = checkFunction(f, 2, given);
  const last = border(table);
  for (let i = 1; i <= last; i++) {
    charge(1);
    const result = callGuest(callee, i, rawGet(table, i));
    if (result !== undefined) return one(result);
  }
  return none();
}

/** `unpack`, which is in the base library. */
export function unpack(t: LuaValue, from: LuaValue, to: LuaValue): LuaValue {
  const given = arguments.length;
  const table = checkTable(t, 1, given);
  const first = optionalInteger(from, 2, given, 1) | 0;
  const last = to === undefined ? border(table) : checkInteger(to, 3, given) | 0;
  const count = last - first + 1;
  if (count <= 0) return none();
  if (given + count > MAX_VALUES) return raise('too many results to unpack');
  const value = rawGet(table, first);
  if (count === 1) return one(value);
  const second = rawGet(table, first + 1);
  if (count === 2) return two(value, second);
  if (count === 3) return three(value, second, rawGet(table, first + 2));
  charge(count >> 2);
  allocate(count * 8);
  if (first >= 0 && last < table.arr.length) return many(table.arr.slice(first, last + 1));
  const values: LuaValue[] = [];
  for (let i = first; i <= last; i++) values.push(rawGet(table, i));
  return many(values);
}

export const tableLibrary: Natives = nameNatives({
  concat,
  foreach,
  foreachi,
  getn,
  insert,
  maxn,
  remove,
  setn,
  sort,
});
