/**
 * How an input's messages leave the isolate while its process_message goes on: gathered in the outbound area, and handed
 * over when there are many, when the oldest has waited, and before the script waits for the machine.
 */
import type { Checkpoint } from '../../../lib/protocol/batch.ts';
import type { HostCalls } from '../contract.ts';
import type { Outbox } from '../host-api/outbox.ts';

/** A message waits this long at most while the script injects others. */
const AGE_MS = 10;
const GATHERED_BYTES = 128 * 1024;

export class InjectionOutlet {
  readonly #outbox: Outbox;
  readonly #host: HostCalls;
  readonly #clock: () => number;
  #checkpoint: Checkpoint | undefined;
  #gatheredBytes = 0;
  #sinceMs = 0;

  constructor(outbox: Outbox, host: HostCalls, clock: () => number) {
    this.#outbox = outbox;
    this.#host = host;
    this.#clock = clock;
    host.onService?.((waits) => this.#beforeService(waits));
  }

  #beforeService(waits: boolean): void {
    if (this.#gatheredBytes === 0 && this.#checkpoint === undefined) return;
    if (waits || this.#clock() - this.#sinceMs >= AGE_MS) this.deliver();
  }

  /** Takes a message and how far the input has come with it. */
  send(bytes: Uint8Array, length: number, checkpoint: Checkpoint | undefined): void {
    if (this.#gatheredBytes === 0) this.#sinceMs = this.#clock();
    this.#outbox.commit(bytes, length, -1);
    this.#gatheredBytes += length;
    if (checkpoint !== undefined) this.#checkpoint = checkpoint;
    if (
      this.#outbox.waiting ||
      this.#gatheredBytes >= GATHERED_BYTES ||
      this.#clock() - this.#sinceMs >= AGE_MS
    ) {
      this.deliver();
    }
  }

  /** Notes how far the input has come. */
  moveTo(checkpoint: Checkpoint): void {
    this.#checkpoint = checkpoint;
    if (this.#clock() - this.#sinceMs >= AGE_MS) {
      this.deliver();
      this.#sinceMs = this.#clock();
    }
  }

  /** Hands over what there is. False once the input is to stop. */
  deliver(): boolean {
    let goesOn = true;
    do {
      const last = !this.#outbox.waiting;
      goesOn = this.#host.deliver(last ? this.#checkpoint : undefined);
      if (last) this.#checkpoint = undefined;
      else this.#outbox.flush();
      if (last) break;
    } while (this.#gatheredBytes > 0);
    this.#gatheredBytes = 0;
    return goesOn;
  }
}
