import t from 'tap';
import { bundleIsolate } from '../../lib/cells/isolate-bundler.ts';
import { callbacks, GuestIsolate, IsolateSnapshot } from '../../native-limits/guest-isolate.ts';
import { PatternSearch } from '../../workers/pattern-search.ts';

const MIB = 1024 * 1024;

t.test('an expression is searched for in bytes, as a matcher does it', (t) => {
  const patterns = new PatternSearch();
  t.equal(patterns.search('^a+b$', 'aaab'), true);
  t.equal(patterns.search('^a+b$', 'aaabc'), false);
  t.equal(patterns.search('(?i)ERROR|warn', 'no Error here'), true);
  t.equal(patterns.search('caf\\x{e9}', 'caf\xc3\xa9'), true, 'UTF-8');
  t.equal(patterns.search('^.$', '\xff'), true, 'a byte that is none is one character');
  t.equal(patterns.search('[0-9]+', 'x'.repeat(10)), false);
  t.throws(() => patterns.search('(', 'x'), { code: 'HKT_MATCHER_REGEX' });
  for (let i = 0; i < 1100; i++) patterns.search(`a+${i}`, 'x');
  t.equal(patterns.search('^a+b$', 'ab'), true);
  t.end();
});

t.test('a matcher inside an isolate asks the shard, and gives the same verdicts', async (t) => {
  const entry = new URL('../matcher-isolate.ts', import.meta.url);
  const inside = await bundleIsolate(entry, { registers: false, hostRegex: true });
  const whole = await bundleIsolate(entry);
  t.ok(inside.length < whole.length / 2, `${inside.length} of ${whole.length} characters`);
  const patterns = new PatternSearch();
  let asked = 0;
  const search = (pattern: string, text: string) => {
    asked++;
    return patterns.search(pattern, text);
  };
  const verdicts = [inside, whole].map((code) => {
    using isolate = new GuestIsolate({
      snapshot: IsolateSnapshot.make(code),
      backstopBytes: 16 * MIB,
      entry: 'matching',
      functions: ['verdicts'],
    });
    return isolate.enter('verdicts', [callbacks({ search })], 5000);
  });
  t.equal(verdicts[0]?.kind, 'value');
  t.same(verdicts[0], verdicts[1]);
  t.ok(asked > 0);
});
