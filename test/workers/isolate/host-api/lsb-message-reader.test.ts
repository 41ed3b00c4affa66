/** `read_message` in lua_sandbox 1.x's flavour, and its zero-copy objects, on both engines. */
import t from 'tap';
import { Message } from '../../../../lib/protocol/message.ts';
import { latin1Bytes, latin1Text } from '../../../../lib/protocol/text.ts';
import type { GuestValue } from '../../../../workers/isolate/engine.ts';
import { LsbMessageReader } from '../../../../workers/isolate/host-api/lsb/message-reader.ts';
import { MessageReader } from '../../../../workers/isolate/host-api/message-reader.ts';
import { engines, LsbGuest } from './lsb-guest.ts';

/** As lua_sandbox's own encoder writes it. */
const full = Message.decode(
  latin1Bytes(
    '\x0a\x10abcdefghijklmnop\x10\x80\x94\xeb\xdc\x03\x1a\x04type\x22\x06logger\x28\x09\x32\x07payload' +
      '\x3a\x0benv_version\x4a\x08hostname' +
      `\x52\x13\x0a\x06number\x10\x03\x39\x00\x00\x00\x00\x00\x00\xf0\x3f` +
      `\x52\x2c\x0a\x07numbers\x10\x03\x1a\x05count\x3a\x18\x00\x00\x00\x00\x00\x00\xf0\x3f\x00\x00\x00\x00\x00\x00\x00\x40\x00\x00\x00\x00\x00\x00\x08\x40` +
      '\x52\x0e\x0a\x05bools\x10\x04\x42\x03\x01\x00\x00' +
      '\x52\x0a\x0a\x04bool\x10\x04\x40\x01' +
      '\x52\x10\x0a\x06string\x22\x06string' +
      '\x52\x15\x0a\x07strings\x22\x02s1\x22\x02s2\x22\x02s3',
  ),
);
const raw = latin1Text(full.bytes, 0, full.bytes.length);
const framed = `\x1e\x03\x08\xd0\x01\x1f${raw}`;
const bare = Message.decode(latin1Bytes(`\x0a\x10${'\0'.repeat(16)}\x10\x00`));

for (const [name, makeEngine] of Object.entries(engines)) {
  t.test(`${name}: every part of a message is read in lua_sandbox’s form`, async (t) => {
    const g = new LsbGuest(makeEngine);
    g.open(full);
    const read = (args: string): GuestValue => g.value(`read_message(${args})`);
    for (const [args, expected] of [
      ['"Timestamp"', 1e9],
      ['"Uuid"', 'abcdefghijklmnop'],
      ['"Type"', 'type'],
      ['"Logger"', 'logger'],
      ['"Payload"', 'payload'],
      ['"EnvVersion"', 'env_version'],
      ['"Hostname"', 'hostname'],
      ['"Severity"', 9],
      ['"Pid"', undefined],
      ['"raw"', raw],
      ['"size"', 208],
      ['"framed"', framed],
      ['"Fields[string]"', 'string'],
      ['"Fields[notfound]"', undefined],
      ['"Fields[number]", 0, 0', 1],
      ['"Fields[number]", 0, 0, false', 1],
      ['"Fields[numbers]", 0, 2', 3],
      ['"Fields[numbers]", nil, "1"', 2],
      ['"Fields[numbers]", 0, 3', undefined],
      ['"Fields[bool]"', true],
      ['"Fields[bools]", 0, 1', false],
      ['"Fields[strings]", 0, 0', 's1'],
      ['"Fields[strings]", 0, 2', 's3'],
      ['"Fields[strings]", 10, 0', undefined],
      ['"Fields[strings]", 0, 10', undefined],
      ['"Type", 5, 5', 'type'],
      ['"Fields[]"', undefined],
    ] as const) {
      t.equal(read(args), expected, args);
    }
    t.equal(raw.length, 208);
    t.equal(framed.length, 214);
  });

  t.test(`${name}: wrong arguments have upstream’s texts`, async (t) => {
    const g = new LsbGuest(makeEngine);
    const check = (): void => {
      for (const [args, text] of [
        ['', 'heka_read_message() incorrect number of arguments'],
        ['"Type", 0, 0, false, 1', 'heka_read_message() incorrect number of arguments'],
        ['"Type", 0, 0, true, 1', 'heka_read_message() incorrect number of arguments'],
        ['nil', "bad argument #1 to 'read_message' (string expected, got nil)"],
        ['{}', "bad argument #1 to 'read_message' (string expected, got table)"],
        ['"Fields[string]", -1, 0', "bad argument #2 to 'read_message' (field index must be >= 0)"],
        ['"Fields[string]", 0, -1', "bad argument #3 to 'read_message' (array index must be >= 0)"],
        ['"Type", -1', "bad argument #2 to 'read_message' (field index must be >= 0)"],
        ['"Type", "a", 0', "bad argument #2 to 'read_message' (number expected, got string)"],
        ['"Type", 0, "a"', "bad argument #3 to 'read_message' (number expected, got string)"],
        ['"Type", 0, 0, "str"', "bad argument #4 to 'read_message' (boolean expected, got string)"],
        ['"Type", 0, 0, 1', "bad argument #4 to 'read_message' (boolean expected, got number)"],
        ['"Type", 0, 0, nil', "bad argument #4 to 'read_message' (boolean expected, got nil)"],
        ['"Type", -1, 0, true', "bad argument #2 to 'read_message' (field index must be >= 0)"],
        ['"Type", 0, "x", true', "bad argument #3 to 'read_message' (number expected, got string)"],
      ] as const) {
        t.equal(g.error(`read_message(${args})`), text, args);
      }
    };
    check();
    g.open(full);
    check();
  });

  t.test(`${name}: unknown names are errors while there is a message`, async (t) => {
    const g = new LsbGuest(makeEngine);
    const names = ['Fields[string', 'morethan8', 'lt8', 'payload', 'RAW', '', 'Fields'];
    for (const unknown of names) t.equal(g.value(`read_message("${unknown}")`), undefined, unknown);
    g.open(full);
    for (const unknown of names) {
      t.equal(
        g.error(`read_message("${unknown}")`),
        `heka_read_message() field: '${unknown}' not supported/recognized`,
      );
    }
    t.equal(g.error('read_message(5)'), "heka_read_message() field: '5' not supported/recognized");
    t.equal(
      g.error('read_message("ab\\0c")'),
      "heka_read_message() field: 'ab' not supported/recognized",
    );
  });

  t.test(`${name}: without a message everything is nil`, async (t) => {
    const g = new LsbGuest(makeEngine);
    g.open(full);
    g.reader.close();
    for (const part of [
      'Timestamp',
      'Severity',
      'raw',
      'framed',
      'size',
      'Type',
      'Fields[x]',
      'x',
    ]) {
      t.equal(g.value(`read_message("${part}")`), undefined, part);
    }
  });

  t.test(`${name}: what a message lacks is nil, but for Timestamp and Severity`, async (t) => {
    const g = new LsbGuest(makeEngine);
    g.open(bare);
    t.equal(g.value('read_message("Timestamp")'), 0);
    t.equal(g.value('read_message("Severity")'), 7);
    t.equal(g.value('read_message("Uuid")'), '\0'.repeat(16));
    for (const part of ['Type', 'Logger', 'Payload', 'EnvVersion', 'Hostname', 'Pid']) {
      t.equal(g.value(`read_message("${part}")`), undefined, part);
    }
    g.open(Message.create({ type: '', pid: -2147483648 }));
    t.equal(g.value('read_message("Type")'), '');
    t.equal(g.value('read_message("Pid")'), undefined);
    g.open(Message.create({ pid: -1, severity: -2, timestampNs: -3n }));
    t.same(
      g.run('return read_message("Pid"), read_message("Severity"), read_message("Timestamp")'),
      [-1, -2, -3],
    );
  });

  t.test(`${name}: fields by name, by index and of every kind`, async (t) => {
    const g = new LsbGuest(makeEngine);
    g.open(
      Message.create({
        fields: [
          { name: '', value: 'nameless' },
          { name: 'a]b', value: 'bracket' },
          { name: 'bytes', value: Uint8Array.of(0, 255) },
          { name: 'empty', value: new Uint8Array(0) },
          { name: 'n', value: 5, integer: true },
          { name: 'n', value: [6.5, 7.5] },
          { name: 'none', value: [] },
        ],
      }),
    );
    t.same(
      g.run(`return read_message("Fields[]"), read_message("Fields[a]b]"), read_message("Fields[bytes]"),
        read_message("Fields[empty]"), read_message("Fields[n]"), read_message("Fields[n]", 1),
        read_message("Fields[n]", 1, 1), read_message("Fields[none]") == nil,
        read_message("Fields[n]", 2) == nil, read_message("Fields[n]", 1e300) == nil`),
      ['nameless', 'bracket', '\0\xff', '', 5, 6.5, 7.5, true, true, true],
    );
    const unknownType = '\x52\x08\x0a\x01x\x10\x63\x22\x01a';
    g.open(Message.decode(latin1Bytes(`\x0a\x10${'\0'.repeat(16)}\x10\x00${unknownType}`)));
    t.equal(g.value('read_message("Fields[x]")'), undefined);
  });

  t.test(`${name}: a zero-copy object is read when it is used`, async (t) => {
    const g = new LsbGuest(makeEngine);
    g.run(
      'uuid = read_message("Uuid", nil, nil, true) string = read_message("Fields[strings]", 0, 1, true)',
    );
    t.equal(g.value('type(uuid)'), 'userdata');
    t.equal(g.value('tostring(uuid)'), undefined, 'no message yet');
    g.open(full);
    t.equal(g.value('tostring(uuid)'), 'abcdefghijklmnop');
    t.equal(g.value('tostring(string)'), 's2');
    g.open(bare);
    t.equal(g.value('tostring(uuid)'), '\0'.repeat(16));
    t.equal(g.value('tostring(string)'), undefined);
    t.equal(g.error('print(string)'), "'tostring' must return a string to 'print'");
  });

  t.test(`${name}: zero-copy objects stand for strings and fields only`, async (t) => {
    const g = new LsbGuest(makeEngine);
    const refused = ['Timestamp', 'Severity', 'Pid', 'size', 'Fields[string', 'morethan8', 'lt8'];
    const check = (): void => {
      for (const part of refused) {
        t.equal(
          g.error(`read_message("${part}", 0, 0, true)`),
          `heka_create_read_message_zc() field: '${part}' not supported/recognized`,
        );
      }
    };
    check();
    g.open(full);
    check();
    for (const [part, expected] of [
      ['Uuid', 'abcdefghijklmnop'],
      ['Type', 'type'],
      ['Logger', 'logger'],
      ['Payload', 'payload'],
      ['EnvVersion', 'env_version'],
      ['Hostname', 'hostname'],
      ['raw', raw],
      ['framed', framed],
      ['Fields[string]', 'string'],
      ['Fields[notfound]', undefined],
    ] as const) {
      t.equal(g.value(`tostring(read_message("${part}", 0, 0, true))`), expected, part);
    }
    for (const part of ['Fields[bool]', 'Fields[number]']) {
      g.run(`object = read_message("${part}", 0, 0, true)`);
      const text = `read_message() zc->name.s: '${part}' contains an unsupported type`;
      t.equal(g.error('tostring(object)'), text);
      t.equal(g.error('add_to_payload(object)'), text);
      t.equal(g.error('inject_message({Fields = {a = object}})'), text);
    }
  });

  t.test(`${name}: a zero-copy object is written into payloads and messages`, async (t) => {
    const g = new LsbGuest(makeEngine, { headers: { hostname: 'ubuntu' } });
    g.run(`uuid = read_message("Uuid", nil, nil, true)
      framed = read_message("framed", nil, nil, true)
      missing = read_message("Fields[missing]", nil, nil, true)`);
    g.open(full);
    g.run('add_to_payload(uuid, missing) add_to_payload(framed) inject_payload()');
    t.equal((g.injected[0]?.length ?? 0) / 2, 308);
    g.run('inject_payload("txt", "name", uuid, "|", missing, "|")');
    t.match(Buffer.from(g.injected[1] ?? '', 'hex').toString('latin1'), /abcdefghijklmnop\|\|/);
    g.run(`inject_message({Timestamp = 0, Payload = uuid, Fields = {a = uuid}})
      inject_message({Timestamp = 0, Fields = {{name = "a", value = missing, representation = "r"}}})`);
    const hex = Buffer.from('abcdefghijklmnop').toString('hex');
    t.equal(
      g.injected[2]?.slice(36),
      `10004000${'4a067562756e7475'}5217${'0a0161'}${'1001'}2a10${hex}`,
    );
    t.equal(g.injected[3]?.slice(36), `10004000${'4a067562756e7475'}520a${'0a0161'}10011a01722a00`);
  });

  t.test(`${name}: what a zero-copy object writes is within the output limit`, async (t) => {
    const g = new LsbGuest(makeEngine, { outputBytes: 200 });
    g.run('raw = read_message("raw", 0, 0, true)');
    g.open(full);
    t.equal(g.error('add_to_payload(raw)'), 'output_limit exceeded');
    t.equal(
      g.error('inject_message({Fields = {raw = raw}})'),
      'inject_message() failed: userdata output callback failed: 1',
    );
    g.open(bare);
    t.equal(g.error('add_to_payload(raw)'), 'no error');
  });
}

t.test('a message that was not decoded is nothing but its bytes', async (t) => {
  const reader = new LsbMessageReader(new MessageReader());
  const bytes = latin1Bytes('no protobuf at all');
  reader.open(bytes, 3, 11, false);
  t.equal(reader.read(['raw']), 'protobuf');
  t.equal(reader.read(['framed']), '\x1e\x02\x08\x08\x1fprotobuf');
  t.equal(reader.read(['size']), 8);
  t.equal(reader.read(['Timestamp']), 0);
  t.equal(reader.read(['Uuid']), undefined);
  t.equal(reader.read(['Severity']), 7);
  t.equal(reader.read(['Fields[x]']), undefined);
});

t.test('a damaged message reads as nothing, a damaged field as absent', async (t) => {
  const reader = new LsbMessageReader(new MessageReader());
  const bytes = full.bytes.slice();
  bytes[1] = 0x7f; // the uuid's length
  bytes.fill(0xff, 20);
  reader.open(bytes, 0, bytes.length);
  t.equal(reader.active, false);
  t.equal(reader.read(['Type']), undefined);
  const packed = latin1Bytes(
    `\x0a\x10${'\0'.repeat(16)}\x10\x00\x52\x08\x0a\x01x\x10\x02\x32\x01\xff`,
  );
  reader.open(packed, 0, packed.length);
  t.equal(reader.read(['Fields[x]']), undefined);
  t.equal(reader.read(['Severity']), 7);
});

t.test('strings are cut out of the batch’s text when there is one', async (t) => {
  const base = new MessageReader();
  const reader = new LsbMessageReader(base);
  const bytes = latin1Bytes(`xx${raw}yy`);
  base.begin(latin1Text(bytes, 0, bytes.length));
  reader.open(bytes, 2, bytes.length - 2);
  t.equal(reader.read(['Payload']), 'payload');
  t.equal(reader.read(['raw']), raw);
  t.equal(reader.read(['Fields[strings]', 0, 2]), 's3');
  t.ok(base.bytesRead >= raw.length);
});
