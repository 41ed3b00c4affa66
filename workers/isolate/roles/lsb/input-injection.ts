/**
 * inject_message of inputs, and of what decodes for them: a table, an encoded message, the message of a stream reader, or
 * none, with or without a checkpoint. Encoded messages go on byte for byte.
 */
import type { Checkpoint } from '../../../../lib/protocol/batch.ts';
import { latin1Bytes } from '../../../../lib/protocol/text.ts';
import { GuestError, type GuestValue } from '../../engine.ts';
import { guestTypeName, typeError } from '../../host-api/guest-arguments.ts';
import { LogLevel } from '../../host-api/log-book.ts';
import { isMessage } from '../../host-api/lsb/message-check.ts';
import { type LsbApi, NOTHING } from './lsb-api.ts';
import { STREAM_READER_TYPE, StreamReader } from './stream-reader.ts';

const INJECT = 'inject_message()';
/** Longest checkpoint, as with Hindsight, the zero byte behind it counted. */
const CHECKPOINT_BYTES = 8192;

/** Where messages go. */
export interface InjectionTarget {
  /** The first `length` bytes, which are good until this returns. */
  message(bytes: Uint8Array, length: number, checkpoint: Checkpoint | undefined): void;
  checkpoint(checkpoint: Checkpoint): void;
}

export class InputInjection {
  readonly #api: LsbApi;
  readonly #target: InjectionTarget;

  constructor(api: LsbApi, target: InjectionTarget) {
    this.#api = api;
    this.#target = target;
  }

  readonly injectMessage = (args: readonly GuestValue[]): readonly GuestValue[] => {
    const checkpoint = checkpointOf(args[1]);
    const [subject] = args;
    if (args.length > 0 && subject === undefined) {
      if (args[1] === undefined) {
        throw new GuestError(`${INJECT} message cannot be nil without a checkpoint update`);
      }
      this.#check(checkpoint);
      if (checkpoint !== undefined) this.#target.checkpoint(checkpoint);
    } else if (typeof subject === 'object' && subject.kind === 'table') {
      const { encoder } = this.#api;
      this.#api.encoding(() => encoder.encodeInjected(subject));
      this.#send(encoder.bytes, encoder.length, checkpoint);
    } else {
      const bytes = this.#encoded(args);
      this.#send(bytes, bytes.length, checkpoint);
    }
    return NOTHING;
  };

  /** A message that the script did not make of a table. */
  #encoded(args: readonly GuestValue[]): Uint8Array {
    const [subject] = args;
    if (typeof subject === 'string') {
      this.#api.charge(subject.length);
      const bytes = latin1Bytes(subject);
      if (!isMessage(bytes, 0, bytes.length)) {
        throw new GuestError(`${INJECT} attempted to inject a invalid protobuf string`);
      }
      return bytes;
    }
    if (subject instanceof StreamReader) {
      const { message } = subject;
      if (message === undefined) {
        throw new GuestError(`${INJECT} attempted to inject a nil message`);
      }
      this.#api.charge(message.length);
      return message;
    }
    const type = args.length === 0 ? 'no value' : guestTypeName(subject);
    if (type === 'userdata') throw typeError(args, 1, STREAM_READER_TYPE);
    throw new GuestError(`${INJECT} unsupported message type: ${type}`);
  }

  #send(bytes: Uint8Array, length: number, checkpoint: Checkpoint | undefined): void {
    this.#check(checkpoint);
    this.#api.checkSize(length);
    this.#target.message(bytes, length, checkpoint);
  }

  #check(checkpoint: Checkpoint | undefined): void {
    if (typeof checkpoint !== 'string' || checkpoint.length < CHECKPOINT_BYTES) return;
    const { log } = this.#api.parts;
    log.write(LogLevel.error, `checkpoint string exceeds ${CHECKPOINT_BYTES}`);
    throw new GuestError(`${INJECT} failed: checkpoint update`);
  }
}

/** NaN is none, and a string ends at its first zero byte. */
function checkpointOf(value: GuestValue): Checkpoint | undefined {
  if (typeof value === 'number') return Number.isNaN(value) ? undefined : value;
  if (typeof value === 'string') {
    const nul = value.indexOf('\0');
    return nul < 0 ? value : value.slice(0, nul);
  }
  if (value === undefined) return undefined;
  throw new GuestError(`${INJECT} unsupported checkpoint type: ${guestTypeName(value)}`);
}
