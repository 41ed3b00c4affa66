import t from 'tap';
import {
  decodeHeader,
  encodeHeader,
  frame,
  maxRecordSize,
  RecordFinder,
} from '../../../lib/protocol/framing.ts';
import { seededRandom } from '../../seeded-random.ts';

const bytesOf = (hex: string): Uint8Array => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const message = bytesOf('1080c48c9491a9e8d4131a0454455354');
const digest = bytesOf('78357e3635383f9fbc7598461b05ef2d');

function header(hex: string): ReturnType<typeof decodeHeader> {
  const bytes = bytesOf(hex);
  return decodeHeader(bytes, 0, bytes.length);
}

interface Found {
  readonly messages: string[];
  readonly finder: RecordFinder;
}

function find(stream: Uint8Array, chunkBytes: number, maxMessageSize = 65536): Found {
  const finder = new RecordFinder(maxMessageSize, 64);
  const messages: string[] = [];
  for (let at = 0; at < stream.length; at += chunkBytes) {
    finder.append(stream.subarray(at, at + chunkBytes));
    while (finder.next()) messages.push(hexOf(finder.message()));
  }
  return { messages, finder };
}

t.test("unsigned and signed frames have hekad's bytes", async (t) => {
  t.equal(hexOf(frame(message)), `1e0208101f${hexOf(message)}`);
  const signature = { hash: 'md5', signer: 'test', keyVersion: 0, digest } as const;
  const expected = `1e1c 0810 220474657374 2800 3210 ${hexOf(digest)} 1f ${hexOf(message)}`;
  t.equal(hexOf(frame(message, { signature })), expected.replaceAll(' ', ''));
});

t.test('the hash function is named for all but md5', async (t) => {
  const signed = (hash: 'md5' | 'sha1' | 'sha256' | 'sha512'): string =>
    hexOf(encodeHeader(107, { hash, signer: '', keyVersion: 1, digest: new Uint8Array(0) }));
  t.equal(signed('md5'), '086b2200280132 00'.replace(' ', ''));
  t.equal(signed('sha1'), '086b1801220028013200');
  t.equal(signed('sha256'), '086b1802220028013200');
  t.equal(signed('sha512'), '086b1803220028013200');
});

t.test('what does not fit a frame is refused', async (t) => {
  t.throws(() => frame(new Uint8Array(65537)), {
    message: 'Message too big, requires 65537 (MAX_MESSAGE_SIZE = 65536)',
  });
  t.equal(frame(new Uint8Array(65536)).length, 3 + 4 + 65536);
  t.throws(() => frame(new Uint8Array(11), { maxMessageSize: 10 }), {
    code: 'HKT_MESSAGE_TOO_BIG',
  });
  const signature = { hash: 'md5', signer: 'x'.repeat(250), keyVersion: 0, digest } as const;
  t.throws(() => frame(message, { signature }), { code: 'HKT_MESSAGE_HEADER_TOO_BIG' });
  t.equal(maxRecordSize(65536), 65794);
});

t.test('a header is decoded with its defaults', async (t) => {
  t.match(header('0810'), { messageLength: 16, hashFunction: 0, signer: '', keyVersion: 0 });
  t.equal(header('0810')?.hmac, undefined);
  t.match(header('0810 1801 220474657374 2803 3202abcd'), {
    messageLength: 16,
    hashFunction: 1,
    signer: 'test',
    keyVersion: 3,
    hmac: bytesOf('abcd'),
  });
  t.equal(header('0800')?.messageLength, 0);
  t.equal(header('0810 3200')?.hmac?.length, 0, 'an empty hmac is there');
});

t.test('the last of repeated header fields counts, unknown ones are skipped', async (t) => {
  t.match(header('0801 0802 220161 220162'), { messageLength: 2, signer: 'b' });
  t.match(header('1005 0810 7a0178 7801 790102030405060708 7d01020304'), { messageLength: 16 });
});

t.test('what is not a header is none', async (t) => {
  const wrong = [
    '',
    '1801',
    '08',
    '0880',
    '0a00',
    '0d01020304',
    '0810 22',
    '0810 2205 61',
    '0810 2001',
  ];
  wrong.push(
    '0810 1a00',
    '0810 2a00',
    '0810 3001',
    '0810 00',
    '0810 0b',
    '0810 79 01',
    '0810 7d01',
  );
  wrong.push('08ffffffffffffffffffff01', '0810 22ffffffff0f', '0810 3501020304');
  for (const hex of wrong) t.equal(header(hex), undefined, hex);
});

t.test('frames are found in chunks of any size', async (t) => {
  const messages = [message, new Uint8Array(0), new Uint8Array(300).fill(0x1e), message];
  const stream = Buffer.concat(messages.map((one) => frame(one)));
  for (const chunkBytes of [1, 2, 3, 7, 64, 10_000]) {
    const { messages: found, finder } = find(stream, chunkBytes);
    t.same(found, messages.map(hexOf), `chunks of ${chunkBytes}`);
    t.match(finder.counters, { records: 4, skippedBytes: 0, oversized: 0 });
    t.equal(finder.endOffset, stream.length);
    t.equal(finder.pendingBytes, 0);
  }
});

t.test('after bytes that are no frame the next frame is found', async (t) => {
  const good = Buffer.from(frame(message));
  const junk = [
    'ffffff',
    '1e',
    '1e1e1e',
    '1e02 0810 20', // no unit separator
    '1e00 1f', // a header without a message length
    '1e02 0880 1f', // a header that is cut off
    '1e02 1801 1f', // a header without a message length
    '1e03 081000 1f',
    '0d0a',
  ];
  for (const hex of junk) {
    const bytes = Buffer.from(bytesOf(hex));
    // Room behind the second frame: a stray 0x1e may first ask for more bytes than the junk has.
    const stream = Buffer.concat([good, bytes, good, Buffer.alloc(300)]);
    for (const chunkBytes of [1, 5, 1000]) {
      const { messages: found, finder } = find(stream, chunkBytes);
      t.same(found, [hexOf(message), hexOf(message)], `${hex} in chunks of ${chunkBytes}`);
      t.equal(finder.counters.skippedBytes, bytes.length + 300);
    }
  }
});

t.test('a header that announces too much is counted and stepped over', async (t) => {
  const inner = frame(message);
  const large = Buffer.concat([bytesOf('1e04 08f1ff03 1f'), inner]);
  const { messages: found, finder } = find(Buffer.concat([large, inner]), 9, 65000);
  t.same(found, [hexOf(message), hexOf(message)]);
  t.match(finder.counters, { oversized: 1, skippedBytes: 7 });
  t.equal(finder.lastOversizedLength, 65521);
  t.match(find(bytesOf('1e06 08ffffffff0f 1f'), 3).finder.counters, { oversized: 1 });
});

t.test('a message of exactly the largest size is delivered', async (t) => {
  const largest = new Uint8Array(1000).fill(0x41);
  const { messages: found } = find(frame(largest), 100, 1000);
  t.same(found, [hexOf(largest)]);
  t.match(find(frame(largest), 100, 999).finder.counters, { records: 0, oversized: 1 });
});

t.test('a signed frame brings its header, an unsigned one brings none', async (t) => {
  const signature = { hash: 'sha1', signer: 's', keyVersion: 2, digest } as const;
  const finder = new RecordFinder();
  finder.append(Buffer.concat([frame(message), frame(message, { signature }), frame(message)]));
  const headers: unknown[] = [];
  while (finder.next()) headers.push(finder.header?.signer);
  t.same(headers, [undefined, 's', undefined]);
});

t.test('an unsigned header is read the same in its short and its long forms', async (t) => {
  for (const head of [
    '0810',
    '089000',
    '08908000',
    '089080808000',
    '0890808080808080808000',
    '08050810',
  ]) {
    const bytes = bytesOf(head);
    const stream = Buffer.concat([Buffer.of(0x1e, bytes.length), bytes, Buffer.of(0x1f), message]);
    t.same(find(stream, 100).messages, [hexOf(message)], head);
  }
});

t.test('an incomplete frame at the end is given up and counted', async (t) => {
  const { finder } = find(frame(message).subarray(0, 12), 5);
  t.equal(finder.pendingBytes, 12);
  t.equal(finder.end(), 12);
  t.equal(finder.counters.skippedBytes, 12);
  finder.append(frame(message));
  t.ok(finder.next(), 'and a new stream may follow');
});

t.test(
  'every byte of a corrupt stream is accounted for, and whole frames behind it survive',
  async (t) => {
    const random = seededRandom();
    t.comment(`seed ${random.seed}`);
    for (let round = 0; round < 300; round++) {
      const parts: Uint8Array[] = [];
      for (let i = 0; i < 20; i++) {
        const one = Buffer.from(frame(random.bytes(random.below(60))));
        if (random.below(3) === 0) one[random.below(one.length)] = random.below(256);
        parts.push(random.below(5) === 0 ? one.subarray(0, random.below(one.length)) : one);
      }
      // More than a corrupt header can ask for, then a frame that must be found.
      parts.push(new Uint8Array(maxRecordSize(200)), frame(message));
      const stream = Buffer.concat(parts);
      const { messages: found, finder } = find(stream, 1 + random.below(200), 200);
      if (found.at(-1) !== hexOf(message)) t.fail(`round ${round}: the last frame is lost`);
      finder.end();
      let delivered = 0;
      for (const one of found) delivered += one.length / 2;
      const rest = stream.length - delivered - finder.counters.skippedBytes;
      // What is left are the headers of the delivered frames.
      if (rest < 5 * found.length || rest > 258 * found.length)
        t.fail(`round ${round}: ${rest} bytes`);
      if (found.length !== finder.counters.records) t.fail(`round ${round}: records`);
    }
    t.pass('300 streams');
  },
);

t.test('separators without frames take linear time and no memory', async (t) => {
  const finder = new RecordFinder(65536, 8192);
  const hostile = new Uint8Array(65536).fill(0x1e);
  for (let i = 32; i < hostile.length; i += 33) hostile[i] = 0x1f;
  const started = process.cpuUsage();
  for (let i = 0; i < 100; i++) {
    finder.append(hostile);
    while (finder.next());
    if (finder.pendingBytes > maxRecordSize(65536)) t.fail(String(finder.pendingBytes));
  }
  const spent = process.cpuUsage(started).user;
  t.ok(spent < 5_000_000, `${spent} us for 6.5 MB`);
});
