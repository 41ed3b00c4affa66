import t from 'tap';
import { compileDelimiter, type RegexDelimiter } from '../../../lib/splitters/regex-delimiter.ts';

function compiled(pattern: string): RegexDelimiter {
  const delimiter = compileDelimiter(pattern);
  if (typeof delimiter === 'string') throw new Error(delimiter);
  return delimiter;
}

t.test('plain texts are searched for as bytes, everything else by the engine', async (t) => {
  const plain: [string, number][] = [
    ['\n', 1],
    ['\\n', 1],
    ['(\r\n)', 2],
    ['\\.\\|', 2],
    ['\u20ac', 3],
    ['a-b', 3],
  ];
  for (const [pattern, length] of plain) t.equal(compiled(pattern).length, length, pattern);
  const engine = [
    'a.',
    'a+',
    '[a]',
    'a|b',
    '\\d',
    '\\x41',
    '(?:a)',
    '(?i)a',
    'a(b)',
    '^a',
    'a{2}',
    'a?b',
    '\\Qa\\E',
  ];
  for (const pattern of engine) t.equal(compiled(pattern).length, 0, pattern);
});

t.test('both ways find the same', async (t) => {
  const bytes = Buffer.from('xx--x--', 'latin1');
  for (const [plain, pattern] of [
    ['--', '-{2}'],
    ['(--)', '(-{2})'],
    ['y', '[y]'],
  ] as const) {
    for (let from = 0; from <= bytes.length; from++) {
      t.same(
        compiled(plain).find(bytes, from),
        compiled(pattern).find(bytes, from),
        `${plain} ${from}`,
      );
    }
  }
  t.same(compiled('(--)').find(bytes, 3), { start: 5, end: 7, captureStart: 5, captureEnd: 7 });
  t.same(compiled('--').find(bytes, 0), { start: 2, end: 4, captureStart: -1, captureEnd: -1 });
});

t.test('a text that begins inside itself is found', async (t) => {
  t.match(compiled('aab').find(Buffer.from('aaab'), 0), { start: 1, end: 4 });
  t.equal(compiled('ab').find(Buffer.from('xxa'), 0), undefined);
});
