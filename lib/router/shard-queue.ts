/**
 * Flight control of one shard: fills the open batch and decides when it goes. A batch goes out when it is full, when its
 * first message is old enough, or when the shard is idle; at most `unansweredBatches` are in flight. When all are, and the
 * open batch is full too, the queue is full and the router stops pulling from inputs.
 *
 *   append ─▶ open batch ─flush─▶ in flight (≤ 4) ─▶ report
 *                 full? ◀── room ◀──────────────────────┘
 */
import type { Shard } from '../cells/cell.ts';
import { limits } from '../../native-limits/limits.ts';
import type { Clock } from '../plugin.ts';
import type { Report } from '../protocol/batch.ts';
import { errorText } from '../protocol/errors.ts';
import type { Pack } from '../protocol/pack.ts';
import { OpenBatch } from './open-batch.ts';
import type { BatchSlot } from './open-batch.ts';

export interface ShardQueueOptions {
  readonly shard: Shard;
  readonly clock: Clock;
  /** Handles a report before the next batch is sent. */
  readonly onReport: (report: Report) => void;
  /** A batch was lost with its thread. */
  readonly onLost: (lost: { readonly messages: number; readonly deliveries: number; readonly reason: string }) => void;
  /** The queue may have room again. */
  readonly onRoom: () => void;
  readonly maxMessages?: number;
  readonly maxBytes?: number;
}

export class ShardQueue {
  readonly shard: Shard;
  readonly #options: ShardQueueOptions;
  readonly #maxMessages: number;
  readonly #maxBytes: number;
  readonly #open = new OpenBatch();
  #unanswered = 0;
  #sequence = 0;
  #answered = 0;
  #held = 0;
  #age: Disposable | undefined;
  #flushSoon = false;
  #waiters: { readonly sequence: number; readonly resolve: () => void }[] = [];

  constructor(options: ShardQueueOptions) {
    this.shard = options.shard;
    this.#options = options;
    this.#maxMessages = options.maxMessages ?? limits.batchMessages.value;
    this.#maxBytes = options.maxBytes ?? limits.batchBytes.value;
  }

  /** True when nothing more should be appended until a report arrives. */
  get full(): boolean {
    return this.#batchFull() && (this.#held > 0 || this.#unanswered >= limits.unansweredBatches.value);
  }

  /** Batches in flight. */
  get unanswered(): number {
    return this.#unanswered;
  }

  append(slot: BatchSlot, pack: Pack): void {
    this.#open.append(slot, pack);
    this.#appended();
  }

  timer(slot: BatchSlot, ns: number, shutdown: boolean): void {
    this.#open.addTimer(slot, { ns, shutdown });
    this.#appended();
  }

  #batchFull(): boolean {
    return this.#open.messages >= this.#maxMessages || this.#open.byteLength >= this.#maxBytes;
  }

  #appended(): void {
    if (this.#batchFull()) {
      this.flush();
    } else if (this.#unanswered === 0) {
      // The shard is idle: the batch goes as soon as the current read of input is through.
      if (!this.#flushSoon) {
        this.#flushSoon = true;
        setImmediate(() => {
          this.#flushSoon = false;
          this.flush();
        });
      }
    } else {
      this.#age ??= this.#options.clock.after(limits.batchAge.value, () => {
        this.#age = undefined;
        this.flush();
      });
    }
  }

  /** Sends the open batch if there is one and the bound on batches in flight allows it. */
  flush(): void {
    if (this.#open.empty || this.#held > 0 || this.#unanswered >= limits.unansweredBatches.value) {
      return;
    }
    this.#age?.[Symbol.dispose]();
    this.#age = undefined;
    const batch = this.#open.take(++this.#sequence);
    this.#unanswered++;
    const deliveries = batch.deliveries.reduce((sum, delivery) => sum + delivery.events.length, 0);
    this.shard.run(batch).then(
      (report) => this.#settle(() => this.#options.onReport(report)),
      (error: unknown) =>
        this.#settle(() =>
          this.#options.onLost({
            messages: batch.loops.length,
            deliveries,
            reason: errorText(error),
          }),
        ),
    );
  }

  #settle(handle: () => void): void {
    this.#unanswered--;
    this.#answered++;
    handle();
    this.flush();
    const answered = this.#answered;
    const ready = this.#waiters.filter((waiter) => waiter.sequence <= answered);
    if (ready.length > 0) {
      this.#waiters = this.#waiters.filter((waiter) => waiter.sequence > answered);
      for (const waiter of ready) waiter.resolve();
    }
    this.#options.onRoom();
  }

  /** Resolves when everything appended so far was answered (or lost). */
  async barrier(): Promise<void> {
    while (!this.#open.empty) {
      this.flush();
      if (this.#open.empty) break;
      await this.#after(this.#answered + 1);
    }
    if (this.#unanswered > 0) await this.#after(this.#sequence);
  }

  #after(sequence: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.push({ sequence, resolve });
    });
  }

  /** True when nothing is open or in flight. */
  get idle(): boolean {
    return this.#open.empty && this.#unanswered === 0;
  }

  /** Keeps batches back while the shard's sandboxes are brought back. Balanced by `release`. */
  hold(): void {
    this.#held++;
  }

  release(): void {
    this.#held--;
    this.flush();
    this.#options.onRoom();
  }
}
