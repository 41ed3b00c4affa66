/**
 * The entries of a cuckoo filter: 16-bit fingerprints, 0 where there is none. A fingerprint is at most once in the two
 * buckets of its key.
 */
import type { HashKey } from '../hashes/hash-key.ts';
import type { ObjectMemory } from '../native-module.ts';
import { BUCKET_ENTRIES, BucketLocator, fullError, MOST_MOVES } from './buckets.ts';

const FINGERPRINT_BYTES = 2;

export class CuckooTable {
  readonly power: number;
  readonly entries: Uint16Array;
  /** Fingerprints that were added. */
  count = 0;
  readonly #locator: BucketLocator;
  readonly #memory: ObjectMemory;

  constructor(power: number, memory: ObjectMemory) {
    this.power = power;
    this.entries = new Uint16Array(2 ** power * BUCKET_ENTRIES);
    this.#locator = new BucketLocator(power, FINGERPRINT_BYTES);
    this.#memory = memory;
  }

  static bytes(power: number): number {
    return 2 ** power * BUCKET_ENTRIES * FINGERPRINT_BYTES;
  }

  /** False when it, or a key that looks the same, is there already. A GuestError when nothing can be moved any more. */
  add(key: HashKey): boolean {
    const locator = this.#locator;
    locator.locate(key);
    const fingerprint = fingerprintOf(locator.hash);
    const { first } = locator;
    if (this.#find(first, fingerprint) >= 0) return false;
    const second = locator.other(first, fingerprint);
    if (this.#find(second, fingerprint) >= 0) return false;
    if (!this.#put(first, fingerprint) && !this.#put(second, fingerprint)) {
      if (!this.#makeRoom(locator.random(2) === 0 ? first : second, fingerprint)) return false;
    }
    this.count++;
    return true;
  }

  has(key: HashKey): boolean {
    return this.#locate(key) >= 0;
  }

  delete(key: HashKey): boolean {
    const at = this.#locate(key);
    if (at < 0) return false;
    this.entries[at] = 0;
    this.count--;
    return true;
  }

  clear(): void {
    this.entries.fill(0);
    this.count = 0;
  }

  /** Entry of the key's fingerprint, or -1. */
  #locate(key: HashKey): number {
    const locator = this.#locator;
    locator.locate(key);
    const fingerprint = fingerprintOf(locator.hash);
    const at = this.#find(locator.first, fingerprint);
    return at >= 0 ? at : this.#find(locator.other(locator.first, fingerprint), fingerprint);
  }

  #find(bucket: number, fingerprint: number): number {
    const from = bucket * BUCKET_ENTRIES;
    for (let at = from; at < from + BUCKET_ENTRIES; at++) {
      if (this.entries[at] === fingerprint) return at;
    }
    return -1;
  }

  #put(bucket: number, fingerprint: number): boolean {
    const at = this.#find(bucket, 0);
    if (at < 0) return false;
    this.entries[at] = fingerprint;
    return true;
  }

  /** Puts the fingerprint in place of another one, that one in place of a third, … until one finds a free entry. */
  #makeRoom(bucket: number, fingerprint: number): boolean {
    const { entries } = this;
    const locator = this.#locator;
    let from = bucket;
    let homeless = fingerprint;
    for (let move = 0; move < MOST_MOVES; move++) {
      this.#memory.charge(1);
      const at = from * BUCKET_ENTRIES + locator.random(BUCKET_ENTRIES);
      const evicted = entries[at] as number; // an entry of a bucket
      entries[at] = homeless;
      homeless = evicted;
      from = locator.other(from, homeless);
      if (this.#find(from, homeless) >= 0) return false;
      if (this.#put(from, homeless)) return true;
    }
    throw fullError();
  }
}

function fingerprintOf(hash: number): number {
  return hash >>> 16 || 1;
}
