/**
 * The thread of one input or output: such a script may wait for the machine as long as it likes, so it has a shard of its
 * own, and is told to stop through shared memory.
 *
 *   stop:  1 asks it (is_running is false), after a grace 2 ends it at its next safepoint
 */
import type { ShardImages } from '../cells/shard-images.ts';
import { ThreadCell } from '../cells/thread-cell.ts';
import type { Clock, Logger } from '../plugin.ts';
import type { Delivered, EngineName } from '../protocol/batch.ts';
import { ControlWord } from '../protocol/control-word.ts';

/** How long a script has to return by itself, as with Hindsight. */
const GRACE_MS = 10_000;

export interface MachineThreadOptions {
  readonly engine: EngineName;
  readonly images: ShardImages;
  readonly messageBytes: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onDelivered?: (delivered: Delivered) => void;
}

export class MachineThread {
  readonly cell: ThreadCell;
  readonly #words: Int32Array;
  readonly #clock: Clock;
  #grace: Disposable | undefined;

  private constructor(cell: ThreadCell, words: Int32Array, clock: Clock) {
    this.cell = cell;
    this.#words = words;
    this.#clock = clock;
  }

  static async start(options: MachineThreadOptions): Promise<MachineThread> {
    const control = new SharedArrayBuffer(ControlWord.count * Int32Array.BYTES_PER_ELEMENT);
    const { clock, engine, images, log, messageBytes, onDelivered } = options;
    const cell = await ThreadCell.start({
      shards: 1,
      messageBytes,
      images,
      engine,
      control,
      warn: (text) => log.error(text),
      ...(onDelivered === undefined ? {} : { onDelivered }),
    });
    return new MachineThread(cell, new Int32Array(control), clock);
  }

  get shard() {
    const [shard] = this.cell.shards;
    if (shard === undefined) throw new Error('a cell of one shard has none');
    return shard;
  }

  /** Asks the script to stop, and ends it when it does not. */
  requestStop(): void {
    this.#set(1);
    this.#grace ??= this.#clock.after(GRACE_MS, () => this.#set(2));
  }

  /** True once it was asked to stop. */
  get stopping(): boolean {
    return Atomics.load(this.#words, ControlWord.stop) !== 0;
  }

  /** That many bytes of what the input injected were routed. */
  taken(bytes: number): void {
    Atomics.sub(this.#words, ControlWord.untaken, bytes);
    Atomics.notify(this.#words, ControlWord.untaken);
  }

  #set(stop: number): void {
    Atomics.store(this.#words, ControlWord.stop, stop);
    Atomics.notify(this.#words, ControlWord.stop);
    Atomics.notify(this.#words, ControlWord.untaken);
  }

  /** Ends the thread; what runs in it has been told to stop. */
  async close(): Promise<void> {
    this.#grace?.[Symbol.dispose]();
    await this.cell.close();
  }
}
