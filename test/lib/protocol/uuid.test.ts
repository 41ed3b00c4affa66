import t from 'tap';
import {
  isUuidText,
  markVersion4,
  parseUuid,
  randomUuid,
  uuidText,
} from '../../../lib/protocol/uuid.ts';

t.test('a uuid goes through text and back', async (t) => {
  const bytes = Uint8Array.from({ length: 16 }, (_, i) => i * 17);
  t.equal(uuidText(bytes), '00112233-4455-6677-8899-aabbccddeeff');
  t.same(parseUuid('00112233-4455-6677-8899-AABBCCDDEEFF'), bytes);
  t.equal(uuidText(Uint8Array.of(9, 9, ...bytes), 2), uuidText(bytes), 'read at an offset');
});

t.test('a text of another form is refused', async (t) => {
  const wrong = [
    '',
    'x',
    '00112233445566778899aabbccddeeff',
    '00112233-4455-6677-8899-aabbccddeefg',
  ];
  for (const text of [...wrong, ' 00112233-4455-6677-8899-aabbccddeeff']) {
    t.notOk(isUuidText(text));
    t.throws(() => parseUuid(text), { code: 'HKT_UUID_INVALID' });
  }
  t.throws(() => parseUuid('y'.repeat(10_000)), { message: `'${'y'.repeat(64)}' is not a UUID` });
});

t.test('random uuids are of version 4 and differ', async (t) => {
  const seen = new Set<string>();
  for (let i = 0; i < 1000; i++) {
    const uuid = randomUuid();
    seen.add(uuidText(uuid));
    if (!/^.{14}4.{4}[89ab]/.test(uuidText(uuid))) t.fail(uuidText(uuid));
  }
  t.equal(seen.size, 1000);
  t.equal(uuidText(markVersion4(new Uint8Array(16))), '00000000-0000-4000-8000-000000000000');
});

t.test('a random uuid is not changed by the ones drawn after it', async (t) => {
  const first = randomUuid();
  const text = uuidText(first);
  for (let i = 0; i < 600; i++) randomUuid();
  t.equal(uuidText(first), text);
});
