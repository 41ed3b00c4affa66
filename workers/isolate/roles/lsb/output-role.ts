/**
 * An output of lua_sandbox 1.x: reads messages and writes them wherever it likes, in a thread of its own. It may ask for a
 * message again, put it into a batch, or tell later what became of it; and it may inject messages.
 */
import type { Engine, GuestOutcome } from '../../engine.ts';
import type { CallResult } from '../../host-api/call-result.ts';
import { LogLevel } from '../../host-api/log-book.ts';
import type { MachineLibraries } from '../machine-libraries.ts';
import type { InboundMessage, Role, RoleParts } from '../role.ts';
import { Checkpoints } from './checkpoints.ts';
import { LsbApi, MACHINE_REMOVED } from './lsb-api.ts';
import { installMemory, lsbMachine } from './machine.ts';
import { createMessageMatcher } from './message-matcher.ts';
import { TableInjection } from './table-injection.ts';

const RETRY = -3;
const ASYNCHRONOUS = -5;
/** Messages that one call may inject, where upstream has no bound. */
const INJECTIONS = 10_000;
const NO_BUFFER = 'cannot use async checkpointing without a configured buffer';

class OutputRole implements Role {
  readonly removed = MACHINE_REMOVED;
  readonly disabledModules: ReadonlySet<string> = new Set();
  readonly answers = true;
  readonly libraries: MachineLibraries['libraries'];
  readonly additions: MachineLibraries['additions'];
  readonly #api: LsbApi;
  readonly #machine: MachineLibraries;
  readonly #injection: TableInjection;
  readonly #checkpoints: Checkpoints;
  readonly #asynchronous: boolean;
  /** Loop count of the message that was processed last; timer_event injects with it. */
  #loopCount = 0;

  constructor(parts: RoleParts) {
    this.#api = new LsbApi(parts);
    this.#machine = lsbMachine(parts, () => this.#api.engine, true);
    this.libraries = this.#machine.libraries;
    this.additions = this.#machine.additions;
    this.#injection = new TableInjection(this.#api);
    this.#checkpoints = new Checkpoints(parts.log);
    this.#asynchronous = (this.#api.configuration.number('async_buffer_size') ?? 0) > 0;
  }

  install(engine: Engine): void {
    const { parts, reader } = this.#api;
    this.#api.install(engine);
    installMemory(engine, parts);
    engine.setGlobal('read_message', reader.readMessage);
    engine.setGlobal('encode_message', this.#api.encodeMessage);
    engine.setGlobal('update_checkpoint', this.#checkpoints.update);
    engine.setGlobal('create_message_matcher', (args) => createMessageMatcher(args, this.#api));
    engine.setGlobal('inject_message', this.#injection.injectMessage);
    // As upstream: there until the script is loaded.
    engine.setGlobal('output', this.#api.appendOutput);
    this.#beginInjections();
    this.#injection.hold();
  }

  loaded(engine: Engine): void {
    engine.setGlobal('output', undefined);
    this.#machine.flush();
  }

  #beginInjections(): void {
    this.#injection.begin(INJECTIONS, this.#loopCount, this.#api.parts.spec.limits.memoryBytes);
  }

  message(engine: Engine, message: InboundMessage): CallResult {
    const { reader } = this.#api;
    this.#loopCount = message.loopCount;
    reader.open(message.bytes, message.start, message.end);
    let outcome: GuestOutcome;
    this.#beginInjections();
    try {
      outcome = engine.call('process_message', [this.#checkpoints.id]);
    } finally {
      this.#injection.end();
      reader.close();
    }
    this.#machine.flush();
    return this.#result(this.#api.processResult(outcome, INJECTIONS));
  }

  #result(result: CallResult): CallResult {
    if (result.kind === 'failed' && result.status === RETRY) {
      const { number } = this.#checkpoints.id;
      this.#api.parts.log.write(LogLevel.debug, `retry message ${number} err: ${result.text}`);
      return result;
    }
    this.#checkpoints.advance();
    if (result.kind !== 'failed' || result.status !== ASYNCHRONOUS || this.#asynchronous) {
      return result;
    }
    const termination = { code: 'HKT_SANDBOX_STATUS', text: NO_BUFFER, limit: 0, used: 0 };
    return { kind: 'ended', ran: true, termination };
  }

  timer(engine: Engine, ns: number, shutdown: boolean): CallResult {
    let outcome: GuestOutcome;
    this.#beginInjections();
    try {
      outcome = engine.call('timer_event', [ns, shutdown]);
    } finally {
      this.#injection.end();
    }
    this.#machine.flush();
    return this.#api.timerResult(outcome, shutdown);
  }

  messageText(name: string, fieldIndex: number, arrayIndex: number): string | undefined {
    return this.#api.reader.bytesOf(name, fieldIndex, arrayIndex);
  }
}

export function createRole(parts: RoleParts): Role {
  return new OutputRole(parts);
}
