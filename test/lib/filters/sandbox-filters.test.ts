import t from 'tap';
import { limits } from '../../../native-limits/limits.ts';
import { settle } from '../../fake-cell.ts';
import { FiltersHarness } from '../../filters-harness.ts';
import { definitionOf } from '../../sandbox-spec.ts';

t.test('a started filter gets what its matcher and signer let through', async (t) => {
  const h = new FiltersHarness();
  await h.start('all');
  await h.start('some', '', { matcher: "Payload == 'b'" });
  await h.start('signed', '', { signer: 'ops' });
  h.send('a', 'b');
  await h.idle();
  t.same(h.got(), [['a', 'b'], ['b'], []]);
  t.same(
    h.filters.status().map(({ name, processed }) => [name, processed]),
    [
      ['all', 2],
      ['some', 1],
      ['signed', 0],
    ],
  );
});

t.test('a filter that cannot start leaves nothing', async (t) => {
  const h = new FiltersHarness();
  await t.rejects(h.start('bad', 'fail'), { code: 'HKT_SANDBOX_SCRIPT', message: 'told to fail' });
  await t.rejects(h.start('bad', '', { matcher: 'Nonsense ==' }), { code: /^HKT_MATCHER_/ });
  h.keeper.failReads = true;
  await t.rejects(h.start('bad'), { message: /the disk is gone/ });
  h.keeper.failReads = false;
  t.equal(h.filters.has('bad'), false);
  t.same(h.filters.status(), []);
  h.send('a');
  await h.idle();
  t.equal(h.shard.sandboxes.size, 0);
  t.same(h.ends, []);
  await h.start('bad');
  t.equal(h.filters.has('bad'), true);
});

t.test('a name is taken from the begin of its start to the end of its stop', async (t) => {
  const h = new FiltersHarness();
  const starting = h.start('one');
  t.equal(h.filters.has('one'), true);
  await t.rejects(h.start('one'), { code: 'HKT_SANDBOX_RUNNING' });
  await starting;
  await t.rejects(h.start('one'), { code: 'HKT_SANDBOX_RUNNING' });
  const gate = Promise.withResolvers<void>();
  h.keeper.gate = gate.promise;
  h.send('a');
  const stopping = h.filters.stop('one');
  await settle();
  await t.rejects(h.start('one'), { code: 'HKT_SANDBOX_RUNNING' }, 'its state is being written');
  const again = h.filters.stop('one');
  gate.resolve();
  await stopping;
  await t.rejects(again, { code: 'HKT_SANDBOX_NOT_RUNNING' });
  t.equal(h.filters.has('one'), false);
  await h.start('one');
  h.send('b');
  await h.idle();
  await h.filters.stop('one');
  t.equal(h.keeper.states.get('one'), '2', 'it went on with its state');
});

t.test('a stop that comes while the filter starts ends it when it has started', async (t) => {
  const h = new FiltersHarness();
  const starting = h.start('one');
  const stopping = h.filters.stop('one');
  await starting;
  await stopping;
  t.equal(h.filters.has('one'), false);
  t.equal(h.shard.sandboxes.size, 0);
  t.same(h.ends, ['one stopped']);
});

t.test('a stopped filter finishes what it was given, in peace', async (t) => {
  const h = new FiltersHarness();
  await h.start('one', '', { timerEventOnShutdown: true });
  await t.rejects(h.filters.stop('other'), { code: 'HKT_SANDBOX_NOT_RUNNING' });
  h.send('a', 'b');
  await h.filters.stop('one');
  h.send('late');
  await h.idle();
  t.same(h.got(), [['a', 'b', 'shutdown']]);
  t.same(h.ends, ['one stopped']);
  t.same(h.made, [
    'heka.terminated|one|one (type SandboxFilter) terminated. Error: Filter unloaded.',
  ]);
  t.equal(h.keeper.states.get('one'), '2');
  t.equal(h.shard.sandboxes.size, 0);
  t.same(h.errors, []);
});

t.test('a stop is not held up by a stream that never pauses', async (t) => {
  const h = new FiltersHarness();
  await h.start('one');
  await h.start('other');
  let stopped = false;
  const stopping = h.filters.stop('one').then(() => {
    stopped = true;
  });
  let turns = 0;
  for (; !stopped && turns < 200; turns++) {
    h.send(...Array.from({ length: limits.batchMessages.value }, () => 'm'));
    await settle(1);
  }
  t.ok(turns < 50, `${turns} turns`);
  await stopping;
});

t.test('the end of one filter is told to the log, to the stream and to its starter', async (t) => {
  const h = new FiltersHarness();
  await h.start('one');
  await h.start('other');
  h.send('a', 'end', 'b', 'c');
  await h.idle();
  t.same(h.got(), [['a'], ['a']], 'told to both');
  t.same(h.ends.sort(), ['one HKT_SANDBOX_SCRIPT', 'other HKT_SANDBOX_SCRIPT']);
  t.same(h.made.sort(), [
    'heka.sandbox-terminated|one|told to end',
    'heka.sandbox-terminated|other|told to end',
  ]);
  t.same(h.errors.slice(0, 2), [
    "Plugin 'one' error: Terminated. Reason: told to end",
    "Plugin 'one' error: Lost/Dropped 3 messages",
  ]);
  t.equal(h.filters.droppedDeliveries, 6);
  t.equal(h.filters.has('one'), false);
  t.match(h.filters.ended('one'), { name: 'one', processed: 1 });
});

t.test('what was on its way to a filter that ended is counted and logged', async (t) => {
  const h = new FiltersHarness();
  h.shard.automatic = false;
  const starting = h.start('one', '');
  await settle();
  h.shard.step();
  await starting;
  h.send('end');
  await settle();
  h.send('b', 'c');
  h.clock.advance(limits.batchAge.value);
  t.equal(h.shard.tasks.length, 2);
  h.shard.step();
  h.shard.step();
  await settle();
  t.same(h.errors.slice(1), [
    "Plugin 'one' error: Lost/Dropped 1 messages",
    "Plugin 'one' error: Lost/Dropped 2 messages",
  ]);
  t.equal(h.filters.droppedDeliveries, 3);
});

t.test('a starter that throws at the end of its filter harms nobody', async (t) => {
  const h = new FiltersHarness();
  await h.filters.start(definitionOf('one', '', { matcher: "Logger == 'input'" }), () => {
    throw new Error('cannot bear it');
  });
  await h.start('other');
  h.send('end');
  await h.idle();
  t.ok(h.errors.some((line) => line.includes('cannot bear it')));
  t.same(h.ends, ['other HKT_SANDBOX_SCRIPT']);
  await h.start('one');
  h.send('a');
  await h.idle();
  t.same(h.got().at(-1), ['a']);
});

t.test('injected messages go through the router again, with their loop count', async (t) => {
  const h = new FiltersHarness();
  await h.start('one');
  const loops: number[] = [];
  h.router.subscribe({
    name: 'loops',
    kind: 'output',
    signer: '',
    matcher: { matches: () => true },
    deliver: (pack) => {
      if (pack.message.type === 'injected') loops.push(pack.loopCount);
      return undefined;
    },
  });
  h.send('inject first', 'inject second');
  await h.idle();
  t.same(h.made, ['injected|one|first', 'injected|one|second']);
  t.same(loops, [1, 1]);
  t.match(h.filters.status(), [{ injected: 2 }]);
});

t.test("a filter's log lines carry its name", async (t) => {
  const h = new FiltersHarness();
  await h.start('one');
  h.send('log hello');
  await h.idle();
  t.same(h.infos, ["Plugin 'one': hello"]);
});

t.test('timer_event comes every ticker_interval, and not while one is on its way', async (t) => {
  const h = new FiltersHarness();
  await h.start('one', '', { tickerSeconds: 5 });
  h.clock.advance(4999);
  await h.idle();
  t.same(h.got(), [[]]);
  h.clock.advance(1);
  await h.idle();
  t.same(h.got(), [['timer']]);
  h.shard.automatic = false;
  h.clock.advance(15_000);
  await settle();
  while (h.shard.tasks.length > 0) h.shard.step();
  await settle();
  t.same(h.got(), [['timer', 'timer']]);
  h.clock.advance(5000);
  await settle();
  h.shard.step();
  t.same(h.got(), [['timer', 'timer', 'timer']]);
});

t.test('filters are spread over the shards', async (t) => {
  const h = new FiltersHarness({ shards: 3 });
  for (let i = 0; i < 7; i++) await h.start(`f${i}`);
  t.same(
    h.cell.shards.map(({ sandboxes }) => sandboxes.size),
    [3, 2, 2],
  );
  await h.filters.stop('f1');
  await Promise.all([h.start('g1'), h.start('g2')]);
  t.same(
    h.cell.shards.map(({ sandboxes }) => sandboxes.size),
    [3, 3, 2],
  );
});

t.test('a managed filter that holds its shard up is ended, with upstream fields', async (t) => {
  const h = new FiltersHarness({ maxProcessNs: 1000 });
  h.shard.automatic = false;
  const starting = Promise.all([h.start('slow', '', { managed: true }), h.start('static', '', {})]);
  await settle();
  h.shard.step();
  h.shard.step();
  await starting;
  const batch = Array.from({ length: limits.batchMessages.value }, () => 'slow');
  for (let i = 0; i < limits.unansweredBatches.value; i++) h.send(...batch);
  h.shard.step();
  await settle();
  t.same(h.ends, [], 'slow, but nobody waits');
  h.send(...batch, ...batch);
  t.ok(h.router.room() instanceof Promise, 'the router is held up');
  h.shard.step();
  await settle();
  t.equal(h.filters.has('slow'), true, 'the name is taken while its state is written');
  while (h.shard.tasks.length > 0) {
    h.shard.step();
    await settle();
  }
  t.same(h.ends, ['slow HKT_SANDBOX_SLOW']);
  t.same(h.made, [
    'heka.sandbox-terminated|slow|sandbox is running slowly and blocking the router',
  ]);
  t.equal(h.filters.has('slow'), false);
  t.equal(h.filters.has('static'), true);
  t.ok(h.keeper.states.has('slow'), 'its state is kept');
  t.ok(h.filters.droppedDeliveries > 0, 'what it did not get is counted');
});

t.test('a fast filter on a full shard is left alone', async (t) => {
  const h = new FiltersHarness();
  await h.start('fast', '', { managed: true });
  h.shard.automatic = false;
  const batch = Array.from({ length: limits.batchMessages.value }, () => 'm');
  for (let i = 0; i < limits.unansweredBatches.value + 1; i++) h.send(...batch);
  while (h.shard.tasks.length > 0) {
    h.shard.step();
    await settle();
  }
  t.same(h.ends, []);
});

t.test('the router is blocked by a full shard and goes on with its reports', async (t) => {
  const h = new FiltersHarness();
  await h.start('one');
  h.shard.automatic = false;
  const batch = Array.from({ length: limits.batchMessages.value }, () => 'm');
  for (let i = 0; i < limits.unansweredBatches.value; i++) h.send(...batch);
  t.equal(h.router.room(), undefined);
  h.send(...batch);
  const room = h.router.room();
  t.ok(room instanceof Promise);
  h.shard.step();
  await room;
  t.equal(h.router.room(), undefined);
});

t.test('closing calls shutdown timers, keeps all states, and lets nothing new in', async (t) => {
  const h = new FiltersHarness({ checkpointMs: 1000 });
  await h.start('timed', '', { timerEventOnShutdown: true, tickerSeconds: 1 });
  await h.start('quiet');
  await h.start('forgetful', '', { preserveData: false });
  h.send('a');
  const starting = h.start('late');
  await h.filters.close();
  await starting;
  t.same(h.got(), [['a', 'shutdown'], ['a'], ['a'], []]);
  t.same([...h.keeper.states].sort(), [
    ['late', '0'],
    ['quiet', '1'],
    ['timed', '1'],
  ]);
  t.same(h.ends.sort(), ['forgetful stopped', 'late stopped', 'quiet stopped', 'timed stopped']);
  t.equal(h.shard.sandboxes.size, 0);
  t.equal(h.clock.pending, 0, 'no timer is left');
  await t.rejects(h.start('new'), { code: 'HKT_HOST_CLOSED' });
  await t.rejects(h.replace('timed'), { code: 'HKT_HOST_CLOSED' });
});

t.test('closing ends although states cannot be written or a thread dies', async (t) => {
  const h = new FiltersHarness({ shards: 2 });
  await h.start('one');
  await h.start('other');
  h.send('a');
  await h.idle();
  h.keeper.failWrites = true;
  h.shard.automatic = false;
  const closing = h.filters.close();
  await settle();
  h.shard.die();
  h.shard.resume();
  await closing;
  t.ok(h.errors.some((line) => /states of shard 0/.test(line)));
  t.ok(h.errors.some((line) => /Plugin 'other' error: the disk is full/.test(line)));
});
