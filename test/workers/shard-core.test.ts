import t from 'tap';
import { bundleIsolate } from '../../lib/cells/isolate-code.ts';
import type { Batch, Report, SandboxSpec } from '../../lib/protocol/batch.ts';
import { BATCH_PROTOCOL_VERSION } from '../../lib/protocol/batch.ts';
import { Message } from '../../lib/protocol/message.ts';
import { GuestIsolate, IsolateSnapshot, SharedText } from '../../native-limits/guest-isolate.ts';
import { limits } from '../../native-limits/limits.ts';
import type { CompileRequest } from '../../workers/lua-compiler.ts';
import { ShardCore, type ShardOptions } from '../../workers/shard-core.ts';
import { batchOf, specOf, testLimits } from '../sandbox-spec.ts';

const MIB = 1024 * 1024;
const stamp = { version: BATCH_PROTOCOL_VERSION, generation: 0 } as const;
const snapshot = IsolateSnapshot.make(
  await bundleIsolate(new URL('../fake-isolate.ts', import.meta.url)),
);

class Shard {
  readonly core: ShardCore;

  constructor(isolates = 10, serviceMs = 5000, more: Partial<ShardOptions> = {}) {
    this.core = new ShardCore({
      generation: 0,
      messageBytes: 65536,
      isolates,
      serviceMs,
      ...more,
    });
    this.core.addEngine('interpreted', snapshot);
  }

  load(id: number, script = '', more: Partial<SandboxSpec> = {}) {
    return this.core.load({ ...stamp, kind: 'load', spec: specOf(id, script, more) });
  }

  states(sandboxes: readonly number[], end = false) {
    return this.core.states({ ...stamp, kind: 'state', sandboxes, end }).states;
  }

  /** All reports of a batch, with empty batches until nothing is left. */
  runAll(batch: Batch): Report[] {
    const reports = [this.core.run(batch)];
    while (reports.at(-1)?.unfinished === true) {
      if (reports.length > 1000) throw new Error('it never ends');
      reports.push(this.core.run(batchOf([], [])));
    }
    return reports;
  }
}

function injected(report: Report): string[] {
  return [...report.sources.keys()].map((i) => {
    const bytes = report.bytes.subarray(report.offsets[i], report.offsets[i + 1]);
    return Message.decode(bytes).payload;
  });
}

/** What each sandbox did, over all reports. */
function tally(reports: readonly Report[]) {
  const sums = new Map<number, { processed: number; skipped: number; ends: string[] }>();
  for (const { results } of reports) {
    for (const { sandbox, processed, skipped, termination } of results) {
      const sum = sums.get(sandbox) ?? { processed: 0, skipped: 0, ends: [] };
      sums.set(sandbox, sum);
      sum.processed += processed;
      sum.skipped += skipped;
      if (termination !== undefined) sum.ends.push(termination.code);
    }
  }
  return Object.fromEntries(sums);
}

t.test('neighbours get their turn while one works for long', (t) => {
  const shard = new Shard();
  for (const id of [1, 2]) shard.load(id);
  const batch = batchOf(['do:work 15', 'do:work 15', 'do:echo 1', 'do:echo 1'], [1, 2], {
    deliveries: [
      { sandbox: 1, events: Int32Array.of(0, 1, 2) },
      { sandbox: 2, events: Int32Array.of(3) },
    ],
  });
  const reports = shard.runAll(batch);
  t.same(reports.flatMap(injected), ['s2 0 1', 's1 2 1']);
  t.end();
});

t.test('messages and timer events reach a sandbox in their order', (t) => {
  const shard = new Shard();
  shard.load(1);
  const report = shard.core.run(
    batchOf(['do:echo 1', 'do:echo 1'], [], {
      loops: Uint8Array.of(0, 3),
      timers: [
        { ns: 5, shutdown: false },
        { ns: 6, shutdown: true },
      ],
      deliveries: [{ sandbox: 1, events: Int32Array.of(-1, 0, 1, -2) }],
    }),
  );
  t.same(injected(report), ['s1 timer 5', 's1 0 1', 's1 1 1', 's1 shutdown 6']);
  t.same([...report.loops], [1, 1, 4, 1]);
  t.match(report.results, [{ processed: 2, timers: 2, failed: 0, skipped: 0 }]);
  t.end();
});

t.test('one that overstays the wall clock ends alone, and its neighbours miss nothing', (t) => {
  const shard = new Shard();
  for (const id of [1, 3]) shard.load(id);
  shard.load(2, '', { limits: { ...testLimits, callMs: 100 } });
  const texts = ['do:echo 1', 'quiet', 'do:spin', 'quiet', 'do:echo 1'];
  const batch = batchOf(texts, [], {
    timers: [{ ns: 1, shutdown: false }],
    deliveries: [
      { sandbox: 1, events: Int32Array.of(0, 1, 4) },
      { sandbox: 2, events: Int32Array.of(0, -1, 1, 2, 3, 4) },
      { sandbox: 3, events: Int32Array.of(0, 1, 4) },
    ],
  });
  const reports = shard.runAll(batch);
  t.same(reports.flatMap(injected).sort(), [
    's1 0 1',
    's1 2 1',
    's2 0 1',
    's2 timer 1',
    's3 0 1',
    's3 2 1',
  ]);
  const two = reports.flatMap(({ results }) => results.filter(({ sandbox }) => sandbox === 2));
  t.match(
    two,
    [
      {
        processed: 2,
        timers: 1,
        skipped: 3,
        termination: {
          code: 'HKT_SANDBOX_TIME',
          text: 'process_message() exceeded its wall clock limit of 100 ms',
        },
      },
    ],
    'what it did before is counted, what it did not is too',
  );
  t.same(tally(shard.runAll(batchOf(['quiet'], [1, 2, 3]))), {
    1: { processed: 1, skipped: 0, ends: [] },
    2: { processed: 0, skipped: 1, ends: [] },
    3: { processed: 1, skipped: 0, ends: [] },
  });
  t.end();
});

for (const [command, code, text] of [
  ['end', 'HKT_SANDBOX_SCRIPT', /^told to end$/],
  ['throw', 'HKT_SANDBOX_INTERNAL', /internal fault in the sandbox runtime: told to throw/],
  ['hoard', 'HKT_SANDBOX_MEMORY', /^process_message\(\) not enough memory$/],
] as const) {
  t.test(`an end by '${command}' is that sandbox's alone`, (t) => {
    const shard = new Shard();
    const living = GuestIsolate.living;
    for (const id of [1, 2]) shard.load(id);
    const reports = shard.runAll(
      batchOf(['quiet', `do:${command}`, 'quiet'], [], {
        deliveries: [
          { sandbox: 1, events: Int32Array.of(0, 1, 2) },
          { sandbox: 2, events: Int32Array.of(0, 2) },
        ],
      }),
    );
    t.same(tally(reports), {
      1: { processed: 1, skipped: 2, ends: [code] },
      2: { processed: 2, skipped: 0, ends: [] },
    });
    const ended = reports.flatMap(({ results }) => results).find((r) => r.termination);
    t.match(ended?.termination?.text, text);
    t.equal(GuestIsolate.living, living + 1, 'its isolate is gone');
    t.end();
  });
}

t.test('what one call injects beyond the area comes out whole, in several entries', (t) => {
  const shard = new Shard();
  shard.load(1);
  const reports = shard.runAll(batchOf(['do:big 900000', 'do:big 900000'], [1]));
  t.same(
    reports.flatMap(injected).map((text) => text.length),
    [900_000, 900_000],
  );
  t.end();
});

t.test('a report is cut where it becomes long, and the rest follows in order', (t) => {
  const shard = new Shard();
  for (const id of [1, 2]) shard.load(id);
  // 2 × 3 × 20 messages of about 200,000 bytes: 24 MB.
  const texts = Array.from({ length: 60 }, () => 'do:big 200000');
  const reports = shard.runAll(batchOf(texts, [1, 2]));
  t.ok(reports.length > 2);
  for (const { bytes } of reports) {
    t.ok(bytes.length < limits.reportBytes.value + 2 * MIB, `${bytes.length} bytes`);
  }
  t.equal(reports.flatMap(injected).length, 120);
  t.same(tally(reports), {
    1: { processed: 60, skipped: 0, ends: [] },
    2: { processed: 60, skipped: 0, ends: [] },
  });
  t.end();
});

t.test('a report is cut where it becomes late, and says what was done so far', (t) => {
  const shard = new Shard();
  for (const id of [1, 2]) shard.load(id);
  const batch = batchOf([...Array.from({ length: 10 }, () => 'do:work 25'), 'do:echo 1'], [], {
    deliveries: [
      { sandbox: 1, events: Int32Array.from({ length: 10 }, (_, i) => i) },
      { sandbox: 2, events: Int32Array.of(10) },
    ],
  });
  const reports = shard.runAll(batch);
  const [first] = reports;
  t.ok(reports.length >= 2);
  t.same(first === undefined ? [] : injected(first), ['s2 0 1'], 'the neighbour does not wait');
  const early = first?.results.find(({ sandbox }) => sandbox === 1);
  t.ok(early !== undefined && early.processed >= 1 && early.processed < 10);
  t.same(tally(reports)[1], { processed: 10, skipped: 0, ends: [] });
  t.end();
});

t.test('what is left over is run before the next batch, and a load may come in between', (t) => {
  const shard = new Shard();
  shard.load(1);
  const slow = batchOf([...Array.from({ length: 8 }, () => 'do:work 30'), 'do:echo 1'], [1]);
  const first = shard.core.run(slow);
  t.equal(first.unfinished, true);
  t.equal(shard.load(2).failure, undefined);
  const rest = shard.runAll(batchOf(['do:echo 1'], [1, 2]));
  t.same(rest.flatMap(injected), ['s1 8 1', 's1 9 1', 's2 0 1']);
  t.end();
});

t.test('a sandbox that is ended with work left over counts it as skipped', (t) => {
  const shard = new Shard();
  shard.load(1);
  const first = shard.core.run(
    batchOf(
      Array.from({ length: 8 }, () => 'do:work 30'),
      [1],
    ),
  );
  t.equal(first.unfinished, true);
  shard.states([1], true);
  const rest = shard.runAll(batchOf(['quiet'], [1]));
  const done = tally([first])[1]?.processed ?? 0;
  t.same(tally(rest)[1], { processed: 0, skipped: 8 - done + 1, ends: [] });
  t.end();
});

t.test('a message that no mailbox holds is failed, and nothing else is', (t) => {
  const shard = new Shard();
  shard.load(1);
  shard.load(2);
  const texts = ['do:echo 1', 'x'.repeat(MIB + 1), 'y'.repeat(MIB + 1), 'do:echo 1'];
  const reports = shard.runAll(batchOf(texts, [1, 2]));
  t.same(reports.flatMap(injected).sort(), ['s1 0 1', 's1 1 1', 's2 0 1', 's2 1 1']);
  const [result] = reports.flatMap(({ results }) => results);
  t.match(result, { processed: 4, failed: 2, skipped: 0, logs: [{ level: 3 }, { level: 3 }] });
  t.match(result?.logs[0]?.text, /Message too big/);
  const last = shard.runAll(batchOf(['z'.repeat(MIB + 1)], [1]));
  t.same(tally(last)[1], { processed: 1, skipped: 0, ends: [] });
  t.end();
});

t.test('a batch longer than the mailbox is run to its end', (t) => {
  const shard = new Shard();
  shard.load(1);
  const texts = Array.from({ length: 3 * limits.batchMessages.value }, () => 'quiet');
  const reports = shard.runAll(batchOf([...texts, 'do:echo 1'], [1]));
  t.same(reports.flatMap(injected), [`s1 ${texts.length} 1`]);
  t.end();
});

t.test('log lines come with the report of the batch that wrote them', (t) => {
  const shard = new Shard();
  t.match(shard.load(1), { logs: [{ text: 'loaded at 0' }] });
  const [result] = shard.core.run(batchOf(['do:log', 'quiet', 'do:log'], [1])).results;
  t.same(
    result?.logs.map(({ text }) => text),
    ['seen 0', 'seen 2'],
  );
  t.end();
});

t.test('sandboxes of one script share what was compiled, by whatever name', (t) => {
  const requests: CompileRequest[] = [];
  const code = new SharedText('compiled');
  const shard = new Shard(100, 5000, {
    compile: (request) => {
      requests.push(request);
      return request.chunkName === 'bad.lua' ? { error: 'bad.lua:1: wrong' } : { code };
    },
  });
  t.equal(shard.load(1, 'compile 1').logs[0]?.text, 'compiled');
  t.equal(shard.load(2, 'compile 1', { chunkName: 'bad.lua' }).logs[0]?.text, 'bad.lua:1: wrong');
  t.same(
    requests.map(({ source, lasting }) => [source, lasting]),
    [
      ['compile 1', true],
      ['compile 1', true],
    ],
  );
  t.end();
});

t.test('garbage of a sandbox that went quiet is collected, and nothing else changes', (t) => {
  const clock = { now: 0 };
  const shard = new Shard(10, 5000, { clock: () => clock.now });
  shard.load(1);
  const used = () => {
    const [report] = shard.runAll(batchOf(['quiet'], [1]));
    return report?.results[0]?.usage.memory.used ?? 0;
  };
  shard.runAll(batchOf(['do:litter 5'], [1]));
  const littered = used();
  shard.core.collectIdle();
  clock.now = limits.idleTime.value - 1;
  shard.core.collectIdle();
  const before = used();
  t.ok(before >= littered, 'not yet');
  clock.now += limits.idleTime.value;
  shard.core.collectIdle();
  const after = used();
  t.ok(after < before - 200_000, `${before} bytes before, ${after} after`);
  t.same(injected(shard.core.run(batchOf(['do:echo 1'], [1]))), ['s1 4 1'], 'it goes on');
  t.end();
});

t.test('an engine that the shard was not given is refused', (t) => {
  const shard = new Shard();
  t.match(shard.load(1, '', { engine: 'compiled' }).failure, { code: 'HKT_SANDBOX_ENGINE' });
  t.end();
});

t.test('a load that fails leaves no isolate behind', (t) => {
  const shard = new Shard();
  const living = GuestIsolate.living;
  t.match(shard.load(1, 'fail').failure, { code: 'HKT_SANDBOX_SCRIPT' });
  t.match(shard.load(2, 'throw').failure, { code: 'HKT_SANDBOX_INTERNAL' });
  t.match(shard.load(3, '', { config: { f: (() => 1) as never } }).failure, {
    code: 'HKT_SANDBOX_INTERNAL',
  });
  t.equal(GuestIsolate.living, living);
  t.end();
});

t.test('a script that is only compiled leaves no isolate behind', (t) => {
  const shard = new Shard();
  const living = GuestIsolate.living;
  t.equal(shard.load(1, '', { compileOnly: true }).failure, undefined);
  t.equal(GuestIsolate.living, living);
  t.end();
});

t.test('a shard holds no more sandboxes than its part of what the process can', (t) => {
  const shard = new Shard(2);
  t.equal(shard.load(1).failure, undefined);
  t.equal(shard.load(2).failure, undefined);
  t.match(shard.load(3).failure, { code: 'HKT_SANDBOX_TOO_MANY' });
  shard.states([1], true);
  t.equal(shard.load(3).failure, undefined, 'there is room again');
  t.end();
});

t.test('modules are found in the folders of the sandbox', (t) => {
  const shard = new Shard();
  const folder = t.testdir({ 'm.lua': 'the source' });
  const more = { moduleDirectories: [folder] };
  t.equal(shard.load(1, 'require m', more).logs[0]?.text, 'the source');
  t.match(shard.load(2, 'require ../m', more).logs[0]?.text, /invalid module name/);
  t.end();
});

t.test('a state is handed out when it changed, and restored', (t) => {
  const shard = new Shard();
  shard.load(1);
  const [first] = shard.states([1]);
  t.same([...(first?.state ?? [])], [0, 0, 0, 0]);
  t.same(shard.states([1]), [], 'nothing changed');
  shard.core.run(batchOf(['quiet', 'quiet'], [1]));
  const [second] = shard.states([1, 99]);
  t.same([...(second?.state ?? [])], [0, 0, 0, 2]);
  t.same(shard.states([1], true), [], 'ended without another copy');
  t.same(shard.states([1]), [], 'it is gone');
  const state = Uint8Array.of(0, 0, 1, 0);
  t.match(shard.load(2, '', { state }).logs, [{ text: 'loaded at 256' }]);
  t.end();
});

t.test('a state that cannot be written says so, and the sandbox lives on', (t) => {
  const shard = new Shard();
  shard.load(1, 'unpreservable');
  shard.load(2, '', { preserve: false });
  t.same(shard.states([1, 2]), [{ sandbox: 1, error: 'cannot be preserved' }]);
  t.same(tally(shard.runAll(batchOf(['quiet'], [1, 2]))), {
    1: { processed: 1, skipped: 0, ends: [] },
    2: { processed: 1, skipped: 0, ends: [] },
  });
  t.end();
});

t.test(
  'a sandbox that hangs while its state is written is ended, and its next event says so',
  (t) => {
    const shard = new Shard(10, 50);
    shard.load(1, 'preserve-spin');
    t.match(shard.states([1]), [{ error: /exceeded its wall clock limit/ }]);
    t.same(tally(shard.runAll(batchOf(['quiet'], [1]))), {
      1: { processed: 0, skipped: 1, ends: ['HKT_SANDBOX_TIME'] },
    });
    t.end();
  },
);

t.test('usage is measured above what an empty sandbox costs', (t) => {
  const shard = new Shard();
  const { usage } = shard.load(1);
  t.ok(usage.memory.used < MIB / 2, `${usage.memory.used} bytes`);
  t.equal(usage.memory.limit, 8 * MIB);
  t.end();
});
