/**
 * What SandboxDecoder and SandboxEncoder have in common: a filter's environment and its reading functions, write_message,
 * and add_to_payload, inject_payload and inject_message whose results go to whoever the role says (Heka 0.11).
 */
import { HekateError } from '../../../../lib/protocol/errors.ts';
import type { MessageView } from '../../../../lib/protocol/message-view.ts';
import { ProtobufWriter } from '../../../../lib/protocol/protobuf-writer.ts';
import { latin1Bytes } from '../../../../lib/protocol/text.ts';
import {
  type Engine,
  GuestError,
  type GuestOutcome,
  type GuestTable,
  type GuestValue,
} from '../../engine.ts';
import { type CallResult, failedCall, processResult } from '../../host-api/call-result.ts';
import { checkArgument, stringArgument } from '../../host-api/guest-arguments.ts';
import {
  FILTER_DISABLED_MODULES,
  FILTER_REMOVED,
  installReading,
} from '../../host-api/heka-api.ts';
import { EncodeError } from '../../host-api/message-encoder.ts';
import { OUTPUT_LIMIT_TEXT } from '../../host-api/output-buffer.ts';
import type { InboundMessage, Role, RoleParts } from '../role.ts';
import type { MessageDraft } from './message-draft.ts';
import { encodePlain } from './plain-message.ts';

const NO_ARGUMENTS: readonly GuestValue[] = [];
/** What encoding costs, in instructions, and bytes for the price of one more. */
const INJECT_CHARGE = 20;
const BYTES_PER_INSTRUCTION = 8;
const DEFAULT_TYPE = 'txt';
const USAGE = 'inject_message() takes a single string or table argument';

/** What becomes of an injection. */
export interface Injections {
  /** The message whose headers a table's message gets where it has none. */
  readonly inherits: MessageView | undefined;
  /** Before each message. */
  begin(message: InboundMessage): void;
  /** An encoded message; `given` is true when the script encoded it itself: it may lack headers then. */
  message(bytes: Uint8Array, given: boolean): void;
  payload(payload: string, type: string, name: string): void;
  /** After process_message returned with a status. Throws nothing. */
  end(result: CallResult): CallResult;
}

export class CodecRole implements Role {
  readonly removed = FILTER_REMOVED;
  readonly disabledModules = FILTER_DISABLED_MODULES;
  readonly answers = true;
  readonly draft: MessageDraft;
  readonly #parts: RoleParts;
  readonly #injections: Injections;
  readonly #writer: ProtobufWriter;
  #engine: Engine | undefined;
  #running = false;

  constructor(parts: RoleParts, draft: MessageDraft, injections: Injections) {
    this.#parts = parts;
    this.draft = draft;
    this.#injections = injections;
    this.#writer = new ProtobufWriter(parts.outbox.maximumBytes);
  }

  install(engine: Engine): void {
    const { log, output, reader, spec } = this.#parts;
    this.#engine = engine;
    installReading(engine, { reader, output, log, config: spec.config });
    engine.setGlobal('write_message', this.draft.writeMessage);
    engine.setGlobal('inject_message', (args) => this.#injectMessage(args));
    engine.setGlobal('inject_payload', (args) => this.#injectPayload(args));
  }

  message(engine: Engine, message: InboundMessage): CallResult {
    const { limits, reader } = this.#parts;
    this.draft.open(message);
    this.#injections.begin(message);
    this.#running = true;
    let outcome: GuestOutcome;
    try {
      outcome = engine.call('process_message', NO_ARGUMENTS);
    } finally {
      this.#running = false;
      reader.close();
    }
    return this.#injections.end(processResult(outcome, limits));
  }

  timer(): CallResult {
    return failedCall('timer_event', { kind: 'missing' }, this.#parts.limits);
  }

  #injectMessage(args: readonly GuestValue[]): undefined {
    const [subject] = args;
    const { output } = this.#parts;
    if (args.length !== 1) throw new GuestError(USAGE);
    if (typeof subject === 'string') {
      this.#engine?.charge(INJECT_CHARGE + subject.length / BYTES_PER_INSTRUCTION);
      if (subject !== '' && this.#admit('inject_message()')) {
        this.#injections.message(latin1Bytes(subject), true);
      }
    } else if (typeof subject === 'object' && subject.kind === 'table') {
      output.clear();
      const bytes = this.#encode(subject);
      if (this.#admit('inject_message()')) this.#injections.message(bytes, false);
    } else throw new GuestError(USAGE);
    return undefined;
  }

  #encode(table: GuestTable): Uint8Array {
    const { output } = this.#parts;
    const w = this.#writer;
    try {
      encodePlain(w, table, this.#parts, this.#injections.inherits);
      if (w.length > output.capacity) throw new GuestError(OUTPUT_LIMIT_TEXT);
      output.record(w.length);
      return w.take();
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
    } finally {
      // Also when it was refused in the middle.
      this.#engine?.charge(INJECT_CHARGE + w.length / BYTES_PER_INSTRUCTION);
    }
  }

  #injectPayload(args: readonly GuestValue[]): undefined {
    const { output } = this.#parts;
    const type = args.length > 0 ? stringArgument(args, 1) : DEFAULT_TYPE;
    const name = args.length > 1 ? stringArgument(args, 2) : '';
    if (args.length > 2) output.appendValues(args, 2);
    const payload = output.take();
    this.#engine?.charge(INJECT_CHARGE + payload.length / BYTES_PER_INSTRUCTION);
    if (payload !== '' && this.#admit('inject_payload()')) {
      this.#injections.payload(payload, type === '' ? DEFAULT_TYPE : type, name);
    }
    return undefined;
  }

  /** Outside of process_message there is no message to inject for. */
  #admit(fn: string): boolean {
    checkArgument(this.#running, 0, `${fn} outside of process_message`);
    return true;
  }
}
