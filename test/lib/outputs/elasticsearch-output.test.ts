import t from 'tap';
import { sectionOf } from '../../../lib/config/section.ts';
import type { ConfigValue } from '../../../lib/config/spec.ts';
import {
  ElasticSearchOutput,
  elasticSearchOutput,
} from '../../../lib/outputs/elasticsearch-output.ts';
import type { Encoder } from '../../../lib/plugin.ts';
import { type HttpPeer, peerFor } from '../../http-peer.ts';
import {
  outputContext,
  packOf,
  type TestContext,
  testContext,
  until,
} from '../../plugin-context.ts';

/** One document of a message, "name" alone in its line behind the action; several for "a+b". */
const bulk: Encoder = {
  framedByDefault: false,
  encode: (message) =>
    message.payload === ''
      ? undefined
      : Buffer.from(
          message.payload
            .split('+')
            .map((name) => `{"index":{}}\n"${name}"\n`)
            .join(''),
        ),
};

/** The names of a request's documents. */
function documents(body: string): string[] {
  return body
    .trim()
    .split('\n')
    .filter((_line, index) => index % 2 === 1)
    .map((line) => String(JSON.parse(line)));
}

/** Answers as Elasticsearch does: `verdict` gives the status of each document. */
function indexing(peer: HttpPeer, verdict: (name: string) => number = () => 201): void {
  peer.answer = (response, { body }) => {
    const items = documents(body).map((name) => {
      const status = verdict(name);
      const error = { type: `type_${status}`, reason: `not ${name}` };
      return { index: { _index: 'i', status, ...(status < 300 ? {} : { error }) } };
    });
    const errors = items.some(({ index }) => index.status >= 300);
    response.end(JSON.stringify({ took: 1, errors, items }));
  };
}

interface Made {
  readonly output: ElasticSearchOutput;
  readonly context: TestContext;
}

function make(
  server: string,
  values: Record<string, ConfigValue> = {},
  settled?: (n: number) => void,
): Made {
  const context = testContext('es');
  const section = sectionOf(elasticSearchOutput.spec, {
    message_matcher: 'TRUE',
    encoder: 'ESJsonEncoder',
    flush_count: 1,
    server,
    ...values,
  });
  const given = outputContext(context, bulk);
  const output = new ElasticSearchOutput(
    section,
    settled === undefined ? given : { ...given, settled },
  );
  return { context, output };
}

function put(output: ElasticSearchOutput, ...payloads: readonly string[]): void {
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

const sent = (peer: HttpPeer): string[][] => peer.bodies.map(documents);

t.test('documents are gathered up to flush_count and sent to the bulk interface', async (t) => {
  const peer = await peerFor(t);
  indexing(peer);
  const made = make(`http://127.0.0.1:${peer.port}/proxy/`, {
    flush_count: 3,
    flush_interval: 0,
    username: 'me',
    password: 'pass',
  });
  await made.output.start();
  put(made.output, 'a', 'b', '', 'c');
  await until(() => made.output.counters['indexed'] === 3);
  put(made.output, 'd');
  for (let i = 0; i < 20; i++) await made.context.clock.advanceAsync(10_000);
  t.equal(peer.heard.length, 1, 'flush_interval 0 waits for more');
  put(made.output, 'e', 'f', 'g');
  await until(() => made.output.counters['indexed'] === 6);
  await stop(made);
  t.same(sent(peer), [['a', 'b', 'c'], ['d', 'e', 'f'], ['g']]);
  t.match(peer.heard[0], {
    method: 'POST',
    url: '/proxy/_bulk',
    headers: {
      accept: 'application/json',
      'content-type': 'application/x-ndjson',
      authorization: `Basic ${Buffer.from('me:pass').toString('base64')}`,
    },
  });
  t.equal(peer.connections, 1);
  t.same(made.context.errors, []);
});

t.test('flush_interval sends what is there, also what a larger batch left behind', async (t) => {
  const peer = await peerFor(t);
  indexing(peer);
  const made = make(`http://127.0.0.1:${peer.port}`, { flush_count: 3, flush_interval: 500 });
  await made.output.start();
  put(made.output, 'a');
  await made.context.clock.advanceAsync(499);
  t.equal(peer.heard.length, 0);
  made.context.clock.advance(1);
  await until(() => made.output.counters['indexed'] === 1);
  put(made.output, 'b', 'c', 'd', 'e');
  await until(() => made.output.counters['indexed'] === 4);
  await until(() => made.output.counters['indexed'] === 5, made.context.clock, 50);
  t.same(sent(peer), [['a'], ['b', 'c', 'd'], ['e']]);
  await stop(made);
});

t.test('http_disable_keepalives uses a connection for every request', async (t) => {
  const peer = await peerFor(t);
  indexing(peer);
  const made = make(`http://127.0.0.1:${peer.port}`, { http_disable_keepalives: true });
  await made.output.start();
  for (const [i, name] of ['a', 'b', 'c'].entries()) {
    put(made.output, name);
    await until(() => made.output.counters['indexed'] === i + 1);
  }
  t.equal(peer.connections, 3);
  await stop(made);
});

t.test('documents that the server is too busy for are sent again, and only those', async (t) => {
  const peer = await peerFor(t);
  const tries = new Map<string, number>();
  indexing(peer, (name) => {
    const count = (tries.get(name) ?? 0) + 1;
    tries.set(name, count);
    if (name === 'b') return count < 3 ? 429 : 201;
    if (name === 'd') return count < 2 ? 503 : 201;
    return name === 'c' ? 400 : 201;
  });
  const settled: number[] = [];
  const made = make(
    `http://127.0.0.1:${peer.port}`,
    { flush_count: 4, flush_interval: 0 },
    (messages) => settled.push(messages),
  );
  await made.output.start();
  put(made.output, 'a', 'b', 'c', 'd');
  await until(() => made.context.errors.length === 2);
  t.same(settled, [], 'nothing is settled before all is');
  await until(() => made.output.counters['indexed'] === 3, made.context.clock, 500);
  t.same(sent(peer), [['a', 'b', 'c', 'd'], ['b', 'd'], ['b']]);
  t.same(settled, [4]);
  t.match(made.output.counters, { indexed: 3, dropped: 1, waiting: 0 });
  t.match(made.context.errors, [
    /1 of 4 documents were refused and dropped, such as: type_429: not b/,
    /can't index: type_429: not b/,
  ]);
  t.match(made.context.infos, [/sending to .*_bulk again/]);
  await stop(made);
});

t.test(
  'a request that is refused as a whole is halved until the record to blame is alone',
  async (t) => {
    const peer = await peerFor(t);
    for (const status of [400, 413]) {
      peer.heard.length = 0;
      peer.answer = (response, { body }) => {
        const names = documents(body);
        if (names.includes('bad')) response.writeHead(status).end('{"error":"malformed"}');
        else response.end(JSON.stringify({ errors: false, items: names.map(() => ({})) }));
      };
      const made = make(`http://127.0.0.1:${peer.port}`, { flush_count: 8, flush_interval: 0 });
      await made.output.start();
      const names = ['a', 'b', 'c', 'd', 'e', 'bad', 'f', 'g'];
      put(made.output, ...names);
      await until(() => made.output.counters['waiting'] === 0);
      t.match(made.output.counters, { indexed: 7, dropped: 1 });
      const good = sent(peer).filter((batch) => !batch.includes('bad'));
      t.same(good.flat(), ['a', 'b', 'c', 'd', 'e', 'f', 'g'], 'each once, in order');
      t.match(made.context.errors, [/1 of 1 documents were refused.*Status: \d+ .*malformed/]);
      await stop(made);
    }
  },
);

t.test('whole failures are tried again with upstream’s waits', async (t) => {
  const peer = await peerFor(t);
  const answers: readonly ((end: (status: number, text: string) => void) => void)[] = [
    (end) => end(503, 'away'),
    (end) => end(401, 'who?'),
    (end) => end(200, 'no JSON'),
    (end) => end(200, '[]'),
    (end) => end(200, '{"errors":true}'),
    (end) => end(200, '{"errors":true,"items":[5]}'),
    (end) => end(200, '{"errors":false}'),
  ];
  let next = 0;
  peer.answer = (response) =>
    answers[next++]?.((status, text) => void response.writeHead(status).end(text));
  const made = make(`http://127.0.0.1:${peer.port}`);
  await made.output.start();
  put(made.output, 'a');
  await until(() => made.output.counters['indexed'] === 1, made.context.clock, 500);
  t.equal(peer.heard.length, answers.length);
  t.match(made.context.errors, [/can't index: HTTP response error\. Status: 503 .* Body: away/]);
  await stop(made);
});

t.test('of records with several documents none is sent twice', async (t) => {
  const peer = await peerFor(t);
  indexing(peer, (name) => (name === 'b' ? 429 : 201));
  const made = make(`http://127.0.0.1:${peer.port}`, { flush_count: 2, flush_interval: 0 });
  await made.output.start();
  put(made.output, 'a+b+c', 'd');
  await until(() => made.output.counters['waiting'] === 0);
  t.match(made.output.counters, { indexed: 3, dropped: 1 });
  t.equal(peer.heard.length, 1);
  await stop(made);
});

t.test('connect_timeout ends an attempt to connect', async (t) => {
  // An address for documentation: packets to it come to nothing, or the network says at once that there is no way.
  const made = make('http://192.0.2.1:9', { connect_timeout: 300 });
  await made.output.start();
  put(made.output, 'a');
  await until(() => made.context.errors.length === 1, made.context.clock, 10);
  t.match(made.context.errors[0], /HTTP request failed: (?:no connection within 300 ms|.*E\w+)/);
  await stop(made);
});

t.test('http_timeout ends a request', async (t) => {
  const peer = await peerFor(t);
  peer.answer = () => {};
  const made = make(`http://127.0.0.1:${peer.port}`, { http_timeout: 300 });
  await made.output.start();
  put(made.output, 'a');
  await until(() => peer.heard.length === 1);
  made.context.clock.advance(300);
  await until(() => made.context.errors.length === 1);
  t.match(made.context.errors[0], /no answer within 300 ms/);
  await stop(made);
});

t.test('wrong settings are refused', async (t) => {
  const check = (values: Record<string, ConfigValue>): void => {
    sectionOf(elasticSearchOutput.spec, { message_matcher: 'TRUE', encoder: 'x', ...values });
  };
  t.doesNotThrow(() => check({}));
  t.throws(() => check({ server: 'udp://localhost:9700' }), /no bulk interface over UDP/);
  t.throws(() => check({ server: 'ftp://localhost' }), /absolute http or https URL/);
  t.throws(() => check({ flush_count: 0 }), /must be at least 1/);
  t.throws(() => check({ encoder: '' }), /Encoder must be specified\./);
});
