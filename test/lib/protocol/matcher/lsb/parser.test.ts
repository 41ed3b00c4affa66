/** The grammar of lua_sandbox's matchers: the tree with its source ranges, and every fault with its position. */
import t from 'tap';
import { HekateError } from '../../../../../lib/protocol/errors.ts';
import {
  MAX_EXPRESSION_LENGTH,
  MAX_NESTING,
} from '../../../../../lib/protocol/matcher/lsb/limits.ts';
import { compileLsbMatcher } from '../../../../../lib/protocol/matcher/lsb/matcher.ts';

function faultOf(expression: string): HekateError {
  try {
    compileLsbMatcher(expression);
  } catch (thrown) {
    if (thrown instanceof HekateError) return thrown;
    throw thrown;
  }
  throw new Error(`compiled: ${expression}`);
}

const faults: readonly (readonly [expression: string, token: string, pos: number, hint: RegExp])[] =
  [
    ['', 'end of expression', 0, /empty/],
    [' \t\r\n', 'end of expression', 4, /empty/],
    ['bogus', 'bogus', 0, /unknown variable/],
    ["Type = 'test'", '=', 5, /use ==/],
    ["Pid == 'test='", "'test='", 7, /number/],
    ["(Type == 'test'", 'end of expression', 15, /pos 0 is not closed/],
    ["Type == 'test' && (Severity==7 || Payload == 'x'", 'end of expression', 48, /pos 18/],
    ["Invalid == 'bogus'", 'Invalid', 0, /known are Uuid, Type/],
    ['Fields[]', 'end of expression', 8, /expected ==/],
    ['Fields[test][]', 'Fields[test][]', 0, /field index/],
    ['Fields[test][a]', 'Fields[test][a]', 0, /field index/],
    ['Fields[test][0][]', 'Fields[test][0][]', 0, /array index/],
    ['Fields[test][0][a]', 'Fields[test][0][a]', 0, /array index/],
    ['Fields[test][0][0][]', '[', 18, /unexpected/],
    ['Fields[test][xxxx', 'Fields[test][xxxx', 0, /bracket is missing/],
    ["Fields[test] [0] == 'a'", '[', 13, /unexpected/],
    ["Fields [test] == 'a'", 'Fields', 0, /without a blank/],
    ["Fields == 'a'", 'Fields', 0, /Fields\[name\]/],
    ['Fields[test][256] == 1', 'Fields[test][256]', 0, /0 to 255/],
    ['Fields[test][0][256] == 1', 'Fields[test][0][256]', 0, /0 to 255/],
    ['Fields[test][00] == 1', 'Fields[test][00]', 0, /field index/],
    ['Fields[test][-1] == 1', 'Fields[test][-1]', 0, /field index/],
    ['Fields[test][ 1] == 1', 'Fields[test][ 1]', 0, /field index/],
    ["Pid =~ '6'", "'6'", 7, /not matched/],
    ["Pid !~ '6'", "'6'", 7, /not matched/],
    ['Pid =~ 6', '6', 7, /not matched/],
    ["Timestamp =~ '2015'", "'2015'", 13, /not matched/],
    ['Type =~ 6', '6', 8, /pattern in quotes/],
    ['Type =~ NIL', 'NIL', 8, /pattern in quotes/],
    ["Type =~ 'test", "'test", 8, /closing '/],
    ['Type != \'test"', '\'test"', 8, /closing '/],
    ["Uuid < '\\'", "'\\'", 7, /closing '/],
    ['NIL', 'NIL', 0, /expected a variable/],
    ['Type > NIL', 'NIL', 7, /== or !=/],
    ['Pid > NIL', 'NIL', 6, /== or !=/],
    ['Fields[test] > NIL', 'NIL', 15, /== or !=/],
    ['Fields[test] > TRUE', 'TRUE', 15, /== or !=/],
    ['Uuid == NIL', 'NIL', 8, /never NIL/],
    ['Severity == NIL', 'NIL', 12, /never NIL/],
    ['Timestamp != NIL', 'NIL', 13, /never NIL/],
    ['Type == TRUE', 'TRUE', 8, /only Fields/],
    ['Pid == FALSE', 'FALSE', 7, /only Fields/],
    ['Type == 6', '6', 8, /quoted string/],
    ["Severity == '6'", "'6'", 12, /number/],
    ['TRUE FALSE', 'FALSE', 5, /expected &&/],
    ['TRUE)', ')', 4, /never opened/],
    ["Timestamp == '20150411T173026'", "'20150411T173026'", 13, /a date such as/],
    ["Timestamp == '2015-13-11T17:30:26Z'", "'2015-13-11T17:30:26Z'", 13, /a date such as/],
    ["Timestamp == '2015-00-11T17:30:26Z'", "'2015-00-11T17:30:26Z'", 13, /a date such as/],
    ["Timestamp == '2015-01-32T17:30:26Z'", "'2015-01-32T17:30:26Z'", 13, /a date such as/],
    ["Timestamp == '2015-01-00T17:30:26Z'", "'2015-01-00T17:30:26Z'", 13, /a date such as/],
    ["Timestamp == '2015-01-01T24:30:26Z'", "'2015-01-01T24:30:26Z'", 13, /a date such as/],
    ["Timestamp == '2015-01-01T17:60:26Z'", "'2015-01-01T17:60:26Z'", 13, /a date such as/],
    ["Timestamp == '2015-01-01T17:30:61Z'", "'2015-01-01T17:30:61Z'", 13, /a date such as/],
    ["Timestamp == '2015-01-01T17:30:26'", "'2015-01-01T17:30:26'", 13, /a date such as/],
    ["Timestamp == '2015-01-01 17:30:26Z'", "'2015-01-01 17:30:26Z'", 13, /a date such as/],
    ["Timestamp == '2015-01-01T17:30:26.Z'", "'2015-01-01T17:30:26.Z'", 13, /a date such as/],
    ["Timestamp == '2015-01-01T17:30:26+1'", "'2015-01-01T17:30:26+1'", 13, /a date such as/],
    ["Timestamp == '2015-01-01T17:30:26Z'%", "'2015-01-01T17:30:26Z'%", 13, /a date such as/],
    ["Payload =~ 'foo'i", 'i', 16, /unknown variable/],
    ["Payload =~ 'foo' %", '%', 17, /without a blank/],
    ["Payload == 'foo'%", "'foo'%", 11, /percent sign/],
    ["'x' == Type", "'x'", 0, /expected a variable/],
    ['6 == Severity', '6', 0, /expected a variable/],
    ['Severity == 01', '01', 12, /not a number/],
    ['Severity == 0x1', '0x1', 12, /not a number/],
    ['Severity == 9.', '9.', 12, /not a number/],
    ['Severity == .9', '.', 12, /unexpected/],
    ['Severity == 9e', '9e', 12, /not a number/],
    ['Severity == -', '-', 12, /not a number/],
    ['Severity == 1 2', '2', 14, /expected &&/],
    ['Type == Logger', 'Logger', 8, /literal/],
    ['Type', 'end of expression', 4, /expected ==/],
    ['Type ==', 'end of expression', 7, /literal/],
    ["type == 'x'", 'type', 0, /use Type/],
    ['true', 'true', 0, /use TRUE/],
    ['TRUEFALSE', 'TRUEFALSE', 0, /unknown variable/],
    ['Types == 1', 'Types', 0, /unknown variable/],
    ["!Type == 'x'", '!', 0, /no negation/],
    ['NOT TRUE', 'NOT', 0, /no negation/],
    ['TRUE & TRUE', '&', 5, /use &&/],
    ['TRUE | TRUE', '|', 5, /use \|\|/],
    ['TRUE and TRUE', 'and', 5, /use &&/],
    ['Type =~ /x/', '/', 8, /quoted string/],
    ['TRUE &&', 'end of expression', 7, /missing/],
    ['|| TRUE', '||', 0, /expected a variable/],
    ['()', ')', 1, /expected a variable/],
    ['TRUE # comment', '#', 5, /unexpected/],
    ["Type == 'a\0b'", '?', 10, /zero character/],
    ["Type == 'é' !", '!', 12, /no negation/],
  ];

void t.test('every fault is told with its token, its position and what was expected', (t) => {
  for (const [expression, token, pos, hint] of faults) {
    const fault = faultOf(expression);
    t.equal(fault.code, 'HKT_MATCHER_LSB_SYNTAX', expression);
    const head = `invalid message matcher expression: last token: ${token} pos: ${pos} (`;
    t.equal(fault.message.slice(0, head.length), head, expression);
    t.match(fault.message, hint, expression);
  }
  t.end();
});

void t.test('numbers, strings, parentheses and texts are bounded', (t) => {
  const tests = (count: number): string => Array(count).fill('TRUE').join('||');
  const nested = (depth: number): string => `${'('.repeat(depth)}TRUE${')'.repeat(depth)}`;
  const tooBig: readonly (readonly [string, RegExp])[] = [
    [tests(129), /pos: 768: the number of tests is 129, the limit is 128/],
    [`Type == '${'x'.repeat(256)}'`, /pos: 8: a string's length in bytes is 256, the limit is 255/],
    [`Type =~ '${'x'.repeat(256)}'`, /the limit is 255/],
    [`Type == '${'é'.repeat(128)}'`, /is 256/],
    [nested(MAX_NESTING + 1), /parentheses/],
    ['('.repeat(MAX_EXPRESSION_LENGTH), /parentheses/],
    [' '.repeat(MAX_EXPRESSION_LENGTH + 1), /its length/],
    [
      Array(100)
        .fill(`Type =~ '%b()${'.?'.repeat(100)}x'`)
        .join('&&'),
      /the cost of its patterns/,
    ],
  ];
  for (const [expression, text] of tooBig) {
    const fault = faultOf(expression);
    t.equal(fault.code, 'HKT_MATCHER_LSB_TOO_BIG');
    t.match(fault.message, /^invalid message matcher expression: pos: /);
    t.match(fault.message, text);
  }
  for (const expression of [
    tests(128),
    `Type == '${'x'.repeat(255)}'`,
    `Type == '${"\\'".repeat(255)}'`,
    nested(MAX_NESTING),
    `TRUE${' '.repeat(MAX_EXPRESSION_LENGTH - 4)}`,
    Array(128)
      .fill(`Fields[some.longer.name] =~ '${'x'.repeat(255)}'`)
      .join('||'),
  ]) {
    t.doesNotThrow(() => compileLsbMatcher(expression));
  }
  t.end();
});

void t.test('the tree keeps the place of every part', (t) => {
  const { ast } = compileLsbMatcher(" Type == 'a' && (Fields[x][1] =~ 'b'% || TRUE)");
  t.same(ast, {
    kind: 'and',
    start: 1,
    end: 45,
    terms: [
      {
        kind: 'test',
        subject: { kind: 'string-header', name: 'Type' },
        operator: '==',
        literal: { kind: 'string', text: 'a', start: 9, end: 12 },
        start: 1,
        end: 12,
      },
      {
        kind: 'or',
        start: 17,
        end: 45,
        terms: [
          {
            kind: 'test',
            subject: { kind: 'field', name: 'x', fieldIndex: 1, arrayIndex: 0 },
            operator: '=~',
            literal: { kind: 'pattern', text: 'b', plain: true, start: 33, end: 37 },
            start: 17,
            end: 37,
          },
          { kind: 'constant', value: true, start: 41, end: 45 },
        ],
      },
    ],
  });
  t.end();
});

void t.test('quotes and backslashes are unescaped in both styles, other escapes stay', (t) => {
  const textOf = (literal: string): unknown => {
    const { ast } = compileLsbMatcher(`Type == ${literal}`);
    return ast.kind === 'test' && ast.literal.kind === 'string' ? ast.literal.text : undefined;
  };
  t.equal(textOf(`'a\\'b\\"c\\\\d'`), `a'b"c\\d`);
  t.equal(textOf(`"a\\'b\\"c\\\\d"`), `a'b"c\\d`);
  t.equal(textOf(`'a"b'`), 'a"b');
  t.equal(textOf(`"a'b"`), "a'b");
  t.equal(textOf(`'\\n\\t\\%\\0'`), '\\n\\t\\%\\0');
  t.equal(textOf(`'\\\\'`), '\\');
  t.equal(textOf(`'\\\\\\''`), "\\'");
  t.equal(textOf(`'line\nbreak'`), 'line\nbreak');
  t.equal(textOf(`''`), '');
  t.end();
});

void t.test('blanks may be left out and may be line ends', (t) => {
  for (const expression of [
    "Type=='a'&&Severity<-5||(Pid!=NIL)",
    "\r\n\tType\n==\r'a'\t&&\nSeverity <\n-5\n||\n(\nPid\n!=\nNIL\n)\n",
    "Type=~'a'%&&Fields[x]==TRUE&&Fields[y]!=NIL",
    'Fields[x]>+1',
  ]) {
    t.doesNotThrow(() => compileLsbMatcher(expression), expression);
  }
  t.end();
});
