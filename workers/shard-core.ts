/**
 * A shard's work, without the thread around it: it holds sandboxes, runs batches through them in time slices,
 * and answers each task once. Enters one isolate at a time; a sandbox that ends takes nobody with it.
 *
 * One file, because batches, rounds and turns change the same few lists together.
 */

import type {
  Batch,
  EngineName,
  LoadAnswer,
  LoadTask,
  Report,
  SandboxResult,
  SandboxSpec,
  StateAnswer,
  StateTask,
  Termination,
} from '../lib/protocol/batch.ts';
import { BATCH_PROTOCOL_VERSION } from '../lib/protocol/batch.ts';
import { errorText, HekateError } from '../lib/protocol/errors.ts';
import type { IsolateSnapshot } from '../native-limits/guest-isolate.ts';
import { limits } from '../native-limits/limits.ts';
import { IdleCollector } from './idle-collector.ts';
import { RunStatus } from './isolate/contract.ts';
import type { Mailbox } from './isolate/mailbox.ts';
import { EVENT_WIDTH, EventKind, layMailbox, mailboxBytes, Register } from './isolate/mailbox.ts';
import type { Compiled, CompileRequest } from './lua-compiler.ts';
import { ModuleFinder } from './module-finder.ts';
import { PatternSearch } from './pattern-search.ts';
import { probeOf } from './probe.ts';
import { ReportBuilder } from './report-builder.ts';
import { Sandbox } from './sandbox.ts';

export interface ShardOptions {
  readonly generation: number;
  /** Compiles for the compiled engine; without it that engine gets an error. */
  readonly compile?: (request: CompileRequest) => Compiled;
  /** Largest message that can be delivered, bytes. */
  readonly messageBytes: number;
  /** Sandboxes that it may hold. */
  readonly isolates: number;
  /** Longest time that a sandbox may take to write its state; default 5 s. */
  readonly serviceMs?: number;
  /** Milliseconds, for what is idle; default performance.now. */
  readonly clock?: () => number;
}

interface Work {
  turns: number;
  processed: number;
  failed: number;
  timers: number;
  busyNs: number;
}

/** What isolates of an engine are made from. */
interface EngineBase {
  readonly snapshot: IsolateSnapshot;
  /** Bytes that an isolate uses before its script runs. */
  readonly baseBytes: number;
}

/** One sandbox's way through a batch. */
interface Run {
  readonly sandbox: Sandbox;
  readonly batch: Batch;
  readonly bytes: Buffer;
  readonly events: Int32Array;
  /** Next event that is not yet run. */
  at: number;
  /** Messages that are through, in all. */
  processed: number;
  sinceReport: Work;
  finished?: boolean;
}

/** The runs of one batch, which take turns. */
interface Round {
  waiting: Run[];
  next: number;
}

/** Writing a state of the largest size takes about a second. */
const SERVICE_MS = 5000;
/** Bytes that a record's message may have beside the record: payload messages are made from whole records. */
const HEADER_ROOM = 4096;

export class ShardCore {
  readonly generation: number;
  readonly #mailbox: Mailbox;
  readonly #inbound: Buffer;
  readonly #outbound: Buffer;
  readonly #modules = new ModuleFinder();
  readonly #patterns = new PatternSearch();
  readonly #compile: (request: CompileRequest) => Compiled;
  readonly #engines = new Map<EngineName, EngineBase>();
  readonly #idle: IdleCollector;
  readonly #sandboxes = new Map<number, Sandbox>();
  readonly #isolates: number;
  readonly #serviceMs: number;
  /** What is not run yet, batch by batch. More than the current batch only when reports were cut short. */
  readonly #rounds: Round[] = [];

  constructor(options: ShardOptions) {
    this.generation = options.generation;
    this.#compile = options.compile ?? noCompiler;
    this.#idle = new IdleCollector(options.clock);
    this.#isolates = options.isolates;
    this.#serviceMs = options.serviceMs ?? SERVICE_MS;
    const sizes = {
      events: limits.batchMessages.value,
      inBytes: Math.max(limits.batchBytes.value, options.messageBytes + HEADER_ROOM),
      outBytes: Math.max(limits.batchBytes.value, 2 * options.messageBytes),
    };
    this.#mailbox = layMailbox(new SharedArrayBuffer(mailboxBytes(sizes)), sizes);
    this.#inbound = bufferOver(this.#mailbox.inbound);
    this.#outbound = bufferOver(this.#mailbox.outbound);
  }

  /** From now on sandboxes of this engine can be loaded. Measures what an isolate costs without a script. */
  addEngine(engine: EngineName, snapshot: IsolateSnapshot): void {
    const probe = this.#make(probeOf(engine), { snapshot, baseBytes: 0 });
    if (probe.termination !== undefined) {
      throw new HekateError('HKT_SANDBOX_INTERNAL', [probe.termination.text]);
    }
    probe.collect();
    this.#engines.set(engine, { snapshot, baseBytes: probe.heapBytes() });
    probe.dispose();
  }

  #make(spec: SandboxSpec, base: EngineBase): Sandbox {
    return new Sandbox(spec, {
      ...base,
      mailbox: this.#mailbox,
      inboundBytes: this.#inbound,
      modules: this.#modules,
      patterns: this.#patterns,
      compile: this.#compile,
      serviceMs: this.#serviceMs,
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
      if (this.#sandboxes.size >= this.#isolates) {
        throw new HekateError('HKT_SANDBOX_TOO_MANY', [this.#sandboxes.size]);
      }
      const base = this.#engines.get(task.spec.engine);
      if (base === undefined) throw new HekateError('HKT_SANDBOX_ENGINE', [task.spec.engine]);
      const sandbox = this.#make(task.spec, base);
      const usage = sandbox.usage();
      const logs = sandbox.takeLogs();
      if (task.spec.compileOnly === true) sandbox.dispose();
      else if (sandbox.termination === undefined) {
        this.#sandboxes.set(task.spec.id, sandbox);
        this.#idle.ran(sandbox);
      }
      const failed = sandbox.termination;
      return { ...answer, usage, logs, ...(failed === undefined ? {} : { failure: failed }) };
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

  /**
   * Runs deliveries, neighbours taking turns in slices, until all are through or the report is long or late enough. What is
   * left then is run by the next batch, before its own.
   */
  run(batch: Batch): Report {
    const report = new ReportBuilder();
    try {
      this.#begin(batch, report);
      const deadline = performance.now() + limits.reportTime.value;
      let round = this.#rounds[0];
      while (round !== undefined) {
        // One turn at least, so that every report brings the work on.
        if (!this.#turnOf(round, report)) this.#rounds.shift();
        round = this.#rounds[0];
        if (report.byteLength >= limits.reportBytes.value || performance.now() >= deadline) break;
      }
      for (const run of round?.waiting ?? []) {
        if (run.sinceReport.turns > 0) report.addResult(this.#result(run, 0));
      }
    } catch (error) {
      this.#rounds.length = 0; // the sender counts the batch as lost
      throw error;
    }
    return report.build(batch, this.#rounds.length > 0);
  }

  #begin(batch: Batch, report: ReportBuilder): void {
    const bytes = bufferOver(batch.bytes);
    const waiting: Run[] = [];
    for (const { sandbox: id, events } of batch.deliveries) {
      const sandbox = this.#sandboxes.get(id);
      // One that ended in an earlier batch: the router learned of it from that batch's report.
      if (sandbox === undefined) report.addResult(skippedResult(id, countMessages(events)));
      else
        waiting.push({ sandbox, batch, bytes, events, at: 0, processed: 0, sinceReport: work() });
    }
    if (waiting.length > 0) this.#rounds.push({ waiting, next: 0 });
  }

  /** One turn of the next sandbox of a round. Returns false when the round is through. */
  #turnOf(round: Round, report: ReportBuilder): boolean {
    if (round.next >= round.waiting.length) {
      round.waiting = round.waiting.filter((run) => !run.finished);
      round.next = 0;
    }
    const run = round.waiting[round.next++];
    if (run === undefined) return false;
    if (!this.#turn(run, report)) {
      run.finished = true;
      report.addResult(this.#finish(run));
    }
    return round.next < round.waiting.length || round.waiting.some((other) => !other.finished);
  }

  /** One slice of one sandbox. Returns true when it has more to do. */
  #turn(run: Run, report: ReportBuilder): boolean {
    const { sandbox, sinceReport } = run;
    if (this.#isGone(sandbox)) return false;
    try {
      const laid = this.#lay(run);
      const step = sandbox.step();
      if (step.processed > 0) this.#idle.ran(sandbox);
      else this.#idle.ticked(sandbox);
      report.takeOutbound(this.#mailbox, this.#outbound, sandbox.spec.id);
      run.processed += step.processed;
      sinceReport.turns++;
      sinceReport.processed += step.processed;
      sinceReport.failed += step.failed;
      sinceReport.timers += step.timers;
      sinceReport.busyNs += step.busyNs;
      if (step.status === RunStatus.terminated) return false;
      if (step.status === RunStatus.done) {
        run.at += laid;
        return run.at < run.events.length;
      }
      const { registers } = this.#mailbox;
      const done = Math.min(registers[Register.nextEvent] ?? 0, laid);
      run.at += done;
      if (done > 0 || (registers[Register.outCount] ?? 0) > 0) return true;
      throw new Error('an entry brought nothing on');
    } catch (error) {
      sandbox.terminate(internalEnd(error));
      return false;
    }
  }

  /** True for a sandbox that was ended between two reports. */
  #isGone(sandbox: Sandbox): boolean {
    return this.#sandboxes.get(sandbox.spec.id) !== sandbox;
  }

  /** Lays as many of the run's events into the mailbox as fit, and returns how many. */
  #lay(run: Run): number {
    const { registers, events, timerNs, sizes } = this.#mailbox;
    const { batch } = run;
    let count = 0;
    let length = 0;
    for (let i = run.at; i < run.events.length && count < sizes.events; i++) {
      const event = run.events[i] ?? 0;
      const at = count * EVENT_WIDTH;
      if (event >= 0) {
        const from = batch.offsets[event] ?? 0;
        const to = batch.offsets[event + 1] ?? 0;
        if (length + (to - from) > sizes.inBytes) {
          if (count > 0) break;
          this.#refuse(run, to - from);
          continue;
        }
        run.bytes.copy(this.#inbound, length, from, to);
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

  /** Passes over a message that no mailbox holds: counted as failed, and nobody else's concern. */
  #refuse(run: Run, size: number): void {
    run.at++;
    run.processed++;
    run.sinceReport.processed++;
    run.sinceReport.failed++;
    const { message } = new HekateError('HKT_MESSAGE_TOO_BIG', [size, this.#mailbox.sizes.inBytes]);
    run.sandbox.log({ level: 3, text: message });
  }

  #finish(run: Run): SandboxResult {
    const { sandbox } = run;
    const left = Math.max(0, countMessages(run.events) - run.processed);
    const cutShort = sandbox.termination !== undefined || this.#isGone(sandbox);
    if (sandbox.termination !== undefined) this.#sandboxes.delete(sandbox.spec.id);
    return this.#result(run, cutShort ? left : 0);
  }

  /** What was done since the last report. */
  #result(run: Run, skipped: number): SandboxResult {
    const { sandbox } = run;
    const { processed, failed, timers, busyNs } = run.sinceReport;
    run.sinceReport = work();
    const { lines, termination } = sandbox;
    return {
      sandbox: sandbox.spec.id,
      processed,
      failed,
      timers,
      skipped,
      busyNs,
      usage: sandbox.usage(),
      logs: sandbox.takeLogs(),
      ...(termination === undefined ? {} : { termination }),
      ...(lines === undefined ? {} : { lines }),
    };
  }

  /**
   * Collects the garbage of sandboxes that got nothing for some seconds. To be called now and then, between tasks; takes
   * some milliseconds at most, or one collection. Returns how many were collected.
   */
  collectIdle(): number {
    return this.#rounds.length === 0 ? this.#idle.collect() : 0;
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

export function noCompiler(request: CompileRequest): Compiled {
  return { error: `${request.chunkName}: there is no compiler` };
}

function work(): Work {
  return { turns: 0, processed: 0, failed: 0, timers: 0, busyNs: 0 };
}

/** A fault of ours that ends one sandbox only. */
function internalEnd(error: unknown): Termination {
  const { code, message } = new HekateError('HKT_SANDBOX_INTERNAL', [errorText(error)], error);
  return { code, text: message, limit: 0, used: 0 };
}

function countMessages(events: Int32Array): number {
  let count = 0;
  for (const event of events) if (event >= 0) count++;
  return count;
}

function skippedResult(sandbox: number, skipped: number): SandboxResult {
  const none = { used: 0, maximum: 0, limit: 0 };
  return {
    sandbox,
    processed: 0,
    failed: 0,
    timers: 0,
    skipped,
    busyNs: 0,
    usage: { memory: none, instructions: none, output: none },
    logs: [],
  };
}

function bufferOver(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
