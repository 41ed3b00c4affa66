import t from 'tap';
import { sectionOf } from '../../../lib/config/section.ts';
import type { ConfigValue } from '../../../lib/config/spec.ts';
import { StatAccumInput, statAccumInput } from '../../../lib/inputs/stat-accum-input.ts';
import type { StatAccumulator } from '../../../lib/inputs/stat-accumulator.ts';
import type { Message } from '../../../lib/protocol/message.ts';
import { TestIntake } from '../../plugin-context.ts';
import { type StatContext, statContext } from '../../stat-context.ts';

interface Running {
  readonly input: StatAccumInput;
  readonly stats: StatAccumulator;
  readonly context: StatContext;
  readonly messages: Message[];
  /** While set, what is routed waits for it. */
  hold: Promise<void> | undefined;
}

async function run(values: Record<string, ConfigValue> = {}, maxSize = 65536): Promise<Running> {
  const context = { ...statContext('stats'), maxMessageSize: maxSize };
  const input = new StatAccumInput(sectionOf(statAccumInput.spec, values, 'stats'), context);
  const running: Running = {
    input,
    stats: context.accumulator('stats'),
    context,
    messages: [],
    hold: undefined,
  };
  await input.start(
    (source) => new TestIntake(source),
    (message, decode) => {
      t.ok(decode, 'through the decoder');
      running.messages.push(message);
      return running.hold;
    },
  );
  return running;
}

function add(stats: StatAccumulator, ...lines: readonly string[]): void {
  for (const line of lines) {
    const [bucket = '', value = '', modifier = ''] = line.split(/[:|]/);
    stats.add({ bucket, value, modifier, sampling: 1 });
  }
}

function fieldsOf(message: Message | undefined): Record<string, unknown> {
  const entries = message?.fields().map(({ name, values }) => [name, values[0]]) ?? [];
  return Object.fromEntries(entries);
}

const TIME = 1704164655; // ten seconds after the manual clock's start

t.test('the payload is in the form that Graphite takes', async (t) => {
  const { input, stats, context, messages } = await run();
  add(stats, 'cnt:1|c', 'cnt:14|c', 'gauge:2|g', 'time:10|ms', 'time:20|ms');
  await context.clock.advanceAsync(10_000);
  const [message] = messages;
  t.equal(messages.length, 1);
  t.equal(message?.type, 'heka.statmetric');
  t.equal(message?.logger, 'stats');
  t.equal(message?.hostname, 'testhost');
  t.equal(message?.pid, 42);
  t.equal(message?.timestampNs, BigInt(TIME) * 1_000_000_000n);
  t.same(message?.fields(), []);
  t.same(message?.payload.split('\n'), [
    `stats.counters.cnt.rate 1.500000 ${TIME}`,
    `stats.counters.cnt.count 15 ${TIME}`,
    `stats.gauges.gauge 2.000000 ${TIME}`,
    `stats.timers.time.count 2 ${TIME}`,
    `stats.timers.time.count_ps 0.200000 ${TIME}`,
    `stats.timers.time.lower 10.000000 ${TIME}`,
    `stats.timers.time.upper 20.000000 ${TIME}`,
    `stats.timers.time.sum 30.000000 ${TIME}`,
    `stats.timers.time.mean 15.000000 ${TIME}`,
    `stats.timers.time.mean_90 15.000000 ${TIME}`,
    `stats.timers.time.upper_90 20.000000 ${TIME}`,
    `stats.statsd.numStats 3 ${TIME}`,
    '',
  ]);
  await input.stop();
});

t.test(
  'fields hold the same values, with counts as integers and all else as doubles',
  async (t) => {
    const values = { emit_in_fields: true, emit_in_payload: false, percent_threshold: [50, 99] };
    const { input, stats, context, messages } = await run(values);
    add(stats, 'cnt:15|c', 'gauge:2|g', 'time:10|ms');
    await context.clock.advanceAsync(10_000);
    const [message] = messages;
    t.equal(message?.payload, '');
    t.same(fieldsOf(message), {
      timestamp: TIME,
      'stats.counters.cnt.rate': 1.5,
      'stats.counters.cnt.count': 15,
      'stats.gauges.gauge': 2,
      'stats.timers.time.count': 1,
      'stats.timers.time.count_ps': 0.1,
      'stats.timers.time.lower': 10,
      'stats.timers.time.upper': 10,
      'stats.timers.time.sum': 10,
      'stats.timers.time.mean': 10,
      'stats.timers.time.mean_50': 10,
      'stats.timers.time.upper_50': 10,
      'stats.timers.time.mean_99': 10,
      'stats.timers.time.upper_99': 10,
      'stats.statsd.numStats': 3,
    });
    const types = new Map(message?.fields().map(({ name, type }) => [name, type]));
    t.equal(types.get('stats.counters.cnt.count'), 2);
    t.equal(types.get('stats.counters.cnt.rate'), 3);
    t.equal(types.get('stats.gauges.gauge'), 3);
    await input.stop();
  },
);

t.test(
  'the old namespaces give a whole rate in the field and a broken one in the payload',
  async (t) => {
    const { input, stats, context, messages } = await run({
      legacy_namespaces: true,
      emit_in_fields: true,
    });
    add(stats, 'sample.stat:303|c');
    await context.clock.advanceAsync(10_000);
    t.same(fieldsOf(messages[0]), {
      timestamp: TIME,
      'stats.sample.stat': 30,
      'stats_counts.sample.stat': 303,
      'statsd.numStats': 1,
    });
    t.same(messages[0]?.payload.split('\n').slice(0, 3), [
      `stats.sample.stat 30.300000 ${TIME}`,
      `stats_counts.sample.stat 303 ${TIME}`,
      `statsd.numStats 1 ${TIME}`,
    ]);
    await input.stop();
  },
);

t.test('prefixes may be empty or end with a dot', async (t) => {
  const { input, stats, context, messages } = await run({
    global_prefix: '',
    counter_prefix: 'c.',
    gauge_prefix: '',
    statsd_prefix: 'me',
    message_type: 'my.stats',
    ticker_interval: 1,
  });
  add(stats, 'a:1|c', 'b:2|g');
  await context.clock.advanceAsync(1_000);
  t.equal(messages[0]?.type, 'my.stats');
  t.same(messages[0]?.payload.match(/^\S+/gm), ['c.a.rate', 'c.a.count', 'b', 'me.numStats']);
  await input.stop();
});

t.test('idle names send nothing new, or are left out', async (t) => {
  const keep = await run();
  add(keep.stats, 'c:4|c', 'g:7|g');
  await keep.context.clock.advanceAsync(20_000);
  t.match(
    keep.messages[1]?.payload,
    /counters\.c\.count 0 [\s\S]*gauges\.g 7\.0+ [\s\S]*numStats 2 /,
  );
  await keep.input.stop();
  const forget = await run({ delete_idle_stats: true });
  add(forget.stats, 'c:4|c', 'g:7|g');
  await forget.context.clock.advanceAsync(20_000);
  t.match(forget.messages[1]?.payload, /^stats\.statsd\.numStats 0 \d+\n$/);
  await forget.input.stop();
});

t.test('what is too big for one message goes into several, and no stat is torn', async (t) => {
  const { input, stats, context, messages } = await run({ emit_in_fields: true }, 4096);
  for (let i = 0; i < 100; i++) add(stats, `counter.number.${i}:${i}|c`, `timer.${i}:${i}|ms`);
  await context.clock.advanceAsync(10_000);
  t.ok(messages.length > 5, `${messages.length} messages`);
  for (const message of messages)
    t.ok(message.bytes.length <= 4096, `${message.bytes.length} bytes`);
  const lines = messages.flatMap((message) => message.payload.trimEnd().split('\n'));
  t.equal(lines.length, 100 * 2 + 100 * 8 + 1);
  t.match(lines.at(-1), /^stats\.statsd\.numStats 200 /);
  for (const message of messages) {
    t.equal(message.fields()[0]?.name, 'timestamp');
    const counts = message.payload.match(/counters\.\S+\.count /g)?.length ?? 0;
    t.equal(message.payload.match(/counters\.\S+\.rate /g)?.length ?? 0, counts);
  }
  await input.stop();
});

t.test(
  'while the pipeline is full ticks wait, and the rate is that of the whole time',
  async (t) => {
    const running = await run();
    const gate = Promise.withResolvers<void>();
    running.hold = gate.promise;
    add(running.stats, 'c:10|c');
    await running.context.clock.advanceAsync(10_000);
    add(running.stats, 'c:40|c');
    await running.context.clock.advanceAsync(20_000);
    t.equal(running.messages.length, 1);
    running.hold = undefined;
    gate.resolve();
    await running.context.clock.advanceAsync(10_000);
    t.match(running.messages[1]?.payload, /counters\.c\.rate 1\.333333 /);
    await running.input.stop();
  },
);

t.test('stopping sends what was added up and takes nothing more', async (t) => {
  const { input, stats, messages } = await run();
  add(stats, 'c:1|c');
  await input.stop();
  t.match(messages[0]?.payload, /counters\.c\.count 1 /);
  t.notOk(stats.add({ bucket: 'c', value: '1', modifier: '', sampling: 1 }));
});

t.test('refused values are logged with a count, once a flush', async (t) => {
  const { input, stats, context } = await run({ max_stats: 1 });
  add(stats, 'a:1|c', 'b:1|c', 'c:1|c', 'a:x|c');
  await context.clock.advanceAsync(20_000);
  t.same(context.errors, [
    '1 stats dropped: no number, or no usable name; the last one: a:x',
    '2 stats dropped: more than 1 names, or too many timer values; the last one: c:1',
  ]);
  t.equal(input.counters['refused'], 3);
  await input.stop();
});

t.test('settings that emit nothing, or never, are refused', async (t) => {
  const check = (values: Record<string, ConfigValue>): void => {
    sectionOf(statAccumInput.spec, values);
  };
  t.throws(() => check({ ticker_interval: 0 }), /TickerInterval must be greater than 0\./);
  t.throws(
    () => check({ emit_in_payload: false }),
    /One of either `EmitInPayload` or `EmitInFields` must be set to true\./,
  );
  t.throws(() => check({ percent_threshold: [101] }), /from 0 to 100/);
  t.throws(() => check({ percent_threshold: Array(17).fill(1) }), /at most 16/);
  t.throws(() => check({ percent_threshold: [1.5] }), /array of integers/);
  t.throws(() => check({ percent_threshold: 90 }), /array of integers/);
});
