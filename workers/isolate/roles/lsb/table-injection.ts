/**
 * inject_message and inject_payload of analysis plugins, inject_message of outputs: tables only, so many per call. Bounds
 * loops as Heka does: a message that comes of too many injections is not injected any more.
 */
import { GuestError, type GuestValue } from '../../engine.ts';
import { typeError } from '../../host-api/guest-arguments.ts';
import { type LsbApi, NOTHING } from './lsb-api.ts';

const INJECT = 'inject_message() failed:';

export class TableInjection {
  readonly #api: LsbApi;
  /** Injections and bytes left in this call. Before the first one there are none. */
  #left = 0;
  #leftBytes = Number.POSITIVE_INFINITY;
  #loopCount = 0;
  /** Messages that wait for the first call, when they may be injected before it. */
  #held: Uint8Array[] | undefined;

  constructor(api: LsbApi) {
    this.#api = api;
  }

  /** Starts a call that may inject so much; `loopCount` is that of the message that it works on. */
  begin(count: number, loopCount: number, bytes: number = Number.POSITIVE_INFINITY): void {
    if (this.#held !== undefined) this.#release(this.#held);
    this.#left = count;
    this.#leftBytes = bytes;
    this.#loopCount = loopCount + 1;
  }

  /** What is injected from now on leaves with the next call. */
  hold(): void {
    this.#held = [];
  }

  #release(held: readonly Uint8Array[]): void {
    this.#held = undefined;
    for (const bytes of held) this.#api.parts.outbox.commit(bytes, bytes.length, this.#loopCount);
  }

  end(): void {
    this.#left = 0;
  }

  readonly injectMessage = (args: readonly GuestValue[]): readonly GuestValue[] => {
    const [message] = args;
    if (typeof message !== 'object' || message.kind !== 'table') throw typeError(args, 1, 'table');
    const { encoder } = this.#api;
    this.#api.encoding(() => encoder.encodeInjected(message));
    this.#deliver();
    return NOTHING;
  };

  readonly injectPayload = (args: readonly GuestValue[]): readonly GuestValue[] => {
    const { encoder } = this.#api;
    if (this.#api.encoding(() => encoder.encodePayload(args))) this.#deliver();
    return NOTHING;
  };

  #deliver(): void {
    const { encoder, parts } = this.#api;
    if (this.#left <= 0) throw new GuestError(`${INJECT} injection limit exceeded`);
    if (this.#leftBytes < encoder.length) throw new GuestError(`${INJECT} not enough memory`);
    if (this.#loopCount > parts.spec.limits.messageLoops) {
      throw new GuestError(`${INJECT} exceeded MaxMsgLoops`);
    }
    this.#left--;
    this.#leftBytes -= encoder.length;
    if (this.#held === undefined) {
      parts.outbox.commit(encoder.bytes, encoder.length, this.#loopCount);
    } else this.#held.push(encoder.bytes.slice(0, encoder.length));
  }
}
