import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { command } from '../../../lib/cli/cat.ts';
import { runCommand } from '../../../lib/cli/command.ts';
import { frame } from '../../../lib/protocol/framing.ts';
import { Message, type MessageInit } from '../../../lib/protocol/message.ts';
import { signFrame } from '../../../lib/signing/signer.ts';
import { type FakeIo, fakeIo } from './fake-io.ts';

const UUID = '00010203-0405-4607-8809-0a0b0c0d0e0f';

function framed(init: MessageInit): Uint8Array {
  return frame(
    Message.create({ uuid: UUID, timestampNs: 1416840893500000000n, ...init }, 1 << 20).bytes,
    { maxMessageSize: 1 << 20 },
  );
}

const FIRST = framed({
  type: 'TEST',
  logger: 'l<1>',
  severity: 6,
  payload: 'hällo',
  envVersion: '0.8',
  pid: 9,
  hostname: 'h',
  fields: [
    { name: 'text', value: ['a"b', 'é'], representation: 'r' },
    { name: 'raw', value: new Uint8Array([0, 65, 255]) },
    { name: 'int', value: [1, -2], integer: true },
    { name: 'double', value: [3, 0.5, 1e21, 1e-5] },
    { name: 'bool', value: [true, false] },
  ],
});
const SECOND = framed({ type: 'OTHER' });
const THIRD = framed({ type: 'TEST', payload: 'third' });

async function cat(
  io: FakeIo,
  ...args: readonly string[]
): Promise<{ exit: number; out: string; notes: string }> {
  const exit = await runCommand(command, 'hekate cat', args, io);
  // Without the line that repeats the arguments.
  return { exit, out: io.out, notes: io.err.replace(/^Input:.*\n/, '') };
}

t.test('txt shows headers one a line and the fields in protobuf text', async (t) => {
  const io = fakeIo({ cwd: t.testdir({ 'a.log': Buffer.from(FIRST) }) });
  const { exit, out, notes } = await cat(io, 'a.log');
  t.equal(exit, 0);
  t.equal(
    out,
    'Timestamp: 2014-11-24 14:54:53.5 +0000 UTC\nType: TEST\nHostname: h\nPid: 9\n' +
      `UUID: ${UUID}\nLogger: l<1>\nPayload: hällo\nEnvVersion: 0.8\nSeverity: 6\n` +
      'Fields: [name:"text" value_type:STRING representation:"r" value_string:"a\\"b" value_string:"\\303\\251" ' +
      ' name:"raw" value_type:BYTES representation:"" value_bytes:"\\000A\\377" ' +
      ' name:"int" value_type:INTEGER representation:"" value_integer:1 value_integer:-2 ' +
      ' name:"double" value_type:DOUBLE representation:"" value_double:3 value_double:0.5 value_double:1e+21 value_double:1e-05 ' +
      ' name:"bool" value_type:BOOL representation:"" value_bool:true value_bool:false ]\n\n',
  );
  t.equal(notes, 'Processed: 1, matched: 1 messages\n');
  t.match(
    io.err,
    /^Input:a\.log {2}Offset:0 {2}Match:TRUE {2}Format:txt {2}Tail:false {2}Output:\n/,
  );
});

t.test('txt shows defaults for headers that are not set', async (t) => {
  const io = fakeIo({ cwd: t.testdir({ 'a.log': Buffer.from(SECOND) }) });
  t.match(
    (await cat(io, 'a.log')).out,
    /Pid: 0\n.*\nLogger: \nPayload: \nEnvVersion: \nSeverity: 7\nFields: \[\]\n\n$/s,
  );
});

t.test('a payload that is no UTF-8 comes out with its own bytes', async (t) => {
  const payload = new Uint8Array([0xff, 0x00, 0xc3]);
  const io = fakeIo({ cwd: t.testdir({ 'a.log': Buffer.from(framed({ payload })) }) });
  await cat(io, 'a.log');
  t.ok(io.outBytes.includes(Buffer.from([0x20, 0xff, 0x00, 0xc3, 0x0a])));
});

t.test('json is the object that upstream prints', async (t) => {
  const io = fakeIo({ cwd: t.testdir({ 'a.log': Buffer.concat([FIRST, SECOND]) }) });
  const { out } = await cat(io, '-format=json', 'a.log');
  const [first, second, end] = out.split('\n');
  t.equal(
    first,
    '{"uuid":"AAECAwQFRgeICQoLDA0ODw==","timestamp":1416840893500000000,"type":"TEST",' +
      '"logger":"l\\u003c1\\u003e","severity":6,"payload":"hällo","env_version":"0.8","pid":9,"hostname":"h",' +
      '"fields":[{"name":"text","value_type":0,"representation":"r","value_string":["a\\"b","é"]},' +
      '{"name":"raw","value_type":1,"representation":"","value_bytes":["AEH/"]},' +
      '{"name":"int","value_type":2,"representation":"","value_integer":[1,-2]},' +
      '{"name":"double","value_type":3,"representation":"","value_double":[3,0.5,1e+21,0.00001]},' +
      '{"name":"bool","value_type":4,"representation":"","value_bool":[true,false]}]}',
  );
  t.equal(
    second,
    '{"uuid":"AAECAwQFRgeICQoLDA0ODw==","timestamp":1416840893500000000,"type":"OTHER"}',
  );
  t.equal(end, '');
});

t.test('heka writes the very frames, signatures included', async (t) => {
  const signed = signFrame(Message.create({ type: 'TEST' }).bytes, {
    name: 's',
    keyVersion: 1,
    hash: 'sha1',
    key: 'k',
  });
  const cwd = t.testdir({ 'a.log': Buffer.concat([FIRST, SECOND, signed]) });
  const { exit, notes } = await cat(
    fakeIo({ cwd }),
    '-match=Type == "TEST"',
    '-format=heka',
    '-output=b.log',
    'a.log',
  );
  t.equal(exit, 0);
  t.equal(notes, 'Processed: 3, matched: 2 messages\n');
  t.same(readFileSync(join(cwd, 'b.log')), Buffer.concat([FIRST, signed]));
});

t.test('count prints nothing but the totals, and does not wait with -tail', async (t) => {
  const io = fakeIo({ cwd: t.testdir({ 'a.log': Buffer.concat([FIRST, SECOND, THIRD]) }) });
  const { exit, out, notes } = await cat(
    io,
    '-format=count',
    '-tail',
    "-match=Type == 'TEST'",
    'a.log',
  );
  t.equal(exit, 0);
  t.equal(out, '');
  t.equal(notes, 'Processed: 3, matched: 2 messages\n');
});

t.test('corruption is reported with its place, and the records around it are shown', async (t) => {
  const broken = Buffer.from(SECOND);
  broken[2] = 0xff; // the header's tag
  const io = fakeIo({ cwd: t.testdir({ 'a.log': Buffer.concat([FIRST, broken, THIRD]) }) });
  const { exit, notes } = await cat(io, '-format=count', 'a.log');
  t.equal(exit, 0);
  t.equal(
    notes,
    `Corruption detected at offset: ${FIRST.length} bytes: ${broken.length}\n` +
      'Processed: 2, matched: 2 messages\n',
  );
});

t.test('garbage at both ends and an incomplete last record are reported', async (t) => {
  const cut = THIRD.subarray(0, 20);
  const io = fakeIo({
    cwd: t.testdir({ 'a.log': Buffer.concat([Buffer.from('xyz'), FIRST, cut]) }),
  });
  const { notes } = await cat(io, '-format=count', 'a.log');
  t.equal(
    notes,
    'Corruption detected at offset: 0 bytes: 3\n' +
      `Incomplete record at offset: ${3 + FIRST.length} bytes: 20\n` +
      'Processed: 1, matched: 1 messages\n',
  );
});

t.test('a record that is no message is reported and passed over', async (t) => {
  const junk = frame(new Uint8Array([0x0a, 0x7f, 1, 2]));
  const io = fakeIo({ cwd: t.testdir({ 'a.log': Buffer.concat([FIRST, junk, THIRD]) }) });
  const { exit, notes } = await cat(io, '-format=count', 'a.log');
  t.equal(exit, 0);
  t.match(
    notes,
    new RegExp(`^Error unmarshalling message at offset: ${FIRST.length} error: .*truncated`),
  );
  t.match(notes, /Processed: 3, matched: 2 messages\n$/);
});

t.test('a message above -max-message-size is passed over and said so', async (t) => {
  const big = framed({ payload: 'x'.repeat(70_000) });
  const cwd = t.testdir({ 'a.log': Buffer.concat([big, THIRD]) });
  t.equal(
    (await cat(fakeIo({ cwd }), '-format=count', 'a.log')).notes,
    'Processed: 2, matched: 2 messages\n',
  );
  const { notes } = await cat(fakeIo({ cwd }), '-format=count', '-max-message-size=65536', 'a.log');
  t.match(notes, /^message exceeds the maximum length \[65536 bytes\] len: 70\d\d\d\n/);
  t.match(notes, /Corruption detected at offset: 0 bytes: 70\d\d\d\nProcessed: 1, matched: 1/);
});

t.test('-offset starts in the middle, and places count from the start of the file', async (t) => {
  const io = fakeIo({ cwd: t.testdir({ 'a.log': Buffer.concat([FIRST, SECOND, THIRD]) }) });
  const { notes } = await cat(io, '-format=count', `-offset=${FIRST.length + 1}`, 'a.log');
  t.equal(
    notes,
    `Corruption detected at offset: ${FIRST.length + 1} bytes: ${SECOND.length - 1}\n` +
      'Processed: 1, matched: 1 messages\n',
  );
});

t.test('many records over many chunks all come out', async (t) => {
  const one = framed({ type: 'TEST', payload: 'x'.repeat(1000) });
  const io = fakeIo({ cwd: t.testdir({ 'a.log': Buffer.concat(Array(2000).fill(one)) }) });
  const { notes } = await cat(io, '-format=heka', 'a.log');
  t.equal(notes, 'Processed: 2000, matched: 2000 messages\n');
  t.equal(io.outBytes.length, 2000 * one.length);
});

t.test('- is standard input', async (t) => {
  const io = fakeIo({ stdin: [FIRST.subarray(0, 10), FIRST.subarray(10), THIRD] });
  const { exit, notes } = await cat(io, '-format=count', '-');
  t.equal(exit, 0);
  t.equal(notes, 'Processed: 2, matched: 2 messages\n');
});

t.test('-tail shows what is appended until it is interrupted', async (t) => {
  const cwd = t.testdir({ 'a.log': Buffer.from(FIRST) });
  const io = fakeIo({ cwd });
  const done = cat(io, '-tail', 'a.log');
  await io.until(({ out }) => out.includes('hällo'));
  appendFileSync(join(cwd, 'a.log'), THIRD);
  await io.until(({ out }) => out.includes('Payload: third'));
  io.abort();
  const { exit, notes } = await done;
  t.equal(exit, 0);
  t.equal(notes, 'Processed: 2, matched: 2 messages\n');
});

t.test('every fault has the exit code of upstream', async (t) => {
  const cwd = t.testdir({ 'a.log': Buffer.from(FIRST), folder: {} });
  const exits = async (...args: readonly string[]): Promise<[number, string]> => {
    const io = fakeIo({ cwd });
    const { exit } = await cat(io, ...args);
    return [exit, io.err];
  };
  t.match(await exits(), [1, /usage: hekate cat/]);
  t.match(await exits('a.log', 'b.log'), [1, /usage: hekate cat/]);
  t.match(await exits('-formt=txt', 'a.log'), [1, /did you mean -format/]);
  t.match(await exits('-format=xml', 'a.log'), [1, /expected txt, json, heka, count/]);
  t.match(await exits('-match=Type = 1', 'a.log'), [2, /HKT_MATCHER_/]);
  t.match(await exits('none.log'), [3, /HKT_TOOL_FILE cannot read none\.log: ENOENT/]);
  t.match(await exits('-output=no/such/file', 'a.log'), [
    4,
    /HKT_TOOL_OUTPUT cannot write no\/such\/file/,
  ]);
  t.match(await exits('-offset=-1', 'a.log'), [5, /offset -1/]);
  t.match(await exits('-offset=1', '-'), [5, /offset 1/]);
  t.match(await exits('folder'), [6, /HKT_TOOL_FILE cannot read folder: EISDIR/]);
  t.match(await exits('-max-message-size=4294967295', 'a.log'), [8, /Message size is too large/]);
});

t.test(
  'output that cannot be written is exit 4',
  { skip: process.platform === 'linux' ? false : 'needs /dev/full' },
  async (t) => {
    const io = fakeIo({ cwd: t.testdir({ 'a.log': Buffer.from(FIRST) }) });
    const { exit } = await cat(io, '-output=/dev/full', 'a.log');
    t.equal(exit, 4);
    t.match(io.err, /HKT_TOOL_OUTPUT cannot write \/dev\/full: ENOSPC/);
  },
);
