/**
 * An input of lua_sandbox 1.x: process_message(checkpoint) makes messages until it returns, once, at intervals, or never, and
 * says with them how far it has come. Told to stop it sees is_running() be false; ended by force it is at no fault.
 */
import type { Checkpoint } from '../../../../lib/protocol/batch.ts';
import type { InputResult } from '../../contract.ts';
import type { Engine } from '../../engine.ts';
import { type CallResult, failedCall } from '../../host-api/call-result.ts';
import { InjectionOutlet } from '../injection-outlet.ts';
import type { MachineLibraries } from '../machine-libraries.ts';
import type { Role, RoleParts } from '../role.ts';
import { InputInjection } from './input-injection.ts';
import { LsbApi, MACHINE_REMOVED } from './lsb-api.ts';
import { installMemory, lsbMachine } from './machine.ts';
import { createStreamReader } from './stream-reader.ts';

class InputRole implements Role {
  readonly removed = MACHINE_REMOVED;
  readonly disabledModules: ReadonlySet<string> = new Set();
  readonly answers = false;
  readonly libraries: MachineLibraries['libraries'];
  readonly additions: MachineLibraries['additions'];
  readonly #api: LsbApi;
  readonly #machine: MachineLibraries;
  readonly #outlet: InjectionOutlet;
  readonly #injection: InputInjection;
  #loaded = false;

  constructor(parts: RoleParts) {
    this.#api = new LsbApi(parts);
    this.#machine = lsbMachine(parts, () => this.#api.engine, false);
    this.libraries = this.#machine.libraries;
    this.additions = this.#machine.additions;
    const outlet = new InjectionOutlet(parts.outbox, parts.host, parts.clock);
    this.#outlet = outlet;
    this.#injection = new InputInjection(this.#api, {
      message: (bytes, length, checkpoint) => outlet.send(bytes, length, checkpoint),
      checkpoint: (checkpoint) => outlet.moveTo(checkpoint),
    });
  }

  install(engine: Engine): void {
    const { configuration, parts } = this.#api;
    this.#api.install(engine);
    installMemory(engine, parts);
    engine.setGlobal('inject_message', this.#injection.injectMessage);
    engine.setGlobal('is_running', () => this.#outlet.deliver() && this.#loaded);
    engine.setGlobal('create_stream_reader', (args) =>
      createStreamReader(args, {
        messageBytes: configuration.messageBytes,
        memory: parts.memory,
      }),
    );
    // As upstream: there until the script is loaded.
    engine.setGlobal('output', this.#api.appendOutput);
  }

  loaded(engine: Engine): void {
    engine.setGlobal('output', undefined);
    this.#loaded = true;
    this.#leave();
  }

  poll(engine: Engine, checkpoint: Checkpoint | undefined): InputResult | CallResult {
    const outcome = engine.call('process_message', [checkpoint]);
    this.#leave();
    if (outcome.kind === 'stopped') return { status: 0 };
    const result = this.#api.processResult(outcome);
    if (result.kind === 'ended') return result;
    const text = outcome.kind === 'returned' ? outcome.values[1] : undefined;
    const status = result.kind === 'failed' ? result.status : 0;
    return typeof text === 'string' && text !== '' ? { status, text } : { status };
  }

  /** Nothing may wait in here while no call runs. */
  #leave(): void {
    this.#machine.flush();
    this.#outlet.deliver();
  }

  message(): CallResult {
    return failedCall('process_message', { kind: 'missing' }, this.#api.parts.limits);
  }

  timer(): CallResult {
    return failedCall('timer_event', { kind: 'missing' }, this.#api.parts.limits);
  }

  messageText(name: string, fieldIndex: number, arrayIndex: number): string | undefined {
    return this.#api.reader.bytesOf(name, fieldIndex, arrayIndex);
  }
}

export function createRole(parts: RoleParts): Role {
  return new InputRole(parts);
}
