import t from 'tap';
import { bundleIsolate } from '../../../lib/cells/isolate-code.ts';
import { ThreadCell, type ThreadCellOptions } from '../../../lib/cells/thread-cell.ts';
import type { Report, SandboxSpec } from '../../../lib/protocol/batch.ts';
import { Message } from '../../../lib/protocol/message.ts';
import { batchOf, specOf } from '../../sandbox-spec.ts';

const code = await bundleIsolate(new URL('../../fake-isolate.ts', import.meta.url));
const entry = new URL('../../dying-shard.ts', import.meta.url);

async function started(t: Tap, options: Partial<ThreadCellOptions> = {}) {
  const cell = await ThreadCell.start({ shards: 1, messageBytes: 65536, code, entry, ...options });
  t.teardown(() => cell.close());
  // Idle threads do not keep the process alive.
  const alive = setInterval(() => undefined, 60_000);
  t.teardown(() => clearInterval(alive));
  const replaced: string[] = [];
  const deaths = Promise.withResolvers<void>();
  cell.onReplaced((shard, reason) => {
    replaced.push(`${shard.index} ${shard.generation} ${reason}`);
    deaths.resolve();
  });
  const [first] = cell.shards;
  if (first === undefined) throw new Error('no shard');
  return { cell, first, replaced, death: deaths.promise };
}

type Tap = { teardown(action: () => unknown): void };

function load(id: number, script = '', more: Partial<SandboxSpec> = {}) {
  return { kind: 'load', spec: specOf(id, script, more) } as const;
}

function injected(report: Report): string[] {
  return [...report.sources.keys()].map((i) => {
    const bytes = report.bytes.subarray(report.offsets[i], report.offsets[i + 1]);
    return Message.decode(bytes).payload;
  });
}

t.test('a batch is answered by one report that holds what it caused, in order', async (t) => {
  const { first } = await started(t);
  await first.load(load(1));
  await first.load(load(2));
  const report = await first.run(batchOf(['do:echo 2', 'quiet', 'do:echo 1'], [1, 2]));
  t.equal(report.sequence, 1);
  t.equal(report.unfinished, false);
  t.same(injected(report), ['s1 0 1', 's1 0 2', 's1 2 1', 's2 0 1', 's2 0 2', 's2 2 1']);
  t.same(
    report.results.map(({ sandbox, processed, skipped }) => [sandbox, processed, skipped]),
    [
      [1, 3, 0],
      [2, 3, 0],
    ],
  );
});

t.test('tasks reach the thread in the order of the calls', async (t) => {
  const { first } = await started(t);
  const order: string[] = [];
  const note = (name: string) => () => void order.push(name);
  await Promise.all([
    first.load(load(1)).then(note('load')),
    first.run(batchOf(['do:echo 1'], [1])).then(note('run')),
    first.states({ kind: 'state', sandboxes: [1], end: true }).then((answer) => {
      order.push('state');
      t.same([...(answer.states[0]?.state ?? [])], [0, 0, 0, 1]);
    }),
    first.run(batchOf(['quiet'], [1])).then((report) => {
      order.push('run');
      t.equal(report.results[0]?.skipped, 1, 'the sandbox had ended');
    }),
  ]);
  t.same(order, ['load', 'run', 'state', 'run']);
});

t.test('a load that fails leaves nothing and says why', async (t) => {
  const { first } = await started(t);
  const failed = await first.load(load(1, 'fail'));
  t.match(failed.failure, { code: 'HKT_SANDBOX_SCRIPT', text: 'told to fail' });
  const broken = await first.load(load(2, 'throw'));
  t.match(broken.failure, { code: 'HKT_SANDBOX_INTERNAL', text: /told to throw/ });
  const report = await first.run(batchOf(['quiet'], [1, 2]));
  t.same(
    report.results.map(({ skipped }) => skipped),
    [1, 1],
  );
});

t.test('all shards start from one snapshot', async (t) => {
  const { cell } = await started(t, { shards: 3 });
  t.equal(cell.shards.length, 3);
  const logs = await Promise.all(cell.shards.map((shard) => shard.load(load(1))));
  t.same(
    logs.map((answer) => answer.logs[0]?.text),
    ['loaded at 0', 'loaded at 0', 'loaded at 0'],
  );
});

for (const [word, reason] of [
  ['exit', /worker thread exited with code 7/],
  ['throw', /worker thread failed: told to die/],
] as const) {
  t.test(`a thread that dies (${word}) is replaced once, and loses what it had`, async (t) => {
    const { first, replaced, death } = await started(t);
    await first.load(load(1));
    const lost = first.run(batchOf([`die:${word}`], [1]));
    await t.rejects(lost, { code: 'HKT_SANDBOX_LOST' });
    // Sent at once, before the new thread is up: it must not meet a thread without a shard.
    const report = await first.run(batchOf(['quiet'], [1]));
    await death;
    t.equal(first.generation, 1);
    t.equal(report.generation, 1);
    t.equal(report.results[0]?.skipped, 1, 'its sandboxes are gone');
    await first.load(load(1));
    t.same(injected(await first.run(batchOf(['do:echo 1'], [1]))), ['s1 0 1']);
    t.equal(replaced.length, 1);
    t.match(replaced[0], reason);
  });
}

t.test('what was on its way to a dead thread is refused by its successor', async (t) => {
  const { first, death } = await started(t);
  await first.load(load(1));
  const results = await Promise.allSettled([
    first.run(batchOf(['die:exit'], [1])),
    first.run(batchOf(['quiet'], [1])),
    first.load(load(2)),
  ]);
  t.same(
    results.map(({ status }) => status),
    ['rejected', 'rejected', 'rejected'],
  );
  await death;
  await first.load(load(3));
});

t.test('a thread that dies with nothing to do ends nothing else', async (t) => {
  const { first, death, replaced } = await started(t);
  await first.load(load(1));
  await first.run(batchOf(['die:idle'], [1]));
  await death;
  await first.load(load(1));
  t.equal(replaced.length, 1);
});

t.test('what a caller puts into its buffer after the call does not reach the shard', async (t) => {
  const { first, death } = await started(t);
  await first.load(load(1));
  const dying = first.run(batchOf(['die:exit'], [1]));
  await t.rejects(dying, { code: 'HKT_SANDBOX_LOST' });
  await death;
  const loading = first.load(load(1));
  const batch = batchOf(['do:echo 1'], [1]);
  const running = first.run(batch);
  batch.bytes.fill(0x20);
  await loading;
  t.same(injected(await running), ['s1 0 1']);
});

t.test('closing waits for what runs, and nothing starts afterwards', async (t) => {
  const { cell, first } = await started(t);
  await first.load(load(1));
  const running = first.run(batchOf(['do:work 30', 'do:echo 1'], [1]));
  await cell.close();
  t.same(injected(await running), ['s1 1 1']);
  await t.rejects(first.run(batchOf(['quiet'], [1])), { code: 'HKT_SANDBOX_LOST' });
});

t.test('an engine is brought when a sandbox first asks for it, before its messages', async (t) => {
  const { cell } = await started(t, { shards: 2 });
  const answers = await Promise.all(
    cell.shards.map(async (shard) => {
      const loading = shard.load(load(1, 'engine', { engine: 'compiled' }));
      const running = shard.run(batchOf(['do:echo 1'], [1]));
      const answer = await loading;
      return [answer.logs[0]?.text, ...injected(await running)];
    }),
  );
  t.same(answers, [
    ['compiled', 's1 0 1'],
    ['compiled', 's1 0 1'],
  ]);
});

t.test('the next life of a thread has every engine that was in use', async (t) => {
  const { first, death } = await started(t);
  await first.load(load(1, '', { engine: 'compiled' }));
  await first.run(batchOf(['die:idle'], [1]));
  await death;
  const answers = await Promise.all(
    (['compiled', 'interpreted'] as const).map((engine, i) =>
      first.load(load(i, 'engine', { engine })),
    ),
  );
  t.same(
    answers.map(({ logs }) => logs[0]?.text),
    ['compiled', 'interpreted'],
  );
});

t.test('where no code may be made from strings, everything is interpreted', async (t) => {
  const warnings: string[] = [];
  const { first } = await started(t, {
    engine: 'compiled',
    codeFromStrings: false,
    warn: (text) => warnings.push(text),
  });
  const { logs } = await first.load(load(1, 'engine', { engine: 'compiled' }));
  t.equal(logs[0]?.text, 'interpreted');
  t.equal(warnings.length, 1);
  t.match(warnings[0], /interpreted/);
});

t.test('guests of a shard may nest calls as deep as in PUC Lua', async (t) => {
  const { first } = await started(t);
  const { logs } = await first.load(load(1, 'nest'));
  const depth = Number(logs[0]?.text);
  t.ok(depth > 16_000, `${depth} calls`);
});

t.test('code that makes no snapshot is reported by the start', async (t) => {
  await t.rejects(
    ThreadCell.start({ shards: 2, messageBytes: 65536, code: 'this is not JavaScript', entry }),
  );
});
