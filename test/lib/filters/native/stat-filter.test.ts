import t from 'tap';
import { sectionOf } from '../../../../lib/config/section.ts';
import type { ConfigValue } from '../../../../lib/config/spec.ts';
import { statFilter } from '../../../../lib/filters/native/stat-filter.ts';
import type { Stat } from '../../../../lib/plugin.ts';
import type { MessageInit } from '../../../../lib/protocol/message.ts';
import { packOf, testContext } from '../../../plugin-context.ts';

interface Filtered {
  readonly stats: readonly Stat[];
  readonly errors: readonly string[];
  readonly accumulator: string;
}

function filter(
  metrics: Record<string, ConfigValue>,
  messages: readonly MessageInit[],
  taken = true,
): Filtered {
  const stats: Stat[] = [];
  let accumulator = '';
  const context = testContext('Hits');
  const section = sectionOf(statFilter.spec, { message_matcher: 'TRUE', Metric: metrics });
  const created = statFilter.create(section, {
    ...context,
    inject: () => false,
    accumulator: (name) => {
      accumulator = name;
      return {
        add: (stat) => {
          stats.push(stat);
          return taken;
        },
      };
    },
  });
  for (const message of messages) created.deliver(packOf(message));
  return { stats, errors: context.errors, accumulator };
}

const line: MessageInit = {
  type: 'nginx',
  logger: 'log',
  hostname: 'web1.example.com',
  payload: 'text',
  fields: [
    { name: 'Method', value: ['GET', 'POST'] },
    { name: 'Bytes', value: 1234, integer: true },
    { name: 'Seconds', value: 0.25 },
    { name: 'ok', value: true },
    { name: 'raw', value: new Uint8Array([104, 105]) },
  ],
};

t.test('each metric makes a value of every message, of its type', async (t) => {
  const metrics = {
    bandwidth: { type: 'Counter', name: 'bytes.%Hostname%', value: '%Bytes%' },
    time: { type: 'Timer', name: 'time.%Method%', value: '%Seconds%' },
    last: { type: 'Gauge', name: '%Type%.%Logger%.%Payload%', value: '1' },
  };
  const { stats, accumulator } = filter(metrics, [line]);
  t.equal(accumulator, 'StatAccumInput');
  t.same(stats, [
    { bucket: 'bytes.web1.example.com', value: '1234', modifier: '', sampling: 1 },
    { bucket: 'time.GET', value: '0.25', modifier: 'ms', sampling: 1 },
    { bucket: 'nginx.log.text', value: '1', modifier: 'g', sampling: 1 },
  ]);
});

t.test('values of every type can stand in a name', async (t) => {
  const { stats } = filter({ a: { type: 'Counter', name: '%ok%.%raw%.%Bytes%', value: '1' } }, [
    line,
  ]);
  t.equal(stats[0]?.bucket, 'true.hi.1234');
});

t.test('replace_dot changes what is put into the name, and nothing else', async (t) => {
  const { stats } = filter(
    { a: { type: 'Timer', name: 'a.b.%Hostname%', value: '%Seconds%', replace_dot: true } },
    [line],
  );
  t.equal(stats[0]?.bucket, 'a.b.web1_example_com');
  t.equal(stats[0]?.value, '0.25');
});

t.test('what a message does not have is not taken from the one before', async (t) => {
  const { stats } = filter({ a: { type: 'Counter', name: 'hits.%Method%', value: '%Bytes%' } }, [
    line,
    { type: 'other' },
  ]);
  t.equal(stats[1]?.bucket, 'hits.<Method>');
  t.equal(stats[1]?.value, '<Bytes>');
});

t.test('a field wins over a header of its name', async (t) => {
  const { stats } = filter({ a: { type: 'Counter', name: '%Type%', value: '1' } }, [
    { type: 'header', fields: [{ name: 'Type', value: 'field' }] },
  ]);
  t.equal(stats[0]?.bucket, 'field');
});

t.test('values that nobody takes any more are reported once', async (t) => {
  const { errors } = filter({ a: { type: 'Counter', name: 'n', value: '1' } }, [line, line], false);
  t.same(errors, ['Undelivered stat: n:1']);
});

t.test('a metric needs a known type, a name and a value', async (t) => {
  const check = (metric: Record<string, ConfigValue>): void => {
    sectionOf(statFilter.spec, { message_matcher: 'TRUE', Metric: { a: metric } });
  };
  t.throws(() => check({ type: 'Set', name: 'a', value: '1' }), /is not one of "Counter"/);
  t.throws(() => check({ type: 'Counter', value: '1' }), /missing the setting 'Metric\.a\.name'/);
  t.throws(() => check({ type: 'Counter', name: '', value: '1' }), /must not be empty/);
  t.throws(() => check({ name: 'a', value: '1' }), /missing the setting 'Metric\.a\.type'/);
  // As in existing configurations, in which the key has any case.
  sectionOf(statFilter.spec, {
    message_matcher: 'TRUE',
    metric: { a: { type: 'Gauge', name: 'a', value: '1' } },
  });
});
