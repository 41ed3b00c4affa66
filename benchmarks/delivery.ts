/**
 * The cost of one delivery to a sandbox: a real thread cell with one shard, and two filters, one that counts and one
 * that reads two values and counts in a table. Beside them the same Lua in PUC Lua 5.1, when the machine has it.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ThreadCell } from '../lib/cells/thread-cell.ts';
import { HostCore } from '../lib/host.ts';
import { DEFAULT_ENGINE, type SandboxSpec } from '../lib/protocol/batch.ts';
import { Message } from '../lib/protocol/message.ts';
import { limits } from '../native-limits/limits.ts';
import type { Benchmark, Sample } from './benchmark.ts';
import { MESSAGE_SEED } from './pinned-messages.ts';
import {
  deliver,
  filterSpec,
  IN_FLIGHT,
  loadSandbox,
  MESSAGES,
  packOf,
  packs,
} from './shard-delivery.ts';

const SCRIPTS = ['counting', 'reading'] as const;
const BATCHES = [1, 64, 1024];
/** Deliveries per case: the first of each pair warms up. */
const DELIVERIES = new Map([
  [1, [2_000, 10_000]],
  [64, [100_000, 300_000]],
  [1024, [200_000, 500_000]],
]);
const HOST_MESSAGES: readonly [number, number] = [300_000, 1_000_000];
const QUICK_PART = 100;
const RIVAL_CALLS = 3_000_000;

export const delivery: Benchmark = {
  subject: 'delivery',
  conditions: [
    `counting.lua counts; reading.lua calls read_message twice (Logger, an integer field) and counts in a table. Messages of about 300 bytes, ${IN_FLIGHT} batches in flight.`,
    '"in the isolate" is the time between entering the isolate and leaving it, per call; "round trip" is the time that passes per delivery, main thread and shard working side by side; "main thread" is its processor time per delivery.',
    '"decoded and routed" goes the whole way from encoded bytes: decode, matcher, router, batch, shard, report.',
    'lua5.1 runs the same file with read_message as a table lookup: the cost of the guest alone, nothing of a host.',
    'For reference, not measured here: Hindsight (C, LuaJIT-free lua_sandbox) needs 145 ns per delivery to a counting filter and about 450 ns with two read_message calls and a table increment on a 2-core machine of this kind.',
  ],
  ratios: SCRIPTS.map((script) => ({
    name: `${script}.lua in the isolate over lua5.1 alone`,
    of: [`${script}, batch 1024`, 'in the isolate'],
    to: [`${script}, lua5.1`, 'guest alone'],
  })),
  aims: [{ case: 'counting, host', measure: 'decoded and routed', atLeast: 300_000 }],
  parameters: () => ({
    batches: BATCHES,
    deliveries: [...DELIVERIES.values()].map(([, measured]) => measured ?? 0),
    hostMessages: HOST_MESSAGES,
    messages: MESSAGES,
    messageBytes: packs[0]?.message.bytes.length ?? 0,
    seed: MESSAGE_SEED,
    inFlight: IN_FLIGHT,
    rivalCalls: RIVAL_CALLS,
  }),
  async *run(quick) {
    const part = quick ? QUICK_PART : 1;
    for (const script of SCRIPTS) {
      yield* shardSamples(script, part);
      yield* hostSamples(script, part);
      yield* rivalSamples(script, part);
    }
  },
};

function scriptText(name: string): string {
  return readFileSync(scriptPath(name), 'latin1');
}

function scriptPath(name: string): string {
  return join(import.meta.dirname, 'lua', `${name}.lua`);
}

async function* shardSamples(script: string, part: number): AsyncIterable<Sample> {
  const cell = await ThreadCell.start({ shards: 1, messageBytes: limits.messageSize.value });
  try {
    const [shard] = cell.shards;
    if (shard === undefined) throw new Error('the cell has no shard');
    await loadSandbox(shard, specOf(script));
    for (const [batch, [warm = 0, measured = 0]] of DELIVERIES) {
      await deliver(shard, batch, warm / part);
      const cost = await deliver(shard, batch, measured / part);
      const name = `${script}, batch ${batch}`;
      yield { case: name, measure: 'in the isolate', unit: 'ns', value: cost.isolateNs };
      yield { case: name, measure: 'round trip', unit: 'ns', value: cost.wallNs };
      yield { case: name, measure: 'main thread', unit: 'ns', value: cost.mainNs };
    }
  } finally {
    await cell.close();
  }
}

function specOf(script: string): SandboxSpec {
  return filterSpec(script, scriptText(script), DEFAULT_ENGINE);
}

/** From encoded bytes to the counted call, with all that a host does on the way. */
async function* hostSamples(script: string, part: number): AsyncIterable<Sample> {
  const core = await HostCore.start({ shards: 1, checkpointMs: 0 });
  try {
    const {
      id: _,
      kind: _kind,
      hostname: _host,
      pid: _pid,
      preserve: _preserve,
      ...spec
    } = specOf(script);
    await core.filters.start({
      ...spec,
      script: Buffer.from(spec.script, 'latin1'),
      signer: '',
      tickerSeconds: 0,
      preserveData: false,
      timerEventOnShutdown: false,
      managed: false,
    });
    const [warm, measured] = HOST_MESSAGES;
    await routeAll(core, Math.ceil(warm / part));
    const cpu = process.threadCpuUsage();
    const started = performance.now();
    const count = Math.ceil(measured / part);
    await routeAll(core, count);
    const seconds = (performance.now() - started) / 1000;
    const { user, system } = process.threadCpuUsage(cpu);
    const name = `${script}, host`;
    yield { case: name, measure: 'decoded and routed', unit: 'messages/s', value: count / seconds };
    const mainNs = ((user + system) * 1000) / count;
    yield { case: name, measure: 'main thread', unit: 'ns', value: mainNs };
  } finally {
    await core.close();
  }
}

async function routeAll(core: HostCore, count: number): Promise<void> {
  const { router, filters } = core;
  const before = filters.status()[0]?.processed ?? 0;
  for (let i = 0; i < count; i++) {
    for (let room = router.room(); room !== undefined; room = router.room()) await room;
    const pack = packs[i % MESSAGES];
    if (pack !== undefined) router.route(packOf(Message.decode(pack.message.bytes), i));
  }
  await core.idle();
  const processed = (filters.status()[0]?.processed ?? 0) - before;
  if (processed !== count) throw new Error(`${processed} of ${count} messages were processed`);
}

function* rivalSamples(script: string, part: number): Iterable<Sample> {
  const calls = Math.ceil(RIVAL_CALLS / part);
  let text: string;
  try {
    text = execFileSync('lua5.1', [scriptPath('rival'), scriptPath(script), String(calls)], {
      encoding: 'utf8',
    });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return; // absent here: the table says so
    throw error;
  }
  yield { case: `${script}, lua5.1`, measure: 'guest alone', unit: 'ns', value: Number(text) };
}
