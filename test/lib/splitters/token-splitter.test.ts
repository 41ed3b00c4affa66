import t from 'tap';
import { tokenSplitter } from '../../../lib/splitters/token-splitter.ts';
import { seededRandom } from '../../seeded-random.ts';
import { splitAll, splitterBench } from '../../splitter-harness.ts';

const sizes = [1, 2, 3, 7, 1000];

t.test('records end with the delimiter, however the stream is cut', async (t) => {
  for (const size of sizes) {
    t.same(splitterBench(tokenSplitter).split('test1\ntest12\n\ntest123\npartial', size), [
      'test1\n',
      'test12\n',
      '\n',
      'test123\n',
    ]);
  }
});

t.test('another delimiter and a count of delimiters may be set', async (t) => {
  t.same(splitterBench(tokenSplitter, { delimiter: '\t' }).split('a\tb\nc\t'), ['a\t', 'b\nc\t']);
  for (const size of sizes) {
    const lines = splitterBench(tokenSplitter, { count: 3 }).split(
      '1\n2\n3\n4\n5\n6\n7\n8\n',
      size,
    );
    t.same(lines, ['1\n2\n3\n', '4\n5\n6\n']);
  }
  t.same(splitterBench(tokenSplitter, { count: 0 }).split('a\nb\n'), ['a\n', 'b\n'], '0 is 1');
  t.same(splitterBench(tokenSplitter, { delimiter: '\0' }).split('a\0b', 1), ['a\0']);
});

t.test('the delimiter must be one byte', async (t) => {
  for (const delimiter of ['', '\r\n', '\u00e9']) {
    t.throws(() => splitterBench(tokenSplitter, { delimiter }), {
      message: /TokenSplitter delimiter must be a single character\./,
    });
  }
});

t.test(
  'what is left at the end is delivered when the section says so, else counted and logged',
  async (t) => {
    const dropping = splitterBench(tokenSplitter);
    t.same(dropping.split('a\nrest'), ['a\n']);
    t.equal(dropping.factory.counters.skippedBytes, 4);
    t.match(dropping.logs, [/4 bytes were not delivered \(HKT_RECORD_INCOMPLETE\)/]);
    const keeping = splitterBench(tokenSplitter, { deliver_incomplete_final: true, count: 2 });
    t.same(keeping.split('a\nb\nc\nrest'), ['a\nb\n', 'c\nrest']);
    t.same(keeping.split('a\nb\n'), ['a\nb\n'], 'no empty record');
    t.same(keeping.logs, []);
  },
);

t.test('records say where they end in the stream', async (t) => {
  const { factory } = splitterBench(tokenSplitter, { deliver_incomplete_final: true });
  const records = splitAll(factory.open(), 'ab\n\ncdef\ngh', 2);
  t.same(
    records.map((record) => record.endOffset),
    [3, 4, 9, 11],
  );
  t.ok(records.every((record) => record.signer === ''));
});

t.test('a record of exactly the largest size is delivered', async (t) => {
  const largest = `${'x'.repeat(257 + 100)}\n`;
  for (const size of sizes) {
    t.same(
      splitterBench(tokenSplitter, { min_buffer_size: 64 }, 100).split(`${largest}a\n`, size),
      [largest, 'a\n'],
    );
  }
});

t.test(
  'an oversized record is dropped up to its delimiter, and what follows is delivered',
  async (t) => {
    for (const extra of [0, 1, 500, 5000]) {
      for (const size of sizes) {
        const bench = splitterBench(tokenSplitter, { min_buffer_size: 64 }, 100);
        const data = `a\n${'x'.repeat(358 + extra)}\nb\n`;
        t.same(bench.split(data, size), ['a\n', 'b\n'], `${extra} in ${size}`);
        t.match(bench.factory.counters, { records: 2, oversized: 1, skippedBytes: 359 + extra });
        t.match(bench.logs, [
          /record exceeded MAX_RECORD_SIZE 358 and was dropped \(HKT_RECORD_TOO_BIG\)/,
        ]);
      }
    }
  },
);

t.test('with keep_truncated the first part of an oversized record is delivered', async (t) => {
  for (const size of sizes) {
    const bench = splitterBench(tokenSplitter, { keep_truncated: true, min_buffer_size: 64 }, 100);
    const data = `a\n${'x'.repeat(1000)}\nb\n${'y'.repeat(400)}`;
    t.same(bench.split(data, size), ['a\n', 'x'.repeat(358), 'b\n', 'y'.repeat(358)]);
    t.match(bench.factory.counters, { oversized: 2, skippedBytes: 643 + 42 });
    t.match(bench.logs[0], /was truncated/);
  }
});

t.test('a count of delimiters spans an oversized record as one', async (t) => {
  const bench = splitterBench(tokenSplitter, { count: 2, min_buffer_size: 64 }, 100);
  t.same(bench.split(`${'x'.repeat(400)}\n1\n2\n3\n`, 50), ['2\n3\n']);
});

t.test('splitters of one section are independent streams with common counters', async (t) => {
  const { factory } = splitterBench(tokenSplitter);
  const [one, other] = [factory.open(), factory.open()];
  const records: string[] = [];
  const sink = (record: { bytes: Uint8Array }): unknown =>
    records.push(Buffer.from(record.bytes).toString());
  one.push(Buffer.from('a'), sink);
  other.push(Buffer.from('b'), sink);
  one.push(Buffer.from('1\n'), sink);
  other.push(Buffer.from('2\n'), sink);
  t.same(records, ['a1\n', 'b2\n']);
  t.equal(factory.counters.records, 2);
});

t.test('a sink that throws loses the record it was given and no other', async (t) => {
  const splitter = splitterBench(tokenSplitter).factory.open();
  const records: string[] = [];
  const sink = (record: { bytes: Uint8Array }): void => {
    const text = Buffer.from(record.bytes).toString();
    if (text === 'b\n') throw new Error('no');
    records.push(text);
  };
  t.throws(() => splitter.push(Buffer.from('a\nb\nc\nd'), sink), { message: 'no' });
  splitter.push(Buffer.from('e\n'), sink);
  t.same(records, ['a\n', 'c\n', 'de\n']);
});

t.test('records join to the stream, and keep their bytes while it goes on', async (t) => {
  const random = seededRandom();
  t.comment(`seed ${random.seed}`);
  for (let round = 0; round < 50; round++) {
    const data = Uint8Array.from({ length: 3000 }, () =>
      random.below(20) === 0 ? 10 : 65 + random.below(20),
    );
    const bench = splitterBench(tokenSplitter, {
      deliver_incomplete_final: true,
      min_buffer_size: 64,
    });
    const joined = bench.split(data, 1 + random.below(300)).join('');
    if (joined !== Buffer.from(data).toString('latin1')) t.fail(`round ${round}`);
  }
  t.pass('50 streams');
});

t.test('min_buffer_size above the largest record is refused, as hekad does', async (t) => {
  t.throws(() => splitterBench(tokenSplitter, { min_buffer_size: 65795 }), {
    message: "'min_buffer_size' (65795) can't be larger than MAX_RECORD_SIZE (65794)",
  });
  t.doesNotThrow(() => splitterBench(tokenSplitter, {}, 100), 'the default gives way');
});
