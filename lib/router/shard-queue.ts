/**
 * Flight control of one shard: fills the open batch and decides when it goes. A batch goes out when it is full, when its
 * first message is old enough, or when the shard is idle; at most `unansweredBatches` are in flight. When all are, and the
 * open batch is full too, the queue is full and the router stops pulling from inputs.
 *
 *   append ─▶ open batch ─flush─▶ in flight (≤ 4) ─▶ report
 *                 full? ◀── room ◀──────────────────────┘
 *
 * A report may say that the shard has not run everything yet. Then the open batch waits, and empty batches ask the shard
 * to go on: what lies unfinished in a shard is never more than the batches that were in flight.
 */

import { limits } from '../../native-limits/limits.ts';
import type { Shard, Unstamped } from '../cells/cell.ts';
import type { Clock } from '../plugin.ts';
import type { Batch, Report } from '../protocol/batch.ts';
import { errorText } from '../protocol/errors.ts';
import type { Pack } from '../protocol/pack.ts';
import type { BatchSlot } from './open-batch.ts';
import { emptyBatch, OpenBatch } from './open-batch.ts';

export interface ShardQueueOptions {
  readonly shard: Shard;
  readonly clock: Clock;
  /** Handles a report before the next batch is sent. Must not throw. */
  readonly onReport: (report: Report) => void;
  /** A batch was lost with its thread; of earlier ones that were unfinished it cannot be told what was lost, so all counts. */
  readonly onLost: (lost: {
    readonly messages: number;
    readonly deliveries: number;
    readonly reason: string;
  }) => void;
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
  /** The last batch that was sent, and the last one of which nothing is left to do. */
  #sequence = 0;
  #completed = 0;
  #held = 0;
  /** The shard said that it has not run everything. */
  #unfinished = false;
  /** Messages and deliveries of batches that were answered but not completed. */
  #owed = { messages: 0, deliveries: 0 };
  #crowded = false;
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
    return this.#batchFull() && !this.#maySend;
  }

  /** True while a report is handled that arrived at a full queue: the shard held the router up. */
  get crowded(): boolean {
    return this.#crowded;
  }

  get #maySend(): boolean {
    return (
      this.#held === 0 && !this.#unfinished && this.#unanswered < limits.unansweredBatches.value
    );
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
    if (this.#open.empty || !this.#maySend) return;
    this.#age?.[Symbol.dispose]();
    this.#age = undefined;
    this.#send(this.#open.take(++this.#sequence));
  }

  #send(batch: Unstamped<Batch>): void {
    this.#unanswered++;
    const messages = batch.loops.length;
    const deliveries = batch.deliveries.reduce((sum, delivery) => sum + delivery.events.length, 0);
    this.shard.run(batch).then(
      (report) => this.#answered(batch.sequence, report, messages, deliveries),
      (error: unknown) => this.#lost(batch.sequence, errorText(error), messages, deliveries),
    );
  }

  #answered(sequence: number, report: Report, messages: number, deliveries: number): void {
    this.#crowded = this.full;
    this.#unanswered--;
    this.#unfinished = report.unfinished;
    if (report.unfinished) {
      this.#owed.messages += messages;
      this.#owed.deliveries += deliveries;
    } else {
      this.#owed = { messages: 0, deliveries: 0 };
      this.#completed = sequence;
    }
    this.#options.onReport(report);
    this.#crowded = false;
    this.#goOn();
  }

  #lost(sequence: number, reason: string, messages: number, deliveries: number): void {
    this.#unanswered--;
    const owed = this.#owed;
    this.#unfinished = false;
    this.#owed = { messages: 0, deliveries: 0 };
    this.#completed = sequence;
    this.#options.onLost({
      messages: messages + owed.messages,
      deliveries: deliveries + owed.deliveries,
      reason,
    });
    this.#goOn();
  }

  #goOn(): void {
    if (this.#unfinished && this.#unanswered === 0) this.#send(emptyBatch(this.#sequence));
    this.flush();
    const completed = this.#completed;
    const ready = this.#waiters.filter((waiter) => waiter.sequence <= completed);
    if (ready.length > 0) {
      this.#waiters = this.#waiters.filter((waiter) => waiter.sequence > completed);
      for (const waiter of ready) waiter.resolve();
    }
    this.#options.onRoom();
  }

  /** Resolves when everything appended so far was answered (or lost), however much is appended meanwhile. */
  barrier(): Promise<void> {
    const sequence = this.#open.empty ? this.#sequence : this.#sequence + 1;
    this.flush();
    if (sequence <= this.#completed) return Promise.resolve();
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
