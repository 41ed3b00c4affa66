/**
 * The os library. Each expectation is what Lua 5.1.5 gives for the same calls with TZ=UTC.
 */
import './registers.ts';
import { test } from 'tap';
import { makeOsLibrary } from '../../../../workers/isolate/lua/library/os-library.ts';
import { one } from '../../../../workers/isolate/lua/runtime/native.ts';
import { rawGet } from '../../../../workers/isolate/lua/runtime/tables.ts';
import { Cursor } from '../../../../workers/isolate/lua/runtime/traversal.ts';
import { LuaTable, type LuaValue } from '../../../../workers/isolate/lua/runtime/values.ts';
import { call, errorOf, list, record } from './natives.ts';

const { clock, date, difftime, time } = makeOsLibrary();

test('date writes every conversion as C does', (t) => {
  const format =
    '!%a %A %b %B %c %C %d %D %e %F %g %G %h %H %I %j %k %l %m %M %p %r %R %s %S %T %u %U %V %w %W %x %X %y %Y %z %Z %%';
  const cases: readonly (readonly [number, string])[] = [
    [
      0,
      'Thu Thursday Jan January Thu Jan  1 00:00:00 1970 19 01 01/01/70  1 1970-01-01 70 1970 Jan 00 12 001  0 12 01 00 AM 12:00:00 AM 00:00 0 00 00:00:00 4 00 01 4 00 01/01/70 00:00:00 70 1970 +0000 GMT %',
    ],
    [
      -1,
      'Wed Wednesday Dec December Wed Dec 31 23:59:59 1969 19 31 12/31/69 31 1969-12-31 70 1970 Dec 23 11 365 23 11 12 59 PM 11:59:59 PM 23:59 -1 59 23:59:59 3 52 01 3 52 12/31/69 23:59:59 69 1969 +0000 GMT %',
    ],
    [
      1709210096,
      'Thu Thursday Feb February Thu Feb 29 12:34:56 2024 20 29 02/29/24 29 2024-02-29 24 2024 Feb 12 12 060 12 12 02 34 PM 12:34:56 PM 12:34 1709210096 56 12:34:56 4 08 09 4 09 02/29/24 12:34:56 24 2024 +0000 GMT %',
    ],
    [
      -62135596800,
      'Mon Monday Jan January Mon Jan  1 00:00:00 1 0 01 01/01/01  1 1-01-01 01 1 Jan 00 12 001  0 12 01 00 AM 12:00:00 AM 00:00 -62135596800 00 00:00:00 1 00 01 1 01 01/01/01 00:00:00 01 1 +0000 GMT %',
    ],
  ];
  for (const [seconds, expected] of cases) t.same(call(date, format, seconds), [expected]);
  t.same(call(date, '%c', 86_400 * 365.25), ['Fri Jan  1 06:00:00 1971']);
  t.same(call(date, '%x %X %Z', 1234567890), ['02/13/09 23:31:30 UTC']);
  t.same(call(date, '%c %F %C %y %G %g', -1e11), [
    'Thu Feb 15 14:13:20 -1199 -1199-02-15 -12 01 -1199 01',
  ]);
  t.same(call(date, '%c %F %C %y %G %g', 1e12), [
    'Fri Sep 27 01:46:40 33658 33658-09-27 336 58 33658 58',
  ]);
  t.same(call(date, '', 0), ['']);
  t.same(call(date, 'a\0b', 0), ['a']);
  t.same(call(date, '*txyz', 0), ['*txyz']);
  t.end();
});

test('weeks are counted as ISO 8601 says', (t) => {
  const cases: readonly (readonly [number, string])[] = [
    [1104537600, '2004-53-6 04 00 00 001'],
    [1104624000, '2004-53-7 04 01 00 002'],
    [1230508800, '2009-01-1 09 52 52 364'],
    [1262476800, '2009-53-7 09 01 00 003'],
    [1262563200, '2010-01-1 10 01 01 004'],
    [1356912000, '2013-01-1 13 53 53 366'],
    [1609372800, '2020-53-4 20 52 52 366'],
    [1609632000, '2020-53-7 20 01 00 003'],
  ];
  for (const [seconds, expected] of cases) {
    t.same(call(date, '!%G-%V-%u %g %U %W %j', seconds), [expected]);
  }
  t.end();
});

test('date gives a table, nil for what is no date, and errors', (t) => {
  const [table] = call(date, '!*t', 1234567890);
  const parts: string[] = [];
  if (table instanceof LuaTable) {
    for (const cursor = new Cursor(table); cursor.advance(); ) {
      parts.push(`${String(cursor.key)}=${String(cursor.value)}`);
    }
  }
  t.equal(
    parts.sort().join(' '),
    'day=13 hour=23 isdst=false min=31 month=2 sec=30 wday=6 yday=44 year=2009',
  );
  t.same(call(date, '*t', 1e18), [undefined]);
  t.same(call(date, '%c', 2 ** 60), [undefined]);
  t.same(call(date, '%c', Number.NaN), [undefined]);
  t.equal(errorOf(date, list()), "bad argument #1 to '?' (string expected, got table)");
  t.equal(errorOf(date, '%c', 'x'), "bad argument #2 to '?' (number expected, got string)");
  // As lua_sandbox, where Lua 5.1 leaves it to the C library.
  t.equal(errorOf(date, 'a%Q', 0), "bad argument #1 to '?' (invalid conversion specifier '%Q')");
  t.equal(errorOf(date, '%Y %', 0), "bad argument #1 to '?' (invalid conversion specifier '%')");
  t.same(call(date, '!%Ey %Od', 0), ['70 01']);
  t.end();
});

test('time puts parts outside of their ranges right', (t) => {
  const cases: readonly (readonly [Record<string, LuaValue>, number | undefined])[] = [
    [{ year: 2000, month: 1, day: 1 }, 946728000],
    [{ year: 2000, month: 1, day: 1, hour: 0 }, 946684800],
    [{ year: 2000, month: 13, day: 32, hour: 25, min: 61, sec: 61 }, 981079321],
    [{ year: 2009, month: 2, day: 13, hour: 23, min: 31, sec: 30, isdst: false }, 1234567890],
    [{ year: '2000', month: '1', day: '1' }, 946728000],
    [{ year: 2000, month: -5, day: -10 }, 929880000],
    [{ year: 99, month: 1, day: 1 }, -59042952000],
    [{ year: 2000, month: 1, day: 1.9 }, 946728000],
    [{ year: 2000, month: 1, day: 1, sec: -1 }, 946727999],
    [{ year: 2000, month: 1, day: 1, hour: 'x' }, 946728000],
    [{ year: 2000, month: 1, day: 1, isdst: true }, 946724400],
    [{ year: 300000, month: 1, day: 1 }, 9404918424000],
    [{ year: 2 ** 40, month: 1, day: 1 }, -62167176000],
    // The second before 1970 is what C's mktime gives when it fails.
    [{ year: 1969, month: 12, day: 31, hour: 23, min: 59, sec: 59 }, undefined],
  ];
  for (const [parts, expected] of cases) {
    t.same(call(time, record(parts)), [expected], JSON.stringify(parts));
  }
  t.equal(errorOf(time, record({})), "field 'day' missing in date table");
  t.equal(errorOf(time, record({ day: 1 })), "field 'month' missing in date table");
  t.equal(errorOf(time, record({ day: 1, month: 'x' })), "field 'month' missing in date table");
  t.equal(errorOf(time, 1), "bad argument #1 to '?' (table expected, got number)");
  t.end();
});

test('time reads its table with metamethods', (t) => {
  const table = record({ year: 2000 });
  const defaults = record({ month: 1, day: 1 });
  table.mt = record({ __index: defaults });
  t.same(call(time, table), [946728000]);
  table.mt = record({ __index: (_: LuaValue, key: LuaValue) => one(rawGet(defaults, key)) });
  t.same(call(time, table), [946728000]);
  t.end();
});

test('time without a table is now, and date writes it', (t) => {
  const before = Math.floor(Date.now() / 1000);
  const [now] = call(time);
  const after = Math.floor(Date.now() / 1000);
  t.ok(typeof now === 'number' && now >= before && now <= after);
  t.match(call(date)[0], /^\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}$/);
  t.end();
});

test('clock and difftime', (t) => {
  const [used] = call(clock);
  t.ok(typeof used === 'number' && used >= 0);
  t.same(call(difftime, 10, 5), [5]);
  t.same(call(difftime, 10), [10]);
  t.equal(errorOf(difftime), "bad argument #1 to '?' (number expected, got no value)");
  t.end();
});
