import t from 'tap';
import { Message } from '../../../../lib/protocol/message.ts';
import { ProtobufWriter } from '../../../../lib/protocol/protobuf-writer.ts';
import { latin1Text } from '../../../../lib/protocol/text.ts';
import type { GuestValue } from '../../../../workers/isolate/engine.ts';
import { FakeError, type FakeGuest, FakeTable, fakeEngines, fakeFunction } from '../fake-engine.ts';
import { type TestEvent, TestSandbox, type TestSandboxOptions } from '../test-sandbox.ts';

const UUID = '6f1dea5a-473f-78a9-af3a-e89902e78410';
const plain = Message.create({ type: 'T', uuid: UUID, timestampNs: 1e9 });

/** Runs `body` as process_message over one message and returns its value and what came out. */
function during<T>(
  body: (guest: FakeGuest) => T,
  options: Partial<TestSandboxOptions> & { event?: TestEvent } = {},
) {
  let value: T | undefined;
  const { event, ...more } = options;
  const s = new TestSandbox({
    engines: fakeEngines({
      main: (g) => {
        g.define('process_message', () => {
          value = body(g);
          return [0];
        });
        g.define('timer_event', () => {
          value = body(g);
          return [];
        });
      },
    }),
    script: 'main',
    ...more,
  });
  const out = s.send(event ?? { message: plain });
  return { value, ...out, termination: out.detail.termination, logs: out.detail.logs };
}

/** The error text that calling a host function raises. */
function errorOf(g: FakeGuest, name: string, ...args: GuestValue[]): string | undefined {
  try {
    g.call(name, ...args);
    return 'no error';
  } catch (error) {
    if (error instanceof FakeError) return error.text;
    throw error;
  }
}

const full = Message.create({
  uuid: UUID,
  timestampNs: 1428773426113040228n,
  type: 'Type',
  logger: 'Logger',
  severity: 3,
  payload: 'Payload',
  envVersion: 'Env',
  pid: -5,
  hostname: 'Host',
  fields: [
    { name: 'n', value: 42, representation: 'count', integer: true },
    { name: 'n', value: [1.5, 2.5] },
    { name: 'b', value: [true, false] },
    { name: 'raw', value: Uint8Array.of(0, 255) },
    { name: 'empty', value: new Uint8Array(0) },
    { name: 's', value: ['x', 'y'] },
    { name: '', value: 'nameless' },
    { name: 'a]b', value: 'bracket' },
  ],
});

t.test('read_message gives every part in Heka’s form', async (t) => {
  const names: [string, GuestValue[]][] = [
    ['Uuid', [UUID]],
    ['Timestamp', [Number(1428773426113040228n)]],
    ['Type', ['Type']],
    ['Logger', ['Logger']],
    ['Severity', [3]],
    ['Payload', ['Payload']],
    ['EnvVersion', ['Env']],
    ['Pid', [-5]],
    ['Hostname', ['Host']],
  ];
  during(
    (g) => {
      for (const [name, [expected]] of names) t.equal(g.call('read_message', name), expected, name);
      t.equal(g.call('read_message', 'raw'), latin1Text(full.bytes, 0, full.bytes.length));
      t.equal(g.call('read_message', 'Fields[n]'), 42);
      t.equal(g.call('read_message', 'Fields[n]', 1), 1.5);
      t.equal(g.call('read_message', 'Fields[n]', 1, '1'), 2.5);
      t.equal(g.call('read_message', 'Fields[n]', 1, 2), undefined);
      t.equal(g.call('read_message', 'Fields[n]', 2), undefined);
      t.equal(g.call('read_message', 'Fields[b]', undefined, 1), false);
      t.equal(g.call('read_message', 'Fields[raw]'), '\0\xff');
      t.equal(g.call('read_message', 'Fields[empty]'), undefined);
      t.equal(g.call('read_message', 'Fields[s]', 0, 1), 'y');
      t.equal(g.call('read_message', 'Fields[]'), 'nameless');
      t.equal(g.call('read_message', 'Fields[a]b]'), 'bracket');
      t.equal(g.call('read_message', 'Fields[none]'), undefined);
      t.equal(g.call('read_message', 'Fields'), undefined);
      t.equal(g.call('read_message', 'payload'), undefined);
    },
    { event: { message: full } },
  );
});

t.test('unset headers are empty strings, and nil for numbers', async (t) => {
  const w = new ProtobufWriter(64);
  w.tag(10, 2);
  w.byteString('\n\x01f');
  const bare = Message.decode(w.take());
  during(
    (g) => {
      for (const name of ['Uuid', 'Type', 'Logger', 'Payload', 'EnvVersion', 'Hostname']) {
        t.equal(g.call('read_message', name), '', name);
      }
      for (const name of ['Timestamp', 'Severity', 'Pid', 'Fields[f]']) {
        t.equal(g.call('read_message', name), undefined, name);
      }
    },
    { event: { message: bare } },
  );
});

t.test('in timer_event there is no message', async (t) => {
  during(
    (g) => {
      t.equal(g.call('read_message', 'Type'), undefined);
      t.equal(g.call('read_message', 'raw'), undefined);
      t.equal(g.callAll('read_next_field').length, 5);
      t.match(errorOf(g, 'read_message'), /incorrect number of arguments/);
    },
    { event: { timer: 1 } },
  );
});

t.test('read_message and its friends check their arguments with upstream’s texts', async (t) => {
  during((g) => {
    const count = 'read_message() incorrect number of arguments';
    t.equal(errorOf(g, 'read_message'), count);
    t.equal(errorOf(g, 'read_message', 'Type', 1, 1, 1), count);
    t.equal(
      errorOf(g, 'read_message', undefined),
      "bad argument #1 to 'read_message' (string expected, got nil)",
    );
    t.equal(
      errorOf(g, 'read_message', 'Type', -1, 0),
      "bad argument #2 to 'read_message' (field index must be >= 0)",
    );
    t.equal(
      errorOf(g, 'read_message', 'Type', 0, -1),
      "bad argument #3 to 'read_message' (array index must be >= 0)",
    );
    t.equal(
      errorOf(g, 'read_message', 'Type', 'x'),
      "bad argument #2 to 'read_message' (number expected, got string)",
    );
    t.equal(errorOf(g, 'read_next_field', 1), 'read_next_field() takes no arguments');
    t.equal(errorOf(g, 'read_config'), 'read_config() must have a single argument');
    t.equal(
      errorOf(g, 'add_to_payload'),
      "bad argument #0 to 'add_to_payload' (must have at least one argument)",
    );
    t.equal(
      errorOf(g, 'add_to_payload', 'a', g.table()),
      "bad argument #2 to 'add_to_payload' (unsupported type)",
    );
    t.equal(
      errorOf(g, 'decode_message'),
      "bad argument #0 to 'decode_message' (must have one string argument)",
    );
    t.equal(
      errorOf(g, 'write_message', 'Type', 'x'),
      "attempt to call 'write_message' (a nil value)",
    );
  });
});

t.test('read_next_field walks through the fields and starts anew with every message', async (t) => {
  const rows = during(
    (g) => {
      const all: (readonly GuestValue[])[] = [];
      for (
        let row = g.callAll('read_next_field');
        row[1] !== undefined;
        row = g.callAll('read_next_field')
      ) {
        all.push(row);
      }
      return all;
    },
    { event: { message: full } },
  ).value;
  t.same(rows, [
    [2, 'n', 42, 'count', 1],
    [3, 'n', 1.5, '', 2],
    [4, 'b', true, '', 2],
    [1, 'raw', '\0\xff', '', 1],
    [1, 'empty', undefined, '', 1],
    [0, 's', 'x', '', 2],
    [0, '', 'nameless', '', 1],
    [0, 'a]b', 'bracket', '', 1],
  ]);
});

t.test('a damaged field record reads as absent', async (t) => {
  let seen: unknown;
  const s = new TestSandbox({
    engines: fakeEngines({
      main: (g) =>
        g.define('process_message', () => {
          seen = [g.call('read_message', 'Fields[f]'), g.callAll('read_next_field')];
          return [0];
        }),
    }),
    script: 'main',
  });
  const w = new ProtobufWriter(64);
  w.tag(10, 2);
  w.byteString('\n\x01f"\x01x');
  s.feed([{ message: Message.decode(w.take()) }]);
  s.mailbox.inbound[6] = 0x7f; // the value's length
  t.equal(s.enter(), 0);
  t.same(seen, [undefined, [undefined, undefined, undefined, undefined, undefined]]);
});

t.test('a damaged message reads as nothing, the next one as it is', async (t) => {
  const seen: GuestValue[] = [];
  const s = new TestSandbox({
    engines: fakeEngines({
      main: (g) =>
        g.define('process_message', () => {
          seen.push(g.call('read_message', 'Type'));
          return [0];
        }),
    }),
    script: 'main',
  });
  s.feed([{ message: plain }, { message: plain }]);
  s.mailbox.inbound[1] = 0x7f; // the uuid's length
  t.equal(s.enter(), 0);
  t.same(seen, [undefined, plain.type]);
});

t.test(
  'read_config gives strings, numbers and booleans only, and no inherited names',
  async (t) => {
    during(
      (g) => {
        t.equal(g.call('read_config', 's'), 'text');
        t.equal(g.call('read_config', 'n'), 5);
        t.equal(g.call('read_config', 'b'), false);
        t.equal(g.call('read_config', 'list'), undefined);
        t.equal(g.call('read_config', 'constructor'), undefined);
        t.equal(g.call('read_config', 7), 'seven');
      },
      { spec: { config: { s: 'text', n: 5, b: false, list: [1], '7': 'seven' } } },
    );
  },
);

t.test('decode_message gives a table, fields in wire order', async (t) => {
  const { value } = during((g) =>
    flatten(g.call('decode_message', latin1Text(full.bytes, 0, full.bytes.length))),
  );
  t.match(value, {
    Uuid: '\x6f\x1d\xea\x5a\x47\x3f\x78\xa9\xaf\x3a\xe8\x99\x02\xe7\x84\x10',
    Timestamp: Number(1428773426113040228n),
    Type: 'Type',
    Pid: 4294967291, // hekad writes a negative pid as the 32-bit value
    Fields: {
      1: { name: 'n', value_type: 2, representation: 'count', value: { 1: 42 } },
      2: { name: 'n', value_type: 3, value: { 1: 1.5, 2: 2.5 } },
      3: { name: 'b', value: { 1: true, 2: false } },
      6: { name: 's', value_type: 0, value: { 1: 'x', 2: 'y' } },
    },
  });
});

t.test('decode_message is strict', async (t) => {
  const head = `\n\x10${'u'.repeat(16)}`;
  during((g) => {
    const text = (bytes: string) => errorOf(g, 'decode_message', bytes);
    t.equal(text('short'), 'invalid message, too short');
    t.equal(text(`${head}\x1a\x01T`), 'missing required field uuid: found timestamp: not found');
    t.equal(
      text(`\x10\x01\x1a\x10${'T'.repeat(16)}`),
      'missing required field uuid: not found timestamp: found',
    );
    t.equal(text(`${head}\x10\x01\x5a\x01x`), 'error in tag: 11 wiretype: 2 offset: 20');
    t.equal(text(`${head}\x10\x01\x1a\x7fx`), 'error in tag: 3 wiretype: 2 offset: 20');
    t.equal(text(`${head}\x10\x01\x52\x02\x10\x01`), 'error in tag: 10 wiretype: 2 offset: 20');
    t.equal(text(`${head}\x10${'\xff'.repeat(12)}`), 'error in tag: 2 wiretype: 0 offset: 18');
    t.equal(text(`${head}\x10\x01\x52\x05\n\x01f:\x00`), 'no error');
    t.equal(
      text(`${head}\x10\x01\x52\x06\n\x01f:\x01x`),
      'error in tag: 10 wiretype: 2 offset: 20',
    );
  });
});

t.test('a table becomes a message with our Type prefix, Logger and Hostname', async (t) => {
  const { injected } = during(
    (g) => {
      const message = g.table({ Timestamp: 1e9, Type: 'TEST', Logger: 'GoSpec', Payload: 'p' });
      for (const [key, value] of Object.entries({
        EnvVersion: '0.8',
        Pid: 1234,
        Hostname: 'h',
        Severity: 6,
      })) {
        message.set(key, value);
      }
      message.set('Fields', g.table({ foo: 'bar' }));
      g.call('inject_message', message);
      t.equal(message.get('Logger'), 'GoSpec', 'the script’s table stays as it was');
    },
    { event: { message: plain, loop: 2 } },
  );
  t.equal(injected.length, 1);
  t.equal(injected[0]?.loop, 3);
  const m = injected[0]?.message;
  t.match(m, {
    timestampNs: 1_000_000_000n,
    type: 'heka.sandbox.TEST',
    logger: 'counter',
    payload: 'p',
    envVersion: '0.8',
    pid: 1234,
    hostname: 'host.example',
    severity: 6,
  });
  t.match(m?.uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
  t.equal(m?.field('foo'), 'bar');
});

t.test('absent headers are not encoded, but for the ones that are ours', async (t) => {
  const { injected } = during((g) => g.call('inject_message', g.table({ Uuid: 'u'.repeat(16) })));
  const w = new ProtobufWriter(256);
  w.tag(1, 2);
  w.byteString('u'.repeat(16));
  w.tag(2, 0);
  w.varint(1_700_000_000e9);
  w.tag(3, 2);
  w.byteString('heka.sandbox.');
  w.tag(4, 2);
  w.byteString('counter');
  w.tag(9, 2);
  w.byteString('host.example');
  t.same(injected[0]?.message.bytes, w.take());
});

/** Bytes of the fields of an injected table, in hex. */
function fieldBytes(fields: (g: FakeGuest) => FakeTable): string {
  const { injected, termination } = during((g) => {
    const message = g.table({ Timestamp: 0 });
    message.set('Fields', fields(g));
    g.call('inject_message', message);
  });
  if (termination !== undefined) return termination.text;
  const bytes = injected[0]?.message.bytes ?? new Uint8Array(0);
  const hex = Buffer.from(bytes).toString('hex');
  const host = `4a0c${Buffer.from('host.example').toString('hex')}`;
  return hex.slice(hex.indexOf(host) + host.length);
}

const DOUBLES = '000000000000f03f0000000000000040';

t.test('fields are written in the sandboxes’ own wire style', async (t) => {
  const one = (g: FakeGuest, value: GuestValue) => g.table({ f: value });
  const object = (
    g: FakeGuest,
    value: GuestValue,
    type?: GuestValue,
    representation?: GuestValue,
  ) => {
    const table = g.table({ value });
    table.set('value_type', type);
    table.set('representation', representation);
    return g.table({ f: table });
  };
  t.equal(
    fieldBytes((g) => one(g, 'x')),
    '5206' + '0a0166' + '220178',
  );
  t.equal(
    fieldBytes((g) => one(g, 1)),
    '520e' + '0a0166' + '1003' + '39000000000000f03f',
  );
  t.equal(
    fieldBytes((g) => one(g, true)),
    '5207' + '0a0166' + '1004' + '4001',
  );
  t.equal(
    fieldBytes((g) => one(g, g.table(['x', 'y']))),
    '5209' + '0a0166' + '220178' + '220179',
  );
  t.equal(
    fieldBytes((g) => one(g, g.table([1, 2]))),
    `5217${'0a0166'}${'1003'}3a10${DOUBLES}`,
  );
  t.equal(
    fieldBytes((g) => one(g, g.table([true, false]))),
    '5209' + '0a0166' + '1004' + '42020100',
  );
  t.equal(
    fieldBytes((g) => one(g, g.table([1]))),
    '520e' + '0a0166' + '1003' + '39000000000000f03f',
  );
  t.equal(
    fieldBytes((g) => object(g, 300, 2)),
    '5208' + '0a0166' + '1002' + '30ac02',
  );
  t.equal(
    fieldBytes((g) => object(g, -1.5, 2)),
    '5210' + '0a0166' + '1002' + '30ffffffffffffffffff01',
  );
  t.equal(
    fieldBytes((g) => object(g, g.table([1, 300]), '2')),
    '520a' + '0a0166' + '1002' + '320301ac02',
  );
  t.equal(
    fieldBytes((g) => object(g, 'x', 1, 'B')),
    '520b' + '0a0166' + '1001' + '1a0142' + '2a0178',
  );
  t.equal(
    fieldBytes((g) => object(g, 5.5, undefined, 'ms\0x')),
    '5212' + '0a0166' + '1003' + '1a026d73' + '390000000000001640',
  );
  t.equal(
    fieldBytes((g) =>
      g.table([
        g.table({ name: 'a', value: 1, value_type: 2 }),
        g.table({ name: 'a', value: 'z' }),
      ]),
    ),
    '52070a0161100230015206' + '0a016122017a',
  );
  t.equal(
    fieldBytes((g) => object(g, g.table({ value: g.table({ value: 5, value_type: 2 }) }))),
    '5207' + '0a0166' + '1002' + '3005',
  );
  t.equal(
    fieldBytes((g) => g.table(['a'])),
    '5206' + '0a0131' + '220161',
    'a numeric name is its text',
  );
});

t.test('a circular buffer as a field is bytes', async (t) => {
  const hex = fieldBytes((g) => g.table({ cb: g.library('circular_buffer', 'new', 2, 1, 1) }));
  const text = Buffer.from(hex, 'hex').toString('latin1');
  t.ok(text.includes('\n\x02cb\x10\x01*'), 'name, value type and bytes');
  t.match(text, /\{"time":0,"rows":2.*\}\nnan\nnan\n$/s);
});

t.test('what cannot be encoded says why', async (t) => {
  during((g) => {
    const why = (fields: GuestValue) => {
      const message = g.table();
      message.set('Fields', fields);
      return errorOf(g, 'inject_message', message)?.replace(
        'inject_message() could not encode protobuf - ',
        '',
      );
    };
    const typed = (value: GuestValue, type: number) =>
      why(g.table({ f: g.table({ value, value_type: type }) }));
    t.equal(why(g.table({ f: g.table([2, 'ten', 4]) })), 'array has mixed types');
    t.equal(why(g.table({ f: g.table() })), 'unsupported type: nil');
    t.equal(why(g.table({ f: fakeFunction() })), 'unsupported type: function');
    t.equal(why(g.table({ f: g.table([g.table()]) })), 'unsupported array type: table');
    t.equal(why(g.table([g.table({ value: 1 })])), 'field name must be a string');
    t.equal(why(g.table([g.table({ name: 'x', value: 1 }), 5])), 'attempt to index a number value');
    t.equal(typed('x', 2), 'invalid string value_type: 2');
    t.equal(typed(1, 0), 'invalid numeric value_type: 0');
    t.equal(typed(1, 4), 'invalid numeric value_type: 4');
    t.equal(typed(true, 3), 'invalid boolean value_type: 3');
    const plainObject: GuestValue = { kind: 'object', type: 'x', methods: {}, externalBytes: 0 };
    t.equal(why(g.table({ f: plainObject })), 'user data object does not implement lsb_output');
    const loop = g.table();
    loop.set('value', loop);
    t.equal(why(g.table({ f: loop })), 'value is nested too deeply');
    const keyed = new FakeTable();
    keyed.set(true, 1);
    t.equal(why(keyed), 'field name must be a string');
  });
});

t.test('an encoded message is restamped and otherwise passed byte for byte', async (t) => {
  const { injected } = during((g) =>
    g.call('inject_message', latin1Text(full.bytes, 0, full.bytes.length)),
  );
  const m = injected[0]?.message;
  t.match(m, {
    uuid: UUID,
    timestampNs: 1428773426113040228n,
    type: 'heka.sandbox.Type',
    logger: 'counter',
    hostname: 'host.example',
    pid: -5,
  });
  t.same(m?.fields(), full.fields());
});

t.test('strings that are no message: an error, or the payload type of Heka 0.5', async (t) => {
  during((g) => {
    t.equal(errorOf(g, 'inject_message', 'boom'), 'inject_message() protobuf unmarshal failed');
  });
  const old = during(
    (g) => {
      g.call('output', 'a,b', 1);
      g.call('inject_message', 'csv', 'stats');
      g.call('add_to_payload', 'x');
      g.call('inject_message', 'html');
      g.call('output', 'plain');
      g.call('inject_message');
      g.call('inject_message', 'nothing waits');
      g.call('inject_message');
    },
    { limits: { processInject: 9 } },
  );
  t.equal(old.termination, undefined);
  t.same(
    old.injected.map(({ message: m }) => [
      m.payload,
      m.field('payload_type'),
      m.field('payload_name'),
    ]),
    [
      ['a,b1', 'csv', 'stats'],
      ['x', 'html', ''],
      ['plain', 'txt', ''],
    ],
  );
});

t.test('the 0.5 form injects a circular buffer with its format as payload type', async (t) => {
  const { injected } = during(
    (g) => {
      const cb = g.library('circular_buffer', 'new', 2, 1, 60, true);
      g.call('output', 'lost');
      g.call('inject_message', cb, 'graph');
      g.method(cb, 'format', 'cbufd');
      g.call('inject_message', cb, 'no change, nothing injected');
      g.method(cb, 'add', 0, 1, 3);
      g.call('inject_message', cb);
    },
    { limits: { processInject: 5 } },
  );
  t.same(
    injected.map(({ message: m }) => [
      m.field('payload_type'),
      m.field('payload_name'),
      m.payload.split('\n').slice(1),
    ]),
    [
      ['cbuf', 'graph', ['nan', 'nan', '']],
      ['cbufd', '', ['0\t3', '']],
    ],
  );
});

t.test('inject_message refuses everything else', async (t) => {
  during((g) => {
    const usage = 'inject_message() takes a single string or table argument';
    t.equal(errorOf(g, 'inject_message', undefined), usage);
    t.equal(errorOf(g, 'inject_message', undefined, 'name'), usage);
    t.equal(errorOf(g, 'inject_message', 5), usage);
    t.equal(errorOf(g, 'inject_message', g.table(), 'a', 'b'), usage);
    t.equal(errorOf(g, 'inject_message', fakeFunction()), usage);
    t.equal(
      errorOf(g, 'inject_payload', undefined),
      "bad argument #1 to 'inject_payload' (string expected, got nil)",
    );
    t.equal(
      errorOf(g, 'inject_payload', 'txt', undefined),
      "bad argument #2 to 'inject_payload' (string expected, got nil)",
    );
    t.equal(
      errorOf(g, 'inject_payload', 'txt', '', g.table()),
      "bad argument #3 to 'inject_payload' (unsupported type)",
    );
  });
});

t.test('inject_payload makes a heka.sandbox-output message as hekad encodes it', async (t) => {
  const { injected } = during((g) => {
    g.call('add_to_payload', 'start ');
    g.call('inject_payload', '', 'name', 1.2, ' string ', undefined, ' ', true, ' ', false);
  });
  const m = injected[0]?.message;
  t.match(m, {
    type: 'heka.sandbox-output',
    logger: 'counter',
    hostname: 'host.example',
    pid: 4711,
    severity: undefined,
    timestampNs: 1_700_000_000_500_000_000n,
    payload: 'start 1.2 string nil true false',
  });
  t.same(m?.fields(), [
    { name: 'payload_type', type: 0, representation: 'file-extension', values: ['txt'] },
    { name: 'payload_name', type: 0, representation: '', values: ['name'] },
  ]);
  const hex = Buffer.from(m?.bytes ?? []).toString('hex');
  t.ok(hex.endsWith(`0a0c${Buffer.from('payload_name').toString('hex')}10001a0022046e616d65`));
});

t.test('an empty payload injects nothing and costs no injection', async (t) => {
  const { injected, termination } = during((g) => {
    g.call('inject_payload');
    g.call('inject_payload', 'txt', '', '');
    g.call('inject_payload', 'txt', '', 'x');
  });
  t.equal(termination, undefined);
  t.equal(injected.length, 1);
});

t.test('too many injections are an ordinary error', async (t) => {
  const { injected, termination } = during((g) => {
    g.call('inject_payload', 'txt', '', 'one');
    t.equal(
      errorOf(g, 'inject_payload', 'txt', '', 'two'),
      'inject_payload() exceeded InjectMessage count',
    );
    g.call('inject_message', g.table());
  });
  t.equal(injected.length, 1);
  t.match(termination, {
    code: 'HKT_SANDBOX_INJECT_COUNT',
    text: 'process_message() inject_message() exceeded InjectMessage count',
    limit: 1,
  });
});

t.test('timer_event has its own count and the loop count of the last message', async (t) => {
  let left = 0;
  const s = new TestSandbox({
    engines: fakeEngines({
      main: (g) => {
        g.define('process_message', () => [0]);
        g.define('timer_event', () => {
          for (let i = 0; i < 10; i++) g.call('inject_payload', 'txt', '', 'x');
          left = errorOf(g, 'inject_payload', 'txt', '', 'x') === 'no error' ? 1 : 0;
          return [];
        });
      },
    }),
    script: 'main',
  });
  const { injected } = s.send({ timer: 1 }, { message: plain, loop: 3 }, { timer: 2 });
  t.same(
    injected.map((i) => i.loop),
    [...Array(10).fill(1), ...Array(10).fill(4)],
  );
  t.equal(left, 0);
});

t.test('messages that went round too often are not injected', async (t) => {
  const { injected, termination } = during((g) => g.call('inject_payload', 'txt', '', 'x'), {
    event: { message: plain, loop: 4 },
  });
  t.equal(injected.length, 0);
  t.match(termination, {
    code: 'HKT_SANDBOX_LOOPS',
    text: 'process_message() inject_payload() exceeded MaxMsgLoops',
  });
});

t.test('a filter cannot inject what its own matcher matches', async (t) => {
  const { injected, logs, value } = during((g) => errorOf(g, 'inject_payload', 'txt', '', 'x'), {
    spec: { matcher: "Type == 'T' || Type == 'heka.sandbox-output'" },
  });
  t.equal(
    value,
    "inject_payload() creates a circular reference (matches this plugin's message_matcher)",
  );
  t.equal(injected.length, 0);
  t.same(logs, [{ level: 3, text: 'attempted to Inject a message to itself' }]);
});

t.test('output_limit keeps one byte, and the write that does not fit adds nothing', async (t) => {
  const { injected } = during(
    (g) => {
      g.call('add_to_payload', 'x'.repeat(15));
      t.equal(errorOf(g, 'add_to_payload', 'y'), 'output_limit exceeded');
      g.call('inject_payload');
    },
    { limits: { outputBytes: 16 } },
  );
  t.equal(injected[0]?.message.payload, 'x'.repeat(15));
});

t.test('output_limit bounds tables, circular buffers and JSON', async (t) => {
  const { termination } = during(
    (g) => {
      const big = g.table({ Payload: 'x'.repeat(200) });
      t.equal(errorOf(g, 'inject_message', big), 'inject_message() output_limit exceeded');
      const cb = g.library('circular_buffer', 'new', 1000, 1, 60);
      t.equal(errorOf(g, 'inject_payload', 'cbuf', '', cb), 'output_limit exceeded');
      t.equal(errorOf(g, 'output', big), 'output_limit exceeded');
      g.call('inject_message', g.table({ Payload: 'x'.repeat(94) }));
      g.call('add_to_payload', 'x'.repeat(128));
    },
    { limits: { outputBytes: 128 } },
  );
  t.match(termination, {
    code: 'HKT_SANDBOX_OUTPUT',
    text: 'process_message() output_limit exceeded',
    limit: 128,
  });
});

t.test('no message beyond max_message_size is injected', async (t) => {
  during(
    (g) => {
      const text = 'exceeded max_message_size';
      t.equal(errorOf(g, 'inject_payload', 'txt', '', 'x'.repeat(990)), `inject_payload() ${text}`);
      t.equal(errorOf(g, 'inject_payload', 'y'.repeat(2000), '', 'x'), `inject_payload() ${text}`);
      t.equal(
        errorOf(g, 'inject_message', g.table({ Payload: 'x'.repeat(990) })),
        `inject_message() ${text}`,
      );
      const raw = `\n\x10${'u'.repeat(16)}\x10\x012\xe3\x07${'x'.repeat(995)}`;
      t.equal(errorOf(g, 'inject_message', raw), `inject_message() ${text}`);
    },
    { limits: { messageBytes: 1000, processInject: 9 } },
  );
});

t.test('output writes tables as Heka 0.5 did, add_to_payload does not', async (t) => {
  const { injected } = during((g) => {
    const inner = g.table([1, 'two', true]);
    const table = g.table({ list: inner, _private: 1, text: '"\\/\b\f\n\r\t', empty: g.table() });
    table.set('f', fakeFunction());
    g.call('output', table, 'end');
    t.equal(
      errorOf(g, 'output', g.table({ a: inner, b: inner })),
      'table contains an internal or circular reference',
    );
    g.call('inject_message', 'json');
  });
  t.equal(
    injected[0]?.message.payload,
    '{"list":[1,"two",true],"text":"\\"\\\\\\/\\b\\f\\n\\r\\t","empty":{}}\nend',
  );
});

t.test('print goes to the log in one line and empties the output buffer', async (t) => {
  const { logs, injected } = during((g) => {
    g.call('add_to_payload', 'lost');
    g.call('print');
    g.call('print', 'a\nb\xe9', 5, undefined, 'cut\0here');
    g.call('inject_payload');
  });
  t.same(logs, [{ level: 7, text: 'a b \t5\tnil\tcut' }]);
  t.equal(injected.length, 0);
});

t.test('a flood of log lines is cut and counted', async (t) => {
  const { logs } = during((g) => {
    for (let i = 0; i < 1000; i++) g.call('print', i);
  });
  t.equal(logs.length, 257);
  t.same(logs.at(-1), { level: 4, text: '744 more log lines dropped' });
});

t.test('injecting at the top level is only a log line', async (t) => {
  const s = new TestSandbox({
    engines: fakeEngines({ main: (g) => void g.call('inject_payload', 'txt', '', 'x') }),
    script: 'main',
  });
  t.equal(s.loaded.termination, undefined);
  t.match(s.loaded.logs, [
    { text: 'inject_payload() ignored outside of process_message and timer_event' },
  ]);
  t.same(s.drain(), []);
});

/** Guest tables as plain objects, for comparison. */
function flatten(value: GuestValue): unknown {
  if (!(value instanceof FakeTable)) return value;
  return Object.fromEntries(
    [...value.entries()].map(([k, v]) => [typeof k === 'object' ? k.kind : String(k), flatten(v)]),
  );
}
