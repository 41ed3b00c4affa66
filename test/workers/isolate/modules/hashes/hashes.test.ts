import t from 'tap';
import { HashKey } from '../../../../../workers/isolate/modules/hashes/hash-key.ts';
import { murmur64a } from '../../../../../workers/isolate/modules/hashes/murmur64a.ts';
import { Word64 } from '../../../../../workers/isolate/modules/hashes/word64.ts';

const MASK = 2n ** 64n - 1n;

function big(word: Word64): bigint {
  return (BigInt(word.high >>> 0) << 32n) | BigInt(word.low >>> 0);
}

function hex(word: Word64): string {
  return big(word).toString(16).padStart(16, '0');
}

t.test('MurmurHash64A of every kind of tail', async (t) => {
  const key = new HashKey();
  // Values of the reference implementation.
  for (const [text, expected] of [
    ['', 'd8dfea6585bc9732'],
    ['a', '53d2470a9b43b1a7'],
    ['abcdefg', '22fe613bb08c9602'],
    ['12345678', '95ebb86389132953'],
    ['123456789', '217532cb09f2a44d'],
    ['the quick brown fox', 'a9b9ed93197d7db3'],
    ['\xff\xfe\x80\x81\0', '3862399897497161'],
  ] as const) {
    key.text(text);
    t.equal(hex(murmur64a(key, 0xadc83b19)), expected, JSON.stringify(text));
  }
});

t.test('numbers of 64 bits behave as big integers modulo 2^64', async (t) => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 1e6);
  t.comment(`SEED=${seed}`);
  let random = seed;
  const next = (): number => {
    random = (Math.imul(random, 1664525) + 1013904223) | 0;
    // Halves with all bits, with none, and with one are the ones that carries go wrong with.
    return random % 7 === 0
      ? -1
      : random % 5 === 0
        ? 0
        : random % 3 === 0
          ? 1 << (random & 31)
          : random;
  };
  const word = new Word64();
  for (let i = 0; i < 2000; i++) {
    const [a, b, c, d] = [next(), next(), next(), next()];
    const other = (BigInt(c >>> 0) << 32n) | BigInt(d >>> 0);
    word.set(a, b);
    const value = big(word);
    word.add(c, d);
    t.equal(big(word), (value + other) & MASK);
    word.set(a, b);
    word.multiply(c, d);
    t.equal(big(word), (value * other) & MASK);
    const bits = 1 + (i % 31);
    word.set(a, b);
    word.rotateLeft(bits);
    t.equal(big(word), ((value << BigInt(bits)) | (value >> BigInt(64 - bits))) & MASK);
    const shift = 1 + (i % 63);
    word.set(a, b);
    word.xorShifted(shift);
    t.equal(big(word), value ^ (value >> BigInt(shift)), `${value} by ${shift}`);
    word.set(a, b);
    t.equal(word.toNumber(), Number(value));
  }
});

t.test('a key is the bytes of its text or number', async (t) => {
  const key = new HashKey();
  const bytes = () => Buffer.from(key.bytes.subarray(0, key.length)).toString('hex');
  key.text('\x00a\xff');
  t.equal(bytes(), '0061ff');
  key.number(1);
  t.equal(bytes(), '000000000000f03f');
  key.integer(0x12345678, 2);
  t.equal(bytes(), '7856');
  key.text('y'.repeat(3000));
  t.equal(bytes(), '79'.repeat(3000));
  key.text('');
  t.equal(bytes(), '');
});
