import t from 'tap';
import { settle } from '../../fake-cell.ts';
import { FiltersHarness } from '../../filters-harness.ts';

t.test('a checkpoint writes what changed, again and again', async (t) => {
  const h = new FiltersHarness({ checkpointMs: 5000 });
  await h.start('one');
  await h.start('other');
  await h.start('forgetful', '', { preserveData: false });
  h.send('a');
  await h.idle();
  await h.clock.advanceAsync(5000);
  await settle();
  t.same(h.keeper.writes.sort(), ['one=1', 'other=1']);
  await h.clock.advanceAsync(5000);
  await settle();
  t.equal(h.keeper.writes.length, 2, 'nothing ran');
  h.send('b');
  await h.idle();
  await h.clock.advanceAsync(5000);
  await settle();
  t.same(h.keeper.writes.slice(2).sort(), ['one=2', 'other=2']);
});

t.test('a write that failed is tried again, also when nothing ran since', async (t) => {
  const h = new FiltersHarness();
  await h.start('one');
  h.send('a');
  await h.idle();
  h.keeper.failWrites = true;
  await h.filters.checkpoint();
  t.same(h.errors, ["Plugin 'one' error: the disk is full"]);
  await h.filters.checkpoint();
  t.equal(h.errors.length, 2);
  h.keeper.failWrites = false;
  await h.filters.checkpoint();
  t.same(h.keeper.writes, ['one=1']);
  await h.filters.checkpoint();
  t.same(h.keeper.writes, ['one=1'], 'once');
});

t.test('what a failed checkpoint could not write is written at the end', async (t) => {
  const h = new FiltersHarness();
  await h.start('one');
  h.send('a');
  await h.idle();
  h.keeper.failWrites = true;
  await h.filters.checkpoint();
  h.keeper.failWrites = false;
  await h.filters.stop('one');
  t.equal(h.keeper.states.get('one'), '1');
});

t.test('a state that was asked for earlier never replaces a newer one', async (t) => {
  const h = new FiltersHarness();
  await h.start('first');
  await h.start('one');
  h.send('a');
  await h.idle();
  const gate = Promise.withResolvers<void>();
  h.keeper.gate = gate.promise;
  const checkpoint = h.filters.checkpoint();
  await settle();
  h.send('b');
  const stopping = h.filters.stop('one');
  await settle();
  gate.resolve();
  await Promise.all([checkpoint, stopping]);
  t.equal(h.keeper.states.get('one'), '2');
});

t.test('a newer state that could not be written survives the write of an older one', async (t) => {
  const h = new FiltersHarness();
  await h.start('one');
  const gate = Promise.withResolvers<void>();
  h.keeper.gate = gate.promise;
  h.keeper.refused.add('one=2');
  h.send('a');
  await h.idle();
  const first = h.filters.checkpoint();
  await settle();
  h.send('b');
  await h.idle();
  const second = h.filters.checkpoint();
  await settle();
  gate.resolve();
  await Promise.all([first, second]);
  t.equal(h.keeper.states.get('one'), '1');
  h.keeper.refused.clear();
  await h.filters.checkpoint();
  t.equal(h.keeper.states.get('one'), '2');
});

t.test('a filter without a state says why, and the others have theirs', async (t) => {
  const h = new FiltersHarness();
  await h.start('one', 'unpreservable');
  await h.start('other');
  h.send('a');
  await h.idle();
  await h.filters.checkpoint();
  t.same(h.errors, ["Plugin 'one' error: cannot be preserved"]);
  t.same(h.keeper.writes, ['other=1']);
});

t.test('many states are asked for in several tasks, between which batches run', async (t) => {
  const h = new FiltersHarness();
  for (let i = 0; i < 40; i++) await h.start(`f${i}`);
  h.send('a');
  await h.idle();
  h.shard.automatic = false;
  const checkpoint = h.filters.checkpoint();
  await settle();
  t.equal(h.shard.tasks.length, 1);
  h.send('b');
  await settle();
  const kinds: string[] = [];
  while (h.shard.tasks.length > 0) {
    kinds.push(h.shard.tasks[0]?.kind ?? '');
    h.shard.step();
    await settle();
  }
  t.same(kinds, ['state', 'batch', 'state', 'state']);
  await checkpoint;
  t.equal(h.keeper.writes.length, 40);
});

t.test('the sandboxes of a dead thread come back from their last checkpoint', async (t) => {
  const h = new FiltersHarness({ shards: 2 });
  await h.start('one');
  await h.start('elsewhere');
  await h.start('forgetful', '', { preserveData: false });
  h.send('a', 'b');
  await h.idle();
  await h.filters.checkpoint();
  h.send('c');
  await h.idle();
  const [shard] = h.cell.shards;
  shard?.die('told to die');
  h.send('d');
  await h.idle();
  await h.filters.stop('one');
  t.equal(h.keeper.states.get('one'), '3', 'two of the checkpoint, and d');
  t.same(h.got(), [
    ['a', 'b', 'c', 'd'],
    ['a', 'b', 'c', 'd'],
    ['a', 'b', 'c', 'd'],
  ]);
  t.same(h.errors, ['shard 0: told to die; its sandboxes come back']);
  t.same(h.ends, ['one stopped']);
});

t.test('what a thread took with it is counted and logged', async (t) => {
  const h = new FiltersHarness();
  await h.start('one');
  await h.start('other');
  h.shard.automatic = false;
  h.send('a', 'b');
  await settle();
  h.shard.die();
  h.shard.resume();
  h.send('c');
  await settle(20);
  await h.idle();
  t.equal(h.pool.lostMessages, 2);
  t.match(h.errors[1], /^shard 0 lost a batch of 2 messages \(4 deliveries\)/);
  t.same(h.got(), [['c'], ['c']]);
});

t.test('a state that was not written yet is what the sandbox comes back from', async (t) => {
  const h = new FiltersHarness();
  await h.start('one');
  h.send('a', 'b');
  await h.idle();
  h.keeper.failWrites = true;
  await h.filters.checkpoint();
  h.keeper.failWrites = false;
  h.shard.die();
  h.send('c');
  await h.idle();
  await h.filters.stop('one');
  t.equal(h.keeper.states.get('one'), '3');
});

t.test('a ticker goes on although its last tick was lost', async (t) => {
  const h = new FiltersHarness();
  await h.start('one', '', { tickerSeconds: 1 });
  h.shard.automatic = false;
  h.clock.advance(1000);
  await settle();
  h.shard.die();
  h.shard.resume();
  await h.idle();
  h.clock.advance(1000);
  await h.idle();
  t.same(h.got(), [['timer']]);
});

t.test('a ticker goes on although its tick was lost in a thread that lives', async (t) => {
  const h = new FiltersHarness();
  await h.start('one', '', { tickerSeconds: 1 });
  h.shard.automatic = false;
  h.clock.advance(1000);
  await settle();
  h.shard.lose();
  await settle();
  h.shard.resume();
  h.clock.advance(1000);
  await h.idle();
  t.same(h.got(), [['timer']]);
});

t.test('a filter that is being started when its thread dies is refused', async (t) => {
  const h = new FiltersHarness();
  h.shard.automatic = false;
  const starting = h.start('one');
  await settle();
  h.shard.die();
  await t.rejects(starting, { code: 'HKT_SANDBOX_LOST' });
  t.equal(h.filters.has('one'), false);
});

t.test('a thread that dies while its sandboxes come back is restored once more', async (t) => {
  const h = new FiltersHarness();
  await h.start('one');
  await h.start('two');
  h.send('a');
  await h.idle();
  h.shard.automatic = false;
  h.shard.die('first');
  await settle();
  t.equal(h.shard.tasks.length, 1, 'the first load');
  const before = h.shard.loads.length;
  h.shard.die('second');
  await settle();
  h.shard.resume();
  h.send('b');
  await settle(20);
  await h.idle();
  t.same(h.ends, []);
  t.same(h.shard.loads.slice(before), [1, 2], 'each is loaded once');
  t.same(
    h.filters.status().map(({ name }) => name),
    ['one', 'two'],
  );
  t.equal(h.shard.sandboxes.size, 2);
  t.same(h.got(), [
    ['a', 'b'],
    ['a', 'b'],
  ]);
  t.equal(h.router.room(), undefined);
});

t.test('a filter that takes its thread with it each time it is loaded is ended', async (t) => {
  const h = new FiltersHarness();
  await h.start('killer');
  await h.start('other');
  h.shard.automatic = false;
  h.shard.die('first');
  await settle();
  h.shard.die('second');
  await settle();
  h.shard.die('third');
  await settle();
  h.shard.resume();
  await settle(20);
  await h.idle();
  t.same(h.ends, ['killer HKT_SANDBOX_LOST']);
  t.equal(h.filters.has('other'), true);
});

t.test('a filter that cannot come back is ended, the others come back', async (t) => {
  const h = new FiltersHarness();
  await h.start('one');
  await h.start('other', '', { preserveData: false });
  h.send('a');
  await h.idle();
  h.keeper.failReads = true;
  h.shard.die();
  await settle(20);
  t.same(h.ends, ['one HKT_SANDBOX_INTERNAL']);
  h.send('b');
  await h.idle();
  t.same(h.got(), [['a'], ['a', 'b']]);
});

for (const waiting of [[], ['b']]) {
  t.test(
    `a filter that is stopped while it comes back is gone (${waiting.length} wait)`,
    async (t) => {
      const h = new FiltersHarness();
      await h.start('one');
      await h.start('two');
      h.send('a');
      await h.idle();
      await h.filters.checkpoint();
      h.shard.automatic = false;
      h.shard.die();
      await settle();
      h.send(...waiting);
      const stopping = h.filters.stop('one');
      await settle();
      h.shard.resume();
      await stopping;
      await settle(20);
      await h.idle();
      t.equal(h.shard.sandboxes.size, 1, 'only the other');
      t.equal(h.keeper.states.get('one'), String(1 + waiting.length));
      t.same(h.got()[1], ['a', ...waiting]);
      t.same(h.ends, ['one stopped']);
    },
  );
}

t.test('a filter whose stop overtakes its coming back is gone', async (t) => {
  const h = new FiltersHarness();
  await h.start('first');
  await h.start('one');
  await h.idle();
  h.shard.automatic = false;
  h.shard.die();
  await settle();
  const stopping = h.filters.stop('one');
  await settle();
  t.same(
    h.shard.tasks.map(({ kind }) => kind),
    ['load', 'state'],
  );
  h.shard.step();
  await settle();
  h.shard.resume();
  await stopping;
  await settle(20);
  t.equal(h.shard.sandboxes.size, 1, 'only the first');
});

t.test('a start during a restoration waits its turn', async (t) => {
  const h = new FiltersHarness();
  await h.start('one');
  h.shard.automatic = false;
  h.shard.die();
  await settle();
  const starting = h.start('two');
  await settle();
  h.shard.resume();
  await starting;
  await settle(10);
  h.send('a');
  await h.idle();
  t.same(h.got(), [['a'], ['a']]);
});

t.test(
  'a thread that dies during a replacement leaves one of the two, and no message lost',
  async (t) => {
    const h = new FiltersHarness();
    await h.start('one');
    h.send('a');
    await h.idle();
    await h.filters.checkpoint();
    h.shard.automatic = false;
    const replacing = h.replace('one').catch((error: { code?: string }) => error.code);
    await settle();
    h.send('b');
    h.shard.die();
    await settle();
    h.shard.resume();
    await replacing;
    await settle(20);
    await h.idle();
    h.send('c');
    await h.idle();
    t.same(h.got().flat(), ['a', 'b', 'c']);
    t.equal(h.shard.sandboxes.size, 1);
    t.equal(h.filters.has('one'), true);
  },
);
