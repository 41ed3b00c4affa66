/**
 * The sandbox of a module's test: lua_sandbox's generic sandbox with everything that a module may look for, in the flavour that
 * is tested. What is injected is made, checked and dropped; write_output hands its bytes to the test. Unlike in a pipeline, a
 * call that finds no function is no end.
 */
import type { TestResult } from '../../contract.ts';
import { type Engine, GuestError, type GuestValue, type HostFunction } from '../../engine.ts';
import { type CallResult, cut, failedCall } from '../../host-api/call-result.ts';
import { numberOf } from '../../host-api/guest-arguments.ts';
import { installHekaApi } from '../../host-api/heka-api.ts';
import type { MachineLibraries } from '../machine-libraries.ts';
import type { Role, RoleParts } from '../role.ts';
import { Checkpoints } from './checkpoints.ts';
import { fileLoading } from './file-loading.ts';
import { InputInjection } from './input-injection.ts';
import { LsbApi, NOTHING } from './lsb-api.ts';
import { installMemory, lsbMachine } from './machine.ts';
import { createMessageMatcher } from './message-matcher.ts';
import { createStreamReader } from './stream-reader.ts';

const MISSING = { kind: 'missing' } as const;

class UnitRole implements Role {
  readonly removed: ReadonlySet<string> = new Set();
  readonly disabledModules: ReadonlySet<string>;
  readonly answers = false;
  readonly libraries?: MachineLibraries['libraries'];
  readonly additions?: MachineLibraries['additions'];
  readonly #api: LsbApi;
  readonly #machine: MachineLibraries | undefined;
  #loaded = false;
  #lastError = '';
  #outputs: string[] = [];
  #outputBytes = 0;

  constructor(parts: RoleParts) {
    this.#api = new LsbApi(parts);
    const hasFiles = parts.spec.access !== undefined;
    this.disabledModules = new Set(hasFiles ? [] : ['io']);
    if (!hasFiles) return;
    const machine = lsbMachine(parts, () => this.#api.engine, true);
    this.#machine = machine;
    this.libraries = machine.libraries;
    this.additions = machine.additions;
  }

  install(engine: Engine): void {
    const { parts } = this.#api;
    const { reader, output, injector, log, spec } = parts;
    this.#api.install(engine);
    installMemory(engine, parts);
    const functions: Record<string, HostFunction> = {
      ...(spec.api === 'heka' ? {} : this.#messageFunctions()),
      ...(this.#machine === undefined ? {} : fileLoading(engine, this.#machine.libraries)),
      write_output: (args) => this.#writeOutput(args),
    };
    if (spec.api === 'heka') {
      installHekaApi(engine, { reader, output, injector, log, config: spec.config });
    }
    for (const [name, call] of Object.entries(functions)) engine.setGlobal(name, call);
    // As upstream: print is put in after the base library's entries were taken out.
    for (const name of spec.removedEntries?.[''] ?? []) {
      if (name !== 'print') engine.setGlobal(name, undefined);
    }
  }

  loaded(): void {
    this.#loaded = true;
    this.#machine?.flush();
  }

  /** Those of all types of lua_sandbox 1.x. */
  #messageFunctions(): Record<string, HostFunction> {
    const { configuration, encoder, parts, reader } = this.#api;
    const injection = new InputInjection(this.#api, {
      message: () => undefined, // nobody is there to take it
      checkpoint: () => undefined,
    });
    return {
      output: this.#api.appendOutput,
      add_to_payload: this.#api.appendOutput,
      read_message: reader.readMessage,
      encode_message: this.#api.encodeMessage,
      inject_message: injection.injectMessage,
      inject_payload: (args) => {
        this.#api.encoding(() => encoder.encodePayload(args));
        return NOTHING;
      },
      is_running: () => this.#loaded,
      create_stream_reader: (args) =>
        createStreamReader(args, {
          messageBytes: configuration.messageBytes,
          memory: parts.memory,
        }),
      create_message_matcher: (args) => createMessageMatcher(args, this.#api),
      update_checkpoint: new Checkpoints(parts.log).update,
    };
  }

  #writeOutput(args: readonly GuestValue[]): undefined {
    const { output, spec } = this.#api.parts;
    output.appendValues(args, 0);
    const text = output.take();
    this.#outputBytes += text.length;
    if (this.#outputBytes > spec.limits.memoryBytes) throw new GuestError('not enough memory');
    this.#outputs.push(text);
    return undefined;
  }

  test(engine: Engine, name: string, argument: number): TestResult | CallResult {
    const { injector, limits, outbox, spec } = this.#api.parts;
    this.#outputs = [];
    this.#outputBytes = 0;
    outbox.flush(); // what an earlier call injected in Heka's flavour, and nobody takes
    injector.begin(spec.limits.timerInject, 0);
    const outcome = engine.call(name, [argument]);
    injector.end();
    this.#machine?.flush();
    if (outcome.kind === 'missing') {
      this.#lastError = `${name}() not found`;
      return this.#result(1);
    }
    if (outcome.kind !== 'returned') return failedCall(name, outcome, limits);
    if (name !== 'process') return this.#result(0);
    const [first, text] = outcome.values;
    const status = numberOf(first);
    if (status === undefined) return this.#fault('process() must return a numeric error code');
    if (text !== undefined && typeof text !== 'string') {
      return this.#fault('process() must return a nil or string error message');
    }
    this.#lastError = cut(text ?? '');
    return this.#result(Number.isFinite(status) ? Math.trunc(status) : 0);
  }

  #result(status: number): TestResult {
    return { status, error: this.#lastError, outputs: this.#outputs };
  }

  #fault(text: string): CallResult {
    const termination = { code: 'HKT_SANDBOX_SCRIPT', text, limit: 0, used: 0 };
    return { kind: 'ended', ran: true, termination };
  }

  message(): CallResult {
    return failedCall('process_message', MISSING, this.#api.parts.limits);
  }

  timer(): CallResult {
    return failedCall('timer_event', MISSING, this.#api.parts.limits);
  }

  messageText(name: string, fieldIndex: number, arrayIndex: number): string | undefined {
    const { api } = this.#api.parts.spec;
    const reader = api === 'heka' ? this.#api.parts.reader : this.#api.reader;
    return reader.bytesOf(name, fieldIndex, arrayIndex);
  }
}

export function createRole(parts: RoleParts): Role {
  return new UnitRole(parts);
}
