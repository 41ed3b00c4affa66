import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import path from 'node:path';
import t from 'tap';
import { RecordFinder } from '../../lib/protocol/framing.ts';
import { Message } from '../../lib/protocol/message.ts';
import { OPS, Peer, type RunningDaemon, startDaemon } from '../daemon-harness.ts';
import { ManualClock } from '../manual-clock.ts';
import { until } from '../plugin-context.ts';

type Tap = { teardown(action: () => unknown): void };

const TCP = `
[tcp]
type = "TcpInput"
address = "127.0.0.1:0"
    [tcp.signer.ops_0]
    hmac_key = "${OPS.key}"
`;

const FILE = `
[PayloadEncoder]
[out]
type = "FileOutput"
path = "out.log"
message_matcher = "Logger != 'input'"
encoder = "PayloadEncoder"
`;

const COUNT = `
total = 0
function process_message()
  total = total + 1
  return 0
end
function timer_event(ns, shutdown)
  inject_payload("txt", "total", "total ", total)
end`;

const ECHO = `
function process_message()
  inject_payload("txt", "echo", "echo ", read_message("Payload"))
  return 0
end`;

async function running(t: Tap, folder: string, text: string): Promise<RunningDaemon> {
  const started = await startDaemon(folder, text.replace('"out.log"', `"${folder}/out.log"`));
  t.teardown(() => started.daemon.stop());
  return started;
}

function lines(folder: string, name = 'out.log'): string[] {
  return readFileSync(path.join(folder, name), 'utf8').split('\n').filter(Boolean);
}

function filter(name: string, more = ''): string {
  return `\n[${name}]\ntype = "SandboxFilter"\nfilename = "${name}.lua"\nmessage_matcher = "Logger == 'input'"\n${more}\n`;
}

t.test('a framed message goes through a filter to a file', async (t) => {
  const folder = t.testdir({ 'echo.lua': ECHO });
  const { daemon, log } = await running(t, folder, TCP + FILE + filter('echo'));
  const peer = await Peer.connect(daemon, 'tcp');
  await peer.send({ payload: 'one' });
  await peer.send({ payload: 'two' });
  await peer.close();
  await daemon.stop();
  t.same(lines(folder), ['echo one', 'echo two']);
  t.match(daemon.counters(), { records: 2, routed: 4, injected: 2, lostMessages: 0 });
  t.same(
    log.filter((line) => line.startsWith('!')),
    [],
  );
  const order = ['Output started: out', 'Filter started: echo', 'Input started: tcp'];
  t.same(
    log.filter((line) => /^(Input|Filter|Output) started/.test(line)),
    order,
  );
});

t.test(
  'stopping loses nothing: all that was read is filtered, ticked, kept and written',
  async (t) => {
    const folder = t.testdir({ 'count.lua': COUNT });
    const settings = 'preserve_data = true\ntimer_event_on_shutdown = true\nticker_interval = 3600';
    const { daemon, log } = await running(t, folder, TCP + FILE + filter('count', settings));
    const peer = await Peer.connect(daemon, 'tcp');
    const total = 5000;
    for (let i = 0; i < total; i++) await peer.send({ payload: 'm' });
    await peer.close();
    const stopping = daemon.stop();
    t.equal(daemon.stop() instanceof Promise, true);
    await stopping;
    t.same(lines(folder), [`total ${total}`]);
    t.same(readdirSync(path.join(folder, 'base/sandbox_preservation')), ['count.data']);
    t.same([log.at(-2), log.at(-1)], ['Shutdown initiated.', 'Shutdown complete.']);
    await t.rejects(Peer.connect(daemon, 'tcp'), 'nobody listens any more');
  },
);

t.test('a restart goes on with the state and the messages that follow', async (t) => {
  const folder = t.testdir({ 'count.lua': COUNT });
  const settings = 'preserve_data = true\ntimer_event_on_shutdown = true\nticker_interval = 3600';
  for (const count of [3, 4]) {
    const { daemon } = await running(t, folder, TCP + FILE + filter('count', settings));
    const peer = await Peer.connect(daemon, 'tcp');
    for (let i = 0; i < count; i++) await peer.send({ payload: 'm' });
    await peer.close();
    await daemon.stop();
  }
  t.same(lines(folder), ['total 3', 'total 7']);
});

t.test('messages go on to the next daemon as they came', async (t) => {
  const folder = t.testdir({});
  const received: Message[] = [];
  const next = createServer((socket) => {
    const finder = new RecordFinder(65536);
    socket.on('data', (chunk: Buffer) => {
      finder.append(chunk);
      while (finder.next()) received.push(Message.decode(finder.message()));
    });
  });
  await new Promise<void>((resolve) => next.listen(0, '127.0.0.1', resolve));
  t.teardown(() => next.close());
  const { port } = next.address() as AddressInfo; // a TCP server's
  const output = `
[forward]
type = "TcpOutput"
address = "127.0.0.1:${port}"
message_matcher = "TRUE"
`;
  const { daemon } = await running(t, folder, TCP + output);
  const peer = await Peer.connect(daemon, 'tcp');
  await peer.send({ payload: 'one', type: 'kept', fields: [{ name: 'n', value: 7 }] });
  await peer.close();
  await daemon.stop();
  await until(() => received.length > 0);
  t.match(received, [{ payload: 'one', type: 'kept', logger: 'input' }]);
  t.equal(received[0]?.field('n'), 7);
});

const MANAGER = `
[Ops]
type = "SandboxManagerFilter"
message_signer = "ops"
working_directory = "managed"
max_filters = 5
`;

function submitted(more = ''): string {
  return `[Count]\ntype = "SandboxFilter"\nmessage_matcher = "Logger == 'input'"\npreserve_data = true\ntimer_event_on_shutdown = true\nticker_interval = 3600\n${more}`;
}

t.test('signed control messages load, reload and unload filters while messages flow', async (t) => {
  const folder = t.testdir({});
  const { daemon } = await running(t, folder, TCP + FILE + MANAGER);
  const peer = await Peer.connect(daemon, 'tcp');
  const traffic = await Peer.connect(daemon, 'tcp');
  const load = { action: 'load', script: COUNT, config: submitted() } as const;
  t.match(await peer.control(load), { code: 'ok', name: 'Ops-Count' });
  t.match(await peer.control(load), { code: 'HKT_CONTROL_RUNNING' });
  for (let i = 0; i < 500; i++) await traffic.send({ payload: 'm' });
  const reload = { ...load, action: 'reload' } as const;
  t.match(await peer.control({ ...reload, script: 'not Lua' }), { code: 'HKT_SANDBOX_SCRIPT' });
  t.match(await peer.control({ ...reload, script: COUNT.replace('"total "', '"new "') }), {
    code: 'ok',
  });
  for (let i = 0; i < 500; i++) await traffic.send({ payload: 'm' });
  await traffic.close();
  await until(() => (daemon.counters()['records'] ?? 0) >= 1004);
  t.match(await peer.control({ action: 'unload', name: 'Count' }), { code: 'ok' });
  t.match(await peer.control({ action: 'unload', name: 'Count' }), {
    code: 'HKT_CONTROL_NOT_RUNNING',
  });
  await peer.close();
  await daemon.stop();
  t.ok(lines(folder).includes('new 1000'), 'every message was counted once, by old or new');
  t.same(daemon.status(), []);
});

t.test('loaded filters come back after a restart, with their state', async (t) => {
  const folder = t.testdir({});
  for (const [count, restarted] of [
    [3, false],
    [4, true],
  ] as const) {
    const { daemon } = await running(t, folder, TCP + FILE + MANAGER);
    const peer = await Peer.connect(daemon, 'tcp');
    if (!restarted) {
      t.match(await peer.control({ action: 'load', script: COUNT, config: submitted() }), {
        code: 'ok',
      });
    }
    t.same(
      daemon.status().map(({ name }) => name),
      ['Ops-Count'],
    );
    for (let i = 0; i < count; i++) await peer.send({ payload: 'm' });
    await peer.close();
    await daemon.stop();
  }
  t.same(
    lines(folder).filter((line) => /^total \d/.test(line)),
    ['total 3', 'total 7'],
  );
});

t.test('who has no key, or a wrong one, moves nothing', async (t) => {
  const folder = t.testdir({});
  const { daemon, log } = await running(t, folder, TCP + FILE + MANAGER);
  const peer = await Peer.connect(daemon, 'tcp');
  const forged = peer.control(
    { action: 'load', script: COUNT, config: submitted() },
    { ...OPS, key: 'guessed' },
  );
  await peer.send({
    type: 'heka.control.sandbox',
    logger: 'hekad',
    payload: COUNT,
    fields: [
      { name: 'action', value: 'load' },
      { name: 'config', value: submitted() },
    ],
  });
  t.match(await peer.control({ action: 'unload', name: 'Count' }), {
    code: 'HKT_CONTROL_NOT_RUNNING',
  });
  t.same(daemon.status(), []);
  t.equal(daemon.counters()['refusedSignatures'], 1);
  t.ok(log.some((line) => line.startsWith('! ')));
  await peer.close();
  await daemon.stop();
  void forged; // never answered
});

t.test('a static filter that ends brings the daemon to its end, unless it may exit', async (t) => {
  for (const canExit of [false, true]) {
    const folder = t.testdir({
      'bad.lua': 'function process_message() error("broken") end',
      'echo.lua': ECHO,
    });
    const settings = `can_exit = ${canExit}`;
    const text = TCP + FILE + filter('bad', settings) + filter('echo');
    const { daemon, log } = await running(t, folder, text);
    const peer = await Peer.connect(daemon, 'tcp');
    await peer.send({ payload: 'one' });
    if (canExit) {
      await until(() => log.some((line) => line.includes('exiting plugin without shutting down')));
      await peer.send({ payload: 'two' });
    } else {
      t.match(await daemon.exit, { code: 'HKT_DAEMON_EXIT', message: /bad.*broken/ });
    }
    await peer.close();
    await daemon.stop();
    const echoed = lines(folder).filter((line) => line.startsWith('echo'));
    t.same(echoed, canExit ? ['echo one', 'echo two'] : ['echo one']);
  }
});

t.test('what cannot start is said, and what had started is stopped again', async (t) => {
  const folder = t.testdir({ 'bad.lua': 'this is not Lua', file: 'no folder' });
  await t.rejects(startDaemon(folder, TCP + filter('bad')), {
    code: 'HKT_DAEMON_PLUGIN',
    message: /Initialization failed for 'bad'.*bad\.lua:1/,
  });
  await t.rejects(startDaemon(folder, TCP + filter('missing')), { code: 'HKT_CONFIG_SCRIPT' });
  await t.rejects(startDaemon(path.join(folder, 'file'), TCP), { code: 'HKT_DAEMON_BASE_DIR' });
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as AddressInfo; // a TCP server's
  const twice = TCP + TCP.replaceAll('tcp', 'other').replace(':0', `:${port}`);
  await t.rejects(startDaemon(folder, twice), { code: 'HKT_PLUGIN_LISTEN' });
  taken.close();
  const { daemon } = await running(t, folder, TCP);
  await daemon.stop();
});

t.test('a base_dir that cannot be written to is said at the start', async (t) => {
  const folder = t.testdir({ 'count.lua': COUNT });
  mkdirSync(path.join(folder, 'base'));
  writeFileSync(path.join(folder, 'base/sandbox_preservation'), 'in the way');
  await t.rejects(startDaemon(folder, TCP), { code: 'HKT_STATE_DIRECTORY' });
});

t.test('a pid file names the process while the daemon runs', async (t) => {
  const folder = t.testdir({});
  const file = path.join(folder, 'hekad.pid');
  const text = `pid_file = "${file}"\n${TCP}`;
  const { daemon } = await running(t, folder, text);
  t.equal(readFileSync(file, 'utf8'), `${process.pid}\n`);
  await daemon.stop();
  t.throws(() => readFileSync(file), { code: 'ENOENT' });
  writeFileSync(file, `${process.ppid}\n`);
  await t.rejects(startDaemon(folder, text), { code: 'HKT_DAEMON_PID_FILE' });
});

t.test('a peer that takes nothing does not keep the daemon from its end', async (t) => {
  const folder = t.testdir({ 'count.lua': COUNT });
  const sockets: Socket[] = [];
  const deaf = createServer((socket) => {
    socket.pause();
    socket.on('error', () => undefined);
    sockets.push(socket);
  });
  await new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    deaf.close();
  });
  const { port } = deaf.address() as AddressInfo; // a TCP server's
  const clock = new ManualClock();
  const text = `${TCP}
[deaf]
type = "TcpOutput"
address = "127.0.0.1:${port}"
use_buffering = false
message_matcher = "TRUE"
${FILE.replace('"out.log"', `"${folder}/out.log"`)}
${filter('count', 'preserve_data = true\ntimer_event_on_shutdown = true\nticker_interval = 3600')}`;
  const { daemon, log } = await startDaemon(folder, text, clock);
  const peer = await Peer.connect(daemon, 'tcp');
  // The deaf peer's sockets, the output's queue and the input's socket fill up.
  const payload = 'x'.repeat(60_000);
  let stuck = 0;
  let records = -1;
  const sending = (async () => {
    while (stuck < 50) await peer.send({ payload });
  })().catch(() => undefined); // the daemon closes the connection
  await until(() => {
    const now = daemon.counters()['records'] ?? 0;
    stuck = now === records && now > 100 ? stuck + 1 : 0;
    records = now;
    return stuck >= 50;
  });
  let stopped = false;
  const stopping = daemon.stop().then(() => {
    stopped = true;
  });
  await until(() => stopped, clock, 100);
  await stopping;
  await sending;
  const { records: read } = daemon.counters();
  t.same(lines(folder), [`total ${read}`], 'the filter got everything that was read');
  const lost = log.filter((line) => /records for .* were lost at shutdown/.test(line));
  t.ok(lost.length >= 1, 'what the peer did not take is counted');
  t.equal(log.at(-1), 'Shutdown complete.');
  await peer.close();
});
