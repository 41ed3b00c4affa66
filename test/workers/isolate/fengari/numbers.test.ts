/**
 * Numbers, their texts and the math library.
 * Each expectation is what Lua 5.1.5 gives for the same source.
 */
import t from 'tap';
import { evaluate } from './guest.ts';

const cases: readonly (readonly [string, string])[] = [
  [
    'return 1, 1.5, -0.5, 1e14, 1e15, 99999999999999, 123456789012345',
    '1 | 1.5 | -0.5 | 1e+14 | 1e+15 | 99999999999999 | 1.2345678901234e+14',
  ],
  [
    'return 7/1, 3/2, 2^53, 2^31, 2^32, -2^31, 0x7fffffff + 1',
    '7 | 1.5 | 9.007199254741e+15 | 2147483648 | 4294967296 | -2147483648 | 2147483648',
  ],
  [
    'return 0.1, 1/3, 1e-5, 1e-4, 123e-7, 5e-324, 1.7976931348623157e308',
    '0.1 | 0.33333333333333 | 1e-05 | 0.0001 | 1.23e-05 | 4.9406564584125e-324 | 1.7976931348623e+308',
  ],
  ['return 1/0, -1/0', 'inf | -inf'],
  ['return -0', '-0'],
  ['return 0 == -0', 'true'],
  ['return 0xffffffff, 0xfffffffffffff, 0x10', '4294967295 | 4.5035996273705e+15 | 16'],
  ['return 7 % 3, -7 % 3, 7 % -3, -7 % -3, 5.5 % 2', '1 | 2 | -2 | -1 | 1.5'],
  ['return "10" + 5, "0x10" + 0, " 5 " * 2, 10 .. 20, 1.5 .. ""', '15 | 16 | 10 | 1020 | 1.5'],
  [
    'return tonumber("10"), tonumber("abc"), tonumber("1e1"), tonumber("0x1p4"), tonumber(""), tonumber("1 2"), tonumber("."), tonumber("5.")',
    '10 | nil | 10 | 16 | nil | nil | nil | 5',
  ],
  [
    'return tonumber("10", 2), tonumber("ff", 16), tonumber("zz", 36), tonumber("8", 8), tonumber("0xff", 16), tonumber("7fffffff", 16)',
    '2 | 255 | 1295 | nil | 255 | 2147483647',
  ],
  [
    'return tonumber("inf"), tonumber("-inf"), tonumber(" 12 "), tonumber("1e"), tonumber("0x")',
    'inf | -inf | 12 | nil | nil',
  ],
  [
    'local s = "" for i = 2^31 - 2, 2^31 + 1 do s = s .. i .. " " end return s',
    '2147483646 2147483647 2147483648 2147483649 ',
  ],
  ['local s = "" for i = 1, 2, 0.25 do s = s .. i .. " " end return s', '1 1.25 1.5 1.75 2 '],
  ['local s = "" for i = 10, 1, -3 do s = s .. i .. " " end return s', '10 7 4 1 '],
  ['local n = 0 for i = 1, 0 do n = n + 1 end return n', '0'],
  [
    'return 2147483647 + 1, 4294967296 * 4294967296, 2^1023 * 2',
    '2147483648 | 1.844674407371e+19 | inf',
  ],
  ['return 1 == 1.0, "1" == 1, 1 < 2, 2 <= 2, 3 > 4', 'true | false | true | true | false'],
  ['local t = {} t[1.0] = "a" t[2^53] = "b" t[-0] = "c" return t[1], t[2^53], t[0]', 'a | b | c'],
  [
    'return 100000000000005, 100000000000015, 1000000000000050',
    '1e+14 | 1.0000000000002e+14 | 1e+15',
  ],
  [
    'return math.floor(-3.5), math.ceil(3.2), math.floor(2^40 + 0.5), math.abs(-1), math.max(1, 5, 3), math.min(2, 1)',
    '-4 | 4 | 1099511627776 | 1 | 5 | 1',
  ],
  [
    'return math.fmod(7, 3), math.fmod(-7, 3), math.mod(7, 3), math.pow(2, 10), math.sqrt(16), math.log10(1000)',
    '1 | -1 | 1 | 1024 | 4 | 3',
  ],
  ['return math.modf(3.7)', '3 | 0.7'],
  ['return math.modf(-3.7)', '-3 | -0.7'],
  ['return math.modf(math.huge)', 'inf | 0'],
  ['return math.frexp(8), math.frexp(0.3)', '0.5 | 0.6 | -1'],
  ['return math.frexp(5e-324)', '0.5 | -1073'],
  [
    'return math.ldexp(0.5, 4), math.ldexp(1, 1023), math.ldexp(1, -1074), math.deg(math.pi), math.pi, math.huge',
    '8 | 8.9884656743116e+307 | 4.9406564584125e-324 | 180 | 3.1415926535898 | inf',
  ],
  [
    'return math.sinh(1), math.cosh(1), math.tanh(1), math.atan2(1, 1), math.exp(0), math.log(1)',
    '1.1752011936438 | 1.5430806348152 | 0.76159415595576 | 0.78539816339745 | 1 | 0',
  ],
];

t.test('numbers are doubles and are written as Lua 5.1 writes them', async (t) => {
  for (const [source, expected] of cases) {
    t.equal(evaluate(source), expected, source.slice(0, 70));
  }
});
