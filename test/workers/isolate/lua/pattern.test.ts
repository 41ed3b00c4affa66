/**
 * Patterns: the interpreter and the compiler give the same results, those of Lua 5.1, and both end on a small budget.
 */
import t from 'tap';
import {
  instantiate,
  setInstantiate,
} from '../../../../workers/isolate/lua/library/pattern/instantiate.ts';
import { patternOf } from '../../../../workers/isolate/lua/library/pattern/patterns.ts';
import { Breach } from '../../../../workers/isolate/lua/runtime/meter.ts';
import { limited } from './natives.ts';
import { type Call, natives, needsReference, ours, theirs } from './reference-lua.ts';

/** Calls after which a pattern has been compiled. */
const ENOUGH = 6;
const generate = instantiate;

/** The line of a call by the compiled form, as far as the pattern has one. */
function compiledLine(call: Call): string {
  for (let i = 1; i < ENOUGH; i++) ours(call);
  return ours(call);
}

function interpreted<T>(body: () => T): T {
  setInstantiate(undefined);
  try {
    return body();
  } finally {
    setInstantiate(generate);
  }
}

/** Each expectation is what Lua 5.1.5 gives. */
const cases: readonly (readonly [call: Call, line: string])[] = [
  [['find', 'hello world', 'o w'], '5 7'],
  [['find', 'hello', '^l'], 'nil'],
  [['find', 'abc', 'b()', -2], '2 2 3'],
  [['find', 'a\0.b', '\0.'], '2 3'],
  [['match', 'a\0b', 'a\0c'], '"a"'],
  [['match', 'key = value', '^(%w+)%s*=%s*(%w+)$'], '"key" "value"'],
  [['match', '  trim me  ', '^%s*(.-)%s*$'], '"trim me"'],
  [['match', 'x = "a \'b\' c"', '(["\'])(.-)%1'], '"\\"" "a \'b\' c"'],
  [['match', 'f(a(b)c)d', '%b()'], '"(a(b)c)"'],
  [['match', 'f(a(b', '%b()'], 'nil'],
  [['match', 'THE (quick) fox', '%f[%a]%a+%f[%A]', 5], '"quick"'],
  [['match', 'a-]z', '[]-]+'], '"-]"'],
  [['match', 'a^b', '[b^]+'], '"^b"'],
  [['match', 'aaab', 'a-b'], '"aaab"'],
  [['match', 'aaab', 'a?a?ab'], '"aaab"'],
  [['match', 'abc$', 'c$'], 'nil'],
  [['match', 'a$c', 'a$c'], '"a$c"'],
  [['match', '2024-03-12', '(%d+)-(%d+)-(%d+)'], '"2024" "03" "12"'],
  [['match', 'abcde', '(a)(b)(c)(d)(e)'], '"a" "b" "c" "d" "e"'],
  [['match', 'xxaxx', '()(a)()'], '3 "a" 4'],
  [['gmatch', 'a=1, b=22', '(%w+)=(%w+)'], '"a" "1";"b" "22"'],
  [['gmatch', 'abc', ''], '"";"";"";""'],
  [['gmatch', 'a^a', '^a'], '"^a"'],
  [['gsub', 'hello', '', '-'], '"-h-e-l-l-o-" 6'],
  [['gsub', 'hello world', '%w+', '%0 %0', 1], '"hello hello world" 1'],
  [['gsub', 'abc', '(a)(b)', '%2%1'], '"bac" 1'],
  [['gsub', 'abc', '^%w', 'x'], '"xbc" 1'],
  [['gsub', 'abc', 'b', 'x%'], '"ax\\u0000c" 1'],
  [['match', 'x', '(x'], 'error "unfinished capture"'],
  [['match', 'x', 'x)'], 'error "invalid pattern capture"'],
  [['match', 'x', '%'], 'error "malformed pattern (ends with \'%\')"'],
  [['match', 'x', '[a'], 'error "malformed pattern (missing \']\')"'],
  [['match', 'x', '%b'], 'error "unbalanced pattern"'],
  [['match', 'x', '%f'], "error \"missing '[' after '%f' in pattern\""],
  [['match', 'x', '%1'], 'error "invalid capture index"'],
  [['match', 'x', '(x%1)'], 'error "invalid capture index"'],
  [['match', 'x', '()'.repeat(33)], 'error "too many captures"'],
  // What is wrong behind a mismatch is not seen.
  [['match', 'x', 'y[a'], 'nil'],
];

t.test('matches what Lua 5.1 matches, interpreted and compiled', (t) => {
  for (const [call, line] of cases) {
    t.equal(
      interpreted(() => ours(call)),
      line,
      `interpreted: ${JSON.stringify(call)}`,
    );
    t.equal(compiledLine(call), line, `compiled: ${JSON.stringify(call)}`);
  }
  t.end();
});

t.test('the cases are what the installed Lua 5.1 says', needsReference, (t) => {
  t.same(
    theirs(cases.map(([call]) => call)),
    cases.map(([, line]) => line),
  );
  t.end();
});

/** A stream of pseudo-random choices. */
class Chance {
  #state: number;
  constructor(seed: number) {
    this.#state = seed;
  }
  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * limit);
  }
  of<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T; // within
  }
}

const CHARACTERS = 'aabbc12 ,()A_]-%^\0\xe9'.split('');
const SINGLES = [
  'a b c 1 , . %a %d %s %w %p %u %A %S %. %z %Z %x %c %l \xe9'.split(' '),
  '[ab] [^ab] [a-c] [^,] [%d%s] [^%w] []] [^]] [a-] [%a_] [,;] [\x80-\xff] [z-a] [a-%d]'.split(' '),
  [' ', '[^ ]', '[ ,]'],
].flat();
const FAULTS = ['%', '[', '[^', '%b', '%f', ')', '^', '$', '%9', '[a', '*', '-', '\0'];

function randomPattern(chance: Chance): string {
  let pattern = chance.below(6) === 0 ? '^' : '';
  let open = 0;
  let captures = 0;
  for (let items = 1 + chance.below(6); items > 0; items--) {
    const kind = chance.below(24);
    if (kind === 0) {
      pattern += '()';
      captures++;
    } else if (kind < 4) {
      pattern += '(';
      open++;
      captures++;
    } else if (kind < 6 && open > 0) {
      pattern += ')';
      open--;
    } else if (kind === 6) pattern += chance.of(['%bab', '%b()', '%b,,']);
    else if (kind === 7) pattern += chance.of(['%f[ab]', '%f[%a]', '%f[%A]', '%f[^%z]', '%f[%z]']);
    else if (kind === 8 && captures > 0) pattern += `%${1 + chance.below(captures)}`;
    else if (kind === 9 && chance.below(6) === 0) pattern += chance.of(FAULTS);
    else pattern += chance.of(SINGLES) + chance.of(['', '', '', '*', '+', '-', '?', '*', '-']);
  }
  if (chance.below(12) > 0) pattern += ')'.repeat(open);
  return chance.below(5) === 0 ? `${pattern}$` : pattern;
}

function randomCall(chance: Chance, pattern: string): Call {
  let subject = '';
  for (let length = chance.below(14); length > 0; length--) subject += chance.of(CHARACTERS);
  return chance.of<Call>([
    ['find', subject, pattern],
    ['find', subject, pattern, chance.below(10) - 4],
    ['match', subject, pattern],
    ['match', subject, pattern, chance.below(10) - 4],
    ['gmatch', subject, pattern],
    ['gsub', subject, pattern, '<%0>'],
    ['gsub', subject, pattern, '%1|'],
    ['gsub', subject, pattern, 'x', chance.below(4)],
    ['gsub', subject, pattern, ''],
  ]);
}

const SEED = 20240312;
const PATTERNS = 600;
const CALLS_PER_PATTERN = 6;

function randomCalls(): Call[] {
  const chance = new Chance(SEED);
  const calls: Call[] = [];
  for (let i = 0; i < PATTERNS; i++) {
    const pattern = randomPattern(chance);
    for (let k = 0; k < CALLS_PER_PATTERN; k++) calls.push(randomCall(chance, pattern));
  }
  return calls;
}

t.test(`random patterns mean the same interpreted and compiled (seed ${SEED})`, (t) => {
  let compiled = 0;
  for (const call of randomCalls()) {
    const line = interpreted(() => ours(call));
    const other = compiledLine(call);
    if (patternOf(String(call[2])).compiled !== undefined) compiled++;
    if (line !== other) t.equal(other, line, JSON.stringify(call));
  }
  t.ok(compiled > (PATTERNS * CALLS_PER_PATTERN) / 2, 'most of them were compiled');
  t.end();
});

t.test('random patterns mean what they mean to the installed Lua 5.1', needsReference, (t) => {
  const calls = randomCalls();
  const lines = theirs(calls);
  t.equal(lines.length, calls.length);
  for (const [i, call] of calls.entries()) {
    const line = ours(call);
    if (line !== lines[i]) t.equal(line, lines[i], JSON.stringify(call));
  }
  t.end();
});

t.test('a pattern is compiled after four searches, or when one was long', (t) => {
  const pattern = patternOf('[xyz]+q');
  for (let i = 0; i < 4; i++) ours(['find', 'xyzzy', '[xyz]+q']);
  t.equal(pattern.compiled, undefined);
  ours(['find', 'xyzzy', '[xyz]+q']);
  t.type(pattern.compiled, 'function');

  const long = patternOf('[xyz]+p');
  ours(['find', 'x'.repeat(10_000), '[xyz]+p']);
  ours(['find', 'x', '[xyz]+p']);
  t.type(long.compiled, 'function');
  t.end();
});

t.test('nothing is compiled where code cannot be generated', (t) => {
  interpreted(() => {
    for (let i = 0; i < ENOUGH; i++) t.equal(ours(['match', 'abc1', '%a+%d']), '"abc1"');
    t.equal(patternOf('%a+%d').compiled, undefined);
  });
  t.end();
});

t.test('long patterns and those with many repetitions stay interpreted', (t) => {
  for (const pattern of [`${'ab'.repeat(129)}%d`, 'a?'.repeat(33)]) {
    for (let i = 0; i < ENOUGH; i++) ours(['find', 'abab', pattern]);
    t.equal(patternOf(pattern).compiled, undefined);
  }
  t.equal(ours(['find', 'ab', `${'a?'.repeat(33)}b`]), '1 2');
  t.equal(
    ours(['match', 'x', 'x*'.repeat(300)]),
    'error "pattern too complex"',
    'nested deeper than the interpreter goes',
  );
  t.end();
});

t.test("a pattern's text does not get into the code", (t) => {
  const texts: string[] = [];
  setInstantiate((code) => {
    texts.push(code);
    return generate?.(code);
  });
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what a careless writer of code would let in
  const hostile = 'QUOTE"\'`${QUOTE}\\QUOTE\n*/;QUOTE()%[QUOTE-[QUOTE"]*%b"\'%f[QUOTE]';
  for (let i = 0; i < ENOUGH; i++) ours(['find', 'QUOTE', hostile]);
  setInstantiate(generate);
  t.equal(texts.length, 1);
  t.notMatch(texts[0], /QUOTE|`|'|\\|\$\{/);
  t.end();
});

t.test('more patterns than are kept still match', (t) => {
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 450; i++) {
      const call: Call = ['match', `<${i}>`, `<(${i}+)>`];
      if (compiledLine(call) !== `"${i}"`) t.equal(ours(call), `"${i}"`, `pattern ${i}`);
    }
  }
  t.end();
});

t.test('a match outlives other searches', (t) => {
  const parts: string[] = [];
  const step = natives['gmatch']?.('a1 b2', '(%a)(%d)');
  for (let i = 0; i < 2 && typeof step === 'function'; i++) {
    const letter = step();
    const digit = $second;
    ours(['find', 'zzz', '(z)(z)']);
    parts.push(`${letter}${digit}`);
  }
  t.same(parts, ['a1', 'b2']);
  t.end();
});

/** What ends the guest that runs `body` within limits; undefined if nothing does. */
function breachOf(limits: Parameters<typeof limited>[0], body: () => void): string | undefined {
  try {
    limited(limits, body);
  } catch (error) {
    if (error instanceof Breach) return error.outcome.kind;
    throw error;
  }
  return undefined;
}

const costly: readonly (readonly [name: string, call: Call])[] = [
  ['optional items', ['find', 'a'.repeat(28), `${'a?'.repeat(28)}${'a'.repeat(28)}`]],
  ['lazy items', ['find', 'a'.repeat(2000), '.-.-.-b']],
  ['greedy items', ['find', 'a'.repeat(2000), 'a*a*a*b']],
  ['a first item that eats much', ['find', 'a'.repeat(100_000), '[ab]+[bc]']],
  ['captures and back references', ['find', 'a'.repeat(3000), '(.-)(.-)%1b']],
  ['balanced text', ['find', '('.repeat(100_000), '%b()%b()']],
  ['a literal in front', ['find', 'a'.repeat(1 << 20), 'aaaaaaaaaaaaaaab%d']],
  ['a class in front', ['find', 'a'.repeat(1 << 20), '%d']],
  ['a long needle', ['find', 'a'.repeat(1 << 20), `${'a'.repeat(1 << 19)}b`, 1, true]],
  ['plain search', ['find', 'a'.repeat(1 << 20), 'b', 1, true]],
  ['empty matches', ['gsub', 'a'.repeat(1 << 16), '', 'xx']],
  ['no match', ['gsub', 'a'.repeat(1 << 16), 'b', 'xx']],
  ['iteration', ['gmatch', 'a'.repeat(1 << 16), '']],
];

for (const [name, call] of costly) {
  t.test(`a small budget ends it: ${name}`, (t) => {
    const repeat = () =>
      breachOf({ instructions: 100_000 }, () => {
        for (let i = 0; i < 100_000; i++) ours(call);
      });
    t.equal(interpreted(repeat), 'instructions', 'interpreted');
    t.equal(repeat(), 'instructions', 'compiled');
    t.end();
  });
}
