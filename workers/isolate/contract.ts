/**
 * What a shard may call inside an isolate, and what the isolate may call outside. The bundle sets one object of this
 * shape on the isolate's global; the shard takes references to its functions and nothing else.
 * Everything that crosses is plain data; the hot path is `run`, once per slice of a batch.
 */
import type {
  Checkpoint,
  Gauge,
  LineCount,
  LogLine,
  SandboxSpec,
  Termination,
} from '../../lib/protocol/batch.ts';
import type { MailboxSizes } from './mailbox.ts';
import type { ServiceValue } from './modules/native-module.ts';

/** Functions of the shard, as synchronous callbacks. */
export interface HostCalls {
  /**
   * The sandbox's live bytes (V8 heap and external, less the measured base). With `collect` a full garbage
   * collection runs first. About 3 µs without.
   */
  readonly memory: (collect: boolean) => number;
  /** Source text of a module (byte string) and its path, or the error text of `require`. */
  readonly findModule: (name: string) => readonly [string, string] | string;
  /** 16 random bytes as a byte string, to seed the UUID generator. */
  readonly random: () => string;
  /**
   * Compiles a chunk in the thread's compiler: its JavaScript, or the error's text in an array. Byte strings both. Code
   * of 1 KiB and more is memory that all isolates share, as long as nothing is appended to it or cut out of it. Takes
   * as long as the compiler's own limit lets it, and does not count as an instruction.
   */
  readonly compileLua: (
    source: string,
    chunkName: string,
    coroutines: boolean,
  ) => string | readonly [error: string];
  /**
   * JavaScript of an extension of the runtime: a native module, or what one kind of sandbox has. An expression whose value
   * is a function of the shared parts (see extension.ts); undefined when there is none of that name. Memory that all
   * isolates share.
   */
  readonly extension: (name: string) => string | undefined;
  /** As extension, for an isolate that may not make code from strings: leaves the value on the global. */
  readonly placeExtension: (name: string) => boolean;
  /**
   * An operation outside of the isolate, for kinds that have access to the machine: files, sockets, compression, clocks that
   * wait. Its results, or the text of its error in an object. For inputs an operation that would have to wait fails with
   * WAIT_FIRST, and waits when it is asked for again.
   */
  readonly service: (
    operation: string,
    ...args: ServiceValue[]
  ) => readonly ServiceValue[] | { readonly error: string };
  /** Inside the isolate of an input: `handOver` is called before every operation, and once more when it is going to wait. */
  readonly onService?: (handOver: (waits: boolean) => void) => void;
  /**
   * For inputs: takes what was committed to the outbound area, in the middle of a call, with the checkpoint that goes with
   * it, and what was logged. Waits while the pipeline is full. False when the sandbox is to stop.
   */
  readonly deliver: (checkpoint: Checkpoint | undefined, logs?: readonly LogLine[]) => boolean;
  /** Does a regular expression of the matcher, in RE2's syntax, match somewhere in a byte string? About 2 µs. */
  readonly search: (pattern: string, text: string) => boolean;
}

/** The error of an operation that did nothing yet, because it has to wait: see HostCalls.service. */
export const WAIT_FIRST = '\0wait';

/** The error of an operation that waited until the guest was ended: it ends at its next safepoint. */
export const STOPPED = 'stopped';

/** How `run` ended. */
export const RunStatus = {
  /** All events were run. */
  done: 0,
  /** The time slice is over; enter again. */
  slice: 1,
  /** The outbound area is full; take what is there, enter again. */
  outboundFull: 2,
  /** The sandbox ended; `detail().termination` says why. */
  terminated: 3,
  /** An output asks for the message at nextEvent again, after a second. */
  retry: 4,
} as const;

export interface LoadResult {
  readonly termination?: Termination;
  readonly logs: readonly LogLine[];
}

/** Everything that is not numbers: asked for when `run` says so. */
export interface RunDetail {
  readonly logs: readonly LogLine[];
  readonly termination?: Termination;
  /** For a sandbox that is profiled: counts since the start. */
  readonly lines?: readonly LineCount[];
  /** Texts of statuses below 0, by index of the answer. */
  readonly texts?: readonly (readonly [answer: number, text: string])[];
}

/** How one call of an input's process_message ended. */
export interface InputResult {
  readonly status: number;
  readonly text?: string;
}

/** What only the isolate knows about its use. */
export interface IsolateUsage {
  readonly instructions: Gauge;
  readonly output: Gauge;
  /** Engine.memoryFactor: heap bytes that stand for one byte of PUC Lua. */
  readonly memoryFactor: number;
  /** Bytes of host objects, counted as they are. */
  readonly externalBytes: number;
}

export interface IsolateEntry {
  /**
   * Starts the sandbox: environment, script, restored state. Called once. `state` is what `preserve` returned earlier.
   */
  load(
    spec: SandboxSpec,
    shared: SharedArrayBuffer,
    sizes: MailboxSizes,
    host: HostCalls,
    /** Words of batch.ts's ControlWord, for inputs and outputs. */
    control?: SharedArrayBuffer,
  ): LoadResult;
  /**
   * Runs events from `nextEvent` on. Returns a RunStatus, plus 16 when `detail()` has something to say.
   * `text` is the inbound bytes as a byte string, or undefined; `sliceMs` ends the entry between two events.
   */
  run(text: string | undefined, sliceMs: number): number;
  detail(): RunDetail;
  /**
   * Inputs only: calls process_message with the last checkpoint. Returns when it returns, which may be never; what it
   * injects leaves by `deliver` meanwhile. Undefined when the sandbox ended: see `detail`.
   */
  poll(checkpoint: Checkpoint | undefined): InputResult | undefined;
  /** Unit tests only: calls `process` or `report` with a number. */
  test(name: string, argument: number): TestResult;
  /** The preserved state, or the error text. */
  preserve(): Uint8Array | string;
  usage(): IsolateUsage;
}

/** What the shard calls inside the compiler's isolate. */
export interface CompilerEntry {
  /** A chunk's JavaScript, or the error's text in an array. */
  compile(
    source: string,
    chunkName: string,
    coroutines: boolean,
    profile: boolean,
  ): string | readonly [error: string];
}

/** What a call of the unit test interface gave: its status and text, and what it wrote. */
export interface TestResult {
  readonly status: number;
  /** The last error, "" for none. */
  readonly error: string;
  /** What write_output handed over, call by call. */
  readonly outputs: readonly string[];
}

export const HAS_DETAIL = 16;
/** Where the host leaves an extension for an isolate that may not make code from strings. */
export const EXTENSION_GLOBAL = 'hekateExtension';
/** Name of the entry object on the isolate's global. */
export const ENTRY_GLOBAL = 'hekateEntry';
