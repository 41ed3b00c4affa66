/**
 * The string library but for patterns' own rules (pattern.test.ts): cutting, cases, bytes, formats, replacements, errors, and
 * what each function pays.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t from 'tap';
import { Breach } from '../../../../workers/isolate/lua/runtime/meter.ts';
import { LuaTable, type LuaValue } from '../../../../workers/isolate/lua/runtime/values.ts';
import { call, errorOf, limited, list, record } from './natives.ts';
import { type Call, natives, needsReference, ours, theirs } from './reference-lua.ts';

const LONG = `${'x'.repeat(100)}\0y`;

/** Each expectation is what Lua 5.1.5 gives. */
const cases: readonly (readonly [call: Call, line: string])[] = [
  [['len', 'a\0b'], '3'],
  [['len', 12.5], '4'],
  [['sub', 'hello', 2], '"ello"'],
  [['sub', 'hello', 2, 3], '"el"'],
  [['sub', 'hello', -3], '"llo"'],
  [['sub', 'hello', -3, -2], '"ll"'],
  [['sub', 'hello', 0], '"hello"'],
  [['sub', 'hello', 10], '""'],
  [['sub', 'hello', 3, 2], '""'],
  [['sub', 'hello', -100, 100], '"hello"'],
  [['sub', 'hello', -100, -100], '""'],
  [['sub', 'hello', '2', 3.9], '"el"'],
  [['sub', 'hello', -5, 0], '""'],
  [['byte', 'abc'], '97'],
  [['byte', 'abc', -1], '99'],
  [['byte', 'abc', 10], ''],
  [['byte', 'abc', 0], ''],
  [['byte', 'abc', -4], ''],
  [['byte', 'abc', 1, -1], '97 98 99'],
  [['byte', 'abcdef', 0, 100], '97 98 99 100 101 102'],
  [['byte', 'abc', '2'], '98'],
  [['char'], '""'],
  [['char', 0, 255, 65], '"\\u0000\\u00ffA"'],
  [['rep', 'ab', 3], '"ababab"'],
  [['rep', 'ab', -1], '""'],
  [['rep', '', 1e9], '""'],
  [['rep', 'x', 2 ** 32 + 2], '"xx"'],
  [['rep', 'abc', 100], `"${'abc'.repeat(100)}"`],
  [['reverse', 'a\0bc'], '"cb\\u0000a"'],
  [['upper', 'aZ\xe9\xff\xb5\xdf1'], '"AZ\\u00e9\\u00ff\\u00b5\\u00df1"'],
  [['lower', 'AzÉÀ1'], '"az\\u00c9\\u00c01"'],
  [['lower', 1.5], '"1.5"'],
  [['find', 'abc', '', 4], '4 3'],
  [['find', 'abc', '', 5], '4 3'],
  [['find', 'abc', '', -10], '1 0'],
  [['find', 'a.b', '.', 1, true], '2 2'],
  [['find', 'abc', 'b', 1, 0], '2 2'],
  [['find', 'abc', 'b', 1, false], '2 2'],
  [['gsub', 'hello', 'l', 'L', -1], '"hello" 0'],
  [['gsub', 'hello', 'l', 'L', 2 ** 32 + 1], '"heLlo" 1'],
  [['gsub', 'hello', 'l', 7], '"he77o" 2'],
  [['gsub', 'abc', '%w', ''], '"" 3'],
  [['gsub', 'abc', '()b()', '%1-%2'], '"a2-3c" 1'],
  [['gsub', 'x', 'y', '%2'], '"x" 0'],
  [['format', '%d %i %u', 42, -3.9, 7], '"42 -3 7"'],
  [['format', '%d', '10'], '"10"'],
  [['format', '%5d|%-5d|%05d|%05d', 42, 42, 42, -42], '"   42|42   |00042|-0042"'],
  [['format', '%+d|% d|%.3d|%5.3d|%+05d', 42, 42, 5, 5, 3], '"+42| 42|005|  005|+0003"'],
  [['format', '%d %d', 2 ** 53, -(2 ** 63)], '"9007199254740992 -9223372036854775808"'],
  [['format', '%d', 1e300], '"-9223372036854775808"'],
  [['format', '%x %X %o %#x %#o', 255, 255.9, 8, 255, 8], '"ff FF 10 0xff 010"'],
  [['format', '%08x|%-6x|%6X', 3054, 255, 255], '"00000bee|ff    |    FF"'],
  [['format', '%x %o', -1, -1], '"ffffffffffffffff 1777777777777777777777"'],
  [['format', '%x %x %u', 2 ** 63, 1.5e19, 2 ** 64], '"8000000000000000 d02ab486cedc0000 0"'],
  [['format', '%.2f %5.1f %.0f %#.0f', 3.1459, 2.25, 2.5, 2.5], '"3.15   2.2 2 2."'],
  [['format', '%5.2f|%-8.2f|%08.3f', -0.001, 1, -1.5], '"-0.00|1.00    |-001.500"'],
  [['format', '%.2f %.2f %.3f', 1.005, 0.125, 0.0625], '"1.00 0.12 0.062"'],
  [['format', '%.1f %.2f %f', 0.95, 1e15, 1 / 3], '"0.9 1000000000000000.00 0.333333"'],
  [['format', '%g %g %g %g %g', 100, 1e6, 0.1, 1e-5, -0], '"100 1e+06 0.1 1e-05 -0"'],
  [['format', '%.3g %.0g %G %.14g', 1234, 123, 1e-10, 0.1], '"1.23e+03 1e+02 1E-10 0.1"'],
  [['format', '%.14g %.14g', 2 ** 53, 123456.789], '"9.007199254741e+15 123456.789"'],
  [['format', '%e %.0e %E', 1.5, 15000, 0], '"1.500000e+00 2e+04 0.000000E+00"'],
  [['format', '%5.1f %05d', 1 / 0, 1 / 0], '"  inf -9223372036854775808"'],
  [['format', '%s=%s', 'a', 1.5], '"a=1.5"'],
  [
    ['format', '%5s|%-5s|%.2s|%5.1s|%.0s', 'ab', 'ab', 'abc', 'abc', 'x'],
    '"   ab|ab   |ab|    a|"',
  ],
  [['format', '%05s|% s', 'ab', 'x'], '"   ab|x"'],
  [['format', '%s|%5s', 'a\0b', 'a\0b'], '"a|    a"'],
  [['format', '%4s', LONG], `"${'x'.repeat(100)}\\u0000y"`],
  [['format', '%.2s', LONG], '"xx"'],
  [['format', '%c%c|%3c|%-3c|', 65, 256 + 66, 67, 68], '"AB|  C|D  |"'],
  [['format', '%c|%5c|', 0, 0], '"|    |"'],
  [['format', '%q', 'a\nb\\"\r\0c'], '"\\"a\\\\\\nb\\\\\\\\\\\\\\"\\\\r\\\\000c\\""'],
  [['format', '%%d a\0b%d\0', 1], '"%d a\\u0000b1\\u0000"'],
  [['format', 5], '"5"'],
  [['format', '%y', 1], "error \"invalid option '%y' to 'format'\""],
  [['format', '%', 1], "error \"invalid option '%' to 'format'\""],
  [['format', '%\0', 1], "error \"invalid option '%' to 'format'\""],
  [['format', '%5%', 1], "error \"invalid option '%%' to 'format'\""],
  [['format', '%ld', 1], "error \"invalid option '%l' to 'format'\""],
  [['format', '%d'], 'error "bad argument #2 to \'?\' (no value)"'],
  [['format', '%'], 'error "bad argument #2 to \'?\' (no value)"'],
  [['format', '%d', 'x'], 'error "bad argument #2 to \'?\' (number expected, got string)"'],
  [['format', '%s', undefined], 'error "bad argument #2 to \'?\' (string expected, got nil)"'],
  [['format', '%s', true], 'error "bad argument #2 to \'?\' (string expected, got boolean)"'],
  [['format', '%123d', 1], 'error "invalid format (width or precision too long)"'],
  [['format', '%.123d', 1], 'error "invalid format (width or precision too long)"'],
  [['format', '%-+ #0-d', 1], 'error "invalid format (repeated flags)"'],
  [['format'], 'error "bad argument #1 to \'?\' (string expected, got no value)"'],
  [['format', undefined], 'error "bad argument #1 to \'?\' (string expected, got nil)"'],
  [['rep'], 'error "bad argument #1 to \'?\' (string expected, got no value)"'],
  [['rep', 'x'], 'error "bad argument #2 to \'?\' (number expected, got no value)"'],
  [['char', 256], 'error "bad argument #1 to \'?\' (invalid value)"'],
  [['char', 65, -1], 'error "bad argument #2 to \'?\' (invalid value)"'],
  [['byte', 'x', 'y'], 'error "bad argument #2 to \'?\' (number expected, got string)"'],
  [['byte', 'x'.repeat(8001), 1, -1], 'error "stack overflow (string slice too long)"'],
  [['sub', 'x'], 'error "bad argument #2 to \'?\' (number expected, got no value)"'],
  [['sub'], 'error "bad argument #1 to \'?\' (string expected, got no value)"'],
  [['len', undefined], 'error "bad argument #1 to \'?\' (string expected, got nil)"'],
  [['dump'], 'error "bad argument #1 to \'?\' (function expected, got no value)"'],
  [['find', 'x'], 'error "bad argument #2 to \'?\' (string expected, got no value)"'],
  [['find', 'x', 'x', true], 'error "bad argument #3 to \'?\' (number expected, got boolean)"'],
  [['gmatch', 'x'], 'error "bad argument #2 to \'?\' (string expected, got no value)"'],
  [['gsub', 'x', 'x'], 'error "bad argument #3 to \'?\' (string/function/table expected)"'],
  [['gsub', 'x', 'x', true, 'y'], 'error "bad argument #4 to \'?\' (number expected, got string)"'],
  [['gsub', 'x', 'x', '%2'], 'error "invalid capture index"'],
  [['gsub', 'x', '(x', '%1'], 'error "unfinished capture"'],
  [['gsub', 'x', '(x', 'a'], '"a" 1'],
];

for (const [made, line] of cases) {
  const name = JSON.stringify(made).slice(0, 80);
  t.equal(ours(made), line, name);
}

t.test('the cases are what the installed Lua 5.1 says', needsReference, (t) => {
  const lines = theirs(cases.map(([made]) => made));
  for (const [i, [made, line]] of cases.entries()) {
    t.equal(lines[i], line, JSON.stringify(made).slice(0, 80));
  }
  t.end();
});

t.test('numbers are formatted as the installed Lua 5.1 does', needsReference, (t) => {
  const values = [0, -0, 1, -1, 0.5, 1.5, 2.5, 0.05, 0.15, 0.25, 0.35, 1 / 3, 2 / 3, 0.005, 1.005];
  for (let i = 1; i < 60; i++)
    values.push(i / 7, -i / 8, i * 1.1, 10 ** (i - 30) * 1.5, i ** 9 / 3);
  values.push(999.9995, 9999.995, 99999.95, 999999.5, 1073741823.5, 2 ** 31, 2 ** 53, 1e21, 1e22);
  const formats = [
    '%.0f',
    '%.1f',
    '%.2f',
    '%.3f',
    '%6.2f',
    '%g',
    '%.3g',
    '%.10g',
    '%.14g',
    '%.15g',
  ];
  formats.push('%.16g', '%.17g', '%d', '%5d', '%e', '%f', '%+.1f', '%s');
  const calls = values.flatMap((value) => formats.map((format): Call => ['format', format, value]));
  const lines = theirs(calls);
  for (const [i, made] of calls.entries()) {
    const line = ours(made);
    if (line !== lines[i]) t.equal(line, lines[i], JSON.stringify(made));
  }
  t.equal(lines.length, calls.length);
  t.end();
});

t.test('gsub asks a function with the captures, and keeps what it gives', (t) => {
  const seen: LuaValue[][] = [];
  const answers: LuaValue[] = ['<', 7, undefined, false];
  const replace = (...args: LuaValue[]): LuaValue => {
    seen.push(args);
    $count = 1;
    return answers[seen.length - 1];
  };
  t.same(call(natives['gsub'], 'a b c d', '%a', replace), ['< 7 c d', 4]);
  t.same(seen.splice(0), [['a'], ['b'], ['c'], ['d']]);
  t.same(call(natives['gsub'], 'ab', '(%a)(%a)', replace), ['<', 1]);
  t.same(call(natives['gsub'], 'ab', '()(%a)(%a)()', replace), ['7', 1]);
  t.same(seen, [
    ['a', 'b'],
    [1, 'a', 'b', 3],
  ]);
  t.equal($nested, 0);
  t.end();
});

t.test('a function that gsub asks may search itself', (t) => {
  const replace = (word: LuaValue): LuaValue => {
    const [inner] = call(natives['gsub'], word, '(%d)', '<%1>');
    $count = 1;
    return inner;
  };
  t.same(call(natives['gsub'], 'a1 b22', '%w+', replace), ['a<1> b<2><2>', 2]);
  t.end();
});

t.test('gsub looks up in a table, metatables included', (t) => {
  const names = record({ name: 'Bob', age: 42, no: false });
  t.same(call(natives['gsub'], '$name $age $no $x', '%$(%w+)', names), ['Bob 42 $no $x', 4]);
  const heir = new LuaTable();
  heir.mt = record({ __index: names });
  t.same(call(natives['gsub'], '$name', '%$(%w+)', heir), ['Bob', 1]);
  const asked = new LuaTable();
  asked.mt = record({
    __index: (_: LuaValue, key: LuaValue): LuaValue => {
      $count = 1;
      return `[${String(key)}]`;
    },
  });
  t.same(call(natives['gsub'], 'ab', '%a', asked), ['[a][b]', 2]);
  t.same(call(natives['gsub'], 'ab', '()%a', list('one', 'two')), ['onetwo', 2]);
  t.end();
});

t.test('gsub refuses replacements that are no text', (t) => {
  const give = (value: LuaValue) => (): LuaValue => {
    $count = 1;
    return value;
  };
  t.equal(
    errorOf(natives['gsub'], 'x', 'x', give(new LuaTable())),
    'invalid replacement value (a table)',
  );
  t.equal(errorOf(natives['gsub'], 'x', 'x', give(true)), 'invalid replacement value (a boolean)');
  t.end();
});

t.test('what is cut out of a long string does not keep it alive', (t) => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void; // what the flag adds
  const kept: LuaValue[] = [];
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < 100; i++) {
    const [parent] = call(natives['upper'], `${'ab'.repeat(40_000)}=some words ${i};`);
    kept.push(call(natives['sub'], parent, 2, 30)[0]);
    kept.push(call(natives['match'], parent, '=(%a+ %a+)')[0]);
    const step = call(natives['gmatch'], parent, '=%a+ %a+ %d+')[0];
    if (typeof step === 'function') kept.push(call(step)[0]);
  }
  collect();
  const grown = process.memoryUsage().heapUsed - before;
  t.equal(kept[1], 'SOME WORDS');
  t.equal(kept[2], '=SOME WORDS 0');
  t.ok(grown < 4e6, `${grown} bytes of 8 MB`);
  t.end();
});

t.test('gfind is gmatch', (t) => {
  t.equal(natives['gfind'], natives['gmatch']);
  t.end();
});

t.test('dump refuses every function', (t) => {
  t.equal(
    errorOf(natives['dump'], () => undefined),
    'unable to dump given function',
  );
  t.end();
});

/** What ends the guest that runs `body` within limits; undefined if nothing does. */
function breachOf(limits: Parameters<typeof limited>[0], body: () => void): string | undefined {
  try {
    limited(limits, body);
  } catch (error) {
    if (error instanceof Breach) return error.outcome.kind;
    throw error;
  }
  return undefined;
}

const MEBIBYTE = 'x'.repeat(1 << 20);

const costly: readonly (readonly [name: string, ...args: (string | number)[]])[] = [
  ['rep', 'ab', 4000],
  ['upper', MEBIBYTE],
  ['lower', MEBIBYTE],
  ['upper', `${MEBIBYTE}\xe9`],
  ['reverse', MEBIBYTE],
  ['byte', 'x'.repeat(8000), 1, -1],
  ['char', ...Array.from({ length: 1000 }, () => 65)],
  ['format', MEBIBYTE],
  ['format', '%s', MEBIBYTE],
  ['format', '%q', MEBIBYTE],
  ['format', '%d', 5],
  ['format', '%.99f', 1e300],
  ['find', MEBIBYTE, 'y'],
];

for (const [name, ...args] of costly) {
  const shown = args.map((value) => String(value).slice(0, 8)).join(', ');
  t.test(`a small budget ends a loop over ${name}(${shown})`, (t) => {
    const kind = breachOf({ instructions: 10_000 }, () => {
      for (let i = 0; i < 10_000; i++) natives[name]?.(...args);
    });
    t.equal(kind, 'instructions');
    t.end();
  });
}

const tooLong: readonly (readonly [name: string, ...args: (string | number)[]])[] = [
  ['rep', 'ab', 1e9],
  ['format', '%s%s', 'x'.repeat(600), 'x'.repeat(600)],
  ['format', `%s${'x'.repeat(600)}`, 'x'.repeat(600)],
  ['format', '%q', '\0'.repeat(500)],
  ['gsub', 'x'.repeat(100), 'x', 'y'.repeat(100)],
  ['gsub', 'x'.repeat(100), 'x', '%0%0%0%0%0%0%0%0%0%0%0'],
];

for (const [name, ...args] of tooLong) {
  t.test(`a string over the limit ends the guest: ${name}`, (t) => {
    t.equal(
      breachOf({ string: 1024 }, () => natives[name]?.(...args)),
      'memory',
    );
    t.end();
  });
}

t.test('what is made is counted', (t) => {
  const kind = breachOf({ polls: 3 }, () => {
    for (let i = 0; i < 100; i++) natives['rep']?.('ab', 50_000);
  });
  t.equal(kind, 'memory');
  t.end();
});
