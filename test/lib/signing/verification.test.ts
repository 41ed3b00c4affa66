import { createSecretKey } from 'node:crypto';
import t from 'tap';
import {
  decodeHeader,
  type FrameHeader,
  frame,
  type HashName,
  RecordFinder,
} from '../../../lib/protocol/framing.ts';
import { signFrame } from '../../../lib/signing/signer.ts';
import type { SignerTable } from '../../../lib/signing/signer-table.ts';
import { verify } from '../../../lib/signing/verification.ts';

const message = Buffer.from('1080c48c9491a9e8d4131a0454455354', 'hex');
const signers: SignerTable = new Map([
  ['ops_1', createSecretKey(Buffer.from('secret'))],
  ['ops_2', createSecretKey(Buffer.from('newer'))],
]);
const signer = { name: 'ops', keyVersion: 1, hash: 'sha256', key: 'secret' } as const;

/** The header of a frame as a receiver sees it. */
function headerOf(framed: Uint8Array): FrameHeader | undefined {
  const length = framed[1] ?? 0;
  return decodeHeader(framed, 2, 2 + length);
}

t.test(
  'a right HMAC gives the message its signer, with each hash function and key version',
  async (t) => {
    for (const hash of ['md5', 'sha1', 'sha256', 'sha512'] satisfies HashName[]) {
      const header = headerOf(signFrame(message, { ...signer, hash }));
      t.same(verify(header, message, signers), { kind: 'verified', signer: 'ops' }, hash);
    }
    const newer = headerOf(signFrame(message, { ...signer, keyVersion: 2, key: 'newer' }));
    t.match(verify(newer, message, signers), { kind: 'verified', signer: 'ops' });
  },
);

t.test('a message without a signature has no signer', async (t) => {
  t.same(verify(undefined, message, signers), { kind: 'unsigned', signer: '' });
  t.same(verify(headerOf(frame(message)), message, signers), { kind: 'unsigned', signer: '' });
  const emptyName = decodeHeader(Buffer.from('081022002801', 'hex'), 0, 6);
  t.same(verify(emptyName, message, signers), { kind: 'unsigned', signer: '' });
});

t.test('a wrong HMAC is refused', async (t) => {
  const wrongKey = headerOf(signFrame(message, { ...signer, key: 'guess' }));
  t.match(verify(wrongKey, message, signers), { kind: 'refused', code: 'HKT_SIGNER_DIGEST' });
  const header = headerOf(signFrame(message, signer));
  const changed = Uint8Array.from(message);
  changed[3] = (changed[3] ?? 0) ^ 1;
  t.match(verify(header, changed, signers), { kind: 'refused', code: 'HKT_SIGNER_DIGEST' });
});

t.test('a signer or key version that is not configured is refused', async (t) => {
  for (const other of [{ keyVersion: 3 }, { name: 'dev' }, { name: '' }, { name: 'ops_1' }]) {
    const header = headerOf(signFrame(message, { ...signer, ...other }));
    t.match(verify(header, message, signers), { kind: 'refused', code: 'HKT_SIGNER_UNKNOWN' });
  }
  const header = headerOf(signFrame(message, signer));
  t.match(verify(header, message, new Map()), { kind: 'refused', code: 'HKT_SIGNER_UNKNOWN' });
});

t.test(
  'a header that names a signer without an HMAC is refused, however short it is',
  async (t) => {
    for (const name of ['o', 'ops', 'a-signer-of-more-than-ten-characters']) {
      const header: FrameHeader = {
        messageLength: 16,
        hashFunction: 0,
        signer: name,
        keyVersion: 1,
        hmac: undefined,
      };
      const verdict = verify(header, message, signers);
      t.match(verdict, { kind: 'refused', code: 'HKT_SIGNER_NO_HMAC' });
      t.ok(verdict.kind === 'refused' && verdict.text.includes(name));
    }
  },
);

t.test('digests of another length and unknown hash functions are refused', async (t) => {
  const good = headerOf(signFrame(message, signer));
  if (good?.hmac === undefined) throw new Error('a signed frame has a digest');
  const { hmac } = good;
  const lengths = [hmac.subarray(0, 0), hmac.subarray(0, 31), Buffer.concat([hmac, hmac])];
  for (const cut of lengths) {
    const verdict = verify({ ...good, hmac: cut }, message, signers);
    t.match(verdict, { kind: 'refused', code: 'HKT_SIGNER_DIGEST' }, `${cut.length} bytes`);
  }
  for (const hashFunction of [4, 99, 4294967295]) {
    t.match(verify({ ...good, hashFunction }, message, signers), {
      kind: 'refused',
      code: 'HKT_SIGNER_HASH',
    });
  }
  t.match(verify({ ...good, hashFunction: 1 }, message, signers), { code: 'HKT_SIGNER_DIGEST' });
});

t.test('a refusal quotes the sender on one bounded line', async (t) => {
  const header: FrameHeader = {
    messageLength: 16,
    hashFunction: 0,
    signer: `a\nERROR forged line\u2028${'x'.repeat(200)}`,
    keyVersion: 1,
    hmac: undefined,
  };
  const verdict = verify(header, message, signers);
  t.ok(verdict.kind === 'refused');
  if (verdict.kind === 'refused') {
    t.ok(verdict.text.length < 200);
    t.notMatch(verdict.text, /[\n\u2028]/);
  }
});

t.test(
  'no flipped bit of a signed frame leaves it signed, unless the message is the same',
  async (t) => {
    const framed = signFrame(message, signer);
    for (let bit = 0; bit < framed.length * 8; bit++) {
      const damaged = Uint8Array.from(framed);
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const finder = new RecordFinder();
      finder.append(damaged);
      while (finder.next()) {
        const verdict = verify(finder.header, finder.message(), signers);
        const same = Buffer.from(finder.message()).equals(message);
        if (verdict.kind === 'verified' && !same) t.fail(`bit ${bit}`);
      }
    }
    t.pass(`${framed.length * 8} bits`);
  },
);
