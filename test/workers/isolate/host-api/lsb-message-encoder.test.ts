/** Tables and payloads as messages in lua_sandbox 1.x's flavour, byte by byte, on both engines. */
import t from 'tap';
import { Message } from '../../../../lib/protocol/message.ts';
import type { GuestValue, HostObject } from '../../../../workers/isolate/engine.ts';
import { engines, type GuestOptions, LsbGuest, NOW_MS } from './lsb-guest.ts';

const ZERO_UUID = `0a10${'00'.repeat(16)}`;
const ONE = '000000000000f03f';
const TWO = '0000000000000040';
const THREE = '0000000000000840';
const NOW = BigInt(NOW_MS) * 1_000_000n;

/** Text as hex. */
function hex(text: string): string {
  return Buffer.from(text, 'latin1').toString('hex');
}

const FIELDS = {
  number: `52130a06${hex('number')}100339${ONE}`,
  numbers: `522c0a07${hex('numbers')}10031a05${hex('count')}3a18${ONE}${TWO}${THREE}`,
  string: `52100a06${hex('string')}2206${hex('string')}`,
  strings: `52150a07${hex('strings')}2202${hex('s1')}2202${hex('s2')}2202${hex('s3')}`,
  bool: `520a0a04${hex('bool')}10044001`,
  bools: `520e0a05${hex('bools')}10044203010000`,
} as const;

for (const [name, makeEngine] of Object.entries(engines)) {
  const guestWith = (options: GuestOptions = {}): LsbGuest => new LsbGuest(makeEngine, options);

  t.test(`${name}: inject_message, headers of an input`, async (t) => {
    const g = guestWith({ headers: { logger: 'iim', hostname: 'hn' } });
    g.run(`inject_message({Timestamp = 0, Uuid = string.rep("\\0", 16)})
      inject_message({Timestamp = 1, Uuid = "00000000-0000-0000-0000-000000000000"})
      inject_message({Timestamp = 2, Uuid = string.rep("\\0", 16), Type = "type", Logger = "logger",
        Hostname = "hostname", Payload = "payload", EnvVersion = "envversion", Pid = 99, Severity = 5})`);
    const tail = `2203${hex('iim')}40004a02${hex('hn')}`;
    t.equal(g.injected[0], `${ZERO_UUID}1000${tail}`);
    t.equal(g.injected[1], `${ZERO_UUID}1001${tail}`);
    const all =
      `1a04${hex('type')}2206${hex('logger')}28053207${hex('payload')}` +
      `3a0a${hex('envversion')}40634a08${hex('hostname')}`;
    t.equal(g.injected[2], `${ZERO_UUID}1002${all}`);
    t.equal((g.injected[2]?.length ?? 0) / 2, 69);
  });

  t.test(`${name}: inject_message, restricted headers of a filter`, async (t) => {
    const g = guestWith({ headers: { restricted: true, logger: 'aim', hostname: 'foo.com' } });
    g.run(`first = {Pid = 0, Timestamp = 0, Uuid = string.rep("\\0", 16)}
      second = {Pid = 8, Timestamp = 0, Uuid = string.rep("\\0", 16), Logger = "ignore", Hostname = "spoof"}
      inject_message(first) inject_message(second)`);
    for (const message of g.injected) {
      t.equal(message.length / 2, 44);
      t.equal(message.slice(56), `2203${hex('aim')}40004a07${hex('foo.com')}`);
      const decoded = Message.decode(Buffer.from(message, 'hex'));
      t.equal(decoded.timestampNs, NOW);
      t.match(decoded.uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
    }
    t.not(g.injected[0], g.injected[1]);
    t.same(
      g.run(
        'return second.Logger, second.Hostname, second.Pid, second.Timestamp, first.Logger == nil',
      ),
      ['ignore', 'spoof', 8, 0, true],
      'the tables stay as they were',
    );
  });

  t.test(`${name}: inject_message, headers of an output`, async (t) => {
    const g = guestWith({ headers: { logger: 'oim', hostname: 'test' } });
    g.run(`local uuid = "\\1\\2\\3" .. string.rep("\\0", 13)
      inject_message({Timestamp = 1, Uuid = uuid})
      inject_message({Pid = 2, Timestamp = 3, Uuid = uuid, Logger = "ignore", Hostname = "spoof"})`);
    const uuid = `0a10010203${'00'.repeat(13)}`;
    t.equal(g.injected[0], `${uuid}10012203${hex('oim')}40004a04${hex('test')}`);
    t.equal(g.injected[1], `${uuid}10032206${hex('ignore')}40024a05${hex('spoof')}`);
  });

  t.test(`${name}: every header, by the type of its value`, async (t) => {
    const g = guestWith({ headers: { logger: 'lg', hostname: 'h\xc3\xa9', pid: -1 } });
    const after = (table: string): string | undefined => {
      g.injected.length = 0;
      g.run(`inject_message(${table})`);
      return g.injected[0]?.slice(40);
    };
    const minusOne = `${'ff'.repeat(9)}01`;
    const configured = `2202${hex('lg')}40${minusOne}4a0368c3a9`;
    t.equal(after('{Timestamp = 0}'), configured);
    t.equal(after('{Timestamp = "0x10", Type = 5.5}'), `1a03${hex('5.5')}${configured}`);
    t.equal(
      after('{Timestamp = 7.9, Severity = "3.7"}'),
      `2202${hex('lg')}280340${minusOne}4a0368c3a9`,
    );
    t.equal(
      after('{Timestamp = 0, Severity = -1, Pid = "2"}'),
      `2202${hex('lg')}28${minusOne}40024a0368c3a9`,
    );
    t.equal(
      after(
        '{Timestamp = 0, Type = {}, Payload = true, EnvVersion = print, Severity = "x", Fields = 5}',
      ),
      configured,
      'what is of another type is left out',
    );
    t.equal(after('{Timestamp = 0, Logger = {}, Hostname = true, Pid = {}}'), '');
    t.equal(
      after('{Timestamp = 0, Logger = 1, Hostname = 2.5, Pid = 3}'),
      `2201${hex('1')}40034a03${hex('2.5')}`,
    );
    t.equal(after('{Timestamp = 0, Fields = {}}'), configured);
    const bare = guestWith();
    bare.run('inject_message({Timestamp = 0, Uuid = string.rep("\\0", 16)})');
    t.equal(bare.injected[0], `${ZERO_UUID}10004000`, 'without configured names there are none');
  });

  t.test(`${name}: a uuid is 16 bytes or text of the usual form, else a new one`, async (t) => {
    const g = guestWith();
    const uuidOf = (value: string): string | undefined => {
      g.injected.length = 0;
      g.run(`inject_message({Timestamp = 0, Uuid = ${value}})`);
      return g.injected[0]?.slice(4, 36);
    };
    t.equal(uuidOf('"0123456789abcdef"'), hex('0123456789abcdef'));
    t.equal(uuidOf('"01234567-89AB-cdef-0123-456789abcDEF"'), '0123456789abcdef0123456789abcdef');
    const random = /^[0-9a-f]{12}4[0-9a-f]{3}a[0-9a-f]{15}$/;
    const odd = [
      'nil',
      '{}',
      'true',
      '5',
      '"short"',
      '"00000000+0000-0000-0000-000000000000"',
      '"00000000-0000-0000-0000-00000000000g"',
      '"00000000-0000-0000-0000-0000000000000"',
    ];
    const seen = new Set(odd.map(uuidOf));
    t.equal(seen.size, odd.length);
    for (const uuid of seen) t.match(uuid, random);
  });

  t.test(`${name}: encode_message gives the bytes, framed when that is asked for`, async (t) => {
    const g = guestWith({ headers: { logger: 'sl', hostname: 'sh' } });
    g.run('message = {Timestamp = 0, Uuid = string.rep("\\0", 16)}');
    const encoded = (more: string): string => {
      const text = g.value(`encode_message(message${more})`);
      return typeof text === 'string' ? hex(text) : 'no string';
    };
    const plain = `${ZERO_UUID}10002202${hex('sl')}40004a02${hex('sh')}`;
    t.equal(encoded(''), plain);
    t.equal(encoded(', false'), plain);
    t.equal(encoded(', true'), `1e02081e1f${plain}`);
    g.run('message.Logger = "l" message.Hostname = "h"');
    t.equal(encoded(''), `${ZERO_UUID}10002201${hex('l')}40004a01${hex('h')}`);
    g.run(`message.Fields = {
        {name = "number", value = 1}, {name = "numbers", value = {1, 2, 3}, representation = "count"},
        {name = "string", value = "string"}, {name = "strings", value = {"s1", "s2", "s3"}},
        {name = "bool", value = true}, {name = "bools", value = {true, false, false}}}`);
    const { number, numbers, string, strings, bool, bools } = FIELDS;
    const listed = number + numbers + string + strings + bool + bools;
    t.equal(encoded('').slice(hex('l'.repeat(28)).length), listed);
    g.run(`message.Fields = {number = 1, numbers = {value = {1, 2, 3}, representation = "count"},
        string = "string", strings = {"s1", "s2", "s3"}, bool = true, bools = {true, false, false}}`);
    const hashed = encoded('');
    t.equal(hashed.length, 56 + listed.length);
    for (const field of Object.values(FIELDS)) t.ok(hashed.includes(field), field);
    t.equal(g.output.maximum, 28 + listed.length / 2);
    encoded(', true');
    t.equal(g.output.maximum, 28 + listed.length / 2 + 6);
  });

  t.test(`${name}: a field with value_type and representation`, async (t) => {
    const g = guestWith();
    const fieldsOf = (fields: string): string => {
      const text = g.value(
        `encode_message({Timestamp = 0, Pid = {}, Uuid = string.rep("\\0", 16), Fields = ${fields}})`,
      );
      return typeof text === 'string' ? hex(text).slice(40) : 'no string';
    };
    const widget = `1a06${hex('widget')}`;
    const typed = (value: string, type: string): string =>
      fieldsOf(
        `{{name = "key", value = ${value}, value_type = ${type}, representation = "widget"}}`,
      );
    const key = `0a03${hex('key')}`;
    t.equal(typed('"value"', '0'), `5214${key}${widget}2205${hex('value')}`);
    t.equal(typed('"value"', '1'), `5216${key}1001${widget}2a05${hex('value')}`);
    t.equal(typed('34', '2'), `5211${key}1002${widget}3022`);
    t.equal(typed('34', '3'), `5218${key}1003${widget}390000000000004140`);
    t.equal(typed('true', '4'), `5211${key}1004${widget}4001`);
    t.equal(typed('{1, 2, 3}', '2'), `5214${key}1002${widget}3203010203`);
    t.equal(typed('34', '"2"'), `5211${key}1002${widget}3022`, 'a numeric string');
    t.equal(typed('34.9', '2.9'), `5211${key}1002${widget}3022`, 'cut to whole numbers');
    t.equal(typed('{34}', '2'), `5211${key}1002${widget}3022`, 'one element is a scalar');
    t.equal(typed('{"value"}', '1'), `5216${key}1001${widget}2a05${hex('value')}`);
    t.equal(typed('-1', '2'), `521a${key}1002${widget}30${'ff'.repeat(9)}01`);
    t.equal(fieldsOf('{a = 5}'), `520e0a01${hex('a')}1003390000000000001440`);
    t.equal(fieldsOf('{a = "x"}'), `52060a01${hex('a')}2201${hex('x')}`);
    t.equal(fieldsOf('{a = false}'), `52070a01${hex('a')}10044000`);
    t.equal(
      fieldsOf('{a = {value = {value = {value = 5, value_type = 2}, value_type = 3}}}'),
      `52070a01${hex('a')}10023005`,
      'the innermost metadata counts',
    );
    t.equal(
      fieldsOf('{a = {"x", value_type = 1, representation = "r"}}'),
      `52060a01${hex('a')}2201${hex('x')}`,
      'a list has no metadata',
    );
    t.equal(
      fieldsOf('{{name = 5, value = "x", representation = 6.5}}'),
      `520b0a01${hex('5')}1a03${hex('6.5')}2201${hex('x')}`,
    );
    t.equal(
      fieldsOf('{a = {value = "x", representation = "B\\0C", value_type = {}}}'),
      `52090a01${hex('a')}1a01${hex('B')}2201${hex('x')}`,
    );
    t.equal(
      fieldsOf('{{name = "a", value = "x"}, nil, {name = "b", value = "y"}}'),
      `52060a01${hex('a')}2201${hex('x')}`,
    );
    const long = 'x'.repeat(300);
    t.equal(fieldsOf(`{a = "${long}"}`), `52b2020a01${hex('a')}22ac02${hex(long)}`);
  });

  t.test(`${name}: what cannot be encoded says why`, async (t) => {
    const g = guestWith();
    const object: HostObject = { kind: 'object', type: 'x', methods: {}, externalBytes: 0 };
    g.engine.setGlobal('object', object);
    g.run('proxy = newproxy() loop = {} loop.value = loop');
    for (const [fields, text] of [
      ['{counts = {2, "ten", 4}}', 'array has mixed types'],
      ['{counts = {value = {2, true}}}', 'array has mixed types'],
      ['{foo = {value = {"s", true}}}', 'array has mixed types'],
      ['{counts = {}}', 'unsupported type: nil'],
      ['{a = {value_type = 1}}', 'unsupported type: nil'],
      ['{{name = "a"}}', 'unsupported type: nil'],
      ['{a = function() end}', 'unsupported type: function'],
      ['{a = coroutine.create(function() end)}', 'unsupported type: thread'],
      ['{counts = {{1}, {2}}}', 'unsupported array type: table'],
      ['{a = {print}}', 'unsupported array type: function'],
      ['{a = {proxy}}', 'unsupported array type: userdata'],
      ...[2, 3, 4].map(
        (type) =>
          [
            `{a = {value = "s", value_type = ${type}}}`,
            `invalid string value_type: ${type}`,
          ] as const,
      ),
      ...[0, 1, 4].map(
        (type) =>
          [
            `{a = {value = 1, value_type = ${type}}}`,
            `invalid numeric value_type: ${type}`,
          ] as const,
      ),
      ...[0, 1, 2, 3].map(
        (type) =>
          [
            `{a = {value = true, value_type = ${type}}}`,
            `invalid boolean value_type: ${type}`,
          ] as const,
      ),
      ['{a = object}', 'userdata object does not implement lsb_output'],
      ['{a = {value = proxy}}', 'userdata object does not implement lsb_output'],
      ['{[true] = 1}', 'field name must be a string'],
      ['{[{}] = 1}', 'field name must be a string'],
      ['{"a"}', 'field name must be a string'],
      ['{[5] = "a"}', 'field name must be a string'],
      ['{{value = 1}}', 'field name must be a string'],
      ['{{name = {}, value = 1}}', 'field name must be a string'],
      ['{{name = "a", value = 1}, "text"}', 'field name must be a string'],
      ['{a = loop}', 'value is nested too deeply'],
    ] as const) {
      t.equal(
        g.error(`encode_message({Fields = ${fields}})`),
        `encode_message() failed: ${text}`,
        fields,
      );
      t.equal(g.error(`inject_message({Fields = ${fields}})`), `inject_message() failed: ${text}`);
    }
    t.equal(
      g.error('encode_message({Fields = {{name = "a", value = 1}, 5}})'),
      'attempt to index a number value',
    );
    t.same(g.injected, []);
    t.equal(g.output.length, 0);
  });

  t.test(`${name}: wrong arguments have upstream’s texts`, async (t) => {
    const g = guestWith();
    for (const [expression, text] of [
      ['encode_message()', "bad argument #0 to 'encode_message' (incorrect number of arguments)"],
      [
        'encode_message({}, true, 1)',
        "bad argument #3 to 'encode_message' (incorrect number of arguments)",
      ],
      ['encode_message("foo")', "bad argument #1 to 'encode_message' (table expected, got string)"],
      ['encode_message(nil)', "bad argument #1 to 'encode_message' (table expected, got nil)"],
      [
        'encode_message({}, 1)',
        "bad argument #2 to 'encode_message' (boolean expected, got number)",
      ],
      [
        'encode_message({}, nil)',
        "bad argument #2 to 'encode_message' (boolean expected, got nil)",
      ],
      [
        'encode_message("foo", 1)',
        "bad argument #2 to 'encode_message' (boolean expected, got number)",
      ],
    ] as const) {
      t.equal(g.error(expression), text, expression);
    }
  });

  t.test(`${name}: messages are bounded by output_limit and max_message_size`, async (t) => {
    const g = guestWith({ outputBytes: 128 });
    const table = (bytes: number): string => `{Timestamp = 0, Payload = string.rep("x", ${bytes})}`;
    // uuid 18, timestamp 2, payload head 2, pid 2
    t.equal(g.error(`inject_message(${table(127 - 24)})`), 'no error');
    t.equal((g.injected[0]?.length ?? 0) / 2, 127);
    for (const bytes of [128 - 24, 200, 1_000_000]) {
      t.equal(
        g.error(`inject_message(${table(bytes)})`),
        'inject_message() failed: exceeded output_limit',
      );
      t.equal(g.error(`encode_message(${table(bytes)})`), 'encode_message() failed: buffer full');
    }
    t.equal(g.error(`encode_message(${table(127 - 24)}, true)`), 'no error');
    t.equal(g.error('encode_message({Fields = setmetatable({}, {})})'), 'no error');
    g.run('many = {} for i = 1, 100000 do many[i] = true end');
    t.equal(
      g.error('inject_message({Fields = {many = many}})'),
      'inject_message() failed: exceeded output_limit',
    );
    t.equal(g.injected.length, 1);
    const small = guestWith({ maximumBytes: 100 });
    t.equal(
      small.error(`inject_message(${table(101 - 24)})`),
      'inject_message() failed: exceeded max_message_size',
    );
    t.equal(small.error(`inject_message(${table(100 - 24)})`), 'no error');
    t.equal(small.error(`encode_message(${table(500)})`), 'no error');
  });

  t.test(`${name}: encoding empties the output buffer`, async (t) => {
    const g = guestWith();
    g.run('add_to_payload("lost") inject_message({}) inject_payload()');
    t.equal(g.injected.length, 1);
    g.run('add_to_payload("lost") encode_message({}) inject_payload()');
    t.equal(g.injected.length, 1);
  });

  t.test(`${name}: inject_payload makes a message of the output buffer`, async (t) => {
    const g = guestWith({
      headers: { restricted: true, logger: 'aim', hostname: 'foo.com' },
    });
    g.run('add_to_payload("foo bar") inject_payload()');
    g.run('add_to_payload("foo") inject_payload("dat", "test", " bar")');
    const head = `1a0e${hex('inject_payload')}2203${hex('aim')}3207${hex('foo bar')}40004a07${hex('foo.com')}`;
    const field = (name: string, value: string): string => {
      const content = `0a${byte(name.length)}${hex(name)}22${byte(value.length)}${hex(value)}`;
      return `52${byte(content.length / 2)}${content}`;
    };
    t.equal(g.injected[0]?.slice(56), head + field('payload_type', 'txt'));
    t.equal((g.injected[0]?.length ?? 0) / 2, 90);
    t.equal(
      g.injected[1]?.slice(56),
      head + field('payload_type', 'dat') + field('payload_name', 'test'),
    );
    t.equal((g.injected[1]?.length ?? 0) / 2, 112);
    g.run('inject_payload() inject_payload("txt", "name") inject_payload("txt", "name", "")');
    t.equal(g.injected.length, 2, 'an empty payload is not injected');
    const numbered = guestWith({ headers: { logger: 'lg', pid: 3, hostname: 'hn' } });
    numbered.run('inject_payload("txt", "", 1.5, nil, true)');
    const message = Message.decode(Buffer.from(numbered.injected[0] ?? '', 'hex'));
    t.equal(message.payload, '1.5niltrue');
    t.equal(message.field('payload_name'), '');
    t.equal(message.pid, 3);
    t.equal(message.timestampNs, NOW);
  });

  t.test(`${name}: inject_payload checks what it is given`, async (t) => {
    const g = guestWith();
    g.run('add_to_payload("kept")');
    const type = 'inject_payload() payload_type argument must be a string';
    const name = 'inject_payload() payload_name argument must be a string';
    for (const [args, text] of [
      ['true, "x"', type],
      ['nil', type],
      ['5', type],
      ['"txt", true', name],
      ['"", nil', name],
      ['"", 5', name],
      ['"txt", "name", function() end', "bad argument #3 to 'inject_payload' (unsupported type)"],
      ['"txt", "name", "x", {}', "bad argument #4 to 'inject_payload' (unsupported type)"],
    ] as const) {
      t.equal(g.error(`inject_payload(${args})`), text, args);
    }
    t.equal(
      g.error('add_to_payload(function() end)'),
      "bad argument #1 to 'add_to_payload' (unsupported type)",
    );
    g.run('inject_payload()');
    t.match(Buffer.from(g.injected[0] ?? '', 'hex').toString('latin1'), /keptx/);
    const full = guestWith({ outputBytes: 64 });
    t.equal(full.error('inject_payload("txt", "", string.rep("x", 64))'), 'output_limit exceeded');
    t.equal(
      full.error('inject_payload("txt", "", string.rep("x", 63))'),
      'inject_message() failed: exceeded output_limit',
    );
    t.equal(full.output.length, 0, 'what could not be injected is gone');
  });

  t.test(`${name}: userdata with an output function is bytes`, async (t) => {
    const g = guestWith({ outputBytes: 128 });
    const object: HostObject = {
      kind: 'object',
      type: 'x',
      methods: {},
      externalBytes: 0,
      output: () => 'out',
    };
    g.engine.setGlobal('object', object);
    const fieldsOf = (fields: string): GuestValue => {
      const text = g.value(
        `encode_message({Timestamp = 0, Pid = {}, Uuid = string.rep("\\0", 16), Fields = ${fields}})`,
      );
      return typeof text === 'string' ? hex(text).slice(40) : text;
    };
    const expected = `520a0a01${hex('a')}10012a03${hex('out')}`;
    t.equal(fieldsOf('{a = object}'), expected);
    for (const type of [0, 1, 2, 3, 4]) {
      t.equal(fieldsOf(`{a = {value = object, value_type = ${type}}}`), expected);
    }
    t.equal(
      fieldsOf('{a = {value = object, userdata = object, representation = "json"}}'),
      `52100a01${hex('a')}10011a04${hex('json')}2a03${hex('out')}`,
    );
  });
}

function byte(value: number): string {
  return value.toString(16).padStart(2, '0');
}
