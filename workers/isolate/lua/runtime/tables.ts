/**
 * Raw access to tables, on the layout of values.ts. What always holds:
 *
 * - `arr` is EMPTY or an array of the table's own, made at the first store to 1 or 0. Index 0 is t[0] or nothing, index
 *   k is t[k], and a key inside of it has no value elsewhere. Its last value is not nil, unless that is index 0.
 * - The key after its end has no value in the hash, so that its end is a border.
 * - A name is a field if the object has its property, whatever the value. Only compiled code makes properties.
 * - In the hash a key without a value keeps its slot until a rehash; a key that moves to `arr` leaves an empty slot.
 *
 * A stack overflow may strike at every call, built-ins included, and in every turn of a loop. It finds every table
 * whole: what takes several steps is made aside, or each step leaves a valid table behind. Only two things may be
 * missing then: that the key after the end of `arr` is not in the hash, and the last of `values`.
 */
import { raiseHere } from './errors.ts';
import { fieldOf } from './fields.ts';
import { allocate, charge } from './meter.ts';
import { EMPTY, type Fields, Hash, LuaTable, type LuaValue } from './values.ts';

export { Cursor, hasFields, next } from './traversal.ts';

/** An entry of an array part, with what its growth leaves behind. */
const ARRAY_ENTRY_BYTES = 16;
/** An entry of a hash: in the map, and its slot. */
const HASH_ENTRY_BYTES = 72;
/** The part of it that is not in the map. */
const SLOT_BYTES = 24;
/** An empty hash, and an empty array part. */
const HASH_BYTES = 280;
const ARRAY_BYTES = 64;
/** Array parts smaller than this are never taken apart. */
const SMALL_ARRAY = 64;
/** Hashes with fewer slots than this keep the dead ones. */
const SMALL_HASH = 32;
/** Larger integers never make an array part grow by a rehash, as MAXBITS. */
const LARGEST_INDEX = 2 ** 26;

/**
 * What new array parts are copied from. A literal would learn from the tables of the past what its arrays will hold:
 * after one with strings, no array of floats would be stored unboxed any more.
 */
const FIRST: LuaValue[] = [];
FIRST.length = 1;

/** V8 hashes longer strings by their length alone: those of one length are compared one by one. */
const LONG_KEY = 16_383;

/** `#t`, a border. */
export function border(t: LuaTable): number {
  const { length } = t.arr;
  return length === 0 ? 0 : length - 1;
}

/** `t[key]` without metamethods. */
export function rawGet(t: LuaTable, key: LuaValue): LuaValue {
  if (typeof key === 'number') {
    const { arr } = t;
    if (key < arr.length && key >= 0 && (key | 0) === key) return arr[key];
    return hashGet(t.hash, key);
  }
  if (typeof key === 'string' && key.length > LONG_KEY) charge(key.length >> 2);
  const value = hashGet(t.hash, key);
  if (value !== undefined || typeof key !== 'string') return value;
  const property = fieldOf(key);
  return property === undefined ? undefined : (t as unknown as Fields)[property];
}

/** The map from key to slot. */
export function mapOf(hash: Hash): Map<LuaValue, number> {
  return hash.map ?? mapSlots(hash);
}

/** Of a hash that came whole, without a key that is there twice; the time was paid for then. Its keys may be others' too. */
function mapSlots(hash: Hash): Map<LuaValue, number> {
  const keys = hash.keys.slice();
  allocate(HASH_BYTES + keys.length * (HASH_ENTRY_BYTES - SLOT_BYTES));
  const map = new Map<LuaValue, number>();
  for (let slot = 0; slot < keys.length; slot++) map.set(keys[slot], slot);
  hash.keys = keys;
  hash.map = map;
  return map;
}

/** The value of a key in the hash part. */
export function hashGet(hash: Hash | null, key: LuaValue): LuaValue {
  if (hash === null) return undefined;
  const slot = mapOf(hash).get(key);
  return slot === undefined ? undefined : hash.values[slot];
}

/** `t[key] = value` without metamethods. Raises an error for the keys nil and NaN. */
export function rawSet(t: LuaTable, key: LuaValue, value: LuaValue): void {
  if (typeof key === 'number') setNumber(t, key, value);
  else if (typeof key === 'string') setText(t, key, value);
  else if (key === undefined) raiseHere('table index is nil');
  else setHashed(t, key, value);
}

function setNumber(t: LuaTable, key: number, value: LuaValue): void {
  const index = key | 0;
  if (index !== key || index < 0) {
    if (Number.isNaN(key)) raiseHere('table index is NaN');
    setHashed(t, key, value);
    return;
  }
  const { arr } = t;
  const { length } = arr;
  if (index < length) {
    if (value === undefined && index === length - 1 && index > 0) pop(arr);
    else arr[index] = value;
  } else if (index === length && index > 0) {
    if (value !== undefined) append(t, value);
    else if (t.hash !== null) setHashed(t, index, value);
  } else if (index <= 1) {
    if (value !== undefined) begin(t, index, value);
  } else setHashed(t, index, value);
}

function setText(t: LuaTable, key: string, value: LuaValue): void {
  if (key.length > LONG_KEY) charge(key.length >> 2);
  const { hash } = t;
  if (hash !== null) {
    const slot = mapOf(hash).get(key);
    if (slot !== undefined && hash.values[slot] !== undefined) {
      hash.values[slot] = value;
      if (value === undefined) hash.dead++;
      return;
    }
  }
  const property = fieldOf(key);
  if (property !== undefined && property in t) (t as unknown as Fields)[property] = value;
  else setHashed(t, key, value);
}

/** Drops the last value of an array part, and the nils before it. */
function pop(arr: LuaValue[]): void {
  const { length } = arr;
  do arr.pop();
  while (arr.length > 1 && arr[arr.length - 1] === undefined);
  if (length - arr.length > 16) charge((length - arr.length) >> 4);
}

/** Makes the array part: `index` is 0 or 1. */
function begin(t: LuaTable, index: number, value: LuaValue): void {
  allocate(ARRAY_BYTES);
  const arr = FIRST.slice();
  if (index === 0) arr[0] = value;
  else arr.push(value);
  t.arr = arr;
  if (index === 1 && t.hash !== null) pull(t.hash, arr);
}

/** Gives an empty table an array part: it counts as a list then. */
export function makeArrayPart(t: LuaTable): void {
  if (t.arr === EMPTY) t.arr = FIRST.slice();
}

/** A new table with these values from 1 on; those that are nil are holes. The list must be the caller's to give. */
export function listOf(values: readonly LuaValue[]): LuaTable {
  const t = new LuaTable();
  const { length } = values;
  allocate(ARRAY_BYTES + length * ARRAY_ENTRY_BYTES);
  charge(length >> 2);
  if (length > 0 && values[length - 1] !== undefined) {
    t.arr = FIRST.concat(values as LuaValue[]); // concat only reads
  } else {
    t.arr = FIRST.slice();
    for (let i = 0; i < length; i++) rawSet(t, i + 1, values[i]);
  }
  return t;
}

/**
 * Fills a table that has no entries; both arrays become its own. They are as long as each other. A later value takes the
 * place of an earlier one under the same key, a nil clears it. `plain`: there is neither, and the keys may be shared.
 */
export function fillEmpty(t: LuaTable, keys: LuaValue[], values: LuaValue[], plain: boolean): void {
  const { length } = keys;
  if (length === 0) return;
  charge(length >> 2);
  if (plain) {
    allocate(ARRAY_BYTES + length * SLOT_BYTES);
    const whole = new Hash(null);
    whole.keys = keys;
    whole.values = values;
    t.hash = whole;
    return;
  }
  allocate(HASH_BYTES + length * HASH_ENTRY_BYTES);
  const hash = new Hash();
  const map = mapOf(hash);
  let slots = 0;
  let at = 0;
  for (; at < length; at++) {
    const key = keys[at];
    const value = values[at];
    if (typeof key === 'string' && key.length > LONG_KEY) charge(key.length >> 2);
    if (value === undefined) {
      if (map.has(key)) break;
      continue;
    }
    map.set(key, slots);
    if (map.size === slots) {
      // It was there before: it gets its slot back, and what is left is stored one by one.
      for (let slot = 0; slot < slots; slot++) map.set(keys[slot], slot);
      break;
    }
    if (slots < at) {
      keys[slots] = key;
      values[slots] = value;
    }
    slots++;
  }
  const moreKeys = at < length ? keys.slice(at) : EMPTY;
  const moreValues = at < length ? values.slice(at) : EMPTY;
  keys.length = slots;
  values.length = slots;
  hash.keys = keys;
  hash.values = values;
  if (slots > 0) t.hash = hash;
  for (let i = 0; i < moreKeys.length; i++) rawSet(t, moreKeys[i], moreValues[i]);
}

/** `t[#t + 1] = value`; the value is not nil. */
export function append(t: LuaTable, value: LuaValue): void {
  const { arr } = t;
  const { length } = arr;
  if (length === 0) {
    begin(t, 1, value);
    return;
  }
  allocate(ARRAY_ENTRY_BYTES);
  if (length >= SMALL_ARRAY && (length & (length - 1)) === 0 && seemsSparse(arr)) {
    takeApart(t, arr);
    if (t.arr !== arr) {
      setNumber(t, length, value);
      return;
    }
  }
  const { hash } = t;
  if (hash === null) {
    arr.push(value);
    return;
  }
  const slot = mapOf(hash).get(length);
  arr.push(value);
  if (slot !== undefined && hash.values[slot] !== undefined) {
    hash.values[slot] = undefined;
    hash.dead++;
  }
  pull(hash, arr);
}

/** After an array part has grown: the keys that follow it come over from the hash. */
export function pull(hash: Hash, arr: LuaValue[]): void {
  const map = mapOf(hash);
  const { keys, values } = hash;
  const { length } = arr;
  for (;;) {
    const key = arr.length;
    const slot = map.get(key);
    const value = slot === undefined ? undefined : values[slot];
    if (slot === undefined || value === undefined) break;
    arr.push(value);
    values[slot] = undefined;
    hash.dead++;
    map.delete(key);
    keys[slot] = undefined;
  }
  // Paid afterwards; each of these keys was stored one by one.
  if (arr.length > length) charge(arr.length - length);
}

/** A sample of an array part: is half of it nil? */
function seemsSparse(arr: readonly LuaValue[]): boolean {
  const step = arr.length >> 3;
  let empty = 0;
  for (let i = 1; i < arr.length; i += step) if (arr[i] === undefined) empty++;
  return empty >= 4;
}

/**
 * Moves to the hash what lies sparsely at the end of an array part, as the list that is used as a queue: filled at the
 * end, emptied from the front. What stays is more than half full.
 */
function takeApart(t: LuaTable, arr: LuaValue[]): void {
  const { length } = arr;
  charge(length >> 3);
  let keep = 0;
  for (let i = 1, count = 0; i < length; i++) {
    if (arr[i] === undefined) continue;
    if (++count > i >> 1) keep = i;
  }
  while (keep + 1 < length && arr[keep + 1] !== undefined) keep++;
  let count = 0;
  for (let i = keep + 1; i < length; i++) if (arr[i] !== undefined) count++;
  if (keep + 1 >= length) return;
  const before = t.hash;
  const size = before === null ? 0 : before.keys.length;
  charge(count + size);
  allocate(HASH_BYTES + (count + size) * HASH_ENTRY_BYTES + keep * 8);
  const hash = new Hash();
  if (before !== null) copySlots(before, hash, length);
  const { keys, values } = hash;
  const map = mapOf(hash);
  for (let i = keep + 1; i < length; i++) {
    const value = arr[i];
    if (value === undefined) continue;
    map.set(i, keys.length);
    keys.push(i);
    values.push(value);
  }
  const kept = arr.slice(0, keep + 1);
  t.hash = hash;
  t.arr = kept;
}

/** Adds to a new hash what has a value in an old one, but for the keys of an array part of this length. */
function copySlots(from: Hash, to: Hash, arrayLength: number): void {
  const { keys, values } = to;
  const map = mapOf(to);
  for (let slot = 0; slot < from.keys.length; slot++) {
    const key = from.keys[slot];
    const value = from.values[slot];
    if (value === undefined || (isIndex(key) && key < arrayLength)) continue;
    map.set(key, keys.length);
    keys.push(key);
    values.push(value);
  }
}

/** A key that is neither in the array part nor a field. */
function setHashed(t: LuaTable, key: LuaValue, value: LuaValue): void {
  const { hash } = t;
  if (hash === null) {
    if (value === undefined) return;
    allocate(HASH_BYTES);
    t.hash = new Hash();
    put(t.hash, key, value);
    return;
  }
  const slot = mapOf(hash).get(key);
  if (slot !== undefined) {
    const before = hash.values[slot];
    hash.values[slot] = value;
    if (value === undefined) {
      if (before !== undefined) hash.dead++;
    } else if (before === undefined) hash.dead--;
  } else if (value !== undefined) {
    const size = hash.keys.length;
    const isPower = size >= 4 && (size & (size - 1)) === 0;
    if (!isPower && !mostlyDead(size, hash.dead)) put(hash, key, value);
    else {
      rehash(t, hash, key);
      place(t, key, value);
    }
  }
}

function mostlyDead(size: number, dead: number): boolean {
  return size >= SMALL_HASH && dead > size >> 1;
}

function put(hash: Hash, key: LuaValue, value: LuaValue): void {
  allocate(HASH_ENTRY_BYTES);
  const { keys } = hash;
  const slot = keys.length;
  // In this order: a slot without a value is one that is dead.
  keys.push(key);
  mapOf(hash).set(key, slot);
  hash.values[slot] = value;
}

/** Stores a new key after a rehash, which may have moved its neighbours to the array part. */
function place(t: LuaTable, key: LuaValue, value: LuaValue): void {
  const { arr } = t;
  if (typeof key === 'number' && arr.length > 0 && key > 0 && Number.isInteger(key)) {
    if (key < arr.length) {
      arr[key] = value;
      return;
    }
    if (key === arr.length) {
      append(t, value);
      return;
    }
  }
  t.hash ??= new Hash();
  put(t.hash, key, value);
}

/** How many integers of the hash are in (2^(i-1), 2^i]. */
const counts = new Int32Array(27);

/**
 * Before the hash grows by `key`: moves integers to the array part if it will be more than half full with them, and
 * drops the slots without a value if they are more than half of all.
 */
function rehash(t: LuaTable, hash: Hash, key: LuaValue): void {
  const size = hash.keys.length;
  charge(size >> 2);
  let live = 0;
  for (let slot = 0; slot < size; slot++) if (hash.values[slot] !== undefined) live++;
  const top = largestIndex(hash, indexLimit(hash, key, border(t)));
  if (top === 0 && live > 0 && !mostlyDead(size, size - live)) {
    hash.dead = size - live;
    return;
  }
  charge(size);
  allocate(HASH_BYTES + live * HASH_ENTRY_BYTES);
  const arr = top > 0 ? extended(t, hash, top) : t.arr;
  const fresh = new Hash();
  copySlots(hash, fresh, arr.length);
  const isEmpty = fresh.keys.length === 0;
  t.arr = arr;
  t.hash = isEmpty ? null : fresh;
}

function isIndex(key: LuaValue): key is number {
  return typeof key === 'number' && key > 0 && key <= LARGEST_INDEX && (key | 0) === key;
}

/** The largest power of two such that more than half of the keys up to it are in use; 0 if the array part has them. */
function indexLimit(hash: Hash, key: LuaValue, inArray: number): number {
  const { keys, values } = hash;
  counts.fill(0);
  let candidates = 0;
  for (let slot = 0; slot < keys.length; slot++) {
    const found = keys[slot];
    if (!isIndex(found) || values[slot] === undefined) continue;
    const bin = 32 - Math.clz32(found - 1);
    counts[bin] = (counts[bin] ?? 0) + 1;
    candidates++;
  }
  if (candidates === 0) return 0;
  if (isIndex(key)) {
    const bin = 32 - Math.clz32(key - 1);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  let limit = 0;
  let sum = 0;
  for (let bin = 0, power = 1; bin < counts.length; bin++, power *= 2) {
    sum += counts[bin] ?? 0;
    if (power > inArray && sum + inArray > power / 2 && sum > 0) limit = power;
  }
  return limit;
}

/** The largest integer of the hash up to a limit, or 0. */
function largestIndex(hash: Hash, limit: number): number {
  if (limit === 0) return 0;
  const { keys, values } = hash;
  let top = 0;
  for (let slot = 0; slot < keys.length; slot++) {
    const key = keys[slot];
    if (isIndex(key) && key > top && key <= limit && values[slot] !== undefined) top = key;
  }
  return top;
}

/** A copy of the array part with the integers of the hash up to `top`, which is there, and those that follow it. */
function extended(t: LuaTable, hash: Hash, top: number): LuaValue[] {
  charge(top >> 4);
  allocate(ARRAY_BYTES + top * ARRAY_ENTRY_BYTES);
  const map = mapOf(hash);
  const { keys, values } = hash;
  const arr = t.arr === EMPTY ? FIRST.slice() : t.arr.slice();
  // By length and not by pushing undefined, so that floats stay unboxed.
  arr.length = top + 1;
  for (let slot = 0; slot < keys.length; slot++) {
    const key = keys[slot];
    if (isIndex(key) && key <= top && values[slot] !== undefined) arr[key] = values[slot];
  }
  for (;;) {
    const slot = map.get(arr.length);
    const value = slot === undefined ? undefined : values[slot];
    if (value === undefined) return arr;
    arr.push(value);
  }
}
