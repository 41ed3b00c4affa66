import t from 'tap';
import { expandEnvironment } from '../../../lib/config/environment.ts';

t.test('%ENV is replaced in values, keys, section names and comments alike', async (t) => {
  const env = { NAME: 'Tcp', KEY: 'address', PORT: '5565', EMPTY: '' };
  const { text, faults, warnings } = expandEnvironment(
    '[%ENV[NAME]]\n%ENV[KEY] = "h:%ENV[PORT]%ENV[EMPTY]" # %ENV[PORT] 5% [x]',
    env,
    'f',
  );
  t.equal(text, '[Tcp]\naddress = "h:5565" # 5565 5% [x]');
  t.same([faults, warnings], [[], []]);
});

t.test('a replaced text is not looked at again', async (t) => {
  const { text, warnings } = expandEnvironment('%ENV[A]', { A: '%ENV[B]', B: 'no' }, 'f');
  t.equal(text, '%ENV[B]');
  t.same(warnings, []);
});

t.test('an unset variable reads as empty and is warned of, but not in a comment', async (t) => {
  const { text, faults, warnings } = expandEnvironment(
    'a = "%ENV[NO_SUCH]"\n  # write %ENV[NAME] for a variable\nb = "%ENV[toString]"',
    {},
    'conf.toml',
  );
  t.equal(text, 'a = ""\n  # write  for a variable\nb = ""');
  t.same(faults, []);
  t.match(warnings, [
    { code: 'HKT_CONFIG_ENVIRONMENT_UNSET', file: 'conf.toml', line: 1, column: 6 },
    { code: 'HKT_CONFIG_ENVIRONMENT_UNSET', line: 3, values: ['toString'] },
  ]);
});

t.test('a variable that is not closed or has white space in its name is a fault', async (t) => {
  const invalid = 'Invalid characters in environmental variable';
  const table: [string, string][] = [
    ['x = "%ENV[A"', 'Missing closing delimiter'],
    ['x = "%ENV[A B]"', invalid],
    ['x = "%ENV[A\tB]"', invalid],
    ['x = "%ENV[A\nB]"', invalid],
    ['x = "%ENV[A%ENV[B]]"', invalid],
  ];
  for (const [text, complaint] of table) {
    const { faults } = expandEnvironment(text, { A: '1', B: '2' }, 'f');
    t.match(faults, [{ code: 'HKT_CONFIG_ENVIRONMENT', text: complaint, line: 1, column: 6 }]);
  }
});

t.test('an offset behind a replaced text leads back to the file', async (t) => {
  const original = 'ab%ENV[X]cd%ENV[Y]ef';
  const { text, offset } = expandEnvironment(original, { X: '__LONGER__', Y: '' }, 'f');
  for (const letter of 'abcdef')
    t.equal(original[offset(text.lastIndexOf(letter))], letter, letter);
  t.equal(offset(text.indexOf('LONG')), original.indexOf('%ENV[X]'));
});
