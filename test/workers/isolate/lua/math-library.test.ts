/**
 * The math library. Each expectation is what Lua 5.1.5 gives for the same calls, as its tostring writes it.
 */
import './registers.ts';
import { test } from 'tap';
import {
  makeMathLibrary,
  mathConstants,
} from '../../../../workers/isolate/lua/library/math-library.ts';
import type { LuaValue } from '../../../../workers/isolate/lua/runtime/values.ts';
import { numberText } from '../../../../workers/isolate/lua-text/number-text.ts';
import { call, errorOf, list } from './natives.ts';

const math = makeMathLibrary();
const { huge = 0, pi = 0 } = mathConstants;

/** Results as text; NaN without the sign, which JavaScript does not keep. */
function text(name: string, ...args: readonly LuaValue[]): string {
  const values = call(math[name], ...args);
  return values
    .map((value) => (typeof value === 'number' ? numberText(value).replace('-nan', 'nan') : '?'))
    .join(' ');
}

const cases: readonly (readonly [string, readonly LuaValue[], string])[] = [
  ['abs', [0.5], '0.5'],
  ['abs', [-0], '0'],
  ['abs', [-huge], 'inf'],
  ['acos', [0.5], '1.0471975511966'],
  ['acos', [2], 'nan'],
  ['asin', [0.5], '0.5235987755983'],
  ['atan', [0.5], '0.46364760900081'],
  ['atan2', [1, -1], '2.3561944901923'],
  ['ceil', [0.5], '1'],
  ['ceil', [-0.5], '-0'],
  ['cos', [0.5], '0.87758256189037'],
  ['cosh', [0.5], '1.1276259652064'],
  ['deg', [pi], '180'],
  ['deg', [0.5], '28.647889756541'],
  ['deg', [1], '57.295779513082'],
  ['exp', [0.5], '1.6487212707001'],
  ['exp', [1], '2.718281828459'],
  ['floor', [-0.5], '-1'],
  ['floor', [2 ** 53 + 0.5], '9.007199254741e+15'],
  ['floor', [huge], 'inf'],
  ['floor', ['3.7'], '3'],
  ['fmod', [7, 3], '1'],
  ['fmod', [-7, 3], '-1'],
  ['fmod', [7, -3], '1'],
  ['fmod', [5.5, huge], '5.5'],
  ['fmod', [1, 0], 'nan'],
  ['mod', [7, 3], '1'],
  ['frexp', [0], '0 0'],
  ['frexp', [8], '0.5 4'],
  ['frexp', [-3.5], '-0.875 2'],
  ['frexp', [5e-324], '0.5 -1073'],
  ['frexp', [huge], 'inf 0'],
  ['frexp', [Number.NaN], 'nan 0'],
  ['ldexp', [1, 3], '8'],
  ['ldexp', [0.5, -1074], '0'],
  ['ldexp', [1, 5000], 'inf'],
  ['ldexp', ['2', '3'], '16'],
  ['ldexp', [1, 3.9], '8'],
  ['log', [0.5], '-0.69314718055995'],
  ['log', [0], '-inf'],
  ['log', [-1], 'nan'],
  ['log10', [0.5], '-0.30102999566398'],
  ['log10', [1000], '3'],
  ['max', [1, Number.NaN], '1'],
  ['max', [Number.NaN, 1], 'nan'],
  ['max', [3], '3'],
  ['max', ['10', 9], '10'],
  ['max', [1, 2, 3, 4, 5, '6'], '6'],
  ['min', [1, Number.NaN], '1'],
  ['min', [2, 1, 7], '1'],
  ['modf', [3.7], '3 0.7'],
  ['modf', [-3.7], '-3 -0.7'],
  ['modf', [-3], '-3 -0'],
  ['modf', [-0.5], '-0 -0.5'],
  ['modf', [huge], 'inf 0'],
  ['modf', [-huge], '-inf -0'],
  ['modf', [Number.NaN], 'nan nan'],
  ['pow', [2, 0.5], '1.4142135623731'],
  ['pow', [1, Number.NaN], '1'],
  ['pow', [-1, huge], '1'],
  ['pow', [-8, 1 / 3], 'nan'],
  ['pow', [0, -1], 'inf'],
  ['rad', [180], '3.1415926535898'],
  ['rad', [1], '0.017453292519943'],
  ['sin', [0.5], '0.4794255386042'],
  ['sinh', [0.5], '0.52109530549375'],
  ['sqrt', [2], '1.4142135623731'],
  ['sqrt', [-1], 'nan'],
  ['tan', [0.5], '0.54630248984379'],
  ['tanh', [0.5], '0.46211715726001'],
];

test('functions give what they give in Lua 5.1', (t) => {
  for (const [name, args, expected] of cases) {
    t.equal(text(name, ...args), expected, `${name}(${args.map(String).join(', ')})`);
  }
  t.end();
});

test('the library is complete', (t) => {
  t.equal(
    [...Object.keys(math), ...Object.keys(mathConstants)].sort().join(' '),
    'abs acos asin atan atan2 ceil cos cosh deg erf erfc exp floor fmod frexp huge ldexp log log10 max min mod modf pi pow rad random randomseed sin sinh sqrt tan tanh',
  );
  t.equal(math.mod, math.fmod);
  t.end();
});

test('powers of two and ten and their logarithms', (t) => {
  for (let i = -1074; i < 1024; i++) {
    if (call(math.pow, 2, i)[0] !== 2 ** i) t.fail(`2^${i}`);
  }
  for (let i = -307; i <= 308; i++) {
    const ten = Number(`1e${i}`);
    if (text('pow', 10, i) !== numberText(ten)) t.fail(`10^${i}`);
    if (call(math.log10, ten)[0] !== i) t.fail(`log10(1e${i})`);
  }
  t.end();
});

test('erf and erfc are those of C', (t) => {
  t.equal(text('erf', 0.5), '0.52049987781305');
  t.equal(text('erf', -3), '-0.999977909503');
  t.equal(text('erfc', 0.5), '0.47950012218695');
  t.equal(text('erfc', 5), '1.537459794428e-12');
  t.end();
});

test('random numbers stay in their interval and follow the seed', (t) => {
  t.same(call(math.randomseed, 42), []);
  const first = Array.from({ length: 50 }, () => call(math.random, 1, 6)[0]);
  call(math.randomseed, 42);
  t.same(
    Array.from({ length: 50 }, () => call(math.random, 1, 6)[0]),
    first,
  );
  t.same([...new Set(first)].sort(), [1, 2, 3, 4, 5, 6]);
  for (let i = 0; i < 200; i++) {
    const [value] = call(math.random);
    if (typeof value !== 'number' || value < 0 || value >= 1) t.fail(`${String(value)}`);
  }
  t.same(call(math.random, 1), [1]);
  t.same(call(math.random, 5, 5), [5]);
  t.same(call(math.random, 1.9), [1]);
  t.same(call(math.random, -3, -3), [-3]);
  const other = makeMathLibrary();
  call(math.randomseed, 1);
  call(other.randomseed, 2);
  const mine = call(math.random);
  call(math.randomseed, 1);
  call(other.random);
  t.same(call(math.random), mine, 'each engine has its own generator');
  t.end();
});

test('arguments are checked as in Lua 5.1', (t) => {
  t.equal(errorOf(math.max), "bad argument #1 to '?' (number expected, got no value)");
  t.equal(
    errorOf(math.max, 1, 2, 3, list()),
    "bad argument #4 to '?' (number expected, got table)",
  );
  t.equal(errorOf(math.floor, 'x'), "bad argument #1 to '?' (number expected, got string)");
  t.equal(errorOf(math.sin, undefined), "bad argument #1 to '?' (number expected, got nil)");
  t.equal(errorOf(math.pow, 2), "bad argument #2 to '?' (number expected, got no value)");
  t.equal(errorOf(math.random, 0), "bad argument #1 to '?' (interval is empty)");
  t.equal(errorOf(math.random, 2, 1), "bad argument #2 to '?' (interval is empty)");
  t.equal(errorOf(math.random, 1, 2, 3), 'wrong number of arguments');
  t.equal(errorOf(math.randomseed), "bad argument #1 to '?' (number expected, got no value)");
  t.end();
});
