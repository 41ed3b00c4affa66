import t from 'tap';
import { sectionOf } from '../../../lib/config/section.ts';
import type { ConfigValue } from '../../../lib/config/spec.ts';
import { scribbleDecoder } from '../../../lib/decoders/scribble-decoder.ts';
import type { Message, MessageInit } from '../../../lib/protocol/message.ts';
import { packOf, testContext } from '../../plugin-context.ts';

function scribble(fields: Record<string, ConfigValue>, init: MessageInit = {}): Message {
  const section = sectionOf(scribbleDecoder.spec, { message_fields: fields });
  const decoder = scribbleDecoder.create(section, testContext('decoder'));
  const packs = decoder.decode(packOf(init));
  if (packs instanceof Promise || packs.length !== 1) throw new Error('decodes at once, to one');
  const message = packs[0]?.message;
  if (message === undefined) throw new Error('no message');
  return message;
}

t.test('headers are set and fields are added, as texts', async (t) => {
  const message = scribble(
    {
      Type: 'MyType',
      Logger: 'me',
      Hostname: 'host',
      Payload: 'changed',
      Pid: '12',
      Severity: '3',
      Uuid: '01234567-89ab-cdef-0123-456789abcdef',
      Environment: 'production',
      'host|ipv4': '192.168.55.55',
      'Payload|json': '{}',
    },
    { type: 'old', timestampNs: 5n, fields: [{ name: 'Environment', value: 'before' }] },
  );
  t.match(message, {
    type: 'MyType',
    logger: 'me',
    hostname: 'host',
    payload: 'changed',
    pid: 12,
    severity: 3,
    uuid: '01234567-89ab-cdef-0123-456789abcdef',
    timestampNs: 5n,
  });
  t.same(
    message.fields().map(({ name, values, representation }) => [name, values[0], representation]),
    [
      ['Environment', 'before', ''],
      ['Environment', 'production', ''],
      ['host', '192.168.55.55', 'ipv4'],
      ['Payload', '{}', 'json'],
    ],
  );
});

t.test('nothing is put into the values', async (t) => {
  t.equal(scribble({ Type: '100%Type%' }, { type: 'x' }).type, '100%Type%');
});

t.test('a message of any size that was read can be scribbled on', async (t) => {
  const payload = 'x'.repeat(200_000);
  t.equal(scribble({ Type: 'big' }, {}).type, 'big');
  const section = sectionOf(scribbleDecoder.spec, { message_fields: { Type: 'big' } });
  const decoder = scribbleDecoder.create(section, testContext('decoder'));
  const pack = { ...packOf({}), message: packOf({}).message.with({ payload }, 1_000_000) };
  const packs = await decoder.decode(pack);
  t.equal(packs[0]?.message.payload.length, 200_000);
});

t.test('values that no message can have are found before one comes', async (t) => {
  const check = (fields: Record<string, ConfigValue>): void => {
    sectionOf(scribbleDecoder.spec, { message_fields: fields });
  };
  t.throws(() => check({ Pid: 'x' }), /cannot set Pid to 'x'/);
  t.throws(() => check({ Severity: '99999999999' }), /cannot set Severity/);
  t.throws(() => check({ Uuid: 'x' }), /cannot set Uuid/);
  t.throws(() => check({ Type: 3 }), /'Type' must be a text/);
});
