/** `decode_message` in lua_sandbox 1.x's flavour, on both engines: the wire forms it reads and what it refuses. */
import t from 'tap';
import { Message } from '../../../../lib/protocol/message.ts';
import { latin1Bytes } from '../../../../lib/protocol/text.ts';
import { engines, LsbGuest, literal } from './lsb-guest.ts';

const UUID = 'abcdefghijklmnop';
const HEAD = `\x0a\x10${UUID}\x10\x00`;
const ONE = '\0\0\0\0\0\0\xf0\x3f';
const TWO = '\0\0\0\0\0\0\0\x40';

/** A field record with its length in front. */
function field(content: string): string {
  return `\x52${String.fromCharCode(content.length)}${content}`;
}

for (const [name, makeEngine] of Object.entries(engines)) {
  const decoding = (): { guest: LsbGuest; decode: (bytes: string, path: string) => unknown } => {
    const guest = new LsbGuest(makeEngine);
    return {
      guest,
      decode: (bytes, path) => {
        guest.run(`m = decode_message(${literal(bytes)})`);
        return guest.value(path);
      },
    };
  };

  t.test(`${name}: headers are there as far as they are encoded`, async (t) => {
    const { guest, decode } = decoding();
    t.equal(decode(HEAD, 'm.Timestamp'), 0);
    t.equal(guest.value('m.Uuid'), UUID);
    for (const key of ['Type', 'Severity', 'Pid', 'Hostname', 'Fields', 'Payload', 'Logger']) {
      t.equal(guest.value(`m.${key}`), undefined, key);
    }
    const all =
      `\x0a\x10${UUID}\x10\x80\x94\xeb\xdc\x03\x1a\x04type\x22\x06logger\x28\x09` +
      '\x32\x07payload\x3a\x0benv_version\x40\x05\x4a\x08hostname';
    decode(all, 'm');
    t.same(
      guest.run(`return m.Timestamp, m.Type, m.Logger, m.Severity, m.Payload, m.EnvVersion, m.Pid,
        m.Hostname`),
      [1e9, 'type', 'logger', 9, 'payload', 'env_version', 5, 'hostname'],
    );
    t.equal(decode(`${HEAD}\x1a\x01a\x1a\x01b`, 'm.Type'), 'b', 'the last of several counts');
  });

  t.test(`${name}: numbers of any size`, async (t) => {
    const { guest, decode } = decoding();
    const minusOne = `${'\xff'.repeat(9)}\x01`;
    decode(`\x0a\x10${UUID}\x10${minusOne}\x28${minusOne}\x40${minusOne}`, 'm');
    t.same(guest.run('return m.Timestamp, m.Severity, m.Pid'), [-1, -1, -1]);
    const large = Message.create({ uuid: latin1Bytes(UUID), timestampNs: 1428523950000000000n });
    guest.run(`m = decode_message(${literal(large.bytes)})`);
    t.equal(guest.value('m.Timestamp'), 1428523950000000000);
  });

  t.test(`${name}: values are read packed and one by one`, async (t) => {
    const { guest, decode } = decoding();
    for (const [content, type, values] of [
      [`\x0a\x01d\x10\x03\x39${ONE}\x39${TWO}`, 3, [1, 2]],
      [`\x0a\x01d\x10\x03\x3a\x10${ONE}${TWO}`, 3, [1, 2]],
      ['\x0a\x01i\x10\x02\x30\x01\x30\xac\x02', 2, [1, 300]],
      ['\x0a\x01i\x10\x02\x32\x03\x01\xac\x02', 2, [1, 300]],
      ['\x0a\x01b\x10\x04\x40\x01\x40\x00', 4, [true, false]],
      ['\x0a\x01b\x10\x04\x42\x02\x01\x00', 4, [true, false]],
      ['\x0a\x01s\x10\x00\x22\x02s1\x22\x02s2', 0, ['s1', 's2']],
      ['\x0a\x01s\x22\x02s1\x22\x02s2', undefined, ['s1', 's2']],
      ['\x0a\x01y\x10\x01\x2a\x02s1\x2a\x02s2', 1, ['s1', 's2']],
      // Values go by their tags, whatever the type says.
      [`\x0a\x01m\x10\x63\x22\x01s\x39${ONE}\x40\x01`, 99, ['s', 1, true]],
      ['\x0a\x01n\x10\x02', 2, []],
      // Empty lists are no values.
      ['\x0a\x01d\x10\x03\x3a\x00', 3, []],
      ['\x0a\x01i\x10\x02\x32\x00', 2, []],
      ['\x0a\x01b\x10\x04\x42\x00', 4, []],
    ] as const) {
      decode(HEAD + field(content), 'm');
      t.equal(guest.value('m.Fields[1].value_type'), type);
      t.equal(guest.value('#m.Fields[1].value'), values.length);
      t.same(guest.run('return unpack(m.Fields[1].value)'), values);
    }
  });

  t.test(`${name}: type and representation may follow the values`, async (t) => {
    const { guest, decode } = decoding();
    for (const [tag, type] of [
      ['\x22', 0],
      ['\x2a', 1],
    ] as const) {
      const content = `\x0a\x04name${tag}\x02s1${tag}\x02s2\x1a\x04repr\x10${String.fromCharCode(type)}`;
      decode(HEAD + field(content), 'm');
      t.same(
        guest.run(
          'local f = m.Fields[1] return f.name, f.value_type, f.representation, #f.value, f.value[2]',
        ),
        ['name', type, 'repr', 2, 's2'],
      );
    }
  });

  t.test(`${name}: fields stay in their order, with names, types and counts`, async (t) => {
    const { guest, decode } = decoding();
    const fields = [
      `\x0a\x06number\x10\x03\x39${ONE}`,
      `\x0a\x07numbers\x10\x03\x1a\x05count\x3a\x10${ONE}${TWO}`,
      '\x0a\x04bool\x10\x04\x40\x01',
      '\x0a\x06string\x22\x06string',
      '\x0a\x06string\x22\x05again',
      '\x0a\x00\x22\x00',
    ];
    decode(HEAD + fields.map(field).join(''), 'm');
    t.same(
      guest.run('local n = {} for i, f in ipairs(m.Fields) do n[i] = f.name end return unpack(n)'),
      ['number', 'numbers', 'bool', 'string', 'string', ''],
    );
    t.equal(guest.value('m.Fields[2].representation'), 'count');
    t.equal(guest.value('m.Fields[5].value[1]'), 'again');
    const long = 'x'.repeat(130);
    const record = `\x0a\x04long\x22\x82\x01${long}`;
    t.equal(decode(`${HEAD}\x52\x8b\x01${record}`, 'm.Fields[1].value[1]'), long);
  });

  t.test(`${name}: what is no message is refused with its place`, async (t) => {
    const { guest } = decoding();
    const why = (bytes: string): unknown => guest.error(`decode_message(${literal(bytes)})`);
    const place = (tag: number, wire: number, offset: number): string =>
      `error in tag: ${tag} wiretype: ${wire} offset: ${offset}`;
    for (const [bytes, text] of [
      ['', 'invalid message, too short'],
      [`\x0a\x10${UUID}`, 'invalid message, too short'],
      [
        `\x10\x01\x1a\x10${'T'.repeat(16)}`,
        'missing required field uuid: not found timestamp: found',
      ],
      [`\x0a\x10${UUID}\x1a\x01T`, 'missing required field uuid: found timestamp: not found'],
      ['this is a test item over twenty bytes long', place(14, 4, 0)],
      [`\x0a\x10${UUID}\x10${'\xff'.repeat(12)}`, place(2, 0, 18)],
      [`\x0a\x10${UUID}\x10\x80\x94\xeb\xdc\x03\x1a${'\xff'.repeat(12)}`, place(3, 2, 24)],
      [`\x0a\x0f${UUID}\x10\x00\x1a\x00`, place(1, 2, 0)],
      [`${HEAD}\x1a\x7fx`, place(3, 2, 20)],
      [`${HEAD}\x1a`, place(3, 2, 20)],
      [`${HEAD}\x18\x01`, place(3, 0, 20)],
      [`${HEAD}\x12\x01\x01`, place(2, 2, 20)],
      [`${HEAD}\x5a\x01x`, place(11, 2, 20)],
      [`${HEAD}\xf0`, place(30, 0, 20)],
      [`${HEAD}\x8a\x00\x00`, place(17, 2, 20)],
      [`${HEAD}\x00`, place(0, 0, 20)],
      [`${HEAD}\x50\x01`, place(10, 0, 20)],
      [`${HEAD}\x1a\x02ab\x52\x00`, place(10, 2, 24)],
      [`${HEAD}\x1a\x02ab${field('\x10\x01\x22\x01x')}`, place(10, 2, 24)],
      [`${HEAD}\x1a\x02ab${field('\x0a\x01i\x10\x02\x32\x03\x01\x02')}`, place(10, 2, 24)],
      [`${HEAD}${field('\x0a\x01i\x10\x02\x32\x01\xff')}`, place(10, 2, 20)],
      [`${HEAD}${field(`\x0a\x01d\x10\x03\x3a\x07${ONE.slice(1)}`)}`, place(10, 2, 20)],
      [`${HEAD}${field(`\x0a\x01d\x10\x03\x39${ONE.slice(1)}`)}`, place(10, 2, 20)],
      [`${HEAD}${field('\x0a\x01i\x31\x01')}`, place(10, 2, 20)],
      [`${HEAD}${field('\x0a\x01i\x4a\x01x')}`, place(10, 2, 20)],
      [`${HEAD}${field('\x0a\x01i\x08\x01')}`, place(10, 2, 20)],
      [`${HEAD}\x52\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01`, place(10, 2, 20)],
    ] as const) {
      t.equal(why(bytes), text, text);
    }
  });

  t.test(`${name}: arguments are one string or one zero-copy object`, async (t) => {
    const { guest } = decoding();
    const message = Message.create({
      type: 'outer',
      fields: [{ name: 'inner', value: latin1Bytes(`${HEAD}\x1a\x05inner`) }],
    });
    guest.engine.setGlobal('other', { kind: 'object', type: 'x', methods: {}, externalBytes: 0 });
    guest.run(`raw = read_message("raw", 0, 0, true) inner = read_message("Fields[inner]", 0, 0, true)
      framed = read_message("framed", 0, 0, true) number = read_message("Fields[n]", 0, 0, true)`);
    for (const [expression, text] of [
      ['decode_message()', "bad argument #0 to 'decode_message' (incorrect number of arguments)"],
      [
        'decode_message("a", "b")',
        "bad argument #2 to 'decode_message' (incorrect number of arguments)",
      ],
      [
        'decode_message({})',
        "bad argument #1 to 'decode_message' (string or userdata expected, got table)",
      ],
      [
        'decode_message(nil)',
        "bad argument #1 to 'decode_message' (string or userdata expected, got nil)",
      ],
      [
        'decode_message(12345678901234567890)',
        "bad argument #1 to 'decode_message' (string or userdata expected, got number)",
      ],
      ['decode_message(other)', "bad argument #1 to 'decode_message' (no zero copy support)"],
      ['decode_message(newproxy())', "bad argument #1 to 'decode_message' (no zero copy support)"],
      ['decode_message(raw)', 'invalid message, too short'],
      ['decode_message(framed)', 'invalid zero copy return'],
    ] as const) {
      t.equal(guest.error(expression), text, expression);
    }
    guest.open(message);
    t.equal(guest.value('decode_message(raw).Type'), 'outer');
    t.equal(guest.value('decode_message(inner).Type'), 'inner');
  });

  t.test(`${name}: decoding is paid for by the size of the message`, async (t) => {
    const { guest } = decoding();
    guest.engine.setGlobal('bytes', `${HEAD}\x32\x80\x80\x40${'x'.repeat(1 << 20)}`);
    guest.run('decode_message(bytes)');
    t.ok(guest.engine.instructionsUsed > 100_000, String(guest.engine.instructionsUsed));
  });
}
