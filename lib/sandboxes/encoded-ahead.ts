/**
 * An output whose encoder is a sandbox: messages are encoded on their shard while others are written, and reach the output
 * in their order with the bytes ready. How many are on their way is bounded.
 */

import type { Output } from '../plugin.ts';
import type { Pack } from '../protocol/pack.ts';

/** Messages that may be on their way to the encoder; a full batch is as many. */
const AHEAD = 4096;

/** What makes an output's bytes ready. */
export interface AheadEncoder {
  /** Never rejects. */
  prepare(pack: Pack): Promise<void>;
}

export class EncodedAhead implements Output {
  readonly timer?: (nowNs: bigint) => void;
  readonly reload?: () => Promise<void>;
  readonly #output: Output;
  readonly #encoder: AheadEncoder;
  #waiting = 0;
  /** Resolves when the last message has reached the output. */
  #tail: Promise<void> = Promise.resolve();
  #room: PromiseWithResolvers<void> | undefined;
  /** Ends the wait for the output's room: one at a time waits. */
  #hurry: (() => void) | undefined;
  #stopping = false;

  constructor(output: Output, encoder: AheadEncoder) {
    this.#output = output;
    this.#encoder = encoder;
    if (output.timer !== undefined) this.timer = (nowNs) => output.timer?.(nowNs);
    if (output.reload !== undefined) this.reload = async () => await output.reload?.();
  }

  async start(): Promise<void> {
    await this.#output.start();
  }

  deliver(pack: Pack): Promise<void> | undefined {
    this.#waiting++;
    const ready = this.#encoder.prepare(pack);
    this.#tail = this.#passOn(this.#tail, ready, pack);
    if (this.#waiting < AHEAD) return undefined;
    this.#room ??= Promise.withResolvers<void>();
    return this.#room.promise;
  }

  async #passOn(before: Promise<void>, ready: Promise<void>, pack: Pack): Promise<void> {
    await before;
    await ready;
    try {
      const taken = this.#output.deliver(pack);
      if (taken !== undefined && !this.#stopping) await this.#untilTaken(taken);
    } finally {
      this.#waiting--;
      if (this.#waiting < AHEAD) {
        this.#room?.resolve();
        this.#room = undefined;
      }
    }
  }

  #untilTaken(taken: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#hurry = resolve;
      taken.then(resolve, reject);
    });
  }

  /** Hands on all that is encoded, whether the output has room or not: its own `stop` decides how long a peer is waited for. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#hurry?.();
    await this.#tail;
    await this.#output.stop();
  }
}
