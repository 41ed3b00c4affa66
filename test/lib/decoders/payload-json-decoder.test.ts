import t from 'tap';
import { sectionOf } from '../../../lib/config/section.ts';
import type { ConfigValue } from '../../../lib/config/spec.ts';
import { JsonDocument, parseJsonPath } from '../../../lib/decoders/json-path.ts';
import { payloadJsonDecoder } from '../../../lib/decoders/payload-json-decoder.ts';
import type { Message } from '../../../lib/protocol/message.ts';
import { packOf, type TestContext, testContext } from '../../plugin-context.ts';

function decode(
  values: Record<string, ConfigValue>,
  payload: string,
): { readonly message: Message; readonly context: TestContext } {
  const context = testContext('decoder');
  const decoder = payloadJsonDecoder.create(sectionOf(payloadJsonDecoder.spec, values), context);
  const packs = decoder.decode(packOf({ payload, timestampNs: 7n }));
  if (packs instanceof Promise) throw new Error('decodes at once');
  const message = packs[0]?.message;
  if (message === undefined) throw new Error('no message');
  return { message, context };
}

function find(text: string, path: string): string | undefined {
  return new JsonDocument(text).find(parseJsonPath(path));
}

const SETTINGS: Record<string, ConfigValue> = {
  json_map: {
    Count: '$.statsd.count',
    Name: '$.statsd.name',
    Pid: '$.pid',
    Timestamp: '$.timestamp',
    Severity: '$.log_level',
  },
  severity_map: { DEBUG: 7, WARNING: 4 },
  message_fields: {
    Pid: '%Pid%',
    'StatCount|B': '%Count%',
    StatName: 'name: %Name%',
    Timestamp: '%Timestamp%',
    Missing: '%Nothing%',
  },
};

const PAYLOAD =
  '{"statsd": {"count": 1, "name": "some.counter"}, "pid": 532, "timestamp": "2013-08-13T10:32:00.000Z", "log_level": "WARNING"}';

t.test('values become headers and fields', async (t) => {
  const { message } = decode(SETTINGS, PAYLOAD);
  t.equal(message.pid, 532);
  t.equal(message.severity, 4);
  t.equal(message.timestampNs, 1376389920000000000n);
  t.equal(message.payload, PAYLOAD);
  t.same(
    message.fields().map(({ name, values, representation }) => [name, values[0], representation]),
    [
      ['StatCount', '1', 'B'],
      ['StatName', 'name: some.counter', ''],
      ['Timestamp', '2013-08-13T10:32:00.000Z', ''],
      ['Missing', '<Nothing>', ''],
    ],
  );
});

t.test(
  'with require_all_fields one path that leads nowhere leaves the message as it is',
  async (t) => {
    const values = {
      json_map: { A: '$.a', B: '$.b' },
      message_fields: { Type: '%A%', Logger: '%B%' },
    };
    t.equal(decode(values, '{"a":"x"}').message.type, 'x');
    t.equal(decode(values, '{"a":"x"}').message.logger, '<B>');
    const strict = { ...values, require_all_fields: true };
    t.equal(decode(strict, '{"a":"x"}').message.type, '');
    t.equal(decode(strict, '{"a":"x","b":"y"}').message.logger, 'y');
  },
);

t.test('a payload of which nothing is taken goes on as it is', async (t) => {
  const { message } = decode(SETTINGS, '{"other": 1}');
  t.same(message.fields(), []);
  t.equal(message.timestampNs, 7n);
});

t.test('a payload that is no JSON is an error', async (t) => {
  for (const payload of ['', 'x', '{"a":"line\nbreak"}', '{"a":1', '[1,]']) {
    t.throws(() => decode(SETTINGS, payload), { code: 'HKT_DECODE_JSON' }, payload);
  }
});

t.test('paths lead through objects and arrays', async (t) => {
  const text = `{"foo":{"bar":[{"baz":"こんにちわ世界","noo":"aaa"},{"maz":"123","moo":256,"muux":2.10}],
    "boo":{"bag":true,"bug":false,"nil":null}}}`;
  t.equal(find(text, '$.foo.bar[0].baz'), 'こんにちわ世界');
  t.equal(find(text, '$.foo.bar[1].maz'), '123');
  t.equal(find(text, '$.foo.bar[1].moo'), '256');
  t.equal(find(text, '$.foo.bar[1].muux'), '2.10');
  t.equal(find(text, '$.foo.boo.bag'), 'true');
  t.equal(find(text, '$.foo.boo.bug'), 'false');
  t.equal(find(text, '$.foo.boo.nil'), '');
  for (const path of ['$.foo.bar[99].baz', '$.bad', '$.foo.bar.baz', '$.foo.boo[0]', '$.[0]']) {
    t.equal(find(text, path), undefined, path);
  }
  t.equal(find('["foo"]', '$.[0]'), 'foo');
});

t.test('objects and arrays are JSON with sorted keys, as Go writes it', async (t) => {
  t.equal(
    find('{"a":[{"z":1.50,"b":"<&>\u2028","n":null},[],{}]}', '$.a'),
    '[{"b":"\\u003c\\u0026\\u003e\\u2028","n":null,"z":1.50},[],{}]',
  );
  t.equal(find('{"a":12345678901234567890}', '$.a'), '12345678901234567890');
});

t.test('names of JavaScript’s own are keys like any other', async (t) => {
  t.equal(find('{"a":{}}', '$.a.constructor'), undefined);
  t.equal(find('{"a":{}}', '$.a.__proto__'), undefined);
  t.equal(find('{"__proto__":{"x":"y"}}', '$.__proto__.x'), 'y');
  t.equal(find('["a"]', '$.length'), undefined);
  t.equal(find('{"a":1}', '$.a.text'), undefined);
});

t.test('what is nested too deep is refused', async (t) => {
  const nested = (levels: number): string => `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`;
  t.equal(find(nested(499), '$.a')?.length, 998);
  t.throws(() => find(nested(500), '$.a'), { code: 'HKT_DECODE_BOUND' });
  t.throws(() => find('['.repeat(1_000_000), '$.a'), { code: 'HKT_DECODE_BOUND' });
  t.equal(find(`{"a":"${'['.repeat(1000)}\\"[["}`, '$.a')?.length, 1003, 'but for texts');
});

t.test('wrong paths are found before a message comes', async (t) => {
  const check = (path: ConfigValue): void => {
    sectionOf(payloadJsonDecoder.spec, { json_map: { A: path } });
  };
  t.throws(() => check('a.b'), /'A': a path begins with "\$\."/);
  t.throws(() => check('$'), /a path begins with/);
  t.throws(() => check('$.'), /is no part of a path/);
  t.throws(() => check('$.a..b'), /is no part of a path/);
  t.throws(() => check('$.a[x]'), /"a\[x\]" is no part of a path/);
  t.throws(() => check('$.a[1][2]'), /is no part of a path/);
  t.throws(() => check('$.1a'), /is no part of a path/);
  t.throws(() => check(3), /'A' must be a text/);
});
