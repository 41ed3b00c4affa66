/**
 * Lua's table, in the place of fengari's (which spends about 200 bytes on an entry and searches for `#t`): values 1..n
 * in an array, everything else in a map from key to place.
 *
 *   array: slot of t[1], slot of t[2], …          the last one is never nil, so `#t` is array.length
 *   hash:  Map key → place     keys[place], values[place]
 *
 * A key whose value became nil keeps its place (so that `next` goes on from it) until an insertion finds more
 * dead places than living ones. In the map a string's key is its text; every other value is its own key.
 */
import { budget, chargeLongText } from './budget.ts';
import { LuaString } from './lua-string.ts';
import { ARRAY_ENTRY_BYTES, HASH_ENTRY_BYTES, TABLE_BYTES } from './sizes.ts';
import { NIL, numberSlot, slotOf, Tag, TValue } from './slot.ts';
import type { LuaValue, Slot } from './vm-types.ts';

export type HashKey = string | number | boolean | object;

/** Fewest dead places that are worth a clean-up. */
const PURGE_MINIMUM = 8;
/** Shared by all tables that have no hash part; never written to. */
const NO_KEYS: LuaValue[] = [];
const NO_VALUES: Slot[] = [];

export class LuaTable {
  metatable: LuaTable | null = null;
  /** fengari's cache: a bit per metamethod known to be absent. */
  flags = 0;
  readonly array: Slot[] = [];
  #hash: Map<HashKey, number> | undefined = undefined;
  #keys: LuaValue[] = NO_KEYS;
  #values: Slot[] = NO_VALUES;
  #dead = 0;
  #list = false;

  constructor() {
    budget.allocate(TABLE_BYTES);
  }

  /** The border. */
  get length(): number {
    return this.array.length;
  }

  /** True when it holds a list only, or was made to hold one. */
  get isList(): boolean {
    return this.#keys.length === 0 && (this.array.length > 0 || this.#list);
  }

  makeList(): void {
    this.#list = true;
  }

  /** Places of the traversal, dead ones included. */
  get places(): number {
    return this.array.length + this.#keys.length;
  }

  get(key: LuaValue): LuaValue {
    return key === null ? null : this.slot(key).value;
  }

  /** The slot of a key, or the shared nil. */
  slot(key: Exclude<LuaValue, null>): Slot {
    if (typeof key === 'number') return this.numberSlot(key);
    return key instanceof LuaString ? this.textSlot(key.text) : this.hashSlot(key);
  }

  numberSlot(key: number): Slot {
    const array = this.array;
    // Array indices only: anything else would be a lookup of a property.
    if (key >= 1 && key <= array.length && Math.floor(key) === key) return array[key - 1] ?? NIL;
    return this.hashSlot(key);
  }

  /** The slot of a text; a long one is compared with a key of the same hash to its end. */
  textSlot(key: string): Slot {
    chargeLongText(key);
    return this.hashSlot(key);
  }

  hashSlot(key: HashKey): Slot {
    const place = this.#hash?.get(key);
    return place === undefined ? NIL : (this.#values[place] ?? NIL);
  }

  getText(key: string): LuaValue {
    return this.hashSlot(key).value;
  }

  set(key: Exclude<LuaValue, null>, value: LuaValue): void {
    this.store(key, slotOf(value));
  }

  setText(key: string, value: LuaValue): void {
    this.store(new LuaString(key), slotOf(value));
  }

  /** `t[key] = value` without metamethods; copies the slot. The key is neither nil nor NaN. */
  store(key: Exclude<LuaValue, null>, value: Slot): void {
    this.flags = 0;
    if (value.value instanceof LuaString && value.value.slice) value.value.settle();
    if (typeof key === 'number') {
      this.#storeNumber(key === 0 ? 0 : key, value);
    } else if (key instanceof LuaString) {
      chargeLongText(key.text);
      this.#storeHash(key.text, key, value);
    } else {
      this.#storeHash(key, key, value);
    }
  }

  /**
   * Stores an item of a table constructor's list, which come from the last to the first: the array part gets its
   * full length at once, so `#{1, nil, 3}` is 3 as in Lua 5.1.
   */
  storeItem(index: number, value: Slot): void {
    this.#list = true;
    if (value.type !== Tag.nil && index > this.array.length + 1 && this.#hash === undefined) {
      budget.allocate((index - this.array.length) * ARRAY_ENTRY_BYTES);
      while (this.array.length < index) this.array.push(new TValue(Tag.nil, null));
    }
    this.store(index, value);
  }

  /** Adds a value that is not nil behind the last one. */
  push(value: Slot): void {
    budget.allocate(ARRAY_ENTRY_BYTES);
    this.array.push(new TValue(value.type, value.value));
    if (this.#hash !== undefined) this.#pullFromHash(this.#hash);
  }

  /** After the last array value became nil or was taken out. */
  trim(): void {
    const array = this.array;
    while (array.length > 0 && array[array.length - 1]?.type === Tag.nil) array.pop();
    if (array.length === 0) this.#list = true;
  }

  /** How many traversal steps lead past this key; undefined when it never was in the table. */
  position(key: LuaValue): number | undefined {
    if (key === null) return 0;
    const length = this.array.length;
    if (typeof key === 'number' && key >= 1 && key <= length && Math.floor(key) === key) return key;
    const place = this.#hash?.get(key instanceof LuaString ? key.text : key);
    if (place !== undefined) return length + place + 1;
    // A list that is emptied while it is traversed has lost its end: the hash part follows.
    if (typeof key === 'number' && key >= 1 && Math.floor(key) === key) return length;
    return undefined;
  }

  /** The first position from here on that holds a value, or -1. */
  following(position: number): number {
    const { array } = this;
    let at = position;
    for (; at < array.length; at++) if (array[at]?.type !== Tag.nil) return at;
    const values = this.#values;
    for (let place = at - array.length; place < values.length; place++) {
      if (values[place]?.type !== Tag.nil) return array.length + place;
    }
    return -1;
  }

  keyAt(position: number): LuaValue {
    const { length } = this.array;
    return position < length ? position + 1 : (this.#keys[position - length] ?? null);
  }

  slotAt(position: number): Slot {
    const { array } = this;
    const slot = position < array.length ? array[position] : this.#values[position - array.length];
    return slot ?? NIL;
  }

  /** fengari's lexer looks up its own strings in this way. */
  get strong(): { get(key: string): { key: { tsvalue(): LuaValue | undefined } } | undefined } {
    return {
      get: (key) => {
        const place = this.#hash?.get(key);
        return place === undefined ? undefined : { key: { tsvalue: () => this.#keys[place] } };
      },
    };
  }

  #storeNumber(key: number, value: Slot): void {
    const { array } = this;
    if (key >= 1 && key <= array.length && Math.floor(key) === key) {
      array[key - 1]?.setfrom(value);
      if (value.type === Tag.nil && key === array.length) this.trim();
      return;
    }
    if (key === array.length + 1) {
      const place = this.#hash?.get(key);
      // Here the hash part can only hold a dead place: a living one would have been pulled over.
      if (value.type === Tag.nil) return;
      if (place !== undefined) this.#hash?.delete(key);
      this.push(value);
      return;
    }
    this.#storeHash(key, key, value);
  }

  #storeHash(hashKey: HashKey, key: LuaValue, value: Slot): void {
    const place = this.#hash?.get(hashKey);
    const slot = place === undefined ? undefined : this.#values[place];
    if (slot === undefined) {
      if (value.type !== Tag.nil) this.#insert(hashKey, key, value);
      return;
    }
    if (slot.type === Tag.nil) {
      if (value.type !== Tag.nil) this.#dead--;
    } else if (value.type === Tag.nil) {
      this.#dead++;
    }
    slot.setfrom(value);
  }

  #insert(hashKey: HashKey, key: LuaValue, value: Slot): void {
    budget.allocate(HASH_ENTRY_BYTES);
    let hash = this.#hash;
    if (hash === undefined) {
      hash = new Map();
      this.#hash = hash;
      this.#keys = [];
      this.#values = [];
    } else if (this.#dead >= PURGE_MINIMUM && this.#dead * 2 > this.#keys.length) {
      this.#purge(hash);
    }
    // Before its text becomes the map's key.
    if (key instanceof LuaString && key.slice) key.settle();
    const place = this.#keys.length;
    this.#keys.push(key);
    this.#values.push(new TValue(value.type, value.value));
    // Last, so that a stack overflow before it leaves only an unreachable place.
    hash.set(key instanceof LuaString ? key.text : hashKey, place);
  }

  /** The array grew: what follows on from the hash part moves over. */
  #pullFromHash(hash: Map<HashKey, number>): void {
    for (;;) {
      const next = this.array.length + 1;
      const place = hash.get(next);
      const slot = place === undefined ? undefined : this.#values[place];
      if (place === undefined || slot === undefined || slot.type === Tag.nil) return;
      this.array.push(slot);
      hash.delete(next);
      this.#values[place] = NIL;
      this.#dead++;
    }
  }

  #purge(hash: Map<HashKey, number>): void {
    const keys = this.#keys;
    const values = this.#values;
    this.#keys = [];
    this.#values = [];
    this.#dead = 0;
    hash.clear();
    for (let place = 0; place < keys.length; place++) {
      const slot = values[place];
      const key = keys[place];
      if (slot === undefined || slot.type === Tag.nil || key === undefined || key === null)
        continue;
      hash.set(key instanceof LuaString ? key.text : key, this.#keys.length);
      this.#keys.push(key);
      this.#values.push(slot);
    }
    budget.charge(keys.length >> 2);
  }
}

/** A list of values as a table. */
export function listTable(values: readonly LuaValue[]): LuaTable {
  const table = new LuaTable();
  values.forEach((value, index) => {
    table.storeItem(
      index + 1,
      value === null ? NIL : typeof value === 'number' ? numberSlot(value) : slotOf(value),
    );
  });
  return table;
}
