import t from 'tap';
import { sectionOf } from '../../../lib/config/section.ts';
import type { ConfigValue } from '../../../lib/config/spec.ts';
import { esJsonEncoder } from '../../../lib/encoders/es-json-encoder.ts';
import { esLogstashEncoder } from '../../../lib/encoders/es-logstash-encoder.ts';
import type { Encoder, PluginType } from '../../../lib/plugin.ts';
import type { MessageInit } from '../../../lib/protocol/message.ts';
import { packOf, testContext } from '../../plugin-context.ts';

type Values = Record<string, ConfigValue>;

/** The action line and the document, as they are written. */
function lines(type: PluginType<Encoder>, values: Values, init: MessageInit): [string, string] {
  const encoder = type.create(sectionOf(type.spec, values), testContext('x'));
  const text = Buffer.from(encoder.encode(packOf(init).message) ?? []).toString('utf8');
  const [action = '', document = '', ...more] = text.split('\n');
  t.same(more, [''], 'two lines');
  return [action, document];
}

const json = (values: Values, init: MessageInit) => lines(esJsonEncoder, values, init);
const logstash = (values: Values, init: MessageInit) => lines(esLogstashEncoder, values, init);

const MESSAGE: MessageInit = {
  timestampNs: 1_373_989_746_999_000_000n, // 2013-07-16T15:49:06.999Z
  type: 'TEST',
  logger: 'Log',
  severity: 6,
  payload: 'say "hi"\n\\',
  envVersion: '0.8',
  pid: 14,
  hostname: 'host',
  fields: [
    { name: 'a.b', value: 'one' },
    { name: 'n', value: [1, 2], integer: true },
    { name: 'f', value: 0.5 },
    { name: 'ok', value: [true, false] },
    { name: 'raw', value: '{"x": 1}' },
  ],
};

t.test('ESJsonEncoder writes headers and fields side by side', async (t) => {
  const [action, document] = json({}, MESSAGE);
  // The test clock stands in January 2024.
  t.equal(action, '{"index":{"_index":"heka-2024.01.02","_type":"message"}}');
  t.equal(
    document,
    '{"Uuid":"00000000-0000-0000-0000-000000000000","Timestamp":"2013-07-16T15:49:06",' +
      '"Type":"TEST","Logger":"Log","Severity":6,"Payload":"say \\u0022hi\\u0022\\u000a\\u005c",' +
      '"EnvVersion":"0.8","Pid":14,"Hostname":"host","a.b":"one","n":[1,2],"f":0.5,' +
      '"ok":[true,false],"raw":"{\\u0022x\\u0022: 1}"}',
  );
  t.match(JSON.parse(document), { Payload: 'say "hi"\n\\', raw: '{"x": 1}' });
});

t.test('ESLogstashV0Encoder writes headers as @names and fields apart', async (t) => {
  const [action, document] = logstash({ es_index_from_timestamp: true }, MESSAGE);
  t.equal(action, '{"index":{"_index":"logstash-2013.07.16","_type":"message"}}');
  t.equal(
    document,
    '{"@uuid":"00000000-0000-0000-0000-000000000000","@timestamp":"2013-07-16T15:49:06",' +
      '"@type":"message","@logger":"Log","@severity":6,' +
      '"@message":"say \\u0022hi\\u0022\\u000a\\u005c","@envversion":"0.8","@pid":14,' +
      '"@source_host":"host","@fields":{"a.b":"one","n":[1,2],"f":0.5,"ok":[true,false],' +
      '"raw":"{\\u0022x\\u0022: 1}"}}',
  );
});

t.test('@type is what type_name gives, or the message’s Type', async (t) => {
  const type = (values: Values): string =>
    JSON.parse(logstash({ fields: ['Type'], ...values }, MESSAGE)[1])['@type'];
  t.equal(type({ type_name: '%{Hostname}-x' }), 'host-x');
  t.equal(type({ use_message_type: true }), 'TEST');
  t.equal(type({ type_name: '' }), 'TEST');
  t.equal(type({ type_name: '%{nothing}' }), '%{nothing}', 'as it is written when it has no value');
});

t.test('names in index, type and id come from headers, fields or the time', async (t) => {
  const action = (values: Values, init: MessageInit = MESSAGE): Record<string, string> =>
    JSON.parse(json(values, init)[0]).index;
  t.match(
    action({
      index: '%{Type}-%{Hostname}-%{Pid}-%{Severity}-%{EnvVersion}-%{Logger}-%{%Y}',
      type_name: '%{f}%{ok}%{n}',
      id: '%{UUID}/%{a.b}',
    }),
    {
      _index: 'test-host-14-6-0.8-log-2024',
      _type: '0.5true1',
      _id: '00000000-0000-0000-0000-000000000000/one',
    },
  );
  t.notOk('_id' in action({ id: '%{nothing}' }), 'the server chooses an id when a name has none');
  t.notOk('_id' in action({ id: 'x-%{nothing}-y' }));
  t.notOk('_id' in action({ id: '%{Logger}' }, {}), 'nor is an id empty');
  t.match(action({ index: '%{nothing}' }), { _index: 'nothing' });
  t.match(action({ index: 'a}b%{' }), { _index: 'a}b%{' }, 'what is no name stays');
  t.match(action({ index: '%{%Y}', es_index_from_timestamp: true }), { _index: '2013' });
  t.notOk('_type' in action({ type_name: '' }), 'for servers that know no types');
});

t.test('a name’s value cannot leave its place', async (t) => {
  const hostile = '"}}\n{"delete":{"_index":"all"}}\n';
  const [action] = json(
    { index: '%{Type}', type_name: '%{x}', id: '%{Hostname}' },
    { type: hostile, hostname: hostile, fields: [{ name: 'x', value: hostile }] },
  );
  t.same(JSON.parse(action).index, { _index: hostile, _type: hostile, _id: hostile });
});

t.test('fields and dynamic_fields choose, replace_dots_with and field_mappings name', async (t) => {
  t.equal(
    json(
      {
        fields: ['payload', 'DynamicFields', 'Pid'],
        dynamic_fields: ['a.b', 'n'],
        replace_dots_with: '_',
        field_mappings: { Payload: '@message', PID: 'process' },
      },
      MESSAGE,
    )[1],
    '{"@message":"say \\u0022hi\\u0022\\u000a\\u005c","a_b":"one","n":[1,2],"process":14}',
  );
  t.equal(json({ fields: ['Fields', 'Pid'] }, {})[1], '{"Pid":0}', 'no field leaves no comma');
  t.equal(logstash({ fields: ['fields'] }, {})[1], '{"@fields":{}}');
  t.equal(
    json({ timestamp: '%d/%m/%Y %z', fields: ['Timestamp'] }, {})[1],
    '{"Timestamp":"01/01/1970 +0000"}',
  );
});

t.test('raw fields are JSON, or text when they are none', async (t) => {
  const raw = (value: string | Uint8Array | readonly string[]): string =>
    json(
      { fields: ['DynamicFields'], raw_bytes_fields: ['r'] },
      { fields: [{ name: 'r', value }] },
    )[1];
  t.equal(raw('{"a":[1,null]}'), '{"r":{"a":[1,null]}}');
  t.equal(raw(['1', '"x"']), '{"r":[1,"x"]}');
  t.equal(raw(Buffer.from('{"a":1}')), '{"r":{"a":1}}');
  t.equal(raw('{"a":\n1}\r\n'), '{"r":{"a": 1}  }', 'on one line');
  t.equal(raw('}\n{"delete":{}}\n{'), '{"r":"}\\u000a{\\u0022delete\\u0022:{}}\\u000a{"}');
  t.equal(raw('1}, {"b":2'), '{"r":"1}, {\\u0022b\\u0022:2"}');
  t.equal(raw(''), '{"r":""}');
});

t.test('values that JSON lacks do not spoil the document', async (t) => {
  const document = (value: FieldValues): string =>
    json({ fields: ['DynamicFields'] }, { fields: [{ name: 'v', value }] })[1];
  type FieldValues = number | readonly number[] | Uint8Array | readonly Uint8Array[];
  t.equal(document(Number.NaN), '{"v":null}');
  t.equal(document([1.5, Number.POSITIVE_INFINITY]), '{"v":[1.5,null]}');
  t.equal(document(1e21), '{"v":1e+21}');
  t.equal(document(Buffer.from('hi')), '{"v":"hi"}', 'one value of bytes is text, as upstream');
  t.equal(document([Buffer.from('hi'), Buffer.from('x')]), '{"v":["aGk=","eA=="]}');
  t.equal(document(new Uint8Array([0xff, 0x41])), '{"v":"\ufffdA"}');
});

t.test('settings that mean nothing are faults with upstream’s text', async (t) => {
  for (const { spec } of [esJsonEncoder, esLogstashEncoder]) {
    t.throws(
      () => sectionOf(spec, { fields: ['severity', 'Frogs'] }),
      /Unsupported value "Frogs" in 'fields' list, must be one of Uuid, Timestamp/,
    );
    t.throws(
      () => sectionOf(spec, { fields: ['Logger'], dynamic_fields: ['x'] }),
      /"DynamicFields" must be in 'fields' list if using 'dynamic_fields'/,
    );
    t.doesNotThrow(() => sectionOf(spec, { fields: ['Fields'], dynamic_fields: ['x'] }));
  }
  t.throws(() => sectionOf(esJsonEncoder.spec, { field_mappings: { Nothing: 'x' } }));
});
