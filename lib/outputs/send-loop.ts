/**
 * The loop of an output that sends over a network: records wait in a bounded queue, and what fails is tried again for
 * ever, until a shutdown's patience is at its end.
 *
 *   put ─▶ queue ─▶ (due?) ─▶ send ─┬─▶ done
 *                     ▲             └─ rejected: reported, back-off
 *                     └──────────────────┘
 */
import { Alarm } from '../alarm.ts';
import type { RetryOptions } from '../retry-policy.ts';
import { Outage } from './outage.ts';
import type { OutputContext } from './output-context.ts';
import { OutputQueue } from './output-queue.ts';

/** How long a shutdown waits for a peer that does not take what is left. */
const STOP_MS = 5_000;

export interface SendLoopOptions {
  readonly context: OutputContext;
  /** The destination's name in the log: without secrets. */
  readonly target: string;
  /**
   * Sends some of the queue's oldest records and tells the queue that they are done. Rejects when the rest is to be
   * tried again. Must end soon after `signal` is aborted.
   */
  readonly send: (queue: OutputQueue, signal: AbortSignal) => Promise<void>;
  /** False while what waits must wait longer; whoever makes it true calls `wake`. A shutdown does not ask. */
  readonly due?: () => boolean;
  readonly retries?: RetryOptions;
}

export class SendLoop {
  readonly queue: OutputQueue;
  readonly outage: Outage;
  readonly #options: SendLoopOptions;
  /** Rings when there may be something to send. */
  readonly #work: Alarm;
  readonly #outOfTime = new AbortController();
  #stopping = false;
  #loop: Promise<void> | undefined;

  constructor(options: SendLoopOptions) {
    const { context } = options;
    this.#options = options;
    this.queue = new OutputQueue(undefined, context.settled);
    this.outage = new Outage(context, options.retries);
    this.#work = new Alarm(context.clock);
  }

  start(): void {
    this.#loop = this.#run();
  }

  /** Takes the record of a message; undefined when it leaves none. The promise settles when there is room. */
  put(record: Uint8Array | undefined): Promise<void> | undefined {
    if (record === undefined) {
      this.queue.skip();
      return undefined;
    }
    const room = this.queue.put(record);
    this.#work.ring();
    return room;
  }

  /** Asks again whether something is due. */
  wake(): void {
    this.#work.ring();
  }

  /** Sends what waits, for as long as the peer takes it. What is left then is counted as lost unless a disk queue has it. */
  async stop(): Promise<void> {
    const { context, target } = this.#options;
    this.#stopping = true;
    // A disk queue keeps what a peer that is away does not take: nothing to wait for.
    const kept = context.settled !== undefined;
    if (kept && this.outage.lasting) this.#outOfTime.abort();
    const timer = context.clock.after(STOP_MS, () => {
      this.#outOfTime.abort();
      this.outage.hurry();
    });
    this.#work.ring();
    this.outage.hurry();
    await this.#loop;
    timer[Symbol.dispose]();
    const left = this.queue.discard();
    if (!kept) this.outage.lose(left, target, `not taken within ${STOP_MS} ms`);
  }

  async #run(): Promise<void> {
    const { send, due, target } = this.#options;
    const { signal } = this.#outOfTime;
    while (!signal.aborted) {
      const wanted = this.queue.length > 0 && (this.#stopping || (due?.() ?? true));
      if (!wanted) {
        if (this.#stopping) return;
        await this.#work.wait();
        continue;
      }
      try {
        await send(this.queue, signal);
        this.outage.over(`sending to ${target} again`);
      } catch (thrown) {
        this.outage.report(thrown);
        await this.outage.wait();
      }
    }
  }
}
