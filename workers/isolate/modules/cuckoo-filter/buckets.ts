/**
 * Where a cuckoo filter keeps a key: buckets of four entries, a power of two of them. XXH64 of the key gives one bucket
 * and the fingerprint; the other bucket follows from either bucket and the fingerprint, so that an entry can be moved
 * without its key.
 */
import { GuestError } from '../../engine.ts';
import { HashKey } from '../hashes/hash-key.ts';
import { xxh64 } from '../hashes/xxh64.ts';

export const BUCKET_ENTRIES = 4;
/** Entries that are moved on before a filter counts as full. */
export const MOST_MOVES = 512;
/** What hashing and looking at two buckets costs beside the call, in instructions. */
export const LOOK_UP_WORK = 4;

const SEED = 1;
const fingerprintKey = new HashKey();

/** The buckets for so many items, as a power of two. */
export function bucketPower(items: number): number {
  const buckets = Math.floor(items / BUCKET_ENTRIES);
  let power = 0;
  while (2 ** power < buckets) power++;
  return power;
}

/** Places of the key that was located last. */
export class BucketLocator {
  /** Upper 32 bits of the key's hash; the fingerprint is the upper part of them. */
  hash = 0;
  first = 0;
  readonly #power: number;
  readonly #mask: number;
  readonly #fingerprintBytes: number;
  #random: number;

  constructor(power: number, fingerprintBytes: number) {
    this.#power = power;
    this.#mask = 2 ** power - 1;
    this.#fingerprintBytes = fingerprintBytes;
    this.#random = Math.floor(Math.random() * 0xffffffff) | 1;
  }

  locate(key: HashKey): void {
    const { high, low } = xxh64(key, 0, SEED);
    this.hash = high;
    this.first = low & this.#mask;
  }

  /** The other bucket that an entry of this bucket may be in; the same one when there is only one. */
  other(bucket: number, fingerprint: number): number {
    if (this.#power === 0) return bucket;
    fingerprintKey.integer(fingerprint, this.#fingerprintBytes);
    return bucket ^ (xxh64(fingerprintKey, 0, SEED).high >>> (32 - this.#power));
  }

  /** A random number below a power of two: which entry has to move. What a filter answers does not depend on it. */
  random(below: number): number {
    let value = this.#random;
    value ^= value << 13;
    value ^= value >>> 17;
    value ^= value << 5;
    this.#random = value;
    return (value >>> 8) & (below - 1);
  }
}

export function fullError(): GuestError {
  return new GuestError('the cuckoo filter is full');
}
