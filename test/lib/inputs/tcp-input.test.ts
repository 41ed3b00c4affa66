import { readFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import t from 'tap';
import { sectionOf } from '../../../lib/config/section.ts';
import type { ConfigValue } from '../../../lib/config/spec.ts';
import { HALF_OPEN_MS, REPLY_BACKLOG_BYTES } from '../../../lib/inputs/tcp-connection.ts';
import { TcpInput, tcpInput } from '../../../lib/inputs/tcp-input.ts';
import { parseAddress } from '../../../lib/network-address.ts';
import type { Intake, Source } from '../../../lib/plugin.ts';
import { type Certificates, makeCertificates } from '../../certificates.ts';
import { type TestContext, TestIntake, testContext, until } from '../../plugin-context.ts';

interface Running {
  readonly input: TcpInput;
  readonly context: TestContext;
  readonly intakes: TestIntake[];
  readonly port: number;
}

async function run(
  test: { teardown(clean: () => Promise<void>): void },
  values: Record<string, ConfigValue> = {},
  open?: (source: Source) => Intake,
): Promise<Running> {
  const context = testContext('TCP:5565');
  const input = new TcpInput(
    sectionOf(tcpInput.spec, { address: '127.0.0.1:0', ...values }),
    context,
  );
  const intakes: TestIntake[] = [];
  await input.start(
    open ??
      ((source) => {
        const intake = new TestIntake(source);
        intakes.push(intake);
        return intake;
      }),
  );
  test.teardown(async () => {
    const stopped = input.stop();
    await until(() => input.counters['connections'] === 0, context.clock, 100);
    await stopped;
  });
  return { input, context, intakes, port: parseAddress(input.address ?? '').port };
}

/** A client that swallows its errors; they are what some tests cause. */
function client(port: number): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  return socket;
}

t.test('each connection is an intake of its own, described by its peer', async (t) => {
  const { input, intakes, port, context } = await run(t);
  const one = client(port);
  const two = client(port);
  one.write('from one');
  await until(() => intakes.some((intake) => intake.text === 'from one'));
  two.write('from two');
  await until(() => intakes.some((intake) => intake.text === 'from two'));
  t.equal(intakes.length, 2);
  const { source } = intakes.find((intake) => intake.text === 'from one') ?? {};
  t.equal(source?.hostname, `127.0.0.1:${one.localPort}`);
  t.equal(source?.type, 'TCP:5565');
  t.equal(source?.origin.description, `TCP:5565 127.0.0.1:${one.localPort}`);
  t.equal(source?.origin.loopback, true);
  one.destroy();
  two.end();
  await until(() => intakes.every((intake) => intake.ended));
  await until(() => input.counters['connections'] === 0, context.clock);
});

t.test('the input is loopback only when it listens there', async (t) => {
  const { intakes, port, input } = await run(t, { address: ':0' });
  client(port).write('x');
  await until(() => intakes.length === 1);
  t.equal(intakes[0]?.source.origin.loopback, false);
  t.match(input.address, /^(\[::\]|0\.0\.0\.0):\d+$/);
});

t.test('bytes are not read faster than the pipeline takes them', async (t) => {
  const gate = Promise.withResolvers<void>();
  let taken = 0;
  let waiting = true;
  const { port } = await run(t, {}, () => ({
    push: (chunk) => {
      taken += chunk.length;
      return waiting ? gate.promise : undefined;
    },
    end: () => undefined,
  }));
  const socket = client(port);
  const total = 64 * 1024 * 1024;
  let written = false;
  socket.write(Buffer.alloc(total), () => {
    written = true;
  });
  await until(() => taken > 0);
  for (let i = 0; i < 200; i++) await new Promise((resolve) => setImmediate(resolve));
  t.ok(taken < 1024 * 1024, 'one chunk was taken');
  t.equal(written, false, 'the sender is held back');
  waiting = false;
  gate.resolve();
  await until(() => taken === total);
  socket.destroy();
});

t.test('a reply that is owed goes back to the peer, also after it ended its side', async (t) => {
  const { intakes, port, input } = await run(t);
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  await until(() => intakes[0] !== undefined);
  const owed = intakes[0]?.source.origin.owe?.();
  socket.end('question');
  await until(() => intakes[0]?.ended === true);
  const closed = new Promise((resolve) => socket.once('end', resolve));
  intakes[0]?.source.origin.reply?.(Buffer.from('answer'));
  owed?.[Symbol.dispose]();
  await closed;
  t.equal(text, 'answer');
  await until(() => input.counters['connections'] === 0);
  intakes[0]?.source.origin.reply?.(Buffer.from('too late'));
  t.equal(input.counters['replies_dropped'], 1);
});

t.test(
  'a connection whose peer ended its side is closed at once when nothing is owed',
  async (t) => {
    const { port, input } = await run(t);
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const closed = new Promise((resolve) => socket.once('end', resolve));
    socket.resume();
    socket.end('statement');
    await closed;
    await until(() => input.counters['connections'] === 0);
    t.equal(input.counters['replies_dropped'], 0);
  },
);

t.test('an owed reply keeps a connection for a bounded time', async (t) => {
  const { intakes, port, input, context } = await run(t);
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.resume();
  await until(() => intakes[0] !== undefined);
  t.ok(intakes[0]?.source.origin.owe?.());
  socket.end('question');
  await until(() => intakes[0]?.ended === true);
  t.equal(input.counters['connections'], 1);
  context.clock.advance(HALF_OPEN_MS);
  await until(() => input.counters['connections'] === 0);
});

t.test('a peer that does not read its replies loses its connection and no other', async (t) => {
  const { intakes, port, input, context } = await run(t);
  const slow = client(port);
  slow.pause();
  slow.write('slow');
  await until(() => intakes.length === 1);
  const good = client(port);
  good.write('good');
  await until(() => intakes.length === 2);
  const chunk = Buffer.alloc(REPLY_BACKLOG_BYTES / 4);
  for (let i = 0; i < 100 && input.counters['replies_dropped'] === 0; i++) {
    intakes[0]?.source.origin.reply?.(chunk);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await until(() => input.counters['connections'] === 1);
  t.match(context.errors.at(-1), /does not read its replies/);
  good.write(' still');
  await until(() => intakes[1]?.text === 'good still');
  slow.destroy();
  good.destroy();
});

t.test(
  'connections beyond the limit are refused, counted and logged at most now and then',
  async (t) => {
    const { intakes, port, input, context } = await run(t, { max_connections: 1 });
    const first = client(port);
    first.write('a');
    await until(() => intakes.length === 1);
    for (let i = 0; i < 3; i++) {
      const refused = client(port);
      await new Promise((resolve) => refused.once('close', resolve));
    }
    await until(() => input.counters['refused'] === 3);
    t.equal(context.errors.length, 1);
    t.match(context.errors[0], /refused a connection from 127.0.0.1:\d+: 1 connections are open/);
    // A connection that only waits for replies makes room.
    first.end();
    await until(() => intakes[0]?.ended === true);
    const next = client(port);
    next.write('b');
    await until(() => intakes.length === 2);
    next.destroy();
  },
);

t.test('a connection whose intake fails is closed and the input goes on', async (t) => {
  const intakes: TestIntake[] = [];
  const { port, context } = await run(t, {}, (source) => {
    const intake = new TestIntake(source);
    intakes.push(intake);
    return {
      push: (chunk) => {
        if (Buffer.from(chunk).includes('bad')) throw new Error('broken');
        return intake.push(chunk);
      },
      end: () => intake.end(),
    };
  });
  const bad = client(port);
  bad.write('bad');
  await new Promise((resolve) => bad.once('close', resolve));
  t.match(context.errors[0], /broken/);
  const good = client(port);
  good.write('good');
  await until(() => intakes[1]?.text === 'good');
  good.resetAndDestroy();
  await until(() => intakes[1]?.ended === true);
});

t.test('stopping hands over what was read and closes every connection', async (t) => {
  const context = testContext('tcp');
  const input = new TcpInput(sectionOf(tcpInput.spec, { address: '127.0.0.1:0' }), context);
  const gate = Promise.withResolvers<void>();
  let text = '';
  let ended = false;
  await input.start(() => ({
    push: (chunk) => {
      text += Buffer.from(chunk).toString();
      return gate.promise;
    },
    end: () => {
      ended = true;
      return undefined;
    },
  }));
  const socket = client(parseAddress(input.address ?? '').port);
  socket.write('one');
  await until(() => text === 'one');
  const stopped = input.stop();
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  t.equal(ended, false, 'the pipeline has not taken it yet');
  gate.resolve();
  await stopped;
  t.equal(ended, true);
  t.equal(await input.done, undefined);
  await new Promise((resolve) => (socket.destroyed ? resolve(0) : socket.once('close', resolve)));
});

t.test('an address in use is an error with its code', async (t) => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', () => resolve()));
  t.teardown(() => taken.close());
  const bound = taken.address();
  const port = typeof bound === 'object' ? bound?.port : 0;
  const section = sectionOf(tcpInput.spec, { address: `127.0.0.1:${port}` });
  const input = new TcpInput(section, testContext('x'));
  await t.rejects(
    input.start((source) => new TestIntake(source)),
    { code: 'HKT_PLUGIN_LISTEN', message: /EADDRINUSE/ },
  );
});

t.test('signers and TLS settings are checked before anything listens', async (t) => {
  const check = (values: Record<string, ConfigValue>): ReturnType<typeof sectionOf> =>
    sectionOf(tcpInput.spec, { address: ':0', ...values });
  const signed = check({ signer: { PlatformDevs_0: { hmac_key: 'old' } } });
  t.equal(signed.sections('signer').get('PlatformDevs_0')?.string('hmac_key'), 'old');
  t.throws(() => check({ signer: { PlatformDevs_0: {} } }));
  t.throws(() => check({ use_tls: true }), /requires both cert_file and key_file/);
  t.throws(() => check({ tls: { min_version: 'SSL30' } }), /SSL 3.0/);
  t.throws(() => check({ tls: { min_version: 'TLS14' } }), /Invalid MinVersion/);
  t.throws(() => check({ tls: { max_version: 'TLS9' } }), /Invalid MaxVersion/);
  t.throws(() => check({ tls: { root_cafile: 'x' } }), /client's side/);
  t.throws(() => check({ tls: { client_auth: 'Maybe' } }));
  const pair = { cert_file: 'c', key_file: 'k' };
  t.throws(
    () => check({ use_tls: true, tls: { ...pair, client_auth: 'RequireAndVerifyClientCert' } }),
    /needs client_cafile/,
  );
  t.throws(() => check({ net: 'unix' }));
  t.throws(() => check({ ticker_interval: 5 }));
});

t.test('TLS', async (t) => {
  const made = makeCertificates(t.testdir());
  if (made === undefined) {
    t.pass('skipped: there is no openssl command');
    return;
  }
  const files: Certificates = made;
  const pair = { cert_file: files.serverCert, key_file: files.serverKey };
  const strangerPair = { cert: files.strangerCert, key: files.strangerKey };
  const clientPair = { cert: files.clientCert, key: files.clientKey };

  function dial(port: number, own?: { readonly cert: string; readonly key: string }): TLSSocket {
    const socket = connectTls({
      port,
      host: '127.0.0.1',
      servername: 'localhost',
      ca: readFileSync(files.ca),
      ...(own === undefined ? {} : { cert: readFileSync(own.cert), key: readFileSync(own.key) }),
    });
    socket.on('error', () => {});
    return socket;
  }

  await t.test('carries messages and replies', async (t) => {
    const { intakes, port } = await run(t, { use_tls: true, tls: pair, keep_alive: true });
    const socket = dial(port);
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.write('secret');
    await until(() => intakes[0]?.text === 'secret');
    intakes[0]?.source.origin.reply?.(Buffer.from('answer'));
    await until(() => text === 'answer');
    socket.destroy();
  });

  await t.test('plain text on a TLS port ends that connection only', async (t) => {
    const { intakes, port, input, context } = await run(t, { use_tls: true, tls: pair });
    const plain = client(port);
    plain.write('GET / HTTP/1.0\r\n\r\n');
    await until(() => input.counters['refused'] === 1);
    t.match(context.errors[0], /TLS handshake with .* failed/);
    const socket = dial(port);
    socket.write('fine');
    await until(() => intakes[0]?.text === 'fine');
    plain.destroy();
    socket.destroy();
  });

  await t.test('peers that never shake hands are bounded too', async (t) => {
    const { port, input, context } = await run(t, { use_tls: true, tls: pair, max_connections: 1 });
    const silent = [client(port), client(port), client(port)];
    for (const socket of silent) socket.on('error', () => {});
    await until(() => input.counters['refused'] === 1);
    t.match(context.errors[0], /refused a connection from .*: 2 connections are open/);
    // Stopping does not wait for the handshakes that never come.
    await input.stop();
  });

  const cases = [
    ['NoClientCert', { none: true, stranger: true, known: true }],
    ['RequestClientCert', { none: true, stranger: true, known: true }],
    ['RequireAnyClientCert', { none: false, stranger: true, known: true }],
    ['VerifyClientCertIfGiven', { none: true, stranger: false, known: true }],
    ['RequireAndVerifyClientCert', { none: false, stranger: false, known: true }],
  ] as const;
  for (const [auth, expected] of cases) {
    await t.test(`client_auth ${auth} takes whom it says`, async (t) => {
      const tls = { ...pair, client_auth: auth, client_cafile: files.ca };
      const { intakes, port, input } = await run(t, { use_tls: true, tls });
      const dialled = {
        none: dial(port),
        stranger: dial(port, strangerPair),
        known: dial(port, clientPair),
      };
      for (const [who, socket] of Object.entries(dialled)) socket.write(who);
      await until(
        () =>
          intakes.filter(({ text }) => text !== '').length + (input.counters['refused'] ?? 0) === 3,
      );
      const heard = new Set(intakes.map(({ text }) => text));
      for (const [who, taken] of Object.entries(expected)) t.equal(heard.has(who), taken, who);
      for (const socket of Object.values(dialled)) socket.destroy();
    });
  }

  await t.test('an older version than min_version is refused', async (t) => {
    const tls = { ...pair, min_version: 'TLS13' };
    const { port, input } = await run(t, { use_tls: true, tls });
    const socket = connectTls({
      port,
      host: '127.0.0.1',
      servername: 'localhost',
      ca: readFileSync(files.ca),
      maxVersion: 'TLSv1.2',
    });
    await new Promise((resolve) => socket.once('error', resolve));
    await until(() => input.counters['refused'] === 1);
  });

  await t.test('TLS 1.0 works for those who ask for it', async (t) => {
    const tls = { ...pair, min_version: 'TLS10' };
    const { port, intakes } = await run(t, { use_tls: true, tls });
    const socket = connectTls({
      port,
      host: '127.0.0.1',
      servername: 'localhost',
      ca: readFileSync(files.ca),
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    socket.write('old');
    await until(() => intakes[0]?.text === 'old');
    socket.destroy();
  });

  await t.test('files that cannot be used keep the input from starting', async (t) => {
    const wrong = {
      missing: { cert_file: '/nonexistent/x.pem', key_file: files.serverKey },
      'not a certificate': { cert_file: files.serverKey, key_file: files.serverKey },
      'another key': { cert_file: files.serverCert, key_file: files.clientKey },
      'not an authority': { ...pair, client_cafile: files.serverKey },
    };
    for (const [what, tls] of Object.entries(wrong)) {
      const section = sectionOf(tcpInput.spec, { address: '127.0.0.1:0', use_tls: true, tls });
      const input = new TcpInput(section, testContext('x'));
      await t.rejects(
        input.start((source) => new TestIntake(source)),
        { code: 'HKT_TLS_FILE' },
        what,
      );
    }
  });
});
