import type { ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import t from 'tap';
import { sectionOf } from '../../../lib/config/section.ts';
import type { ConfigValue } from '../../../lib/config/spec.ts';
import { HttpOutput, httpOutput } from '../../../lib/outputs/http-output.ts';
import type { Encoder } from '../../../lib/plugin.ts';
import { makeCertificates } from '../../certificates.ts';
import { HttpPeer, peerFor } from '../../http-peer.ts';
import {
  outputContext,
  packOf,
  type TestContext,
  testContext,
  until,
} from '../../plugin-context.ts';

const plain: Encoder = {
  framedByDefault: false,
  encode: (message) => (message.payload === '' ? undefined : Buffer.from(message.payload)),
};

interface Made {
  readonly output: HttpOutput;
  readonly context: TestContext;
}

function make(
  address: string,
  values: Record<string, ConfigValue> = {},
  settled?: (n: number) => void,
): Made {
  const context = testContext('out');
  const section = sectionOf(httpOutput.spec, {
    message_matcher: 'TRUE',
    encoder: 'PayloadEncoder',
    address,
    ...values,
  });
  const given = outputContext(context, plain);
  const output = new HttpOutput(section, settled === undefined ? given : { ...given, settled });
  return { context, output };
}

function put(output: HttpOutput, ...payloads: readonly string[]): void {
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

t.test('each message is a request of its own, in order, over one connection', async (t) => {
  const peer = await peerFor(t);
  const made = make(`http://127.0.0.1:${peer.port}/a/b?c=d`, {
    headers: { 'Content-Type': ['text/plain'], 'X-Many': ['1', '2'], 'User-Agent': ['me'] },
  });
  await made.output.start();
  put(made.output, 'one', '', 'two', 'three');
  await until(() => peer.heard.length === 3);
  t.same(peer.bodies, ['one', 'two', 'three']);
  t.match(peer.heard[0], {
    method: 'POST',
    url: '/a/b?c=d',
    headers: {
      host: `127.0.0.1:${peer.port}`,
      'content-type': 'text/plain',
      'content-length': '3',
      'x-many': '1, 2',
      'user-agent': 'me',
      authorization: undefined,
      'transfer-encoding': undefined,
    },
  });
  t.equal(peer.connections, 1);
  await stop(made);
  t.match(made.output.counters, { sent: 3, waiting: 0, dropped: 0, lost: 0 });
});

t.test('PUT carries the record, GET nothing', async (t) => {
  const peer = await peerFor(t);
  for (const method of ['put', 'Get']) {
    const made = make(`http://127.0.0.1:${peer.port}`, { method });
    await made.output.start();
    put(made.output, 'x');
    await stop(made);
  }
  t.same(
    peer.heard.map(({ method, url, body }) => [method, url, body]),
    [
      ['PUT', '/', 'x'],
      ['GET', '/', ''],
    ],
  );
});

t.test(
  'credentials come from the settings, or else from the URL, and never into the log',
  async (t) => {
    const peer = await peerFor(t);
    peer.answer = (response) => void response.writeHead(500).end();
    const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
    const at = `127.0.0.1:${peer.port}/path?token=hidden`;
    const cases: [string, Record<string, ConfigValue>, string][] = [
      [`http://${at}`, { username: 'me', password: 'pass' }, basic('me:pass')],
      [`http://${at}`, { password: 'pass' }, basic(':pass')],
      [`http://me:pa%40ss@${at}`, {}, basic('me:pa@ss')],
      [`http://me:pa%zzss@${at}`, {}, basic('me:pa%zzss')],
      [`http://${at}`, { headers: { Authorization: ['Bearer pass'] } }, 'Bearer pass'],
    ];
    for (const [address, values, expected] of cases) {
      peer.heard.length = 0;
      const made = make(address, values);
      await made.output.start();
      put(made.output, 'x');
      await until(() => made.context.errors.length > 0);
      t.equal(peer.heard[0]?.headers.authorization, expected);
      await stop(made);
      t.notMatch([...made.context.errors, ...made.context.infos].join(), /pass|pa@ss|hidden/);
    }
  },
);

t.test(
  'a server that is away or in trouble gets the record later, and the log says so once',
  async (t) => {
    const gone = await new HttpPeer().listen();
    const { port } = gone;
    await gone.close();
    const made = make(`http://127.0.0.1:${port}/x`);
    await made.output.start();
    put(made.output, 'one', 'two');
    await until(() => made.context.errors.length === 1);
    t.match(made.context.errors[0], /Error making HTTP request: http:\/\/127.*\/x: .*ECONNREFUSED/);
    const peer = await new HttpPeer().listen(port);
    t.teardown(() => peer.close());
    let troubles = 6;
    const statuses = [503, 500, 429, 401, 404, 302];
    peer.answer = (response) =>
      void response.writeHead(troubles > 0 ? (statuses[--troubles] ?? 500) : 200).end();
    await until(() => made.output.counters['sent'] === 2, made.context.clock, 1000);
    t.same(peer.bodies, [...Array.from({ length: 7 }, () => 'one'), 'two']);
    t.equal(made.context.errors.length, 1);
    t.match(made.context.infos, [/sending to http:\/\/127\.0\.0\.1:\d+\/x again/]);
    await stop(made);
  },
);

t.test('a record that the server will never take is dropped, counted and told', async (t) => {
  const peer = await peerFor(t);
  peer.answer = (response, { body }) =>
    void response.writeHead(body === 'bad' ? 400 : 200).end(`no ${'x'.repeat(5000)}`);
  const made = make(`http://127.0.0.1:${peer.port}/`);
  await made.output.start();
  put(made.output, 'bad', 'good');
  await until(() => made.output.counters['sent'] === 1);
  t.same(peer.bodies, ['bad', 'good']);
  t.equal(made.output.counters['dropped'], 1);
  t.match(made.context.errors, [
    /dropped a record, HTTP Error code returned: 400 Bad Request - no x{197}… /,
  ]);
  await stop(made);
});

t.test(
  'an answer that never comes ends at http_timeout, and the record is sent again',
  async (t) => {
    const peer = await peerFor(t);
    let silent = true;
    peer.answer = (response) => {
      if (!silent) response.end();
    };
    const made = make(`http://127.0.0.1:${peer.port}/`, { http_timeout: 700 });
    await made.output.start();
    put(made.output, 'x');
    await until(() => peer.heard.length === 1);
    made.context.clock.advance(699);
    t.same(made.context.errors, []);
    silent = false;
    made.context.clock.advance(1);
    await until(() => made.context.errors.length === 1);
    t.match(made.context.errors[0], /no answer within 700 ms/);
    await until(() => made.output.counters['sent'] === 1, made.context.clock, 100);
    t.equal(peer.heard.length, 2);
    await stop(made);
  },
);

t.test('an answer without end is not read to its end', async (t) => {
  const peer = await peerFor(t);
  let endless: ServerResponse | undefined;
  peer.answer = (response) => {
    if (endless !== undefined) {
      response.end();
      return;
    }
    endless = response;
    response.on('error', () => {});
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536)));
    };
    response.on('drain', more);
    more();
  };
  const made = make(`http://127.0.0.1:${peer.port}/`);
  await made.output.start();
  put(made.output, 'one', 'two');
  await until(() => made.output.counters['sent'] === 2);
  await until(() => endless?.destroyed === true);
  await stop(made);
});

t.test('answers that are no HTTP are failures like others', async (t) => {
  const sockets: Socket[] = [];
  const server = createTcpServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.once('data', () => socket.end('what?\r\n\r\n'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // a TCP server's
  const made = make(`http://127.0.0.1:${port}/`);
  await made.output.start();
  put(made.output, 'x');
  await until(() => made.context.errors.length === 1);
  t.match(made.context.errors[0], /Error making HTTP request: .*Parse Error/);
  await stop(made);
  t.equal(made.output.counters['lost'], 1);
  t.match(made.context.errors.at(-1), /1 records for http:.* were lost at shutdown/);
});

t.test('a connection that the server closed while it lay idle is no failure', async (t) => {
  const peer = await peerFor(t);
  const made = make(`http://127.0.0.1:${peer.port}/`);
  await made.output.start();
  for (let i = 0; i < 5; i++) {
    put(made.output, `m${i}`);
    await until(() => made.output.counters['sent'] === i + 1);
    peer.server.closeIdleConnections();
  }
  t.same(made.context.errors, []);
  t.same(peer.bodies, ['m0', 'm1', 'm2', 'm3', 'm4']);
  await stop(made);
});

t.test('a full queue holds the router, and a shutdown does not wait for ever', async (t) => {
  const peer = await peerFor(t);
  peer.answer = () => {};
  const made = make(`http://127.0.0.1:${peer.port}/`);
  await made.output.start();
  let room: Promise<void> | undefined;
  let count = 0;
  for (; room === undefined && count < 100_000; count++) {
    room = made.output.deliver(packOf({ payload: 'x'.repeat(1000) }));
  }
  t.ok(room instanceof Promise);
  await stop(made);
  await room;
  t.equal(made.output.counters['lost'], count);
});

t.test(
  'behind a disk queue, records are settled as the server takes them, and the rest is kept',
  async (t) => {
    const peer = await peerFor(t);
    let open = 2;
    peer.answer = (response) => void response.writeHead(open-- > 0 ? 200 : 503).end();
    const settled: number[] = [];
    const made = make(`http://127.0.0.1:${peer.port}/`, {}, (messages) => settled.push(messages));
    await made.output.start();
    put(made.output, 'a', '', 'b', 'c');
    await until(() => made.context.errors.length === 1);
    t.same(settled, [2, 1], 'the message without a record goes with the one before it');
    const before = made.context.clock.now();
    await made.output.stop();
    t.equal(made.context.clock.now(), before, 'a server in trouble is not waited for');
    t.match(made.output.counters, { waiting: 0, lost: 0 });
    t.equal(made.context.errors.length, 1);
  },
);

t.test('wrong settings are refused with upstream’s texts', async (t) => {
  const check = (values: Record<string, ConfigValue>): void => {
    sectionOf(httpOutput.spec, {
      message_matcher: 'TRUE',
      encoder: 'x',
      address: 'http://localhost/',
      ...values,
    });
  };
  const absolute = /`address` must contain an absolute http or https URL\./;
  t.throws(() => check({ address: 'ftp://host/' }), absolute);
  t.throws(() => check({ address: 'host/path' }), /Can't parse URL/);
  t.throws(() => check({ method: 'DELETE' }), /HTTP Method must be POST, GET, or PUT\./);
  t.throws(() => check({ encoder: '' }), /Encoder must be specified\./);
  t.throws(() => check({ headers: { A: 'b' } }), /header A must be a list of texts/);
  t.throws(() => check({ headers: { A: ['b\r\nC: d'] } }), /a character that no header has/);
  t.throws(() => check({ headers: { 'A B': ['b'] } }), /a character that no header has/);
  t.throws(() => check({ headers: { 'Content-Length': ['5'] } }), /set by the request itself/);
  const pair = { tls: { cert_file: 'x' } };
  t.throws(() => check({ address: 'https://h/', ...pair }), /both cert_file and key_file/);
  t.doesNotThrow(() => check(pair), 'tls counts only for https');
  t.doesNotThrow(() => check({ use_buffering: true, buffering: { full_action: 'drop' } }));
});

t.test('https verifies the server and presents a certificate', async (t) => {
  const files = makeCertificates(t.testdir());
  if (files === undefined) {
    t.pass('skipped: there is no openssl command');
    return;
  }
  const peer = await new HttpPeer({ cert: files.serverCert, key: files.serverKey }).listen();
  t.teardown(() => peer.close());
  const good = make(`https://localhost:${peer.port}/`, { tls: { root_cafile: files.ca } });
  await good.output.start();
  put(good.output, 'secret');
  await until(() => peer.heard.length === 1);
  await stop(good);
  for (const tls of [{}, { root_cafile: files.ca, server_name: 'example.com' }]) {
    const bad = make(`https://127.0.0.1:${peer.port}/`, { tls });
    await bad.output.start();
    put(bad.output, 'secret');
    await until(() => bad.context.errors.length === 1);
    t.match(bad.context.errors[0], /Error making HTTP request/);
    await stop(bad);
  }
  t.equal(peer.heard.length, 1);
  const missing = make('https://localhost/', { tls: { root_cafile: '/nonexistent' } });
  await t.rejects(missing.output.start(), { code: 'HKT_TLS_FILE' });
});
