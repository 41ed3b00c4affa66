import { gzipSync } from 'node:zlib';
import t from 'tap';
import type { HostObject } from '../../../../../workers/isolate/engine.ts';
import { GuestError } from '../../../../../workers/isolate/engine.ts';
import type { MessageHolder } from '../../../../../workers/isolate/modules/native-module.ts';
import { onRjson } from './rjson-guest.ts';

const gzip = (text: string) => gzipSync(Buffer.from(text, 'latin1')).toString('latin1');

const FIELDS: Readonly<Record<string, string>> = {
  Payload: '{"p":1} trailing',
  'Fields[json] 0 0': '{"s":"bar"}',
  'Fields[json] 1 2': '{"second":2}',
  'Fields[bad] 0 0': '{"f\xf6o":"bar"}',
  'Fields[zipped] 0 0': gzip('{"main":{"m1":1}}'),
  'Fields[bomb] 0 0': gzip(' '.repeat(10_000)),
  'Fields[corrupt] 0 0': gzip('{"main":{"m1":1}}').replace('\x08', 'x'),
  'Fields[open] 0 0': '{',
};

const messageText = (name: string, fieldIndex: number, arrayIndex: number) =>
  FIELDS[name === 'Payload' ? name : `${name} ${fieldIndex} ${arrayIndex}`];

onRjson((name, opened) => {
  const guest = opened({ messageText, messageBytes: 8196 });
  const size = (args: string) =>
    guest.value(`local doc = rjson.parse_message(${args}) return doc:size()`);
  const error = (args: string) =>
    guest.error(`return rjson.parse_message(${args})`).replace('guest.lua:1: ', '');

  t.test(`${name}: payloads and fields`, async (t) => {
    t.equal(size('"Payload"'), 1, 'what follows the value does not matter');
    t.equal(size('"Fields[json]"'), 1);
    t.equal(
      guest.value(
        'local d = rjson.parse_message("Fields[json]", 1, 2) return d:value(d:find("second"))',
      ),
      2,
    );
    t.equal(size('"Fields[zipped]", nil, nil, true'), 1, 'gzip is expanded');
    t.equal(size('"Fields[bad]"'), 1);
    t.equal(
      error('"Fields[bad]", nil, nil, true'),
      'failed to parse offset:3 Invalid encoding in string.',
    );
    t.equal(error('"Fields[open]"'), 'failed to parse offset:1 Missing a name for object member.');
    t.equal(error('"Fields[bomb]"'), 'ungzip failed');
    t.equal(error('"Fields[corrupt]"'), 'ungzip failed');
    for (const field of ['Fields[missing]', 'Fields[json', 'Fieldsjson]', 'foo', 'Type']) {
      t.equal(error(`"${field}"`), 'field not found', field);
    }
  });

  t.test(`${name}: arguments`, async (t) => {
    t.match(error(''), /#0 .*\(invalid number of arguments\)$/);
    t.match(error('"Payload", 0, 0, true, 1'), /\(invalid number of arguments\)$/);
    t.match(error('"Fields[json]", ""'), /#2 .*\(number expected, got string\)$/);
    t.match(error('"Fields[json]", -1'), /#2 .*\(field index must be >= 0\)$/);
    t.match(error('"Fields[json]", 0, -1'), /#3 .*\(array index must be >= 0\)$/);
  });

  t.test(`${name}: a document that is used again`, async (t) => {
    guest.run('doc = rjson.parse("[1,2,3]") old = doc:find(0)');
    t.equal(guest.value('return doc:parse_message("Fields[json]") == doc'), true);
    t.equal(guest.object('doc').output?.(100), '{"s":"bar"}');
    t.match(guest.error('return doc:value(old)'), /invalid value$/);
    t.match(guest.error('return doc:parse_message("Fields[open]")'), /offset:1/);
    t.equal(guest.value('return doc:value()'), undefined);
  });

  t.test(`${name}: outside of a message, and with the message of a reader`, async (t) => {
    const input = opened({
      messageText: () => {
        throw new GuestError('no active message');
      },
    });
    t.match(
      input.error('return rjson.parse_message("Payload")'),
      /parse_message\(\) no active message$/,
    );
    const reader: MessageHolder & HostObject = {
      kind: 'object',
      type: 'lsb.heka_stream_reader',
      methods: {},
      externalBytes: 0,
      messageText,
    };
    input.engine.setGlobal('hsr', reader);
    t.equal(input.value('return rjson.parse_message(hsr, "Fields[json]"):size()'), 1);
    t.equal(input.value('return rjson.parse("1"):parse_message(hsr, "Payload"):size()'), 1);
    t.match(input.error('return rjson.parse_message(hsr)'), /\(invalid number of arguments\)$/);
    t.match(
      input.error('return rjson.parse_message(hsr, "Fields[json]", 0, "")'),
      /#4 .*\(number expected, got string\)$/,
    );
  });
});
