import t from 'tap';
import {
  latin1Bytes,
  latin1Text,
  utf8Bytes,
  utf8Length,
  utf8Text,
  writeUtf8,
} from '../../../lib/protocol/text.ts';
import { seededRandom } from '../../seeded-random.ts';

const text = (bytes: readonly number[]): string =>
  utf8Text(Uint8Array.from(bytes), 0, bytes.length);

t.test('UTF-8 goes through both ways as in Node', async (t) => {
  const random = seededRandom();
  t.comment(`seed ${random.seed}`);
  for (let round = 0; round < 300; round++) {
    let sample = '';
    for (let i = random.below(40); i > 0; i--) {
      const bound = [0x80, 0x800, 0x10000, 0x110000][random.below(4)] ?? 0x80;
      const code = random.below(bound);
      if (code < 0xd800 || code > 0xdfff) sample += String.fromCodePoint(code);
    }
    const bytes = utf8Bytes(sample);
    if (utf8Length(sample) !== bytes.length || !Buffer.from(sample, 'utf8').equals(bytes)) {
      t.fail(`encoding of ${JSON.stringify(sample)}`);
    }
    if (utf8Text(bytes, 0, bytes.length) !== sample) t.fail(JSON.stringify(sample));
  }
  t.pass('300 texts');
});

t.test(
  'every byte outside a valid sequence becomes one replacement character, as in Go',
  async (t) => {
    const r = '\ufffd';
    t.equal(text([0x61, 0xff, 0x62]), `a${r}b`);
    t.equal(text([0x80]), r, 'a lone continuation byte');
    t.equal(text([0xc0, 0xaf]), r + r, 'an overlong form');
    t.equal(text([0xe0, 0x80, 0x80]), r + r + r, 'an overlong form of three bytes');
    t.equal(text([0xed, 0xa0, 0x80]), r + r + r, 'a surrogate');
    t.equal(text([0xf4, 0x90, 0x80, 0x80]), r + r + r + r, 'beyond U+10FFFF');
    t.equal(text([0xe2, 0x82]), r + r, 'cut off at the end');
    t.equal(text([0xe2, 0x82, 0x41]), `${r}${r}A`, 'cut off by ASCII');
  },
);

t.test('only the given part of the bytes is read', async (t) => {
  const bytes = Uint8Array.of(0xe2, 0x82, 0xac, 0x41, 0xe2, 0x82, 0xac);
  t.equal(utf8Text(bytes, 3, 4), 'A');
  t.equal(utf8Text(bytes, 3, 6), 'A\ufffd\ufffd', 'the byte behind would complete the sequence');
  t.equal(utf8Text(bytes, 2, 2), '');
});

t.test('lone surrogates are written as replacement characters', async (t) => {
  for (const sample of ['\ud800', '\udc00', 'a\ud83d', '\ud83dz', '\udc00\ud800']) {
    t.ok(Buffer.from(sample, 'utf8').equals(utf8Bytes(sample)), JSON.stringify(sample));
    t.equal(utf8Length(sample), utf8Bytes(sample).length);
  }
});

t.test('writeUtf8 writes at its place and returns the place behind', async (t) => {
  const bytes = new Uint8Array(6);
  t.equal(writeUtf8(bytes, 1, '\u00e9x'), 4);
  t.same([...bytes], [0, 0xc3, 0xa9, 0x78, 0, 0]);
});

t.test('a byte string has one character per byte, at any length', async (t) => {
  const bytes = Uint8Array.from({ length: 10_000 }, (_, i) => i & 0xff);
  const byteString = latin1Text(bytes, 0, bytes.length);
  t.equal(byteString.length, 10_000);
  t.equal(byteString, Buffer.from(bytes).toString('latin1'));
  t.same(latin1Bytes(byteString), bytes);
  t.same([...latin1Bytes('\u0141')], [0x41], 'only the low byte is kept');
});
