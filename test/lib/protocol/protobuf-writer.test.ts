import t from 'tap';
import { HekateError } from '../../../lib/protocol/errors.ts';
import { ProtobufWriter } from '../../../lib/protocol/protobuf-writer.ts';

function hex(write: (w: ProtobufWriter) => void, limit = 65536): string {
  const w = new ProtobufWriter(limit);
  write(w);
  return Buffer.from(w.take()).toString('hex');
}

/** An independent reading of a varint. */
function readBack(bytes: string): bigint {
  let value = 0n;
  let shift = 0n;
  for (const byte of Buffer.from(bytes, 'hex')) {
    value |= BigInt(byte & 0x7f) << shift;
    shift += 7n;
  }
  return BigInt.asIntN(64, value);
}

const MAX = 2n ** 63n - 1n;

t.test('a varint is exact for every whole double of the int64 range', async (t) => {
  const magnitudes = [
    0,
    1,
    127,
    128,
    255,
    300,
    2 ** 21,
    2 ** 28 - 1,
    2 ** 28,
    2 ** 31,
    2 ** 32 - 1,
  ];
  magnitudes.push(2 ** 32, 2 ** 32 + 1, 2 ** 35, 2 ** 53 - 1, 2 ** 53, 2 ** 53 + 2, 2 ** 62);
  for (const magnitude of magnitudes) {
    for (const value of [magnitude, -magnitude]) {
      const bytes = hex((w) => w.varint(value));
      t.equal(readBack(bytes), BigInt(value), String(value));
      t.equal(
        hex((w) => w.varintBig(BigInt(value))),
        bytes,
        `${value} as a bigint`,
      );
    }
  }
  t.equal(readBack(hex((w) => w.varint(-(2 ** 63)))), -MAX - 1n);
});

t.test('a varint outside the int64 range is the nearest end of the range', async (t) => {
  t.equal(readBack(hex((w) => w.varint(2 ** 63))), MAX);
  t.equal(readBack(hex((w) => w.varint(Number.POSITIVE_INFINITY))), MAX);
  t.equal(readBack(hex((w) => w.varint(-(2 ** 64)))), -MAX - 1n);
  t.equal(readBack(hex((w) => w.varint(Number.NEGATIVE_INFINITY))), -MAX - 1n);
  t.equal(readBack(hex((w) => w.varint(Number.NaN))), 0n);
});

t.test('a negative varint takes ten bytes', async (t) => {
  t.equal(
    hex((w) => w.varint(-1)),
    'ffffffffffffffffff01',
  );
  t.equal(
    hex((w) => w.varint(-(2 ** 32))),
    '80808080f0ffffffff01',
  );
  t.equal(
    hex((w) => w.varintBig(-1n)),
    'ffffffffffffffffff01',
  );
  t.equal(readBack(hex((w) => w.varintBig(MAX))), MAX);
});

t.test('texts are written with their length in front', async (t) => {
  t.equal(
    hex((w) => w.utf8String('a\u00e9\u20ac\u{1f600}')),
    '0a61c3a9e282acf09f9880',
  );
  t.equal(
    hex((w) => w.byteString('a\u00e9')),
    '0261e9',
  );
  t.equal(
    hex((w) => w.lengthDelimited(Uint8Array.of(1, 2))),
    '020102',
  );
  t.equal(
    hex((w) => w.raw(Uint8Array.of(9, 8, 7, 6), 1, 3)),
    '0807',
  );
  t.equal(
    hex((w) => w.double(-2.5)),
    '00000000000004c0',
  );
});

t.test('nested items get their length, whatever its size', async (t) => {
  for (const size of [0, 1, 127, 128, 16383, 16384]) {
    const bytes = hex((w) => {
      const outer = w.begin(1);
      const inner = w.begin(2);
      w.raw(new Uint8Array(size).fill(7), 0, size);
      w.finish(inner);
      w.finish(outer);
    });
    const inner = hex((w) => {
      w.tag(2, 2);
      w.lengthDelimited(new Uint8Array(size).fill(7));
    });
    t.equal(
      bytes,
      hex((w) => {
        w.tag(1, 2);
        w.lengthDelimited(Buffer.from(inner, 'hex'));
      }),
    );
  }
});

t.test('the limit is exact at the end and bounds memory before', async (t) => {
  const w = new ProtobufWriter(100);
  w.raw(new Uint8Array(100), 0, 100);
  t.doesNotThrow(() => w.checkLimit());
  w.varint(1);
  t.throws(() => w.checkLimit(), { code: 'HKT_MESSAGE_TOO_BIG' });
  const before = w.length;
  t.throws(() => w.lengthDelimited(new Uint8Array(1000)), HekateError);
  t.ok(w.length <= before + 10 && w.bytes.length <= 110);
  w.clear();
  t.equal(w.take().length, 0);
});

t.test('what was taken does not change when the writer goes on', async (t) => {
  const w = new ProtobufWriter(100);
  w.varint(5);
  const first = w.take();
  w.clear();
  w.varint(6);
  t.same([...first], [5]);
});
