/**
 * `table.sort`: quicksort as PUC's, which compares the same values in the same order, so that also an order function that
 * contradicts itself, or NaN, gives what it gives there. Pays for every value of every partition.
 */
import { lessThan } from '../runtime/arithmetic.ts';
import { enter, leave } from '../runtime/calls.ts';
import { raise } from '../runtime/errors.ts';
import { allocate, charge } from '../runtime/meter.ts';
import { checkFunction, checkTable, none } from '../runtime/native.ts';
import { border, rawSet } from '../runtime/tables.ts';
import type { LuaFunction, LuaTable, LuaValue } from '../runtime/values.ts';

export function sort(t: LuaValue, comparator: LuaValue): LuaValue {
  const given = arguments.length;
  const table = checkTable(t, 1, given);
  const last = border(table);
  const f = comparator === undefined ? undefined : checkFunction(comparator, 2, given);
  charge(last >> 2);
  if (f === undefined && allNumbers(table.arr)) sortNumbers(table.arr as number[], 1, last);
  else sortCopy(table, f);
  return none();
}

function allNumbers(arr: readonly LuaValue[]): boolean {
  for (let i = 1; i < arr.length; i++) if (typeof arr[i] !== 'number') return false;
  return true;
}

/**
 * Sorts values that guest code compares. It may do anything to the table meanwhile, so a copy is sorted; what has been
 * sorted when it raises an error is stored.
 */
function sortCopy(table: LuaTable, f: LuaFunction | undefined): void {
  const { arr } = table;
  const { length } = arr;
  allocate(length * 8);
  const values = arr.slice();
  if (f !== undefined) enter();
  try {
    sortRange(values, 1, length - 1, f);
  } finally {
    const unchanged = table.arr === arr && arr.length === length && values.length === length;
    if (unchanged && values[length - 1] !== undefined) {
      if (values[0] !== arr[0]) values[0] = arr[0];
      table.arr = values;
    } else {
      // An order that contradicts itself may have exchanged a value with the nil behind the list.
      for (let i = 1; i < values.length; i++) rawSet(table, i, values[i]);
    }
  }
  if (f !== undefined) leave();
}

/** Is `a` before `b`? */
function precedes(a: LuaValue, b: LuaValue, f: LuaFunction | undefined): boolean {
  if (f === undefined) return lessThan(a, b);
  const result = f(a, b);
  return result !== undefined && result !== false;
}

function swap(values: LuaValue[], i: number, j: number): void {
  const kept = values[i];
  values[i] = values[j];
  values[j] = kept;
}

/**
 * Sorts from `low` to `high`. The pivot is the median of the first, middle and last value; a scan that leaves the range
 * means that the order contradicts itself.
 */
function sortRange(values: LuaValue[], from: number, to: number, f: LuaFunction | undefined): void {
  let low = from;
  let high = to;
  while (low < high) {
    charge(high - low);
    if (precedes(values[high], values[low], f)) swap(values, low, high);
    if (high - low === 1) return;
    const middle = (low + high) >> 1;
    if (precedes(values[middle], values[low], f)) swap(values, middle, low);
    else if (precedes(values[high], values[middle], f)) swap(values, middle, high);
    if (high - low === 2) return;
    const pivot = values[middle];
    swap(values, middle, high - 1);
    let i = low;
    let j = high - 1;
    for (;;) {
      while (precedes(values[++i], pivot, f)) if (i > high) invalidOrder();
      while (precedes(pivot, values[--j], f)) if (j < low) invalidOrder();
      if (j < i) break;
      swap(values, i, j);
    }
    swap(values, high - 1, i);
    // The shorter part first: so the nesting stays logarithmic.
    if (i - low < high - i) {
      sortRange(values, low, i - 1, f);
      low = i + 1;
    } else {
      sortRange(values, i + 1, high, f);
      high = i - 1;
    }
  }
}

function invalidOrder(): never {
  return raise('invalid order function for sorting');
}

/** The same for numbers alone, whose order never leaves the range, not even with NaN. */
function sortNumbers(values: number[], from: number, to: number): void {
  let low = from;
  let high = to;
  while (low < high) {
    charge(high - low);
    const first = values[low] as number; // all are numbers, here and below
    const last = values[high] as number;
    if (last < first) {
      values[low] = last;
      values[high] = first;
    }
    if (high - low === 1) return;
    const middle = (low + high) >> 1;
    let pivot = values[middle] as number;
    const least = values[low] as number;
    const most = values[high] as number;
    if (pivot < least) {
      values[low] = pivot;
      values[middle] = least;
      pivot = least;
    } else if (most < pivot) {
      values[high] = pivot;
      values[middle] = most;
      pivot = most;
    }
    if (high - low === 2) return;
    values[middle] = values[high - 1] as number;
    values[high - 1] = pivot;
    let i = low;
    let j = high - 1;
    for (;;) {
      let left = values[++i] as number;
      while (left < pivot) left = values[++i] as number;
      let right = values[--j] as number;
      while (pivot < right) right = values[--j] as number;
      if (j < i) break;
      values[i] = right;
      values[j] = left;
    }
    values[high - 1] = values[i] as number;
    values[i] = pivot;
    if (i - low < high - i) {
      sortNumbers(values, low, i - 1);
      low = i + 1;
    } else {
      sortNumbers(values, i + 1, high);
      high = i - 1;
    }
  }
}
