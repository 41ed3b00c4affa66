import { execFileSync } from 'node:child_process';
import t from 'tap';
import { strftime } from '../../lib/strftime.ts';

const DIRECTIVES = 'aAbBcCdDeFgGhHIjklmMpPrRsSTuUVwWxXyYz%';

t.test('every directive prints what the C library prints', async (t) => {
  const times = ['2024-01-01T00:00:00Z', '2023-12-31T23:59:59Z', '2021-01-03T12:05:09Z'];
  for (const time of times) {
    for (const letter of DIRECTIVES) {
      const seconds = Date.parse(time) / 1000;
      const format = letter === 'c' ? '%a %b %e %H:%M:%S %Y' : `%${letter}`;
      const expected = execFileSync('date', ['-d', `@${seconds}`, `+${format}`], {
        env: { ...process.env, LC_ALL: 'C' },
        encoding: 'utf8',
      }).slice(0, -1);
      const ours = strftime(`%${letter}`, BigInt(seconds) * 1_000_000_000n);
      t.equal(ours, expected, `%${letter} of ${time}`);
    }
  }
});

t.test('fractions have the digits that their directive promises', async (t) => {
  const ns = 1_414_448_234_638_504_391n;
  t.equal(strftime('%L|%f|%N', ns), '638|638504|638504391');
  t.equal(strftime('%N', -1n), '999999999');
});

t.test('unknown directives and a lone percent sign stay', async (t) => {
  t.equal(strftime('%Q 100%', 0n), '%Q 100%');
});

t.test('in UTC every directive prints what the C library prints there', async (t) => {
  for (const time of ['2024-01-01T00:00:00Z', '2023-12-31T23:59:59Z', '2021-01-03T12:05:09Z']) {
    const seconds = Date.parse(time) / 1000;
    for (const letter of DIRECTIVES.replace('c', '')) {
      const expected = execFileSync('date', ['-u', '-d', `@${seconds}`, `+%${letter}`], {
        env: { ...process.env, LC_ALL: 'C' },
        encoding: 'utf8',
      }).slice(0, -1);
      t.equal(strftime(`%${letter}`, BigInt(seconds) * 1_000_000_000n, 'utc'), expected, letter);
    }
  }
});
