import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import t from 'tap';
import { runCommand } from '../../../lib/cli/command.ts';
import { floodCommand } from '../../../lib/cli/flood.ts';
import { type FloodOptions, FloodPlan } from '../../../lib/cli/flood-plan.ts';
import { RecordFinder } from '../../../lib/protocol/framing.ts';
import { Message } from '../../../lib/protocol/message.ts';
import { ManualClock } from '../../manual-clock.ts';
import { controlServer } from './control-server.ts';
import { type FakeIo, fakeIo } from './fake-io.ts';

const OPTIONS: FloodOptions = {
  signedPercentage: 0,
  corruptPercentage: 0,
  oversizedPercentage: 0,
  variableSize: false,
  staticSize: 200,
  asciiOnly: false,
  maxMessageSize: 65536,
  signer: { name: 's', keyVersion: 0, hash: 'md5', key: 'k' },
  seed: 7,
  timestampNs: 1_500_000_000_000_000_000n,
};

async function run(
  test: { testdir: typeof t.testdir },
  config: string,
  args: readonly string[] = [],
  io: FakeIo = fakeIo({ cwd: test.testdir({ 'flood.toml': config }) }),
): Promise<{ exit: number; io: FakeIo }> {
  const flags = ['-config=flood.toml', '-seed=5', '-format=json', ...args];
  return { exit: await runCommand(floodCommand(new ManualClock()), 'hekate flood', flags, io), io };
}

t.test('the shares of signed, corrupt and oversized messages are met exactly', async (t) => {
  const plan = new FloodPlan({
    ...OPTIONS,
    signedPercentage: 10,
    corruptPercentage: 2.5,
    oversizedPercentage: 5,
  });
  const kinds = { unsigned: 0, signed: 0, oversized: 0 };
  let corrupt = 0;
  for (let n = 0; n <= 1001; n++) {
    const planned = plan.next(n);
    kinds[planned.kind]++;
    if (planned.corrupt) corrupt++;
  }
  t.equal(kinds.signed, 100);
  t.equal(corrupt, 25);
  // Those that fall on a signed message come with the next one.
  t.equal(kinds.oversized, 50);
});

t.test('a plan is the same again with the same seed', async (t) => {
  const all = { ...OPTIONS, variableSize: true, corruptPercentage: 30, signedPercentage: 30 };
  const [one, two] = [new FloodPlan(all), new FloodPlan(all)];
  for (let n = 0; n < 50; n++) {
    // The uuids are random, and with them the digests: compared are kinds and sizes.
    const [a, b] = [one.next(n), two.next(n)];
    t.same([a.kind, a.corrupt, a.bytes.length], [b.kind, b.corrupt, b.bytes.length]);
  }
});

t.test('messages of one size have the headers of upstream', async (t) => {
  const finder = new RecordFinder();
  finder.append(new FloodPlan({ ...OPTIONS, asciiOnly: true }).next(0).bytes);
  t.ok(finder.next());
  const message = Message.decode(finder.message());
  t.match(message, { type: 'hekabench', severity: 6, envVersion: '0.8', pid: process.pid });
  t.match(message.payload, /^hekabench: .* - [ -}]{200}$/);
});

t.test('messages of many sizes all fit, and oversized ones do not', async (t) => {
  const plan = new FloodPlan({ ...OPTIONS, variableSize: true, oversizedPercentage: 50 });
  const finder = new RecordFinder(65536);
  const sizes = new Set<number>();
  for (let n = 0; n < 100; n++) {
    const planned = plan.next(n);
    finder.append(planned.bytes);
    if (planned.kind === 'unsigned') {
      t.ok(finder.next(), `message ${n}`);
      sizes.add(planned.bytes.length);
    } else t.notOk(finder.next(), `message ${n}`);
  }
  t.ok(sizes.size > 10);
  t.ok(finder.counters.oversized >= 45, 'every oversized header was seen');
});

t.test('as many messages as asked for arrive over TCP', async (t) => {
  const server = await controlServer();
  const { exit, io } = await run(
    t,
    `[default]\nip_address = "127.0.0.1:${server.port}"\nnum_messages = 2500\nstatic_message_size = 100\n` +
      'signed_percentage = 10.0\n[default.signer]\nname = "s"\nhmac_key = "k"\nversion = 2\n',
  );
  t.equal(exit, 0, io.err);
  t.equal(server.received.length, 2500);
  const signed = server.received.filter(({ header }) => header?.hmac !== undefined);
  t.equal(signed.length, 249, 'the first falls on message 10');
  t.equal(signed[0]?.header?.signer, 's');
  t.match(JSON.parse(io.out), { sent: 2500, delivered: 2500, signed: 249, corrupt: 0, seed: 5 });
  await server.close();
});

t.test('every message is a datagram over UDP', async (t) => {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  let arrived = 0;
  const all = new Promise<void>((resolve) => {
    socket.on('message', () => {
      if (++arrived === 20) resolve();
    });
  });
  const { exit } = await run(
    t,
    `[default]\nip_address = "127.0.0.1:${socket.address().port}"\nsender = "udp"\nnum_messages = 20\n`,
  );
  t.equal(exit, 0);
  await all;
  socket.close();
});

t.test('an interrupt ends an endless flood, also when nobody reads', async (t) => {
  const server = await controlServer(({ socket }) => {
    socket.pause();
    io.abort();
  });
  const cwd = t.testdir({
    'flood.toml': `[default]\nip_address = "127.0.0.1:${server.port}"\nstatic_message_size = 30000\n`,
  });
  const io = fakeIo({ cwd });
  const { exit } = await run(t, '', [], io);
  t.equal(exit, 0);
  const { sent, delivered } = JSON.parse(io.out);
  t.ok(sent >= delivered && sent < 5000, `${sent} sent: back pressure held the rest back`);
  await server.close();
});

t.test('a connection that breaks is exit 1, with what was sent until then', async (t) => {
  const server = await controlServer(({ socket }) => socket.resetAndDestroy());
  const { exit, io } = await run(t, `[default]\nip_address = "127.0.0.1:${server.port}"\n`);
  t.equal(exit, 1);
  t.match(io.err, /HKT_TOOL_SEND/);
  t.ok(JSON.parse(io.out).sent > 0);
  await server.close();
});

t.test('with reconnect_on_error the flood goes on over a new connection', async (t) => {
  let connections = 0;
  const server = await controlServer(({ socket, message }) => {
    if (connections === 0 && message.type === 'hekabench') {
      connections++;
      socket.resetAndDestroy();
    } else if (server.received.at(-1)?.socket !== server.received[0]?.socket) io.abort();
  });
  const cwd = t.testdir({
    'flood.toml': `[default]\nip_address = "127.0.0.1:${server.port}"\nreconnect_on_error = true\n`,
  });
  const io = fakeIo({ cwd });
  const { exit } = await run(t, '', [], io);
  t.equal(exit, 0, io.err);
  t.match(io.err, /HKT_TOOL_SEND/);
  await server.close();
});

t.test('faults of the configuration are exit 1 and say what to do', async (t) => {
  const fault = async (config: string, ...args: readonly string[]): Promise<string> => {
    const { exit, io } = await run(t, config, args);
    return `${exit} ${io.err}`;
  };
  const address = 'ip_address = "127.0.0.1:1"\n';
  t.match(
    await fault(`[simple]\n${address}`, '-test=simpel'),
    /^1 .*HKT_TOOL_FLOOD_TEST Configuration test: 'simpel' was not found; did you mean 'simple'\?/,
  );
  t.match(
    await fault(`[default]\n${address}sender = "udp"\noversized_percentage = 1.0\n`),
    /^1 .*a datagram cannot carry an oversized message/,
  );
  t.match(await fault(`[default]\n${address}corrupt_percentage = 101\n`), /must be from 0 to 100/);
  t.match(await fault(`[default]\n${address}message_interval = "soon"\n`), /HKT_CONFIG_/);
  t.match(await fault(`[default]\n${address}pprof_file = "x"\n`), /HKT_CONFIG_NOT_BUILT/);
  t.match(await fault(`[default]\n${address}static_message_size = 70000\n`), /HKT_MESSAGE_TOO_BIG/);
  t.match(
    await fault(`[default]\n${address}num_mesages = 1\n`),
    /warning: .*did you mean 'num_messages'/,
  );
  t.match(await fault('[default]\n'), /HKT_CONFIG_REQUIRED/);
});

t.test('without flags the defaults are shown, exit 0', async (t) => {
  const io = fakeIo();
  t.equal(await runCommand(floodCommand(new ManualClock()), 'hekate flood', [], io), 0);
  t.match(io.out, /-test SECTION/);
});
