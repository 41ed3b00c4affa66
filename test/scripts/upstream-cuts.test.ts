import t from 'tap';
import { type Cut, digestOf, withCuts } from '../../scripts/upstream/cuts.ts';

const text = 'one\ntwo\nthree\nfour\n';
const cut = (lines: readonly [number, number], instead?: string): Cut => ({
  lines,
  digest: digestOf(text.split('\n').slice(lines[0] - 1, lines[1])),
  reason: 'a test',
  ...(instead === undefined ? {} : { instead }),
});

t.test('a cut leaves the lines below where they were', async (t) => {
  t.equal(withCuts('file', text, [cut([2, 3])]), 'one\n\n\nfour\n');
  t.equal(withCuts('file', text, [cut([2, 3], '2 and 3')]), 'one\n2 and 3\n\nfour\n');
  t.equal(withCuts('file', text, [cut([1, 1], 'A'), cut([4, 4])]), 'A\ntwo\nthree\n\n');
  t.equal(withCuts('file', text, []), text);
});

t.test('a cut refuses a text that it was not written for', async (t) => {
  t.throws(() => withCuts('file', text.replace('two', '2'), [cut([2, 3])]), {
    message: /^file: lines 2 to 3 have the digest [0-9a-f]{12}, not [0-9a-f]{12}$/,
  });
});

t.test('a cut does not add lines', async (t) => {
  t.throws(() => withCuts('file', text, [cut([2, 2], 'a\nb')]), { message: /too many lines/ });
});
