import t from 'tap';
import { maxStringLength, parseValue } from '../../../lib/config/toml-value.ts';

t.test('values of every TOML type are read as plain data', async (t) => {
  const table: [string, unknown][] = [
    ['"a\\tb\\u00e9\\\\"', 'a\tb\u00e9\\'],
    ["'a\\d+'", 'a\\d+'],
    ['"""\nx\\\n   y"""', 'xy'],
    ["'''\nx'''", 'x'],
    ['42', 42],
    ['-17', -17],
    ['1_000', 1000],
    ['0xff', 255],
    ['9007199254740991', 9007199254740991],
    ['1.5', 1.5],
    ['2e3', 2000],
    ['true', true],
    ['1979-05-27T07:32:00Z', new Date('1979-05-27T07:32:00Z')],
    ['[1, "a", [true],]', [1, 'a', [true]]],
    ['{a = 1, b.c = 2, b.d = 3}', { a: 1, b: { c: 2, d: 3 } }],
  ];
  for (const [text, value] of table) t.same(parseValue(text), { kind: 'value', value }, text);
});

t.test('the old escape of a slash is read, and faults behind it keep their place', async (t) => {
  t.same(parseValue('"Type =~ /a\\/b/ \\\\/"'), { kind: 'value', value: 'Type =~ /a/b/ \\/' });
  t.match(parseValue('"a\\/b\\/c\\q"'), { kind: 'fault', fault: { offset: 9 } });
  t.match(parseValue('"a\\\\b\\q"'), { kind: 'fault', fault: { offset: 6 } });
});

t.test('a fault names what is wrong and where in the value', async (t) => {
  const table: [string, string, RegExp, number][] = [
    ['yes', 'HKT_CONFIG_SYNTAX', /not a value/, 0],
    ['"a" b', 'HKT_CONFIG_SYNTAX', /unexpected text after the value/, 4],
    ['"^heka\\."', 'HKT_CONFIG_SYNTAX', /single quotes/, 7],
    ['[1,\n 2 3]', 'HKT_CONFIG_SYNTAX', /comma/, 7],
    ['{a = 1, a = 2}', 'HKT_CONFIG_SYNTAX', /twice/, 8],
    ['0644', 'HKT_CONFIG_SYNTAX', /leading zeros/, 0],
    ['inf', 'HKT_CONFIG_SYNTAX', /not a finite number/, 0],
    ['1e999', 'HKT_CONFIG_SYNTAX', /not a finite number/, 0],
    ['[1, 9007199254740992]', 'HKT_CONFIG_INTEGER', /9007199254740992/, 4],
  ];
  for (const [text, code, values, offset] of table) {
    t.match(parseValue(text), { kind: 'fault', fault: { code, values: [values], offset } }, text);
  }
});

t.test('a string that is too long is refused, however it would end the parser', async (t) => {
  for (const length of [maxStringLength + 1, 200_000, 2_000_000]) {
    const parsed = parseValue(`"${'x'.repeat(length)}"`);
    t.match(parsed, { kind: 'fault', fault: { code: 'HKT_CONFIG_TOO_BIG' } });
  }
  t.equal(parseValue(`"${'x'.repeat(maxStringLength)}"`).kind, 'value');
});

t.test('a key named __proto__ is a key like any other', async (t) => {
  const parsed = parseValue('{__proto__ = {polluted = true}, constructor.x = 1}');
  t.equal(parsed.kind, 'value');
  const value = parsed.kind === 'value' ? parsed.value : undefined;
  t.same(Object.keys(value ?? {}), ['__proto__', 'constructor']);
  t.equal(Reflect.get({}, 'polluted'), undefined);
});
