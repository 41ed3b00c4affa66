import t from 'tap';
import {
  CONTROL_TYPE,
  decodeControlReply,
  decodeControlRequest,
  encodeControlReply,
  encodeControlRequest,
} from '../../../lib/protocol/control.ts';
import { Message } from '../../../lib/protocol/message.ts';

const UUID = '00010203-0405-0607-0809-0a0b0c0d0e0f';
const headers = { hostname: 'host1', uuid: UUID, timestampNs: 1500000000000000000n };

t.test('an unload request is byte for byte what upstream sends', async (t) => {
  const message = encodeControlRequest({ action: 'unload', name: 'Example' }, headers);
  t.equal(
    Buffer.from(message.bytes).toString('hex'),
    '0a10000102030405060708090a0b0c0d0e0f108080d8d8d7c1c4e8141a1468656b612e636f6e74726f6c2e7361' +
      '6e64626f78220568656b61644a05686f73743152130a046e616d6510001a0022074578616d706c6552140a0661' +
      '6374696f6e10001a002206756e6c6f6164',
  );
});

t.test('a load request carries the script as payload, then config and action', async (t) => {
  const message = encodeControlRequest(
    { action: 'load', script: 'x = 1', config: '[A]\n' },
    headers,
  );
  t.equal(message.type, CONTROL_TYPE);
  t.equal(message.logger, 'hekad');
  t.equal(message.payload, 'x = 1');
  t.equal(message.severity, undefined);
  t.equal(message.pid, undefined);
  t.same(
    message.fields().map(({ name, representation, values }) => [name, representation, values]),
    [
      ['config', 'toml', ['[A]\n']],
      ['action', '', ['load']],
    ],
  );
  t.same(decodeControlRequest(message), {
    request: UUID,
    action: 'load',
    config: '[A]\n',
    name: undefined,
    script: new Uint8Array(Buffer.from('x = 1')),
  });
});

t.test('a script and config above the largest message are refused', async (t) => {
  const request = { action: 'load', script: 'x'.repeat(65536), config: '' } as const;
  t.throws(() => encodeControlRequest(request, headers), { code: 'HKT_MESSAGE_TOO_BIG' });
  t.ok(encodeControlRequest(request, { ...headers, maxMessageSize: 70000 }) instanceof Message);
});

t.test('of a request only string fields are read, and the first of each name', async (t) => {
  const message = Message.create({
    type: CONTROL_TYPE,
    fields: [
      { name: 'action', value: 1, integer: true },
      { name: 'action', value: 'load' },
      { name: 'name', value: ['a', 'b'] },
      { name: 'name', value: 'c' },
    ],
  });
  const { action, name, config } = decodeControlRequest(message);
  t.equal(action, undefined, 'the first action is no string');
  t.equal(name, 'a');
  t.equal(config, undefined);
});

t.test('a reply comes back as it was made', async (t) => {
  const reply = {
    request: UUID,
    code: 'HKT_CONTROL_X',
    action: 'load',
    name: 'M-A',
    text: 'why\nnot',
  };
  const message = encodeControlReply(reply, 'M', { hostname: 'h' });
  t.equal(message.type, 'heka.control.reply');
  t.equal(message.logger, 'M');
  t.equal(message.severity, 3);
  t.same(decodeControlReply(message), reply);
  const ok = encodeControlReply({ ...reply, code: 'ok' }, 'M', { hostname: 'h' });
  t.equal(ok.severity, 6);
});

t.test('a reply fits a message whatever the request held', async (t) => {
  const long = 'x'.repeat(60000);
  const message = encodeControlReply(
    { request: UUID, code: 'ok', action: long, name: long, text: long },
    'M',
    { hostname: 'h' },
  );
  t.ok(message.bytes.length < 10_000);
});

t.test('other messages are no replies', async (t) => {
  t.equal(decodeControlReply(Message.create({ type: 'x' })), undefined);
  t.equal(decodeControlReply(Message.create({ type: 'heka.control.reply' })), undefined);
});
