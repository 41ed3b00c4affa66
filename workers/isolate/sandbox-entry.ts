/**
 * The life of one sandbox inside its isolate: load, runs of events, preserved state, usage. It works on any engine
 * that its caller offers. Every entry ends with the registers true: what was run, used and committed.
 *
 * A call that injects more than the outbound area holds finishes all the same; the rest leaves at the next entry,
 * before anything else runs. So does the rest of a call that ended the sandbox: the end is told only after it.
 *
 * One file, because every entry reads and writes the same registers and ends in the same state.
 */
import type { SandboxSpec, Termination } from '../../lib/protocol/batch.ts';
import {
  errorCatalogue,
  errorText,
  formatTemplate,
  HekateError,
} from '../../lib/protocol/errors.ts';
import {
  HAS_DETAIL,
  type HostCalls,
  type IsolateEntry,
  type IsolateUsage,
  type LoadResult,
  type RunDetail,
  RunStatus,
} from './contract.ts';
import type { Engine, EngineOptions, GuestOutcome, GuestValue, Library } from './engine.ts';
import {
  type CallResult,
  type LimitState,
  loadFailure,
  memoryTermination,
  processResult,
  timerResult,
} from './host-api/call-result.ts';
import { FILTER_DISABLED_MODULES, FILTER_REMOVED, installHekaApi } from './host-api/heka-api.ts';
import { Injector, type MessageTest } from './host-api/injector.ts';
import { LogBook, LogLevel } from './host-api/log-book.ts';
import { MemoryGauge } from './host-api/memory-gauge.ts';
import { MessageReader } from './host-api/message-reader.ts';
import { ObjectLedger } from './host-api/object-ledger.ts';
import { Outbox } from './host-api/outbox.ts';
import { OutputBuffer } from './host-api/output-buffer.ts';
import { PreserveError, packState } from './host-api/preservation.ts';
import { RandomSource } from './host-api/random-source.ts';
import { restoreState } from './host-api/restoration.ts';
import { EVENT_WIDTH, EventKind, layMailbox, type Mailbox, Register } from './mailbox.ts';
import { circularBufferModule } from './modules/circular-buffer.ts';
import { type NativeModule, RestoreError } from './modules/native-module.ts';

/** What the entry is put together from; tests give their own. */
export interface EntryParts {
  /** Engines by the name in the configuration. */
  readonly engines: { readonly [name: string]: (options: EngineOptions) => Engine };
  readonly compileMatcher: (expression: string) => MessageTest;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

/** Instructions between two looks at the clock, and what an event counts beside its own: some 50 µs. */
const CLOCK_WORK = 10_000;
const EVENT_WORK = 300;

/** Bytes of strings per message from which on the whole batch as one text is cheaper than each string by itself. */
const TEXT_WORTH = 96;

const NO_ARGUMENTS: readonly GuestValue[] = [];
const STANDARD_LIBRARIES = ['string', 'table', 'math', 'os', 'io', 'coroutine', 'package', 'debug'];

export function createEntry(parts: EntryParts): IsolateEntry {
  let sandbox: Sandbox | undefined;
  const loaded = (): Sandbox => {
    if (sandbox === undefined) throw new HekateError('HKT_SANDBOX_INTERNAL', ['not loaded']);
    return sandbox;
  };
  return {
    load(spec, shared, sizes, host) {
      const engineFactory = parts.engines[spec.engine];
      if (spec.api !== 'heka') return refused('HKT_SANDBOX_API', spec.api);
      if (engineFactory === undefined) return refused('HKT_SANDBOX_ENGINE', spec.engine);
      let matcher: MessageTest | undefined;
      try {
        matcher = spec.matcher === '' ? undefined : parts.compileMatcher(spec.matcher);
      } catch (error) {
        if (!(error instanceof HekateError)) throw error;
        return { termination: simpleEnd(error.code, error.message), logs: [] };
      }
      sandbox = new Sandbox(spec, layMailbox(shared, sizes), host, parts.clock, matcher);
      return sandbox.load(engineFactory);
    },
    run: (text, sliceMs) => loaded().run(text, sliceMs),
    detail: () => loaded().detail(),
    preserve: () => loaded().preserve(),
    usage: () => loaded().usage(),
  };
}

function refused(code: 'HKT_SANDBOX_API' | 'HKT_SANDBOX_ENGINE', value: string): LoadResult {
  const text = formatTemplate(errorCatalogue[code].template, [value]);
  return { termination: simpleEnd(code, text), logs: [] };
}

function simpleEnd(code: string, text: string): Termination {
  return { code, text, limit: 0, used: 0 };
}

class Sandbox {
  readonly #spec: SandboxSpec;
  readonly #mailbox: Mailbox;
  readonly #host: HostCalls;
  readonly #clock: () => number;
  readonly #log = new LogBook();
  readonly #ledger = new ObjectLedger();
  readonly #gauge: MemoryGauge;
  readonly #output: OutputBuffer;
  readonly #outbox: Outbox;
  readonly #reader = new MessageReader();
  readonly #injector: Injector;
  readonly #modules = new Map<string, NativeModule>();
  #engine: Engine | undefined;
  #termination: Termination | undefined;
  #instructionsUsed = 0;
  #instructionsMaximum = 0;
  /** Loop count of the message that was processed last; timer_event injects with it. */
  #loopCount = 0;
  #injections = 0;
  #processed = 0;
  #failed = 0;
  #timers = 0;
  /** Made once, read at the end of a call only. */
  readonly #limits: LimitState;

  constructor(
    spec: SandboxSpec,
    mailbox: Mailbox,
    host: HostCalls,
    clock: () => number,
    matcher: MessageTest | undefined,
  ) {
    this.#spec = spec;
    this.#mailbox = mailbox;
    this.#host = host;
    this.#clock = clock;
    this.#gauge = new MemoryGauge(spec.limits.memoryBytes, host.memory, this.#ledger);
    this.#output = new OutputBuffer(spec.limits.outputBytes);
    this.#outbox = new Outbox(mailbox, spec.limits.messageBytes);
    this.#injector = new Injector({
      spec,
      outbox: this.#outbox,
      output: this.#output,
      matcher,
      random: new RandomSource(host.random()),
      log: this.#log,
      clock,
    });
    this.#limits = this.#limitState();
  }

  load(engineFactory: (options: EngineOptions) => Engine): LoadResult {
    const spec = this.#spec;
    const gauge = this.#gauge;
    let made: Engine | undefined;
    const table = () => {
      if (made === undefined) throw new HekateError('HKT_SANDBOX_INTERNAL', ['no engine yet']);
      return made.createTable();
    };
    const memory = {
      reserve: (bytes: number) => gauge.reserve(bytes),
      add: (bytes: number) => this.#ledger.add(bytes),
      charge: (instructions: number) => made?.charge(instructions),
    };
    const module = circularBufferModule({ api: spec.api, memory, createTable: table });
    this.#modules.set(module.name, module);
    const libraries = new Map<string, () => Library>();
    for (const [name, native] of this.#modules) libraries.set(name, () => native.open());
    let step = '';
    try {
      const engine = engineFactory({
        meter: {
          instructionLimit: spec.limits.instructions,
          stringLimit: spec.limits.memoryBytes,
          pollMemory: (bytes) => gauge.poll(bytes),
        },
        removed: FILTER_REMOVED,
        disabledModules: FILTER_DISABLED_MODULES,
        nativeModules: libraries,
        findModule: this.#host.findModule,
        profile: spec.profile === true,
        compileLua: (source, chunkName, coroutines) => {
          const result = this.#host.compileLua(source, chunkName, coroutines);
          return typeof result === 'string' ? { code: result } : { error: result[0] };
        },
      });
      made = engine;
      this.#engine = engine;
      gauge.factor = engine.memoryFactor;
      installHekaApi(engine, {
        reader: this.#reader,
        output: this.#output,
        injector: this.#injector,
        log: this.#log,
        config: spec.config,
      });
      const outcome =
        spec.compileOnly === true
          ? engine.compile(spec.script, spec.chunkName)
          : engine.run(spec.script, spec.chunkName);
      this.#noteUse(engine);
      this.#termination = gauge.exhausted
        ? memoryTermination('', this.#limits)
        : loadFailure(outcome, this.#limits);
      step = 'restore_global_data ';
      if (this.#termination === undefined && spec.state !== undefined) {
        this.#restore(engine, spec.state);
      }
    } catch (error) {
      this.#termination = internalEnd(step, error);
    }
    this.#writeRegisters();
    const logs = this.#log.take();
    return this.#termination === undefined ? { logs } : { termination: this.#termination, logs };
  }

  #restore(engine: Engine, state: Uint8Array): void {
    try {
      const restored = restoreState(state, {
        globals: engine.globals(),
        createTable: () => engine.createTable(),
        modules: this.#modules,
      });
      if (!restored) {
        this.#log.write(LogLevel.debug, 'preserved state is of another version, starting clean');
      }
    } catch (error) {
      if (!(error instanceof RestoreError)) throw error;
      this.#termination = simpleEnd('HKT_SANDBOX_STATE', `restore_global_data ${error.text}`);
    }
  }

  run(text: string | undefined, sliceMs: number): number {
    const { registers } = this.#mailbox;
    this.#processed = 0;
    this.#failed = 0;
    this.#timers = 0;
    this.#ledger.beginEntry();
    this.#reader.begin(text);
    const status = this.#runEvents(sliceMs);
    this.#writeRegisters();
    registers[Register.processed] = this.#processed;
    registers[Register.failed] = this.#failed;
    registers[Register.timers] = this.#timers;
    const read = this.#reader.bytesRead;
    registers[Register.wantsText] = read > this.#processed * TEXT_WORTH ? 1 : 0;
    const detail =
      status === RunStatus.terminated || !this.#log.empty || this.#spec.profile === true;
    return detail ? status + HAS_DETAIL : status;
  }

  #runEvents(sliceMs: number): number {
    const { registers } = this.#mailbox;
    const engine = this.#engine;
    const end = registers[Register.eventCount] as number; // a register always exists
    const deadline = this.#clock() + sliceMs;
    if (!this.#outbox.flush()) return RunStatus.outboundFull;
    if (this.#termination !== undefined || engine === undefined) return RunStatus.terminated;
    let work = 0;
    for (let next = registers[Register.nextEvent] as number; next < end; ) {
      const isMessage = this.#mailbox.events[next * EVENT_WIDTH] === EventKind.message;
      const { limits } = this.#spec;
      const injections = isMessage ? limits.processInject : limits.timerInject;
      if (!this.#outbox.roomFor(injections)) return RunStatus.outboundFull;
      this.#injections = injections;
      let result: CallResult;
      try {
        result = isMessage ? this.#processMessage(engine, next) : this.#timerEvent(engine, next);
      } catch (error) {
        const termination = internalEnd(isMessage ? 'process_message() ' : 'timer_event() ', error);
        result = { kind: 'ended', termination };
      }
      registers[Register.nextEvent] = ++next;
      if (result.kind === 'failed') {
        this.#failed++;
        if (result.text !== '') this.#log.write(LogLevel.error, result.text);
      } else if (result.kind === 'ended') {
        this.#termination = result.termination;
        return this.#outbox.waiting ? RunStatus.outboundFull : RunStatus.terminated;
      }
      if (this.#outbox.waiting) return RunStatus.outboundFull;
      // Looking at the clock costs as much as a small event.
      work += EVENT_WORK + this.#instructionsUsed;
      if (work < CLOCK_WORK || next >= end) continue;
      work = 0;
      if (this.#clock() >= deadline) return RunStatus.slice;
    }
    return RunStatus.done;
  }

  #processMessage(engine: Engine, index: number): CallResult {
    const { events, inbound } = this.#mailbox;
    const at = index * EVENT_WIDTH;
    const start = events[at + 1] as number; // the shard wrote eventCount whole events
    const end = events[at + 2] as number;
    this.#loopCount = events[at + 3] as number;
    this.#reader.open(inbound, start, end);
    this.#injector.begin(this.#injections, this.#loopCount);
    let outcome: GuestOutcome;
    try {
      outcome = engine.call('process_message', NO_ARGUMENTS);
    } finally {
      this.#injector.end();
      this.#reader.close();
    }
    if (outcome.kind === 'returned') this.#processed++;
    return this.#finish(engine, 'process_message() ', processResult(outcome, this.#limits));
  }

  #timerEvent(engine: Engine, index: number): CallResult {
    const { events, timerNs } = this.#mailbox;
    const shutdown = events[index * EVENT_WIDTH] === EventKind.shutdownTimer;
    this.#injector.begin(this.#injections, this.#loopCount);
    let outcome: GuestOutcome;
    try {
      outcome = engine.call('timer_event', [timerNs[index], shutdown]);
    } finally {
      this.#injector.end();
    }
    if (outcome.kind === 'returned') this.#timers++;
    return this.#finish(engine, 'timer_event() ', timerResult(outcome, this.#limits));
  }

  /** A refused allocation outside of the engine ends the sandbox however the guest took it. */
  #finish(engine: Engine, prefix: string, result: CallResult): CallResult {
    this.#noteUse(engine);
    if (!this.#gauge.exhausted) return result;
    return { kind: 'ended', termination: memoryTermination(prefix, this.#limits) };
  }

  #noteUse(engine: Engine): void {
    const used = engine.instructionsUsed;
    this.#instructionsUsed = used;
    if (used > this.#instructionsMaximum) this.#instructionsMaximum = used;
  }

  #writeRegisters(): void {
    const { registers } = this.#mailbox;
    registers[Register.instructionsUsed] = this.#instructionsUsed;
    registers[Register.instructionsMaximum] = this.#instructionsMaximum;
    registers[Register.outputUsed] = this.#output.used;
    registers[Register.outputMaximum] = this.#output.maximum;
    registers[Register.externalBytes] = this.#ledger.totalBytes;
  }

  detail(): RunDetail {
    const logs = this.#log.take();
    const lines = this.#spec.profile === true ? this.#engine?.profile?.() : undefined;
    return {
      logs,
      ...(this.#termination === undefined ? {} : { termination: this.#termination }),
      ...(lines === undefined ? {} : { lines }),
    };
  }

  /** The state of a sandbox that lives, or the text of what stands against it. */
  preserve(): Uint8Array | string {
    const engine = this.#engine;
    if (engine === undefined || this.#termination !== undefined)
      return 'sandbox already terminated';
    try {
      return packState(engine.globals(), new Set([...STANDARD_LIBRARIES, ...this.#modules.keys()]));
    } catch (error) {
      return error instanceof PreserveError ? error.text : errorText(error);
    }
  }

  usage(): IsolateUsage {
    const { instructions, outputBytes } = this.#spec.limits;
    return {
      instructions: {
        used: this.#instructionsUsed,
        maximum: this.#instructionsMaximum,
        limit: instructions,
      },
      output: { used: this.#output.used, maximum: this.#output.maximum, limit: outputBytes },
      memoryFactor: this.#engine?.memoryFactor ?? 1,
      externalBytes: this.#ledger.totalBytes,
    };
  }

  #limitState(): LimitState {
    const { limits } = this.#spec;
    const instructions = () => this.#engine?.instructionsUsed ?? 0;
    const memory = () => Math.round(this.#gauge.usedBytes);
    const output = () => this.#output.used;
    const injections = () => this.#injections;
    return {
      get instructions() {
        return { limit: limits.instructions, used: instructions() };
      },
      get memory() {
        return { limit: limits.memoryBytes, used: memory() };
      },
      get output() {
        return { limit: limits.outputBytes, used: output() };
      },
      get injections() {
        return injections();
      },
      messageLoops: limits.messageLoops,
    };
  }
}

/** A fault of ours, not of the guest. */
function internalEnd(prefix: string, error: unknown): Termination {
  const text = formatTemplate(errorCatalogue.HKT_SANDBOX_INTERNAL.template, [errorText(error)]);
  return simpleEnd('HKT_SANDBOX_INTERNAL', (prefix + text).slice(0, 255));
}
