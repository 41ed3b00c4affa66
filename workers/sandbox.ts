/**
 * The life of one sandbox on its isolate: loaded, entered in time slices, asked for its state, ended.
 * Whatever ends it ends it alone; what it injected before that was committed and is still delivered.
 *
 *   load ──▶ running ──step──▶ running … ──▶ ended (termination)
 *                └──────────── end ────────▶ ended (by request)
 *
 * One file, because load, step, end and usage share the same private state, and each keeps the others true.
 */
import { createHash } from 'node:crypto';
import type {
  Checkpoint,
  EngineName,
  Gauge,
  LineCount,
  LogLine,
  SandboxSpec,
  SandboxUsage,
  Termination,
} from '../lib/protocol/batch.ts';
import { errorText } from '../lib/protocol/errors.ts';
import type { EntryOutcome, IsolateSnapshot, SharedText } from '../native-limits/guest-isolate.ts';
import { callbacks, copyIn, GuestIsolate, share } from '../native-limits/guest-isolate.ts';
import { limits } from '../native-limits/limits.ts';
import type { ExtensionTexts } from './extension-texts.ts';
import type { InputResult, IsolateUsage, RunDetail, TestResult } from './isolate/contract.ts';
import { ENTRY_GLOBAL, EXTENSION_GLOBAL, HAS_DETAIL, RunStatus } from './isolate/contract.ts';
import type { Mailbox } from './isolate/mailbox.ts';
import { ANSWER_WIDTH, EVENT_WIDTH, EventKind, Register } from './isolate/mailbox.ts';
import type { ServiceValue } from './isolate/modules/native-module.ts';
import type { Compiled, CompileRequest } from './lua-compiler.ts';
import type { ModuleFinder } from './module-finder.ts';
import type { PatternSearch } from './pattern-search.ts';
import type { GuestServices } from './services/guest-service.ts';

const ENTRY_FUNCTIONS = ['load', 'run', 'poll', 'test', 'detail', 'preserve', 'usage'] as const;
/**
 * V8 bytes that stand for one byte of PUC Lua, at worst and with garbage; sets the backstop behind our own accounting.
 */
const BACKSTOP_FACTOR: Readonly<Record<EngineName, number>> = { interpreted: 10, compiled: 4 };
/**
 * Compiled code is several times as long as its source. What is more than the source is ours, not the guest's, up to this
 * many bytes.
 */
const CODE_ALLOWANCE_BYTES = 1024 * 1024;

/** Texts that may wait for their collection, bytes: what a collection costs is little beside reading as much. */
const TEXT_BYTES = 8 * 1024 * 1024;

export interface SandboxEnvironment {
  readonly snapshot: IsolateSnapshot;
  readonly mailbox: Mailbox;
  /** The mailbox's inbound area as a Buffer. */
  readonly inboundBytes: Buffer;
  /** Bytes that an isolate uses before its script runs. */
  readonly baseBytes: number;
  readonly modules: ModuleFinder;
  readonly patterns: PatternSearch;
  readonly compile: (request: CompileRequest) => Compiled;
  /** Texts of the runtime's extensions. */
  readonly extensions: ExtensionTexts;
  /** Operations that sandboxes with access to the machine may ask for. */
  readonly services: GuestServices | undefined;
  /** Words of ControlWord, in a thread of one input or output. */
  readonly control?: SharedArrayBuffer;
  /** Takes what an input injected in the middle of a call; false when the input is to stop. */
  readonly deliver?: (checkpoint: Checkpoint | undefined) => boolean;
  /** Longest time that an entry which runs no guest code may take: writing a state, say. */
  readonly serviceMs: number;
}

/** What one slice did. */
export interface StepResult {
  readonly status: number;
  readonly processed: number;
  readonly failed: number;
  readonly timers: number;
  readonly busyNs: number;
}

export class Sandbox {
  readonly spec: SandboxSpec;
  readonly #isolate: GuestIsolate;
  readonly #environment: SandboxEnvironment;
  #logs: LogLine[] = [];
  #termination: Termination | undefined;
  #lines: readonly LineCount[] | undefined;
  #wantsText = false;
  /** Texts of the last step's failures, by index of the answer. */
  #texts: readonly (readonly [number, string])[] = [];
  #committed = 0;
  /** Bytes of texts that were handed in since the last collection. */
  #textBytes = 0;
  #memoryMaximum = 0;
  #memoryUsed = 0;
  #instructions: Gauge;
  #output: Gauge;
  #memoryFactor = 1;
  #externalBytes = 0;
  /** Bytes of compiled code that are not the guest's. */
  #codeBytes = 0;
  /** The module source that was found last: what is compiled next is it, or the guest's own. */
  #moduleSource: string | undefined;
  /** Live bytes after the last collection. */
  #collectedBytes = 0;
  /** Digest of the state that was handed out last. */
  #lastState = '';

  constructor(spec: SandboxSpec, environment: SandboxEnvironment) {
    this.spec = spec;
    this.#environment = environment;
    this.#instructions = { used: 0, maximum: 0, limit: spec.limits.instructions };
    this.#output = { used: 0, maximum: 0, limit: spec.limits.outputBytes };
    this.#isolate = new GuestIsolate({
      snapshot: environment.snapshot,
      backstopBytes:
        spec.limits.memoryBytes * BACKSTOP_FACTOR[spec.engine] +
        environment.mailbox.shared.byteLength,
      entry: ENTRY_GLOBAL,
      functions: ENTRY_FUNCTIONS,
    });
    try {
      this.#load();
    } catch (error) {
      this.dispose(); // nobody else knows the isolate
      throw error;
    }
  }

  /** Instructions by source line so far, when it is profiled. */
  get lines(): readonly LineCount[] | undefined {
    return this.#lines;
  }

  /** Texts of the last step's failures, by index of the answer. */
  get failureTexts(): readonly (readonly [number, string])[] {
    return this.#texts;
  }

  /** Messages that it had committed since its start at the last answer, as a 32-bit integer that wraps. */
  get committed(): number {
    return this.#committed;
  }

  /** Why it ended, if a limit, an error or the script itself ended it. */
  get termination(): Termination | undefined {
    return this.#termination;
  }

  #load(): void {
    const { control, deliver, extensions, mailbox, modules, patterns, services } =
      this.#environment;
    mailbox.registers.fill(0);
    const host = callbacks({
      memory: (collect: boolean) => this.#liveBytes(collect),
      findModule: (name: string) => this.#findModule(name),
      random: () => modules.random(),
      compileLua: (source: string, chunkName: string, coroutines: boolean) =>
        this.#compile(source, chunkName, coroutines),
      search: (pattern: string, text: string) => patterns.search(pattern, text),
      extension: (name: string) => extensions.text(name),
      placeExtension: (name: string) => this.#placeExtension(name),
      service: (operation: string, ...args: ServiceValue[]) =>
        services?.call(operation, args) ?? {
          error: `${operation} is not for this kind of sandbox`,
        },
      deliver: (checkpoint: Checkpoint | undefined, logs: readonly LogLine[] = []) => {
        this.#logs.push(...logs);
        return deliver?.(checkpoint) ?? true;
      },
    });
    const { state, ...rest } = this.spec;
    const outcome = this.#isolate.enter(
      'load',
      [
        copyIn(state === undefined ? rest : { ...rest, state: new Uint8Array(state) }),
        share(mailbox.shared),
        copyIn(mailbox.sizes),
        host,
        control === undefined ? undefined : share(control),
      ],
      limits.startup.value,
    );
    if (outcome.kind === 'value') {
      this.#takeDetail(outcome.value as RunDetail); // the shape is the contract's
      this.#readUsage();
    } else this.#end(outcome, '', limits.startup.value);
    if (this.#termination !== undefined) this.dispose();
  }

  #placeExtension(name: string): boolean {
    const text = this.#environment.extensions.text(name);
    return text !== undefined && this.#isolate.place(EXTENSION_GLOBAL, text.toString());
  }

  #findModule(name: string): readonly [string, string] | string {
    const found = this.#environment.modules.find(this.spec.moduleDirectories, name);
    this.#moduleSource = typeof found === 'string' ? undefined : found[0];
    return found;
  }

  #compile(
    source: string,
    chunkName: string,
    coroutines: boolean,
  ): SharedText | readonly [error: string] {
    const lasting = isChunkOf(source, this.spec.script) || isChunkOf(source, this.#moduleSource);
    const compiled = this.#environment.compile({
      source,
      chunkName,
      coroutines,
      profile: this.spec.profile === true,
      lasting,
    });
    if ('error' in compiled) return [compiled.error];
    if (lasting) this.#codeBytes += Math.max(0, compiled.code.length - source.length);
    return compiled.code;
  }

  /** Live bytes above what an isolate costs without a script. */
  #liveBytes(collect: boolean): number {
    if (collect) this.collect();
    const ours = this.#environment.baseBytes + Math.min(this.#codeBytes, CODE_ALLOWANCE_BYTES);
    return Math.max(0, this.#isolate.usedBytes() - ours);
  }

  /**
   * Runs the events that were laid into the mailbox, from its nextEvent register on, for at most one time slice.
   * Never throws: an end is a status and `termination`.
   */
  step(): StepResult {
    const { registers, events } = this.#environment.mailbox;
    registers[Register.outLength] = 0;
    registers[Register.outCount] = 0;
    if (this.#termination !== undefined) {
      return { status: RunStatus.terminated, processed: 0, failed: 0, timers: 0, busyNs: 0 };
    }
    registers[Register.processed] = 0;
    registers[Register.failed] = 0;
    registers[Register.timers] = 0;
    registers[Register.wantsText] = 0;
    registers[Register.answers] = 0;
    this.#texts = [];
    registers[Register.instructionsMaximum] = this.#instructions.maximum;
    registers[Register.outputMaximum] = this.#output.maximum;
    const text = this.#wantsText ? this.#inboundText() : undefined;
    const timeoutMs = this.#callTimeoutMs(limits.slice.value);
    const started = process.hrtime.bigint();
    const outcome = this.#isolate.enter('run', [text, limits.slice.value], timeoutMs);
    if (text !== undefined) this.#dropTexts(text.length);
    const busyNs = Number(process.hrtime.bigint() - started);
    let status: number;
    if (outcome.kind === 'value') {
      const returned = Number(outcome.value);
      status = returned & (HAS_DETAIL - 1);
      if (returned >= HAS_DETAIL) this.#readDetail();
    } else {
      const next = registers[Register.nextEvent] ?? 0;
      const kind = events[next * EVENT_WIDTH] ?? EventKind.message;
      this.#countUpTo(next);
      this.#end(
        outcome,
        kind === EventKind.message ? 'process_message' : 'timer_event',
        this.spec.limits.callMs,
      );
      status = RunStatus.terminated;
    }
    this.#wantsText = registers[Register.wantsText] === 1;
    const answered = registers[Register.answers] ?? 0;
    if (answered > 0) {
      const last = (answered - 1) * ANSWER_WIDTH + 1;
      this.#committed = this.#environment.mailbox.answers[last] ?? 0;
    }
    this.#readRegisters();
    if (this.#termination !== undefined) {
      status = RunStatus.terminated;
      this.dispose();
    }
    return {
      status,
      processed: registers[Register.processed] ?? 0,
      failed: registers[Register.failed] ?? 0,
      timers: registers[Register.timers] ?? 0,
      busyNs,
    };
  }

  /** Sandboxes that may wait for the machine have no limit on the wall clock: they are told to stop instead. */
  #callTimeoutMs(extraMs: number): number | undefined {
    const { kind, limits: own } = this.spec;
    return kind === 'input' || kind === 'output' ? undefined : own.callMs + extraMs;
  }

  /** One call of an input's process_message; undefined when the sandbox ended. */
  poll(checkpoint: Checkpoint | undefined): InputResult | undefined {
    return this.#call<InputResult | undefined>('poll', [checkpoint], 'process_message');
  }

  /** A call of the unit test interface; undefined when the sandbox ended in the middle. */
  test(name: string, argument: number): TestResult | undefined {
    return this.#call<TestResult>('test', [name, argument], name);
  }

  #call<T>(entry: 'poll' | 'test', args: readonly unknown[], name: string): T | undefined {
    if (this.#termination !== undefined) return undefined;
    const { registers } = this.#environment.mailbox;
    registers[Register.outLength] = 0;
    registers[Register.outCount] = 0;
    registers[Register.instructionsMaximum] = this.#instructions.maximum;
    registers[Register.outputMaximum] = this.#output.maximum;
    const outcome = this.#isolate.enter(entry, args, this.#callTimeoutMs(0));
    if (outcome.kind === 'value') this.#readDetail();
    else this.#end(outcome, name, this.spec.limits.callMs);
    this.#readRegisters();
    if (this.#termination !== undefined) this.dispose();
    return outcome.kind === 'value' ? (outcome.value as T) : undefined; // the contract's shape
  }

  /**
   * The text of a batch lies outside of V8's heap, and V8 is in no hurry to free it as long as the guest makes little of its
   * own.
   */
  #dropTexts(bytes: number): void {
    this.#textBytes += bytes;
    if (this.#textBytes < TEXT_BYTES) return;
    this.#textBytes = 0;
    this.#isolate.collect();
  }

  /** An entry that did not return wrote no counts: what it ran is what lies before the event that ended it. */
  #countUpTo(next: number): void {
    const { registers, events } = this.#environment.mailbox;
    let messages = 0;
    for (let i = 0; i < next; i++) {
      if (events[i * EVENT_WIDTH] === EventKind.message) messages++;
    }
    registers[Register.processed] = messages;
    registers[Register.timers] = next - messages;
  }

  /** The inbound bytes as one byte string; the isolate cuts its fields out of it. */
  #inboundText(): string {
    const { registers, events } = this.#environment.mailbox;
    const count = registers[Register.eventCount] ?? 0;
    let end = 0;
    for (let i = 0; i < count; i++) {
      if (events[i * EVENT_WIDTH] === EventKind.message) end = events[i * EVENT_WIDTH + 2] ?? end;
    }
    return this.#environment.inboundBytes.toString('latin1', 0, end);
  }

  #readRegisters(): void {
    const { registers } = this.#environment.mailbox;
    this.#instructions = {
      used: registers[Register.instructionsUsed] ?? 0,
      maximum: registers[Register.instructionsMaximum] ?? 0,
      limit: this.spec.limits.instructions,
    };
    this.#output = {
      used: registers[Register.outputUsed] ?? 0,
      maximum: registers[Register.outputMaximum] ?? 0,
      limit: this.spec.limits.outputBytes,
    };
    this.#externalBytes = registers[Register.externalBytes] ?? 0;
  }

  #readUsage(): void {
    if (this.#isolate.disposed) return;
    const outcome = this.#isolate.enter('usage', [], this.#environment.serviceMs);
    if (outcome.kind !== 'value') return; // load failed before there was anything to count
    const usage = outcome.value as IsolateUsage; // the shape is the contract's
    this.#instructions = usage.instructions;
    this.#output = usage.output;
    this.#memoryFactor = usage.memoryFactor;
    this.#externalBytes = usage.externalBytes;
  }

  #readDetail(): void {
    const outcome = this.#isolate.enter('detail', [], this.#environment.serviceMs);
    if (outcome.kind === 'value') this.#takeDetail(outcome.value as RunDetail);
    else this.#end(outcome, 'process_message', this.#environment.serviceMs);
  }

  #takeDetail(detail: RunDetail): void {
    this.#logs.push(...detail.logs);
    this.#texts = detail.texts ?? [];
    this.#termination ??= detail.termination;
    this.#lines = detail.lines ?? this.#lines;
  }

  /** Turns an entry that did not return into a termination with upstream's wording. The isolate is not entered again. */
  #end(outcome: Exclude<EntryOutcome, { kind: 'value' }>, call: string, limitMs: number): void {
    if (this.#termination !== undefined) return; // the first reason counts
    const memory = this.spec.limits.memoryBytes;
    const prefix = call === '' ? '' : `${call}() `;
    switch (outcome.kind) {
      case 'timeout':
        this.#termination = {
          code: 'HKT_SANDBOX_TIME',
          text: `${prefix}exceeded its wall clock limit of ${limitMs} ms`,
          limit: limitMs,
          used: limitMs,
        };
        break;
      case 'memory':
        this.#termination = {
          code: 'HKT_SANDBOX_MEMORY',
          text: `${prefix}not enough memory`,
          limit: memory,
          used: memory,
        };
        break;
      case 'fault':
        this.#termination = {
          code: 'HKT_SANDBOX_INTERNAL',
          text: `internal fault in the sandbox runtime: ${outcome.text}`,
          limit: 0,
          used: 0,
        };
        break;
      default:
        outcome satisfies never;
    }
  }

  /** Ends it with a reason that the shard found, such as a broken delivery. */
  terminate(termination: Termination): void {
    this.#termination ??= termination;
    this.dispose();
  }

  /** Memory, instructions and output as used / maximum / limit. Measures the heap: about 3 µs. */
  usage(): SandboxUsage {
    if (!this.#isolate.disposed) {
      this.#memoryUsed = this.#memoryBytes(false);
      // Garbage counts until it is collected. More than the limit can only be garbage: the guest was measured as it ran.
      if (this.#memoryUsed > this.spec.limits.memoryBytes)
        this.#memoryUsed = this.#memoryBytes(true);
    }
    this.#memoryMaximum = Math.max(this.#memoryMaximum, this.#memoryUsed);
    return {
      memory: {
        used: this.#memoryUsed,
        maximum: this.#memoryMaximum,
        limit: this.spec.limits.memoryBytes,
      },
      instructions: this.#instructions,
      output: this.#output,
    };
  }

  /** Adds a line of the shard's own. */
  log(line: LogLine): void {
    this.#logs.push(line);
  }

  /** The guest's memory in PUC-equivalent bytes. */
  #memoryBytes(collect: boolean): number {
    const heap = this.#liveBytes(collect) - this.#externalBytes;
    return Math.round(Math.max(0, heap) / this.#memoryFactor + this.#externalBytes);
  }

  takeLogs(): readonly LogLine[] {
    const logs = this.#logs;
    this.#logs = [];
    return logs;
  }

  /** The state if it changed since the last call, nothing if it did not, or why it cannot be written. */
  preserve(): { readonly state?: Uint8Array; readonly error?: string } {
    if (this.#isolate.disposed) return {};
    const { serviceMs } = this.#environment;
    try {
      const outcome = this.#isolate.enter('preserve', [], serviceMs);
      if (outcome.kind !== 'value') {
        // Its next event tells of the end.
        this.#end(outcome, '', serviceMs);
        this.dispose();
        return { error: `preserving the state failed: ${this.#termination?.text ?? outcome.kind}` };
      }
      if (typeof outcome.value === 'string') return { error: outcome.value };
      const state = outcome.value as Uint8Array; // the contract: bytes or an error text
      const digest = createHash('sha256').update(state).digest('base64');
      if (digest === this.#lastState) return {};
      this.#lastState = digest;
      return { state };
    } catch (error) {
      return { error: errorText(error) };
    }
  }

  /** True when its isolate is gone. */
  get ended(): boolean {
    return this.#isolate.disposed;
  }

  /** Heap and external bytes of the isolate, garbage included. */
  heapBytes(): number {
    return this.#isolate.usedBytes();
  }

  /** A full collection; used before figures that should not count garbage. */
  collect(): void {
    this.#isolate.collect();
    this.#collectedBytes = this.#isolate.usedBytes();
  }

  /** Bytes in use beyond those after the last collection: garbage, mostly, when the sandbox is idle. */
  get grownBytes(): number {
    return this.#isolate.usedBytes() - this.#collectedBytes;
  }

  dispose(): void {
    this.#environment.services?.close();
    this.#isolate.dispose();
  }
}

/** Is this what is compiled of a file: all of it, or what follows a first line that begins with '#'? */
function isChunkOf(source: string, file: string | undefined): boolean {
  if (file === undefined || source === file) return file !== undefined;
  if (!file.startsWith('#')) return false;
  const end = file.indexOf('\n');
  return source === file.slice(end) || source === file.slice(end + 1);
}
