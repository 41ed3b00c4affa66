/**
 * The entries of a cuckoo filter that forgets: 32-bit fingerprints, 0 where there is none, each with the time interval
 * when it was seen, as one of 256 numbers that come again and again.
 *
 *   window of 256 intervals:  oldest = current + 1 │ … │ current          position 0 … 255, all modulo 256
 *
 * What leaves the window is removed when a later time is added. When four fifths of the places are taken, the oldest
 * interval that the last search has seen is removed too.
 */

import { BUCKET_ENTRIES, BucketLocator, fullError, MOST_MOVES } from '../cuckoo-filter/buckets.ts';
import type { HashKey } from '../hashes/hash-key.ts';
import type { ObjectMemory } from '../native-module.ts';

export const INTERVALS = 256;
const LAST = INTERVALS - 1;
const FINGERPRINT_BYTES = 4;
const MOST_TAKEN = 0.8;
const NANOSECONDS = 1e9;
/** Entries that a search looks at for the price of one instruction. */
const ENTRIES_PER_INSTRUCTION = 8;
/** No interval is known to be the oldest one. */
export const NONE = -1;

/** What `add` says of a new key; of a known one it says how many intervals lie between. */
export const ADDED = -1;
/** A fingerprint is not in a bucket. */
const MISSING = -1;

export class ExpiringTable {
  readonly power: number;
  readonly secondsPerInterval: number;
  readonly entries: Uint32Array;
  readonly intervals: Uint8Array;
  /** Fingerprints that are there. */
  count = 0;
  /** Start of the current interval, seconds. */
  time = 0;
  /** The interval that goes when there is no room, or NONE. */
  oldest = NONE;
  readonly #locator: BucketLocator;
  readonly #memory: ObjectMemory;

  constructor(power: number, secondsPerInterval: number, memory: ObjectMemory) {
    this.power = power;
    this.secondsPerInterval = secondsPerInterval;
    const entries = 2 ** power * BUCKET_ENTRIES;
    this.entries = new Uint32Array(entries);
    this.intervals = new Uint8Array(entries);
    this.#locator = new BucketLocator(power, FINGERPRINT_BYTES);
    this.#memory = memory;
    this.time = LAST * secondsPerInterval;
  }

  static bytes(power: number): number {
    return 2 ** power * BUCKET_ENTRIES * (FINGERPRINT_BYTES + 1);
  }

  /** Number of the current interval. */
  get current(): number {
    return (this.time / this.secondsPerInterval) % INTERVALS;
  }

  clear(): void {
    this.entries.fill(0);
    this.intervals.fill(0);
    this.count = 0;
    this.oldest = NONE;
    this.time = LAST * this.secondsPerInterval;
  }

  /** ADDED, the distance of a known key in intervals, or undefined when the time is before the window. */
  add(key: HashKey, ns: number): number | undefined {
    const seconds = Math.trunc(ns / NANOSECONDS);
    const size = this.secondsPerInterval;
    const time = seconds - (seconds % size);
    if (!(time >= this.time - size * LAST && Number.isSafeInteger(time))) return undefined;
    const interval = (time / size) % INTERVALS;
    if (time > this.time) this.#advance(time, interval);
    if (this.count / this.entries.length >= MOST_TAKEN) {
      const oldest = this.oldest === NONE ? (this.current + 1) % INTERVALS : this.oldest;
      this.oldest = this.#remove(oldest, oldest);
    }
    const locator = this.#locator;
    locator.locate(key);
    const fingerprint = fingerprintOf(locator.hash);
    const { first } = locator;
    const inFirst = this.#see(first, fingerprint, interval);
    if (inFirst !== MISSING) return inFirst;
    const second = locator.other(first, fingerprint);
    const inSecond = this.#see(second, fingerprint, interval);
    if (inSecond !== MISSING) return inSecond;
    if (!this.#put(first, fingerprint, interval) && !this.#put(second, fingerprint, interval)) {
      const start = locator.random(2) === 0 ? first : second;
      const distance = this.#makeRoom(start, fingerprint, interval);
      if (distance !== ADDED) return distance;
    }
    this.count++;
    return ADDED;
  }

  /** The interval of a key, or undefined. */
  find(key: HashKey): number | undefined {
    const at = this.#locate(key);
    return at < 0 ? undefined : this.intervals[at];
  }

  delete(key: HashKey): boolean {
    const at = this.#locate(key);
    if (at < 0) return false;
    this.entries[at] = 0;
    this.intervals[at] = 0;
    this.count--;
    return true;
  }

  #advance(time: number, interval: number): void {
    if (this.count > 0) {
      const steps = (time - this.time) / this.secondsPerInterval;
      if (steps < INTERVALS) {
        this.oldest = this.#remove((this.current + 1) % INTERVALS, interval);
      } else {
        this.#remove(0, LAST);
        this.oldest = NONE;
      }
    }
    this.time = time;
  }

  /**
   * Removes the entries of the intervals from `start` to `end`, around the end of the numbers when they are in that
   * order. Returns the oldest interval that was there before, removed ones included; the newest one when there was none.
   */
  #remove(start: number, end: number): number {
    const { entries, intervals } = this;
    this.#memory.charge(entries.length / ENTRIES_PER_INSTRUCTION);
    const shift = this.current + 1;
    let oldest = LAST;
    for (let at = 0; at < entries.length; at++) {
      if (entries[at] === 0) continue;
      const interval = intervals[at] as number; // as long as the entries
      const inside =
        end >= start ? interval >= start && interval <= end : interval >= start || interval <= end;
      if (inside) {
        entries[at] = 0;
        intervals[at] = 0;
        this.count--;
      }
      oldest = Math.min(oldest, (interval - shift) & LAST);
    }
    return (oldest + shift) & LAST;
  }

  /** Entry of the key's fingerprint, or -1. */
  #locate(key: HashKey): number {
    const locator = this.#locator;
    locator.locate(key);
    const fingerprint = fingerprintOf(locator.hash);
    const at = this.#index(locator.first, fingerprint);
    return at >= 0 ? at : this.#index(locator.other(locator.first, fingerprint), fingerprint);
  }

  #index(bucket: number, fingerprint: number): number {
    const from = bucket * BUCKET_ENTRIES;
    for (let at = from; at < from + BUCKET_ENTRIES; at++) {
      if (this.entries[at] === fingerprint) return at;
    }
    return -1;
  }

  /** Notes that a fingerprint was seen again, if it is in the bucket: its distance, or MISSING. */
  #see(bucket: number, fingerprint: number, interval: number): number {
    const at = this.#index(bucket, fingerprint);
    if (at < 0) return MISSING;
    const shift = this.current + 1;
    const seen = (interval - shift) & LAST;
    const before = ((this.intervals[at] as number) - shift) & LAST; // as long as the entries
    if (seen <= before) return before - seen;
    this.intervals[at] = interval;
    return seen - before;
  }

  #put(bucket: number, fingerprint: number, interval: number): boolean {
    const at = this.#index(bucket, 0);
    if (at < 0) return false;
    this.entries[at] = fingerprint;
    this.intervals[at] = interval;
    return true;
  }

  /** Puts the fingerprint in place of another one, that one in place of a third, … until one finds a free entry. */
  #makeRoom(bucket: number, fingerprint: number, interval: number): number {
    const { entries, intervals } = this;
    const locator = this.#locator;
    let from = bucket;
    let homeless = fingerprint;
    let homelessInterval = interval;
    for (let move = 0; move < MOST_MOVES; move++) {
      this.#memory.charge(1);
      const at = from * BUCKET_ENTRIES + locator.random(BUCKET_ENTRIES);
      const evicted = entries[at] as number; // an entry of a bucket
      const evictedInterval = intervals[at] as number; // as above
      entries[at] = homeless;
      intervals[at] = homelessInterval;
      homeless = evicted;
      homelessInterval = evictedInterval;
      from = locator.other(from, homeless);
      const distance = this.#see(from, homeless, homelessInterval);
      if (distance !== MISSING) return distance;
      if (this.#put(from, homeless, homelessInterval)) return ADDED;
    }
    throw fullError();
  }
}

function fingerprintOf(hash: number): number {
  return hash >>> 0 || 1;
}
