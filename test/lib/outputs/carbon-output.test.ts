import { createSocket } from 'node:dgram';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import t from 'tap';
import { sectionOf } from '../../../lib/config/section.ts';
import type { ConfigValue } from '../../../lib/config/spec.ts';
import { CarbonOutput, carbonOutput } from '../../../lib/outputs/carbon-output.ts';
import { lineFault, payloadLines } from '../../../lib/outputs/statmetric.ts';
import { Message } from '../../../lib/protocol/message.ts';
import {
  outputContext,
  packOf,
  type TestContext,
  testContext,
  until,
} from '../../plugin-context.ts';

interface Carbon {
  port: number;
  text: string;
  connections: number;
  readonly open: Set<Socket>;
  close(): Promise<void>;
}

async function carbon(port = 0): Promise<Carbon> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    self.connections++;
    open.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => open.delete(socket));
    socket.on('data', (chunk) => {
      self.text += chunk.toString();
    });
  });
  const self: Carbon = {
    port: 0,
    text: '',
    connections: 0,
    open,
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  self.port = (server.address() as AddressInfo).port; // a TCP server's
  return self;
}

interface Made {
  readonly output: CarbonOutput;
  readonly context: TestContext;
}

function make(port: number, values: Record<string, ConfigValue> = {}): Made {
  const context = testContext('carbon');
  const section = sectionOf(carbonOutput.spec, {
    message_matcher: 'TRUE',
    address: `127.0.0.1:${port}`,
    ...values,
  });
  return { context, output: new CarbonOutput(section, outputContext(context, undefined)) };
}

function put(output: CarbonOutput, ...payloads: readonly string[]): void {
  // Some of them are larger than a message is by default.
  for (const payload of payloads) {
    const message = Message.create({ uuid: new Uint8Array(16), payload }, 1_000_000);
    void output.deliver({ ...packOf({}), message });
  }
}

async function stop({ output, context }: Made): Promise<void> {
  let stopped = false;
  const done = output.stop().then(() => {
    stopped = true;
  });
  await until(() => stopped, context.clock, 100);
  await done;
}

t.test('lines of payloads arrive; malformed ones are told and counted', async (t) => {
  const peer = await carbon();
  t.teardown(() => peer.close());
  const made = make(peer.port);
  await made.output.start();
  put(
    made.output,
    ' \n\tstats.a 1 1000\nstats.b -2.5e3 2000\nno\nstats.c x 1000\nstats.d 1 soon\nstats.e  3\t99 \n\n',
  );
  await until(() => peer.text.length > 0);
  t.equal(peer.text, 'stats.a 1 1000\nstats.b -2.5e3 2000\nstats.e  3\t99\n');
  t.equal(made.output.counters['malformed'], 3);
  t.match(made.context.errors[0], "malformed statmetric line: 'no'");
  await until(() => peer.open.size === 0);
  t.pass('without tcp_keep_alive the connection is closed');
  await stop(made);
});

t.test('tcp_keep_alive keeps one connection', async (t) => {
  const peer = await carbon();
  t.teardown(() => peer.close());
  const made = make(peer.port, { tcp_keep_alive: true });
  await made.output.start();
  for (let i = 0; i < 3; i++) {
    put(made.output, `a ${i} 1`);
    await until(() => peer.text.includes(`a ${i} 1\n`));
  }
  t.equal(peer.connections, 1);
  await stop(made);
  const each = make(peer.port);
  await each.output.start();
  for (let i = 0; i < 3; i++) {
    put(each.output, `b ${i} 1`);
    await until(() => peer.text.includes(`b ${i} 1\n`) && peer.open.size === 0);
  }
  t.equal(peer.connections, 4);
  await stop(each);
});

t.test('a carbon that is away gets the lines when it is back', async (t) => {
  const gone = await carbon();
  await gone.close();
  const made = make(gone.port);
  await made.output.start();
  put(made.output, 'a 1 1');
  await until(() => made.context.errors.length === 1);
  t.match(made.context.errors[0], /can't write to 127\.0\.0\.1:\d+: .*ECONNREFUSED/);
  put(made.output, 'b 2 2');
  const peer = await carbon(gone.port);
  t.teardown(() => peer.close());
  await until(() => peer.text === 'a 1 1\nb 2 2\n', made.context.clock, 500);
  await stop(made);
  t.equal(made.output.counters['lost'], 0);
});

t.test('over UDP lines are gathered into datagrams that the network takes', async (t) => {
  const heard: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (bytes) => heard.push(bytes.toString()));
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', () => resolve()));
  t.teardown(() => socket.close());
  const made = make(socket.address().port, { protocol: 'udp' });
  await made.output.start();
  const line = (name: string, length: number): string => `${name.repeat(length - 4)} 1 1`;
  const lines = [line('a', 40_000), line('b', 23_480), line('c', 100), line('d', 65_506)];
  put(made.output, lines.join('\n'), line('e', 65_507), 'bad');
  await until(() => heard.length === 3);
  t.same(
    heard.map((text) => text.length),
    [40_001 + 23_481, 101, 65_507],
  );
  t.equal(heard.join(''), `${lines.join('\n')}\n`);
  t.match(made.output.counters, { too_big: 1, malformed: 1 });
  await stop(made);
});

t.test('what counts as a line is what Go’s parsers take', async (t) => {
  for (const good of [
    'a 1 1',
    'a -1.5 4294967295',
    'a .5 0',
    'a 5. 0x10',
    'a 1e300 010',
    'a NaN 1',
    'a +Inf 1',
    'a -infinity 1',
  ]) {
    t.equal(lineFault(good), undefined, good);
  }
  const bad: Record<string, RegExp> = {
    '': /^malformed statmetric line: ''$/,
    a: /^malformed/,
    'a 1': /^malformed/,
    'a 1 1 1': /^malformed/,
    'a 1 -1': /^parsing time/,
    'a 1 4294967296': /^parsing time/,
    'a 1 1.5': /^parsing time/,
    'a 1 08': /^parsing time/,
    'a 1 0x100000000': /^parsing time/,
    'a 1e999 1': /^parsing value '1e999'/,
    'a 1x 1': /^parsing value '1x'/,
    'a . 1': /^parsing value/,
    'a e5 1': /^parsing value/,
    'a - 1': /^parsing value/,
  };
  for (const [line, fault] of Object.entries(bad)) t.match(lineFault(line), fault, line);
  t.ok((lineFault('x'.repeat(10_000)) ?? '').length < 200, 'a fault is short');
});

t.test('a payload made to be slow is not', async (t) => {
  // Quadratic work on these would take minutes.
  const length = 2_000_000;
  for (const text of [
    ' '.repeat(length),
    `a${' '.repeat(length)}b`,
    `a ${'1'.repeat(length)}x 1`,
  ]) {
    for (const line of payloadLines(text)) t.ok(lineFault(line));
  }
});

t.test('wrong settings are refused', async (t) => {
  const check = (values: Record<string, ConfigValue>): void => {
    sectionOf(carbonOutput.spec, { message_matcher: 'TRUE', ...values });
  };
  t.doesNotThrow(() => check({ protocol: '' }));
  t.throws(
    () => check({ protocol: 'sctp' }),
    /"sctp" is not a supported protocol, must be "tcp" or "udp"/,
  );
  t.throws(() => check({ use_buffering: true }), { code: 'HKT_CONFIG_NOT_BUILT' });
});
