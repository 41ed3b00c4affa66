/** The grammar of matchers: the tree with its source ranges, and every fault with its code and position. */
import t from 'tap';
import type { ErrorCode } from '../../../../lib/protocol/errors.ts';
import { HekateError } from '../../../../lib/protocol/errors.ts';
import type { Expression } from '../../../../lib/protocol/matcher/ast.ts';
import { MAX_EXPRESSION_LENGTH, MAX_NESTING } from '../../../../lib/protocol/matcher/limits.ts';
import { compileMatcher } from '../../../../lib/protocol/matcher/matcher.ts';
import { parseMatcher } from '../../../../lib/protocol/matcher/parser.ts';

function faultOf(expression: string): HekateError {
  try {
    compileMatcher(expression);
  } catch (thrown) {
    if (thrown instanceof HekateError) return thrown;
    throw thrown;
  }
  throw new Error(`compiled: ${expression}`);
}

const SYNTAX = 'HKT_MATCHER_SYNTAX';
const IGNORED = 'HKT_MATCHER_IGNORED_TEXT';
const NUMBER = 'HKT_MATCHER_NUMBER';

const faults: readonly (readonly [
  expression: string,
  code: ErrorCode,
  token: string,
  pos: number,
  hint: RegExp,
])[] = [
  ['', SYNTAX, 'end of expression', 0, /empty/],
  [' \t', SYNTAX, 'end of expression', 0, /empty/],
  ['bogus', SYNTAX, 'bogus', 0, /unknown variable/],
  ["Invalid == 'bogus'", SYNTAX, 'Invalid', 0, /known are Uuid, Type/],
  ["type == 'x'", SYNTAX, 'type', 0, /use Type/],
  ["FIELDS[x] == 'x'", SYNTAX, 'FIELDS', 0, /use Fields/],
  ['true', SYNTAX, 'true', 0, /use TRUE/],
  ["Type = 'test'", SYNTAX, '=', 5, /use ==/],
  ["Type 'test'", SYNTAX, "'test'", 5, /expected ==/],
  ["Type ! 'test'", SYNTAX, '!', 5, /no negation/],
  ["!Type == 'test'", SYNTAX, '!', 0, /no negation/],
  ["Pid == 'test='", SYNTAX, "'test='", 7, /number/],
  ['Type == 6', SYNTAX, '6', 8, /quoted string/],
  ['Type == TRUE', SYNTAX, 'TRUE', 8, /quoted string/],
  ["'x' == Type", SYNTAX, "'x'", 0, /expected a variable/],
  ['6 == Severity', SYNTAX, '6', 0, /expected a variable/],
  ['Type == Logger', SYNTAX, 'Logger', 8, /literal/],
  ["Type == 'test' && (Severity==7 || Payload == 'x'", SYNTAX, 'end of expression', 48, /pos 18/],
  ["(Type == 'x'))", SYNTAX, ')', 13, /never opened/],
  ['()', SYNTAX, ')', 1, /expected a variable/],
  ['TRUE &&', SYNTAX, 'end of expression', 7, /missing/],
  ['|| TRUE', SYNTAX, '||', 0, /expected a variable/],
  ['TRUE & TRUE', SYNTAX, '&', 5, /use &&/],
  ['TRUE | TRUE', SYNTAX, '|', 5, /use \|\|/],
  ['TRUE and TRUE', SYNTAX, 'and', 5, /use &&/],
  ['TRUE AND FALSE', SYNTAX, 'AND', 5, /use &&/],
  ['TRUE OR FALSE', SYNTAX, 'OR', 5, /use \|\|/],
  ['NOT TRUE', SYNTAX, 'NOT', 0, /negation/],
  ['Fields[x] == null', SYNTAX, 'null', 13, /NIL/],
  ["Fields == 'x'", SYNTAX, 'Fields', 0, /Fields\[name\]/],
  ["Fields [x] == 'x'", SYNTAX, 'Fields', 0, /blank/],
  ["Fields[] == 'x'", SYNTAX, 'Fields[]', 0, /name is empty/],
  ["Fields[test][] == 'x'", SYNTAX, 'Fields[test][]', 0, /field index/],
  ["Fields[test][a] == 'x'", SYNTAX, 'Fields[test][a]', 0, /field index/],
  ["Fields[test][-1] == 'x'", SYNTAX, 'Fields[test][-1]', 0, /field index/],
  ["Fields[test][ 1] == 'x'", SYNTAX, 'Fields[test][ 1]', 0, /field index/],
  ["Fields[test][0][] == 'x'", SYNTAX, 'Fields[test][0][]', 0, /array index/],
  ["Fields[test][0][a] == 'x'", SYNTAX, 'Fields[test][0][a]', 0, /array index/],
  ["Fields[test][0][0][] == 'x'", SYNTAX, '[', 18, /unexpected/],
  ["Fields[test][9999999999] == 'x'", SYNTAX, 'Fields[test][9999999999]', 0, /field index/],
  ["Fields[test] [1] == 'x'", SYNTAX, '[', 13, /unexpected/],
  ['Fields[test][xxxx', SYNTAX, 'Fields[test][xxxx', 0, /bracket/],
  ["Fields[a\nb] == 'x'", SYNTAX, 'Fields[a?b]', 0, /one line/],
  ['Fields[test]', SYNTAX, 'end of expression', 12, /expected ==/],
  ['Fields[test] == ', SYNTAX, 'end of expression', 15, /literal/],
  ['Fields[test] > NIL', SYNTAX, 'NIL', 15, /== or !=/],
  ['Fields[test] =~ NIL', SYNTAX, 'NIL', 16, /regular expression/],
  ['Fields[test] != TRUE', SYNTAX, 'TRUE', 16, /== only/],
  ['Fields[test] >= FALSE', SYNTAX, 'FALSE', 16, /== only/],
  ['Fields[test] == -1', SYNTAX, '-', 16, /no sign/],
  ['Fields[test] == +1', SYNTAX, '+', 16, /no sign/],
  ['Pid =~ /6/', SYNTAX, '/6/', 7, /number/],
  ['Pid !~ /6/', SYNTAX, '/6/', 7, /number/],
  ['Pid =~ 6', SYNTAX, '6', 7, /regular expression/],
  ['Pid == NIL', SYNTAX, 'NIL', 7, /number/],
  ['Type =~ /test', SYNTAX, '/test', 8, /closing \//],
  ['Type =~ /test\\/', SYNTAX, '/test\\/', 8, /closing \//],
  ['Type == /test/', SYNTAX, '/test/', 8, /=~/],
  ['Fields[x] > /test/', SYNTAX, '/test/', 12, /=~/],
  ["Type =~ 'test'", SYNTAX, "'test'", 8, /regular expression/],
  ['Type != \'test"', SYNTAX, '\'test"', 8, /closing '/],
  ["Type == 'a\\'", SYNTAX, "'a\\'", 8, /closing '/],
  ["Type == 'a\\", SYNTAX, "'a\\", 8, /closing '/],
  ["Type == 'a\nb'", SYNTAX, "'a?b'", 8, /this line/],
  ["Type == 'a\\\nb'", SYNTAX, "'a\\?b'", 8, /this line/],
  ["Type == 'a\0b'", SYNTAX, '?', 10, /zero/],
  ["Type != 'logfile' && Type !~ /^heka\\./'", SYNTAX, "'", 38, /closing '/],
  ['NIL', SYNTAX, 'NIL', 0, /expected a variable/],
  ['Type == NIL', SYNTAX, 'NIL', 8, /quoted string/],
  ['TRUE;', SYNTAX, ';', 4, /unexpected/],
  ["TRUE 'x'", SYNTAX, "'x'", 5, /&&/],
  ['TRUE == TRUE', SYNTAX, '==', 5, /&&/],
  ['TRUE €', SYNTAX, '€', 5, /unexpected/],
  // what hekad took, and evaluated as something else than what stands there
  ['TRUE FALSE', IGNORED, 'FALSE', 5, /&& or \|\|/],
  ["Type == 'a' Type == 'b'", IGNORED, 'Type', 12, /last one/],
  ['TRUE (FALSE)', IGNORED, '(', 5, /last one/],
  ["Type == 'a' Fields[x] == 1", IGNORED, 'Fields[x]', 12, /last one/],
  ['TRUE\nFALSE', IGNORED, '?', 4, /one line/],
  ["Type == 'a' &&\n Logger == 'b'", IGNORED, '?', 14, /one line/],
  ["\nType == 'a'", IGNORED, '?', 0, /one line/],
  ['TRUE\r\n&& FALSE', IGNORED, '?', 4, /one line/],
  ['Severity == 1+2', NUMBER, '1+2', 12, /not a number/],
  ['Severity == 1-2', NUMBER, '1-2', 12, /not a number/],
  ['Severity == 1.2.3', NUMBER, '1.2.3', 12, /not a number/],
  ['Severity == .', NUMBER, '.', 12, /not a number/],
  ['Severity == 6e', NUMBER, '6e', 12, /not a number/],
  ['Severity == 1e999', NUMBER, '1e999', 12, /not a number/],
  ['Type =~ /\\ytest/', 'HKT_MATCHER_REGEX', '/\\ytest/', 8, /invalid escape sequence/],
  ['Type =~ /a(b/', 'HKT_MATCHER_REGEX', '/a(b/', 8, /missing closing \)/],
  ['Type =~ /[a/', 'HKT_MATCHER_REGEX', '/[a/', 8, /missing closing \]/],
  ['Type =~ /*/', 'HKT_MATCHER_REGEX', '/*/', 8, /repetition/],
  ['Type =~ /(?=a)/', 'HKT_MATCHER_REGEX', '/(?=a)/', 8, /Perl syntax/],
  ['Type =~ /(?<!a)b/', 'HKT_MATCHER_REGEX', '/(?<!a)b/', 8, /./],
  ['Type =~ /(a)\\1/', 'HKT_MATCHER_REGEX', '/(a)\\1/', 8, /invalid escape sequence/],
  ['Fields[x] !~ /a{2,1}/', 'HKT_MATCHER_REGEX', '/a{2,1}/', 13, /repeat count/],
];

void t.test(
  `each of ${faults.length} malformed expressions is refused with code and position`,
  (t) => {
    for (const [expression, code, token, pos, hint] of faults) {
      const fault = faultOf(expression);
      const shape = `syntax error: last token: ${token} pos: ${pos} (`;
      t.equal(fault.code, code, JSON.stringify(expression));
      t.equal(fault.message.slice(0, shape.length), shape, JSON.stringify(expression));
      t.match(fault.message, hint);
    }
    t.end();
  },
);

void t.test('an error message repeats a bounded part of the expression', (t) => {
  t.ok(faultOf(`Type == '${'x'.repeat(10000)}`).message.length < 300);
  t.ok(faultOf(`Type =~ /[${'x'.repeat(4000)}/`).message.length < 500);
  t.end();
});

void t.test('every node knows its place in the text', (t) => {
  const text = " (Type == 'a'||Fields[x y][1][2] =~ /b\\/c/)  &&TRUE && Pid >= 1e1 ";
  const tree = parseMatcher(text);
  const seen: string[] = [];
  const walk = (node: Expression): void => {
    seen.push(`${node.kind} ${text.slice(node.start, node.end)}`);
    if (node.kind === 'and' || node.kind === 'or') for (const term of node.terms) walk(term);
    if (node.kind === 'test') seen.push(text.slice(node.literal.start, node.literal.end));
  };
  walk(tree);
  t.same(seen, [
    "and Type == 'a'||Fields[x y][1][2] =~ /b\\/c/)  &&TRUE && Pid >= 1e1",
    "or Type == 'a'||Fields[x y][1][2] =~ /b\\/c/",
    "test Type == 'a'",
    "'a'",
    'test Fields[x y][1][2] =~ /b\\/c/',
    '/b\\/c/',
    'constant TRUE',
    'test Pid >= 1e1',
    '1e1',
  ]);
  t.match(tree, {
    kind: 'and',
    terms: [
      {
        kind: 'or',
        terms: [
          {
            subject: { kind: 'string-header', name: 'Type' },
            operator: '==',
            literal: { kind: 'string', text: 'a' },
          },
          {
            subject: { kind: 'field', name: 'x y', fieldIndex: 1, arrayIndex: 2 },
            operator: '=~',
            literal: { kind: 'regex', pattern: 'b/c' },
          },
        ],
      },
      { kind: 'constant', value: true },
      {
        subject: { kind: 'number-header', name: 'Pid' },
        operator: '>=',
        literal: { kind: 'number', value: 10 },
      },
    ],
  });
  t.end();
});

void t.test('only a backslash before the enclosing quote is taken away', (t) => {
  const textOf = (expression: string): unknown => {
    const tree = parseMatcher(expression);
    if (tree.kind !== 'test') return tree;
    return tree.literal.kind === 'string' ? tree.literal.text : tree.literal;
  };
  t.equal(textOf("Type == 'it\\'s'"), "it's");
  t.equal(textOf('Type == "a\\"b\\"c"'), 'a"b"c');
  t.equal(textOf('Type == "it\\\'s"'), "it\\'s");
  t.equal(textOf("Type == 'a\\nb'"), 'a\\nb');
  t.equal(textOf("Type == 'a\\\\'"), 'a\\\\');
  t.equal(textOf("Type == 'a\\\\\\'b'"), "a\\\\'b");
  t.equal(textOf("Type == ''"), '');
  t.match(textOf('Type =~ /a\\/b\\.c\\\\/'), { pattern: 'a/b\\.c\\\\' });
  t.end();
});

void t.test('parentheses nest up to the limit and no deeper', (t) => {
  const nested = (depth: number): string => `${'('.repeat(depth)}TRUE${')'.repeat(depth)}`;
  t.same(parseMatcher(nested(MAX_NESTING)).kind, 'constant');
  const fault = faultOf(nested(1000));
  t.equal(fault.code, 'HKT_MATCHER_TOO_BIG');
  t.match(fault.message, `pos: ${MAX_NESTING}`);
  t.equal(faultOf('(TRUE||'.repeat(2000)).code, 'HKT_MATCHER_TOO_BIG');
  // Groups side by side do not add up.
  t.equal(compileMatcher(Array(1000).fill('(TRUE)').join('&&')).ast.kind, 'and');
  t.end();
});

void t.test(
  'a chain as long as an expression may be is compiled, a longer expression is not',
  (t) => {
    const terms = Math.floor(MAX_EXPRESSION_LENGTH / 7);
    const long = compileMatcher(Array(terms).fill('FALSE').join('||'));
    t.equal(long.ast.kind === 'or' && long.ast.terms.length, terms);
    const fault = faultOf('TRUE'.padEnd(MAX_EXPRESSION_LENGTH + 1));
    t.equal(fault.code, 'HKT_MATCHER_TOO_BIG');
    t.match(fault.message, `its length is ${MAX_EXPRESSION_LENGTH + 1}`);
    t.end();
  },
);
