/**
 * Walks over tables: from 1 to the end of the array part, t[0], the fields in the order of their making, the hash in the
 * order of its slots. What a program clears on the way is passed over; if it adds keys, a walk may miss some, but ends.
 */
import { raiseHere } from './errors.ts';
import { fieldOf } from './fields.ts';
import { charge } from './meter.ts';
import { mapOf, rawGet } from './tables.ts';
import type { Fields, Hash, LuaTable, LuaValue } from './values.ts';

/** Entries passed over for the price of one instruction. */
const PASSED_PER_CHARGE = 8;
/** Members of a table that are not fields. They come first in every table. */
const MEMBERS = 3;
const NO_FIELDS: readonly string[] = [];
/** Lists of fields that `next` keeps, each of a table whose fields it is walking over. */
const KEPT_LISTS = 8;
/** Lists longer than this get a map from property to place. */
const SHORT_LIST = 8;

const names = new Map<string, string>();

/** The name that a property stands for: always the same string, so that its hash is known. */
function nameOf(property: string): string {
  let name = names.get(property);
  if (name === undefined) {
    name = property.slice(1);
    names.set(property, name);
  }
  return name;
}

/** The properties of a table that are fields, in the order of their making. */
function properties(t: LuaTable): readonly string[] {
  // Most tables have none, which is quicker to see in this way.
  if (!hasFields(t)) return NO_FIELDS;
  const all = Object.keys(t);
  if (all.length >= 16) charge(all.length >> 3);
  return all.slice(MEMBERS);
}

/** Has it ever had a field? */
export function hasFields(t: LuaTable): boolean {
  let count = 0;
  for (const _ in t) if (++count > MEMBERS) return true;
  return false;
}

function fieldsOf(t: LuaTable): Fields {
  return t as unknown as Fields; // only ever asked for properties that begin with $
}

function payForPassed(count: number): void {
  if (count >= PASSED_PER_CHARGE) charge(Math.floor(count / PASSED_PER_CHARGE));
}

/** A traversal of one table that keeps its place: `while (cursor.advance())`, then `key` and `value`. */
export class Cursor {
  key: LuaValue = undefined;
  value: LuaValue = undefined;
  readonly #table: LuaTable;
  /** Next index of the array part, and where it ends; set to -1 by t[0]. */
  #index = 1;
  #end: number;
  /** Then: next of the fields, next slot of the hash. Each list is as long as it was when the walk came to it. */
  #fields: readonly string[] | undefined = undefined;
  #field = 0;
  #hash: Hash | null = null;
  #slot = 0;
  #slots = -1;

  constructor(t: LuaTable) {
    this.#table = t;
    this.#end = t.arr.length;
  }

  /** Goes to the next entry; false at the end. */
  advance(): boolean {
    const end = this.#end;
    const from = this.#index;
    if (from < end) {
      const { arr } = this.#table;
      for (let i = from; i < end; i++) {
        const value = arr[i];
        if (value === undefined) continue;
        payForPassed(i - from);
        this.#index = i + 1;
        this.key = i;
        this.value = value;
        return true;
      }
      payForPassed(end - from);
      this.#index = end;
    }
    return this.#slots < 0 ? this.#advanceField() : this.#advanceSlot();
  }

  #advanceField(): boolean {
    const t = this.#table;
    if (this.#fields === undefined) {
      this.#fields = properties(t);
      const value = t.arr[0];
      if (value !== undefined) {
        this.key = 0;
        this.value = value;
        return true;
      }
    }
    const fields = this.#fields;
    const from = this.#field;
    for (let i = from; i < fields.length; i++) {
      const property = fields[i] ?? '';
      const value = fieldsOf(t)[property];
      if (value === undefined) continue;
      payForPassed(i - from);
      this.#field = i + 1;
      this.key = nameOf(property);
      this.value = value;
      return true;
    }
    payForPassed(fields.length - from);
    this.#field = fields.length;
    this.#hash = t.hash;
    this.#slots = t.hash === null ? 0 : t.hash.keys.length;
    return this.#advanceSlot();
  }

  #advanceSlot(): boolean {
    const hash = this.#hash;
    if (hash === null) return false;
    const from = this.#slot;
    // After a rehash the old keys are walked on, with the table's values.
    const same = hash === this.#table.hash;
    for (let slot = from; slot < this.#slots; slot++) {
      const value = same ? hash.values[slot] : rawGet(this.#table, hash.keys[slot]);
      if (value === undefined) continue;
      payForPassed(slot - from);
      this.#slot = slot + 1;
      this.key = hash.keys[slot];
      this.value = value;
      return true;
    }
    payForPassed(this.#slots - from);
    this.#slot = this.#slots;
    return false;
  }
}

/** The native `next`, without its check of the table: the entry after a key, or nil. Each step is O(1), amortised. */
export function next(t: LuaTable, key: LuaValue): LuaValue {
  if (key === undefined) return fromIndex(t, 1);
  if (typeof key === 'number') {
    const { length } = t.arr;
    if (key > 0 && key < length && (key | 0) === key) return fromIndex(t, key + 1);
    if (key === 0 && length > 0) return fromField(t, 0);
  }
  const slot = t.hash === null ? undefined : mapOf(t.hash).get(key);
  if (typeof key === 'string' && (slot === undefined || t.hash?.values[slot] === undefined)) {
    const property = fieldOf(key);
    if (property !== undefined && property in t) {
      return fromField(t, listOf(t).placeOf(property) + 1);
    }
  }
  if (slot !== undefined) return fromSlot(t, slot + 1);
  // An index beyond the array part: it was in there until it or those after it were cleared.
  if (typeof key === 'number' && t.arr.length > 0 && key > 0 && Number.isInteger(key)) {
    return fromZero(t);
  }
  return raiseHere("invalid key to 'next'");
}

function found(key: LuaValue, value: LuaValue): LuaValue {
  $second = value;
  $count = 2;
  return key;
}

function fromIndex(t: LuaTable, from: number): LuaValue {
  const { arr } = t;
  for (let i = from; i < arr.length; i++) {
    const value = arr[i];
    if (value === undefined) continue;
    payForPassed(i - from);
    return found(i, value);
  }
  payForPassed(arr.length - from);
  return fromZero(t);
}

function fromZero(t: LuaTable): LuaValue {
  const value = t.arr[0];
  return value === undefined ? fromField(t, 0) : found(0, value);
}

function fromField(t: LuaTable, from: number): LuaValue {
  const list = listOf(t);
  let place = from;
  do {
    while (place < list.properties.length) {
      const property = list.properties[place] ?? '';
      const value = fieldsOf(t)[property];
      if (value !== undefined) {
        payForPassed(place - from);
        list.last = place;
        list.fresh = false;
        return found(nameOf(property), value);
      }
      place++;
    }
    // Fields are never taken away: new ones are behind those that were listed.
  } while (!list.fresh && list.renew());
  payForPassed(place - from);
  list.table = undefined;
  return fromSlot(t, 0);
}

function fromSlot(t: LuaTable, from: number): LuaValue {
  const { hash } = t;
  if (hash !== null) {
    const { keys, values } = hash;
    for (let slot = from; slot < keys.length; slot++) {
      const value = values[slot];
      if (value === undefined) continue;
      payForPassed(slot - from);
      return found(keys[slot], value);
    }
    payForPassed(keys.length - from);
  }
  $count = 1;
  return undefined;
}

/** The fields of a table that `next` is walking over. */
class FieldList {
  table: LuaTable | undefined = undefined;
  properties: readonly string[] = [];
  /** Where the last step was: usually the next one asks for it. */
  last = 0;
  /** No step was made since it was listed. */
  fresh = false;
  #places: Map<string, number> | undefined = undefined;

  fill(t: LuaTable): void {
    this.table = undefined;
    this.properties = properties(t);
    this.last = 0;
    this.#places = undefined;
    this.fresh = true;
    this.table = t;
  }

  /** Lists the fields anew; false if there are no more than before. */
  renew(): boolean {
    if (this.table === undefined) return false;
    const before = this.properties.length;
    this.fill(this.table);
    return this.properties.length > before;
  }

  /** The place of a field that the table has. */
  placeOf(property: string): number {
    if (this.properties[this.last] === property) return this.last;
    const place = this.#find(property);
    if (place >= 0) return place;
    this.renew();
    return this.#find(property);
  }

  #find(property: string): number {
    if (this.properties.length <= SHORT_LIST) return this.properties.indexOf(property);
    if (this.#places === undefined) {
      charge(this.properties.length);
      this.#places = new Map(this.properties.map((name, place) => [name, place]));
    }
    return this.#places.get(property) ?? -1;
  }
}

const lists: readonly FieldList[] = Array.from({ length: KEPT_LISTS }, () => new FieldList());
let oldest = 0;

/** A table's list of fields: complete, or without those that were made since it was begun. */
function listOf(t: LuaTable): FieldList {
  for (const list of lists) if (list.table === t) return list;
  const list = lists[oldest % KEPT_LISTS] as FieldList; // it is filled above
  oldest = (oldest + 1) % KEPT_LISTS;
  list.fill(t);
  return list;
}
