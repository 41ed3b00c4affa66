import t from 'tap';
import { sectionOf } from '../../../lib/config/section.ts';
import type { ConfigValue } from '../../../lib/config/spec.ts';
import { jsonEncoder } from '../../../lib/encoders/json-encoder.ts';
import { payloadEncoder } from '../../../lib/encoders/payload-encoder.ts';
import { protobufEncoder } from '../../../lib/encoders/protobuf-encoder.ts';
import { rfc3339Nano } from '../../../lib/encoders/rfc3339.ts';
import { Message, type MessageInit } from '../../../lib/protocol/message.ts';
import { strftime } from '../../../lib/strftime.ts';
import { MANUAL_START_MS } from '../../manual-clock.ts';
import { packOf, testContext } from '../../plugin-context.ts';

function payload(values: Record<string, ConfigValue>, init: MessageInit): string {
  const section = sectionOf(payloadEncoder.spec, values);
  const encoder = payloadEncoder.create(section, testContext('x'));
  return Buffer.from(encoder.encode(packOf(init).message) ?? []).toString('latin1');
}

function json(init: MessageInit): string {
  const encoder = jsonEncoder.create(sectionOf(jsonEncoder.spec), testContext('x'));
  return Buffer.from(encoder.encode(packOf(init).message) ?? []).toString('utf8');
}

t.test('ProtobufEncoder hands out the message’s own bytes and is framed by default', async (t) => {
  const encoder = protobufEncoder.create(sectionOf(protobufEncoder.spec), testContext('x'));
  const { message } = packOf({ type: 'a' });
  t.equal(encoder.encode(message), message.bytes);
  t.equal(encoder.framedByDefault, true);
});

t.test('PayloadEncoder appends a newline unless told not to', async (t) => {
  t.equal(payload({}, { payload: 'hi' }), 'hi\n');
  t.equal(payload({ append_newlines: false }, { payload: 'hi' }), 'hi');
  t.equal(payload({}, {}), '\n');
});

t.test('PayloadEncoder keeps bytes that are no UTF-8', async (t) => {
  t.equal(payload({}, { payload: new Uint8Array([0xff, 0x00, 0xe4]) }), '\xff\x00\xe4\n');
});

t.test('PayloadEncoder puts the message’s time or the clock’s before the payload', async (t) => {
  const ns = 1_414_448_234_000_000_000n;
  const init = { payload: 'hi', timestampNs: ns };
  const format = '[%Y/%b/%d:%H:%M:%S %z]';
  t.equal(payload({ prefix_ts: true }, init), `${strftime(format, ns)} hi\n`);
  const now = BigInt(MANUAL_START_MS) * 1_000_000n;
  t.equal(
    payload({ prefix_ts: true, ts_from_message: false, ts_format: '%s ' }, init),
    `${strftime('%s', now)} hi\n`,
  );
});

t.test('JsonEncoder writes one line with every header', async (t) => {
  const line = json({
    timestampNs: 1_414_448_234_638_504_391n,
    type: 'nginx',
    payload: 'a\nb',
    fields: [
      { name: 'status', value: 200, integer: true },
      { name: 'time', value: [0.5, Number.NaN], representation: 's' },
      { name: 'body', value: new Uint8Array([104, 105]) },
      { name: 'ok', value: true },
      { name: 'status', value: 'twice' },
    ],
  });
  t.equal(line.indexOf('\n'), line.length - 1);
  t.same(JSON.parse(line), {
    uuid: '00000000-0000-0000-0000-000000000000',
    timestamp: '2014-10-27T22:17:14.638504391Z',
    timestamp_ns: '1414448234638504391',
    type: 'nginx',
    logger: '',
    severity: 7,
    payload: 'a\nb',
    env_version: '',
    pid: 0,
    hostname: '',
    fields: [
      { name: 'status', type: 'integer', representation: '', values: [200] },
      { name: 'time', type: 'double', representation: 's', values: [0.5, 'NaN'] },
      { name: 'body', type: 'bytes', representation: '', values: ['aGk='] },
      { name: 'ok', type: 'bool', representation: '', values: [true] },
      { name: 'status', type: 'string', representation: '', values: ['twice'] },
    ],
  });
});

t.test('JsonEncoder escapes what breaks lines for some readers', async (t) => {
  const line = json({ payload: 'a\u2028b\u2029c\u007f\u0085d' });
  t.notMatch(line, /[\u2028\u2029\u007f\u0085]/);
  t.equal(JSON.parse(line).payload, 'a\u2028b\u2029c\u007f\u0085d');
});

t.test('JsonEncoder keeps the exact bytes of a payload that is no UTF-8', async (t) => {
  const bytes = new Uint8Array([0xe4, 0x62]);
  const line = JSON.parse(json({ payload: bytes }));
  t.equal(line.payload, '\ufffdb');
  t.same(new Uint8Array(Buffer.from(line.payload_base64, 'base64')), bytes);
  t.notOk('payload_base64' in JSON.parse(json({ payload: 'really \ufffd' })));
});

t.test('times are written with the digits that are not zero', async (t) => {
  t.equal(rfc3339Nano(0n), '1970-01-01T00:00:00Z');
  t.equal(rfc3339Nano(1_500_000_000n), '1970-01-01T00:00:01.5Z');
  t.equal(rfc3339Nano(-1n), '1969-12-31T23:59:59.999999999Z');
  t.equal(rfc3339Nano(2n ** 63n - 1n), '2262-04-11T23:47:16.854775807Z');
});

t.test('an encoded message can be decoded again', async (t) => {
  const { message } = packOf({ type: 'a', payload: 'b' });
  t.equal(Message.decode(message.bytes).payload, 'b');
});
