import t from 'tap';
import { nullSplitter } from '../../../lib/splitters/null-splitter.ts';
import { splitAll, splitterBench } from '../../splitter-harness.ts';

t.test('every chunk is a record', async (t) => {
  const bench = splitterBench(nullSplitter);
  t.same(bench.split('abcdefg', 3), ['abc', 'def', 'g']);
  t.same(
    splitAll(bench.factory.open(), 'abcdefg', 3).map((record) => record.endOffset),
    [3, 6, 7],
  );
  t.same(bench.logs, []);
  t.equal(bench.factory.counters.skippedBytes, 0);
});

t.test('a chunk above the buffer size comes in pieces, and nothing of it is lost', async (t) => {
  const bench = splitterBench(nullSplitter);
  t.same(
    bench.split('x'.repeat(150_000)).map((record) => record.length),
    [65536, 65536, 18928],
  );
  t.same(splitterBench(nullSplitter, { min_buffer_size: 4 }).split('abcdef'), ['abcd', 'ef']);
});

t.test('records may be messages', async (t) => {
  t.equal(splitterBench(nullSplitter).factory.useMessageBytes, false);
  const { factory } = splitterBench(nullSplitter, { use_message_bytes: true });
  t.equal(factory.useMessageBytes, true);
  t.equal(factory.open().useMessageBytes, true);
});
