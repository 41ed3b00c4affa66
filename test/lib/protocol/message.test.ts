import t from 'tap';
import { Message } from '../../../lib/protocol/message.ts';
import { ValueType } from '../../../lib/protocol/message-view.ts';

const uuid = '00010203-0405-0607-0809-0a0b0c0d0e0f';
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const decode = (hex: string): Message =>
  Message.decode(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

t.test("an encoded message has hekad's bytes", async (t) => {
  const message = Message.create({
    uuid,
    timestampNs: 1500000000000000000n,
    type: 'heka.control.sandbox',
    logger: 'hekad',
    hostname: 'host1',
    fields: [
      { name: 'name', value: 'Example' },
      { name: 'action', value: 'unload' },
    ],
  });
  // A verified vector of hekad's encoding.
  t.equal(
    hexOf(message.bytes),
    '0a10000102030405060708090a0b0c0d0e0f108080d8d8d7c1c4e8141a1468656b612e636f6e74726f6c2e73616e64626f7822' +
      '0568656b61644a05686f73743152130a046e616d6510001a0022074578616d706c6552140a06616374696f6e10001a002206' +
      '756e6c6f6164',
  );
});

t.test('everything that is encoded is decoded again', async (t) => {
  const message = Message.create({
    uuid,
    timestampNs: -5n,
    type: 'T\u00e9',
    logger: 'L',
    severity: -3,
    payload: Uint8Array.of(0xff, 0x00),
    envVersion: '0.8',
    pid: 123456,
    hostname: '',
    fields: [
      { name: 's', value: ['a', ''], representation: 'uri' },
      { name: 'b', value: Uint8Array.of(1, 2) },
      { name: 'i', value: [1, -1, 2 ** 40], integer: true },
      { name: 'd', value: [0.5, Number.NaN, Number.NEGATIVE_INFINITY] },
      { name: 'o', value: [true, false] },
      { name: '', value: [] },
    ],
  });
  const again = Message.decode(message.bytes);
  t.match(again, { uuid, timestampNs: -5n, type: 'T\u00e9', logger: 'L', severity: -3 });
  t.match(again, { envVersion: '0.8', pid: 123456, hostname: '' });
  t.same([...again.payloadBytes], [0xff, 0]);
  t.equal(again.payload, '\ufffd\0');
  t.same(
    again.fields().map((field) => [field.name, field.type, field.representation, field.values]),
    [
      ['s', ValueType.string, 'uri', ['a', '']],
      ['b', ValueType.bytes, '', [Uint8Array.of(1, 2)]],
      ['i', ValueType.integer, '', [1, -1, 2 ** 40]],
      ['d', ValueType.double, '', [0.5, Number.NaN, Number.NEGATIVE_INFINITY]],
      ['o', ValueType.bool, '', [true, false]],
      ['', ValueType.string, '', []],
    ],
  );
});

t.test('the encoding that Lua sandboxes write is read as well', async (t) => {
  // No value_type for strings, no representation, single numbers unpacked, ten-byte negatives.
  const message = decode(
    '0a10000102030405060708090a0b0c0d0e0f 1001 28feffffffffffffffff01 ' +
      '52080a0173 2203616263 52070a0169 1002 3007 520e0a0164 1003 39000000000000f83f 52070a016f 1004 4001',
  );
  t.equal(message.severity, -2);
  t.equal(message.field('s'), 'abc');
  t.equal(message.field('i'), 7);
  t.equal(message.field('d'), 1.5);
  t.equal(message.field('o'), true);
  t.equal(message.field('x'), undefined);
});

t.test('fields are found by name, field index and array index', async (t) => {
  const message = Message.create({
    fields: [
      { name: 'n', value: ['a', 'b'] },
      { name: 'm', value: 'z' },
      { name: 'n', value: 'c' },
    ],
  });
  t.equal(message.field('n'), 'a');
  t.equal(message.field('n', 0, 1), 'b');
  t.equal(message.field('n', 1), 'c');
  t.equal(message.field('n', 0, 2), undefined);
  t.equal(message.field('n', 2), undefined);
});

t.test('headers that are not set read as empty', async (t) => {
  const message = decode('');
  t.match(message, { uuid: '', timestampNs: 0n, type: '', logger: '', payload: '', hostname: '' });
  t.equal(message.severity, undefined);
  t.equal(message.pid, undefined);
  t.equal(message.payloadBytes.length, 0);
  t.same(message.fields(), []);
  t.equal(decode('0a0f000102030405060708090a0b0c0d0e').uuid, '', 'not 16 bytes');
});

t.test('a new message has a random uuid and the present time', async (t) => {
  const before = BigInt(Date.now()) * 1000000n;
  const [a, b] = [Message.create({}), Message.create({})];
  t.not(a.uuid, b.uuid);
  t.ok(a.timestampNs >= before && a.timestampNs <= BigInt(Date.now()) * 1000000n);
});

t.test('a new message keeps its bytes while others are made', async (t) => {
  const first = Message.create({ uuid, timestampNs: 1n, payload: 'first' });
  const before = hexOf(first.bytes);
  Message.create({ uuid, timestampNs: 1n, payload: 'OTHER' });
  t.equal(hexOf(first.bytes), before);
});

t.test('what cannot be encoded is refused, and the next message is not affected', async (t) => {
  t.throws(() => Message.create({ fields: [{ name: 'x', value: ['a', 1] }] }), {
    code: 'HKT_MESSAGE_FIELD_TYPE',
  });
  t.throws(() => Message.create({ uuid: 'nonsense' }), { code: 'HKT_UUID_INVALID' });
  t.throws(() => Message.create({ payload: 'x'.repeat(70_000) }), { code: 'HKT_MESSAGE_TOO_BIG' });
  const init = { uuid, timestampNs: 1n, payload: '' };
  const overhead = Message.create(init).bytes.length;
  const exact = { ...init, payload: 'x'.repeat(100) };
  t.equal(Message.create(exact, overhead + 100).bytes.length, overhead + 100);
  t.throws(() => Message.create(exact, overhead + 99), { code: 'HKT_MESSAGE_TOO_BIG' });
});

t.test('damaged bytes are refused when they come in, not when they are read', async (t) => {
  t.throws(() => decode('0a05'), { code: 'HKT_MESSAGE_TRUNCATED' });
  t.throws(() => decode('0801'), { code: 'HKT_MESSAGE_WIRE_TYPE' });
  t.throws(() => decode('52020a05'), { code: 'HKT_MESSAGE_TRUNCATED' }, 'inside a field');
});

t.test('a changed copy keeps all else as it was', async (t) => {
  // An unknown tag, an integer beyond 2^53 and the sparse encoding of fields.
  const fields = '52100a0169 1002 308180808080808010 52080a0173 2203616263';
  const unknown = 'fa01027878';
  const original = decode(
    `0a0141 1081808080808080 10 1a0154 2801 320150 ${fields} ${unknown}`.replace(
      '52100a',
      '520e0a',
    ),
  );
  const same = original.with({});
  t.equal(hexOf(same.bytes), hexOf(original.bytes));
  const changed = original.with({
    hostname: 'h',
    type: 'new',
    fields: [{ name: 'f', value: true }],
  });
  t.match(changed, { type: 'new', hostname: 'h', payload: 'P', severity: 1 });
  t.equal(changed.timestampNs, 2n ** 53n + 1n);
  t.ok(
    hexOf(changed.bytes).includes(fields.replace('52100a', '520e0a').replaceAll(' ', '') + unknown),
  );
  t.same(
    changed.fields().map((field) => field.name),
    ['i', 's', 'f'],
  );
  t.equal(hexOf(Message.decode(changed.bytes).bytes), hexOf(changed.bytes));
  t.equal(original.type, 'T', 'the original is as before');
});

t.test(
  'a changed copy replaces repeated headers once and has its headers before the fields',
  async (t) => {
    const changed = decode('1a0141 1a0142 52030a0178').with({ type: 'C', pid: -1 });
    t.equal(hexOf(changed.bytes), '1a0143' + '40ffffffff0f' + '52030a0178');
    t.equal(hexOf(decode('').with({ hostname: 'h' }).bytes), '4a0168');
    t.throws(() => changed.with({ payload: 'x'.repeat(100) }, 50), { code: 'HKT_MESSAGE_TOO_BIG' });
  },
);
