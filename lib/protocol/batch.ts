/**
 * What crosses between the router and a shard, as msgpack: tasks one way, answers the other.
 *
 * A batch holds all messages' bytes back to back and, for each sandbox, the events that it gets, in order:
 *
 *   bytes    │ message 0 │ message 1 │ message 2 │          offsets [0, e0, e1, e2]
 *   sandbox 7: events [0, 2]          two messages
 *   sandbox 9: events [1, -1]         a message, then timer 0 (−1 − index)
 *
 * A shard answers every batch with exactly one report, which holds what the batch caused, in order. What would make a
 * report too long or too late stays in the shard and is reported by the batches after it.
 */
import { Packr } from 'msgpackr';
import { HekateError } from './errors.ts';

export const BATCH_PROTOCOL_VERSION = 1;

/** How Lua is run: by fengari's interpreter, or compiled to JavaScript. */
export type EngineName = 'interpreted' | 'compiled';

/** What runs a sandbox whose configuration does not say. */
export const DEFAULT_ENGINE: EngineName = 'compiled';

/** A timer_event that is due. */
export interface Timer {
  readonly ns: number;
  readonly shutdown: boolean;
}

export interface Batch {
  readonly version: number;
  readonly kind: 'batch';
  /** Which life of the shard's thread the sender believes in. */
  readonly generation: number;
  readonly sequence: number;
  readonly bytes: Uint8Array;
  /** n + 1 offsets into `bytes`. */
  readonly offsets: Uint32Array;
  /** Loop count of each message. */
  readonly loops: Uint8Array;
  /** Stream id and position in it of each message. */
  readonly streams: Uint32Array;
  readonly positions: Float64Array;
  readonly timers: readonly Timer[];
  readonly deliveries: readonly Delivery[];
}

export interface Delivery {
  readonly sandbox: number;
  /** ≥ 0: index of a message; < 0: −1 − index of a timer. */
  readonly events: Int32Array;
}

/**
 * What a sandbox is in the pipeline. Filters are lua_sandbox's analysis plugins; `unit` is a module's test: it has
 * `process`, `report` and whatever is installed.
 */
export type SandboxKind = 'filter' | 'decoder' | 'encoder' | 'input' | 'output' | 'unit';

/** Whose host functions a script sees: Heka's, or lua_sandbox 1.x's (Hindsight). */
export type ApiFlavour = 'heka' | 'lsb';

/** What a sandbox may use of the machine: only inputs and outputs have any of it, and unit tests of their modules. */
export interface SandboxAccess {
  /** Folder below which files may be used, and where relative paths start. */
  readonly root: string;
  /** The daemon's own folder: what lies in it is hidden, but for a root of its own there. */
  readonly hidden?: string;
  /** Sockets may be opened. */
  readonly network: boolean;
}

/** How far an input has come: whatever the script gave with its last message. */
export type Checkpoint = string | number;

/** Limits of one sandbox, all in force; 0 was replaced by the cap. */
export interface SandboxLimits {
  readonly memoryBytes: number;
  readonly instructions: number;
  readonly outputBytes: number;
  readonly callMs: number;
  readonly processInject: number;
  readonly timerInject: number;
  readonly messageLoops: number;
  readonly messageBytes: number;
}

export type GuestConfigValue =
  | string
  | number
  | boolean
  | readonly GuestConfigValue[]
  | { readonly [key: string]: GuestConfigValue };

/** Everything a shard needs to start a sandbox. Strings for the guest are byte strings (latin1). */
export interface SandboxSpec {
  readonly id: number;
  /** Full plugin name, such as "PlatformDevs-Example"; also the Logger of what it injects. */
  readonly name: string;
  readonly kind: SandboxKind;
  /** The script is compiled, not run, and nothing of the sandbox is left: `hekate check`. */
  readonly compileOnly?: boolean;
  /** Instructions are counted by source line. */
  readonly profile?: boolean;
  readonly engine: EngineName;
  readonly api: ApiFlavour;
  /** Lua source as a byte string. */
  readonly script: string;
  /** Shown in error positions, without '@'. */
  readonly chunkName: string;
  /** Folders that `require` searches. */
  readonly moduleDirectories: readonly string[];
  /** Native modules that `require` finds; default: those that filters have. */
  readonly nativeModules?: readonly string[];
  /** Why a module that exists is not to be had: its name, and the text of the error. */
  readonly refusedModules?: { readonly [name: string]: string };
  /** Modules that `require` refuses, beside those that the kind may not have. */
  readonly disabledModules?: readonly string[];
  /** Entries taken out of modules ("" is the base library), beside those that the kind may not have. */
  readonly removedEntries?: { readonly [module: string]: readonly string[] };
  readonly access?: SandboxAccess;
  readonly config: { readonly [key: string]: GuestConfigValue };
  readonly limits: SandboxLimits;
  /** The filter's own matcher, for the guard against self-injection; "" for none. */
  readonly matcher: string;
  readonly hostname: string;
  readonly pid: number;
  /** True when the sandbox's state is wanted at checkpoints and at the end. */
  readonly preserve: boolean;
  /** State to restore after the top level ran. */
  readonly state?: Uint8Array;
}

/** A limit as the operator sees it. */
export interface Gauge {
  readonly used: number;
  readonly maximum: number;
  readonly limit: number;
}

export interface SandboxUsage {
  /** Bytes, in PUC-equivalent terms (see the engine's memory factor). */
  readonly memory: Gauge;
  readonly instructions: Gauge;
  readonly output: Gauge;
}

/** Why a sandbox ended. A limit breach is this value, not an exception. */
export interface Termination {
  readonly code: string;
  /** Upstream's text, such as "process_message() instruction_limit exceeded". */
  readonly text: string;
  readonly limit: number;
  readonly used: number;
  /** Where an error of the script was raised: lines that begin with "stack traceback:". */
  readonly traceback?: string;
}

/** Instructions that one source line used, its part of native calls included. */
export interface LineCount {
  /** As in error positions. */
  readonly chunk: string;
  readonly line: number;
  readonly instructions: number;
}

export interface LogLine {
  /** Syslog severity: 7 for print, 3 for errors. */
  readonly level: number;
  readonly text: string;
}

/** What one batch did to one sandbox. */
export interface SandboxResult {
  readonly sandbox: number;
  /** process_message calls that returned, and how many of them returned a negative status. */
  readonly processed: number;
  readonly failed: number;
  readonly timers: number;
  /** Messages of the delivery that were not processed because the sandbox ended. */
  readonly skipped: number;
  /** Time inside the isolate, nanoseconds. */
  readonly busyNs: number;
  readonly usage: SandboxUsage;
  readonly logs: readonly LogLine[];
  readonly termination?: Termination;
  /** Counts since the start, for a sandbox that is profiled. */
  readonly lines?: readonly LineCount[];
  /** For kinds whose messages are answered one by one. */
  readonly answers?: MessageAnswers;
}

/** What became of each message that was processed, in order. */
export interface MessageAnswers {
  /** Status that process_message returned. */
  readonly statuses: Int32Array;
  /**
   * How many messages the sandbox had committed since its start by the end of each call, as a 32-bit integer that wraps.
   * They may be in this report or in a later one.
   */
  readonly ends: Int32Array;
  /** Texts of statuses below 0, by index into `statuses`. */
  readonly texts: readonly (readonly [index: number, text: string])[];
}

export interface Report {
  readonly version: number;
  readonly kind: 'report';
  readonly generation: number;
  readonly sequence: number;
  /**
   * True when the shard stopped before all was run, because a report is bounded in bytes and time. The rest is run
   * by the next batch before its own deliveries; until then nothing but an empty batch is to be sent.
   */
  readonly unfinished: boolean;
  readonly results: readonly SandboxResult[];
  /** Injected messages back to back, in the order in which they were committed. */
  readonly bytes: Uint8Array;
  /** n + 1 offsets into `bytes`. */
  readonly offsets: Uint32Array;
  readonly loops: Uint8Array;
  /** Which sandbox injected each message. */
  readonly sources: Uint32Array;
}

export interface LoadTask {
  readonly version: number;
  readonly kind: 'load';
  readonly generation: number;
  readonly spec: SandboxSpec;
}

export interface LoadAnswer {
  readonly version: number;
  readonly kind: 'loaded';
  readonly generation: number;
  readonly sandbox: number;
  readonly usage: SandboxUsage;
  readonly logs: readonly LogLine[];
  /** Set when the sandbox could not start; nothing of it is left on the shard then. */
  readonly failure?: Termination;
}

/** Asks for states (checkpoint), and ends the sandboxes when `end` is set. */
export interface StateTask {
  readonly version: number;
  readonly kind: 'state';
  readonly generation: number;
  readonly sandboxes: readonly number[];
  readonly end: boolean;
}

export interface StateAnswer {
  readonly version: number;
  readonly kind: 'states';
  readonly generation: number;
  /** States that changed since the last answer; a sandbox whose state cannot be written has an error. */
  readonly states: readonly {
    readonly sandbox: number;
    readonly state?: Uint8Array;
    readonly error?: string;
  }[];
}

/** Calls an input's process_message once; the call may go on for ever. */
export interface PollTask {
  readonly version: number;
  readonly kind: 'poll';
  readonly generation: number;
  readonly sandbox: number;
  readonly checkpoint?: Checkpoint;
}

/** The call returned, or the sandbox ended. */
export interface PollAnswer {
  readonly version: number;
  readonly kind: 'polled';
  readonly generation: number;
  readonly sandbox: number;
  /** What process_message returned; absent when the sandbox ended. */
  readonly status?: number;
  readonly text?: string;
  readonly usage: SandboxUsage;
  readonly logs: readonly LogLine[];
  readonly termination?: Termination;
}

/** What an input injected during a call, through its own port. */
export interface Delivered {
  readonly version: number;
  readonly kind: 'delivered';
  readonly generation: number;
  readonly sandbox: number;
  /** Messages back to back, and n + 1 offsets. */
  readonly bytes: Uint8Array;
  readonly offsets: Uint32Array;
  /** The input has come so far with the last of these messages. */
  readonly checkpoint?: Checkpoint;
  readonly logs: readonly LogLine[];
}

/** A call of the unit test interface: `process(argument)` or `report(argument)`. */
export interface TestTask {
  readonly version: number;
  readonly kind: 'test';
  readonly generation: number;
  readonly sandbox: number;
  readonly call: 'process' | 'report';
  readonly argument: number;
}

export interface TestAnswer {
  readonly version: number;
  readonly kind: 'tested';
  readonly generation: number;
  readonly sandbox: number;
  readonly status: number;
  /** The last error, "" for none. */
  readonly error: string;
  /** What write_output handed over, call by call. */
  readonly outputs: readonly string[];
  readonly usage: SandboxUsage;
  readonly logs: readonly LogLine[];
  readonly termination?: Termination;
}

export type ShardTask = Batch | LoadTask | StateTask | PollTask | TestTask;
export type ShardAnswer = Report | LoadAnswer | StateAnswer | PollAnswer | TestAnswer;

const packr = new Packr({ moreTypes: true, useRecords: false, int64AsType: 'number' });

/** Encodes a task or an answer into bytes of their own. */
export function packEnvelope(value: ShardTask | ShardAnswer | Delivered): Uint8Array<ArrayBuffer> {
  // A copy: msgpackr's result is a part of its shared buffer, and what is sent is transferred.
  return new Uint8Array(packr.pack(value));
}

/** Decodes and checks the version. Both ends are our own threads, so the shape is the sender's type. */
export function unpackEnvelope<T extends ShardTask | ShardAnswer | Delivered>(
  bytes: Uint8Array,
): T {
  const value = packr.unpack(bytes) as T;
  if (value.version !== BATCH_PROTOCOL_VERSION) {
    throw new HekateError('HKT_BATCH_VERSION', [String(value.version), BATCH_PROTOCOL_VERSION]);
  }
  return value;
}
