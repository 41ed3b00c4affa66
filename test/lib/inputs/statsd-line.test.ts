import t from 'tap';
import { parseStatsd } from '../../../lib/inputs/statsd-line.ts';
import type { Stat } from '../../../lib/plugin.ts';

function stat(bucket: string, value: string, modifier: string, sampling = 1): Stat {
  return { bucket, value, modifier, sampling };
}

t.test('every type is read, with its rate where it may have one', async (t) => {
  const cases: Record<string, Stat> = {
    'sample.gauge:123|g': stat('sample.gauge', '123', 'g'),
    ' \tsample.gauge:123|g\n': stat('sample.gauge', '123', 'g'),
    'sample.count:303|c\r': stat('sample.count', '303', 'c'),
    'sample.timer:12.5|ms': stat('sample.timer', '12.5', 'ms'),
    'sample.histogram:1234|h': stat('sample.histogram', '1234', 'h'),
    'sample.meter:1234|m': stat('sample.meter', '1234', 'm'),
    'a:123|c|@0.9': stat('a', '123', 'c', 0.9),
    'a:1234|ms|@0.5': stat('a', '1234', 'ms', 0.5),
    'a:-1e3|g|@.25': stat('a', '-1e3', 'g', 0.25),
    'a:+7|g': stat('a', '+7', 'g'),
  };
  for (const [text, expected] of Object.entries(cases)) {
    t.same(parseStatsd(text), { stats: [expected], badLines: [] }, text);
  }
});

t.test('what follows a type without being a rate is passed over', async (t) => {
  for (const text of ['a:1|c|#tag:x', 'a:1|c|@', 'a:1|counter']) {
    t.same(parseStatsd(text).stats, [stat('a', '1', 'c')], text);
  }
});

t.test('a datagram holds many lines, and a bad one costs itself only', async (t) => {
  const { stats, badLines } = parseStatsd('a:1|c\n\nnonsense\n b:2|g \nc:3|x');
  t.same(stats, [stat('a', '1', 'c'), stat('b', '2', 'g')]);
  t.same(badLines, ['nonsense', 'c:3|x']);
});

t.test('lines without name, number, type or usable rate are bad', async (t) => {
  const lines = [
    'foo.bar.baz:',
    'foo.bar.baz|',
    'foo.bar.baz:1234|x',
    ':1|c',
    'a:|c',
    'a:abc|c',
    'a:0x10|c',
    'a:Infinity|g',
    'a:1e999|g',
    'a:1|',
    'a:1|s',
    'a:1|h|@0.1',
    'a:1|c|@0',
    'a:1|c|@-1',
    'a:1|c|@x',
    'a:1|c|@0.5|#tag',
  ];
  for (const line of lines) t.same(parseStatsd(line), { stats: [], badLines: [line] }, line);
});

t.test('a long run of blanks is read in linear time', async (t) => {
  const text = `a${' '.repeat(65_000)}b`.repeat(20);
  const started = process.hrtime.bigint();
  t.equal(parseStatsd(text).badLines.length, 1);
  t.ok(process.hrtime.bigint() - started < 2_000_000_000n);
});
