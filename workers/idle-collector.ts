/**
 * Collects the garbage of sandboxes that have gone quiet: V8 does not collect in an isolate that is not entered, and what a
 * busy minute left behind would stay for hours. Each is collected once after its last message, if it is worth it.
 *
 * Sandboxes stand in the order of their last message, so those that are due are in front. Timers neither make a sandbox
 * busy nor cost it a collection each: it comes back into the order behind all others, and only what grew is collected.
 */
import { limits } from '../native-limits/limits.ts';

/** What a sandbox is here. */
export interface Collectable {
  /** True when it has ended: nothing is left to collect. */
  readonly ended: boolean;
  /** Bytes in use beyond those after the last collection. */
  readonly grownBytes: number;
  collect(): void;
}

export class IdleCollector {
  readonly #clock: () => number;
  /** Milliseconds of the last message, oldest first. */
  readonly #quietSince = new Map<Collectable, number>();

  /** `clock` counts milliseconds. */
  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock;
  }

  /** It was loaded or got messages. */
  ran(sandbox: Collectable): void {
    this.#quietSince.delete(sandbox);
    this.#quietSince.set(sandbox, this.#clock());
  }

  /** It got a timer only. */
  ticked(sandbox: Collectable): void {
    if (!this.#quietSince.has(sandbox)) this.#quietSince.set(sandbox, this.#clock());
  }

  /** Collects those that are due, one at least and as many as fit into the slice. Returns how many. */
  collect(): number {
    const started = this.#clock();
    let collected = 0;
    for (const [sandbox, since] of this.#quietSince) {
      const now = this.#clock();
      if (now - since < limits.idleTime.value || now - started >= limits.idleSlice.value) break;
      this.#quietSince.delete(sandbox);
      if (sandbox.ended || sandbox.grownBytes < limits.idleGarbage.value) continue;
      sandbox.collect();
      collected++;
    }
    return collected;
  }
}
