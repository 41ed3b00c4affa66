import { createSocket } from 'node:dgram';
import t from 'tap';
import { sectionOf } from '../../../lib/config/section.ts';
import type { ConfigValue } from '../../../lib/config/spec.ts';
import { dropsIn, ipv4Hex, kernelDrops } from '../../../lib/inputs/kernel-drops.ts';
import { UdpInput, udpInput } from '../../../lib/inputs/udp-input.ts';
import { parseAddress } from '../../../lib/network-address.ts';
import type { Intake, Source } from '../../../lib/plugin.ts';
import { type TestContext, TestIntake, testContext, until } from '../../plugin-context.ts';

interface Running {
  readonly input: UdpInput;
  readonly context: TestContext;
  readonly intakes: TestIntake[];
  readonly port: number;
}

async function run(
  values: Record<string, ConfigValue> = {},
  open?: (source: Source) => Intake,
): Promise<Running> {
  const context = testContext('udp');
  const section = sectionOf(udpInput.spec, { address: '127.0.0.1:0', ...values });
  const input = new UdpInput(section, context);
  const intakes: TestIntake[] = [];
  await input.start(
    open ??
      ((source) => {
        const intake = new TestIntake(source);
        intakes.push(intake);
        return intake;
      }),
  );
  return { input, context, intakes, port: parseAddress(input.address ?? '').port };
}

async function send(port: number, ...texts: readonly string[]): Promise<void> {
  const socket = createSocket('udp4');
  for (const text of texts) {
    await new Promise((resolve) => socket.send(text, port, '127.0.0.1', resolve));
  }
  socket.close();
}

t.test('each datagram is an intake of its own', async (t) => {
  const { input, intakes, port } = await run();
  await send(port, 'one', 'two');
  await until(() => intakes.length === 2);
  t.same(
    intakes.map(({ text, ended }) => [text, ended]),
    [
      ['one', true],
      ['two', true],
    ],
  );
  t.equal(intakes[0]?.source.hostname, undefined);
  t.equal(intakes[0]?.source.type, 'udp');
  t.equal(intakes[0]?.source.origin.loopback, true);
  t.equal(intakes[0]?.source.origin.reply, undefined);
  await input.stop();
});

t.test('set_hostname gives the sender’s address', async (t) => {
  const { input, intakes, port } = await run({ set_hostname: true, address: ':0' });
  await send(port, 'x');
  await until(() => intakes.length === 1);
  t.equal(intakes[0]?.source.hostname, '127.0.0.1');
  t.equal(intakes[0]?.source.origin.loopback, false);
  await input.stop();
});

t.test('datagrams wait while the pipeline is busy, and stopping hands them over', async (t) => {
  const gate = Promise.withResolvers<void>();
  const texts: string[] = [];
  const { input, port } = await run({}, () => ({
    push: (chunk) => {
      texts.push(Buffer.from(chunk).toString());
      return gate.promise;
    },
    end: () => undefined,
  }));
  await send(port, 'a', 'b', 'c');
  await until(() => input.counters['received'] === 3);
  t.same(texts, ['a']);
  const stopped = input.stop();
  gate.resolve();
  await stopped;
  t.same(texts, ['a', 'b', 'c']);
});

t.test('what does not fit into the queue is counted and logged', async (t) => {
  const gate = Promise.withResolvers<void>();
  const { input, port, context } = await run({}, () => ({
    push: () => gate.promise,
    end: () => undefined,
  }));
  const datagram = 'x'.repeat(60_000);
  for (let i = 0; i < 80; i++) {
    await send(port, datagram);
    await until(() => input.counters['received'] === i + 1);
  }
  const dropped = input.counters['dropped_queue'] ?? 0;
  t.ok(dropped > 0 && dropped < 80, `dropped ${dropped}`);
  await context.clock.advanceAsync(5_000);
  t.match(context.errors, [new RegExp(`${dropped} datagrams dropped by a full queue`)]);
  await context.clock.advanceAsync(5_000);
  t.equal(context.errors.length, 1, 'reported once');
  gate.resolve();
  await input.stop();
});

t.test('what the kernel drops is counted and logged', async (t) => {
  const { input, port, context } = await run();
  if (input.counters['dropped_kernel'] === undefined) {
    t.pass('skipped: this system does not tell');
    await input.stop();
    return;
  }
  // A blocking flood: nothing is received while this thread sends, so the receive buffer overflows.
  const { execFileSync } = await import('node:child_process');
  execFileSync(process.execPath, [
    '-e',
    `const s = require('node:dgram').createSocket('udp4'); let n = 0;
     for (let i = 0; i < 2000; i++) s.send('x'.repeat(5000), ${port}, '127.0.0.1', () => { if (++n === 2000) s.close(); });`,
  ]);
  context.clock.advance(5_000);
  await until(() => context.errors.length === 1);
  t.match(context.errors[0], /datagrams dropped by the kernel/);
  const dropped = input.counters['dropped_kernel'] ?? 0;
  t.ok(dropped > 0);
  await until(() => (input.counters['received'] ?? 0) + dropped === 2000);
  await input.stop();
});

t.test('a fault in the pipeline costs one datagram only', async (t) => {
  const intakes: TestIntake[] = [];
  const { input, port, context } = await run({}, (source) => {
    const intake = new TestIntake(source);
    intakes.push(intake);
    return {
      push: (chunk) => {
        if (chunk[0] === 33) throw new Error('broken');
        return intake.push(chunk);
      },
      end: () => intake.end(),
    };
  });
  await send(port, '!', 'fine');
  await until(() => intakes[1]?.text === 'fine');
  t.match(context.errors, [/broken/]);
  await input.stop();
});

t.test('the kernel’s table is read by port and address', async (t) => {
  const head =
    '   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n';
  const row = (address: string, port: string, drops: number): string =>
    `  12: ${address}:${port} 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 123 2 0000000000000000 ${drops}\n`;
  const table =
    head + row('0100007F', '1538', 5) + row('00000000', '1538', 7) + row('0100007F', '0001', 9);
  t.equal(dropsIn(table, 0x1538, '0100007F'), 5);
  t.equal(dropsIn(table, 0x1538), 12);
  t.equal(dropsIn(table, 4), undefined);
  t.match(ipv4Hex('127.0.0.1'), /^(0100007F|7F000001)$/);
  t.equal(await kernelDrops('127.0.0.1', 0), undefined);
});

t.test('wrong settings are refused and a taken address is an error', async (t) => {
  const check = (values: Record<string, ConfigValue>): void => {
    sectionOf(udpInput.spec, { address: ':0', ...values });
  };
  t.throws(() => check({ net: 'unixgram' }), /not built/);
  t.throws(() => check({ address: 'fd:3' }), /not built/);
  t.throws(() => check({ address: '@abstract' }), /not built/);
  t.throws(() => check({ net: 'tcp' }), /must be one of/);
  const first = await run();
  const input = new UdpInput(
    sectionOf(udpInput.spec, { address: `127.0.0.1:${first.port}` }),
    testContext('x'),
  );
  await t.rejects(
    input.start((source) => new TestIntake(source)),
    { code: 'HKT_PLUGIN_LISTEN' },
  );
  await first.input.stop();
});
