import t from 'tap';
import { runCommand } from '../../../lib/cli/command.ts';
import { command } from '../../../lib/cli/inject.ts';
import { ValueType } from '../../../lib/protocol/message-view.ts';
import { controlServer } from './control-server.ts';
import { fakeIo } from './fake-io.ts';

t.test('a message arrives unsigned, with the headers of its flags', async (t) => {
  const server = await controlServer();
  const io = fakeIo();
  const exit = await runCommand(
    command,
    'hekate inject',
    [
      `-heka=127.0.0.1:${server.port}`,
      '-type=Widget',
      '-logger=me',
      '-severity=3',
      '-payload=hi',
      '-pid=77',
      '-hostname=box',
      '-field=colour=red=blue',
      '-field=size:int=3',
      '-field=price:double=1.5',
      '-field=new:bool=true',
    ],
    io,
  );
  t.equal(exit, 0);
  t.equal(io.out + io.err, '');
  const [got] = server.received;
  t.equal(server.received.length, 1);
  t.equal(got?.header, undefined);
  t.match(got?.message, {
    type: 'Widget',
    logger: 'me',
    severity: 3,
    payload: 'hi',
    pid: 77,
    hostname: 'box',
  });
  t.match(got?.message.fields(), [
    { name: 'colour', type: ValueType.string, values: ['red=blue'] },
    { name: 'size', type: ValueType.integer, values: [3] },
    { name: 'price', type: ValueType.double, values: [1.5] },
    { name: 'new', type: ValueType.bool, values: [true] },
  ]);
  await server.close();
});

t.test('defaults are those of upstream', async (t) => {
  const server = await controlServer();
  const io = fakeIo();
  const args = [`-heka=127.0.0.1:${server.port}`, '-format=json'];
  t.equal(await runCommand(command, 'hekate inject', args, io), 0);
  const message = server.received[0]?.message;
  t.match(message, { type: 'inject.message', logger: 'Inject Client', severity: 7, payload: '' });
  t.equal(message?.pid, process.pid);
  t.not(message?.hostname, '');
  t.match(JSON.parse(io.out), { uuid: message?.uuid, to: `127.0.0.1:${server.port}` });
  await server.close();
});

t.test('without flags the defaults are shown, exit 0', async (t) => {
  const io = fakeIo();
  t.equal(await runCommand(command, 'hekate inject', [], io), 0);
  t.match(io.out, /-heka host:port\n.*\(default 127\.0\.0\.1:5565\)/);
});

t.test('a failure to connect is exit 1', async (t) => {
  const server = await controlServer();
  await server.close();
  const io = fakeIo();
  const args = [`-heka=127.0.0.1:${server.port}`, '-payload=x'];
  t.equal(await runCommand(command, 'hekate inject', args, io), 1);
  t.match(io.err, /HKT_TOOL_CONNECT/);
});

t.test('wrong values are refused before anything is sent', async (t) => {
  const fault = async (...args: readonly string[]): Promise<string> => {
    const io = fakeIo();
    const exit = await runCommand(command, 'hekate inject', ['-heka=127.0.0.1:9', ...args], io);
    return `${exit} ${io.err}`;
  };
  t.match(await fault('-field=noequals'), /^1 .*HKT_TOOL_FLAG_VALUE .*expected name=value/);
  t.match(await fault('-field=n:int=1.5'), /not a whole number/);
  t.match(await fault('-field=n:double=x'), /not a number/);
  t.match(await fault('-field=n:bool=yes'), /expected true or false/);
  t.match(await fault('-heka=nowhere'), /HKT_PLUGIN_ADDRESS/);
  t.match(await fault(`-payload=${'x'.repeat(70000)}`), /HKT_MESSAGE_TOO_BIG/);
});
