/**
 * What runs inside isolates in tests of shards and cells: not a language, but a sandbox that obeys the first command in a
 * message, such as "do:echo 3", wherever it stands in the bytes. It is bundled like the real entry.
 */
import type { LogLine, SandboxSpec, Termination } from '../lib/protocol/batch.ts';
import { Message } from '../lib/protocol/message.ts';
import { ENTRY_GLOBAL, type IsolateEntry, RunStatus } from '../workers/isolate/contract.ts';
import { Outbox } from '../workers/isolate/host-api/outbox.ts';
import {
  EVENT_WIDTH,
  EventKind,
  layMailbox,
  type Mailbox,
  Register,
} from '../workers/isolate/mailbox.ts';

let mailbox: Mailbox;
let spec: SandboxSpec;
let outbox: Outbox;
let logs: LogLine[] = [];
let termination: Termination | undefined;
/** Messages that were processed; the preserved state. */
let seen = 0;
const hoard: Uint8Array[] = [];
/** Of the entry that runs. As the real one, written to the registers when it returns. */
const counts = { processed: 0, failed: 0, timers: 0 };

function inject(text: string, loopCount: number): void {
  const { bytes } = Message.create(
    { uuid: new Uint8Array(16), timestampNs: 0n, type: 'echo', logger: spec.name, payload: text },
    2 ** 24,
  );
  outbox.commit(bytes, bytes.length, loopCount + 1);
}

/** True when the sandbox goes on. */
function obey(command: string, count: number, loopCount: number): boolean {
  switch (command) {
    case 'echo':
      for (let i = 1; i <= count; i++) inject(`${spec.name} ${seen} ${i}`, loopCount);
      return true;
    case 'big':
      inject('x'.repeat(count), loopCount);
      return true;
    case 'work':
      for (const end = Date.now() + count; Date.now() < end; );
      return true;
    case 'spin':
      for (;;);
    case 'hoard':
      for (;;) hoard.push(new Uint8Array(1 << 20).fill(1));
    case 'litter':
      for (let i = 0; i < count; i++) Array.from({ length: 10_000 }, Math.random);
      return true;
    case 'log':
      logs.push({ level: 7, text: `seen ${seen}` });
      return true;
    case 'end':
      termination = { code: 'HKT_SANDBOX_SCRIPT', text: 'told to end', limit: 0, used: 0 };
      return false;
    case 'throw':
      throw new Error('told to throw');
    default:
      return true;
  }
}

/** How deep calls nest that hold a dozen values each. */
function deepestCall(): number {
  let depth = 0;
  const nest = (a: number, b: number, c: number): number => {
    depth++;
    const [d, e, f] = [a + b, b + c, c + a];
    return nest(d, e, f) + a + b + c + d + e + f;
  };
  try {
    nest(1, 2, 3);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return depth;
}

function run(sliceMs: number): number {
  const { events, inbound, registers, timerNs } = mailbox;
  const deadline = Date.now() + sliceMs;
  if (!outbox.flush()) return RunStatus.outboundFull;
  const count = registers[Register.eventCount] ?? 0;
  for (let next = registers[Register.nextEvent] ?? 0; next < count; ) {
    const at = next * EVENT_WIDTH;
    if (events[at] === EventKind.message) {
      const bytes = inbound.subarray(events[at + 1], events[at + 2]);
      const [, command = '', number = '0'] =
        /do:(\w+)(?: (\d+))?/.exec(String.fromCharCode(...bytes.subarray(0, 200))) ?? [];
      if (!obey(command, Number(number), events[at + 3] ?? 0)) return RunStatus.terminated;
      seen++;
      counts.processed++;
      if (command === 'fail') counts.failed++;
    } else {
      const shutdown = events[at] === EventKind.shutdownTimer;
      inject(`${spec.name} ${shutdown ? 'shutdown' : 'timer'} ${timerNs[next]}`, 0);
      counts.timers++;
    }
    registers[Register.nextEvent] = ++next;
    if (outbox.waiting) return RunStatus.outboundFull;
    if (next < count && Date.now() >= deadline) return RunStatus.slice;
  }
  return RunStatus.done;
}

const entry: IsolateEntry = {
  load(given, shared, sizes, host) {
    spec = given;
    mailbox = layMailbox(shared, sizes);
    outbox = new Outbox(mailbox, sizes.outBytes);
    if (spec.state !== undefined) seen = new DataView(spec.state.slice().buffer).getUint32(0);
    if (spec.script === 'throw') throw new Error('told to throw');
    if (spec.script === 'spin') for (;;);
    if (spec.script.startsWith('require ')) {
      const found = host.findModule(spec.script.slice(8));
      return { logs: [{ level: 7, text: typeof found === 'string' ? found : found[0] }] };
    }
    if (spec.script === 'nest') return { logs: [{ level: 7, text: String(deepestCall()) }] };
    if (spec.script === 'engine') return { logs: [{ level: 7, text: spec.engine }] };
    if (spec.script.startsWith('compile ')) {
      const compiled = host.compileLua(spec.script, spec.chunkName, false);
      return { logs: [{ level: 7, text: typeof compiled === 'string' ? compiled : compiled[0] }] };
    }
    if (spec.script !== 'fail') return { logs: [{ level: 7, text: `loaded at ${seen}` }] };
    const text = 'told to fail';
    return { logs: [], termination: { code: 'HKT_SANDBOX_SCRIPT', text, limit: 0, used: 0 } };
  },
  run(_text, sliceMs) {
    Object.assign(counts, { processed: 0, failed: 0, timers: 0 });
    const status = run(sliceMs);
    for (const name of ['processed', 'failed', 'timers'] as const) {
      mailbox.registers[Register[name]] = counts[name];
    }
    return logs.length > 0 || status === RunStatus.terminated ? status + 16 : status;
  },
  poll: () => undefined,
  test: () => ({ status: 1, error: 'no tests here', outputs: [] }),
  detail() {
    const detail = { logs, ...(termination === undefined ? {} : { termination }) };
    logs = [];
    return detail;
  },
  preserve() {
    if (spec.script === 'unpreservable') return 'cannot be preserved';
    if (spec.script === 'preserve-spin') for (;;);
    const state = new Uint8Array(4);
    new DataView(state.buffer).setUint32(0, seen);
    return state;
  },
  usage() {
    const none = { used: 0, maximum: 0, limit: 1 };
    return { instructions: none, output: none, memoryFactor: 1, externalBytes: 0 };
  },
};

Object.defineProperty(globalThis, ENTRY_GLOBAL, { value: entry, configurable: true });
