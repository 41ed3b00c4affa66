/**
 * Every limit and default of the system in one place: value, unit, why that value, the highest value an operator's
 * configuration may ask for, and the code that a breach raises. Enforcement lives beside it; the numbers live here.
 */
import type { ErrorCode } from '../lib/protocol/errors.ts';

export interface Limit {
  readonly value: number;
  readonly unit:
    | 'bytes'
    | 'instructions'
    | 'ms'
    | 'ns'
    | 'messages'
    | 'batches'
    | 'count'
    | 'isolates';
  /** Highest value that a configuration may ask for; also what 0 means for tenants' sandboxes. */
  readonly cap: number;
  readonly code: ErrorCode;
  readonly reason: string;
}

const MIB = 1024 * 1024;

export const limits = {
  memory: {
    value: 8 * MIB,
    unit: 'bytes',
    cap: 256 * MIB,
    code: 'HKT_SANDBOX_MEMORY',
    reason: "Heka's default memory_limit of a sandbox",
  },
  instructions: {
    value: 1_000_000,
    unit: 'instructions',
    cap: 1_000_000_000,
    code: 'HKT_SANDBOX_INSTRUCTIONS',
    reason: "Heka's default instruction_limit of one call",
  },
  output: {
    value: 63 * 1024,
    unit: 'bytes',
    cap: 16 * MIB,
    code: 'HKT_SANDBOX_OUTPUT',
    reason: "Heka's default output_limit, just below the largest message",
  },
  callTime: {
    value: 1000,
    unit: 'ms',
    cap: 60_000,
    code: 'HKT_SANDBOX_TIME',
    reason:
      'wall clock of one call; instructions end a guest long before, this stops what they cannot count',
  },
  slice: {
    value: 20,
    unit: 'ms',
    cap: 1000,
    code: 'HKT_SANDBOX_TIME',
    reason: 'how long an entry into an isolate runs before its neighbours get their turn',
  },
  processInject: {
    value: 1,
    unit: 'messages',
    cap: 10_000,
    code: 'HKT_SANDBOX_INJECT_COUNT',
    reason: 'max_process_inject of [hekad]',
  },
  timerInject: {
    value: 10,
    unit: 'messages',
    cap: 10_000,
    code: 'HKT_SANDBOX_INJECT_COUNT',
    reason: 'max_timer_inject of [hekad]',
  },
  messageLoops: {
    value: 4,
    unit: 'count',
    cap: 255,
    code: 'HKT_SANDBOX_LOOPS',
    reason: 'max_message_loops of [hekad]; travels as one byte in a batch',
  },
  messageSize: {
    value: 65536,
    unit: 'bytes',
    cap: 16 * MIB,
    code: 'HKT_MESSAGE_TOO_BIG',
    reason: "Heka's MAX_MESSAGE_SIZE",
  },
  batchMessages: {
    value: 1024,
    unit: 'messages',
    cap: 65536,
    code: 'HKT_BATCH_BOUND',
    reason: 'a batch this long makes the cost of a task and an entry vanish beside the calls',
  },
  batchBytes: {
    value: 1 * MIB,
    unit: 'bytes',
    cap: 64 * MIB,
    code: 'HKT_BATCH_BOUND',
    reason: 'bounds what one batch can hold in memory on both threads',
  },
  batchAge: {
    value: 2,
    unit: 'ms',
    cap: 1000,
    code: 'HKT_BATCH_BOUND',
    reason: 'how long the first message of an open batch waits while the shard is busy',
  },
  unansweredBatches: {
    value: 4,
    unit: 'batches',
    cap: 64,
    code: 'HKT_BATCH_BOUND',
    reason: 'enough to keep a shard busy while a report travels; the bound of back pressure',
  },
  reportBytes: {
    value: 8 * MIB,
    unit: 'bytes',
    cap: 64 * MIB,
    code: 'HKT_BATCH_BOUND',
    reason:
      'injected bytes from which a report goes out before its batch is through: a batch may cause gigabytes',
  },
  reportTime: {
    value: 100,
    unit: 'ms',
    cap: 1000,
    code: 'HKT_BATCH_BOUND',
    reason:
      "how long one sandbox's slow calls hold back what its neighbours have done, and a load that waits",
  },
  injectQueueBytes: {
    value: 64 * MIB,
    unit: 'bytes',
    cap: 1024 * MIB,
    code: 'HKT_ROUTER_INJECT_FULL',
    reason: 'memory of the messages that injectQueue counts',
  },
  injectQueue: {
    value: 65536,
    unit: 'messages',
    cap: 1_048_576,
    code: 'HKT_ROUTER_INJECT_FULL',
    reason:
      'injected messages that wait for a full shard; beyond it they are dropped, counted and logged',
  },
  isolatesPerProcess: {
    value: 7000,
    unit: 'isolates',
    cap: 7000,
    code: 'HKT_SANDBOX_TOO_MANY',
    reason:
      'a bound of our own; before it, about 4,000 at the default vm.max_map_count of 65,530: a sandbox takes 14 mappings',
  },
  guestStack: {
    value: 4000 * 1024,
    unit: 'bytes',
    cap: 4000 * 1024,
    code: 'HKT_SANDBOX_SCRIPT',
    reason:
      "about 20,000 nested calls of compiled Lua, more than PUC's 16,000; V8's default of 984 KiB holds 5,000",
  },
  compileSource: {
    value: 4 * MIB,
    unit: 'bytes',
    cap: 4 * MIB,
    code: 'HKT_SANDBOX_SCRIPT',
    reason: 'longest chunk that is compiled; as long as a module may be',
  },
  compileTime: {
    value: 2000,
    unit: 'ms',
    cap: 2000,
    code: 'HKT_SANDBOX_SCRIPT',
    reason: 'wall clock of compiling one chunk; 4 MiB take about a second',
  },
  compileMemory: {
    value: 256 * MIB,
    unit: 'bytes',
    cap: 256 * MIB,
    code: 'HKT_SANDBOX_SCRIPT',
    reason:
      "heap of the compiler's isolate; a syntax tree takes some 30 bytes for each of its source",
  },
  compileCache: {
    value: 32 * MIB,
    unit: 'bytes',
    cap: 256 * MIB,
    code: 'HKT_SANDBOX_SCRIPT',
    reason: 'compiled scripts and modules that a shard keeps, outside of all heaps',
  },
  compileCacheTexts: {
    value: 2 * MIB,
    unit: 'bytes',
    cap: 2 * MIB,
    code: 'HKT_SANDBOX_SCRIPT',
    reason: 'what guests compile themselves (loadstring) and a shard keeps, apart from scripts',
  },
  compileFiles: {
    value: 4000,
    unit: 'count',
    cap: 4000,
    code: 'HKT_SANDBOX_SCRIPT',
    reason: 'files of compiled code below base_dir; the oldest are removed',
  },
  compileFileBytes: {
    value: 256 * MIB,
    unit: 'bytes',
    cap: 256 * MIB,
    code: 'HKT_SANDBOX_SCRIPT',
    reason: 'bytes of compiled code below base_dir; the oldest are removed',
  },
  idleTime: {
    value: 5000,
    unit: 'ms',
    cap: 3_600_000,
    code: 'HKT_SANDBOX_MEMORY',
    reason: 'how long a sandbox gets no message before its garbage is collected',
  },
  idleGarbage: {
    value: 128 * 1024,
    unit: 'bytes',
    cap: 1024 * MIB,
    code: 'HKT_SANDBOX_MEMORY',
    reason:
      'growth since the last collection from which one of an idle sandbox is worth its milliseconds',
  },
  idleSlice: {
    value: 10,
    unit: 'ms',
    cap: 1000,
    code: 'HKT_SANDBOX_MEMORY',
    reason: 'collections of idle sandboxes in a row, before what waits for the shard gets its turn',
  },
  startup: {
    value: 10_000,
    unit: 'ms',
    cap: 60_000,
    code: 'HKT_SANDBOX_TIME',
    reason:
      "wall clock of a script's top level, on a machine that is busy loading a thousand others",
  },
} as const satisfies Record<string, Limit>;

export type LimitName = keyof typeof limits;

/** A limit as the operator may set it: 0 means the cap, more than the cap is the cap. */
export function capped(name: LimitName, value: number): number {
  const cap = limits[name].cap;
  return value === 0 ? cap : Math.min(value, cap);
}
