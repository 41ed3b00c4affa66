import t from 'tap';
import { messageOfJson } from '../../../lib/cli/json-message.ts';
import { jsonLine } from '../../../lib/encoders/message-json.ts';
import { Message } from '../../../lib/protocol/message.ts';

const MAX = 1000;

t.test('the short form takes the names that scripts use, in any case', (t) => {
  const line =
    '{"Type":"nginx","Logger":"web","payload":"GET /","Timestamp":1500000000000000000,"SEVERITY":3,"Pid":-7,' +
    '"Hostname":"h","EnvVersion":"1","Fields":{"status":200,"tags":["a","b"],"ok":true}}';
  const message = messageOfJson(line, 1, MAX);
  const { type, logger, payload, timestampNs, severity, pid, hostname, envVersion } = message;
  t.same(
    { type, logger, payload, timestampNs, severity, pid, hostname, envVersion },
    {
      type: 'nginx',
      logger: 'web',
      payload: 'GET /',
      timestampNs: 1_500_000_000_000_000_000n,
      severity: 3,
      pid: -7,
      hostname: 'h',
      envVersion: '1',
    },
  );
  t.equal(message.field('status'), 200);
  t.equal(message.field('tags', 0, 1), 'b');
  t.equal(message.field('ok'), true);
  t.end();
});

t.test('what JsonEncoder writes comes back as the message that it was', (t) => {
  const message = Message.create({
    uuid: Uint8Array.from({ length: 16 }, (_, i) => i),
    timestampNs: 1_500_000_000_123_456_789n,
    type: 't',
    logger: 'l',
    envVersion: '1',
    severity: 5,
    payload: Uint8Array.of(0xff, 0, 0x80),
    pid: 42,
    hostname: 'h',
    fields: [
      { name: 'n', value: [1, 2], integer: true },
      { name: 'b', value: Uint8Array.of(1, 255) },
      { name: 's', value: 'text', representation: 'uri' },
    ],
  });
  const back = messageOfJson(jsonLine(message), 1, MAX);
  t.same(Buffer.from(back.bytes), Buffer.from(message.bytes));
  t.end();
});

for (const [text, ns] of [
  ['1500000000000000001', 1_500_000_000_000_000_001n],
  ['2024-01-02T03:04:05.678Z', 1_704_164_645_678_000_000n],
  ['-1', -1n],
] as const) {
  t.test(`the timestamp "${text}" is exact`, (t) => {
    t.equal(messageOfJson(`{"Timestamp":"${text}"}`, 1, MAX).timestampNs, ns);
    t.end();
  });
}

for (const [line, reason] of [
  ['{', /not JSON/],
  ['[]', /not a JSON object/],
  ['null', /not a JSON object/],
  ['{"Payload":3}', /payload is not a string/],
  ['{"Severity":"high"}', /severity is not an integer/],
  ['{"Severity":1e30}', /severity is not an integer/],
  ['{"Pid":2147483648}', /pid is not an integer/],
  ['{"Timestamp":"soon"}', /neither nanoseconds nor a date/],
  ['{"Timestamp":"99999999999999999999"}', /neither nanoseconds nor a date/],
  ['{"Fields":7}', /neither an array nor an object/],
  ['{"Fields":{"a":{"b":1}}}', /field a has a value/],
  ['{"Fields":{"a":null}}', /field a has a value/],
  ['{"Fields":[{"value":1}]}', /a field has no name/],
  ['{"Fields":{"a":[1,"b"]}}', /mixes value types/],
  ['{"Uuid":"xyz"}', /not a UUID/],
  [`{"Payload":"${'x'.repeat(MAX)}"}`, /too big/],
] as const) {
  t.test(`${line.slice(0, 40)} is refused with its line`, (t) => {
    t.throws(() => messageOfJson(line, 17, MAX), { code: 'HKT_TOOL_INPUT', message: reason });
    t.throws(() => messageOfJson(line, 17, MAX), { message: /17/ });
    t.end();
  });
}

t.test('keys that every object has are keys like others', (t) => {
  const line = '{"__proto__":{"type":"evil"},"constructor":1,"toString":2,"Type":"good"}';
  t.equal(messageOfJson(line, 1, MAX).type, 'good');
  t.equal(messageOfJson('{"__proto__":{"type":"evil"}}', 1, MAX).type, '');
  t.end();
});
