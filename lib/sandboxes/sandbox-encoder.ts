/**
 * SandboxEncoder on the main thread. Its answers come later than an output asks for them, so messages are encoded before
 * they reach the output, which then finds the bytes ready (Heka 0.11).
 */

import type { Encoded } from '../encoders/encoded.ts';
import type { Encoder } from '../plugin.ts';
import { errorText, HekateError } from '../protocol/errors.ts';
import type { Message } from '../protocol/message.ts';
import type { Pack } from '../protocol/pack.ts';
import type { CodecSandbox } from './codec-sandbox.ts';

/** The script leaves the message out. */
const SKIP = -2;

export class SandboxEncoder implements Encoder {
  readonly framedByDefault = false;
  readonly #sandbox: CodecSandbox;
  readonly #ready = new WeakMap<Message, Encoded | HekateError>();

  constructor(sandbox: CodecSandbox) {
    this.#sandbox = sandbox;
  }

  /** Asks the script for a message's bytes; `encode` has them when it resolves. Never rejects. */
  async prepare(pack: Pack): Promise<void> {
    try {
      const { status, text, outputs } = await this.#sandbox.process(pack);
      if (status === SKIP) return;
      if (status !== 0) {
        const reason = status > 0 ? text : `Failed serializing: ${text}`;
        throw new HekateError('HKT_PLUGIN_ENCODE_SANDBOX', [reason]);
      }
      const [bytes] = outputs;
      if (bytes !== undefined) this.#ready.set(pack.message, bytes);
    } catch (error) {
      const failure =
        error instanceof HekateError
          ? error
          : new HekateError('HKT_PLUGIN_ENCODE_SANDBOX', [errorText(error)], error);
      this.#ready.set(pack.message, failure);
    }
  }

  /** Throws what went wrong as the message was prepared. */
  encode(message: Message): Encoded | undefined {
    const ready = this.#ready.get(message);
    if (ready instanceof HekateError) throw ready;
    return ready;
  }
}
