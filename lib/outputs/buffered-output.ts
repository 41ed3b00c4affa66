/**
 * An output behind a disk queue: messages go to disk first, and from there to the output, which says when they are
 * settled. What it does not settle stays on disk for the next start.
 *
 *   deliver ─▶ disk queue ─▶ pump ─▶ output ─▶ destination
 *                  ▲                    │
 *                  └───── settled ──────┘
 */
import { join } from 'node:path';
import { Alarm } from '../alarm.ts';
import type { Output, PluginContext } from '../plugin.ts';
import { errorText, HekateError } from '../protocol/errors.ts';
import { Message } from '../protocol/message.ts';
import type { Pack } from '../protocol/pack.ts';
import { RetryPolicy } from '../retry-policy.ts';
import { DiskQueue, type DiskQueueOptions } from './disk-queue.ts';
import { Outage } from './outage.ts';

/** Below base_dir, as upstream. */
const FOLDER = 'output_queue';
/** How long a shutdown goes on delivering what is on disk, and how long without any progress. */
const DRAIN_MS = 5_000;
const DRAIN_IDLE_MS = 1_000;
/** A queue that is filled beyond this part at the start gets time to become emptier. */
const PRESSURE_PART = 0.9;
const PRESSURE_WAIT = { delayMs: 250, maxDelayMs: 1_000, maxJitterMs: 500 };

export interface BufferedOutputOptions {
  readonly name: string;
  readonly queue: DiskQueueOptions;
  readonly context: PluginContext;
  /** full_buffer_max_retries: waits at the start for a queue that is nearly full. */
  readonly startRetries: number;
  /** Makes the output that the queue feeds. */
  readonly create: (settled: (messages: number) => void) => Output;
  /** The daemon must end, because the queue is full and full_action says so. */
  readonly onFull: (error: HekateError) => void;
}

/** The folder of an output's queue. Names that upstream maps to one folder share it here too, and then the lock. */
export function queueFolder(baseDir: string, name: string): string {
  return join(baseDir, FOLDER, name.replace(/\W/g, '_'));
}

export class BufferedOutput implements Output {
  readonly timer?: (nowNs: bigint) => void;
  readonly #options: BufferedOutputOptions;
  readonly #output: Output;
  readonly #outage: Outage;
  /** Rings when messages were settled. */
  readonly #progress: Alarm;
  #queue: DiskQueue | undefined;
  #pump: Promise<void> | undefined;
  #stopping = false;
  #settledCount = 0;

  constructor(options: BufferedOutputOptions) {
    this.#options = options;
    this.#outage = new Outage(options.context);
    this.#progress = new Alarm(options.context.clock);
    const output = options.create((messages) => this.#settled(messages));
    this.#output = output;
    if (output.timer !== undefined) this.timer = (nowNs) => output.timer?.(nowNs);
  }

  get counters(): Readonly<Record<string, number>> {
    const inner = this.#output;
    return {
      ...('counters' in inner && typeof inner.counters === 'object' ? inner.counters : {}),
      ...this.#queue?.counters,
    };
  }

  /** True when everything that came is delivered. */
  get drained(): boolean {
    return this.#queue?.drained ?? true;
  }

  /** Rejects with HKT_PLUGIN_QUEUE*, and as the output's own start does. */
  async start(): Promise<void> {
    const { name, queue, context, onFull } = this.#options;
    const folder = queueFolder(context.baseDir, name);
    const opened = await DiskQueue.open(folder, queue, { ...context, onFull });
    this.#queue = opened;
    try {
      await this.#output.start();
    } catch (thrown) {
      await opened.close();
      throw thrown;
    }
    this.#pump = this.#run(opened);
    await this.#relieve(opened);
  }

  deliver(pack: Pack): Promise<void> | undefined {
    if (this.#queue === undefined) throw new Error('not started');
    return this.#queue.put(pack.message.bytes);
  }

  async reload(): Promise<void> {
    await this.#output.reload?.();
  }

  /** Delivers what is on disk while that gets on, and keeps the rest. */
  async stop(): Promise<void> {
    const queue = this.#queue;
    if (queue === undefined) {
      await this.#output.stop();
      return;
    }
    try {
      if (this.#pump !== undefined) await this.#drain(queue);
      this.#stopping = true;
      queue.arrived.ring();
      this.#outage.hurry();
      await this.#output.stop();
      await this.#pump;
    } finally {
      await queue.close();
    }
  }

  #settled(messages: number): void {
    this.#settledCount += messages;
    this.#queue?.settle(messages);
    this.#progress.ring();
  }

  /** Gives the output what comes out of the queue, for as long as it takes it. */
  async #run(queue: DiskQueue): Promise<void> {
    while (!this.#stopping) {
      const bytes = queue.next();
      if (bytes !== undefined) {
        const room = this.#deliver(queue, bytes);
        if (room !== undefined) await room;
        continue;
      }
      try {
        const more = await queue.fill();
        this.#outage.over('the disk queue is read again');
        if (!more && !this.#stopping) await queue.arrived.wait();
      } catch (thrown) {
        const values = [this.#options.name, errorText(thrown)];
        this.#outage.report(new HekateError('HKT_PLUGIN_QUEUE_READ', values, thrown));
        await this.#outage.wait();
      }
    }
  }

  #deliver(queue: DiskQueue, bytes: Uint8Array): Promise<void> | undefined {
    const readAtMs = this.#options.context.clock.now();
    const rest = { signer: '', loopCount: 0, stream: 0, position: 0, readAtMs };
    try {
      return this.#output.deliver({ message: Message.decode(bytes), ...rest });
    } catch (thrown) {
      queue.passOver(errorText(thrown));
      return undefined;
    }
  }

  /** Waits a while for a queue that is nearly full, so that it does not end the daemon that has just come to empty it. */
  async #relieve(queue: DiskQueue): Promise<void> {
    const { context, startRetries, queue: options, onFull } = this.#options;
    const bound = options.maxBufferBytes * PRESSURE_PART;
    if (bound === 0 || queue.bytes < bound) return;
    context.log.info('Delaying start while trying to relieve back-pressure...');
    const retry = new RetryPolicy({ ...PRESSURE_WAIT, maxRetries: startRetries }, context.clock);
    while (queue.bytes >= bound && retry.times < startRetries) await retry.wait(context.signal);
    if (queue.bytes < bound || options.fullAction !== 'shutdown') return;
    const fault = new HekateError('HKT_PLUGIN_QUEUE_FULL', [options.maxBufferBytes, 'shutdown']);
    context.log.error('back-pressure not resolving: triggering shutdown');
    onFull(fault);
  }

  async #drain(queue: DiskQueue): Promise<void> {
    const { clock } = this.#options.context;
    const startMs = clock.now();
    let progressMs = startMs;
    let settled = this.#settledCount;
    while (!queue.drained) {
      await this.#progress.wait(DRAIN_IDLE_MS);
      const nowMs = clock.now();
      if (settled !== this.#settledCount) progressMs = nowMs;
      settled = this.#settledCount;
      if (nowMs - progressMs >= DRAIN_IDLE_MS || nowMs - startMs >= DRAIN_MS) return;
    }
  }
}
