/**
 * Decides when a sandbox is over its memory limit. The limit is in bytes as PUC Lua would need them: measured heap
 * bytes are divided by the engine's factor, bytes of host objects count as they are.
 *
 *   used = (measured − host objects) / factor + host objects
 *
 * Measuring costs microseconds and a collection milliseconds, so both happen after enough was allocated only; when
 * collections keep finding the sandbox just below its limit, they become rarer by doubling.
 */
import type { ObjectLedger } from './object-ledger.ts';

/** A measurement is due after this part of the limit was allocated, or after so many polls. */
const LIMIT_PARTS = 4;
const POLLS_PER_MEASUREMENT = 64;
const LONGEST_BACKOFF = 16;

export class MemoryGauge {
  readonly limitBytes: number;
  /** Heap bytes that stand for one byte of PUC Lua. */
  factor = 1;
  /** The last measurement, in the limit's terms. */
  usedBytes = 0;
  /** Once true the sandbox must end; never false again. */
  exhausted = false;
  readonly #measure: (collect: boolean) => number;
  readonly #ledger: ObjectLedger;
  #allocated = 0;
  #polls = 0;
  #backoff = 1;

  constructor(limitBytes: number, measure: (collect: boolean) => number, ledger: ObjectLedger) {
    this.limitBytes = limitBytes;
    this.#measure = measure;
    this.#ledger = ledger;
  }

  /** `allocatedBytes` is the engine's estimate since the last call. True when the sandbox must end. */
  poll(allocatedBytes: number): boolean {
    if (this.exhausted) return true;
    this.#allocated += allocatedBytes;
    this.#polls++;
    const interval = ((this.limitBytes * this.factor) / LIMIT_PARTS) * this.#backoff;
    if (this.#allocated < interval && this.#polls < POLLS_PER_MEASUREMENT * this.#backoff) {
      return false;
    }
    this.#allocated = 0;
    this.#polls = 0;
    if (!this.#isOver(false)) {
      this.#backoff = 1;
      return false;
    }
    if (this.#isOver(true)) {
      this.exhausted = true;
      return true;
    }
    this.#backoff = Math.min(this.#backoff * 2, LONGEST_BACKOFF);
    return false;
  }

  /**
   * Asks for `bytes` outside of the engine's tables. False, and the sandbox ends, when they do not fit; `bytes` beyond
   * the limit are refused before anything is allocated.
   */
  reserve(bytes: number): boolean {
    if (this.exhausted) return false;
    const ledger = this.#ledger;
    if (ledger.totalBytes + bytes <= this.limitBytes) return true;
    // Objects of this entry that are garbage already are still in the ledger; what is measured is not.
    if (bytes <= this.limitBytes) ledger.assume(this.#measure(true));
    if (ledger.totalBytes + bytes <= this.limitBytes) return true;
    this.usedBytes = Math.max(this.usedBytes, ledger.totalBytes);
    this.exhausted = true;
    return false;
  }

  #isOver(collect: boolean): boolean {
    const measured = this.#measure(collect);
    const objects = Math.min(this.#ledger.settledBytes, measured);
    const heap = Math.max(0, measured - this.#ledger.totalBytes);
    this.usedBytes = heap / this.factor + objects;
    return this.usedBytes > this.limitBytes;
  }
}
