import t from 'tap';
import { Message } from '../../../lib/protocol/message.ts';
import { hashName, signerId, signFrame } from '../../../lib/signing/signer.ts';

const bytesOf = (hex: string): Uint8Array => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** "unload Example" of host1; its frames below are verified vectors of upstream. */
const unload = Message.create({
  uuid: '00010203-0405-0607-0809-0a0b0c0d0e0f',
  timestampNs: 1500000000000000000n,
  type: 'heka.control.sandbox',
  logger: 'hekad',
  hostname: 'host1',
  fields: [
    { name: 'name', value: 'Example' },
    { name: 'action', value: 'unload' },
  ],
}).bytes;
const signer = { name: 'test', keyVersion: 1, hash: 'md5', key: 'testkey' } as const;

t.test("a signed frame is upstream's, byte for byte", async (t) => {
  t.equal(unload.length, 107);
  const md5 = '086b 220474657374 2801 3210 8077dcefa65ed4de7a7bb7c73ee36641'.replaceAll(' ', '');
  t.equal(hexOf(signFrame(unload, signer)), `1e1c${md5}1f${hexOf(unload)}`);
  const sha1 = '086b1801220474657374280132 14bd6cc3a80f3861c2ff1c7bcbcc46ea60fc7bc4cd'.replace(
    ' ',
    '',
  );
  t.equal(hexOf(signFrame(unload, { ...signer, hash: 'sha1' })), `1e22${sha1}1f${hexOf(unload)}`);
});

t.test('an empty key signs as upstream does', async (t) => {
  const message = bytesOf('1080c48c9491a9e8d4131a0454455354');
  const framed = signFrame(message, { name: 'test', keyVersion: 0, hash: 'md5', key: '' });
  const header = '0810 220474657374 2800 3210 78357e3635383f9fbc7598461b05ef2d'.replaceAll(' ', '');
  t.equal(hexOf(framed), `1e1c${header}1f${hexOf(message)}`);
});

t.test('sha256 and sha512 are the functions 2 and 3 of the header', async (t) => {
  // RFC 4231, test case 2: key "Jefe".
  const data = Buffer.from('what do ya want for nothing?');
  const rfc = { name: 'a', keyVersion: 0, key: 'Jefe' };
  const sha256 = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';
  t.ok(
    hexOf(signFrame(data, { ...rfc, hash: 'sha256' })).includes(
      `081c1802 220161 2800 3220${sha256}`.replaceAll(' ', ''),
    ),
  );
  const sha512 =
    '164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737';
  t.ok(
    hexOf(signFrame(data, { ...rfc, hash: 'sha512' })).includes(
      `081c1803 220161 2800 3240${sha512}`.replaceAll(' ', ''),
    ),
  );
});

t.test('the key is the UTF-8 bytes of its text', async (t) => {
  const one = signFrame(unload, { ...signer, key: '\u00e9' });
  const other = signFrame(unload, { ...signer, key: '\u00c3\u00a9' });
  t.not(hexOf(one), hexOf(other));
});

t.test('hash names are read as hmac_hash writes them', async (t) => {
  t.equal(hashName(''), 'md5');
  t.equal(hashName('md5'), 'md5');
  t.equal(hashName('SHA1'), 'sha1');
  t.equal(hashName('sha512'), 'sha512');
  for (const name of ['sha-1', 'sha3', 'constructor', 'toString']) {
    t.throws(() => hashName(name), { code: 'HKT_SIGNER_HASH_NAME' }, name);
  }
});

t.test('what does not fit a header is refused, and no error shows the key', async (t) => {
  const secret = 'do not show me';
  const faults: unknown[] = [];
  const attempt = (sign: () => unknown): void => {
    try {
      sign();
    } catch (error) {
      faults.push(error);
    }
  };
  attempt(() => signFrame(unload, { ...signer, key: secret, name: 'x'.repeat(300) }));
  attempt(() => signFrame(unload, { ...signer, key: secret, keyVersion: -1 }));
  attempt(() => signFrame(unload, { ...signer, key: secret, keyVersion: 2 ** 32 }));
  attempt(() => signFrame(unload, { ...signer, key: secret, keyVersion: 1.5 }));
  attempt(() => signFrame(new Uint8Array(70_000), { ...signer, key: secret }));
  t.match(faults, [
    { code: 'HKT_MESSAGE_HEADER_TOO_BIG' },
    { code: 'HKT_SIGNER_VERSION' },
    { code: 'HKT_SIGNER_VERSION' },
    { code: 'HKT_SIGNER_VERSION' },
    { code: 'HKT_MESSAGE_TOO_BIG' },
  ]);
  t.notOk(faults.some((fault) => String(fault).includes(secret)));
});

t.test('a signer is known by its name and key version', async (t) => {
  t.equal(signerId('PlatformDevs', 0), 'PlatformDevs_0');
});
