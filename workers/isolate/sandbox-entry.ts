/**
 * The life of one sandbox inside its isolate: load, runs of events, preserved state, usage. It works on any engine
 * that its caller offers. Every entry ends with the registers true: what was run, used and committed.
 *
 * A call that injects more than the outbound area holds finishes all the same; the rest leaves at the next entry,
 * before anything else runs. So does the rest of a call that ended the sandbox: the end is told only after it.
 *
 * One file, because every entry reads and writes the same registers and ends in the same state.
 */
import type { Checkpoint, SandboxSpec, Termination } from '../../lib/protocol/batch.ts';
import { ControlWord } from '../../lib/protocol/control-word.ts';
import {
  errorCatalogue,
  errorText,
  formatTemplate,
  HekateError,
} from '../../lib/protocol/errors.ts';
import {
  HAS_DETAIL,
  type HostCalls,
  type InputResult,
  type IsolateEntry,
  type IsolateUsage,
  type LoadResult,
  type RunDetail,
  RunStatus,
  type TestResult,
} from './contract.ts';
import type { Engine, EngineOptions } from './engine.ts';
import { loadExtension } from './extensions.ts';
import { attentiveHost } from './host-api/attentive-host.ts';
import {
  type CallResult,
  type LimitState,
  loadFailure,
  memoryTermination,
} from './host-api/call-result.ts';
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
import {
  ANSWER_WIDTH,
  EVENT_WIDTH,
  EventKind,
  layMailbox,
  type Mailbox,
  Register,
} from './mailbox.ts';
import { RestoreError } from './modules/native-module.ts';
import { FilterRole } from './roles/filter-role.ts';
import type { Role, RoleFactory, RoleParts } from './roles/role.ts';
import { SandboxModules } from './sandbox-modules.ts';

/** What the entry is put together from; tests give their own. */
export interface EntryParts {
  /** Engines by the name in the configuration. */
  readonly engines: { readonly [name: string]: (options: EngineOptions) => Engine };
  /** In Heka's grammar. */
  readonly compileMatcher: (expression: string) => MessageTest;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

/** Instructions between two looks at the clock, and what an event counts beside its own: some 50 µs. */
const CLOCK_WORK = 10_000;
const EVENT_WORK = 300;

/** Bytes of strings per message from which on the whole batch as one text is cheaper than each string by itself. */
const TEXT_WORTH = 96;

/** Status of an output that wants a message again. */
const RETRY = -3;
const STANDARD_LIBRARIES: readonly string[] = [
  'string',
  'table',
  'math',
  'os',
  'io',
  'coroutine',
  'package',
  'debug',
];

export function createEntry(parts: EntryParts): IsolateEntry {
  let sandbox: Sandbox | undefined;
  const loaded = (): Sandbox => {
    if (sandbox === undefined) throw new HekateError('HKT_SANDBOX_INTERNAL', ['not loaded']);
    return sandbox;
  };
  return {
    load(spec, shared, sizes, host, control) {
      const engineFactory = parts.engines[spec.engine];
      if (engineFactory === undefined) return refused('HKT_SANDBOX_ENGINE', spec.engine);
      try {
        const words = control === undefined ? undefined : new Int32Array(control);
        sandbox = new Sandbox(spec, layMailbox(shared, sizes), host, words, parts);
      } catch (error) {
        if (!(error instanceof HekateError)) throw error;
        return { termination: simpleEnd(error.code, error.message), logs: [] };
      }
      return sandbox.load(engineFactory);
    },
    run: (text, sliceMs) => loaded().run(text, sliceMs),
    poll: (checkpoint) => loaded().poll(checkpoint),
    test: (name, argument) => loaded().test(name, argument),
    detail: () => loaded().detail(),
    preserve: () => loaded().preserve(),
    usage: () => loaded().usage(),
  };
}

function refused(code: 'HKT_SANDBOX_ENGINE', value: string): LoadResult {
  const text = formatTemplate(errorCatalogue[code].template, [value]);
  return { termination: simpleEnd(code, text), logs: [] };
}

function makeRole(parts: RoleParts): Role {
  const { api, kind } = parts.spec;
  if (api === 'heka' && kind === 'filter') return new FilterRole(parts);
  const name = kind === 'unit' ? 'role/unit' : `role/${api}-${kind}`;
  if (parts.host.extension(name) === undefined) throw new HekateError('HKT_SANDBOX_API', [api]);
  return loadExtension<RoleFactory>(parts.host, name)(parts);
}

/** Set from outside, also while the guest runs. */
function stoppedBy(control: Int32Array): () => boolean {
  return () => Atomics.load(control, ControlWord.stop) === 2;
}

function simpleEnd(code: string, text: string): Termination {
  return { code, text, limit: 0, used: 0 };
}

class Sandbox {
  readonly #spec: SandboxSpec;
  readonly #mailbox: Mailbox;
  readonly #host: HostCalls;
  readonly #control: Int32Array | undefined;
  readonly #clock: () => number;
  readonly #log = new LogBook();
  readonly #ledger = new ObjectLedger();
  readonly #gauge: MemoryGauge;
  readonly #output: OutputBuffer;
  readonly #outbox: Outbox;
  readonly #reader = new MessageReader();
  readonly #role: Role;
  readonly #modules: SandboxModules;
  #engine: Engine | undefined;
  #termination: Termination | undefined;
  #instructionsUsed = 0;
  #instructionsMaximum = 0;
  #injections = 0;
  #processed = 0;
  #failed = 0;
  #timers = 0;
  #answers = 0;
  /** Texts of failures since `detail`, by index of the answer. */
  #texts: (readonly [number, string])[] = [];
  /** Made once, read at the end of a call only. */
  readonly #limits: LimitState;

  constructor(
    spec: SandboxSpec,
    mailbox: Mailbox,
    calls: HostCalls,
    control: Int32Array | undefined,
    parts: EntryParts,
  ) {
    const { clock } = parts;
    const host = spec.kind === 'input' ? attentiveHost(calls, this.#log) : calls;
    this.#spec = spec;
    this.#control = control;
    this.#mailbox = mailbox;
    this.#host = host;
    this.#clock = clock;
    this.#gauge = new MemoryGauge(spec.limits.memoryBytes, host.memory, this.#ledger);
    this.#output = new OutputBuffer(spec.limits.outputBytes);
    this.#outbox = new Outbox(mailbox, spec.limits.messageBytes);
    this.#limits = this.#limitState();
    const random = new RandomSource(host.random());
    const injector = new Injector({
      spec,
      outbox: this.#outbox,
      output: this.#output,
      matcher:
        spec.matcher === '' || spec.api === 'lsb' ? undefined : parts.compileMatcher(spec.matcher),
      random,
      log: this.#log,
      clock,
    });
    const memory = {
      reserve: (bytes: number) => this.#gauge.reserve(bytes),
      add: (bytes: number) => this.#ledger.add(bytes),
      charge: (instructions: number) => this.#engine?.charge(instructions),
    };
    this.#role = makeRole({
      spec,
      reader: this.#reader,
      output: this.#output,
      outbox: this.#outbox,
      injector,
      random,
      memory,
      log: this.#log,
      limits: this.#limits,
      host,
      clock,
    });
    this.#modules = new SandboxModules({
      spec,
      host,
      reader: this.#reader,
      role: this.#role,
      engine: () => {
        if (this.#engine === undefined) {
          throw new HekateError('HKT_SANDBOX_INTERNAL', ['no engine yet']);
        }
        return this.#engine;
      },
      memory,
    });
  }

  load(engineFactory: (options: EngineOptions) => Engine): LoadResult {
    const spec = this.#spec;
    const gauge = this.#gauge;
    const role = this.#role;
    let step = '';
    try {
      const engine = engineFactory({
        meter: {
          instructionLimit: spec.limits.instructions,
          stringLimit: spec.limits.memoryBytes,
          pollMemory: (bytes) => gauge.poll(bytes),
          ...(this.#control === undefined ? {} : { stopped: stoppedBy(this.#control) }),
        },
        removed: this.#removed(role.removed),
        disabledModules: this.#disabled(role.disabledModules),
        nativeModules:
          role.libraries === undefined
            ? this.#modules.libraries
            : new Map([...this.#modules.libraries, ...role.libraries]),
        ...(role.additions === undefined ? {} : { additions: role.additions }),
        findModule: (name) => this.#modules.findFile(name),
        profile: spec.profile === true,
        compileLua: (source, chunkName, coroutines) => {
          const result = this.#host.compileLua(source, chunkName, coroutines);
          return typeof result === 'string' ? { code: result } : { error: result[0] };
        },
      });
      this.#engine = engine;
      gauge.factor = engine.memoryFactor;
      role.install(engine);
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
      step = '';
      if (this.#termination === undefined && spec.compileOnly !== true) role.loaded?.(engine);
    } catch (error) {
      this.#termination = internalEnd(step, error);
    }
    this.#writeRegisters();
    const logs = this.#log.take();
    return this.#termination === undefined ? { logs } : { termination: this.#termination, logs };
  }

  #removed(byRole: ReadonlySet<string>): ReadonlySet<string> {
    const { removedEntries } = this.#spec;
    if (removedEntries === undefined) return byRole;
    const all = new Set(byRole);
    for (const [module, entries] of Object.entries(removedEntries)) {
      for (const entry of entries) all.add(module === '' ? entry : `${module}.${entry}`);
    }
    return all;
  }

  #disabled(byRole: ReadonlySet<string>): ReadonlySet<string> {
    const { disabledModules } = this.#spec;
    return disabledModules === undefined ? byRole : new Set([...byRole, ...disabledModules]);
  }

  #restore(engine: Engine, state: Uint8Array): void {
    try {
      const restored = restoreState(state, {
        globals: engine.globals(),
        createTable: () => engine.createTable(),
        module: (name) => this.#modules.restorer(name),
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
    this.#answers = 0;
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
      status === RunStatus.terminated ||
      !this.#log.empty ||
      this.#texts.length > 0 ||
      this.#spec.profile === true;
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
      const result = this.#runEvent(engine, next, isMessage);
      if (result.kind === 'failed' && result.status === RETRY && this.#spec.kind === 'output') {
        this.#processed--; // it is counted when it is through
        return RunStatus.retry;
      }
      registers[Register.nextEvent] = ++next;
      if (isMessage && this.#role.answers) this.#answer(result);
      if (result.kind === 'failed') {
        this.#failed++;
        if (result.text !== '' && !this.#role.answers) {
          this.#log.write(LogLevel.error, result.text);
        }
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

  #runEvent(engine: Engine, index: number, isMessage: boolean): CallResult {
    const { events, inbound, timerNs } = this.#mailbox;
    const at = index * EVENT_WIDTH;
    const name = isMessage ? 'process_message() ' : 'timer_event() ';
    let result: CallResult;
    try {
      if (isMessage) {
        const start = events[at + 1] as number; // the shard wrote eventCount whole events
        const end = events[at + 2] as number;
        const loopCount = events[at + 3] as number;
        const message = { bytes: inbound, start, end, loopCount };
        result = this.#role.message(engine, message, this.#injections);
        if (result.kind !== 'ended' || result.ran) this.#processed++;
      } else {
        const shutdown = events[at] === EventKind.shutdownTimer;
        const ns = timerNs[index] as number; // as above
        result = this.#role.timer(engine, ns, shutdown, this.#injections);
        if (result.kind !== 'ended' || result.ran) this.#timers++;
      }
      return this.#finish(engine, name, result);
    } catch (error) {
      return { kind: 'ended', ran: false, termination: internalEnd(name, error) };
    }
  }

  /** Notes what became of a message, and how many records there are by now. */
  #answer(result: CallResult): void {
    const { answers, registers } = this.#mailbox;
    const index = this.#answers++;
    registers[Register.answers] = this.#answers;
    const status = result.kind === 'failed' ? result.status : result.kind === 'ended' ? 1 : 0;
    answers[index * ANSWER_WIDTH] = status;
    answers[index * ANSWER_WIDTH + 1] = this.#outbox.committed;
    const text = result.kind === 'failed' ? result.text : '';
    if (text !== '') this.#texts.push([index, text]);
  }

  poll(checkpoint: Checkpoint | undefined): InputResult | undefined {
    const engine = this.#engine;
    if (engine === undefined || this.#termination !== undefined) return undefined;
    this.#ledger.beginEntry();
    this.#reader.begin(undefined);
    const result = this.#between('process_message() ', engine, () =>
      this.#role.poll?.(engine, checkpoint),
    );
    return result !== undefined && 'status' in result && !('kind' in result) ? result : undefined;
  }

  test(name: string, argument: number): TestResult {
    const engine = this.#engine;
    this.#ledger.beginEntry();
    const result =
      engine === undefined || this.#termination !== undefined
        ? undefined
        : this.#between(`${name}() `, engine, () => this.#role.test?.(engine, name, argument));
    if (result !== undefined && 'outputs' in result) return result;
    return { status: 1, error: this.#termination?.text ?? `${name}() not found`, outputs: [] };
  }

  /** A call that is no event; an end is noted. */
  #between<T extends object>(
    name: string,
    engine: Engine,
    call: () => T | CallResult | undefined,
  ): T | CallResult | undefined {
    let result: T | CallResult | undefined;
    try {
      result = call();
    } catch (error) {
      result = { kind: 'ended', ran: false, termination: internalEnd(name, error) };
    }
    this.#noteUse(engine);
    if (this.#gauge.exhausted) this.#termination = memoryTermination(name, this.#limits);
    else if (result !== undefined && 'kind' in result && result.kind === 'ended') {
      this.#termination = result.termination;
    }
    this.#writeRegisters();
    return result;
  }

  /** A refused allocation outside of the engine ends the sandbox however the guest took it. */
  #finish(engine: Engine, prefix: string, result: CallResult): CallResult {
    this.#noteUse(engine);
    if (!this.#gauge.exhausted) return result;
    const ran = result.kind !== 'ended' || result.ran;
    return { kind: 'ended', ran, termination: memoryTermination(prefix, this.#limits) };
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
    const texts = this.#texts;
    this.#texts = [];
    return {
      logs,
      ...(texts.length === 0 ? {} : { texts }),
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
      return packState(
        engine.globals(),
        new Set([...STANDARD_LIBRARIES, ...this.#modules.libraries.keys()]),
      );
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
