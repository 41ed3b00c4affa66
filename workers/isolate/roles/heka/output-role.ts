/**
 * SandboxOutput: reads messages and writes them wherever it likes, with io and sockets, in a thread of its own (Heka 0.11).
 */
import type { Engine, GuestOutcome } from '../../engine.ts';
import { type CallResult, processResult, timerResult } from '../../host-api/call-result.ts';
import { print, readConfig } from '../../host-api/heka-api.ts';
import { decodeMessage } from '../../host-api/message-decoder.ts';
import { type MachineLibraries, machineLibraries } from '../machine-libraries.ts';
import type { InboundMessage, Role, RoleParts } from '../role.ts';
import { MACHINE_REMOVED } from './input-role.ts';

const NONE: ReadonlySet<string> = new Set();

class OutputRole implements Role {
  readonly removed = MACHINE_REMOVED;
  readonly disabledModules = NONE;
  readonly answers = true;
  readonly libraries: MachineLibraries['libraries'];
  readonly additions: MachineLibraries['additions'];
  readonly #parts: RoleParts;
  readonly #machine: MachineLibraries;
  #engine: Engine | undefined;

  constructor(parts: RoleParts) {
    this.#parts = parts;
    this.#machine = machineLibraries({
      host: parts.host,
      stringLimit: parts.spec.limits.memoryBytes,
      engine: () => {
        if (this.#engine === undefined) throw new Error('no engine yet');
        return this.#engine;
      },
    });
    this.libraries = this.#machine.libraries;
    this.additions = this.#machine.additions;
  }

  install(engine: Engine): void {
    const { log, output, reader, spec } = this.#parts;
    this.#engine = engine;
    engine.setGlobal('read_config', (args) => readConfig(args, spec.config));
    engine.setGlobal('read_message', reader.readMessage);
    engine.setGlobal('read_next_field', reader.readNextField);
    engine.setGlobal('decode_message', (args) => decodeMessage(args, () => engine.createTable()));
    engine.setGlobal('print', (args) => print(args, engine, output, log));
    engine.call('require', ['coroutine']);
  }

  message(engine: Engine, message: InboundMessage): CallResult {
    const { limits, reader } = this.#parts;
    reader.open(message.bytes, message.start, message.end);
    let outcome: GuestOutcome;
    try {
      outcome = engine.call('process_message', []);
    } finally {
      reader.close();
    }
    this.#machine.flush();
    return processResult(outcome, limits);
  }

  timer(engine: Engine, ns: number, shutdown: boolean): CallResult {
    const outcome = engine.call('timer_event', [ns, shutdown]);
    this.#machine.flush();
    return timerResult(outcome, this.#parts.limits);
  }
}

export function createRole(parts: RoleParts): Role {
  return new OutputRole(parts);
}
