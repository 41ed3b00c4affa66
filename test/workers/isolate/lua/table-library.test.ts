/**
 * The table library. Each expectation is what Lua 5.1.5 gives for the same calls.
 */
import './registers.ts';
import { test } from 'tap';
import { tableLibrary, unpack } from '../../../../workers/isolate/lua/library/table-library.ts';
import { LuaError } from '../../../../workers/isolate/lua/runtime/errors.ts';
import { Breach } from '../../../../workers/isolate/lua/runtime/meter.ts';
import { one } from '../../../../workers/isolate/lua/runtime/native.ts';
import { border, rawGet, rawSet } from '../../../../workers/isolate/lua/runtime/tables.ts';
import type { LuaTable, LuaValue } from '../../../../workers/isolate/lua/runtime/values.ts';
import { call, errorOf, limited, list } from './natives.ts';

const { concat, foreach, foreachi, getn, insert, maxn, remove, setn, sort } = tableLibrary;

/** t[from] … t[to]. */
function span(table: LuaTable, from: number, to: number): LuaValue[] {
  const values: LuaValue[] = [];
  for (let i = from; i <= to; i++) values.push(rawGet(table, i));
  return values;
}

test('concat joins strings and numbers', (t) => {
  t.same(call(concat, list(1, 2, 3)), ['123']);
  t.same(call(concat, list(1.5, 2, 3e20), 1), ['1.51213e+20']);
  t.same(call(concat, list('a', 'b', 'c'), ', '), ['a, b, c']);
  t.same(call(concat, list(1, 2, 3), ',', '2', '3'), ['2,3']);
  t.same(call(concat, list(1, 2, 3), ',', undefined, 2), ['1,2']);
  t.same(call(concat, list(1, 2, 3), ',', 1.9, 2.9), ['1,2']);
  t.same(call(concat, list(), 'x'), ['']);
  t.same(call(concat, list('a'), 'x', 2), ['']);
  t.equal(
    errorOf(concat, list(1, list(), 3)),
    "invalid value (table) at index 2 in table for 'concat'",
  );
  t.equal(
    errorOf(concat, list(1), ',', 1, 3),
    "invalid value (nil) at index 2 in table for 'concat'",
  );
  t.equal(
    errorOf(concat, list(), 'x', 2147483647, 2147483647),
    "invalid value (nil) at index 2147483647 in table for 'concat'",
  );
  t.equal(errorOf(concat, 1, list()), "bad argument #2 to '?' (string expected, got table)");
  t.equal(errorOf(concat), "bad argument #1 to '?' (table expected, got no value)");
  t.end();
});

test('insert puts values at the end, inside and outside of the list', (t) => {
  const table = list();
  t.same(call(insert, table, 'a'), []);
  call(insert, table, 'b');
  call(insert, table, 1, 'c');
  call(insert, table, 2, 'd');
  call(insert, table, 5, 'e');
  t.same(span(table, 1, 6), ['c', 'd', 'a', 'b', 'e', undefined]);
  const low = list(1, 2, 3);
  call(insert, low, 0, 'z');
  t.same(span(low, 0, 4), ['z', undefined, 1, 2, 3]);
  const lower = list(1, 2, 3);
  call(insert, lower, -1, 'z');
  t.same(span(lower, -2, 5), [undefined, 'z', undefined, undefined, 1, 2, 3, undefined]);
  const far = list(1, 2, 3);
  call(insert, far, 6, 'z');
  t.same([...span(far, 1, 6), border(far)], [1, 2, 3, undefined, undefined, 'z', 3]);
  const gap = list(1, 2, 3);
  call(insert, gap, 2, undefined);
  t.same([...span(gap, 1, 5), border(gap)], [1, undefined, 2, 3, undefined, 4]);
  const joined = list(1, 2);
  rawSet(joined, 4, 4);
  rawSet(joined, 5, 5);
  call(insert, joined, 1, 0);
  t.same([...span(joined, 1, 5), border(joined)], [0, 1, 2, 4, 5, 5]);
  t.equal(errorOf(insert, list(), 1, 2, 3), "wrong number of arguments to 'insert'");
  t.equal(errorOf(insert, list()), "wrong number of arguments to 'insert'");
  t.equal(errorOf(insert, list(), 'x', 1), "bad argument #2 to '?' (number expected, got string)");
  t.equal(errorOf(insert, 1, 1), "bad argument #1 to '?' (table expected, got number)");
  t.end();
});

test('remove takes values out of the list', (t) => {
  const table = list('a', 'b', 'c', 'd');
  t.same(call(remove, table, 1), ['a']);
  t.same(call(remove, table), ['d']);
  t.same(span(table, 1, 4), ['b', 'c', undefined, undefined]);
  t.same(call(remove, table, 5), []);
  t.same(call(remove, table, -1), []);
  t.same(call(remove, table, 0), []);
  t.same(call(remove, list()), []);
  t.same(call(remove, list(1, 2), 2), [2]);
  t.equal(errorOf(remove, list(1), list()), "bad argument #2 to '?' (number expected, got table)");
  t.end();
});

test('long lists are moved as short ones are', (t) => {
  const table = list(...Array.from({ length: 500 }, (_, i) => i + 0.5));
  call(insert, table, 3, 'x');
  call(insert, table, 490, 'y');
  t.same([rawGet(table, 2), rawGet(table, 3), rawGet(table, 4)], [1.5, 'x', 2.5]);
  t.same([rawGet(table, 489), rawGet(table, 490), rawGet(table, 502)], [487.5, 'y', 499.5]);
  t.equal(border(table), 502);
  t.same(call(remove, table, 3), ['x']);
  t.same(call(remove, table, 489), ['y']);
  t.same(
    span(table, 1, 500),
    Array.from({ length: 500 }, (_, i) => i + 0.5),
  );
  t.equal(border(table), 500);
  t.end();
});

test('maxn, getn and setn', (t) => {
  const table = list(1, 2);
  rawSet(table, 10, 1);
  rawSet(table, 2.5, 1);
  rawSet(table, -3, 1);
  t.same(call(maxn, table), [10]);
  t.same(call(maxn, list()), [0]);
  rawSet(table, Number.POSITIVE_INFINITY, 1);
  t.same(call(maxn, table), [Number.POSITIVE_INFINITY]);
  rawSet(table, Number.POSITIVE_INFINITY, undefined);
  rawSet(table, 10, undefined);
  t.same(call(maxn, table), [2.5]);
  t.same(call(getn, list(1, 2, 3)), [3]);
  t.equal(errorOf(getn), "bad argument #1 to '?' (table expected, got no value)");
  t.equal(errorOf(setn, list(), 1), "'setn' is obsolete");
  t.end();
});

test('foreach and foreachi end at the first result', (t) => {
  const table = list(1, 2, 3);
  rawSet(table, 'x', 4);
  const seen: LuaValue[] = [];
  const note = (key: LuaValue, value: LuaValue): LuaValue => {
    seen.push(key, value);
    return one(undefined);
  };
  t.same(call(foreach, table, note), []);
  t.same(call(foreachi, table, note), []);
  t.same(seen, [1, 1, 2, 2, 3, 3, 'x', 4, 1, 1, 2, 2, 3, 3]);
  const second = (key: LuaValue, value: LuaValue): LuaValue => one(value === 2 ? key : undefined);
  t.same(call(foreach, table, second), [2]);
  t.same(call(foreachi, table, second), [2]);
  t.equal(errorOf(foreachi, table, 5), "bad argument #2 to '?' (function expected, got number)");
  t.equal(errorOf(foreach, table), "bad argument #2 to '?' (function expected, got no value)");
  t.end();
});

test('unpack gives as many values as fit on the stack of a call', (t) => {
  t.same(call(unpack, list(1, 2, 3)), [1, 2, 3]);
  t.same(call(unpack, list(1, 2, 3, 4, 5), 2), [2, 3, 4, 5]);
  t.same(call(unpack, list(1, 2, 3), undefined, 2), [1, 2]);
  t.same(call(unpack, list(1), 0, 4), [undefined, 1, undefined, undefined, undefined]);
  t.same(call(unpack, list()), []);
  t.same(call(unpack, list(1, 2, 3), 3, 2), []);
  const long = list(...Array.from({ length: 9000 }, (_, i) => i));
  t.equal(call(unpack, long, 1, 7997).length, 7997);
  t.equal(errorOf(unpack, long, 1, 7998), 'too many results to unpack');
  t.equal(errorOf(unpack, long), 'too many results to unpack');
  t.equal(errorOf(unpack, list(), 1, 1e8), 'too many results to unpack');
  t.equal(errorOf(unpack, list(), -2147483647, 2147483647), 'too many results to unpack');
  t.equal(errorOf(unpack, list(1, 2), 'x'), "bad argument #2 to '?' (number expected, got string)");
  t.end();
});

test('sort compares the same values in the same order as PUC', (t) => {
  const log: string[] = [];
  const table = list(5, 3, 4, 1, 2, 7, 7, 0, 9);
  const less = (a: number, b: number): LuaValue => {
    log.push(`${a}<${b}`);
    return one(a < b);
  };
  t.same(call(sort, table, less), []);
  t.same(span(table, 1, 9), [0, 1, 2, 3, 4, 5, 7, 7, 9]);
  t.equal(
    log.join(' '),
    '9<5 2<5 3<5 4<5 1<5 0<5 7<5 5<7 5<7 5<0 9<7 7<7 9<7 0<2 4<0 2<4 3<2 2<1 3<2 2<1 4<3 1<0',
  );
  const wrong: string[] = [];
  const list5 = list(5, 3, 4, 1, 2);
  const always = (a: LuaValue, b: LuaValue): LuaValue => {
    wrong.push(`${a ?? 'nil'}<${b ?? 'nil'}`);
    return one(true);
  };
  t.equal(errorOf(sort, list5, always), 'invalid order function for sorting');
  t.equal(wrong.join(' '), '2<5 4<2 3<2 1<2 2<2 5<2 nil<2');
  t.same(span(list5, 1, 5), [4, 3, 1, 2, 5], 'what was sorted stays');
  t.end();
});

test('sort without a function', (t) => {
  const numbers = list(3, 1.5, -2, 10, 0, 3, 1e300, Number.NEGATIVE_INFINITY);
  call(sort, numbers);
  t.same(span(numbers, 1, 8), [Number.NEGATIVE_INFINITY, -2, 0, 1.5, 3, 3, 10, 1e300]);
  const texts = list('b', 'a', 'ab', '', 'B', '\xff', 'a\0');
  call(sort, texts);
  t.same(span(texts, 1, 7), ['', 'B', 'a', 'a\0', 'ab', 'b', '\xff']);
  t.equal(errorOf(sort, list(1, 'x')), 'attempt to compare string with number');
  t.equal(errorOf(sort, list(1, list(), 2)), 'attempt to compare table with number');
  t.equal(errorOf(sort, list(3, 1), 5), "bad argument #2 to '?' (function expected, got number)");
  t.end();
});

test('sort of many numbers, as with a function', (t) => {
  let state = 42;
  const values = Array.from({ length: 3000 }, () => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return (state % 1000) / 8;
  });
  const plain = list(...values);
  const compared = list(...values);
  call(sort, plain);
  call(sort, compared, (a: number, b: number) => one(a < b));
  const expected = values.toSorted((a, b) => a - b);
  t.same(span(plain, 1, 3000), expected);
  t.same(span(compared, 1, 3000), expected);
  t.end();
});

test('nothing is lost when the order function fails or changes the table', (t) => {
  const table = list(5, 4, 3, 2, 1);
  let calls = 0;
  const failing = (a: number, b: number): LuaValue => {
    if (++calls === 5) throw new LuaError('enough');
    return one(a < b);
  };
  t.equal(errorOf(sort, table, failing), 'enough');
  t.same(span(table, 1, 5).toSorted(), [1, 2, 3, 4, 5]);
  const cleared = list(5, 4, 3, 2, 1);
  call(sort, cleared, (a: number, b: number) => {
    for (let i = 5; i >= 1; i--) rawSet(cleared, i, undefined);
    return one(a < b);
  });
  t.same(span(cleared, 1, 6), [1, 2, 3, 4, 5, undefined]);
  t.end();
});

test('a small budget ends every function', (t) => {
  const long = list(...Array.from({ length: 20_000 }, (_, i) => 20_000 - i));
  const small = { instructions: 500 };
  const attempts: Record<string, () => unknown> = {
    concat: () => call(concat, long, 'x'),
    insert: () => call(insert, long, 1, 1),
    'insert far below': () => call(insert, list(1), -1e9, 1),
    remove: () => call(remove, long, 1),
    sort: () => call(sort, long),
    'sort with a function': () => call(sort, long, (a: number, b: number) => one(a < b)),
    foreach: () => call(foreach, long, () => one(undefined)),
    foreachi: () => call(foreachi, long, () => one(undefined)),
    unpack: () => call(unpack, long, 1, 7000),
  };
  for (const [name, attempt] of Object.entries(attempts)) {
    t.throws(() => limited(small, attempt), Breach, name);
  }
  t.throws(
    () => limited({ string: 1000 }, () => call(concat, list('a'.repeat(600), 'b'.repeat(600)))),
    Breach,
  );
  t.throws(() => limited({ polls: 0 }, () => call(concat, list('a'.repeat(300_000)))), Breach);
  t.end();
});
