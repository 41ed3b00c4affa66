import t from 'tap';
import { sectionOf } from '../../../lib/config/section.ts';
import { goFloat } from '../../../lib/encoders/exact-fields.ts';
import { rstEncoder } from '../../../lib/encoders/rst-encoder.ts';
import { Message, type MessageInit } from '../../../lib/protocol/message.ts';
import { packOf, testContext } from '../../plugin-context.ts';

function rst(message: Message): string {
  const encoder = rstEncoder.create(sectionOf(rstEncoder.spec), testContext('x'));
  return Buffer.from(encoder.encode(message) ?? []).toString('utf8');
}

const of = (init: MessageInit): string => rst(packOf(init).message);

t.test('RstEncoder writes every header, and defaults for those that are not set', async (t) => {
  t.equal(
    of({}),
    '\n:Timestamp: 1970-01-01 00:00:00 +0000 UTC\n:Type: \n:Hostname: \n:Pid: 0\n' +
      ':Uuid: 00000000-0000-0000-0000-000000000000\n:Logger: \n:Payload: \n:EnvVersion: \n' +
      ':Severity: 7\n\n',
  );
  const text = of({
    timestampNs: 1_414_448_234_638_504_390n,
    type: 'nginx',
    hostname: 'web1',
    pid: -5,
    logger: 'access',
    payload: 'two\nlines',
    envVersion: '0.8',
    severity: 3,
  });
  t.match(text, ':Timestamp: 2014-10-27 22:17:14.63850439 +0000 UTC\n:Type: nginx\n');
  t.match(text, ':Pid: -5\n');
  t.match(text, ':Payload: two\nlines\n:EnvVersion: 0.8\n:Severity: 3\n\n');
});

t.test(
  'RstEncoder writes fields of every type, one value bare and several in brackets',
  async (t) => {
    const text = of({
      fields: [
        { name: 'status', value: 200, integer: true, representation: 'count' },
        { name: 'words', value: ['a', 'b"c'] },
        { name: 'ok', value: [true, false] },
        { name: 'time', value: [0.5, 1e6, 2.5e-7] },
        { name: 'body', value: [new Uint8Array([104, 105]), new Uint8Array()] },
      ],
    });
    t.match(
      text,
      ':Fields:\n' +
        '    | name:"status" type:integer value:200 representation:"count"\n' +
        '    | name:"words" type:string value:["a","b"c"]\n' +
        '    | name:"ok" type:bool value:[true,false]\n' +
        '    | name:"time" type:double value:[0.5,1e+06,2.5e-07]\n' +
        '    | name:"body" type:bytes value:[aGk=,]\n\n',
    );
  },
);

t.test('integers keep all of their 64 bits', async (t) => {
  // Field "n", type INTEGER, values 2^63-1 and -1: numbers that JavaScript's own cannot hold.
  const big = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
  const field = [0x0a, 1, 110, 0x10, 2, 0x30, ...big, 0x30, ...big.slice(0, 8), 0xff, 1];
  const header = packOf({}).message.bytes;
  const bytes = Uint8Array.from([...header, 0x52, field.length, ...field]);
  t.match(rst(Message.decode(bytes)), 'type:integer value:[9223372036854775807,-1]');
});

t.test('numbers are written as Go writes them', async (t) => {
  const cases: readonly (readonly [number, string])[] = [
    [0, '0'],
    [-0, '-0'],
    [3.25, '3.25'],
    [123_456_789_012_345.67, '1.2345678901234567e+14'],
    [100_000, '100000'],
    [999_999.5, '999999.5'],
    [1_000_000, '1e+06'],
    [123_456_789, '1.23456789e+08'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [-1.5e300, '-1.5e+300'],
    [5e-324, '5e-324'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
  ];
  for (const [value, text] of cases) t.equal(goFloat(value), text);
});
