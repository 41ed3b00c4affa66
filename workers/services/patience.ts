/**
 * How services wait on behalf of a guest: in slices, so that the guest can be told to stop meanwhile, and only after it was
 * asked once to hand over what it gathered.
 *
 *   stop word 0   waits as long as it was told
 *             1   a wait for others that has an end ends now, as if its time were over; one to get rid of something goes on
 *             2   every wait ends by an error; the guest itself ends at its next safepoint
 */
import { ControlWord } from '../../lib/protocol/control-word.ts';
import { STOPPED } from '../isolate/contract.ts';
import { ServiceError, WaitFirst } from './service-error.ts';

/** Longest time between two looks at the stop word. */
const SLICE_MS = 50;

export interface PatienceOptions {
  /** Words of ControlWord. */
  readonly control?: Int32Array | undefined;
  /** Says so, by WaitFirst, before the first wait of an operation: the operation is then asked for again. */
  readonly announces?: boolean;
  /** Waits for others end early when the guest is asked to stop: inputs, which are to stop taking anything in. */
  readonly hurries?: boolean;
  /** Longest wait; what takes longer is an error. Default: no limit. */
  readonly mostMs?: number;
}

export class Patience {
  readonly #control: Int32Array | undefined;
  readonly #announces: boolean;
  readonly #hurries: boolean;
  readonly #mostMs: number;
  #announced = false;

  constructor(options: PatienceOptions = {}) {
    this.#control = options.control;
    this.#announces = options.announces ?? false;
    this.#hurries = options.hurries ?? false;
    this.#mostMs = options.mostMs ?? Number.POSITIVE_INFINITY;
  }

  /** 0, 1 or 2. */
  get stop(): number {
    return this.#control === undefined ? 0 : Atomics.load(this.#control, ControlWord.stop);
  }

  /** True when the guest is to stop, and waits for nobody any more. */
  get over(): boolean {
    return this.#hurries && this.stop > 0;
  }

  /** The operation is through: the next one announces its wait again. */
  settle(): void {
    this.#announced = false;
  }

  /** To be called before an operation waits by other means than these. */
  announce(): void {
    if (!this.#announces || this.#announced) return;
    this.#announced = true;
    throw new WaitFirst();
  }

  /**
   * Waits until `ready` says so, which is asked again whenever the word's first number changed; false when the time is over
   * first. An operation must have changed nothing before it waits. `patient`: it goes on when the guest is asked to stop.
   */
  until(
    ready: () => boolean,
    word: Int32Array,
    timeoutMs: number,
    patient: boolean = !this.#hurries,
  ): boolean {
    if (ready()) return true;
    if (timeoutMs <= 0) return false;
    this.announce();
    const started = performance.now();
    for (;;) {
      const seen = Atomics.load(word, 0);
      if (ready()) return true;
      const { stop } = this;
      if (stop === 2) throw new ServiceError(STOPPED);
      if (stop === 1 && !patient && timeoutMs !== Number.POSITIVE_INFINITY) return false;
      const waited = performance.now() - started;
      if (waited >= timeoutMs) return false;
      if (waited >= this.#mostMs) throw new ServiceError('it waits longer than a call may take');
      Atomics.wait(word, 0, seen, Math.min(SLICE_MS, timeoutMs - waited, this.#mostMs - waited));
    }
  }

  /** Lets so much time pass; less when it is to stop. */
  sleep(ms: number): void {
    this.until(() => false, new Int32Array(new SharedArrayBuffer(4)), ms);
  }
}
