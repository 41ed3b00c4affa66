import { readFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import t from 'tap';
import { sectionOf } from '../../../lib/config/section.ts';
import type { ConfigValue } from '../../../lib/config/spec.ts';
import { protobufEncoder } from '../../../lib/encoders/protobuf-encoder.ts';
import { TcpOutput, tcpOutput } from '../../../lib/outputs/tcp-output.ts';
import type { Encoder } from '../../../lib/plugin.ts';
import { frame } from '../../../lib/protocol/framing.ts';
import { type Certificates, makeCertificates } from '../../certificates.ts';
import {
  outputContext,
  packOf,
  type TestContext,
  testContext,
  until,
} from '../../plugin-context.ts';

const lines: Encoder = {
  framedByDefault: false,
  encode: (message) => Buffer.from(`${message.payload}\n`),
};

/** A server that keeps what it hears. */
class Peer {
  readonly sockets: Socket[] = [];
  text = '';
  port = 0;
  /** While true, new connections are not read. */
  deaf = false;
  readonly #server: Server;

  constructor(tls?: { readonly cert: string; readonly key: string }) {
    const hear = (socket: Socket): void => {
      this.sockets.push(socket);
      socket.on('error', () => {});
      if (this.deaf) socket.pause();
      else socket.on('data', (chunk) => this.#hear(chunk));
    };
    this.#server =
      tls === undefined
        ? createServer(hear)
        : createTlsServer({ cert: readFileSync(tls.cert), key: readFileSync(tls.key) }, hear);
    this.#server.on('tlsClientError', () => {});
  }

  async listen(port = 0): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', () => resolve()));
    const bound = this.#server.address();
    if (typeof bound === 'object' && bound !== null) this.port = bound.port;
    return this;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #hear(chunk: string | Uint8Array): void {
    this.text += Buffer.from(chunk as Uint8Array).toString('latin1'); // no encoding was set
  }
}

interface Made {
  readonly output: TcpOutput;
  readonly context: TestContext;
}

function make(port: number, values: Record<string, ConfigValue> = {}, encoder = lines): Made {
  const context = testContext('out');
  const section = sectionOf(tcpOutput.spec, {
    message_matcher: 'TRUE',
    address: `127.0.0.1:${port}`,
    use_buffering: false,
    ...values,
  });
  return { context, output: new TcpOutput(section, outputContext(context, encoder)) };
}

function put(output: TcpOutput, ...payloads: readonly string[]): void {
  for (const payload of payloads) void output.deliver(packOf({ payload }));
}

async function stop({ output, context }: Made): Promise<void> {
  let stopped = false;
  const done = output.stop().then(() => {
    stopped = true;
  });
  await until(() => stopped, context.clock, 100);
  await done;
}

t.test('messages arrive in order, framed when the encoder is for protobuf', async (t) => {
  const peer = await new Peer().listen();
  t.teardown(() => peer.close());
  const context = testContext('out');
  const encoder = protobufEncoder.create(sectionOf(protobufEncoder.spec), context);
  const made = make(peer.port, {}, encoder);
  await made.output.start();
  const packs = ['a', 'b', 'c'].map((payload) => packOf({ payload }));
  for (const pack of packs) void made.output.deliver(pack);
  const expected = packs.map((pack) => Buffer.from(frame(pack.message.bytes)).toString('latin1'));
  await until(() => peer.text.length >= expected.join('').length);
  t.equal(peer.text, expected.join(''));
  await stop(made);
  t.equal(made.output.counters['sent'], 3);
});

t.test(
  'a peer that is away is tried for ever, reported once, and gets everything later',
  async (t) => {
    const gone = await new Peer().listen();
    await gone.close();
    const made = make(gone.port);
    await made.output.start();
    put(made.output, 'a', 'b');
    await until(() => made.context.errors.length === 1);
    t.match(made.context.errors[0], /can't connect to 127.0.0.1:\d+: .*ECONNREFUSED/);
    for (let i = 0; i < 10; i++) await made.context.clock.advanceAsync(31_000);
    t.equal(made.context.errors.length, 1);
    const peer = await new Peer().listen(gone.port);
    t.teardown(() => peer.close());
    await until(() => peer.text === 'a\nb\n', made.context.clock, 1000);
    t.match(made.context.infos, [/sending to 127.0.0.1:\d+ again/]);
    await stop(made);
  },
);

t.test('a peer that hangs up is connected to again with the next message', async (t) => {
  const peer = await new Peer().listen();
  t.teardown(() => peer.close());
  const made = make(peer.port);
  await made.output.start();
  put(made.output, 'a');
  await until(() => peer.text === 'a\n');
  peer.sockets[0]?.end();
  await until(() => peer.sockets[0]?.closed === true);
  put(made.output, 'b');
  await until(() => peer.text === 'a\nb\n', made.context.clock);
  t.equal(made.output.counters['connections'], 2);
  t.same(made.context.errors, []);
  await stop(made);
});

t.test('records that a broken connection did not take are sent again', async (t) => {
  const peer = await new Peer().listen();
  t.teardown(() => peer.close());
  peer.deaf = true;
  const made = make(peer.port);
  await made.output.start();
  const big = 'x'.repeat(50_000);
  let room: Promise<void> | undefined;
  let count = 0;
  for (; room === undefined; count++)
    room = made.output.deliver(packOf({ payload: `${count}:${big}` }));
  await until(() => peer.sockets.length === 1 && (made.output.counters['waiting'] ?? 0) > 0);
  peer.deaf = false;
  const sent = made.output.counters['sent'] ?? 0;
  peer.sockets[0]?.resetAndDestroy();
  await until(() => peer.text.includes(`${count - 1}:`), made.context.clock, 1000);
  const seen = new Set([...peer.text.matchAll(/(\d+):x/g)].map((match) => Number(match[1])));
  const first = Math.min(...seen);
  for (let i = first; i < count; i++) t.ok(seen.has(i), `record ${i}`);
  t.ok(first <= sent, 'only what the system had taken is missing');
  await room;
  await stop(made);
});

t.test(
  'a peer that does not read holds the router back; at the end the rest is counted as lost',
  async (t) => {
    const peer = await new Peer().listen();
    t.teardown(() => peer.close());
    peer.deaf = true;
    const made = make(peer.port);
    await made.output.start();
    let room: Promise<void> | undefined;
    const big = 'x'.repeat(60_000);
    // Once the system's own buffers are full, the queue fills.
    for (let i = 0; i < 1000 && room === undefined; i++) {
      room = made.output.deliver(packOf({ payload: big }));
      if (room === undefined) continue;
      const before = made.output.counters['sent'];
      for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
      if (made.output.counters['sent'] !== before) room = undefined;
    }
    t.ok(room instanceof Promise);
    const waiting = made.output.counters['waiting'];
    t.ok((waiting ?? 0) > 10);
    await stop(made);
    t.equal(made.output.counters['lost'], waiting);
    t.match(made.context.errors.at(-1), /records for 127.0.0.1:\d+ were lost at shutdown/);
  },
);

t.test('stopping sends what still waits', async (t) => {
  const peer = await new Peer().listen();
  t.teardown(() => peer.close());
  const made = make(peer.port);
  await made.output.start();
  put(made.output, 'a', 'b');
  await stop(made);
  await until(() => peer.text === 'a\nb\n');
  t.equal(made.output.counters['lost'], 0);
});

t.test('reconnect_after spreads messages over connections', async (t) => {
  const peer = await new Peer().listen();
  t.teardown(() => peer.close());
  const made = make(peer.port, { reconnect_after: 2, keep_alive: true });
  await made.output.start();
  put(made.output, 'a', 'b', 'c', 'd', 'e');
  await until(() => peer.text.length === 10, made.context.clock, 1);
  t.same(peer.text.split('\n').sort(), ['', 'a', 'b', 'c', 'd', 'e']);
  t.equal(made.output.counters['connections'], 3);
  await stop(made);
});

t.test('the own address can be chosen', async (t) => {
  const peer = await new Peer().listen();
  t.teardown(() => peer.close());
  const made = make(peer.port, { local_address: '127.0.0.5' });
  await made.output.start();
  put(made.output, 'a');
  await until(() => peer.text === 'a\n');
  t.equal(peer.sockets[0]?.remoteAddress, '127.0.0.5');
  await stop(made);
});

t.test('wrong settings are refused', async (t) => {
  const check = (values: Record<string, ConfigValue>): void => {
    sectionOf(tcpOutput.spec, { message_matcher: 'TRUE', ...values });
  };
  t.throws(() => check({ address: ':5565' }), /host is missing/);
  t.throws(() => check({ buffering: { full_action: 'wait' } }), /is not one of "shutdown"/);
  t.throws(() => check({ use_tls: true, local_address: '127.0.0.1' }), /cannot be combined/);
  t.throws(() => check({ use_tls: true, tls: { cert_file: 'x' } }), /both cert_file and key_file/);
  t.throws(() => check({ tls: { client_auth: 'NoClientCert' } }), /server's side/);
  t.throws(() => check({ local_address: 'somewhere' }));
  t.doesNotThrow(() => check({ use_buffering: false, local_address: '127.0.0.1:0' }));
});

t.test('TLS', async (t) => {
  const made = makeCertificates(t.testdir());
  if (made === undefined) {
    t.pass('skipped: there is no openssl command');
    return;
  }
  const files: Certificates = made;
  const server = { cert: files.serverCert, key: files.serverKey };
  const stranger = { cert: files.strangerCert, key: files.strangerKey };

  await t.test('verifies the server and carries messages', async (t) => {
    const peer = await new Peer(server).listen();
    t.teardown(() => peer.close());
    const tls = { root_cafile: files.ca };
    const out = make(peer.port, { use_tls: true, tls });
    await out.output.start();
    put(out.output, 'secret');
    await until(() => peer.text === 'secret\n');
    await stop(out);
  });

  await t.test('sends nothing to a server that it cannot verify', async (t) => {
    const cases = {
      'unknown authority': { peer: stranger, tls: { root_cafile: files.ca } },
      'no authority given': { peer: server, tls: {} },
      'another name': { peer: server, tls: { root_cafile: files.ca, server_name: 'example.com' } },
    };
    for (const [what, { peer: own, tls }] of Object.entries(cases)) {
      const peer = await new Peer(own).listen();
      const out = make(peer.port, { use_tls: true, tls });
      await out.output.start();
      put(out.output, 'secret');
      await until(() => out.context.errors.length === 1);
      t.match(out.context.errors[0], /can't connect/, what);
      await stop(out);
      t.equal(peer.text, '', what);
      await peer.close();
    }
  });

  await t.test('insecure_skip_verify and server_name do what they say', async (t) => {
    const cases = [
      { peer: stranger, tls: { insecure_skip_verify: true } },
      { peer: server, tls: { root_cafile: files.ca, server_name: 'localhost' } },
    ];
    for (const { peer: own, tls } of cases) {
      const peer = await new Peer(own).listen();
      const out = make(peer.port, { use_tls: true, tls });
      await out.output.start();
      put(out.output, 'x');
      await until(() => peer.text === 'x\n');
      t.equal(out.output.counters['connections'], 1);
      await stop(out);
      await peer.close();
    }
  });

  await t.test('files that cannot be used keep the output from starting', async (t) => {
    const out = make(1, { use_tls: true, tls: { root_cafile: '/nonexistent' } });
    await t.rejects(out.output.start(), { code: 'HKT_TLS_FILE' });
  });
});
