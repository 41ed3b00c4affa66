import t from 'tap';
import { sectionOf } from '../../../lib/config/section.ts';
import { RunningNativeFilter } from '../../../lib/daemon/filters.ts';
import { counterFilter } from '../../../lib/filters/native/counter-filter.ts';
import { StatAccumulator } from '../../../lib/inputs/stat-accumulator.ts';
import type { Pack } from '../../../lib/protocol/pack.ts';
import { Router } from '../../../lib/router/router.ts';
import { Peer, startDaemon } from '../../daemon-harness.ts';
import { packOf, testContext, until } from '../../plugin-context.ts';

function running(matcher = "Type != 'heka.counter-output'") {
  const context = testContext('Count');
  const router = new Router(() => undefined);
  const injected: Pack[] = [];
  router.subscribe({
    name: 'out',
    kind: 'output',
    signer: '',
    matcher: { matches: () => true },
    deliver: (pack) => {
      if (pack.message.type === 'heka.counter-output') injected.push(pack);
      return undefined;
    },
  });
  const filter = new RunningNativeFilter(
    sectionOf(counterFilter.spec, { message_matcher: matcher, message_signer: '' }, 'Count'),
    {
      router,
      context: () => context,
      accumulator: () => new StatAccumulator(),
      maxMessageLoops: 4,
    },
  );
  filter.start();
  return { context, router, injected, filter };
}

t.test('a filter’s message has the daemon’s headers and one loop more', async (t) => {
  const { context, router, injected, filter } = running();
  router.route({ ...packOf({ type: 'x' }), loopCount: 3 });
  context.clock.advance(5_000);
  const [pack] = injected;
  t.match(pack?.message, { logger: 'Count', hostname: 'testhost', pid: 42 });
  t.equal(pack?.message.timestampNs, context.clock.nowNs());
  t.equal(pack?.loopCount, 4);
  t.equal(pack?.stream, 0);
  t.equal(pack?.signer, '');
  await filter.stop();
});

t.test('a message that follows from too many others is refused', async (t) => {
  const { context, router, injected, filter } = running();
  router.route({ ...packOf({}), loopCount: 4 });
  context.clock.advance(5_000);
  t.same(injected, []);
  t.same(context.errors, ['exceeded MaxMsgLoops = 4']);
  await filter.stop();
});

t.test('a filter cannot send to itself', async (t) => {
  const { context, router, injected, filter } = running('TRUE');
  router.route(packOf({}));
  context.clock.advance(5_000);
  t.same(injected, []);
  t.same(context.errors, ['attempted to Inject a message to itself']);
  await filter.stop();
});

t.test('a filter that was stopped gets neither messages nor timer events', async (t) => {
  const { context, router, injected, filter } = running();
  router.route(packOf({}));
  await filter.stop();
  context.clock.advance(50_000);
  router.route(packOf({}));
  t.same(injected, []);
  t.equal(context.clock.pending, 0);
});

t.test('statsd values of messages are added up, and none is lost at shutdown', async (t) => {
  const { daemon, log } = await startDaemon(
    t.testdir(),
    `
[tcp]
type = "TcpInput"
address = "127.0.0.1:0"
[Hits]
type = "StatFilter"
message_matcher = "Type == 'hit'"
[Hits.Metric.n]
type = "Counter"
name = "hits.%Logger%"
value = "%n%"
[Count]
type = "CounterFilter"
[StatAccumInput]
ticker_interval = 3600
[log]
type = "LogOutput"
message_matcher = "Type == 'heka.statmetric'"
encoder = "PayloadEncoder"
[PayloadEncoder]
`,
  );
  t.ok(log.includes('Filter started: Hits'), log.join('\n'));
  const peer = await Peer.connect(daemon, 'tcp');
  for (let n = 1; n <= 4; n++) {
    await peer.send({ type: 'hit', fields: [{ name: 'n', value: n, integer: true }] });
  }
  await peer.close();
  await until(() => daemon.counters()['routed'] === 4);
  await daemon.stop();
  t.match(log.join('\n'), /stats\.counters\.hits\.input\.count 10 \d+/);
});
