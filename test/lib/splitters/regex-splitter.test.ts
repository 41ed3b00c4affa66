import t from 'tap';
import { regexSplitter } from '../../../lib/splitters/regex-splitter.ts';
import { seededRandom } from '../../seeded-random.ts';
import { splitAll, splitterBench, textOf } from '../../splitter-harness.ts';

const sizes = [1, 2, 3, 5, 1000];

t.test('without a capture group the delimiter is dropped', async (t) => {
  for (const size of sizes) {
    t.same(splitterBench(regexSplitter).split('test1\ntest12\ntest123\npartial', size), [
      'test1',
      'test12',
      'test123',
    ]);
    t.same(splitterBench(regexSplitter, { delimiter: '\\d;' }).split('a1;b22;c', size), [
      'a',
      'b2',
    ]);
  }
});

t.test('a captured part goes to the end of the record before it', async (t) => {
  for (const delimiter of ['(\n)', '([\n])']) {
    for (const size of sizes) {
      t.same(splitterBench(regexSplitter, { delimiter }).split('a\nbc\nd', size), ['a\n', 'bc\n']);
    }
  }
  t.same(splitterBench(regexSplitter, { delimiter: '-(x)-' }).split('a-x-b-x-'), ['a-x', 'b-x']);
});

t.test('with delimiter_eol = false it goes to the start of the record behind it', async (t) => {
  const values = { delimiter: '\n(\\d{4}-)', delimiter_eol: false, deliver_incomplete_final: true };
  const data = '2001-a\n b\n2002-c\n2003-d\nx';
  for (const size of sizes) {
    t.same(splitterBench(regexSplitter, values).split(data, size), [
      '2001-a\n b',
      '2002-c',
      '2003-d\nx',
    ]);
  }
  t.same(
    splitterBench(regexSplitter, { delimiter: '(<)', delimiter_eol: false }).split(
      '<a><b>\n<c>',
      1,
    ),
    ['<a>', '<b>\n'],
    'the literal form',
  );
});

t.test('a capture group that took no part or is empty captures nothing', async (t) => {
  for (const delimiter_eol of [true, false]) {
    const optional = { delimiter: ';(!)?', delimiter_eol };
    t.same(
      splitterBench(regexSplitter, optional).split('a;b;c'),
      ['a', 'b'],
      `eol ${delimiter_eol}`,
    );
    const empty = { delimiter: '();', delimiter_eol };
    t.same(
      splitterBench(regexSplitter, empty).split('a;b;c'),
      ['a', 'b'],
      `empty, eol ${delimiter_eol}`,
    );
  }
  const mixed = { delimiter: ';(!)?', delimiter_eol: false, deliver_incomplete_final: true };
  t.same(splitterBench(regexSplitter, mixed).split('a;!b;c'), ['a', '!b', 'c']);
});

t.test('empty records are passed over', async (t) => {
  for (const size of sizes) {
    t.same(splitterBench(regexSplitter).split('\n\na\n\n\nb\n', size), ['a', 'b']);
  }
});

t.test('the delimiter is matched on bytes, whatever encoding surrounds it', async (t) => {
  const data = Uint8Array.of(0xff, 0xfe, 0x0a, 0xe2, 0x82, 0x0a, 0xe2, 0x82, 0xac, 0x31, 0x3b);
  const texts = (delimiter: string, size: number): string[] =>
    splitterBench(regexSplitter, { delimiter }).split(data, size);
  for (const size of sizes) {
    t.same(texts('\n', size), ['\xff\xfe', '\xe2\x82']);
    t.same(texts('\\n', size), ['\xff\xfe', '\xe2\x82']);
    t.same(texts('\u20ac1;', size), ['\xff\xfe\n\xe2\x82\n']);
    t.same(texts('\u20ac\\d;', size), ['\xff\xfe\n\xe2\x82\n']);
  }
});

t.test('a pattern that is wrong is a fault of the configuration', async (t) => {
  t.throws(() => splitterBench(regexSplitter, { delimiter: 'a(' }), {
    message: /missing closing \)/,
  });
  t.throws(() => splitterBench(regexSplitter, { delimiter: '(a)(b)' }), {
    message: /regex must not contain more than one capture group: \(a\)\(b\)/,
  });
  t.throws(() => splitterBench(regexSplitter, { delimiter: '(?=a)' }), {
    code: 'HKT_CONFIG_VALUE',
  });
  for (const delimiter of ['', 'x*', '^', '$', '\\b', '\\B', '(?m)^', '\n|\\b', '()']) {
    t.throws(
      () => splitterBench(regexSplitter, { delimiter }),
      { message: /empty text/ },
      delimiter,
    );
  }
});

t.test('records say where they and their delimiters end in the stream', async (t) => {
  const { factory } = splitterBench(regexSplitter, {
    delimiter: '-+;',
    deliver_incomplete_final: true,
  });
  const records = splitAll(factory.open(), 'ab--;c-;--d', 2);
  t.same(
    records.map((record) => record.endOffset),
    [5, 8, 11],
  );
});

t.test('an oversized record is dropped or truncated, and what follows is delivered', async (t) => {
  for (const delimiter of ['\n', '[\n]', '\r?\n', '(\n)', '[\n]+']) {
    for (const length of [359, 360, 700, 3000]) {
      for (const size of [1, 50, 10_000]) {
        const data = `a\n${'x'.repeat(length)}\nb\n`;
        const values = { delimiter, min_buffer_size: 64 };
        const dropping = splitterBench(regexSplitter, values, 100);
        const kept = dropping.split(data, size).map((record) => record.trimEnd());
        t.same(kept, ['a', 'b'], `${JSON.stringify(delimiter)} ${length} in ${size}`);
        t.equal(dropping.factory.counters.oversized, 1);
        const cutting = splitterBench(regexSplitter, { ...values, keep_truncated: true }, 100);
        t.same(
          cutting.split(data, size).map((record) => record.trimEnd()),
          ['a', 'x'.repeat(358), 'b'],
        );
      }
    }
  }
});

t.test(
  'what is left at the end is delivered when the section says so, else counted and logged',
  async (t) => {
    const dropping = splitterBench(regexSplitter);
    t.same(dropping.split('a\nrest'), ['a']);
    t.equal(dropping.factory.counters.skippedBytes, 4);
    t.match(dropping.logs, [/HKT_RECORD_INCOMPLETE/]);
    t.same(splitterBench(regexSplitter, { deliver_incomplete_final: true }).split('a\nrest'), [
      'a',
      'rest',
    ]);
  },
);

t.test('a long delimiter is found wherever the reads cut it', async (t) => {
  const long = 'x'.repeat(1000);
  const values = { delimiter: '<x+>', deliver_incomplete_final: true };
  for (const size of [1, 7, 256, 300, 1500]) {
    t.same(
      splitterBench(regexSplitter, values).split(`one<${long}>two<x>three`, size),
      ['one', 'two', 'three'],
      `${size}`,
    );
  }
});

t.test(
  'a long delimiter that the reads cut is found once the unread part has doubled',
  async (t) => {
    const splitter = splitterBench(regexSplitter, { delimiter: '<x+>' }).factory.open();
    const records: string[] = [];
    const push = (text: string): void => {
      for (let at = 0; at < text.length; at += 100) {
        splitter.push(Buffer.from(text.slice(at, at + 100)), (record) =>
          records.push(textOf(record)),
        );
      }
    };
    push(`one<${'x'.repeat(1000)}>`);
    push('y'.repeat(2000));
    t.same(records, ['one']);
  },
);

t.test('all chunk sizes give the same records', async (t) => {
  const random = seededRandom();
  t.comment(`seed ${random.seed}`);
  const patterns = ['\n', '\n(#)', '[\n;]', 'ab|ba', '\n#?'];
  for (let round = 0; round < 60; round++) {
    const alphabet = '\n#;abc';
    const data = Array.from({ length: 400 }, () => alphabet[random.below(alphabet.length)]).join(
      '',
    );
    const delimiter = patterns[round % 4] ?? '\n';
    const values = { delimiter, delimiter_eol: round % 2 === 0, deliver_incomplete_final: true };
    const whole = splitterBench(regexSplitter, values).split(data);
    const size = 1 + random.below(50);
    const cut = splitterBench(regexSplitter, { ...values, min_buffer_size: 16 }).split(data, size);
    if (JSON.stringify(whole) !== JSON.stringify(cut)) {
      t.same(cut, whole, `${JSON.stringify(values)} in ${size}`);
    }
  }
  t.pass('60 streams');
});

t.test('endless input without a delimiter takes bounded memory and linear time', async (t) => {
  const maxMessageSize = 1 << 20;
  for (const delimiter of ['\n', '\r?\n', '(?:foo)+bar\n']) {
    const bench = splitterBench(regexSplitter, { delimiter }, maxMessageSize);
    const splitter = bench.factory.open();
    const chunk = new Uint8Array(128).fill(0x66);
    const started = process.cpuUsage();
    let records = 0;
    for (let i = 0; i < 10_000; i++) splitter.push(chunk, () => records++);
    const spent = process.cpuUsage(started).user;
    // 1.2 MB; searching everything that is unread for each of the chunks would be 4 GB.
    t.ok(spent < 3_000_000, `${JSON.stringify(delimiter)}: ${spent} us`);
    t.equal(records, 0);
    t.equal(bench.factory.counters.oversized, 1);
    t.ok(10_000 * 128 - bench.factory.counters.skippedBytes < 1024, 'what is kept');
  }
});
