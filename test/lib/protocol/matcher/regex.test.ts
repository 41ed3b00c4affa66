/** Regular expressions: literal reductions against plain re2js, bounds on what a tenant may write, hostile patterns. */
import { RE2JS } from 're2js';
import t from 'tap';
import { MAX_PATTERN_LENGTH, MAX_REGEX_COST } from '../../../../lib/protocol/matcher/limits.ts';
import { compileMatcher } from '../../../../lib/protocol/matcher/matcher.ts';
import { compileRegex } from '../../../../lib/protocol/matcher/regex.ts';
import { estimateRegex } from '../../../../lib/protocol/matcher/regex-cost.ts';
import { literalTest } from '../../../../lib/protocol/matcher/regex-literal.ts';
import { Message } from '../../../../lib/protocol/message.ts';
import { utf8Bytes } from '../../../../lib/protocol/text.ts';

/** Deterministic pseudo-random integers below `bound` (mulberry32). */
function randomFrom(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) % bound;
  };
}

const seed = Number(process.env['MATCHER_SEED'] ?? Date.now() % 2 ** 31);
t.comment(`MATCHER_SEED=${seed}`);

function testOf(pattern: string): (text: Uint8Array) => boolean {
  const { test } = compileRegex(pattern, 0);
  return (text) => {
    // In the middle of other bytes, so that reading beyond the ends shows.
    const around = new Uint8Array(text.length + 6).fill(0x61);
    around.set(text, 3);
    return test(around, 3, 3 + text.length);
  };
}

const texts = [
  '',
  'a',
  'ab',
  'abc',
  'abcabc',
  'xabc',
  'abcx',
  'a.c',
  'a\nb',
  'ab\n',
  '\nab',
  'é',
  'xé',
]
  .concat([
    'heka.statmetric',
    'hekaXstat',
    'stats.cpu',
    'GET',
    'PUT',
    'GETX',
    '[x]',
    'a|b',
    '^a',
    'b$',
  ])
  .concat(['aaaaab', 'aabaab', 'aabaaab', 'a/b', 'a-b', '\u{1f600}', 'x\u{1f600}y', '\tx', 'a*'])
  .map((text) => utf8Bytes(text))
  .concat([
    new Uint8Array([0xff]),
    new Uint8Array([0x61, 0xc3]),
    new Uint8Array([0xe0, 0xc3, 0xa9]),
  ]);

void t.test(
  'patterns that are literals in disguise become byte tests with the same verdicts',
  (t) => {
    const patterns = [
      '',
      'a',
      'abc',
      '^abc',
      'abc$',
      '^abc$',
      '^',
      '$',
      '^$',
      '\\Aabc\\z',
      'a\\.c',
      '^a\\.c$',
    ]
      .concat([
        '^heka\\.',
        'stats.*',
        '.*abc',
        '.*abc.*',
        '.*',
        '^.*',
        '.*?',
        'abc.*?',
        '^abc.*',
        'GET|PUT',
      ])
      .concat([
        '^GET|PUT$',
        '^(GET|PUT)$',
        '^(?:GET|PUT)',
        '(GET|PUT)$',
        '(abc)',
        '^(abc).*',
        '(?:a|b)',
        'a|',
      ])
      .concat([
        '|',
        '()',
        '^()$',
        'é',
        'é$',
        '\u{1f600}',
        '\\[x\\]',
        'a\\|b',
        '\\^a',
        'b\\$',
        'a/b',
        'a\\-b',
      ])
      .concat([
        'aab',
        'aabaaab',
        'abcabc',
        '\\t',
        'a\\nb',
        '\\_',
        'a]',
        '}',
        ' ',
        '^a|^b|c$|abc',
        'a.*|b.*',
      ]);
    for (const pattern of patterns) {
      const literal = literalTest(pattern);
      t.ok(literal !== undefined, `/${pattern}/ is reduced`);
      const re2 = RE2JS.compile(pattern);
      const test = testOf(pattern);
      for (const text of texts) {
        if (test(text) !== re2.test(text)) t.fail(`/${pattern}/ on [${text.join(' ')}]`);
      }
    }
    t.end();
  },
);

void t.test('patterns that only look like literals are left to RE2', (t) => {
  const patterns = [
    'a.c',
    'a+',
    'a?',
    'ab*',
    'a{2}',
    '[a]',
    '(?i)a',
    '(?s).*a',
    '\\d',
    '\\bab',
    '\\x61',
    '\\141',
  ]
    .concat([
      '^^a',
      'a$$',
      'a^',
      '$a',
      'a.*$',
      '^.*a',
      '.*a$|b.*$',
      '(a)*',
      '(a)(b)',
      '((a))',
      'x(a|b)',
      '(a|b)x',
    ])
    .concat([
      '(^a|b)',
      '(a|b$)',
      '^(a|b$)',
      '(a',
      'a)',
      'a**',
      'a.*+',
      '\\Qa.b\\E',
      '\\pL',
      '\ufffd',
      'a\\',
    ])
    .concat(['(?P<n>a)', '(?:a', '.*.*a', 'a.*b', '\\y']);
  for (const pattern of patterns) t.equal(literalTest(pattern), undefined, `/${pattern}/`);
  t.end();
});

void t.test('random patterns give the verdicts of plain re2js on random bytes', (t) => {
  const random = randomFrom(seed);
  const pieces = [
    'a',
    'b',
    'ab',
    'é',
    '.',
    '\\.',
    '.*',
    '.*?',
    '^',
    '$',
    '|',
    '(',
    '(?:',
    ')',
    '\\A',
    '\\z',
  ].concat(['\\\\', '\\$', '+', '[ab]', '\\n', '\u{1f600}', '\\/', '-', '(?i)', '\\b']);
  const bytes = [
    0x61, 0x62, 0x61, 0x62, 0x2e, 0x0a, 0xc3, 0xa9, 0xff, 0x5c, 0x24, 0x2f, 0x2d, 0x41,
  ];
  let reduced = 0;
  for (let i = 0; i < 4000; i++) {
    let pattern = '';
    for (let k = random(7); k >= 0; k--) pattern += pieces[random(pieces.length)] ?? '';
    let re2: RE2JS;
    try {
      re2 = RE2JS.compile(pattern);
    } catch {
      // Not an expression of RE2: the reduction must not take it for one.
      t.equal(literalTest(pattern), undefined, `/${pattern}/ (seed ${seed})`);
      continue;
    }
    if (literalTest(pattern) !== undefined) reduced++;
    const test = testOf(pattern);
    for (let k = 0; k < 12; k++) {
      const text = Uint8Array.from({ length: random(9) }, () => bytes[random(bytes.length)] ?? 0);
      if (test(text) !== re2.test(text)) {
        t.fail(`/${pattern}/ on [${text.join(' ')}] (seed ${seed})`);
      }
    }
  }
  t.ok(reduced > 200, `${reduced} patterns were reduced`);
  t.end();
});

void t.test('the search for a literal agrees with a naive one', (t) => {
  const random = randomFrom(seed + 1);
  for (let i = 0; i < 5000; i++) {
    const alphabet = 1 + random(3);
    const draw = (length: number): string =>
      Array.from({ length }, () => 'abc'.charAt(random(alphabet))).join('');
    const literal = draw(1 + random(6));
    const text = draw(random(24));
    if (testOf(literal)(utf8Bytes(text)) !== text.includes(literal)) {
      t.fail(`${literal} in ${text} (seed ${seed})`);
    }
  }
  t.end();
});

void t.test('the estimate of a program is never below its size', (t) => {
  const random = randomFrom(seed + 2);
  const pieces = [
    'a',
    'bc',
    '.',
    '[a-f]',
    '[^]x]',
    '[[:alpha:]_]',
    '[\\]]',
    '\\d',
    '\\pL',
    '\\p{Greek}',
    '\\x{e9}',
  ]
    .concat([
      '\\x41',
      '(',
      '(?:',
      ')',
      '|',
      '*',
      '+',
      '?',
      '{3}',
      '{2,}',
      '{0,4}',
      '{2,5}',
      '{,3}',
      '\\Q[(\\E',
    ])
    .concat(['\\Qab', '\\E', '(?i)', '^', '$', '\\b', '[', ']', '{7}', '\\[', '(?P<n>', '(?i:']);
  let compiled = 0;
  for (let i = 0; i < 6000; i++) {
    let pattern = '';
    for (let k = random(12); k >= 0; k--) pattern += pieces[random(pieces.length)] ?? '';
    const estimate = estimateRegex(pattern).instructions;
    if (estimate > 20000) continue;
    let size: number;
    try {
      size = RE2JS.compile(pattern).programSize();
    } catch {
      continue; // not an expression of RE2: nothing to compare
    }
    compiled++;
    if (estimate < size) t.fail(`/${pattern}/ has ${size}, estimated ${estimate} (seed ${seed})`);
  }
  t.ok(compiled > 300, `${compiled} patterns were compiled`);
  t.end();
});

void t.test('what compiles to more than the limit is refused before it is compiled', (t) => {
  const patterns = [
    '(x{1000}){1000}',
    '((a{30}){30}){30}',
    'x{1000}'.repeat(100),
    `\\Q[\\E${'x{1000}'.repeat(100)}`,
    `[[:]${'x{1000}'.repeat(100)}[:]`,
    `[[:a:]${'x{1000}'.repeat(100)}`,
    '[a-f]{1000}',
    '(?:a?){500}a{500}',
    Array.from({ length: 300 }, (_, i) => `w${i}`).join('|'),
    `${'('.repeat(1000)}a+${')'.repeat(1000)}`,
    `${'(?:'.repeat(1000)}a+${')*'.repeat(1000)}`,
    'x'.repeat(MAX_PATTERN_LENGTH + 1),
    '\\pL'.repeat(600),
  ];
  for (const pattern of patterns) {
    t.throws(
      () => compileMatcher(`Payload =~ /${pattern}/`),
      { code: /^HKT_MATCHER_(?:TOO_BIG|REGEX)$/ },
      pattern.slice(0, 40),
    );
  }
  t.throws(() => compileMatcher('Type =~ /(x{1000}){1000}/'), { code: 'HKT_MATCHER_TOO_BIG' });
  t.end();
});

void t.test('the regular expressions of one matcher share one budget', (t) => {
  const term = 'Payload =~ /a[bc]+d/';
  const fits = Math.floor(MAX_REGEX_COST / compileRegex('a[bc]+d', 0).cost);
  t.ok(fits >= 16, `${fits} small expressions fit`);
  t.ok(compileMatcher(Array(fits).fill(term).join('||')));
  t.throws(
    () =>
      compileMatcher(
        Array(fits + 1)
          .fill(term)
          .join('||'),
      ),
    {
      code: 'HKT_MATCHER_TOO_BIG',
    },
  );
  // Anchored literals cost next to nothing, however many there are.
  t.ok(compileMatcher(Array(900).fill('Type =~ /^abc/').join('||')));
  t.end();
});

void t.test('expressions of everyday length fit', (t) => {
  const patterns = [
    '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
    '^[0-9A-Fa-f]{64}$',
    '\\b\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\b',
    '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?(Z|[+-]\\d{2}:?\\d{2})$',
    '"(GET|POST|PUT|DELETE|HEAD|OPTIONS|PATCH) (/[^ ]*) HTTP/\\d\\.\\d" [45]\\d\\d',
    '(?i)error|warning|critical|fatal|panic|exception|traceback|segfault|timeout|refused',
    Array.from({ length: 200 }, (_, i) => `host-${i}`).join('|'),
    '\\p{Lu}\\p{Ll}+ \\p{Lu}\\p{Ll}+',
  ];
  for (const pattern of patterns)
    t.ok(compileMatcher(`Payload =~ /${pattern.replaceAll('/', '\\/')}/`), pattern);
  t.end();
});

void t.test('patterns that stop a backtracking engine give their verdict on 64 KiB', (t) => {
  const text = 'a'.repeat(65000);
  const message = Message.create({ payload: `${text}!z` }, 70000);
  const verdicts: readonly (readonly [string, boolean])[] = [
    ['(a+)+[cy]', false],
    ['(a+)+[!y]', true],
    ['(a|a)*[cy]$', false],
    ['(a|aa)+$', false],
    ['(.*)*[cy]', false],
    ['(.*a){20}[!y]', true],
    ['^(a?){80}a{80}', true],
    ['(x+x+)+y|a[!]z$', true],
    ['(a*)*(a*)*(a*)*[cy]', false],
    ['a{100}[cy]', false],
    [`${'a'.repeat(2000)}b`, false], // a long literal, quadratic when searched naively
    [`${'a'.repeat(2000)}!`, true],
  ];
  for (const [pattern, verdict] of verdicts) {
    const matcher = compileMatcher(`Payload =~ /${pattern}/`);
    t.equal(matcher.matchesMessage(message), verdict, pattern.slice(0, 40));
    t.equal(matcher.matchesMessage(message), verdict, 'a second time, with cached states');
  }
  t.end();
});

void t.test('a pattern whose automaton outgrows its memory still gives the right verdicts', (t) => {
  const random = randomFrom(seed + 3);
  const { test } = compileRegex('a[ab]{60}[cz]', 0);
  const text = Uint8Array.from({ length: 8000 }, () => 0x61 + random(2));
  t.equal(test(text, 0, text.length), false);
  text[4000] = 0x61;
  text[4061] = 0x7a;
  t.equal(test(text, 0, text.length), true);
  t.equal(test(text, 0, 4061), false);
  t.equal(test(text, 4001, text.length), false);
  t.end();
});
