import { createSocket } from 'node:dgram';
import t from 'tap';
import { sectionOf } from '../../../lib/config/section.ts';
import type { ConfigValue } from '../../../lib/config/spec.ts';
import { StatsdInput, statsdInput } from '../../../lib/inputs/statsd-input.ts';
import { parseAddress } from '../../../lib/network-address.ts';
import { until } from '../../plugin-context.ts';
import { type StatContext, statContext } from '../../stat-context.ts';

interface Running {
  readonly input: StatsdInput;
  readonly context: StatContext;
  readonly port: number;
}

async function run(values: Record<string, ConfigValue> = {}): Promise<Running> {
  const context = statContext('statsd');
  const section = sectionOf(statsdInput.spec, { address: '127.0.0.1:0', ...values }, 'statsd');
  const input = new StatsdInput(section, context);
  await input.start();
  return { input, context, port: parseAddress(input.address ?? '').port };
}

async function send(port: number, ...texts: readonly string[]): Promise<void> {
  const socket = createSocket('udp4');
  for (const text of texts) {
    await new Promise((resolve) => socket.send(text, port, '127.0.0.1', resolve));
  }
  socket.close();
}

t.test('datagrams are added up in the StatAccumInput of the configured name', async (t) => {
  const { input, context, port } = await run({ stat_accum_name: 'mine' });
  await send(port, 'a:1|c\nb:7|g\n', 'a:2|c');
  await until(() => input.counters['received'] === 2);
  const { counters, gauges } = context.accumulator('mine').take(false);
  t.same(counters, [['a', 3]]);
  t.same(gauges, [['b', 7]]);
  t.equal(context.accumulator('StatAccumInput').names, 0);
  await input.stop();
});

t.test('what is longer than max_msg_size is cut off and counted', async (t) => {
  const { input, context, port } = await run({ max_msg_size: 8 });
  await send(port, 'a:1|c\nbb:2|c');
  await until(() => input.counters['received'] === 1);
  t.same(context.accumulator('StatAccumInput').take(false).counters, [['a', 1]]);
  t.equal(input.counters['truncated'], 1);
  t.equal(input.counters['bad_lines'], 1);
  await input.stop();
});

t.test('bad lines are counted, and logged once a second with their number', async (t) => {
  const { input, context, port } = await run();
  await send(port, 'one', 'two\nthree', `four${'x'.repeat(400)}`);
  await until(() => input.counters['received'] === 3);
  t.equal(input.counters['bad_lines'], 4);
  await context.clock.advanceAsync(1_000);
  t.equal(context.errors[0], "can't parse message: one");
  t.match(context.errors[1], /^can't parse message: four.*, and 2 more like it$/);
  t.ok((context.errors[1] ?? '').length < 300);
  t.equal(context.errors.length, 2);
  await input.stop();
});

t.test('datagrams beyond the rate are dropped unread, counted and logged', async (t) => {
  const { input, context, port } = await run({ max_packet_rate: 3 });
  for (let i = 1; i <= 5; i++) {
    await send(port, 'a:1|c');
    await until(() => input.counters['received'] === i);
  }
  t.equal(input.counters['dropped_rate'], 2);
  await context.clock.advanceAsync(1_000);
  await send(port, 'a:1|c');
  await until(() => input.counters['received'] === 6);
  t.same(context.accumulator('StatAccumInput').take(false).counters, [['a', 4]]);
  await context.clock.advanceAsync(5_000);
  t.match(context.errors, [/2 datagrams dropped by max_packet_rate of 3 a second \(2 in all\)/]);
  await input.stop();
});

t.test('values that come after the StatAccumInput has ended are reported', async (t) => {
  const { input, context, port } = await run();
  context.accumulator('StatAccumInput').close();
  await send(port, 'a:1|c');
  await until(() => context.errors.length === 1);
  t.same(context.errors, ['undelivered stat: a:1']);
  await input.stop();
});

t.test('wrong settings are refused and a taken address is an error', async (t) => {
  const check = (values: Record<string, ConfigValue>): void => {
    sectionOf(statsdInput.spec, values);
  };
  t.throws(() => check({ max_msg_size: 0 }), /must be from 1 to 65535/);
  t.throws(() => check({ max_msg_size: 65_536 }), /must be from 1 to 65535/);
  t.throws(() => check({ max_packet_rate: 0 }), /must be at least 1/);
  t.throws(() => check({ ticker_interval: 5 }), /can't support a ticker_interval/);
  const first = await run();
  const section = sectionOf(statsdInput.spec, { address: `127.0.0.1:${first.port}` });
  await t.rejects(new StatsdInput(section, statContext('x')).start(), {
    code: 'HKT_PLUGIN_LISTEN',
  });
  await first.input.stop();
});
