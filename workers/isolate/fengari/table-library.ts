/**
 * Lua 5.1's table library: raw access throughout, as there. Pays for what it moves, compares and joins.
 */

import { numberText } from '../lua-text/number-text.ts';
import { budget } from './budget.ts';
import { LuaString } from './lua-string.ts';
import {
  argumentCount,
  callForOne,
  checkFunction,
  checkInteger,
  checkTable,
  isFunction,
  type NativeLibrary,
  optional,
  optionalInteger,
  optionalText,
  push,
  pushNumber,
  pushText,
  raise,
  typeError,
  typeName,
} from './native.ts';
import { ARRAY_ENTRY_BYTES } from './sizes.ts';
import { slotOf } from './slot.ts';
import { lvm } from './vm.ts';
import type { LuaState, LuaValue } from './vm-types.ts';

function concat(L: LuaState): number {
  const table = checkTable(L, 1);
  const separator = optionalText(L, 2) ?? '';
  const first = optionalInteger(L, 3, 1);
  const last = optional(L, 4) === null ? table.length : checkInteger(L, 4);
  const parts: string[] = [];
  let length = 0;
  for (let i = first; i <= last; i++) {
    budget.charge(1);
    const value = table.numberSlot(i).value;
    let text: string;
    if (value instanceof LuaString) text = value.text;
    else if (typeof value === 'number') text = numberText(value);
    else {
      return raise(
        L,
        `invalid value (${typeName(value)}) at index ${numberText(i)} in table for 'concat'`,
      );
    }
    length += text.length + (i === first ? 0 : separator.length);
    budget.checkLength(length);
    parts.push(text);
  }
  budget.chargeBytes(length);
  return pushText(L, parts.join(separator));
}

function insert(L: LuaState): number {
  const table = checkTable(L, 1);
  const end = table.length + 1;
  const count = argumentCount(L);
  if (count === 2) {
    table.store(end, slotOf(optional(L, 2)));
    return 0;
  }
  if (count !== 3) return raise(L, "wrong number of arguments to 'insert'");
  const position = checkInteger(L, 2);
  const value = slotOf(optional(L, 3));
  if (position >= 1 && position < end && value.value !== null) {
    // Inside the list: one move of its tail.
    budget.charge((end - position) >> 4);
    budget.allocate(ARRAY_ENTRY_BYTES);
    table.array.splice(position - 1, 0, value);
    settle(value.value);
    return 0;
  }
  for (let i = end; i > position; i--) {
    budget.charge(1);
    table.store(i, slotOf(table.numberSlot(i - 1).value));
  }
  table.store(position, value);
  return 0;
}

function settle(value: LuaValue): void {
  if (value instanceof LuaString && value.slice) value.settle();
}

function remove(L: LuaState): number {
  const table = checkTable(L, 1);
  const { length } = table;
  const position = optionalInteger(L, 2, length);
  if (position < 1 || position > length) return 0;
  budget.charge((length - position) >> 4);
  const [slot] = table.array.splice(position - 1, 1);
  table.trim();
  return push(L, slot?.value ?? null);
}

function maxn(L: LuaState): number {
  const table = checkTable(L, 1);
  let most = 0;
  for (let at = table.following(0); at >= 0; at = table.following(at + 1)) {
    budget.charge(1);
    const key = table.keyAt(at);
    if (typeof key === 'number' && key > most) most = key;
  }
  return pushNumber(L, most);
}

function foreach(L: LuaState): number {
  const table = checkTable(L, 1);
  const callee = checkFunction(L, 2);
  let key: LuaValue = null;
  for (;;) {
    const position = table.position(key);
    if (position === undefined) return raise(L, "invalid key to 'next'");
    const at = table.following(position);
    if (at < 0) return 0;
    budget.charge(1);
    key = table.keyAt(at);
    const result = callForOne(L, callee, key, table.slotAt(at).value);
    if (result !== null) return push(L, result);
  }
}

function foreachi(L: LuaState): number {
  const table = checkTable(L, 1);
  const callee = checkFunction(L, 2);
  const { length } = table;
  for (let i = 1; i <= length; i++) {
    budget.charge(1);
    const result = callForOne(L, callee, i, table.numberSlot(i).value);
    if (result !== null) return push(L, result);
  }
  return 0;
}

function setn(L: LuaState): number {
  checkTable(L, 1);
  return raise(L, "'setn' is obsolete");
}

type Less = (a: LuaValue, b: LuaValue) => boolean;

function sort(L: LuaState): number {
  const table = checkTable(L, 1);
  const { length } = table;
  const comparator = optional(L, 2);
  if (comparator !== null && !isFunction(comparator)) return typeError(L, 2, 'function');
  budget.charge(length);
  const values: LuaValue[] = [];
  for (let i = 1; i <= length; i++) values.push(table.numberSlot(i).value);
  try {
    quicksort(L, values, comparator === null ? lessThan(L) : lessBy(L, comparator));
  } finally {
    // Also when the comparator fails half-way: nothing is lost, as Lua 5.1, which sorts in place. The comparator
    // may have changed the table; what it did to the list is overwritten.
    for (let i = 0; i < length; i++) table.store(i + 1, slotOf(values[i] ?? null));
  }
  return 0;
}

function lessBy(L: LuaState, comparator: LuaValue): Less {
  return (a, b) => {
    budget.charge(1);
    const result = callForOne(L, comparator, a, b);
    return result !== null && result !== false;
  };
}

function lessThan(L: LuaState): Less {
  return (a, b) => {
    if (typeof a === 'number' && typeof b === 'number') {
      budget.charge(1);
      return a < b;
    }
    if (a instanceof LuaString && b instanceof LuaString) {
      budget.charge(1 + (Math.min(a.text.length, b.text.length) >> 6));
      return a.text < b.text;
    }
    budget.charge(1);
    return lvm.luaV_lessthan(L, slotOf(a), slotOf(b)) !== 0;
  };
}

/**
 * Sorts in place, ranges on an explicit stack. Pivot is the median of the first, middle and last value; a range scan
 * that runs out of the range means that the order contradicts itself.
 */
function quicksort(L: LuaState, values: LuaValue[], less: Less): void {
  const at = (i: number): LuaValue => values[i] ?? null;
  const order = (i: number, j: number): void => {
    if (less(at(j), at(i))) swap(values, i, j);
  };
  const ranges: [number, number][] = [[0, values.length - 1]];
  for (let range = ranges.pop(); range !== undefined; range = ranges.pop()) {
    let [low, high] = range;
    while (low < high) {
      order(low, high);
      if (high - low === 1) break;
      const middle = (low + high) >> 1;
      if (less(at(middle), at(low))) swap(values, middle, low);
      else order(middle, high);
      if (high - low === 2) break;
      const pivot = at(middle);
      swap(values, middle, high - 1);
      let i = low;
      let j = high - 1;
      for (;;) {
        while (less(at(++i), pivot)) if (i >= high) raise(L, 'invalid order function for sorting');
        while (less(pivot, at(--j))) if (j <= low) raise(L, 'invalid order function for sorting');
        if (j < i) break;
        swap(values, i, j);
      }
      swap(values, high - 1, i);
      // The longer part waits: so the stack stays logarithmic.
      if (i - low < high - i) {
        ranges.push([i + 1, high]);
        high = i - 1;
      } else {
        ranges.push([low, i - 1]);
        low = i + 1;
      }
    }
  }
}

function swap(values: LuaValue[], i: number, j: number): void {
  const kept = values[i] ?? null;
  values[i] = values[j] ?? null;
  values[j] = kept;
}

export const tableLibrary: NativeLibrary = {
  concat,
  foreach,
  foreachi,
  getn: (L) => pushNumber(L, checkTable(L, 1).length),
  insert,
  maxn,
  remove,
  setn,
  sort,
};
