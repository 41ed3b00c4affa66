/**
 * The runtime's functions by the names that compiled code knows them by. The bundle's footer makes them constants at
 * script level (footer.ts), where V8 sees through them.
 */

import { select } from '../library/base-library.ts';
import { error } from '../library/protected-calls.ts';
import { index, rawField, setField, setIndex, storeList } from './access.ts';
import {
  add,
  concat,
  concat3,
  concatAll,
  div,
  equal,
  length,
  lessEqual,
  lessThan,
  minus,
  mod,
  mul,
  pow,
  power,
  sameText,
  sub,
} from './arithmetic.ts';
import { bounce, call0, call1, call2, callAll, callable, defer } from './calls.ts';
import { chain, generator, twin, yieldPlain } from './coroutines.ts';
import { enter, env, inherit, isCallerAware } from './environments.ts';
import { raiseHere } from './errors.ts';
import { cursor } from './iteration.ts';
import { allocate, charge, safepoint } from './meter.ts';
import { many, results, spread, toNumber } from './native.ts';
import { countLine } from './profile.ts';
import { rawSet } from './tables.ts';
import { EMPTY, LuaTable, type LuaValue } from './values.ts';

/** An array part without nils at its end. */
function trimmed(list: LuaValue[]): LuaValue[] {
  if (list.length > 16) {
    charge(list.length >> 4);
    allocate(list.length << 3);
  }
  while (list.length > 1 && list[list.length - 1] === undefined) list.pop();
  return list;
}

/** An array part that ends in the results of the call that just returned `first`. */
function arrayOf(before: LuaValue[], first: LuaValue): LuaValue[] {
  if (before.length === 0) before.length = 1;
  switch ($count) {
    case 0:
      break;
    case 1:
      before.push(first);
      break;
    default:
      for (const value of results(first)) before.push(value);
  }
  return trimmed(before);
}

/** Several results: some, and those of the call that just returned `first`. */
function manyMore(before: LuaValue[], first: LuaValue): LuaValue {
  for (const value of results(first)) before.push(value);
  return many(before);
}

/** A `for` loop's number out of a value that is none. */
function forNumber(value: LuaValue, what: string): number {
  const number = toNumber(value);
  const name = what === 'initial' ? 'initial value' : what;
  return number ?? raiseHere(`'for' ${name} must be a number`);
}

/** The `arg` table of a vararg function. */
function argumentTable(values: readonly LuaValue[]): LuaTable {
  const table = new LuaTable();
  if (values.length > 0) table.arr = trimmed([undefined, ...values]);
  rawField(table, 'n', values.length);
  return table;
}

export const emitted = {
  $Table: LuaTable,
  $empty: EMPTY,
  $floor: Math.floor,
  $power: power,
  $safepoint: safepoint,
  $enter: enter,
  $env: env,
  $inherit: inherit,
  $aware: isCallerAware,
  $index: index,
  $setIndex: setIndex,
  $setField: setField,
  $rawStore: rawSet,
  $rawField: rawField,
  $storeList: storeList,
  $trimmed: trimmed,
  $arrayOf: arrayOf,
  $add: add,
  $sub: sub,
  $mul: mul,
  $div: div,
  $mod: mod,
  $pow: pow,
  $minus: minus,
  $length: length,
  $eq: equal,
  $sameText: sameText,
  $lt: lessThan,
  $le: lessEqual,
  $concat: concat,
  $concat3: concat3,
  $concatAll: concatAll,
  $callable: callable,
  $call0: call0,
  $call1: call1,
  $call2: call2,
  $callAll: callAll,
  $defer: defer,
  $bounce: bounce,
  $results: results,
  $spread: spread,
  $many: many,
  $manyMore: manyMore,
  $cursor: cursor,
  $forNumber: forNumber,
  $arg: argumentTable,
  $twin: twin,
  $generator: generator,
  $yield: yieldPlain,
  $chain: chain,
  $select: select,
  $error: error,
  $profileLine: countLine,
};
