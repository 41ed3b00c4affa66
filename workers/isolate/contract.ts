/**
 * What a shard may call inside an isolate, and what the isolate may call outside. The bundle sets one object of this
 * shape on the isolate's global; the shard takes references to its functions and nothing else.
 * Everything that crosses is plain data; the hot path is `run`, once per slice of a batch.
 */
import type {
  Gauge,
  LineCount,
  LogLine,
  SandboxSpec,
  Termination,
} from '../../lib/protocol/batch.ts';
import type { MailboxSizes } from './mailbox.ts';

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
  /** Does a regular expression of the matcher, in RE2's syntax, match somewhere in a byte string? About 2 µs. */
  readonly search: (pattern: string, text: string) => boolean;
}

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
  ): LoadResult;
  /**
   * Runs events from `nextEvent` on. Returns a RunStatus, plus 16 when `detail()` has something to say.
   * `text` is the inbound bytes as a byte string, or undefined; `sliceMs` ends the entry between two events.
   */
  run(text: string | undefined, sliceMs: number): number;
  detail(): RunDetail;
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

export const HAS_DETAIL = 16;
/** Name of the entry object on the isolate's global. */
export const ENTRY_GLOBAL = 'hekateEntry';
