/** Verdicts of compiled matchers: the table of Heka 0.11's semantics, quirks included. */
import t from 'tap';
import { compileMatcher } from '../../../../lib/protocol/matcher/matcher.ts';
import type { MessageInit } from '../../../../lib/protocol/message.ts';
import { Message } from '../../../../lib/protocol/message.ts';
import { MessageView } from '../../../../lib/protocol/message-view.ts';

const UUID = '0123abcd-4567-489a-8bcd-ef0123456789';

const init: MessageInit = {
  uuid: UUID,
  timestampNs: 1400000000123456789n,
  type: 'TEST',
  logger: 'nginx.access',
  severity: 6,
  payload: 'Test Payload with "quotes", it\'s a/b\\c\nsecond line é',
  envVersion: '0.8',
  pid: 4711,
  hostname: 'web-17.example.org',
  fields: [
    { name: 'foo', value: 'bar' },
    { name: 'number', value: 64, integer: true },
    { name: 'bytes', value: new Uint8Array([0x64, 0x61, 0x74, 0x61, 0xff]) },
    { name: 'int', value: [999, 1024, -5], integer: true },
    { name: 'double', value: [99.9, -0.5, Number.NaN] },
    { name: 'yes', value: true },
    { name: 'no', value: false },
    { name: 'flags', value: [false, true] },
    { name: 'foo', value: ['alternate', 'third'] },
    { name: 'zero', value: 0, integer: true },
    { name: 'digits', value: '43' },
    { name: 'word', value: 'TRUE' },
    { name: 'lower', value: 'true' },
    { name: 'empty', value: '' },
    { name: 'none', value: [] },
    { name: 'größe', value: 'groß' },
    { name: 'a name [with "odd" parts', value: 'odd' },
    { name: 'big', value: 2 ** 60, integer: true },
    { name: 'path', value: '/v1/certificate/sign' },
  ],
};

const table: readonly (readonly [expression: string, verdict: boolean])[] = [
  // constants, chains, precedence, parentheses
  ['TRUE', true],
  ['FALSE', false],
  [' \tTRUE \t', true],
  ['TRUE\n', true],
  ['TRUE \r\n\r\n', true],
  ['(TRUE)', true],
  ['((FALSE))', false],
  ['TRUE && FALSE', false],
  ['TRUE || FALSE', true],
  ['TRUE&&TRUE', true],
  ['FALSE||FALSE', false],
  ['TRUE || TRUE && FALSE', true],
  ['FALSE && TRUE || TRUE', true],
  ['FALSE && (TRUE || TRUE)', false],
  ['(TRUE || TRUE) && FALSE', false],
  ['TRUE && TRUE && TRUE && FALSE', false],
  ['TRUE && TRUE && TRUE && TRUE', true],
  ['FALSE || FALSE || FALSE || TRUE', true],
  ['FALSE || FALSE || FALSE || FALSE', false],
  ['FALSE || FALSE || TRUE', true],
  ['TRUE && FALSE || TRUE && TRUE', true],
  ['TRUE && (FALSE || (TRUE && (FALSE || TRUE)))', true],
  ["Type=='TEST'&&(Severity==7||Logger=='nginx.access')", true],
  ["(Severity == 7 || Logger == 'nginx.access') && Type == 'TEST'", true],
  ["Type == 'test' && Severity == 7 || EnvVersion == '0.8'", true],
  ["Type == 'test' && (Severity == 7 || EnvVersion == '0.8')", false],
  ["Type == 'foo' || Type == 'bar' || Type == 'TEST'", true],
  ["Type == 'foo' || Type == 'bar' || Type == 'test'", false],

  // string headers
  ["Type == 'TEST'", true],
  ["Type == 'test'", false],
  ["Type == 'TES'", false],
  ["Type == 'TESTS'", false],
  ["Type != 'TEST'", false],
  ["Type != 'test'", true],
  ["Type > 'TES'", true],
  ["Type > 'TEST'", false],
  ["Type >= 'TEST'", true],
  ["Type >= 'TESTA'", false],
  ["Type < 'TESTA'", true],
  ["Type < 'TEST'", false],
  ["Type <= 'TEST'", true],
  ["Type <= 'TESS'", false],
  ["Type < 'test'", true],
  ["Type > ''", true],
  ["EnvVersion == '0.8'", true],
  ["EnvVersion > '0.7'", true],
  ["EnvVersion < '0.10'", false],
  ["EnvVersion >= '0.9'", false],
  ["EnvVersion <= '0.9'", true],
  ["Logger == 'nginx.access'", true],
  ["Logger != ''", true],
  ["Hostname == 'web-17.example.org'", true],
  ["Hostname != 'web-17.example.org'", false],
  ["Payload > 'Test'", true],
  ["Payload < 'Tesu'", true],
  ['Payload == "Test Payload"', false],

  // quotes and escapes
  ['Type == "TEST"', true],
  ['Type == "TE\'ST"', false],
  ["Type == 'TE\"ST'", false],
  ['Payload =~ /"quotes"/ && Payload =~ /it\'s/', true],
  [
    "Payload == 'Test Payload with \"quotes\", it\\'s a/b\\c\nsecond line é'".replace('\n', '\\n'),
    false,
  ],
  ["Fields[foo] == 'b\\ar'", false],
  ["Fields[foo] == 'ba\\'r'", false],
  ['Fields[foo] == "ba\\"r"', false],

  // Uuid
  [`Uuid == '${UUID}'`, true],
  [`Uuid == '${UUID.toUpperCase()}'`, false],
  [`Uuid != '${UUID.toUpperCase()}'`, true],
  [`Uuid != '${UUID}'`, false],
  [`Uuid == '${UUID.slice(0, -1)}0'`, false],
  ["Uuid == ''", false],
  ["Uuid != ''", true],
  ["Uuid == 'x'", false],
  ["Uuid != 'x'", true],
  ["Uuid > '0123abcc'", true],
  ["Uuid < '0123abcd-4567-489a-8bcd-ef012345678a'", true],
  [`Uuid >= '${UUID}'`, true],
  ['Uuid =~ /^0123abcd-/', true],
  ['Uuid =~ /6789$/', true],
  ['Uuid =~ /[A-F]/', false],
  ['Uuid !~ /^f/', true],

  // numeric headers
  ['Severity == 6', true],
  ['Severity == 6.0', true],
  ['Severity == 6.', true],
  ['Severity == .6e1', true],
  ['Severity == 60e-1', true],
  ['Severity == 0.6e+1', true],
  ['Severity == 006', true],
  ['Severity != 6', false],
  ['Severity != 5', true],
  ['Severity < 7', true],
  ['Severity < 6', false],
  ['Severity <= 6', true],
  ['Severity <= 5', false],
  ['Severity > 5', true],
  ['Severity > 6', false],
  ['Severity >= 6', true],
  ['Severity >= 7', false],
  ['Severity==6&&Pid==4711', true],
  ['Pid > 4710.5', true],
  ['Pid != 0', true],
  ['Timestamp > 0', true],
  ['Timestamp == 1400000000123456789', true],
  ['Timestamp == 1400000000123456700', true], // the same float64
  ['Timestamp < 1400000000123456000', false],
  ['Timestamp >= 1.4e18', true],

  // fields: strings and bytes
  ["Fields[foo] == 'bar'", true],
  ["Fields[foo] == 'ba'", false],
  ["Fields[foo] != 'bar'", false],
  ["Fields[foo] != 'ba'", true],
  ["Fields[foo] > 'baq'", true],
  ["Fields[foo] < 'baq'", false],
  ["Fields[foo][0] == 'bar'", true],
  ["Fields[foo][0][0] == 'bar'", true],
  ["Fields[foo][0][1] == 'bar'", false],
  ["Fields[foo][0][1] != 'bar'", false],
  ["Fields[foo][1] == 'alternate'", true],
  ["Fields[foo][1][0] == 'alternate'", true],
  ["Fields[foo][1][1] == 'third'", true],
  ["Fields[foo][01][001] == 'third'", true],
  ["Fields[foo][2] == 'third'", false],
  ["Fields[bytes] > 'data'", true],
  ["Fields[bytes] == 'data'", false],
  ['Fields[bytes] =~ /^data.$/', true], // one byte that is not UTF-8 is one character
  ["Fields[empty] == ''", true],
  ["Fields[empty] != 'x'", true],
  ["Fields[größe] == 'groß'", true],
  ["Fields[grosse] == 'groß'", false],
  ['Fields[a name [with "odd" parts] == \'odd\'', true],
  ["Fields[path] == '/v1/certificate/sign' && Fields[zero] == 0", true],

  // fields: numbers
  ['Fields[int] == 999', true],
  ['Fields[int] != 999', false],
  ['Fields[int][0][1] == 1024', true],
  ['Fields[int][0][2] < 0', true],
  ['Fields[int][0][2] <= 0.0', true],
  ['Fields[int][0][3] != 0', false],
  ['Fields[double] == 99.9', true],
  ['Fields[double] > 99', true],
  ['Fields[double][0][1] < 0', true],
  ['Fields[double][0][2] != 1', true], // not a number differs from all
  ['Fields[double][0][2] == 1', false],
  ['Fields[double][0][2] < 1', false],
  ['Fields[zero] == 0', true],
  ['Fields[zero] >= 0 && Fields[zero] <= 0', true],
  ['Fields[big] == 1152921504606846976', true],
  ['Fields[big] == 1152921504606846977', true], // the same float64

  // fields: booleans, with hekad's quirks
  ['Fields[yes] == TRUE', true],
  ['Fields[yes] == FALSE', false],
  ['Fields[no] == TRUE', false],
  ['Fields[no] == FALSE', true],
  ['Fields[flags] == FALSE && Fields[flags][0][1] == TRUE', true],
  ['Fields[flags][0][2] == FALSE', false],
  ["Fields[no] == 'anything'", true],
  ["Fields[no] != 'anything'", true],
  ["Fields[yes] == 'TRUE'", false],
  ['Fields[no] == 0', true],
  ['Fields[no] == 1', true],
  ['Fields[no] > 5', true],
  ['Fields[yes] == 1', false],
  ['Fields[no] =~ /x/', true],
  ['Fields[no] !~ /x/', true],
  ['Fields[yes] =~ /./', false],
  ['Fields[word] == TRUE', true], // the text TRUE
  ['Fields[word] == FALSE', false],
  ['Fields[lower] == TRUE', false],
  ['Fields[foo] == TRUE', false],
  ['Fields[zero] == FALSE', false],
  ['Fields[number] == TRUE', false],

  // missing fields and indices; NIL
  ['Fields[missing] == NIL', true],
  ['Fields[missing] != NIL', false],
  ["Fields[missing] == 'x'", false],
  ["Fields[missing] != 'x'", false],
  ['Fields[missing] != 1', false],
  ['Fields[missing] < 1', false],
  ['Fields[missing] =~ /./', false],
  ['Fields[missing] !~ /./', false],
  ['Fields[missing] == FALSE', false],
  ['Fields[int] == NIL', false],
  ['Fields[int] != NIL', true],
  ['Fields[int][0][2] != NIL', true],
  ['Fields[int][0][3] == NIL', true],
  ['Fields[int][1] == NIL', true],
  ['Fields[foo] != NIL && Fields[foo][1] != NIL && Fields[foo][2] == NIL', true],
  ['Fields[bytes] != NIL', true],
  ['Fields[double] != NIL', true],
  ['Fields[yes] != NIL', true],
  ['Fields[no] != NIL', true],
  ['Fields[no] == NIL', false],
  ['Fields[empty] != NIL', true],
  ['Fields[none] == NIL', true],
  ['Fields[none] != NIL', false],
  ["Fields[none] != 'x'", false],
  ['Fields[Foo] == NIL', true],

  // type mismatches
  ['Fields[digits] == 43', false],
  ['Fields[digits] != 43', false],
  ['Fields[digits] < 100', false],
  ["Fields[zero] == '0'", false],
  ["Fields[zero] != '0'", false],
  ["Fields[zero] < 'x'", false],
  ['Fields[int] =~ /999/', false],
  ['Fields[int] !~ /1/', false],
  ["Fields[double] >= ''", false],

  // regular expressions, literal ones and others
  ['Type =~ /TEST/', true],
  ['Type =~ /Test/', false],
  ['Type !~ /TEST/', false],
  ['Type !~ /bogus/', true],
  ['Type =~ /ES/', true],
  ['Type =~ /(ST)/', true],
  ['Type =~ /^TE/', true],
  ['Type =~ /^te/', false],
  ['Type !~ /^te/', true],
  ['Type =~ /ST$/', true],
  ['Type =~ /st$/', false],
  ['Type !~ /st$/', true],
  ['Type =~ /^TEST$/', true],
  ['Type =~ /^TES$/', false],
  ['Type =~ /^EST$/', false],
  ['Type =~ /(?i)^test$/', true],
  ['Type =~ /[Tt]EST/', true],
  ['Type =~ /^(A|TEST|B)$/', true],
  ['Type =~ /^(?:A|TES|B)$/', false],
  ['Type =~ /A|EST|B/', true],
  ['Type =~ /^EST|TES$/', false],
  ['Type =~ //', true],
  ['Type !~ //', false],
  ['Type =~ /^/', true],
  ['Type =~ /$/', true],
  ['Type =~ /^$/', false],
  ['Type =~ /./', true],
  ['Type =~ /T.*T/', true],
  ['Type =~ /TES.*/', true],
  ['Type =~ /.*EST/', true],
  ['Type =~ /^.*$/', true],
  ['Type =~ /T{2}/', false],
  ['Logger =~ /nginx\\.access/', true],
  ['Logger =~ /nginx\\-access/', false],
  ['Logger =~ /^nginx\\./', true],
  ['Logger =~ /x\\.a/', true],
  ['Logger =~ /^nginx.access$/', true],
  ['Payload =~ /a\\/b/', true],
  ['Payload =~ /b\\\\c/', true],
  ['Payload =~ /c\\nsecond/', true],
  ['Payload =~ /^second/', false], // ^ is the start of the text
  ['Payload =~ /(?m)^second/', true],
  ['Payload =~ /c$/', false],
  ['Payload =~ /é$/', true],
  ['Payload =~ /Test.*second/', false], // . stops at a line end
  ['Payload =~ /(?s)Test.*second/', true],
  ['Payload =~ /\\bPayload\\b/', true],
  ['Payload =~ /\\QTest P\\E/', true],
  ['Payload =~ /\\pL+ \\x{e9}$/', true],
  ['Payload =~ /line \\x{e9}$/', true],
  ['Fields[foo][1] =~ /alt/', true],
  ['Fields[path] =~ /^\\/v1\\/\\w+\\/sign$/', true],
  ["Logger != 'Sync' && Logger =~ /^Sync/", false],
  ['Logger =~ /./ && Type =~ /^anything/', false],
];

const message = Message.create(init);

void t.test(`each of ${table.length} expressions gives its verdict`, (t) => {
  for (const [expression, verdict] of table) {
    t.equal(compileMatcher(expression).matchesMessage(message), verdict, expression);
  }
  t.ok(table.length >= 150);
  t.end();
});

void t.test('an unset header has its default', (t) => {
  const bare = Message.decode(new Uint8Array(0));
  const verdicts: readonly (readonly [string, boolean])[] = [
    ["Type == ''", true],
    ["Type != ''", false],
    ["Type < 'a'", true],
    ["Logger == '' && Payload == '' && EnvVersion == '' && Hostname == '' && Uuid == ''", true],
    ["Uuid != ''", false],
    ["Uuid < '0'", true],
    [`Uuid != '${UUID}'`, true],
    ['Type =~ /^$/', true],
    ['Type =~ /./', false],
    ['Payload =~ /a*/', true],
    ['Severity == 7', true],
    ['Pid == 0', true],
    ['Timestamp == 0', true],
    ['Fields[x] == NIL', true],
  ];
  for (const [expression, verdict] of verdicts) {
    t.equal(compileMatcher(expression).matchesMessage(bare), verdict, expression);
  }
  t.end();
});

void t.test('a header that an earlier message in the same view had is not seen again', (t) => {
  const view = new MessageView();
  const matcher = compileMatcher("Type == 'TEST' || Uuid != '' || Hostname =~ /web/");
  view.reset(message.bytes, 0, message.bytes.length);
  t.equal(matcher.matches(view), true);
  view.reset(message.bytes, 0, 0);
  t.equal(matcher.matches(view), false);
  t.end();
});

void t.test('a message in the middle of other bytes is not read beyond its ends', (t) => {
  const bytes = new Uint8Array(message.bytes.length + 20).fill(0x54);
  bytes.set(message.bytes, 10);
  const view = new MessageView();
  view.reset(bytes, 10, 10 + message.bytes.length);
  for (const [expression, verdict] of table) {
    if (compileMatcher(expression).matches(view) !== verdict) t.fail(expression);
  }
  t.end();
});

void t.test('a uuid of a wrong length reads as the empty text', (t) => {
  const odd = Message.decode(new Uint8Array([0x0a, 2, 0x61, 0x62]));
  t.equal(compileMatcher("Uuid == ''").matchesMessage(odd), true);
  t.equal(compileMatcher("Uuid != ''").matchesMessage(odd), false);
  t.equal(compileMatcher("Uuid == 'ab'").matchesMessage(odd), false);
  t.equal(compileMatcher('Uuid =~ /^$/').matchesMessage(odd), true);
  t.equal(compileMatcher(`Uuid != '${UUID}'`).matchesMessage(odd), true);
  t.end();
});

void t.test('numbers in the unpacked form are compared, too', (t) => {
  const double = new Uint8Array(8);
  new DataView(double.buffer).setFloat64(0, 2.5, true);
  const fields = [
    [0x0a, 1, 0x69, 0x10, 2, 0x30, 7, 0x30, 9], // i: integers 7, 9
    [0x0a, 1, 0x64, 0x10, 3, 0x39, ...double], // d: double 2.5
    [0x0a, 1, 0x62, 0x10, 4, 0x40, 1], // b: true
  ];
  const unpacked = Message.decode(
    new Uint8Array(fields.flatMap((field) => [0x52, field.length, ...field])),
  );
  const expression =
    'Fields[i] == 7 && Fields[i][0][1] == 9 && Fields[d] == 2.5 && Fields[b] == TRUE';
  t.equal(compileMatcher(expression).matchesMessage(unpacked), true);
  t.equal(compileMatcher('Fields[i][0][2] == NIL').matchesMessage(unpacked), true);
  t.end();
});

void t.test('a field of a type that no Heka knows passes no test', (t) => {
  const strange = Message.decode(new Uint8Array([0x52, 8, 0x0a, 1, 0x78, 0x10, 9, 0x22, 1, 0x61]));
  for (const test of ['== NIL', '!= NIL', "== 'a'", '!= 1', '=~ /a/', '== FALSE']) {
    t.equal(compileMatcher(`Fields[x] ${test}`).matchesMessage(strange), false, test);
  }
  t.end();
});

void t.test('terms are tested from the left only until the verdict is known', (t) => {
  // The field's record is cut short, so that looking at it throws.
  const bytes = new Uint8Array([0x1a, 1, 0x61, 0x52, 5, 0x0a, 1, 0x78, 0x22, 9]);
  const corrupt = new MessageView();
  corrupt.reset(bytes, 0, bytes.length);
  const code = { code: 'HKT_MESSAGE_TRUNCATED' };
  t.throws(() => compileMatcher("Fields[x] == 'a'").matches(corrupt), code);
  t.equal(compileMatcher("Type == 'a' || Fields[x] == 'a'").matches(corrupt), true);
  t.equal(compileMatcher("Type == 'b' && Fields[x] == 'a'").matches(corrupt), false);
  t.throws(() => compileMatcher("Fields[x] == 'a' || TRUE").matches(corrupt), code);
  t.end();
});

void t.test('a matcher keeps its text and is made by either name', (t) => {
  const matcher = compileMatcher(" Type == 'TEST' ");
  t.equal(matcher.expression, " Type == 'TEST' ");
  t.equal(matcher.matchesMessage(message), true);
  t.equal(compileMatcher(matcher.expression).matches(message.view), true);
  t.same(compileMatcher(matcher.expression).ast, matcher.ast);
  t.end();
});
