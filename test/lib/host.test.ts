import { execFileSync } from 'node:child_process';
import path from 'node:path';
import t from 'tap';
import { createHost, type Host, type HostOptions, Message } from '../../lib/index.ts';
import { ManualClock } from '../manual-clock.ts';

const INJECT_ALL = `
function process_message()
  inject_payload("txt", "echo", read_message("Payload"))
  return 0
end`;

const COUNT = `
total = 0
function process_message()
  total = total + 1
  return 0
end
function timer_event(ns)
  inject_payload("txt", "total", total)
end`;

const INPUT = "Logger == 'input'";
const EVER = 60_000;

function message(payload: string): Message {
  return Message.create({ payload, logger: 'input', type: 'test' });
}

async function hosted(t: Tap, options: HostOptions = {}) {
  const clock = new ManualClock();
  const log: string[] = [];
  const write = (text: string): void => void log.push(text);
  const host = await createHost({
    shards: 1,
    clock,
    checkpointMs: 0,
    log: { info: write, error: write },
    ...options,
  });
  t.teardown(() => host.close());
  return { host, clock, log };
}

type Tap = { teardown(action: () => unknown): void };

async function deliver(host: Host, ...payloads: string[]): Promise<void> {
  for (const payload of payloads) await host.deliver(message(payload));
}

async function read(reader: AsyncIterator<Message>, count: number): Promise<string[]> {
  const payloads: string[] = [];
  for (let i = 0; i < count; i++) {
    const { done, value } = await reader.next();
    payloads.push(done === true ? 'done' : value.payload);
  }
  return payloads;
}

t.test(
  'messages go in, injected messages come out in order, and counters tell of both',
  async (t) => {
    const { host } = await hosted(t);
    const injected = host.injected();
    await host.load({ name: 'echo', script: INJECT_ALL, matcher: INPUT });
    await host.load({ name: 'deaf', script: COUNT, matcher: 'FALSE' });
    await deliver(host, 'one', 'two', 'three');
    t.same(await read(injected, 3), ['one', 'two', 'three']);
    await host.idle();
    t.match(host.status(), [
      { name: 'echo', processed: 3, failed: 0, injected: 3 },
      { name: 'deaf', processed: 0 },
    ]);
    t.match(host.counters(), { routed: 6, injected: 3, injectDropped: 0, unmatched: 0 });
  },
);

t.test('a message that is injected carries who injected it', async (t) => {
  const { host } = await hosted(t, { hostname: 'here' });
  const injected = host.injected();
  await host.load({ name: 'echo', script: INJECT_ALL, matcher: INPUT });
  await deliver(host, 'one');
  const { value } = await injected.next();
  t.ok(value instanceof Message);
  t.equal(value.logger, 'echo');
  t.equal(value.hostname, 'here');
  t.equal(value.type, 'heka.sandbox-output');
  t.equal(value.field('payload_name'), 'echo');
});

t.test('ten thousand messages reach two filters, none twice and none missing', async (t) => {
  const { host, clock } = await hosted(t, { shards: 2 });
  const injected = host.injected();
  for (const name of ['one', 'other']) {
    await host.load({ name, script: COUNT, matcher: INPUT, tickerSeconds: EVER });
  }
  for (let i = 0; i < 10_000; i++) await host.deliver(message('m'));
  await host.idle();
  clock.advance(EVER * 1000);
  t.same(await read(injected, 2), ['10000', '10000']);
});

t.test('a reader that does not read holds the host back, and nothing is dropped', async (t) => {
  const { host } = await hosted(t);
  const injected = host.injected();
  await host.load({ name: 'echo', script: INJECT_ALL, matcher: INPUT });
  let delivered = 0;
  const total = 20_000;
  const delivering = (async () => {
    for (; delivered < total; delivered++) await host.deliver(message(String(delivered)));
  })();
  // Until the reader's queue is full and all queues before it are.
  let before = -1;
  while (before !== delivered) {
    before = delivered;
    for (let i = 0; i < 200; i++) await new Promise((resolve) => setImmediate(resolve));
  }
  t.ok(delivered < total, `held back after ${delivered} messages`);
  const payloads = await read(injected, total);
  await delivering;
  t.equal(
    payloads.findIndex((payload, i) => payload !== String(i)),
    -1,
  );
  t.equal(host.counters().injectDropped, 0);
});

t.test('closing ends a reader after all that was injected', async (t) => {
  const { host } = await hosted(t);
  const injected = host.injected();
  await host.load({
    name: 'last',
    script: COUNT,
    matcher: INPUT,
    tickerSeconds: EVER,
    timerEventOnShutdown: true,
  });
  await deliver(host, 'a', 'b');
  await host.close();
  await host.close();
  t.same(await read(injected, 2), ['2', 'done']);
  await t.rejects(host.deliver(message('late')), { code: 'HKT_HOST_CLOSED' });
  await t.rejects(host.load({ name: 'late', script: COUNT }), { code: 'HKT_HOST_CLOSED' });
  t.same(await read(host.injected(), 1), ['done']);
});

t.test('await using closes the host', async (t) => {
  const ends: string[] = [];
  {
    await using host = await createHost({ shards: 1 });
    await host.load({ name: 'one', script: COUNT, onEnd: ({ kind }) => ends.push(kind) });
    t.same(ends, []);
  }
  t.same(ends, ['stopped']);
});

t.test('states outlive a host that has a folder', async (t) => {
  const baseDir = t.testdir({});
  const options = { name: 'count', script: COUNT, matcher: INPUT, preserveData: true } as const;
  {
    await using host = await createHost({ shards: 1, baseDir });
    await host.load(options);
    await deliver(host, 'a', 'b');
  }
  const { host, clock } = await hosted(t, { baseDir });
  const injected = host.injected();
  await host.load({ ...options, tickerSeconds: EVER });
  await deliver(host, 'c');
  await host.idle();
  clock.advance(EVER * 1000);
  t.same(await read(injected, 1), ['3']);
});

t.test('without a folder states live as long as the host', async (t) => {
  const { host, clock } = await hosted(t);
  const injected = host.injected();
  const options = {
    name: 'count',
    script: COUNT,
    matcher: INPUT,
    preserveData: true,
    tickerSeconds: EVER,
  };
  await host.load(options);
  await deliver(host, 'a', 'b');
  await host.unload('count');
  await host.load(options);
  await deliver(host, 'c');
  await host.idle();
  clock.advance(EVER * 1000);
  const payloads = await read(injected, 2);
  t.equal(payloads.at(-1), '3', 'behind the message that says it was unloaded');
});

t.test('a reload takes the state over, without a gap, and a bad one changes nothing', async (t) => {
  const { host, clock } = await hosted(t, { shards: 2 });
  const injected = host.injected();
  const options = {
    name: 'count',
    matcher: INPUT,
    preserveData: true,
    tickerSeconds: EVER,
  };
  await host.load({ ...options, script: COUNT });
  const delivering = (async () => {
    for (let i = 0; i < 5000; i++) await host.deliver(message('m'));
  })();
  await host.reload({
    ...options,
    script: COUNT.replace('"total", total', '"new", "new ", total'),
  });
  await t.rejects(host.reload({ ...options, script: 'this is not Lua' }), {
    code: 'HKT_SANDBOX_SCRIPT',
  });
  await t.rejects(host.reload({ ...options, name: 'other', script: COUNT }), {
    code: 'HKT_SANDBOX_NOT_RUNNING',
  });
  await delivering;
  await host.idle();
  clock.advance(EVER * 1000);
  t.same(await read(injected, 1), ['new 5000']);
});

t.test('each limit ends its own sandbox, and the neighbour counts on', async (t) => {
  const { host, clock } = await hosted(t);
  const ends: string[] = [];
  await host.load({ name: 'neighbour', script: COUNT, matcher: INPUT, tickerSeconds: EVER });
  const bad: Readonly<Record<string, string>> = {
    loop: 'function process_message() while true do end end',
    memory: `
      local t = {}
      function process_message()
        for i = 1, 1e9 do t[i] = { i } end
        return 0
      end`,
    error: 'function process_message() error("told to") end',
    status: 'function process_message() return 1, "enough" end',
  };
  for (const [name, script] of Object.entries(bad)) {
    await host.load({
      name,
      script,
      matcher: INPUT,
      limits: { instructions: name === 'memory' ? 0 : 100_000, callMs: 30_000 },
      onEnd: (end) => ends.push(`${name} ${end.kind === 'terminated' && end.termination.code}`),
    });
  }
  const injected = host.injected();
  await deliver(host, 'a', 'b');
  await host.idle();
  t.same(ends.sort(), [
    'error HKT_SANDBOX_SCRIPT',
    'loop HKT_SANDBOX_INSTRUCTIONS',
    'memory HKT_SANDBOX_MEMORY',
    'status HKT_SANDBOX_STATUS',
  ]);
  t.same(
    host.status().map(({ name, processed }) => [name, processed]),
    [['neighbour', 2]],
  );
  const told = new Set<unknown>();
  for (let i = 0; i < 4; i++) {
    const { value } = await injected.next();
    if (value instanceof Message) told.add(`${value.type} ${value.field('plugin')}`);
  }
  t.same(
    [...told].sort(),
    Object.keys(bad)
      .map((name) => `heka.sandbox-terminated ${name}`)
      .sort(),
  );
  clock.advance(EVER * 1000);
  t.same(await read(injected, 1), ['2']);
});

t.test('a script that does not compile is refused with its place', async (t) => {
  const { host } = await hosted(t);
  await t.rejects(host.load({ name: 'bad', script: 'x = = 1' }), {
    code: 'HKT_SANDBOX_SCRIPT',
    message: /bad\.lua:1:/,
  });
  await t.rejects(host.load({ name: 'bad', script: COUNT, matcher: 'Type ==' }), {
    code: /^HKT_MATCHER_/,
  });
  t.same(host.status(), []);
});

t.test('a message that is too big is refused before it is routed', async (t) => {
  const { host } = await hosted(t, { maxMessageSize: 1000 });
  await host.load({ name: 'count', script: COUNT, matcher: INPUT });
  await t.rejects(host.deliver(message('x'.repeat(1000))), { code: 'HKT_MESSAGE_TOO_BIG' });
  await deliver(host, 'x'.repeat(500));
  await host.idle();
  t.match(host.status(), [{ processed: 1 }]);
});

t.test('a host with nothing to do keeps its process alive until it is closed', (t) => {
  const script = `
    import { createHost } from ${JSON.stringify(path.resolve('lib/index.ts'))};
    const host = await createHost({ shards: 1 });
    const injected = host.injected();
    await host.load({
      name: 'ticks',
      script: 'function process_message() return 0 end function timer_event() inject_payload("txt", "n", "tick") end',
      tickerSeconds: 1,
    });
    console.log((await injected.next()).value.payload);
    await host.close();`;
  const folder = t.testdir({ 'ticks.mjs': script });
  const args = ['--no-node-snapshot', path.join(folder, 'ticks.mjs')];
  t.equal(execFileSync(process.execPath, args, { encoding: 'utf8', timeout: 30_000 }), 'tick\n');
  t.end();
});
