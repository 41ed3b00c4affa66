/**
 * Counts the bytes of living host objects (circular buffers). An object holds its entry's token; the ledger holds
 * the token weakly, so an entry goes when the object was collected. A weak reference keeps its token until the current
 * entry into the isolate is over: within one entry the count can only be too high, at the next one it is exact.
 *
 *   object ──strong──▶ token ◀──weak── entry { bytes }
 */

interface LedgerEntry {
  readonly token: WeakRef<object>;
  readonly bytes: number;
}

/** Looking through all entries is skipped on most entries into the isolate when nothing was added. */
const SWEEP_EVERY = 16;

export class ObjectLedger {
  /** Bytes of the objects that were alive at the last sweep. */
  settledBytes = 0;
  /** Those and all made since. */
  totalBytes = 0;
  #entries: LedgerEntry[] = [];
  #rounds = 0;

  /** Counts an object of that size; the object must hold on to the returned token. */
  add(bytes: number): object {
    const token = {};
    this.#entries.push({ token: new WeakRef(token), bytes });
    this.totalBytes += bytes;
    return token;
  }

  /** After a collection: all memory there is bounds what the objects can have. Holds until the next sweep. */
  assume(measuredBytes: number): void {
    this.totalBytes = Math.min(this.totalBytes, measuredBytes);
    this.settledBytes = Math.min(this.settledBytes, measuredBytes);
  }

  /** Called at the start of every entry into the isolate. */
  beginEntry(): void {
    this.#rounds++;
    if (this.#entries.length === 0) return;
    if (this.totalBytes !== this.settledBytes || this.#rounds % SWEEP_EVERY === 0) this.sweep();
  }

  sweep(): void {
    const alive = this.#entries.filter((entry) => entry.token.deref() !== undefined);
    let bytes = 0;
    for (const entry of alive) bytes += entry.bytes;
    this.#entries = alive;
    this.settledBytes = bytes;
    this.totalBytes = bytes;
  }
}
