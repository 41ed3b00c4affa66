/** Worker threads that die under a whole host: real threads, real isolates with a fake language, real states on disk. */
import path from 'node:path';
import t from 'tap';
import { bundleIsolate } from '../../lib/cells/isolate-code.ts';
import { ThreadCell } from '../../lib/cells/thread-cell.ts';
import { SandboxFilters } from '../../lib/filters/sandbox-filters.ts';
import { StateStore } from '../../lib/filters/state-store.ts';
import { Router } from '../../lib/router/router.ts';
import { ShardPool } from '../../lib/router/shard-pool.ts';
import { ManualClock } from '../manual-clock.ts';
import { until } from '../plugin-context.ts';
import { definitionOf, inputPack } from '../sandbox-spec.ts';

const code = await bundleIsolate(new URL('../fake-isolate.ts', import.meta.url));

type Tap = { teardown(action: () => unknown): void };

async function setUp(t: Tap, baseDir: string, shards = 1) {
  const entry = new URL('../dying-shard.ts', import.meta.url);
  const cell = await ThreadCell.start({ shards, messageBytes: 65536, code, entry });
  const alive = setInterval(() => undefined, 60_000);
  const errors: string[] = [];
  const infos: string[] = [];
  const injected: string[] = [];
  const ends: string[] = [];
  const router = new Router(() => undefined);
  router.subscribe({
    name: 'injected',
    kind: 'output',
    signer: '',
    matcher: { matches: () => true },
    deliver: ({ message }) => {
      if (message.type === 'echo') injected.push(message.payload);
      return undefined;
    },
  });
  const clock = new ManualClock();
  const log = {
    info: (text: string) => void infos.push(text),
    error: (text: string) => void errors.push(text),
  };
  const pool = new ShardPool({ cell, clock, log, onRoom: () => router.wake() });
  const filters = new SandboxFilters({
    pool,
    router,
    clock,
    log,
    states: await StateStore.open(baseDir),
    identity: { hostname: 'here', pid: 42 },
    checkpointMs: 0,
    maxProcessNs: 1e9,
  });
  t.teardown(async () => {
    clearInterval(alive);
    await filters.close();
    await cell.close();
  });
  return {
    cell,
    pool,
    filters,
    errors,
    infos,
    injected,
    ends,
    start: (name: string, script = '', matcher = "Logger == 'input'") =>
      filters.start(definitionOf(name, script, { matcher }), (end) => {
        ends.push(`${name} ${end.kind === 'terminated' ? end.termination.code : end.kind}`);
      }),
    async send(...payloads: string[]): Promise<void> {
      for (const payload of payloads) {
        for (let room = router.room(); room !== undefined; room = router.room()) await room;
        router.route(inputPack(payload, { logger: 'input' }));
      }
    },
  };
}

for (const death of ['exit', 'throw']) {
  t.test(`after a death by ${death} sandboxes go on from their last checkpoint`, async (t) => {
    const h = await setUp(t, t.testdir({}), 2);
    for (const name of ['a', 'b', 'c', 'd']) await h.start(name);
    await h.start('killer', '', "Logger == 'killer'");
    await h.send('one', 'two');
    await h.pool.idle();
    await h.filters.checkpoint();
    await h.send('three');
    await h.pool.idle();
    await h.send(`die:${death}`);
    await h.pool.idle();
    await until(() => h.errors.filter((line) => line.includes('come back')).length === 2);
    await h.send('do:echo 1');
    await h.pool.idle();
    t.same(h.injected.sort(), ['a 2 1', 'b 2 1', 'c 2 1', 'd 2 1']);
    t.equal(h.pool.lostMessages, 2, 'the message that killed, once per shard');
    t.match(
      h.errors.filter((line) => /lost a batch/.test(line)),
      [/of 1 messages/, /of 1 messages/],
    );
    t.same(h.ends, []);
    t.equal(h.filters.status().length, 5);
  });
}

t.test('a thread that dies again and again takes nothing but its batches with it', async (t) => {
  const h = await setUp(t, t.testdir({}));
  await h.start('one');
  for (let i = 0; i < 5; i++) {
    await h.send('quiet');
    await h.pool.idle();
    await h.filters.checkpoint();
    await h.send('die:exit', 'quiet', 'quiet');
    await h.pool.idle();
  }
  await h.send('do:echo 1');
  await h.pool.idle();
  t.same(h.injected, ['one 5 1']);
  t.equal(h.pool.lostMessages, 15);
});

t.test('what comes while sandboxes come back waits for them', async (t) => {
  const h = await setUp(t, t.testdir({}));
  await h.start('one');
  await h.send('die:exit');
  await until(() => h.errors.some((line) => line.includes('come back')));
  for (let i = 0; i < 3000; i++) await h.send('quiet');
  await h.send('do:echo 1');
  await h.pool.idle();
  t.same(h.injected, ['one 3000 1']);
});

t.test(
  'a sandbox that kills its thread whenever it is loaded is ended, the others live',
  async (t) => {
    const h = await setUp(t, t.testdir({}));
    await h.start('poison', 'die:reload', 'FALSE');
    await h.start('one');
    await h.send('quiet');
    await h.pool.idle();
    await h.filters.checkpoint();
    await h.send('die:exit');
    await until(() => h.ends.length > 0);
    await h.send('do:echo 1');
    await h.pool.idle();
    t.same(h.ends, ['poison HKT_SANDBOX_LOST']);
    t.same(h.injected, ['one 1 1']);
  },
);

t.test('a load that kills the thread is refused, and the neighbours come back', async (t) => {
  const h = await setUp(t, t.testdir({}));
  await h.start('one');
  await h.send('quiet');
  await h.pool.idle();
  await h.filters.checkpoint();
  await t.rejects(h.start('poison', 'die:load'), { code: 'HKT_SANDBOX_LOST' });
  await h.send('do:echo 1');
  await h.pool.idle();
  t.same(h.injected, ['one 1 1']);
  t.equal(h.filters.has('poison'), false);
});

t.test('states that were kept before a death are whole on disk after a close', async (t) => {
  const folder = t.testdir({});
  const h = await setUp(t, folder);
  await h.start('one');
  await h.send('a', 'b');
  await h.pool.idle();
  await h.filters.checkpoint();
  await h.send('die:throw');
  await h.pool.idle();
  await h.send('c');
  await h.filters.close();
  const store = await StateStore.open(path.resolve(folder));
  t.same([...((await store.read('one')) ?? [])], [0, 0, 0, 3]);
});
