import t from 'tap';
import { sectionOf } from '../../../lib/config/section.ts';
import { encodeHeader, frame } from '../../../lib/protocol/framing.ts';
import { Message } from '../../../lib/protocol/message.ts';
import { signFrame } from '../../../lib/signing/signer.ts';
import { signerTable } from '../../../lib/signing/signer-table.ts';
import { hekaFramingSplitter } from '../../../lib/splitters/heka-framing-splitter.ts';
import { splitAll, splitterBench } from '../../splitter-harness.ts';

const message = Message.create({ type: 'test', payload: 'hello' }).bytes;
const ops = { name: 'ops', keyVersion: 1, hash: 'sha1', key: 'secret' } as const;
const withOps = { signer: { ops_1: { hmac_key: 'secret' } } };

/** A frame whose header names a signer and has no HMAC. */
function impersonated(name: string): Uint8Array {
  const length = encodeHeader(message.length);
  const header = Buffer.concat([length, Buffer.of(0x22, name.length), Buffer.from(name)]);
  return Buffer.concat([Buffer.of(0x1e, header.length), header, Buffer.of(0x1f), message]);
}

t.test('records are the messages of the frames, with their verified signer', async (t) => {
  const { factory } = splitterBench(hekaFramingSplitter, withOps);
  const stream = Buffer.concat([frame(message), signFrame(message, ops), frame(message)]);
  for (const size of [1, 3, 1000]) {
    const records = splitAll(factory.open(), stream, size);
    t.same(
      records.map((record) => record.signer),
      ['', 'ops', ''],
    );
    t.ok(records.every((record) => Buffer.from(record.bytes).equals(message)));
    t.equal(records.at(-1)?.endOffset, stream.length);
  }
  t.equal(factory.useMessageBytes, true);
  t.match(factory.counters, { records: 9, skippedBytes: 0, oversized: 0, refused: 0 });
});

t.test(
  'messages whose signature is wrong are refused, counted and logged; the stream goes on',
  async (t) => {
    const bench = splitterBench(hekaFramingSplitter, withOps);
    const stream = Buffer.concat([
      signFrame(message, { ...ops, key: 'guess' }),
      signFrame(message, { ...ops, keyVersion: 2 }),
      impersonated('ops'),
      impersonated('a-name-of-more-than-ten-characters'),
      frame(message),
    ]);
    const records = splitAll(bench.factory.open(), stream, 50);
    t.same(
      records.map((record) => record.signer),
      [''],
    );
    t.match(bench.factory.counters, { records: 1, refused: 4, skippedBytes: 0 });
    t.match(bench.logs, [
      /wrong HMAC for signer 'ops_1' \(HKT_SIGNER_DIGEST\)/,
      /no signer 'ops_2' is configured \(HKT_SIGNER_UNKNOWN\)/,
      /names the signer 'ops' without an HMAC \(HKT_SIGNER_NO_HMAC\)/,
    ]);
    t.notOk(bench.logs.join().includes('secret'));
  },
);

t.test(
  'an unsigned header that is short enough for upstream not to look at is looked at',
  async (t) => {
    const framed = impersonated('ops');
    t.ok((framed[1] ?? 0) + 3 <= 16, 'upstream takes this one unread');
    const bench = splitterBench(hekaFramingSplitter, withOps);
    t.same(splitAll(bench.factory.open(), framed, 100), []);
    t.equal(bench.factory.counters.refused, 1);
  },
);

t.test("an input's own signers count beside the section's, and before them", async (t) => {
  const { factory } = splitterBench(hekaFramingSplitter, withOps);
  const table = (values: Record<string, { hmac_key: string }>): ReturnType<typeof signerTable> =>
    signerTable(sectionOf(hekaFramingSplitter.spec, { signer: values }));
  const dev = { ...ops, name: 'dev', key: 'other' };
  const stream = Buffer.concat([signFrame(message, ops), signFrame(message, dev)]);
  const signersOf = (extra?: ReturnType<typeof signerTable>): string[] =>
    splitAll(factory.open(extra), stream, 100).map((record) => record.signer);
  t.same(signersOf(), ['ops']);
  t.same(signersOf(table({ dev_1: { hmac_key: 'other' } })), ['ops', 'dev']);
  t.same(signersOf(table({ ops_1: { hmac_key: 'replaced' } })), []);
});

t.test('skip_authentication takes every message and gives none a signer', async (t) => {
  const bench = splitterBench(hekaFramingSplitter, { ...withOps, skip_authentication: true });
  const stream = Buffer.concat([
    signFrame(message, ops),
    signFrame(message, { ...ops, key: 'guess' }),
    impersonated('ops'),
  ]);
  const records = splitAll(bench.factory.open(), stream, 100);
  t.same(
    records.map((record) => record.signer),
    ['', '', ''],
  );
  t.same(bench.logs, []);
});

t.test('corruption is counted and logged, and costs no whole frame behind it', async (t) => {
  const bench = splitterBench(hekaFramingSplitter);
  const stream = Buffer.concat([
    Buffer.from('GET / HTTP/1.1\r\n'),
    frame(message),
    Buffer.from('junk'),
  ]);
  t.equal(splitAll(bench.factory.open(), stream, 7).length, 1);
  t.equal(bench.factory.counters.skippedBytes, 20);
  t.match(bench.logs[0], /skipped 7 bytes that belong to no frame \(HKT_FRAME_HEADER\)/);
});

t.test('an oversized frame is counted and logged with its length', async (t) => {
  const bench = splitterBench(hekaFramingSplitter, {}, 100);
  const large = frame(new Uint8Array(101));
  t.equal(splitAll(bench.factory.open(), Buffer.concat([large, frame(message)]), 7).length, 1);
  t.match(bench.factory.counters, { records: 1, oversized: 1, skippedBytes: large.length });
  t.match(
    bench.logs[0],
    /message exceeds the maximum length \[100 bytes\] len: 101 \(HKT_FRAME_TOO_BIG\)/,
  );
});

t.test('an incomplete frame at the end is never delivered', async (t) => {
  const bench = splitterBench(hekaFramingSplitter, {
    deliver_incomplete_final: true,
    keep_truncated: true,
  });
  t.same(splitAll(bench.factory.open(), frame(message).subarray(0, 20), 100), []);
  t.equal(bench.factory.counters.skippedBytes, 20);
  t.match(bench.logs, [/the stream ended inside a frame: 20 bytes were not delivered/]);
});

t.test('messages keep their bytes while the stream goes on', async (t) => {
  const splitter = splitterBench(hekaFramingSplitter, { min_buffer_size: 256 }).factory.open();
  const kept: { bytes: Uint8Array; payload: string }[] = [];
  for (let i = 0; i < 500; i++) {
    const payload = `${i}`.repeat(20);
    const chunk = Uint8Array.from(frame(Message.create({ payload }).bytes));
    splitter.push(chunk, ({ bytes }) => kept.push({ bytes, payload }));
    chunk.fill(0);
  }
  t.equal(kept.length, 500);
  t.ok(kept.every(({ bytes, payload }) => Message.decode(bytes).payload === payload));
});

t.test('a sink that throws loses the message it was given and no other', async (t) => {
  const splitter = splitterBench(hekaFramingSplitter).factory.open();
  let calls = 0;
  const sink = (): void => {
    if (++calls === 1) throw new Error('no');
  };
  t.throws(() => splitter.push(Buffer.concat([frame(message), frame(message)]), sink));
  splitter.push(frame(message), sink);
  t.equal(calls, 3);
});
