import { readFileSync } from 'node:fs';
import { Agent, request as requestHttps } from 'node:https';
import { connect, type Socket } from 'node:net';
import t from 'tap';
import { sectionOf } from '../../../lib/config/section.ts';
import type { ConfigValue } from '../../../lib/config/spec.ts';
import { HttpListenInput, httpListenInput } from '../../../lib/inputs/http-listen-input.ts';
import { parseAddress } from '../../../lib/network-address.ts';
import type { Intake, Source } from '../../../lib/plugin.ts';
import { makeCertificates } from '../../certificates.ts';
import { type TestContext, TestIntake, testContext, until } from '../../plugin-context.ts';

interface Running {
  readonly input: HttpListenInput;
  readonly context: TestContext;
  readonly intakes: TestIntake[];
  readonly port: number;
  readonly url: string;
}

async function run(
  values: Record<string, ConfigValue> = {},
  open?: (source: Source) => Intake,
): Promise<Running> {
  const context = testContext('web');
  const section = sectionOf(httpListenInput.spec, { address: '127.0.0.1:0', ...values }, 'web');
  const input = new HttpListenInput(section, context);
  const intakes: TestIntake[] = [];
  await input.start(
    open ??
      ((source) => {
        const intake = new TestIntake(source);
        intakes.push(intake);
        return intake;
      }),
  );
  const { port } = parseAddress(input.address ?? '');
  return { input, context, intakes, port, url: `http://127.0.0.1:${port}` };
}

async function post(url: string, body: string, headers: Record<string, string> = {}) {
  const response = await fetch(url, { method: 'POST', body, headers });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

/** A connection that collects what it is answered. */
async function raw(port: number): Promise<{ readonly socket: Socket; text(): string }> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('connect', resolve));
  return { socket, text: () => text };
}

function fieldsOf(intake: TestIntake | undefined): (readonly [string, unknown])[] {
  const fields = intake?.source.marks?.().fields ?? [];
  return fields.map(({ name, value }) => [name, value] as const);
}

t.test('a request’s body is a stream, and what is known of the request are fields', async (t) => {
  const { input, intakes, port, url } = await run({ request_headers: ['X-Trace', 'X-None'] });
  const target = `${url}/a%20path?user=bob&user=al&x=1%2B1`;
  const answer = await post(target, 'the body', {
    'User-Agent': 'Test',
    'Content-Type': 'text/x',
    'X-Trace': 't1',
  });
  t.equal(answer.status, 200);
  t.equal(answer.text, '');
  t.equal(intakes[0]?.text, 'the body');
  t.equal(intakes[0]?.ended, true);
  t.match(intakes[0]?.source.marks?.(), {
    type: 'heka.httpdata.request',
    hostname: 'testhost',
    pid: 42,
    severity: 6,
    envVersion: '1',
  });
  t.same(fieldsOf(intakes[0]), [
    ['Protocol', 'HTTP/1.1'],
    ['UserAgent', 'Test'],
    ['ContentType', 'text/x'],
    ['Path', '/a path'],
    ['Host', '127.0.0.1'],
    ['RemoteAddr', '127.0.0.1'],
    ['X-Trace', 't1'],
    ['user', 'bob'],
    ['user', 'al'],
    ['x', '1+1'],
  ]);
  const { source } = intakes[0] ?? {};
  t.equal(source?.origin.loopback, true);
  t.equal(source?.wholeBytes, 960 * 1024);
  t.equal(source?.sharesDecoder, true);
  t.equal(input.address, `127.0.0.1:${port}`);
  await input.stop();
});

t.test('a request without a body makes no record', async (t) => {
  const { input, intakes, url } = await run();
  t.equal((await fetch(url)).status, 200);
  t.equal((await post(url, '')).status, 200);
  t.same(intakes, []);
  await input.stop();
});

t.test('every answer has the configured headers', async (t) => {
  const { input, url } = await run({ headers: { 'X-One': ['a'], 'X-Two': ['b', 'c'] } });
  const { headers } = await post(url, 'x');
  t.equal(headers.get('x-one'), 'a');
  t.equal(headers.get('x-two'), 'b, c');
  await input.stop();
});

t.test('the answer waits until everything was routed', async (t) => {
  const gate = Promise.withResolvers<void>();
  const steps: string[] = [];
  const { input, url } = await run({}, () => ({
    push: () => {
      steps.push('push');
      return gate.promise;
    },
    end: () => {
      steps.push('end');
      return undefined;
    },
  }));
  const answered = post(url, 'x').then(({ status }) => steps.push(`answer ${status}`));
  await until(() => steps.length === 1);
  gate.resolve();
  await answered;
  t.same(steps, ['push', 'end', 'answer 200']);
  await input.stop();
});

t.test('basic authentication lets in who has both name and password', async (t) => {
  const auth = { auth_type: 'Basic', username: 'me', password: 'se:cret' };
  const { input, intakes, url, context } = await run(auth);
  const basic = (text: string) => ({
    Authorization: `Basic ${Buffer.from(text).toString('base64')}`,
  });
  t.equal((await post(url, 'in', basic('me:se:cret'))).status, 200);
  const wrong = [basic('me:secret'), basic('you:se:cret'), basic(''), { Authorization: 'x' }, {}];
  for (const headers of wrong) {
    const { status, headers: answered } = await post(url, 'out', headers);
    t.equal(status, 401);
    t.equal(answered.get('www-authenticate'), 'Basic realm="hekate"');
  }
  t.same(
    intakes.map(({ text }) => text),
    ['in'],
  );
  t.match(context.errors[0], /^refused a request of 127\.0\.0\.1:\d+: Basic Auth Failed$/);
  t.notMatch(context.errors.join(), /se:?cret/);
  t.same(input.counters, { requests: 0, accepted: 1, refused: 5 });
  await input.stop();
});

t.test('an API key lets in who has it', async (t) => {
  const { input, intakes, url } = await run({ auth_type: 'API', api_key: '1234' });
  t.equal((await post(url, 'in', { 'X-API-KEY': '1234' })).status, 200);
  t.equal((await post(url, 'out', { 'X-API-KEY': '12345' })).status, 401);
  t.equal((await post(url, 'out')).status, 401);
  t.equal(intakes.length, 1);
  await input.stop();
});

t.test('a body above max_body_size is refused with 413, declared or not', async (t) => {
  const { input, intakes, url, port } = await run({ max_body_size: 100 });
  t.equal((await post(url, 'x'.repeat(100))).status, 200);
  const declared = await post(url, 'x'.repeat(101));
  t.equal(declared.status, 413);
  t.match(declared.text, /longer than max_body_size \(100 bytes\)/);
  const chunked = await raw(port);
  chunked.socket.write('POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
  for (let i = 0; i < 200; i++) chunked.socket.write(`40\r\n${'y'.repeat(64)}\r\n`);
  await until(() => chunked.text().includes('413 Payload Too Large'));
  chunked.socket.write('0\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await until(() => chunked.text().includes('200 OK'));
  chunked.socket.destroy();
  t.equal(intakes.length, 1);
  await input.stop();
});

t.test('a request that is cut off routes nothing', async (t) => {
  const { input, intakes, port, context } = await run();
  const { socket } = await raw(port);
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf');
  await until(() => input.counters['requests'] === 1);
  socket.destroy();
  await until(() => input.counters['requests'] === 0);
  t.same(intakes, []);
  t.match(context.errors[0], /^refused a request of .*: (?:the client went away|aborted)$/);
  await input.stop();
});

t.test('who takes too long to send gets 408', async (t) => {
  const { input, port, intakes } = await run({ request_timeout: '200ms' });
  const body = await raw(port);
  body.socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf');
  const headers = await raw(port);
  headers.socket.write('POST / HTTP/1.1\r\nHost: x\r\n');
  await until(() => body.text().includes('408 Request Timeout'));
  await until(() => headers.text().includes('408 Request Timeout'));
  t.same(intakes, []);
  await until(() => input.counters['requests'] === 0);
  await input.stop();
});

t.test('headers that are too long, and what is no HTTP, are refused', async (t) => {
  const { input, port, intakes } = await run();
  const long = await raw(port);
  long.socket.write(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`);
  await until(() => long.text().includes('431 Request Header Fields Too Large'));
  const other = await raw(port);
  other.socket.write('\x16\x03\x01nonsense\r\n\r\n');
  await until(() => other.text().includes('400 Bad Request'));
  t.same(intakes, []);
  await input.stop();
});

t.test('too many query parameters are refused', async (t) => {
  const { input, url } = await run();
  const query = (count: number): string => Array(count).fill('a=b').join('&');
  t.equal((await post(`${url}/?${query(256)}`, 'x')).status, 200);
  t.equal((await post(`${url}/?${query(257)}`, 'x')).status, 400);
  await input.stop();
});

t.test('connections beyond max_connections are refused, counted and logged', async (t) => {
  const { input, port, url, context } = await run({ max_connections: 1 });
  const first = await raw(port);
  first.socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await until(() => first.text().includes('200 OK'));
  await t.rejects(fetch(url));
  t.equal(input.counters['refused'], 1);
  t.match(context.errors, [/refused a connection from 127\.0\.0\.1: 1 connections are open/]);
  first.socket.destroy();
  await input.stop();
});

t.test('requests at a time are bounded, also on one connection', async (t) => {
  const gate = Promise.withResolvers<void>();
  const { input, port } = await run({ max_connections: 1 }, () => ({
    push: () => gate.promise,
    end: () => undefined,
  }));
  const { socket, text } = await raw(port);
  const request = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx';
  socket.write(request.repeat(5));
  await until(() => input.counters['refused'] === 3);
  gate.resolve();
  await until(() => (text().match(/HTTP\/1\.1 /g) ?? []).length === 5);
  t.equal(text().match(/503 Service Unavailable/g)?.length, 3);
  t.match(text(), /Retry-After: 1/);
  socket.destroy();
  await input.stop();
});

t.test('stopping answers what was received, and cuts off what is not complete', async (t) => {
  const gate = Promise.withResolvers<void>();
  const { input, port, url } = await run({}, () => ({
    push: () => gate.promise,
    end: () => undefined,
  }));
  const complete = post(url, 'x');
  const half = await raw(port);
  let closed = false;
  half.socket.on('close', () => {
    closed = true;
  });
  half.socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf');
  await until(() => input.counters['requests'] === 2);
  const stopped = input.stop();
  gate.resolve();
  await stopped;
  t.equal((await complete).status, 200);
  await until(() => closed);
  await t.rejects(fetch(url));
});

t.test('a fault in the pipeline is 500, without its text', async (t) => {
  const { input, url, context } = await run({}, () => {
    throw new Error('inner secret');
  });
  const { status, text } = await post(url, 'x');
  t.equal(status, 500);
  t.equal(text, 'failed\n');
  t.match(context.errors[0], /inner secret/);
  await input.stop();
});

t.test('with TLS requests are encrypted, and clients may have to show a certificate', async (t) => {
  const files = makeCertificates(t.testdir());
  if (files === undefined) {
    t.pass('skipped: there is no openssl');
    return;
  }
  const { input, intakes, port } = await run({
    use_tls: true,
    tls: {
      cert_file: files.serverCert,
      key_file: files.serverKey,
      client_auth: 'RequireAndVerifyClientCert',
      client_cafile: files.ca,
    },
  });
  const send = (options: Record<string, Buffer>): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const agent = new Agent({ ca: readFileSync(files.ca), ...options });
      const sent = requestHttps({ host: '127.0.0.1', port, method: 'POST', agent }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sent.on('error', reject);
      sent.end('encrypted');
    });
  const pair = { cert: readFileSync(files.clientCert), key: readFileSync(files.clientKey) };
  t.equal(await send(pair), 200);
  await t.rejects(send({}));
  t.same(
    intakes.map(({ text }) => text),
    ['encrypted'],
  );
  await input.stop();
});

t.test('wrong settings are refused and a taken address is an error', async (t) => {
  const check = (values: Record<string, ConfigValue>): void => {
    sectionOf(httpListenInput.spec, values);
  };
  t.throws(() => check({ auth_type: 'basic' }), /is not one of/);
  t.throws(() => check({ auth_type: 'Basic', username: 'x' }), /'password'.*"Basic" needs it/);
  t.throws(() => check({ auth_type: 'API' }), /'api_key'.*"API" needs it/);
  t.throws(() => check({ headers: { A: 'x' } }), /'A' must be a list of texts/);
  t.throws(() => check({ headers: { A: ['x\r\nB: y'] } }), /Invalid character/);
  t.throws(() => check({ use_tls: true }), /requires both cert_file and key_file/);
  t.throws(() => check({ max_body_size: '1GiB' }), /must be from 1/);
  const first = await run();
  const section = sectionOf(httpListenInput.spec, { address: `127.0.0.1:${first.port}` });
  await t.rejects(
    new HttpListenInput(section, testContext('x')).start((source) => new TestIntake(source)),
    { code: 'HKT_PLUGIN_LISTEN' },
  );
  await first.input.stop();
});
