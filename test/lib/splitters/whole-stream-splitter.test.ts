import t from 'tap';
import { nullSplitter } from '../../../lib/splitters/null-splitter.ts';
import type { SplitterFactory } from '../../../lib/splitters/splitter-factory.ts';
import { tokenSplitter } from '../../../lib/splitters/token-splitter.ts';
import { splitAll, splitterBench, textOf } from '../../splitter-harness.ts';

function open(factory: SplitterFactory, limitBytes: number) {
  const splitter = factory.openWhole?.(limitBytes);
  if (splitter === undefined) throw new Error('cuts its streams');
  return splitter;
}

t.test('a stream is one record, in however many chunks it comes', async (t) => {
  const { factory, logs } = splitterBench(nullSplitter);
  const records = splitAll(open(factory, 1_000_000), 'x'.repeat(200_000), 7000);
  t.same(
    records.map(({ bytes, endOffset }) => [bytes.length, endOffset]),
    [[200_000, 200_000]],
  );
  t.equal(factory.counters.records, 1);
  t.same(logs, []);
});

t.test('the next stream begins after the end of the one before', async (t) => {
  const { factory } = splitterBench(nullSplitter);
  const splitter = open(factory, 100);
  t.same(splitAll(splitter, 'one', 2).map(textOf), ['one']);
  const [record] = splitAll(splitter, 'second', 100);
  t.equal(record === undefined ? '' : textOf(record), 'second');
  t.equal(record?.endOffset, 9);
});

t.test('an empty stream is no record', async (t) => {
  const { factory } = splitterBench(nullSplitter);
  t.same(splitAll(open(factory, 100), '', 1), []);
  t.equal(factory.counters.records, 0);
});

t.test('a stream that is too long is dropped, and the next one is not', async (t) => {
  const { factory, logs } = splitterBench(nullSplitter);
  const splitter = open(factory, 10);
  t.same(splitAll(splitter, 'x'.repeat(11), 3), []);
  t.same(splitAll(splitter, 'y'.repeat(10), 3).map(textOf), ['y'.repeat(10)]);
  t.match(factory.counters, { oversized: 1, skippedBytes: 11, records: 1 });
  t.match(logs, [/record exceeded MAX_RECORD_SIZE 10 and was dropped/]);
});

t.test('with keep_truncated its first part is kept, also above the largest message', async (t) => {
  const { factory } = splitterBench(nullSplitter, { keep_truncated: true }, 2000);
  const [record] = splitAll(open(factory, 100_000), 'x'.repeat(150_000), 9000);
  t.equal(record?.bytes.length, 100_000);
  t.match(factory.counters, { oversized: 1, skippedBytes: 50_000 });
});

t.test('splitters that cut streams have none', async (t) => {
  t.equal(splitterBench(tokenSplitter).factory.openWhole, undefined);
});
