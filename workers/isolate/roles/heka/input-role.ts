/**
 * SandboxInput: process_message makes messages of its own until it returns, once, at intervals, or never. Messages are
 * routed as the script made them (Heka 0.11).
 */
import type { Checkpoint } from '../../../../lib/protocol/batch.ts';
import { HekateError } from '../../../../lib/protocol/errors.ts';
import { ProtobufWriter } from '../../../../lib/protocol/protobuf-writer.ts';
import { latin1Bytes } from '../../../../lib/protocol/text.ts';
import type { InputResult } from '../../contract.ts';
import { type Engine, GuestError, type GuestValue } from '../../engine.ts';
import { type CallResult, failedCall, processResult } from '../../host-api/call-result.ts';
import { print, readConfig } from '../../host-api/heka-api.ts';
import { decodeMessage } from '../../host-api/message-decoder.ts';
import { EncodeError } from '../../host-api/message-encoder.ts';
import { OUTPUT_LIMIT_TEXT } from '../../host-api/output-buffer.ts';
import { InjectionOutlet } from '../injection-outlet.ts';
import { type MachineLibraries, machineLibraries } from '../machine-libraries.ts';
import type { Role, RoleParts } from '../role.ts';
import { encodePlain, itemsOf } from './plain-message.ts';

/** What Heka takes out of inputs and outputs; print goes to the log here. */
export const MACHINE_REMOVED: ReadonlySet<string> = new Set([
  'dofile',
  'load',
  'loadfile',
  'loadstring',
  'os.exit',
  'os.setlocale',
]);

const USAGE = 'inject_message() takes a single string or table argument';
const NONE: ReadonlySet<string> = new Set();

class InputRole implements Role {
  readonly removed = MACHINE_REMOVED;
  readonly disabledModules = NONE;
  readonly answers = false;
  readonly libraries: MachineLibraries['libraries'];
  readonly additions: MachineLibraries['additions'];
  readonly #parts: RoleParts;
  readonly #machine: MachineLibraries;
  readonly #outlet: InjectionOutlet;
  readonly #writer: ProtobufWriter;
  #engine: Engine | undefined;

  constructor(parts: RoleParts) {
    this.#parts = parts;
    this.#outlet = new InjectionOutlet(parts.outbox, parts.host, parts.clock);
    this.#writer = new ProtobufWriter(parts.outbox.maximumBytes);
    this.#machine = machineLibraries({
      host: parts.host,
      stringLimit: parts.spec.limits.memoryBytes,
      engine: () => this.#made(),
    });
    this.libraries = this.#machine.libraries;
    this.additions = this.#machine.additions;
  }

  #made(): Engine {
    if (this.#engine === undefined) throw new Error('no engine yet');
    return this.#engine;
  }

  install(engine: Engine): void {
    const { log, output, spec } = this.#parts;
    this.#engine = engine;
    engine.setGlobal('read_config', (args) => readConfig(args, spec.config));
    engine.setGlobal('decode_message', (args) => decodeMessage(args, () => engine.createTable()));
    engine.setGlobal('inject_message', (args) => this.#inject(args));
    engine.setGlobal('print', (args) => print(args, engine, output, log));
    // In Heka the coroutine library is there from the start.
    engine.call('require', ['coroutine']);
  }

  #inject(args: readonly GuestValue[]): undefined {
    const [subject] = args;
    if (args.length !== 1) throw new GuestError(USAGE);
    if (typeof subject === 'string') {
      if (subject === '') return undefined;
      const bytes = latin1Bytes(subject);
      if (itemsOf(bytes) === undefined) {
        throw new GuestError('inject_message() protobuf unmarshal failed');
      }
      this.#send(bytes, bytes.length);
      return undefined;
    }
    if (typeof subject !== 'object' || subject.kind !== 'table') throw new GuestError(USAGE);
    const w = this.#writer;
    this.#parts.output.clear();
    try {
      encodePlain(w, subject, this.#parts);
      if (w.length > this.#parts.output.capacity) throw new GuestError(OUTPUT_LIMIT_TEXT);
      this.#parts.output.record(w.length);
    } catch (error) {
      if (error instanceof EncodeError) {
        throw new GuestError(`inject_message() could not encode protobuf - ${error.text}`);
      }
      if (error instanceof HekateError)
        throw new GuestError(`inject_message() ${OUTPUT_LIMIT_TEXT}`);
      if (error instanceof GuestError && error.text === OUTPUT_LIMIT_TEXT) {
        throw new GuestError(`inject_message() ${OUTPUT_LIMIT_TEXT}`);
      }
      throw error;
    }
    this.#send(w.bytes, w.length);
    return undefined;
  }

  #send(bytes: Uint8Array, length: number): void {
    if (length > this.#parts.outbox.maximumBytes) {
      throw new GuestError('inject_message() exceeded max_message_size');
    }
    this.#outlet.send(bytes, length, undefined);
  }

  poll(engine: Engine, _checkpoint: Checkpoint | undefined): InputResult | CallResult {
    const result = processResult(engine.call('process_message', []), this.#parts.limits);
    this.#machine.flush();
    this.#outlet.deliver();
    if (result.kind === 'ended') return result;
    if (result.kind === 'failed') return { status: result.status, text: result.text };
    return { status: 0 };
  }

  message(): CallResult {
    return failedCall('process_message', { kind: 'missing' }, this.#parts.limits);
  }

  timer(): CallResult {
    return failedCall('timer_event', { kind: 'missing' }, this.#parts.limits);
  }
}

export function createRole(parts: RoleParts): Role {
  return new InputRole(parts);
}
