/** Verdicts of matchers in lua_sandbox's grammar: the table of lua_sandbox 1.4's semantics, and what is mended. */
import t from 'tap';
import { compileMatcherOf } from '../../../../../lib/protocol/matcher/api-matcher.ts';
import { compileLsbMatcher } from '../../../../../lib/protocol/matcher/lsb/matcher.ts';
import { Message } from '../../../../../lib/protocol/message.ts';
import { MessageView } from '../../../../../lib/protocol/message-view.ts';
import { latin1Bytes } from '../../../../../lib/protocol/text.ts';
import { bare, full } from './fixtures.ts';

function verdict(expression: string, message: Message): boolean {
  return compileLsbMatcher(expression).matchesMessage(message);
}

const trueOnFull: readonly string[] = [
  'TRUE',
  'Timestamp > 1.428773420000e+18',
  'Timestamp < 1.428773426999e18',
  'Timestamp == 1428773426113040228',
  "Timestamp > '2015-04-11T17:30:26Z'",
  "Timestamp > '2015-04-11T17:30:26.112Z'",
  "Timestamp < '2015-04-11T17:30:26.114Z'",
  'Timestamp > 0',

  "(Severity == 7 || Logger == 'GoSpec') && Type == 'TEST'",
  "(Severity == 7 || Logger == 'GoSpec')\r\n\t&& Type == 'TEST'",
  "Type == 'TEST' && Severity == 6",
  "Type == 'test' && Severity == 7 || Logger == 'GoSpec'",
  "Type == 'foo' || Type == 'bar' || Type == 'TEST'",

  'EnvVersion == "0.8"',
  "EnvVersion == '0.8'",
  "EnvVersion != '0.9'",
  "EnvVersion > '0.7'",
  "EnvVersion >= '0.8'",
  "EnvVersion < '0.9'",
  "EnvVersion <= '0.8'",
  'EnvVersion != NIL',
  "Hostname != ''",
  'Hostname != NIL',
  "Logger == 'GoSpec'",
  'Logger != NIL',
  'Payload != NIL',
  "Type != 'test'",
  "Type == 'TEST'",
  'Type != NIL',

  'Pid != 0',
  'Pid != NIL',
  'Pid == 32157',
  'Severity != 5',
  'Severity < 7',
  'Severity <= 7',
  'Severity <= 6',
  'Severity == 6',
  'Severity > 5',
  'Severity >= 5',
  'Severity >= 6',

  "Fields[foo] == 'bar'",
  "Fields[foo][0] == 'bar'",
  "Fields[foo][0][0] == 'bar'",
  "Fields[foo][1] == 'alternate'",
  "Fields[foo][1][0] == 'alternate'",
  "Fields[foo] <= 'barx'",
  "Fields[foo] < 'barx'",
  "Fields[foo] >= 'bar'",
  "Fields[foo] > 'baq'",
  "Fields[foo] != 'bara'",

  "Uuid > '#'",
  "Uuid >= '#'",
  "Uuid < '\\\\'",
  'Uuid < "\\\\"',

  "Fields[bytes] == 'data'",
  'Fields[int] == 999',
  'Fields[int][0][1] == 1024',
  'Fields[double] == 99.9',
  'Fields[bool] == TRUE',
  'Fields[bool] != FALSE',
  'Fields[int] != NIL',
  'Fields[int][0][1] != NIL',
  'Fields[int][0][2] == NIL',
  'Fields[missing] == NIL',
  'Fields[foo][255] == NIL',
  'Fields[foo][0][255] == NIL',

  "Type =~ 'TEST'",
  "Type !~ 'bogus'",
  "Type =~ 'ST'",
  "Type =~ '^TE'",
  "Type =~ 'ST$'",
  "Type !~ '^te'",
  "Type !~ 'st$'",
  "Type =~ 'TEST' && Payload =~ 'Payload'",
  "Fields[foo][1] =~ 'alt'",
  "Fields[Payload] =~ 'name=%w+'",
  "Payload =~ 'unique-item'%",
  "Fields[Timestamp] =~ ' -0700'%",
  Array(128).fill("Type =~ '.'").join(' && '),
];

const falseOnFull: readonly string[] = [
  'FALSE',
  'Timestamp == 1e9',
  "Timestamp > '2015-04-11T17:30:27Z'",
  "Type == 'test'&&(Severity==7||Payload=='Test Payload')",
  "Logger =~ '.' && Type =~ '^anything'",

  "EnvVersion == '0.9'",
  "EnvVersion != '0.8'",
  "EnvVersion > '0.9'",
  "EnvVersion >= '0.9'",
  "EnvVersion < '0.8'",
  "EnvVersion <= '0.7'",
  'Severity == 5',
  'Severity != 6',
  'Severity < 6',
  'Severity <= 5',
  'Severity > 6',
  'Severity >= 7',
  'Type == NIL',
  'Hostname == NIL',
  'EnvVersion == NIL',
  'Pid == NIL',
  'Logger == NIL',
  'Payload == NIL',

  "Fields[foo] == 'ba'",
  "Fields[foo][1] == 'bar'",
  "Fields[foo][0][1] == 'bar'",
  "Fields[foo] > 'bara'",
  "Fields[foo] >= 'bara'",
  "Fields[foo] == 'bara'",
  'Fields[bool] == FALSE',
  'Fields[bool] != TRUE',
  "Fields[int] =~ '999'",
  'Fields[zero] == "0"',
  'Fields[string] == 43',
  'Fields[int] == NIL',
  'Fields[int][0][1] == NIL',
  'Fields[missing] != NIL',
  "Fields[foo][1] =~ 'not.found'%",

  "Type =~ 'Test'",
  "Type !~ 'TEST'",
  'Type == "te\'st"',
  "Type == 'te\"st'",
  "Type =~ '^te'",
  "Type =~ 'st$'",
  "Type !~ '^TE'",
  "Type !~ 'ST$'",
  `Type == '${'x'.repeat(255)}'`,
  "Payload =~ '^Payload'",
  "Payload =~ 'not.found'%",
  "Uuid > '\\\\'",
];

const headers = ['Type', 'Hostname', 'EnvVersion', 'Pid', 'Logger', 'Payload'];
const trueOnBare: readonly string[] = [
  ...headers.map((name) => `${name} == NIL`),
  "Type != ''",
  "Type < ''",
  "Type <= ''",
  "Type !~ '.'",
  "Type !~ 'foo'",
];
const falseOnBare: readonly string[] = [
  ...headers.map((name) => `${name} != NIL`),
  ...headers.filter((name) => name !== 'Pid').map((name) => `${name} == ''`),
  "Type == '%b()'",
  "Type > ''",
  "Type >= ''",
  "Type =~ '.'",
  "Type =~ 'foo'",
];

void t.test('a message with everything gives each expression its verdict', (t) => {
  t.equal(full.payload.length, 144);
  for (const expression of trueOnFull) t.equal(verdict(expression, full), true, expression);
  for (const expression of falseOnFull) t.equal(verdict(expression, full), false, expression);
  t.end();
});

void t.test('a message with no more than it must have gives each expression its verdict', (t) => {
  for (const expression of trueOnBare) t.equal(verdict(expression, bare), true, expression);
  for (const expression of falseOnBare) t.equal(verdict(expression, bare), false, expression);
  t.end();
});

void t.test('every relation to an unset text header has a fixed verdict', (t) => {
  for (const name of ['Type', 'Logger', 'Hostname', 'EnvVersion', 'Payload']) {
    for (const text of ["''", "'a'"]) {
      for (const operator of ['!=', '<', '<=', '!~']) {
        t.equal(verdict(`${name} ${operator} ${text}`, bare), true, `${name} ${operator} ${text}`);
      }
      for (const operator of ['==', '>', '>=', '=~']) {
        t.equal(verdict(`${name} ${operator} ${text}`, bare), false, `${name} ${operator} ${text}`);
      }
    }
    t.equal(verdict(`${name} !~ 'x'%`, bare), true);
    t.equal(verdict(`${name} =~ 'x'%`, bare), false);
  }
  t.end();
});

void t.test('a header that is set to the empty text is there', (t) => {
  const empty = Message.create({ type: '' });
  for (const [expression, expected] of [
    ["Type == ''", true],
    ["Type != ''", false],
    ["Type <= ''", true],
    ["Type >= ''", true],
    ["Type < ''", false],
    ["Type > ''", false],
    ['Type != NIL', true],
    ['Type == NIL', false],
    ["Type =~ ''", true],
    ["Type =~ '^$'", true],
    ["Type =~ '.'", false],
  ] as const) {
    t.equal(verdict(expression, empty), expected, expression);
  }
  t.end();
});

void t.test('an unset Severity is 7, an unset Pid the smallest one', (t) => {
  for (const expression of [
    'Severity == 7',
    'Severity > 6',
    'Pid == NIL',
    'Pid != 5',
    'Pid < 0',
    'Pid <= -2147483648',
    'Pid == -2147483648',
  ]) {
    t.equal(verdict(expression, bare), true, expression);
  }
  const smallest = Message.create({ pid: -2147483648 });
  t.equal(verdict('Pid == NIL', smallest), true);
  t.equal(verdict('Pid != NIL', smallest), false);
  t.equal(verdict('Pid == -2147483648', smallest), true);
  t.equal(verdict('Pid == -5', Message.create({ pid: -5 })), true);
  t.equal(verdict('Pid != NIL', Message.create({ pid: 0 })), true);
  t.end();
});

void t.test('a missing field passes no test but the one for NIL', (t) => {
  const tests = ["== 'x'", "!= 'x'", "< 'x'", "<= ''", "> ''", "=~ 'x'", "!~ 'x'", "!~ 'x'%"];
  const numbers = ['== 1', '!= 1', '< 1', '>= 0', '== TRUE', '!= TRUE', '== FALSE', '!= FALSE'];
  for (const field of ['Fields[missing]', 'Fields[foo][2]', 'Fields[foo][0][1]', 'Fields[Foo]']) {
    for (const test of [...tests, ...numbers]) {
      t.equal(verdict(`${field} ${test}`, full), false, `${field} ${test}`);
    }
    t.equal(verdict(`${field} == NIL`, full), true, field);
    t.equal(verdict(`${field} != NIL`, full), false, field);
  }
  t.end();
});

void t.test('a field is compared with its own kind only', (t) => {
  const operators = ['==', '!=', '<', '<=', '>', '>='];
  for (const operator of operators) {
    for (const field of ['number', 'double', 'zero', 'bool']) {
      t.equal(verdict(`Fields[${field}] ${operator} '1'`, full), false, `${field} ${operator}`);
    }
    for (const field of ['foo', 'bytes', 'string', 'bool']) {
      t.equal(verdict(`Fields[${field}] ${operator} 1`, full), false, `${field} ${operator}`);
    }
  }
  for (const operator of ['=~', '!~']) {
    for (const field of ['number', 'double', 'bool']) {
      t.equal(verdict(`Fields[${field}] ${operator} '.'`, full), false, `${field} ${operator}`);
    }
  }
  for (const constant of ['TRUE', 'FALSE']) {
    for (const operator of ['==', '!=']) {
      for (const field of ['foo', 'bytes']) {
        const expression = `Fields[${field}] ${operator} ${constant}`;
        t.equal(verdict(expression, full), false, expression);
      }
    }
  }
  t.end();
});

void t.test('a number is TRUE when it is 1 and FALSE when it is 0', (t) => {
  const message = Message.create({
    fields: [
      { name: 'one', value: 1, integer: true },
      { name: 'nought', value: 0 },
      { name: 'two', value: 2 },
      { name: 'yes', value: true },
      { name: 'no', value: false },
    ],
  });
  const verdicts = (name: string): boolean[] =>
    ['== TRUE', '!= TRUE', '== FALSE', '!= FALSE'].map((test) =>
      verdict(`Fields[${name}] ${test}`, message),
    );
  t.same(verdicts('one'), [true, false, false, true]);
  t.same(verdicts('nought'), [false, true, true, false]);
  t.same(verdicts('two'), [false, true, false, true]);
  t.same(verdicts('yes'), [true, false, false, true]);
  t.same(verdicts('no'), [false, true, true, false]);
  t.end();
});

void t.test('texts are ordered by their bytes, and a zero byte ends a value for <=', (t) => {
  const message = Message.create({
    type: 'b\0c',
    fields: [{ name: 'high', value: Uint8Array.of(0xff) }],
  });
  for (const [expression, expected] of [
    ["Type <= 'b'", true],
    ["Type > 'b'", true],
    ["Type >= 'b'", true],
    ["Type < 'b'", false],
    ["Type == 'b'", false],
    ["Type != 'b'", true],
    ["Type <= 'ba'", true],
    ["Type <= 'a'", false],
    ["Fields[high] > 'z'", true],
    ["Fields[high] > '\u00e9'", true],
    ["Fields[high] <= 'z'", false],
  ] as const) {
    t.equal(verdict(expression, message), expected, expression);
  }
  t.end();
});

void t.test('an omitted index is 0, whatever other fields of the expression have', (t) => {
  const message = Message.create({ fields: [{ name: 'n', value: [1, 2, 3] }] });
  t.equal(verdict('Fields[n][0][2] == 3 && Fields[n] == 1', message), true);
  t.equal(verdict('Fields[n][0][2] == 3 && Fields[n] == 3', message), false);
  t.equal(verdict('Fields[n][0][2] == 3 && Fields[n][0] == 1', message), true);
  t.equal(verdict("Timestamp > '1970-01-01T00:00:00Z' && Fields[n] == 1", message), true);
  t.end();
});

void t.test('parentheses group, and && binds tighter than ||', (t) => {
  for (const [expression, expected] of [
    ['FALSE && (TRUE) || TRUE', true],
    ['(TRUE || (FALSE && FALSE)) && FALSE', false],
    ['(FALSE && (TRUE || TRUE)) || TRUE', true],
    ['TRUE || TRUE && FALSE', true],
    ['(TRUE || TRUE) && FALSE', false],
    ['FALSE && TRUE || TRUE', true],
    ['FALSE && (TRUE || TRUE)', false],
    ['((TRUE))', true],
    ['TRUE && (FALSE || (TRUE && (FALSE || TRUE)))', true],
    ['FALSE || FALSE || FALSE || TRUE', true],
    ['TRUE && TRUE && TRUE && FALSE', false],
  ] as const) {
    t.equal(verdict(expression, bare), expected, expression);
  }
  t.end();
});

void t.test('indexes go from 0 to 255 without gaps', (t) => {
  const value = Array.from({ length: 256 }, (_, i) => i);
  const message = Message.create({ fields: [{ name: 'n', value, integer: true }] });
  for (const index of [0, 9, 10, 99, 100, 199, 200, 206, 219, 226, 239, 246, 249, 250, 255]) {
    t.equal(verdict(`Fields[n][0][${index}] == ${index}`, message), true, String(index));
    t.equal(verdict(`Fields[n][${index}] == NIL`, message), index !== 0, String(index));
  }
  t.end();
});

void t.test('field names are any bytes but the closing bracket, of any length', (t) => {
  const long = 'n'.repeat(300);
  const message = Message.create({
    fields: [
      { name: '', value: 'nameless' },
      { name: ' a "b\' [c ', value: 'odd' },
      { name: long, value: 'long' },
      { name: 'line\nbreak', value: 'broken' },
      { name: 'größe', value: 'groß' },
    ],
  });
  t.equal(verdict("Fields[] == 'nameless'", message), true);
  t.equal(verdict("Fields[ a \"b' [c ] == 'odd'", message), true);
  t.equal(verdict(`Fields[${long}] == 'long'`, message), true);
  t.equal(verdict(`Fields[${long.slice(0, 44)}] == NIL`, message), true);
  t.equal(verdict("Fields[line\nbreak] == 'broken'", message), true);
  t.equal(verdict("Fields[größe] == 'groß'", message), true);
  t.end();
});

void t.test('dates have the offset of RFC 3339, with its sign', (t) => {
  const at = (timestampNs: bigint) => Message.create({ timestampNs });
  const second = 1_000_000_000n;
  for (const [date, seconds] of [
    ['1970-01-01T00:00:01Z', 1n],
    ['1970-01-01T01:00:01+01:00', 1n],
    ['1970-01-01T01:00:01+0100', 1n],
    ['1969-12-31T16:30:01-07:30', 1n],
    ['1970-01-01T00:00:01+00:00', 1n],
    ['1970-01-01T00:00:01-0000', 1n],
    ['1970-01-01T00:00:60Z', 60n],
    ['1970-02-31T00:00:00Z', 61n * 86400n],
    ['1969-12-31T23:59:59Z', -1n],
    ['1700-01-01T00:00:00Z', -8520336000n],
  ] as const) {
    t.equal(verdict(`Timestamp == '${date}'`, at(seconds * second)), true, date);
    t.equal(verdict(`Timestamp > '${date}'`, at((seconds + 1n) * second)), true, date);
    t.equal(verdict(`Timestamp < "${date}"`, at((seconds - 1n) * second)), true, date);
  }
  t.equal(verdict("Timestamp > '0001-01-01T00:00:00Z'", at(-(2n ** 63n))), true);
  t.equal(verdict("Timestamp == '1970-01-01T00:00:01.5Z'", at(1_500_000_000n)), true);
  t.equal(verdict("Timestamp == '1970-01-01T01:00:01.25+01:00'", at(1_250_000_000n)), true);
  t.end();
});

void t.test('numbers may have a sign, a fraction and an exponent', (t) => {
  const message = Message.create({ fields: [{ name: 'n', value: -1500 }] });
  for (const number of ['-1500', '-1500.0', '-1.5e3', '-1.5E+3', '-15000e-1']) {
    t.equal(verdict(`Fields[n] == ${number}`, message), true, number);
  }
  t.equal(verdict('Fields[n] < +0 && Fields[n] > -1e999 && Fields[n] < 1E999', message), true);
  t.end();
});

void t.test('numbers that were sent unpacked and values of unknown types are read', (t) => {
  const field = [0x0a, 1, 0x69, 0x10, 2, 0x30, 7, 0x30, 9];
  const unpacked = Message.decode(new Uint8Array([0x52, field.length, ...field]));
  t.equal(verdict('Fields[i] == 7 && Fields[i][0][1] == 9', unpacked), true);
  t.equal(verdict('Fields[i][0][2] == NIL', unpacked), true);
  const unknown = [0x0a, 1, 0x78, 0x10, 99, 0x22, 1, 0x61];
  const strange = Message.decode(new Uint8Array([0x52, unknown.length, ...unknown]));
  t.equal(verdict('Fields[x] == NIL', strange), true);
  t.equal(verdict("Fields[x] != 'b'", strange), false);
  t.end();
});

void t.test('a guest’s byte string is matched by its bytes', (t) => {
  const message = Message.create({
    fields: [{ name: 'ä', value: Uint8Array.of(0xff, 0x41) }],
  });
  const expression = "Fields[\xc3\xa4] == '\xffA' && Fields[\xc3\xa4] =~ '^[\xf0-\xff]A$'";
  t.equal(compileLsbMatcher(expression, latin1Bytes).matchesMessage(message), true);
  t.equal(compileLsbMatcher(expression).matchesMessage(message), false);
  t.end();
});

void t.test('each sandbox flavour has its grammar', (t) => {
  const pattern = "Type =~ '^TE'";
  t.equal(compileMatcherOf('lsb', pattern).matchesMessage(full), true);
  t.equal(compileMatcherOf('heka', 'Type =~ /^TE/').matchesMessage(full), true);
  t.throws(() => compileMatcherOf('heka', pattern), { code: 'HKT_MATCHER_SYNTAX' });
  t.throws(() => compileMatcherOf('lsb', 'Type =~ /^TE/'), { code: 'HKT_MATCHER_LSB_SYNTAX' });
  const matcher = compileLsbMatcher(pattern);
  t.equal(matcher.expression, pattern);
  t.same(matcher.ast, compileLsbMatcher(pattern).ast);
  t.end();
});

void t.test('a message in the middle of other bytes is not read beyond its ends', (t) => {
  const bytes = new Uint8Array(full.bytes.length + 20).fill(0x54);
  bytes.set(full.bytes, 10);
  const view = new MessageView();
  view.reset(bytes, 10, 10 + full.bytes.length);
  const matches = (expression: string): boolean => compileLsbMatcher(expression).matches(view);
  t.same(trueOnFull.filter(matches), trueOnFull);
  t.same(falseOnFull.filter(matches), []);
  t.end();
});

void t.test('terms are tested from the left only until the verdict is known', (t) => {
  // The field's record is cut short, so that looking at it throws.
  const bytes = new Uint8Array([0x1a, 1, 0x61, 0x52, 5, 0x0a, 1, 0x78, 0x22, 9]);
  const corrupt = new MessageView();
  corrupt.reset(bytes, 0, bytes.length);
  t.throws(() => compileLsbMatcher("Fields[x] == 'a'").matches(corrupt), {
    code: 'HKT_MESSAGE_TRUNCATED',
  });
  t.equal(compileLsbMatcher("Type == 'a' || Fields[x] == 'a'").matches(corrupt), true);
  t.equal(compileLsbMatcher("Type == 'b' && Fields[x] == 'a'").matches(corrupt), false);
  t.end();
});
