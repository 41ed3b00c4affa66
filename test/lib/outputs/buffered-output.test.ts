import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { sectionOf } from '../../../lib/config/section.ts';
import type { ConfigValue } from '../../../lib/config/spec.ts';
import { BufferedOutput, queueFolder } from '../../../lib/outputs/buffered-output.ts';
import { bufferingOptions } from '../../../lib/outputs/buffering-fields.ts';
import type { DiskQueueOptions } from '../../../lib/outputs/disk-queue.ts';
import { elasticSearchOutput } from '../../../lib/outputs/elasticsearch-output.ts';
import { OutputQueue } from '../../../lib/outputs/output-queue.ts';
import { tcpOutput } from '../../../lib/outputs/tcp-output.ts';
import type { Output } from '../../../lib/plugin.ts';
import type { Pack } from '../../../lib/protocol/pack.ts';
import { packOf, type TestContext, testContext, until } from '../../plugin-context.ts';

/** Takes messages when it is told to. */
class Gate implements Output {
  readonly seen: string[] = [];
  readonly queue: OutputQueue;
  started = 0;
  stopped = 0;
  open = true;
  failStart = false;

  constructor(settled: (messages: number) => void) {
    this.queue = new OutputQueue({ records: 10, bytes: 1_000_000 }, settled);
  }

  async start(): Promise<void> {
    this.started++;
    if (this.failStart) throw new Error('no start');
  }

  deliver(pack: Pack): Promise<void> | undefined {
    const { payload } = pack.message;
    if (payload === 'throw') throw new Error('cannot take it');
    if (payload.startsWith('skip')) {
      this.queue.skip();
      return undefined;
    }
    this.seen.push(payload);
    const room = this.queue.put(pack.message.bytes);
    if (this.open) this.queue.done(this.queue.length);
    return room;
  }

  async stop(): Promise<void> {
    this.stopped++;
    this.queue.discard();
  }
}

interface Made {
  readonly output: BufferedOutput;
  readonly context: TestContext;
  readonly gate: Gate;
  readonly full: string[];
}

function make(baseDir: string, queue: Partial<DiskQueueOptions> = {}, startRetries = 10): Made {
  const context = testContext('out', baseDir);
  const full: string[] = [];
  const gates: Gate[] = [];
  const output = new BufferedOutput({
    name: 'out',
    queue: {
      maxFileBytes: 1_000_000,
      maxBufferBytes: 0,
      fullAction: 'block',
      cursorUpdateCount: 1,
      ...queue,
    },
    context,
    startRetries,
    create: (settled) => {
      const gate = new Gate(settled);
      gates.push(gate);
      return gate;
    },
    onFull: (error) => void full.push(error.message),
  });
  const [gate] = gates;
  if (gate === undefined) throw new Error('no output was made');
  return { output, context, gate, full };
}

function put(output: BufferedOutput, ...payloads: readonly string[]): void {
  for (const payload of payloads) void output.deliver(packOf({ payload }));
}

async function stop({ output, context }: Made): Promise<void> {
  let stopped = false;
  const done = output.stop().finally(() => {
    stopped = true;
  });
  await until(() => stopped, context.clock, 100);
  await done;
}

const names = (count: number, first = 0): string[] =>
  Array.from({ length: count }, (_, i) => `m${first + i}`);

t.test('messages reach the output in order, through the disk', async (t) => {
  const base = t.testdir();
  const made = make(base);
  await made.output.start();
  put(made.output, ...names(500));
  await until(() => made.gate.seen.length === 500);
  t.same(made.gate.seen, names(500));
  await stop(made);
  t.equal(made.gate.stopped, 1);
  t.same(made.context.errors, []);
  const again = make(base);
  await again.output.start();
  await stop(again);
  t.same(again.gate.seen, [], 'nothing comes twice after a clean stop');
});

t.test(
  'what the output does not settle is delivered again by the next start, in order',
  async (t) => {
    const base = t.testdir();
    const made = make(base);
    await made.output.start();
    made.gate.open = false;
    put(made.output, ...names(30));
    await until(() => made.gate.seen.length === 10);
    made.gate.queue.done(4);
    await stop(made);
    t.ok(made.gate.seen.length < 30, 'the output’s own queue bounds what is in memory');
    const again = make(base);
    await again.output.start();
    put(again.output, 'new');
    await until(() => again.gate.seen.includes('new'));
    t.same(again.gate.seen, [...names(26, 4), 'new']);
    await stop(again);
  },
);

t.test('a message that leaves no record does not settle those before it', async (t) => {
  const base = t.testdir();
  const made = make(base);
  await made.output.start();
  made.gate.open = false;
  put(made.output, 'a', 'skip', 'throw', 'b', 'skip', 'c');
  await until(() => made.gate.seen.length === 3);
  await stop(made);
  t.match(made.context.errors, [/passed over a message of the queue: cannot take it/]);
  const again = make(base);
  await again.output.start();
  again.gate.open = false;
  await until(() => again.gate.seen.length === 3);
  again.gate.queue.done(2);
  await stop(again);
  const third = make(base);
  await third.output.start();
  await until(() => third.gate.seen.length === 1);
  t.same(third.gate.seen, ['c']);
  await stop(third);
});

t.test('stopping delivers what is on disk while that gets on', async (t) => {
  const base = t.testdir();
  const made = make(base);
  await made.output.start();
  put(made.output, ...names(3000));
  await made.output.stop();
  t.same(made.gate.seen, names(3000));
});

t.test('an output that takes nothing holds a stop for about a second', async (t) => {
  const base = t.testdir();
  const made = make(base);
  await made.output.start();
  made.gate.open = false;
  put(made.output, ...names(100));
  await until(() => made.gate.seen.length === 10);
  const before = made.context.clock.now();
  const stopping = made.output.stop();
  await until(() => made.gate.stopped === 1, made.context.clock, 100);
  const heldMs = made.context.clock.now() - before;
  t.ok(heldMs >= 1000 && heldMs <= 1300, `${heldMs} ms`);
  await stopping;
  t.same(made.context.errors, [], 'nothing is lost');
});

t.test('an output that cannot start gives the folder back', async (t) => {
  const base = t.testdir();
  const made = make(base);
  made.gate.failStart = true;
  await t.rejects(made.output.start(), /no start/);
  await made.output.stop();
  t.notOk(existsSync(join(queueFolder(base, 'out'), 'lock')));
  const again = make(base);
  await again.output.start();
  const other = make(base);
  await t.rejects(other.output.start(), { code: 'HKT_PLUGIN_QUEUE_LOCKED' });
  t.equal(other.gate.started, 0);
  await other.output.stop();
  put(again.output, 'still mine');
  await until(() => again.gate.seen.length === 1);
  await stop(again);
});

t.test(
  'a queue that is nearly full gets time at the start, and ends the daemon if that does not help',
  async (t) => {
    const base = t.testdir();
    const bounds = {
      maxBufferBytes: 200_000,
      maxFileBytes: 100_000,
      fullAction: 'shutdown',
    } as const;
    const big = 'x'.repeat(30_000);
    const first = make(base, bounds);
    await first.output.start();
    first.gate.open = false;
    put(first.output, ...Array.from({ length: 6 }, () => big));
    await until(() => first.gate.seen.length === 6);
    await stop(first);

    const stuck = make(base, bounds, 3);
    stuck.gate.open = false;
    let started = false;
    const starting = stuck.output.start().then(() => {
      started = true;
    });
    await until(() => stuck.context.infos.length === 1);
    t.match(stuck.context.infos, ['Delaying start while trying to relieve back-pressure...']);
    t.notOk(started);
    await until(() => started, stuck.context.clock, 100);
    await starting;
    t.match(stuck.context.errors.at(-1), 'back-pressure not resolving: triggering shutdown');
    t.equal(stuck.full.length, 1);
    await stop(stuck);

    const relieved = make(base, bounds, 3);
    let ready = false;
    const begins = relieved.output.start().then(() => {
      ready = true;
    });
    // Delivered, and the files gone, before the clock moves.
    await until(() => relieved.gate.seen.length === 6);
    await until(() => Number(relieved.output.counters['queue_bytes']) < 100_000);
    await until(() => ready, relieved.context.clock, 100);
    await begins;
    t.equal(relieved.full.length, 0);
    await stop(relieved);
  },
);

t.test('a full queue holds the router, and lets it go when messages are delivered', async (t) => {
  const bounds = { maxBufferBytes: 200_000, maxFileBytes: 100_000 };
  const made = make(t.testdir(), bounds);
  await made.output.start();
  made.gate.open = false;
  let room: Promise<void> | undefined;
  let count = 0;
  while (room === undefined) {
    room = made.output.deliver(packOf({ payload: `${count++}:${'x'.repeat(30_000)}` }));
  }
  let free = false;
  void room.then(() => {
    free = true;
  });
  await until(() => made.gate.seen.length === count - 1);
  t.notOk(free);
  made.gate.open = true;
  made.gate.queue.done(made.gate.queue.length);
  await until(() => free && made.gate.seen.length === count);
  t.same(
    made.gate.seen.map((payload) => Number.parseInt(payload, 10)),
    Array.from({ length: count }, (_, i) => i),
  );
  await stop(made);
});

t.test('counters are those of the output and of its queue', async (t) => {
  const made = make(t.testdir());
  await made.output.start();
  t.match(made.output.counters, { queue_bytes: 0, queue_dropped: 0 });
  await stop(made);
});

t.test('the folder has upstream’s name', async (t) => {
  t.equal(queueFolder('/base', 'TCP:5565 out-a.b'), '/base/output_queue/TCP_5565_out_a_b');
  t.equal(queueFolder('/base', '../../etc'), '/base/output_queue/______etc');
  const base = t.testdir();
  const made = make(base);
  await made.output.start();
  put(made.output, 'a');
  await until(() => made.gate.seen.length === 1);
  await stop(made);
  t.same(readdirSync(join(base, 'output_queue/out')), ['0.log', 'checkpoint.txt']);
  t.match(readFileSync(join(base, 'output_queue/out/checkpoint.txt'), 'utf8'), /^0 \d+$/);
});

t.test('settings have upstream’s defaults, and 0 means the default', async (t) => {
  const tcp = (values: Record<string, ConfigValue> = {}): DiskQueueOptions =>
    bufferingOptions(
      sectionOf(tcpOutput.spec, { message_matcher: 'TRUE', ...values }),
      tcpOutput.buffering,
    );
  const mib = 1024 * 1024;
  const common = { maxBufferBytes: 0, fullAction: 'shutdown' };
  t.same(tcp(), { ...common, maxFileBytes: 128 * mib, cursorUpdateCount: 50 });
  const standard = { ...common, maxFileBytes: 512 * mib, cursorUpdateCount: 1 };
  t.same(tcp({ buffering: {} }), standard, 'a section takes TcpOutput’s own defaults away');
  t.same(tcp({ buffering: { max_file_size: 0, cursor_update_count: 0 } }), standard);
  t.same(
    tcp({ buffering: { max_buffer_size: '1GiB', full_action: 'drop', cursor_update_count: 7 } }),
    { ...standard, maxBufferBytes: 1024 * mib, fullAction: 'drop', cursorUpdateCount: 7 },
  );
  const es = sectionOf(elasticSearchOutput.spec, { message_matcher: 'TRUE', encoder: 'x' });
  t.same(bufferingOptions(es, elasticSearchOutput.buffering), standard);
  t.equal(es.bool('use_buffering'), true);
});
