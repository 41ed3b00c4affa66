import t from 'tap';
import { didYouMean, editDistance, nearestName } from '../../../lib/config/nearest-name.ts';

t.test('the distance counts inserted, deleted, replaced and swapped letters', async (t) => {
  const table: [string, string, number][] = [
    ['', '', 0],
    ['', 'abc', 3],
    ['abc', 'abc', 0],
    ['abc', 'acb', 1],
    ['adress', 'address', 1],
    ['kitten', 'sitting', 3],
    ['ab', 'ba', 1],
  ];
  for (const [a, b, edits] of table) {
    t.equal(editDistance(a, b), edits, `${a} ${b}`);
    t.equal(editDistance(b, a), edits, `${b} ${a}`);
  }
});

t.test('the nearest known name is suggested without regard to case', async (t) => {
  const known = ['message_matcher', 'message_signer', 'encoder'];
  t.equal(didYouMean('mesage_matcher', known), "did you mean 'message_matcher'?");
  t.equal(nearestName('Encodre', known), 'encoder');
});

t.test('nothing is suggested for a name that is far from all, or very long', async (t) => {
  t.equal(nearestName('perm', ['address', 'encoder']), undefined);
  t.equal(nearestName('x'.repeat(1_000_000), ['x'.repeat(1_000_000)]), undefined);
  t.equal(didYouMean('x', []), undefined);
});
