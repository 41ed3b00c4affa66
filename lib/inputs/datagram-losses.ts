/**
 * Counts the datagrams that a socket loses, here and in the kernel, and says so every few seconds while there are more.
 */
import type { Clock, Logger } from '../plugin.ts';
import { HekateError } from '../protocol/errors.ts';
import { kernelDrops } from './kernel-drops.ts';

/** How often the drop counters are read and reported. */
const CHECK_MS = 5_000;

export interface DatagramLossOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** The bound address. */
  readonly host: string;
  readonly port: number;
  /** What drops datagrams on our side, such as "a full queue". */
  readonly where: string;
}

export class DatagramLosses {
  readonly #options: DatagramLossOptions;
  #dropped = 0;
  #reported = 0;
  #kernel: number | undefined;
  #timer: Disposable | undefined;
  #checking = false;

  constructor(options: DatagramLossOptions) {
    this.#options = options;
  }

  /** Begins to watch the kernel's counter, and to report. */
  async start(): Promise<void> {
    this.#kernel = await kernelDrops(this.#options.host, this.#options.port);
    this.#schedule();
  }

  /** Dropped on our side. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Dropped by the kernel since the socket was bound; undefined where the system does not say. */
  get kernel(): number | undefined {
    return this.#kernel;
  }

  /** A datagram was dropped on our side. */
  count(): void {
    this.#dropped++;
  }

  /** Reports what is left to report. Call it before the socket is closed. */
  async end(): Promise<void> {
    this.#timer?.[Symbol.dispose]();
    await this.#check();
  }

  #schedule(): void {
    this.#timer = this.#options.clock.after(CHECK_MS, () => {
      this.#schedule();
      void this.#check();
    });
  }

  /** Never rejects: an unreadable table counts as unknown. */
  async #check(): Promise<void> {
    if (this.#dropped > this.#reported) {
      this.#report(this.#dropped - this.#reported, this.#options.where, this.#dropped);
      this.#reported = this.#dropped;
    }
    if (this.#checking) return;
    this.#checking = true;
    const before = this.#kernel;
    const drops = await kernelDrops(this.#options.host, this.#options.port);
    this.#checking = false;
    if (drops === undefined) return;
    this.#kernel = drops;
    if (before !== undefined && drops > before) this.#report(drops - before, 'the kernel', drops);
  }

  #report(count: number, where: string, total: number): void {
    this.#options.log.error(
      new HekateError('HKT_PLUGIN_DATAGRAMS_DROPPED', [count, where, total]).message,
    );
  }
}
