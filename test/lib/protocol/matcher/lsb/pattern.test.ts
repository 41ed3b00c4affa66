/** Lua patterns without captures over bytes: lua_sandbox 1.4's table, random ones against a reference, hostile ones. */
import t from 'tap';
import { compilePattern, parsePattern } from '../../../../../lib/protocol/matcher/lsb/pattern.ts';
import { fitsAutomaton } from '../../../../../lib/protocol/matcher/lsb/pattern-automaton.ts';
import { positionsTest } from '../../../../../lib/protocol/matcher/lsb/pattern-positions.ts';
import { latin1Bytes } from '../../../../../lib/protocol/text.ts';
import { seededRandom } from '../../../../seeded-random.ts';
import { referenceSearch } from './reference-pattern.ts';

/** Searches in the middle of other bytes, which must not be seen. */
function found(pattern: string, subject: string, plain = false): boolean {
  const { test } = compilePattern(latin1Bytes(pattern), plain);
  return test(latin1Bytes(`(a${subject}1a)`), 2, 2 + subject.length);
}

const matching: readonly (readonly [subject: string, pattern: string])[] = [
  [' ', '.'],
  ['foobar', 'foo'],
  ['foobar', 'bar$'],
  ['a', '%a'],
  ['1', '%d'],
  ['a', '%l'],
  [',', '%p'],
  ['\t', '%s'],
  ['A', '%u'],
  ['a', '%w'],
  ['f', '%x'],
  ['%', '%%'],
  ['a', '[a-c]'],
  ['d', '[^a-c]'],
  ['abc', '^%a+$'],
  ['(', '('],
  ['|foo|', '%b||'],
  ['?', '%?'],
  ['+', '%+'],
  ['-', '%-'],
  ['*', '%*'],
  ['.', '%.'],
  ['^', '%^'],
  ['$', '%$'],
  ['[', '%['],
  [']', '%]'],
  [']', ']'],
  ['(', '%('],
  [')', '%)'],
  [')', ')'],
  ['abc', '^%a-$'],
  ['a$c', 'a$c'],
  ['a', '%a?'],
  ['abc', '%a*'],
  ['123ab', '%f[%a]'],
  ['\0', '%z'],
  // beyond upstream's table
  ['\x7f', '%c'],
  ['\n', '%c'],
  ['x^', 'x^'],
  ['^x', '^^'],
  ['foo', ''],
  ['', ''],
  ['', '^'],
  ['', '$'],
  ['', '^$'],
  ['abc', '^.*$'],
  ['1a', '1%1-a'],
  ['(x(y)z)', '^%b()$'],
  ['a(b', '%b(b'],
  ['((x)', '^%(%b()$'],
  ['THE (quick) fox', '%f[%a]%a+%f[^%a] %b()'],
  ['foo', 'foo%f[%A]'],
  ['x-z', '[x-]-[-z]'],
  ['a]b', 'a[]]b'],
  ['a^', '[a^]%^'],
  ['b', '[^]]'],
  ['\xff', '[\xf0-\xff]'],
  ['\xe9', '%A'],
  ['aaab', '^a*ab$'],
  ['?', '?'],
  ['*', '*'],
  ['a*', 'a?*'],
];
const notMatching: readonly (readonly [subject: string, pattern: string])[] = [
  ['', '.'],
  ['_foobar', '^foo'],
  ['foobar_', 'bar$'],
  ['1', '%a'],
  ['a', '%d'],
  ['A', '%l'],
  ['a', '%p'],
  ['.', '%s'],
  ['a', '%u'],
  ['.', '%w'],
  ['p', '%x'],
  ['a', '%%'],
  ['d', '[a-c]'],
  ['a', '[^a-c]'],
  ['a.', '^%a+$'],
  ['foo()', 'bar()'],
  ['|foo', '%b||'],
  ['aa', '(%a)%1*'],
  // beyond upstream's table
  ['abc', '%b('],
  ['ab', '^b?$'],
  ['((x', '%b()'],
  ['xx', '%f[x]x%f[x]x'],
  ['a\0', '^%Z+$'],
];
const malformed: readonly string[] = [
  '[f',
  '%b|',
  '%',
  '[]',
  '[^]',
  '[^',
  '[',
  '[a%]',
  'a%',
  '%b',
  '%f',
  '%fa',
  '%f[a',
  'a?[',
  '[%',
];

void t.test('each subject matches or does not match its pattern', (t) => {
  for (const [subject, pattern] of matching) {
    t.equal(found(pattern, subject), true, `${subject} / ${pattern}`);
  }
  for (const [subject, pattern] of notMatching) {
    t.equal(found(pattern, subject), false, `${subject} / ${pattern}`);
  }
  t.end();
});

void t.test('on the empty text a lone quantifier is a byte that is not there', (t) => {
  for (const pattern of ['?', '+', '*', '-']) t.equal(found(pattern, ''), false, pattern);
  t.end();
});

void t.test('a malformed pattern matches nothing', (t) => {
  for (const pattern of malformed) {
    t.equal(parsePattern(latin1Bytes(pattern)), undefined, pattern);
    for (const subject of ['', 'f', '[f', 'a', '|', '%', ']', 'abc']) {
      t.equal(found(pattern, subject), false, `${subject} / ${pattern}`);
    }
  }
  t.end();
});

void t.test('a plain text is searched for as it is', (t) => {
  t.equal(found('.', 'foo.', true), true);
  t.equal(found('foo', 'foobar', true), true);
  t.equal(found('o-b', 'foo-bar', true), true);
  t.equal(found('.', 'foo', true), false);
  t.equal(found('longer string', 'foobar', true), false);
  t.equal(found('', '', true), true);
  t.equal(found('^a', 'b^a', true), true);
  t.end();
});

const PARTS: readonly string[] = [
  ...'aab1(]x',
  ...'.%-+*?$^[]',
  '%a',
  '%d',
  '%s',
  '%z',
  '%A',
  '%W',
  '%%',
  '%b()',
  '%bab',
  '%baa',
  '%f[%a]',
  '%f[^a]',
  '[ab]',
  '[^a]',
  '[%a1-3]',
  '[a-]',
  '[]b]',
  '.*',
  '.-',
  'a*',
  'a+',
  'b?',
  '%a+',
  '[ab]*',
];

void t.test('random patterns agree with the reference', (t) => {
  const random = seededRandom();
  const pick = <T>(from: readonly T[]): T => from[random.below(from.length)] as T; // below length
  const letters = [...'aaab1()x] \0\xe9'];
  let matched = 0;
  for (let round = 0; round < 20_000; round++) {
    const pattern = Array.from({ length: random.below(7) }, () => pick(PARTS)).join('');
    const anchored = (random.below(4) === 0 ? '^' : '') + pattern + pick(['', '', '', '$']);
    const subject = Array.from({ length: random.below(9) }, () => pick(letters)).join('');
    const expected = referenceSearch(anchored, subject);
    if (expected) matched++;
    const context = `seed ${random.seed}: ${JSON.stringify([anchored, subject])}`;
    if (found(anchored, subject) !== expected) t.fail(context);
    const parsed = parsePattern(latin1Bytes(anchored));
    if (parsed === undefined) continue;
    // Every pattern can be run on position lists.
    const bytes = latin1Bytes(subject);
    if (positionsTest(parsed)(bytes, 0, bytes.length) !== expected) t.fail(`lists, ${context}`);
  }
  t.ok(matched > 3000, `${matched} patterns matched, seed ${random.seed}`);
  t.end();
});

void t.test('long patterns agree with the reference', (t) => {
  const random = seededRandom();
  const pick = <T>(from: readonly T[]): T => from[random.below(from.length)] as T; // below length
  const parts = ['a', 'b', '%a', '[ab]', '.', 'a?', 'c?', 'c*', 'c+', '%d-', '[bc]?'];
  let long = 0;
  let matched = 0;
  for (let round = 0; round < 500; round++) {
    let pattern = '';
    let subject = pick(['', 'x', 'ab']);
    for (let i = 0; i < 20 + random.below(40); i++) {
      const part = pick(parts);
      pattern += part;
      // A text that the part fits, most of the time.
      if (random.below(60) === 0) subject += 'x';
      else if (part === 'c+') subject += 'cc';
      else if (!/[?*-]$/.test(part)) subject += part.includes('b') ? 'b' : 'a';
    }
    const anchored = pick(['', '^']) + pattern + pick(['', '$']);
    const expected = referenceSearch(anchored, subject);
    const parsed = parsePattern(latin1Bytes(anchored));
    if (parsed !== undefined && !fitsAutomaton(parsed)) long++;
    if (expected) matched++;
    if (found(anchored, subject) !== expected) {
      t.fail(`seed ${random.seed}: ${JSON.stringify([anchored, subject])}`);
    }
  }
  t.ok(long > 150, `${long} long patterns, seed ${random.seed}`);
  t.ok(matched > 100, `${matched} patterns matched, seed ${random.seed}`);
  t.end();
});

void t.test('hostile patterns take steps in proportion to the text', (t) => {
  const size = 65536;
  const a = 'a'.repeat(size);
  for (const [pattern, subject] of [
    ['.*.*.*.*x', a],
    ['.-.-.-.-x$', a],
    [`${'a*'.repeat(120)}x`, a],
    [`^${'a?'.repeat(120)}${'a'.repeat(14)}$`, a.slice(0, 134)],
    [`%f[b]${'.*'.repeat(120)}b`, a],
    ['%b()x', '('.repeat(size)],
    ['%b()x', `${'('.repeat(size / 2)}${')'.repeat(size / 2)}`],
    [`${'%b()'.repeat(60)}x`, '()'.repeat(size / 2)],
    ['%baa%baa%baa%baax', a],
    ['a.-b.-c.-d.-e.-f.-g', a],
  ] as const) {
    const bytes = latin1Bytes(subject);
    const { test, cost } = compilePattern(latin1Bytes(pattern), false);
    t.ok(cost <= 300, `${pattern.slice(0, 20)}: ${cost} steps per byte`);
    t.equal(test(bytes, 0, bytes.length), pattern.startsWith('^'), pattern.slice(0, 20));
  }
  t.end();
});
