/**
 * The batch that is being filled for one shard. A message's bytes are appended once, however many of the shard's
 * sandboxes want it; each sandbox gets the index.
 *
 *   append(m0) for 7     bytes │m0│        7: [0]
 *   append(m0) for 9     bytes │m0│        7: [0]      9: [0]
 *   timer for 7          bytes │m0│        7: [0, -1]  9: [0]
 */
import type { Unstamped } from '../cells/cell.ts';
import type { Batch, Timer } from '../protocol/batch.ts';
import type { Pack } from '../protocol/pack.ts';

const FIRST_BYTES = 64 * 1024;
const FIRST_EVENTS = 16;

/** One sandbox's place in the open batch of its shard. Belongs to one shard's batch at a time. */
export class BatchSlot {
  readonly sandbox: number;
  events = new Int32Array(FIRST_EVENTS);
  count = 0;

  constructor(sandbox: number) {
    this.sandbox = sandbox;
  }

  add(event: number): void {
    if (this.count === this.events.length) {
      const grown = new Int32Array(this.count * 2);
      grown.set(this.events);
      this.events = grown;
    }
    this.events[this.count++] = event;
  }
}

/** A batch without deliveries: asks the shard to go on with what it has not run yet. */
export function emptyBatch(sequence: number): Unstamped<Batch> {
  return new OpenBatch().take(sequence);
}

export class OpenBatch {
  #bytes = Buffer.alloc(0);
  #length = 0;
  #offsets: number[] = [0];
  #loops: number[] = [];
  #streams: number[] = [];
  #positions: number[] = [];
  #timers: Timer[] = [];
  #slots: BatchSlot[] = [];
  #last: Pack | undefined;

  get messages(): number {
    return this.#loops.length;
  }

  get byteLength(): number {
    return this.#length;
  }

  get empty(): boolean {
    return this.#slots.length === 0;
  }

  append(slot: BatchSlot, pack: Pack): void {
    if (this.#last !== pack) {
      this.#last = pack;
      const bytes = pack.message.bytes;
      const need = this.#length + bytes.length;
      if (need > this.#bytes.length) this.#grow(need);
      this.#bytes.set(bytes, this.#length);
      this.#length = need;
      this.#offsets.push(need);
      this.#loops.push(pack.loopCount);
      this.#streams.push(pack.stream);
      this.#positions.push(pack.position);
    }
    if (slot.count === 0) this.#slots.push(slot);
    slot.add(this.#loops.length - 1);
  }

  addTimer(slot: BatchSlot, timer: Timer): void {
    this.#timers.push(timer);
    if (slot.count === 0) this.#slots.push(slot);
    slot.add(-this.#timers.length);
  }

  /** The batch as it is sent; the open batch is empty afterwards. Its bytes are valid until the next append. */
  take(sequence: number): Unstamped<Batch> {
    const batch = {
      kind: 'batch',
      sequence,
      bytes: this.#bytes.subarray(0, this.#length),
      offsets: Uint32Array.from(this.#offsets),
      loops: Uint8Array.from(this.#loops),
      streams: Uint32Array.from(this.#streams),
      positions: Float64Array.from(this.#positions),
      timers: this.#timers,
      deliveries: this.#slots.map((slot) => ({
        sandbox: slot.sandbox,
        events: slot.events.slice(0, slot.count),
      })),
    } as const;
    for (const slot of this.#slots) slot.count = 0;
    this.#length = 0;
    this.#offsets = [0];
    this.#loops = [];
    this.#streams = [];
    this.#positions = [];
    this.#timers = [];
    this.#slots = [];
    this.#last = undefined;
    return batch;
  }

  #grow(need: number): void {
    const grown = Buffer.allocUnsafe(Math.max(need, this.#bytes.length * 2, FIRST_BYTES));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
