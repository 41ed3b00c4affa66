import { existsSync, readdirSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { RecordFinder } from '../../../lib/protocol/framing.ts';
import { Message } from '../../../lib/protocol/message.ts';
import { Peer, type RunningDaemon, startDaemon } from '../../daemon-harness.ts';
import { until } from '../../plugin-context.ts';

const TCP = `
[tcp]
type = "TcpInput"
address = "127.0.0.1:0"
`;

function forward(port: number, more = ''): string {
  return `
[forward]
type = "TcpOutput"
address = "127.0.0.1:${port}"
message_matcher = "Logger == 'input'"
${more}`;
}

/** Takes framed messages, once it listens. */
class Next {
  readonly received: Message[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #server: Server = createServer((socket) => {
    const finder = new RecordFinder(65536);
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      finder.append(chunk);
      while (finder.next()) this.received.push(Message.decode(finder.message()));
    });
  });

  async listen(port = 0): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port; // a TCP server's
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  get payloads(): string[] {
    return this.received.map((message) => message.payload);
  }
}

async function running(
  t: { teardown(stop: () => Promise<void>): void },
  folder: string,
  text: string,
): Promise<RunningDaemon> {
  const started = await startDaemon(folder, text);
  t.teardown(() => started.daemon.stop());
  return started;
}

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  const next = new Next();
  const port = await next.listen();
  await next.close();
  return port;
}

t.test('what a peer that is away did not get waits on disk for the next daemon', async (t) => {
  const folder = t.testdir({});
  const port = await freePort();
  const first = await running(t, folder, TCP + forward(port));
  const peer = await Peer.connect(first.daemon, 'tcp');
  for (let i = 0; i < 500; i++) await peer.send({ payload: `m${i}` });
  await peer.close();
  await first.daemon.stop();
  t.notMatch(first.log.join('\n'), /lost/);
  const next = new Next();
  await next.listen(port);
  t.teardown(() => next.close());
  const second = await running(t, folder, TCP + forward(port));
  await until(() => next.received.length === 500);
  t.same(
    next.payloads,
    Array.from({ length: 500 }, (_, i) => `m${i}`),
  );
  await second.daemon.stop();
  const third = await running(t, folder, TCP + forward(port));
  const again = await Peer.connect(third.daemon, 'tcp');
  await again.send({ payload: 'new' });
  await again.close();
  await until(() => next.received.length === 501);
  t.equal(next.payloads.at(-1), 'new', 'and comes once after a clean stop');
  await third.daemon.stop();
});

t.test('a queue that is full ends the daemon in order, when full_action says so', async (t) => {
  const folder = t.testdir({});
  const port = await freePort();
  const bounds = '[forward.buffering]\nmax_buffer_size = "256KiB"\nmax_file_size = "128KiB"';
  const { daemon } = await running(t, folder, TCP + forward(port, bounds));
  const peer = await Peer.connect(daemon, 'tcp');
  for (let i = 0; i < 6; i++) await peer.send({ payload: `${i}:${'x'.repeat(60_000)}` });
  await peer.close();
  t.match(await daemon.exit, {
    code: 'HKT_DAEMON_EXIT',
    message: /^forward has stopped, shutting down: Queue is full/,
  });
  await daemon.stop();
  const next = new Next();
  await next.listen(port);
  t.teardown(() => next.close());
  const again = await running(
    t,
    folder,
    TCP + forward(port, '[forward.buffering]\nfull_action = "block"'),
  );
  await until(() => next.received.length === 6);
  t.same(
    next.payloads.map((payload) => payload.slice(0, 2)),
    ['0:', '1:', '2:', '3:', '4:', '5:'],
    'nothing of what was read is lost',
  );
  await again.daemon.stop();
});

t.test('outputs whose names lead to one folder do not share it', async (t) => {
  const folder = t.testdir({});
  const text = ['a.b', 'a b'].map((name) => forward(9).replace('[forward]', `["${name}"]`));
  await t.rejects(startDaemon(folder, TCP + text.join('')), { code: 'HKT_PLUGIN_QUEUE_LOCKED' });
  t.notOk(existsSync(join(folder, 'base/output_queue/a_b/lock')), 'what had started is stopped');
});

t.test('use_buffering = false leaves no file', async (t) => {
  const folder = t.testdir({});
  const { daemon } = await running(t, folder, TCP + forward(9, 'use_buffering = false'));
  await daemon.stop();
  t.notOk(readdirSync(join(folder, 'base')).includes('output_queue'));
});
