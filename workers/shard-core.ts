/**
 * A shard's work, without the thread around it: it holds sandboxes, runs batches through them in time slices,
 * and answers each task once. Enters one isolate at a time; a sandbox that ends takes nobody with it.
 *
 * One file, because batches, rounds and turns change the same few lists together.
 */

import type {
  Batch,
  Checkpoint,
  EngineName,
  LoadAnswer,
  LoadTask,
  PollAnswer,
  PollTask,
  Report,
  SandboxResult,
  SandboxSpec,
  SandboxUsage,
  StateAnswer,
  StateTask,
  Termination,
  TestAnswer,
  TestTask,
} from '../lib/protocol/batch.ts';
import { BATCH_PROTOCOL_VERSION, packEnvelope } from '../lib/protocol/batch.ts';
import { ControlWord } from '../lib/protocol/control-word.ts';
import { errorText, HekateError } from '../lib/protocol/errors.ts';
import type { IsolateSnapshot } from '../native-limits/guest-isolate.ts';
import { limits } from '../native-limits/limits.ts';
import { ExtensionTexts } from './extension-texts.ts';
import { IdleCollector } from './idle-collector.ts';
import { RunStatus } from './isolate/contract.ts';
import type { Mailbox } from './isolate/mailbox.ts';
import {
  ANSWER_WIDTH,
  EVENT_WIDTH,
  EventKind,
  layMailbox,
  mailboxBytes,
  Register,
} from './isolate/mailbox.ts';
import type { Compiled, CompileRequest } from './lua-compiler.ts';
import { ModuleFinder } from './module-finder.ts';
import { PatternSearch } from './pattern-search.ts';
import { probeOf } from './probe.ts';
import { ReportBuilder } from './report-builder.ts';
import { Sandbox } from './sandbox.ts';
import { guestServices } from './services/guest-services.ts';

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
  /** Texts of the runtime's extensions, by name. */
  readonly extensions?: Readonly<Record<string, string>>;
  /** In a thread of one input or output: words of ControlWord. */
  readonly control?: SharedArrayBuffer;
  /** Takes what an input injected in the middle of a call, a Delivered envelope. */
  readonly deliver?: (envelope: Uint8Array<ArrayBuffer>) => void;
  /** Milliseconds, for what is idle; default performance.now. */
  readonly clock?: () => number;
}

interface Work {
  turns: number;
  processed: number;
  failed: number;
  timers: number;
  busyNs: number;
  readonly statuses: number[];
  readonly ends: number[];
  readonly texts: (readonly [number, string])[];
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
  /** An output still wanted its message again when it was told to stop. */
  givenUp?: boolean;
}

/** The runs of one batch, which take turns. */
interface Round {
  waiting: Run[];
  next: number;
}

/** Writing a state of the largest size takes about a second. */
const SERVICE_MS = 5000;
/** Between two tries of an output, as Hindsight; and the longest wait between two looks at the pipeline. */
const RETRY_MS = 1000;
/** Bytes of an input's messages that may wait to be routed. */
const UNTAKEN_BYTES = 1024 * 1024;
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
  readonly #extensions: ExtensionTexts;
  readonly #control: Int32Array | undefined;
  readonly #deliver: ((envelope: Uint8Array<ArrayBuffer>) => void) | undefined;
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
    this.#extensions = new ExtensionTexts(options.extensions ?? {});
    this.#control = options.control === undefined ? undefined : new Int32Array(options.control);
    this.#deliver = options.deliver;
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
      extensions: this.#extensions,
      services: guestServices(spec, this.#patterns, this.#control, (text) =>
        this.#sandboxes.get(spec.id)?.log({ level: 3, text }),
      ),
      ...(this.#control === undefined ? {} : { control: sharedOf(this.#control) }),
      ...(spec.kind === 'input' ? { deliver: (at) => this.#deliverFrom(spec.id, at) } : {}),
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
      this.#takeAnswers(run);
      if (step.status === RunStatus.terminated) return false;
      if (step.status === RunStatus.retry) return this.#waitForRetry(run);
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

  /** For kinds whose messages are answered one by one: what became of those of the last step. */
  #takeAnswers(run: Run): void {
    const { answers, registers } = this.#mailbox;
    const { ends, statuses, texts } = run.sinceReport;
    const first = statuses.length;
    const count = registers[Register.answers] ?? 0;
    for (let i = 0; i < count; i++) {
      statuses.push(answers[i * ANSWER_WIDTH] ?? 0);
      ends.push(answers[i * ANSWER_WIDTH + 1] ?? 0);
    }
    for (const [index, text] of run.sandbox.failureTexts) texts.push([first + index, text]);
  }

  /** The same message again after a second, as upstream's hosts do; not once the output is told to stop. */
  #waitForRetry(run: Run): boolean {
    run.at += Math.min(
      this.#mailbox.registers[Register.nextEvent] ?? 0,
      run.events.length - run.at,
    );
    const control = this.#control;
    if (control !== undefined) {
      Atomics.wait(control, ControlWord.stop, 0, RETRY_MS);
      if (Atomics.load(control, ControlWord.stop) === 0) return true;
    }
    run.givenUp = true;
    return false;
  }

  /** Posts what an input committed. Waits while the pipeline is full; false once the input is to stop. */
  #deliverFrom(sandbox: number, checkpoint: Checkpoint | undefined): boolean {
    const { registers } = this.#mailbox;
    const control = this.#control;
    const report = new ReportBuilder();
    report.takeOutbound(this.#mailbox, this.#outbound, sandbox);
    registers[Register.outLength] = 0;
    registers[Register.outCount] = 0;
    const found = this.#sandboxes.get(sandbox);
    const logs = found?.takeLogs() ?? [];
    const { bytes, offsets } = report;
    if (offsets.length > 1 || checkpoint !== undefined || logs.length > 0) {
      if (control !== undefined) Atomics.add(control, ControlWord.untaken, bytes.length);
      this.#deliver?.(
        packEnvelope({
          version: BATCH_PROTOCOL_VERSION,
          kind: 'delivered',
          generation: this.generation,
          sandbox,
          bytes,
          offsets: Uint32Array.from(offsets),
          logs,
          ...(checkpoint === undefined ? {} : { checkpoint }),
        }),
      );
    }
    if (control === undefined) return true;
    for (;;) {
      const untaken = Atomics.load(control, ControlWord.untaken);
      if (untaken <= UNTAKEN_BYTES || Atomics.load(control, ControlWord.stop) === 2) break;
      Atomics.wait(control, ControlWord.untaken, untaken, RETRY_MS);
    }
    return Atomics.load(control, ControlWord.stop) === 0;
  }

  /** Calls an input's process_message; may not return before the input is told to stop. */
  poll(task: PollTask): PollAnswer {
    const sandbox = this.#sandboxes.get(task.sandbox);
    const result = sandbox?.poll(task.checkpoint);
    if (sandbox !== undefined) this.#deliverFrom(task.sandbox, undefined);
    return {
      ...this.#called(task.sandbox, sandbox),
      kind: 'polled',
      ...(result === undefined ? {} : { status: result.status }),
      ...(result?.text === undefined ? {} : { text: result.text }),
    };
  }

  /** A call of the unit test interface. */
  test(task: TestTask): TestAnswer {
    const sandbox = this.#sandboxes.get(task.sandbox);
    const result = sandbox?.test(task.call, task.argument);
    const called = this.#called(task.sandbox, sandbox);
    return {
      ...called,
      kind: 'tested',
      status: result?.status ?? 1,
      error: result?.error ?? called.termination?.text ?? `${task.call}() not found`,
      outputs: result?.outputs ?? [],
    };
  }

  /** What there is to say of a sandbox after a call; one that ended is forgotten. */
  #called(id: number, sandbox: Sandbox | undefined) {
    const termination = sandbox === undefined ? GONE : sandbox.termination;
    if (termination !== undefined) this.#sandboxes.delete(id);
    return {
      version: BATCH_PROTOCOL_VERSION,
      generation: this.generation,
      sandbox: id,
      usage: sandbox?.usage() ?? NO_USAGE,
      logs: sandbox?.takeLogs() ?? [],
      ...(termination === undefined ? {} : { termination }),
    };
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
    if (run.sandbox.spec.kind === 'filter') {
      run.sandbox.log({ level: 3, text: message });
      return;
    }
    const { ends, statuses, texts } = run.sinceReport;
    texts.push([statuses.length, message]);
    statuses.push(-1);
    ends.push(run.sandbox.committed);
  }

  #finish(run: Run): SandboxResult {
    const { sandbox } = run;
    const left = Math.max(0, countMessages(run.events) - run.processed);
    const cutShort =
      sandbox.termination !== undefined || this.#isGone(sandbox) || run.givenUp === true;
    if (sandbox.termination !== undefined) this.#sandboxes.delete(sandbox.spec.id);
    return this.#result(run, cutShort ? left : 0);
  }

  /** What was done since the last report. */
  #result(run: Run, skipped: number): SandboxResult {
    const { sandbox } = run;
    const { processed, failed, timers, busyNs, statuses, ends, texts } = run.sinceReport;
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
      ...(statuses.length === 0
        ? {}
        : {
            answers: {
              statuses: Int32Array.from(statuses),
              ends: Int32Array.from(ends),
              texts,
            },
          }),
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
  return {
    turns: 0,
    processed: 0,
    failed: 0,
    timers: 0,
    busyNs: 0,
    statuses: [],
    ends: [],
    texts: [],
  };
}

const NONE = { used: 0, maximum: 0, limit: 0 };
const NO_USAGE: SandboxUsage = { memory: NONE, instructions: NONE, output: NONE };
/** Of a sandbox that ended before, as a batch was run or with its thread. */
const GONE: Termination = {
  code: 'HKT_SANDBOX_NOT_RUNNING',
  text: 'sandbox already terminated',
  limit: 0,
  used: 0,
};

/** Our own memory, made as shared. */
function sharedOf(words: Int32Array): SharedArrayBuffer {
  const { buffer } = words;
  if (!(buffer instanceof SharedArrayBuffer)) throw new TypeError('the words are not shared');
  return buffer;
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
