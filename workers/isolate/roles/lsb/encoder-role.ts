/**
 * SandboxEncoder with api "lsb": what the script injects last is what the output writes. A table is written as a message
 * without a frame, a payload as it is, a string and a reference to a part of the message likewise.
 */
import { latin1Bytes } from '../../../../lib/protocol/text.ts';
import { type Engine, GuestError, type GuestValue } from '../../engine.ts';
import { guestTypeName, typeError } from '../../host-api/guest-arguments.ts';
import { isZeroCopy } from '../../host-api/lsb/zero-copy.ts';
import type { Role, RoleParts } from '../role.ts';
import { type Answer, codecRole } from './codec-role.ts';
import { type LsbApi, NOTHING } from './lsb-api.ts';

class EncodedOutput implements Answer {
  readonly #api: LsbApi;
  #output: Uint8Array | undefined;
  #running = false;

  constructor(api: LsbApi) {
    this.#api = api;
  }

  install(engine: Engine): void {
    engine.setGlobal('encode_message', this.#api.encodeMessage);
    engine.setGlobal('inject_message', (args) => this.#injectMessage(args));
    engine.setGlobal('inject_payload', (args) => this.#injectPayload(args));
  }

  begin(): void {
    this.#running = true;
  }

  get given(): boolean {
    return this.#output !== undefined;
  }

  #injectMessage(args: readonly GuestValue[]): readonly GuestValue[] {
    const [subject] = args;
    if (typeof subject === 'object' && subject.kind === 'table') {
      const { encoder } = this.#api;
      this.#api.encoding(() => encoder.encodeInjected(subject));
      this.#set(encoder.bytes.slice(0, encoder.length));
      return NOTHING;
    }
    const text = isZeroCopy(subject) ? subject.zeroCopy() : subject;
    if (typeof text !== 'string') {
      if (guestTypeName(subject) === 'userdata') throw typeError(args, 1, 'lsb.read_message_zc');
      throw typeError(args, 1, 'table, string or userdata');
    }
    this.#api.charge(text.length);
    this.#set(latin1Bytes(text));
    return NOTHING;
  }

  /** The payload alone is written; its type and name are checked, and are for nobody here. */
  #injectPayload(args: readonly GuestValue[]): readonly GuestValue[] {
    const payload = this.#api.encoder.takePayload(args);
    this.#api.charge(payload.length);
    if (payload !== '') this.#set(latin1Bytes(payload));
    return NOTHING;
  }

  #set(bytes: Uint8Array): void {
    if (!this.#running) throw new GuestError('inject_message() failed: outside of process_message');
    this.#api.checkSize(bytes.length);
    this.#output = bytes;
  }

  commit(loopCount: number): void {
    const bytes = this.#output;
    if (bytes !== undefined) this.#api.parts.outbox.commit(bytes, bytes.length, loopCount);
  }

  end(): void {
    this.#running = false;
    this.#output = undefined;
  }
}

export function createRole(parts: RoleParts): Role {
  return codecRole(parts, (api) => new EncodedOutput(api));
}
