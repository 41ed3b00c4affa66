import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import t from 'tap';
import { sectionOf } from '../../../lib/config/section.ts';
import type { ConfigValue } from '../../../lib/config/spec.ts';
import { HttpInput, httpInput } from '../../../lib/inputs/http-input.ts';
import type { Message } from '../../../lib/protocol/message.ts';
import { type TestContext, TestIntake, testContext, until } from '../../plugin-context.ts';

interface Served {
  readonly url: string;
  readonly requests: IncomingMessage[];
  readonly bodies: string[];
}

/** A server on a free port that is gone after the test. */
async function serve(t: Tap, answer: RequestListener): Promise<Served> {
  const requests: IncomingMessage[] = [];
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      requests.push(request);
      bodies.push(body);
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `http://127.0.0.1:${address.port}`, requests, bodies };
}

type Tap = { teardown(callback: () => void): void };

interface Running {
  readonly input: HttpInput;
  readonly context: TestContext;
  readonly intakes: TestIntake[];
  readonly errors: Message[];
}

async function run(values: Record<string, ConfigValue>): Promise<Running> {
  const context = testContext('http');
  const input = new HttpInput(sectionOf(httpInput.spec, values, 'http'), context);
  const intakes: TestIntake[] = [];
  const errors: Message[] = [];
  await input.start(
    (source) => {
      const intake = new TestIntake(source);
      intakes.push(intake);
      return intake;
    },
    (message, decode) => {
      if (decode) throw new Error('an error message is not to be decoded');
      errors.push(message);
      return undefined;
    },
  );
  return { input, context, intakes, errors };
}

/** One round of requests. */
async function ask(running: Running): Promise<void> {
  const { context, input } = running;
  const seen = (): number => (input.counters['answered'] ?? 0) + (input.counters['failed'] ?? 0);
  const before = seen();
  context.clock.advance(10_000);
  await until(() => seen() > before);
}

function fieldsOf(intake: TestIntake | undefined): Record<string, unknown> {
  const fields = intake?.source.marks?.().fields ?? [];
  return Object.fromEntries(fields.map(({ name, value }) => [name, value]));
}

t.test('an answer’s body is a stream, and its headers are fields', async (t) => {
  const { url, requests } = await serve(t, (_request, response) => response.end('the body'));
  const running = await run({ url: `${url}/path?q=1` });
  await ask(running);
  const { context, input, intakes } = running;
  t.equal(intakes[0]?.text, 'the body');
  t.equal(intakes[0]?.ended, true);
  t.match(intakes[0]?.source.marks?.(), {
    type: 'heka.httpinput.data',
    hostname: 'testhost',
    logger: `${url}/path?q=1`,
    severity: 6,
  });
  t.same(fieldsOf(intakes[0]), {
    StatusCode: 200,
    Status: '200 OK',
    ResponseSize: 8,
    ResponseTime: 0,
    Protocol: 'HTTP/1.1',
  });
  t.equal(intakes[0]?.source.origin.loopback, false);
  t.equal(requests[0]?.method, 'GET');
  t.equal(requests[0]?.headers['user-agent'], 'Heka');
  t.equal(requests[0]?.headers.authorization, undefined);
  t.same(context.errors, []);
  await input.stop();
});

t.test('an answer with any other status than 200 has the error’s severity', async (t) => {
  const { url } = await serve(t, (_request, response) => {
    response.statusCode = 503;
    response.write('no');
    response.end();
  });
  const running = await run({ url, success_severity: 5, error_severity: 2 });
  await ask(running);
  t.equal(running.intakes[0]?.source.marks?.().severity, 2);
  t.match(fieldsOf(running.intakes[0]), { StatusCode: 503, Status: '503 Service Unavailable' });
  t.equal(fieldsOf(running.intakes[0])['ResponseSize'], 0, 'without a Content-Length');
  t.same(running.errors, []);
  await running.input.stop();
});

t.test('a request that fails is a message that is not decoded', async (t) => {
  const { url } = await serve(t, (request) => request.socket.destroy());
  const running = await run({ url });
  await ask(running);
  t.same(running.intakes, []);
  t.match(running.errors[0], {
    type: 'heka.httpinput.error',
    logger: `${url}/`,
    severity: 1,
    hostname: 'testhost',
    payload: `GET ${url}/: socket hang up`,
  });
  await running.input.stop();
});

t.test('method, headers, body and credentials are sent', async (t) => {
  const { url, requests, bodies } = await serve(t, (_request, response) => response.end());
  const running = await run({
    urls: [`${url}/a`, `${url}/b`],
    method: 'post',
    body: 'grüße',
    username: 'me',
    password: 'se:cret',
    headers: { 'user-agent': 'Mine', Accept: 'text/plain' },
  });
  await ask(running);
  await until(() => requests.length === 2);
  t.same(
    requests.map(({ method, url: target }) => [method, target]),
    [
      ['POST', '/a'],
      ['POST', '/b'],
    ],
  );
  t.equal(bodies[0], 'grüße');
  const headers = requests[0]?.headers;
  t.equal(headers?.['user-agent'], 'Mine');
  t.equal(headers?.accept, 'text/plain');
  t.equal(headers?.authorization, `Basic ${Buffer.from('me:se:cret').toString('base64')}`);
  await running.input.stop();
});

t.test('credentials in a URL are sent and not shown', async (t) => {
  const { url, requests } = await serve(t, (_request, response) => response.end('x'));
  const running = await run({ url: url.replace('//', '//me:p%40ss@') });
  await ask(running);
  const expected = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;
  t.equal(requests[0]?.headers.authorization, expected);
  const { source } = running.intakes[0] ?? {};
  t.equal(source?.marks?.().logger, `${url}/`);
  t.notMatch(source?.origin.description, /p%40ss|p@ss/);
  await running.input.stop();
});

t.test('a redirect on the same server is followed with all that was configured', async (t) => {
  const { url, requests, bodies } = await serve(t, (request, response) => {
    if (request.url === '/end') response.end('there');
    else response.writeHead(307, { location: '/end' }).end();
  });
  const running = await run({
    url,
    method: 'POST',
    body: 'b',
    username: 'me',
    headers: { 'X-Key': 'k' },
  });
  await ask(running);
  t.equal(running.intakes[0]?.text, 'there');
  t.equal(running.intakes[0]?.source.marks?.().logger, `${url}/`);
  t.equal(requests[1]?.headers['x-key'], 'k');
  t.ok(requests[1]?.headers.authorization);
  t.same(bodies, ['b', 'b']);
  await running.input.stop();
});

t.test('a redirect to another server gets no credentials, headers or body', async (t) => {
  const other = await serve(t, (_request, response) => response.end('other'));
  const { url } = await serve(t, (request, response) => {
    const status = request.url === '/keep' ? 308 : 302;
    response.writeHead(status, { location: other.url }).end();
  });
  const secrets = { username: 'me', password: 'x', headers: { 'X-Key': 'k', 'User-Agent': 'A' } };
  const running = await run({ url, ...secrets, method: 'POST', body: 'b' });
  await ask(running);
  t.equal(running.intakes[0]?.text, 'other');
  const [request] = other.requests;
  t.equal(request?.method, 'GET');
  t.equal(request?.headers.authorization, undefined);
  t.equal(request?.headers['x-key'], undefined);
  t.equal(request?.headers['user-agent'], 'A');
  t.same(other.bodies, ['']);
  await running.input.stop();
  const kept = await run({ url: `${url}/keep`, ...secrets, method: 'POST', body: 'b' });
  await ask(kept);
  t.match(kept.errors[0]?.payload, /must not get the request body/);
  t.equal(other.requests.length, 1);
  await kept.input.stop();
});

t.test('redirects without an end, and to what is no web server, are errors', async (t) => {
  const { url, requests } = await serve(t, (request, response) => {
    const location = request.url === '/file' ? 'file:///etc/passwd' : '/again';
    response.writeHead(301, { location }).end();
  });
  const running = await run({ url });
  await ask(running);
  t.match(running.errors[0]?.payload, /stopped after 10 redirects/);
  t.equal(requests.length, 11);
  await running.input.stop();
  const file = await run({ url: `${url}/file` });
  await ask(file);
  t.match(file.errors[0]?.payload, /redirected to what is no http or https URL/);
  await file.input.stop();
});

t.test('a body above max_body_size is a failed request of which nothing is routed', async (t) => {
  const { url } = await serve(t, (request, response) => {
    if (request.url === '/endless') {
      const more = (): void => {
        while (response.write('x'.repeat(1000)));
        response.once('drain', more);
      };
      more();
    } else response.end('x'.repeat(100));
  });
  const fits = await run({ url, max_body_size: 100 });
  await ask(fits);
  t.equal(fits.intakes[0]?.text.length, 100);
  await fits.input.stop();
  for (const target of [url, `${url}/endless`]) {
    const running = await run({ url: target, max_body_size: 99 });
    await ask(running);
    t.same(running.intakes, []);
    t.match(running.errors[0]?.payload, /longer than max_body_size \(99 bytes\)/);
    await running.input.stop();
  }
});

t.test('a server that takes too long is a failed request', async (t) => {
  const { url, requests } = await serve(t, (request, response) => {
    if (request.url === '/half') response.write('begun');
  });
  for (const [index, target] of [url, `${url}/half`].entries()) {
    const running = await run({ url: target, timeout: '5s' });
    running.context.clock.advance(10_000);
    await until(() => requests.length === index + 1);
    await until(() => running.errors.length === 1, running.context.clock, 100);
    t.match(running.errors[0]?.payload, /timed out \(5000ms\)/);
    t.same(running.intakes, []);
    await running.input.stop();
  }
});

t.test('stopping does not wait for an answer, and sends no error', async (t) => {
  const { url, requests } = await serve(t, () => {});
  const running = await run({ url });
  running.context.clock.advance(10_000);
  await until(() => requests.length === 1);
  await running.context.clock.advanceAsync(20_000);
  t.equal(running.input.counters['skipped'], 2);
  await running.input.stop();
  t.same(running.errors, []);
});

t.test('wrong settings are refused', async (t) => {
  const check = (values: Record<string, ConfigValue>): void => {
    sectionOf(httpInput.spec, { url: 'http://x/', ...values });
  };
  t.throws(() => check({ url: '' }), /Url or Urls must contain at least one URL/);
  t.throws(() => check({ urls: ['http://y/'] }), /cannot be used together with url/);
  t.throws(() => check({ url: 'x' }), /'x' is not a URL/);
  t.throws(() => check({ url: 'file:///etc/passwd' }), /not an http or https URL/);
  t.throws(() => check({ url: '', urls: ['http://x/', 'ftp://y'] }), /not an http or https URL/);
  t.throws(() => check({ method: 'GE T' }), /must be an HTTP method/);
  t.throws(() => check({ headers: { 'A:': 'x' } }), /Header name/);
  t.throws(() => check({ headers: { A: 'x\r\nB: y' } }), /Invalid character/);
  t.throws(() => check({ headers: { A: 1 } }), /'A' must be a text/);
  t.throws(() => check({ headers: { 'Content-Length': '3' } }), /is set by the input itself/);
  t.throws(() => check({ ticker_interval: 0 }), /must be greater than 0/);
  t.throws(() => check({ timeout: '0s' }), /at least 1ms/);
});
