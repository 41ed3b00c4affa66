/**
 * A shard's work, without the thread around it: it holds sandboxes, runs batches through them in time slices,
 * and answers each task once. Enters one isolate at a time; a sandbox that ends takes nobody with it.
 */
import { BATCH_PROTOCOL_VERSION } from '../lib/protocol/batch.ts';
import type {
  Batch,
  Delivery,
  LoadAnswer,
  LoadTask,
  Report,
  SandboxResult,
  SandboxSpec,
  StateAnswer,
  StateTask,
  Termination,
} from '../lib/protocol/batch.ts';
import { errorText, HekateError } from '../lib/protocol/errors.ts';
import type { IsolateSnapshot } from '../native-limits/guest-isolate.ts';
import { limits } from '../native-limits/limits.ts';
import { RunStatus } from './isolate/contract.ts';
import { EventKind, EVENT_WIDTH, layMailbox, mailboxBytes, Register } from './isolate/mailbox.ts';
import type { Mailbox } from './isolate/mailbox.ts';
import { ModuleFinder } from './module-finder.ts';
import { ReportBuilder } from './report-builder.ts';
import { Sandbox } from './sandbox.ts';

export interface ShardOptions {
  readonly generation: number;
  readonly snapshot: IsolateSnapshot;
  /** Largest message that can be delivered, bytes. */
  readonly messageBytes: number;
}

/** One sandbox's way through a batch. */
interface Run {
  readonly sandbox: Sandbox;
  readonly events: Int32Array;
  /** Next event that is not yet run. */
  at: number;
  processed: number;
  failed: number;
  timers: number;
  busyNs: number;
}

/** Bytes that a record's message may have beside the record: payload messages are made from whole records. */
const HEADER_ROOM = 4096;

/** What a minimal script costs is what every isolate costs: measured once per shard. */
const PROBE: SandboxSpec = {
  id: -1,
  name: 'probe',
  kind: 'filter',
  engine: 'interpreted',
  api: 'heka',
  script: 'function process_message() return 0 end',
  chunkName: 'probe.lua',
  moduleDirectories: [],
  config: {},
  limits: {
    memoryBytes: limits.memory.value,
    instructions: limits.instructions.value,
    outputBytes: limits.output.value,
    callMs: limits.callTime.value,
    processInject: limits.processInject.value,
    timerInject: limits.timerInject.value,
    messageLoops: limits.messageLoops.value,
    messageBytes: limits.messageSize.value,
  },
  matcher: '',
  hostname: '',
  pid: 0,
  preserve: false,
};

export class ShardCore {
  readonly generation: number;
  readonly #snapshot: IsolateSnapshot;
  readonly #mailbox: Mailbox;
  readonly #inbound: Buffer;
  readonly #outbound: Buffer;
  readonly #modules = new ModuleFinder();
  readonly #sandboxes = new Map<number, Sandbox>();
  #baseBytes = 0;

  constructor(options: ShardOptions) {
    this.generation = options.generation;
    this.#snapshot = options.snapshot;
    const sizes = {
      events: limits.batchMessages.value,
      inBytes: Math.max(limits.batchBytes.value, options.messageBytes + HEADER_ROOM),
      outBytes: Math.max(limits.batchBytes.value, 2 * options.messageBytes),
    };
    this.#mailbox = layMailbox(new SharedArrayBuffer(mailboxBytes(sizes)), sizes);
    this.#inbound = bufferOver(this.#mailbox.inbound);
    this.#outbound = bufferOver(this.#mailbox.outbound);
    const probe = this.#make(PROBE);
    if (probe.termination !== undefined) {
      throw new HekateError('HKT_SANDBOX_INTERNAL', [probe.termination.text]);
    }
    probe.collect();
    this.#baseBytes = probe.heapBytes();
    probe.dispose();
  }

  #make(spec: SandboxSpec): Sandbox {
    return new Sandbox(spec, {
      snapshot: this.#snapshot,
      mailbox: this.#mailbox,
      inboundBytes: this.#inbound,
      baseBytes: this.#baseBytes,
      modules: this.#modules,
    });
  }

  load(task: LoadTask): LoadAnswer {
    const answer = {
      version: BATCH_PROTOCOL_VERSION,
      kind: 'loaded',
      generation: this.generation,
      sandbox: task.spec.id,
    } as const;
    let failure: Termination;
    try {
      const sandbox = this.#make(task.spec);
      const usage = sandbox.usage();
      const logs = sandbox.takeLogs();
      if (sandbox.termination === undefined) {
        this.#sandboxes.set(task.spec.id, sandbox);
        return { ...answer, usage, logs };
      }
      return { ...answer, usage, logs, failure: sandbox.termination };
    } catch (error) {
      failure = {
        code: error instanceof HekateError ? error.code : 'HKT_SANDBOX_INTERNAL',
        text: errorText(error),
        limit: 0,
        used: 0,
      };
    }
    const none = { used: 0, maximum: 0, limit: 0 };
    return {
      ...answer,
      usage: { memory: none, instructions: none, output: none },
      logs: [],
      failure,
    };
  }

  /** Runs every delivery to its end, neighbours taking turns in slices. */
  run(batch: Batch): Report {
    const report = new ReportBuilder();
    const bytes = Buffer.from(batch.bytes.buffer, batch.bytes.byteOffset, batch.bytes.byteLength);
    let waiting: Run[] = [];
    for (const delivery of batch.deliveries) {
      const sandbox = this.#sandboxes.get(delivery.sandbox);
      // One that ended in an earlier batch: the router learned of it from that batch's report.
      if (sandbox === undefined) report.addResult(skippedResult(delivery));
      else waiting.push(beginRun(sandbox, delivery));
    }
    while (waiting.length > 0) {
      const unfinished: Run[] = [];
      for (const run of waiting) {
        if (this.#turn(run, batch, bytes, report)) unfinished.push(run);
        else report.addResult(this.#finish(run));
      }
      waiting = unfinished;
    }
    return report.build(batch);
  }

  /** One slice of one sandbox. Returns true when it has more to do. */
  #turn(run: Run, batch: Batch, bytes: Buffer, report: ReportBuilder): boolean {
    const laid = this.#lay(run, batch, bytes);
    if (laid === 0 && run.at < run.events.length) {
      throw new HekateError('HKT_BATCH_BOUND', ['message size']);
    }
    const step = run.sandbox.step();
    report.takeOutbound(this.#mailbox, this.#outbound, run.sandbox.spec.id);
    run.processed += step.processed;
    run.failed += step.failed;
    run.timers += step.timers;
    run.busyNs += step.busyNs;
    if (step.status === RunStatus.terminated) return false;
    const done = this.#mailbox.registers[Register.nextEvent] ?? 0;
    run.at += step.status === RunStatus.done ? laid : Math.min(done, laid);
    return run.at < run.events.length || step.status === RunStatus.outboundFull;
  }

  /** Lays as many of the run's events into the mailbox as fit, and returns how many. */
  #lay(run: Run, batch: Batch, bytes: Buffer): number {
    const { registers, events, timerNs, sizes } = this.#mailbox;
    let count = 0;
    let length = 0;
    for (let i = run.at; i < run.events.length && count < sizes.events; i++) {
      const event = run.events[i] ?? 0;
      const at = count * EVENT_WIDTH;
      if (event >= 0) {
        const from = batch.offsets[event] ?? 0;
        const to = batch.offsets[event + 1] ?? 0;
        if (length + (to - from) > sizes.inBytes) break;
        bytes.copy(this.#inbound, length, from, to);
        events[at] = EventKind.message;
        events[at + 1] = length;
        length += to - from;
        events[at + 2] = length;
        events[at + 3] = batch.loops[event] ?? 0;
      } else {
        const timer = batch.timers[-1 - event];
        events[at] = timer?.shutdown === true ? EventKind.shutdownTimer : EventKind.timer;
        events[at + 1] = length;
        events[at + 2] = length;
        events[at + 3] = 0;
        timerNs[count] = timer?.ns ?? 0;
      }
      count++;
    }
    registers[Register.eventCount] = count;
    registers[Register.nextEvent] = 0;
    return count;
  }

  #finish(run: Run): SandboxResult {
    const { sandbox } = run;
    const usage = sandbox.usage();
    const termination = sandbox.termination;
    if (termination !== undefined) this.#sandboxes.delete(sandbox.spec.id);
    return {
      sandbox: sandbox.spec.id,
      processed: run.processed,
      failed: run.failed,
      timers: run.timers,
      skipped: termination === undefined ? 0 : Math.max(0, countMessages(run.events) - run.processed),
      busyNs: run.busyNs,
      usage,
      logs: sandbox.takeLogs(),
      ...(termination === undefined ? {} : { termination }),
    };
  }

  states(task: StateTask): StateAnswer {
    const states: { sandbox: number; state?: Uint8Array; error?: string }[] = [];
    for (const id of task.sandboxes) {
      const sandbox = this.#sandboxes.get(id);
      if (sandbox === undefined) continue;
      if (sandbox.spec.preserve) {
        const preserved = sandbox.preserve();
        if (preserved.state !== undefined || preserved.error !== undefined) {
          states.push({ sandbox: id, ...preserved });
        }
      }
      if (task.end) {
        this.#sandboxes.delete(id);
        sandbox.dispose();
      }
    }
    return {
      version: BATCH_PROTOCOL_VERSION,
      kind: 'states',
      generation: this.generation,
      states,
    };
  }
}

function beginRun(sandbox: Sandbox, delivery: Delivery): Run {
  return { sandbox, events: delivery.events, at: 0, processed: 0, failed: 0, timers: 0, busyNs: 0 };
}

function countMessages(events: Int32Array): number {
  let count = 0;
  for (const event of events) if (event >= 0) count++;
  return count;
}

function skippedResult(delivery: Delivery): SandboxResult {
  const none = { used: 0, maximum: 0, limit: 0 };
  return {
    sandbox: delivery.sandbox,
    processed: 0,
    failed: 0,
    timers: 0,
    skipped: countMessages(delivery.events),
    busyNs: 0,
    usage: { memory: none, instructions: none, output: none },
    logs: [],
  };
}

function bufferOver(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
