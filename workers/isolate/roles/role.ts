/**
 * What a sandbox is in the pipeline, seen from inside its isolate: the functions that its script finds, how an event calls
 * it, and what the results mean. One role per kind and flavour; no implementation here.
 *
 *   filter, Heka       in the runtime's own bundle, as thousands of isolates have it
 *   everything else    extensions, which an isolate gets when its sandbox is loaded
 */
import type { Checkpoint, SandboxSpec } from '../../../lib/protocol/batch.ts';
import type { HostCalls, InputResult, TestResult } from '../contract.ts';
import type { Engine, HostFunction, Library } from '../engine.ts';
import type { CallResult, LimitState } from '../host-api/call-result.ts';
import type { Injector } from '../host-api/injector.ts';
import type { LogBook } from '../host-api/log-book.ts';
import type { MessageReader } from '../host-api/message-reader.ts';
import type { Outbox } from '../host-api/outbox.ts';
import type { OutputBuffer } from '../host-api/output-buffer.ts';
import type { RandomSource } from '../host-api/random-source.ts';
import type { ObjectMemory } from '../modules/native-module.ts';

/** What a role is made of. */
export interface RoleParts {
  readonly spec: SandboxSpec;
  readonly reader: MessageReader;
  readonly output: OutputBuffer;
  readonly outbox: Outbox;
  /** Injects as a Heka filter does. */
  readonly injector: Injector;
  readonly random: RandomSource;
  readonly memory: ObjectMemory;
  readonly log: LogBook;
  readonly limits: LimitState;
  readonly host: HostCalls;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

/** A message as it lies in the mailbox. */
export interface InboundMessage {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** How often what it came from was injected. */
  readonly loopCount: number;
}

export interface Role {
  /** Names of base functions and library entries that are left out, such as "os.execute". */
  readonly removed: ReadonlySet<string>;
  /** Modules that `require` refuses with `module '%s' disabled`. */
  readonly disabledModules: ReadonlySet<string>;
  /** Every message is answered by its status; texts of failures go with the answers, not to the log. */
  readonly answers: boolean;
  /** Libraries that `require` finds beside the native modules, such as io. */
  readonly libraries?: ReadonlyMap<string, () => Library>;
  /** EngineOptions.additions. */
  readonly additions?: Readonly<Record<string, Readonly<Record<string, HostFunction>>>>;
  /** Before the script's first line. */
  install(engine: Engine): void;
  /** After the script's last line and the restored state. */
  loaded?(engine: Engine): void;
  /** `injections`: how many messages the call may inject. */
  message(engine: Engine, message: InboundMessage, injections: number): CallResult;
  timer(engine: Engine, ns: number, shutdown: boolean, injections: number): CallResult;
  /** Inputs: one call of process_message. */
  poll?(engine: Engine, checkpoint: Checkpoint | undefined): InputResult | CallResult;
  /** What native modules read of the current message; absent: as Heka's `read_message` has it. See ModuleParts.messageText. */
  messageText?(name: string, fieldIndex: number, arrayIndex: number): string | undefined;
  /** Unit tests: one call of `process` or `report`. */
  test?(engine: Engine, name: string, argument: number): TestResult | CallResult;
}

export type RoleFactory = (parts: RoleParts) => Role;
