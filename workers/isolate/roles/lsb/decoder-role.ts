/**
 * SandboxDecoder with api "lsb": what process_message injects, as an input does, takes the place of the message. Nothing of a
 * message that could not be decoded goes on.
 */
import { type Engine, GuestError } from '../../engine.ts';
import type { Role, RoleParts } from '../role.ts';
import { type Answer, codecRole } from './codec-role.ts';
import { InputInjection } from './input-injection.ts';
import { type LsbApi, NOTHING } from './lsb-api.ts';
import { createStreamReader } from './stream-reader.ts';

/** Messages that one call may make: more is a runaway. */
const MESSAGES_LIMIT = 10_000;
const INJECT = 'inject_message() failed:';

class DecodedMessages implements Answer {
  readonly #api: LsbApi;
  readonly injections = MESSAGES_LIMIT;
  readonly #injection: InputInjection;
  #made: Uint8Array[] = [];
  #madeBytes = 0;
  #running = false;

  constructor(api: LsbApi) {
    this.#api = api;
    this.#injection = new InputInjection(api, {
      message: (bytes, length) => this.#add(bytes, length),
      checkpoint: () => undefined, // decoders have none
    });
  }

  install(engine: Engine): void {
    const { configuration, encoder, parts } = this.#api;
    engine.setGlobal('inject_message', this.#injection.injectMessage);
    engine.setGlobal('inject_payload', (args) => {
      if (this.#api.encoding(() => encoder.encodePayload(args))) {
        this.#add(encoder.bytes, encoder.length);
      }
      return NOTHING;
    });
    engine.setGlobal('create_stream_reader', (args) =>
      createStreamReader(args, {
        messageBytes: configuration.messageBytes,
        memory: parts.memory,
      }),
    );
  }

  begin(): void {
    this.#running = true;
  }

  get given(): boolean {
    return this.#made.length > 0;
  }

  #add(bytes: Uint8Array, length: number): void {
    if (!this.#running) throw new GuestError(`${INJECT} outside of process_message`);
    this.#madeBytes += length;
    if (this.#made.length >= MESSAGES_LIMIT) {
      throw new GuestError(`${INJECT} injection limit exceeded`);
    }
    if (this.#madeBytes > this.#api.parts.spec.limits.memoryBytes) {
      throw new GuestError(`${INJECT} not enough memory`);
    }
    this.#made.push(bytes.slice(0, length));
  }

  commit(loopCount: number): void {
    const { outbox } = this.#api.parts;
    for (const bytes of this.#made) outbox.commit(bytes, bytes.length, loopCount);
  }

  end(): void {
    this.#running = false;
    this.#made = [];
    this.#madeBytes = 0;
  }
}

export function createRole(parts: RoleParts): Role {
  return codecRole(parts, (api) => new DecodedMessages(api));
}
