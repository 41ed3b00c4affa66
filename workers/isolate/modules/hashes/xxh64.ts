/**
 * XXH64, the 64-bit hash of the xxHash family, over a key's bytes. The result is one object that the next call overwrites.
 */
import type { HashKey } from './hash-key.ts';
import { Word64 } from './word64.ts';

// Each prime in its two halves.
const HIGH_1 = 0x9e3779b1;
const LOW_1 = 0x85ebca87;
const HIGH_2 = 0xc2b2ae3d;
const LOW_2 = 0x27d4eb4f;
const HIGH_3 = 0x165667b1;
const LOW_3 = 0x9e3779f9;
const HIGH_4 = 0x85ebca77;
const LOW_4 = 0xc2b2ae63;
const HIGH_5 = 0x27d4eb2f;
const LOW_5 = 0x165667c5;
const STRIPE_BYTES = 32;
const LANE_BYTES = 8;

const hash = new Word64();
const input = new Word64();
const lanes = [new Word64(), new Word64(), new Word64(), new Word64()];
const LANE_ROTATIONS = [1, 7, 12, 18];

export function xxh64(key: HashKey, seedHigh: number, seedLow: number): Word64 {
  const { bytes, length, view } = key;
  let at = 0;
  hash.set(seedHigh, seedLow);
  if (length >= STRIPE_BYTES) at = hashStripes(view, length);
  else hash.add(HIGH_5, LOW_5);
  hash.add(0, length);
  for (; at + LANE_BYTES <= length; at += LANE_BYTES) {
    input.set(view.getInt32(at + 4, true), view.getInt32(at, true));
    scramble(input);
    hash.xor(input.high, input.low);
    hash.rotateLeft(27);
    hash.multiply(HIGH_1, LOW_1);
    hash.add(HIGH_4, LOW_4);
  }
  if (at + 4 <= length) {
    input.set(0, view.getInt32(at, true));
    input.multiply(HIGH_1, LOW_1);
    hash.xor(input.high, input.low);
    hash.rotateLeft(23);
    hash.multiply(HIGH_2, LOW_2);
    hash.add(HIGH_3, LOW_3);
    at += 4;
  }
  for (; at < length; at++) {
    input.set(0, bytes[at] as number); // at is below the length
    input.multiply(HIGH_5, LOW_5);
    hash.xor(input.high, input.low);
    hash.rotateLeft(11);
    hash.multiply(HIGH_1, LOW_1);
  }
  hash.xorShifted(33);
  hash.multiply(HIGH_2, LOW_2);
  hash.xorShifted(29);
  hash.multiply(HIGH_3, LOW_3);
  hash.xorShifted(32);
  return hash;
}

/** Hashes all whole stripes, starting from the seed; returns where the rest begins. */
function hashStripes(view: DataView, length: number): number {
  const { high, low } = hash;
  for (const lane of lanes) lane.set(high, low);
  const [a, b, , d] = lanes;
  a?.add(HIGH_1, LOW_1);
  a?.add(HIGH_2, LOW_2);
  b?.add(HIGH_2, LOW_2);
  d?.add(~HIGH_1, -LOW_1); // minus the first prime, whose lower half is not 0
  let at = 0;
  while (at + STRIPE_BYTES <= length) {
    for (const lane of lanes) {
      input.set(view.getInt32(at + 4, true), view.getInt32(at, true));
      input.multiply(HIGH_2, LOW_2);
      lane.add(input.high, input.low);
      lane.rotateLeft(31);
      lane.multiply(HIGH_1, LOW_1);
      at += LANE_BYTES;
    }
  }
  hash.set(0, 0);
  for (const [i, lane] of lanes.entries()) {
    input.set(lane.high, lane.low);
    input.rotateLeft(LANE_ROTATIONS[i] ?? 0);
    hash.add(input.high, input.low);
  }
  for (const lane of lanes) {
    scramble(lane);
    hash.xor(lane.high, lane.low);
    hash.multiply(HIGH_1, LOW_1);
    hash.add(HIGH_4, LOW_4);
  }
  return at;
}

/** One round of an empty lane. */
function scramble(word: Word64): void {
  word.multiply(HIGH_2, LOW_2);
  word.rotateLeft(31);
  word.multiply(HIGH_1, LOW_1);
}
