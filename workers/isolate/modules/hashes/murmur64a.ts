/**
 * MurmurHash64A (MurmurHash2 for 64-bit machines) over a key's bytes, read in little-endian order as Redis does. The
 * result is one object that the next call overwrites.
 */
import type { HashKey } from './hash-key.ts';
import { Word64 } from './word64.ts';

// The multiplier in its two halves.
const HIGH = 0xc6a4a793;
const LOW = 0x5bd1e995;
const SHIFT = 47;
const LANE_BYTES = 8;

const hash = new Word64();
const lane = new Word64();

export function murmur64a(key: HashKey, seed: number): Word64 {
  const { bytes, length, view } = key;
  hash.set(0, length);
  hash.multiply(HIGH, LOW);
  hash.xor(0, seed);
  let at = 0;
  for (; at + LANE_BYTES <= length; at += LANE_BYTES) {
    lane.set(view.getInt32(at + 4, true), view.getInt32(at, true));
    lane.multiply(HIGH, LOW);
    lane.xorShifted(SHIFT);
    lane.multiply(HIGH, LOW);
    hash.xor(lane.high, lane.low);
    hash.multiply(HIGH, LOW);
  }
  if (at < length) {
    for (let shift = 0; at < length; at++, shift += 8) {
      const byte = bytes[at] as number; // at is below the length
      if (shift < 32) hash.xor(0, byte << shift);
      else hash.xor(byte << (shift - 32), 0);
    }
    hash.multiply(HIGH, LOW);
  }
  hash.xorShifted(SHIFT);
  hash.multiply(HIGH, LOW);
  hash.xorShifted(SHIFT);
  return hash;
}
