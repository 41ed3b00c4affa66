import t from 'tap';
import { settle } from '../../fake-cell.ts';
import { FiltersHarness } from '../../filters-harness.ts';
import { definitionOf, messageOf } from '../../sandbox-spec.ts';
import { seededRandom } from '../../seeded-random.ts';

t.test('the new code takes over with the state of the old', async (t) => {
  const h = new FiltersHarness({ shards: 2 });
  await h.start('one');
  h.send('a', 'b');
  await h.replace('one');
  h.send('c');
  await h.idle();
  t.same(h.got(), [['a', 'b'], ['c']]);
  t.equal(h.keeper.states.get('one'), '2');
  await h.filters.stop('one');
  t.equal(h.keeper.states.get('one'), '3');
  t.same(
    h.cell.shards.map(({ sandboxes }) => sandboxes.size),
    [0, 0],
    'nothing of either is left',
  );
  t.same(h.ends, ['one stopped'], 'the starter of the old one goes on with the new one');
});

t.test('without preserve_data on both sides no state is handed over', async (t) => {
  for (const [before, after] of [
    [false, true],
    [true, false],
  ] as const) {
    const h = new FiltersHarness();
    await h.start('one', '', { preserveData: before });
    h.send('a');
    await h.replace('one', '', { preserveData: after });
    h.send('b');
    await h.filters.stop('one');
    t.equal(h.keeper.states.get('one'), after ? '1' : undefined);
  }
});

t.test('a new onEnd means that the old one is told', async (t) => {
  const h = new FiltersHarness();
  await h.start('one');
  await h.filters.replace(definitionOf('one'), h.onEnd('new one'));
  t.same(h.ends, ['one stopped']);
  await h.filters.stop('one');
  t.same(h.ends, ['one stopped', 'new one stopped']);
});

t.test('a replacement that fails keeps the old one, and its ticker', async (t) => {
  const h = new FiltersHarness();
  await h.start('one', '', { tickerSeconds: 1 });
  await t.rejects(h.replace('one', 'fail'), { code: 'HKT_SANDBOX_SCRIPT' });
  await t.rejects(h.replace('one', '', { matcher: '==' }), { code: /^HKT_MATCHER_/ });
  await t.rejects(h.replace('other'), { code: 'HKT_SANDBOX_NOT_RUNNING' });
  h.send('a');
  h.clock.advance(1000);
  await h.idle();
  t.same(h.got(), [['a', 'timer']]);
  t.same(h.ends, []);
  t.equal(h.clock.pending, 1, 'one ticker, not two');
});

t.test('a state that cannot be made keeps the old one', async (t) => {
  const h = new FiltersHarness();
  await h.start('one', 'unpreservable');
  await t.rejects(h.replace('one'), { code: 'HKT_STATE_WRITE', message: /cannot be preserved/ });
  h.send('a');
  await h.idle();
  t.same(h.got(), [['a']]);
});

t.test('a full disk does not cost the state: it goes over from memory', async (t) => {
  const h = new FiltersHarness();
  await h.start('one');
  h.send('a', 'b');
  h.keeper.failWrites = true;
  await h.replace('one');
  h.keeper.failWrites = false;
  h.send('c');
  await h.filters.stop('one');
  t.equal(h.keeper.states.get('one'), '3');
});

t.test('what a filter ends in keeps its replacement from starting', async (t) => {
  const h = new FiltersHarness();
  await h.start('one');
  h.send('end');
  const replacing = h.replace('one');
  h.send('a', 'b');
  await t.rejects(replacing, { code: 'HKT_SANDBOX_NOT_RUNNING' });
  t.same(h.ends, ['one HKT_SANDBOX_SCRIPT']);
  t.equal(h.filters.has('one'), false);
  t.ok(h.errors.includes("Plugin 'one' error: Lost/Dropped 2 messages"), 'what waited is counted');
  t.equal(h.router.room(), undefined);
});

t.test('a stop during a replacement stops the new one', async (t) => {
  const h = new FiltersHarness();
  await h.start('one');
  h.send('a');
  const replacing = h.replace('one');
  const stopping = h.filters.stop('one');
  h.send('b');
  await replacing;
  await stopping;
  t.equal(h.filters.has('one'), false);
  t.same(h.got(), [['a'], ['b']]);
  t.equal(h.keeper.states.get('one'), '2');
  t.equal(h.shard.sandboxes.size, 0);
});

t.test('two replacements at once happen one after another', async (t) => {
  const h = new FiltersHarness();
  await h.start('one');
  h.send('a');
  const first = h.replace('one');
  h.send('b');
  const second = h.replace('one');
  h.send('c');
  await Promise.all([first, second]);
  h.send('d');
  await h.idle();
  t.same(h.got().flat().sort(), ['a', 'b', 'c', 'd']);
  t.equal(h.shard.sandboxes.size, 1);
});

t.test('a swap that holds too much blocks the router, and its end lets it go on', async (t) => {
  const h = new FiltersHarness();
  await h.start('one');
  h.shard.automatic = false;
  const replacing = h.replace('one');
  const large = 'x'.repeat(1024 * 1024);
  let sent = 0;
  while (h.router.room() === undefined && sent < 100) {
    h.send(`${sent++} ${large}`);
  }
  t.ok(sent <= 17, `${sent} messages of 1 MiB`);
  h.shard.resume();
  await replacing;
  await h.idle();
  t.equal(h.got().flat().length, sent);
  t.equal(h.router.room(), undefined);
});

t.test('what waits in the router when the swap ends is neither missed nor overtaken', async (t) => {
  const h = new FiltersHarness();
  await h.start('one', '', { matcher: "Type == 'x'" });
  h.shard.automatic = false;
  const replacing = h.replace('one', '', { matcher: "Type == 'x'" });
  // The router is blocked by the swap while messages are injected.
  const packs = Array.from({ length: 4096 + 3 }, (_, i) => i);
  for (const i of packs) {
    h.router.inject({
      message: messageOf(String(i), { type: 'x' }),
      signer: '',
      loopCount: 1,
      stream: 0,
      position: 0,
      readAtMs: 0,
    });
  }
  t.ok(h.router.room() instanceof Promise);
  h.shard.resume();
  await replacing;
  await h.idle();
  t.same(h.got()[1], packs.map(String));
});

/** One run of random messages, replacements that work or fail, injections, deaths of nothing. */
async function interleave(t: { same(a: unknown, b: unknown, text: string): void }, seed: number) {
  const random = seededRandom(seed);
  const h = new FiltersHarness({ shards: 1 + random.below(3) });
  await h.start('one');
  let sent = 0;
  let replacing: Promise<unknown> | undefined;
  for (let step = 0; step < 120; step++) {
    switch (random.below(6)) {
      case 0:
      case 1:
        for (let n = random.below(4); n >= 0; n--) h.send(String(sent++));
        break;
      case 2:
        if (replacing === undefined || random.below(4) === 0) {
          const script = random.below(3) === 0 ? 'fail' : '';
          replacing = h.replace('one', script).catch(() => undefined);
        }
        break;
      case 3:
        for (const shard of h.cell.shards) shard.automatic = random.below(2) === 0;
        break;
      case 4: {
        const shard = h.cell.shards[random.below(h.cell.shards.length)];
        shard?.step();
        break;
      }
      default:
        await settle(1 + random.below(2));
        h.clock.advance(random.below(4));
    }
  }
  for (const shard of h.cell.shards) shard.resume();
  await replacing;
  await h.idle();
  const expected = Array.from({ length: sent }, (_, i) => String(i));
  t.same(h.got().flat(), expected, `seed ${seed}: each exactly once, in order, old before new`);
}

t.test('every message goes to exactly one of old and new, in order', async (t) => {
  const { seed } = seededRandom();
  for (let run = 0; run < 40; run++) await interleave(t, seed + run);
});
