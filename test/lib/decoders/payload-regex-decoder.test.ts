import t from 'tap';
import { sectionOf } from '../../../lib/config/section.ts';
import type { ConfigValue } from '../../../lib/config/spec.ts';
import { payloadRegexDecoder } from '../../../lib/decoders/payload-regex-decoder.ts';
import type { MessageInit } from '../../../lib/protocol/message.ts';
import type { Pack } from '../../../lib/protocol/pack.ts';
import { packOf, type TestContext, testContext } from '../../plugin-context.ts';

function decode(
  values: Record<string, ConfigValue>,
  payload: string,
  init: MessageInit = {},
): { readonly packs: readonly Pack[]; readonly context: TestContext } {
  const context = testContext('decoder');
  const decoder = payloadRegexDecoder.create(sectionOf(payloadRegexDecoder.spec, values), context);
  const packs = decoder.decode(packOf({ ...init, payload }));
  if (packs instanceof Promise) throw new Error('decodes at once');
  return { packs, context };
}

const APACHE: Record<string, ConfigValue> = {
  match_regex:
    '^(?P<RemoteIP>\\S+) \\S+ \\S+ \\[(?P<Timestamp>[^\\]]+)\\] "(?P<Method>[A-Z]+) (?P<Url>[^\\s]+)[^"]*" (?P<StatusCode>\\d+) (?P<RequestSize>\\d+) "(?P<Referer>[^"]*)" "(?P<Browser>[^"]*)"',
  timestamp_layout: '02/Jan/2006:15:04:05 -0700',
  message_fields: {
    Type: 'ApacheLogfile',
    Logger: 'apache',
    'Url|uri': '%Url%',
    Status: '%StatusCode%',
    'RequestSize|B': '%RequestSize%',
    Nowhere: '%NoGroup% at %RemoteIP%',
  },
};

t.test('the combined log format of upstream’s page becomes headers and fields', async (t) => {
  const line =
    '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a?b=c HTTP/1.0" 200 2326 "http://x/" "Mozilla (x)"';
  const { packs } = decode(APACHE, line, { logger: 'in', hostname: 'web1' });
  const message = packs[0]?.message;
  t.equal(packs.length, 1);
  t.equal(message?.type, 'ApacheLogfile');
  t.equal(message?.logger, 'apache');
  t.equal(message?.hostname, 'web1');
  t.equal(message?.payload, line);
  t.equal(message?.timestampNs, BigInt(Date.UTC(2000, 9, 10, 20, 55, 36)) * 1_000_000n);
  t.same(
    message?.fields().map(({ name, values, representation }) => [name, values[0], representation]),
    [
      ['Url', '/a?b=c', 'uri'],
      ['Status', '200', ''],
      ['RequestSize', '2326', 'B'],
      ['Nowhere', '<NoGroup> at 127.0.0.1', ''],
    ],
  );
});

t.test('a payload that does not match is an error that shows a bounded part of it', async (t) => {
  const values = { match_regex: '(\\d+)' };
  t.throws(() => decode(values, 'invalid payload'), {
    code: 'HKT_DECODE_NO_MATCH',
    message: 'No match: invalid payload',
  });
  try {
    decode(values, 'x'.repeat(60_000));
    t.fail('must not match');
  } catch (thrown) {
    t.ok(thrown instanceof Error && thrown.message.length < 300);
  }
});

t.test('with log_errors off a payload that does not match is dropped in silence', async (t) => {
  const { packs, context } = decode({ match_regex: '(\\d+)', log_errors: false }, 'none');
  t.same(packs, []);
  t.same(context.errors, []);
});

t.test('unnamed groups are called by their number and missing ones are empty', async (t) => {
  const values = {
    match_regex: '(a)(?P<b>b)?(c)',
    message_fields: { Type: '[%1%|%b%|%3%]' },
  };
  t.equal(decode(values, 'ac').packs[0]?.message.type, '[a||c]');
});

t.test('severity is a number or a word of the map', async (t) => {
  const values = { match_regex: '(?P<Severity>\\S+)', severity_map: { WARNING: 4 } };
  t.equal(decode(values, 'WARNING').packs[0]?.message.severity, 4);
  t.equal(decode(values, '3').packs[0]?.message.severity, 3);
  const unknown = decode(values, 'LOUD', { severity: 5 });
  t.equal(unknown.packs[0]?.message.severity, 5);
  t.same(unknown.context.errors, ["Don't recognize severity: 'LOUD'"]);
});

t.test('a timestamp that is not understood leaves the message its own', async (t) => {
  const values = { match_regex: '(?P<Timestamp>.+)', timestamp_layout: '2006' };
  const { packs, context } = decode(values, 'yesterday', { timestampNs: 77n });
  t.equal(packs[0]?.message.timestampNs, 77n);
  t.same(context.errors, ["Don't recognize Timestamp: 'yesterday'"]);
});

t.test('headers that are numbers or UUIDs refuse other text', async (t) => {
  const values = (key: string): Record<string, ConfigValue> => ({
    match_regex: '(?P<x>.+)',
    message_fields: { [key]: '%x%' },
  });
  t.equal(decode(values('Pid'), '12.5').packs[0]?.message.pid, 12);
  t.throws(() => decode(values('Pid'), 'x'), { code: 'HKT_DECODE_FIELD' });
  t.throws(() => decode(values('Severity'), '99999999999'), { code: 'HKT_DECODE_FIELD' });
  t.throws(() => decode(values('Uuid'), 'x'), { code: 'HKT_DECODE_FIELD' });
  const uuid = '01234567-89ab-cdef-0123-456789abcdef';
  t.equal(decode(values('Uuid'), uuid).packs[0]?.message.uuid, uuid);
  // A representation makes a field of the header's name.
  const field = decode(values('Payload|json'), '{}').packs[0]?.message;
  t.equal(field?.field('Payload'), '{}');
});

t.test('wrong settings are found before a message comes', async (t) => {
  const check = (values: Record<string, ConfigValue>): void => {
    sectionOf(payloadRegexDecoder.spec, { match_regex: '(a)', ...values });
  };
  t.throws(() => check({ match_regex: '\\d+' }), /must contain capture groups/);
  t.throws(() => check({ match_regex: '\\mtest' }), /invalid escape sequence/);
  t.throws(() => check({ match_regex: '(a)\\1' }), /escape sequence/);
  t.throws(() => check({ timestamp_location: 'Nowhere/At_All' }), /unknown timestamp_location/);
  t.throws(() => check({ timestamp_layout: 'EpochDays' }), /Unrecognized/);
  t.throws(() => check({ severity_map: { A: 'x' } }), /'A' must be an integer/);
  t.throws(() => check({ message_fields: { A: 1 } }), /'A' must be a text/);
});

t.test('a pattern with nested repetition takes linear time on hostile input', async (t) => {
  const started = process.hrtime.bigint();
  t.throws(() => decode({ match_regex: '^(a+)+$' }, `${'a'.repeat(20_000)}b`));
  t.ok(process.hrtime.bigint() - started < 5_000_000_000n);
});

t.test('a result above the largest message is an error', async (t) => {
  const values = {
    match_regex: '(?P<x>.+)',
    message_fields: { A: '%x%', B: '%x%' },
  };
  t.throws(() => decode(values, 'x'.repeat(40_000)), { code: 'HKT_MESSAGE_TOO_BIG' });
});
