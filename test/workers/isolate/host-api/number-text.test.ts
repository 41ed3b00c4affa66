import t from 'tap';
import {
  formatG,
  luaNumber,
  outputNumber,
} from '../../../../workers/isolate/host-api/number-text.ts';

t.test(
  'payload numbers have at most eight decimals, rounded, without trailing zeros',
  async (t) => {
    const expected: [number, string][] = [
      [0, '0'],
      [-0, '0'],
      [1e-9, '0'],
      [-1e-9, '-0'],
      [5e-9, '0.00000001'],
      [2.5e-8, '0.00000002'],
      [1e-7, '0.0000001'],
      [1 / 3, '0.33333333'],
      [2 / 3, '0.66666667'],
      [0.123456789, '0.12345679'],
      [123456.789012345, '123456.78901235'],
      [10.1, '10.1'],
      [99.995, '99.995'],
      [2147483647, '2147483647'],
      [2147483648, '2147483648'],
      [2147483647.5, '2147483647.5'],
      [-2147483648, '-2147483648'],
      [-2147483649, '-2147483649'],
      [4294967296.5, '4294967296.5'],
      [1e15, '1000000000000000'],
      [1e16, '10000000000000000'],
      [1e17, '1e+17'],
      [2 ** 53, '9007199254740992'],
      [Number(123456789012345678n), '1.2345678901234568e+17'],
      [Number(1428773426113040228n), '1.4287734261130401e+18'],
      [1e100, '1e+100'],
      [22 / 7, '3.14285714'],
      [5e-324, '0'],
      [1.999999995, '2'],
      [0.999999995, '1'],
      [Number.NaN, 'nan'],
      [Infinity, 'inf'],
      [-Infinity, '-inf'],
    ];
    for (const [value, text] of expected) t.equal(outputNumber(value), text, String(value));
  },
);

t.test('tostring has 14 significant digits', async (t) => {
  const expected: [number, string][] = [
    [100000, '100000'],
    [1e14, '1e+14'],
    [2 ** 53, '9.007199254741e+15'],
    [0.1, '0.1'],
    [1 / 3, '0.33333333333333'],
    [1e-5, '1e-05'],
    [0.0001, '0.0001'],
    [1e300, '1e+300'],
    [-0, '-0'],
    [-1.5, '-1.5'],
    [99999999999999.5, '1e+14'],
  ];
  for (const [value, text] of expected) t.equal(luaNumber(value), text, String(value));
});

t.test('ties are rounded to even, as C does', async (t) => {
  t.equal(formatG(12345678901234.5, 14), '12345678901234');
  t.equal(formatG(12345678901235.5, 14), '12345678901236');
  t.equal(formatG(2 ** 48 + 0.125, 17), '281474976710656.12');
  t.equal(formatG(0.5, 1), '0.5');
  t.equal(formatG(2.5, 1), '2');
});
