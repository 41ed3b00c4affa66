/**
 * What statsd values add up to between two flushes: sums of counters, last values of gauges, all values of timers. The
 * number of names and of timer values is bounded; what does not fit, or is no number, is refused and counted.
 */
import type { Stat, StatSink } from '../plugin.ts';

/** Names at a time, unless max_stats says otherwise. */
export const DEFAULT_MAX_STATS = 100_000;
/** Timer values between two flushes, of all timers together: 8 MB. */
const MAX_TIMER_VALUES = 1_000_000;
/** Characters of a name. */
const LONGEST_NAME = 512;
/** Heka reckons with single precision, where 123 at a rate of 0.1 is 1230: what is lost to rounding is less than this. */
const ROUNDING = 1e-6;

/** Values that were refused for one reason since the last flush. */
export interface Refusals {
  readonly count: number;
  /** The last one of them. */
  readonly last: string;
}

export interface AccumulatedStats {
  readonly counters: readonly (readonly [name: string, count: number])[];
  readonly gauges: readonly (readonly [name: string, value: number])[];
  /** Values in ascending order. */
  readonly timers: readonly (readonly [name: string, values: Float64Array])[];
  /** No number, or no usable name. */
  readonly unreadable: Refusals;
  /** No room for another name, or for another timer value. */
  readonly full: Refusals;
}

const NONE: Refusals = { count: 0, last: '' };

/** A decimal number; what Go also reads as one (hexadecimal, Inf, NaN) is none here. */
export function statNumber(text: string): number | undefined {
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) return undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
}

/** White space and control characters would end a name, or a line, where the payload is read. */
function plainName(bucket: string): string {
  return bucket.replace(/[\s\p{Cc}]/gu, '_');
}

export class StatAccumulator implements StatSink {
  readonly #counters = new Map<string, number>();
  readonly #gauges = new Map<string, number>();
  readonly #timers = new Map<string, number[]>();
  #timerValues = 0;
  #unreadable = NONE;
  #full = NONE;
  #closed = false;
  maxStats: number = DEFAULT_MAX_STATS;

  get names(): number {
    return this.#counters.size + this.#gauges.size + this.#timers.size;
  }

  /** False once it is closed. A value that cannot be taken is counted as refused. */
  add(stat: Stat): boolean {
    if (this.#closed) return false;
    const name = plainName(stat.bucket);
    const value = statNumber(stat.value);
    if (value === undefined || name === '' || name.length > LONGEST_NAME || !(stat.sampling > 0)) {
      this.#unreadable = oneMore(this.#unreadable, stat);
    } else if (!this.#put(name, value, stat)) {
      this.#full = oneMore(this.#full, stat);
    }
    return true;
  }

  /** Takes nothing from here on. */
  close(): void {
    this.#closed = true;
  }

  /**
   * What was added up since the last time. Names are kept with 0, gauges with their value, timers without values; with
   * `deleteIdle` they are forgotten.
   */
  take(deleteIdle: boolean): AccumulatedStats {
    const stats: AccumulatedStats = {
      counters: [...this.#counters],
      gauges: [...this.#gauges],
      timers: [...this.#timers].map(
        ([name, values]) => [name, Float64Array.from(values).sort()] as const,
      ),
      unreadable: this.#unreadable,
      full: this.#full,
    };
    this.#unreadable = NONE;
    this.#full = NONE;
    this.#timerValues = 0;
    if (deleteIdle) {
      for (const names of [this.#counters, this.#gauges, this.#timers]) names.clear();
      return stats;
    }
    for (const name of this.#counters.keys()) this.#counters.set(name, 0);
    for (const name of this.#timers.keys()) this.#timers.set(name, []);
    return stats;
  }

  #put(name: string, value: number, stat: Stat): boolean {
    switch (stat.modifier) {
      case 'ms': {
        if (this.#timerValues >= MAX_TIMER_VALUES) return false;
        const values = this.#timers.get(name);
        if (values === undefined && this.names >= this.maxStats) return false;
        if (values === undefined) this.#timers.set(name, [value]);
        else values.push(value);
        this.#timerValues++;
        return true;
      }
      case 'g':
        if (!this.#gauges.has(name) && this.names >= this.maxStats) return false;
        this.#gauges.set(name, value);
        return true;
      default: {
        const sum = this.#counters.get(name);
        if (sum === undefined && this.names >= this.maxStats) return false;
        this.#counters.set(name, clamped((sum ?? 0) + whole(value / stat.sampling)));
        return true;
      }
    }
  }
}

function oneMore({ count }: Refusals, { bucket, value }: Stat): Refusals {
  return { count: count + 1, last: `${bucket}:${value}` };
}

function whole(value: number): number {
  return Math.trunc(value + Math.sign(value) * ROUNDING);
}

function clamped(value: number): number {
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, value));
}

/** The accumulators of one daemon by the names of their inputs; each is there from its first mention on. */
export class StatAccumulators {
  readonly #byName = new Map<string, StatAccumulator>();

  of(name: string): StatAccumulator {
    let accumulator = this.#byName.get(name);
    if (accumulator === undefined) {
      accumulator = new StatAccumulator();
      this.#byName.set(name, accumulator);
    }
    return accumulator;
  }
}
