import { createSocket, type Socket } from 'node:dgram';
import t from 'tap';
import { sectionOf } from '../../../lib/config/section.ts';
import type { ConfigValue } from '../../../lib/config/spec.ts';
import { protobufEncoder } from '../../../lib/encoders/protobuf-encoder.ts';
import { UdpOutput, udpOutput } from '../../../lib/outputs/udp-output.ts';
import type { Encoder } from '../../../lib/plugin.ts';
import { frame } from '../../../lib/protocol/framing.ts';
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

interface Listener {
  readonly heard: string[];
  readonly ports: number[];
  readonly port: number;
}

async function listener(
  t: { teardown(close: () => void): void },
  family: 'udp4' | 'udp6' = 'udp4',
): Promise<Listener> {
  const heard: string[] = [];
  const ports: number[] = [];
  const socket: Socket = createSocket(family);
  socket.on('message', (bytes, { port }) => {
    heard.push(bytes.toString('latin1'));
    ports.push(port);
  });
  await new Promise<void>((resolve) =>
    socket.bind(0, family === 'udp4' ? '127.0.0.1' : '::1', () => resolve()),
  );
  t.teardown(() => socket.close());
  return { heard, ports, port: socket.address().port };
}

interface Made {
  readonly output: UdpOutput;
  readonly context: TestContext;
}

function make(
  address: string,
  values: Record<string, ConfigValue> = {},
  encoder = plain,
  framed?: boolean,
): Made {
  const context = testContext('out');
  const section = sectionOf(udpOutput.spec, {
    message_matcher: 'TRUE',
    encoder: 'PayloadEncoder',
    address,
    ...values,
  });
  return { context, output: new UdpOutput(section, outputContext(context, encoder, framed)) };
}

t.test('each message is a datagram, in order', async (t) => {
  const peer = await listener(t);
  const { output, context } = make(`127.0.0.1:${peer.port}`);
  await output.start();
  for (const payload of ['one', '', 'two', 'three']) void output.deliver(packOf({ payload }));
  await until(() => peer.heard.length === 3);
  t.same(peer.heard, ['one', 'two', 'three']);
  await output.stop();
  t.match(output.counters, { sent: 3, too_big: 0, lost: 0 });
  t.same(context.errors, []);
});

t.test('ProtobufEncoder’s records are framed only with use_framing', async (t) => {
  const peer = await listener(t);
  const encoder = protobufEncoder.create(sectionOf(protobufEncoder.spec), testContext('x'));
  const { bytes } = packOf({ payload: 'x' }).message;
  for (const [framed, expected] of [
    [undefined, bytes],
    [true, frame(bytes)],
  ] as const) {
    const { output } = make(`127.0.0.1:${peer.port}`, {}, encoder, framed);
    await output.start();
    void output.deliver(packOf({ payload: 'x' }));
    await until(() => peer.heard.length === 1);
    t.equal(peer.heard.shift(), Buffer.from(expected).toString('latin1'));
    await output.stop();
  }
});

t.test(
  'what is larger than max_message_size is dropped and told with upstream’s text',
  async (t) => {
    const peer = await listener(t);
    const { output, context } = make(`127.0.0.1:${peer.port}`, { max_message_size: 512 });
    await output.start();
    for (const length of [513, 512, 600])
      void output.deliver(packOf({ payload: 'x'.repeat(length) }));
    await until(() => peer.heard.length === 1);
    t.equal(peer.heard[0]?.length, 512);
    t.equal(output.counters['too_big'], 2);
    t.match(context.errors, [/Message has exceeded allowed UDP data size: 513 > 512/]);
    await output.stop();
  },
);

t.test('the largest datagram goes out', async (t) => {
  const peer = await listener(t);
  const { output } = make(`127.0.0.1:${peer.port}`);
  await output.start();
  void output.deliver(packOf({ payload: 'x'.repeat(65_507) }));
  await until(() => peer.heard.length === 1);
  t.equal(peer.heard[0]?.length, 65_507);
  await output.stop();
});

t.test('the own address can be chosen, and IPv6 works', async (t) => {
  const [own, peer, peer6] = [await listener(t), await listener(t), await listener(t, 'udp6')];
  const taken = make(`127.0.0.1:${peer.port}`, { local_address: `127.0.0.1:${own.port}` });
  await t.rejects(taken.output.start(), { code: 'HKT_PLUGIN_CONNECT' });
  const { output } = make(`127.0.0.1:${peer.port}`, { local_address: '127.0.0.7:0' });
  await output.start();
  void output.deliver(packOf({ payload: 'x' }));
  await until(() => peer.heard.length === 1);
  await output.stop();
  const six = make(`[::1]:${peer6.port}`, { net: 'udp6' });
  await six.output.start();
  void six.output.deliver(packOf({ payload: 'six' }));
  await until(() => peer6.heard.length === 1);
  await six.output.stop();
  await t.rejects(make('127.0.0.1:9', { net: 'udp6' }).output.start(), /is no address of udp6/);
  await t.rejects(make('nowhere.invalid:9').output.start(), { code: 'HKT_PLUGIN_CONNECT' });
});

t.test('a burst is held by the router, and stopping sends all of it', async (t) => {
  const { output } = make('127.0.0.1:9');
  await output.start();
  let rooms = 0;
  for (let i = 0; i < 2000; i++) {
    const room = output.deliver(packOf({ payload: `m${i}` }));
    if (room === undefined) continue;
    rooms++;
    await room;
  }
  t.ok(rooms > 0);
  await output.stop();
  t.equal((output.counters['sent'] ?? 0) + (output.counters['lost'] ?? 0), 2000);
  void output.deliver(packOf({ payload: 'late' }));
  t.match(output.counters, { lost: 1 }, 'nothing is sent after the end');
});

t.test('wrong settings are refused with upstream’s texts', async (t) => {
  const check = (values: Record<string, ConfigValue>): void => {
    sectionOf(udpOutput.spec, {
      message_matcher: 'TRUE',
      encoder: 'x',
      address: 'localhost:1',
      ...values,
    });
  };
  t.throws(() => check({ net: 'unixgram' }), /Node has no Unix datagram sockets/);
  t.throws(() => check({ net: 'tcp' }), /must be one of: udp, udp4, udp6/);
  t.throws(
    () => check({ max_message_size: 511 }),
    /Maximum message size can't be smaller than 512 bytes\./,
  );
  t.throws(() => check({ max_message_size: 65_508 }), /at most 65507 bytes/);
  t.throws(() => check({ encoder: '' }), /Encoder required\./);
  t.throws(() => check({ address: ':5' }), /host is missing/);
  t.throws(() => check({ use_buffering: true }), { code: 'HKT_CONFIG_NOT_BUILT' });
});
