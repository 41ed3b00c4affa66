/**
 * A HyperLogLog in the dense form of Redis: 16 bytes of header, then 16384 registers of 6 bits, lowest bits first.
 *
 *   "HYLL" │ encoding u8 = 0 │ 3 bytes 0 │ cached estimate u64, highest bit set: out of date │ 12288 bytes of registers
 *
 * MurmurHash64A of a key: its lowest 14 bits pick the register, which keeps the most that was seen of the number of
 * zero bits above them, plus one.
 */
import type { HashKey } from '../hashes/hash-key.ts';
import { murmur64a } from '../hashes/murmur64a.ts';

export const TEXT_BYTES = 12304;
export const REGISTERS = 16384;
const HEADER_BYTES = 16;
const INDEX_BITS = 14;
const REGISTER_BITS = 6;
const REGISTER_MASK = 63;
const ESTIMATE_AT = 8;
const STALE_AT = 15;
const STALE = 0x80;
const SEED = 0xadc83b19;
const MAGIC = [0x48, 0x59, 0x4c, 0x4c];
export const ENCODING_AT = 4;
/** Raw estimates below this are biased and corrected. */
const BIASED = 72000;

/** 2^-r for every value of a register. */
const WEIGHTS = Float64Array.from({ length: REGISTER_MASK + 1 }, (_, value) => 2 ** -value);

export class Registers {
  /** The whole form, and one byte behind it that the last register's upper part may be read from. */
  readonly bytes: Uint8Array = new Uint8Array(TEXT_BYTES + 1);

  constructor() {
    this.bytes.set(MAGIC);
    this.#invalidate();
  }

  /** True when a register grew. */
  add(key: HashKey): boolean {
    const { high, low } = murmur64a(key, SEED);
    const index = low & (REGISTERS - 1);
    // Bits above the index; the last one counts as set, so that there is always one.
    const lower = (low >>> INDEX_BITS) | (high << (32 - INDEX_BITS));
    const upper = (high >>> INDEX_BITS) | (1 << (31 - INDEX_BITS));
    const zeros = lower !== 0 ? trailingZeros(lower) : 32 + trailingZeros(upper);
    if (zeros < this.get(index)) return false;
    this.#set(index, zeros + 1);
    this.#invalidate();
    return true;
  }

  get(index: number): number {
    const bit = index * REGISTER_BITS;
    const at = HEADER_BYTES + (bit >>> 3);
    const pair = (this.bytes[at] as number) | ((this.bytes[at + 1] as number) << 8); // at + 1 is the spare byte at most
    return (pair >>> (bit & 7)) & REGISTER_MASK;
  }

  #set(index: number, value: number): void {
    const { bytes } = this;
    const bit = index * REGISTER_BITS;
    const at = HEADER_BYTES + (bit >>> 3);
    const shift = bit & 7;
    const old = (bytes[at] as number) | ((bytes[at + 1] as number) << 8); // as in `get`
    const pair = (old & ~(REGISTER_MASK << shift)) | (value << shift);
    bytes[at] = pair & 0xff;
    bytes[at + 1] = pair >>> 8;
  }

  #invalidate(): void {
    this.bytes[STALE_AT] = (this.bytes[STALE_AT] as number) | STALE; // within the header
  }

  /** Takes over the larger value of each register. */
  merge(other: Registers): void {
    for (let index = 0; index < REGISTERS; index++) {
      const value = other.get(index);
      if (value > this.get(index)) this.#set(index, value);
    }
    this.#invalidate();
  }

  clear(): void {
    this.bytes.fill(0, HEADER_BYTES);
    this.#invalidate();
  }

  get isCached(): boolean {
    return ((this.bytes[STALE_AT] as number) & STALE) === 0; // within the header
  }

  /** The estimate, from the header when nothing has changed since it was written there. */
  count(): number {
    const view = new DataView(this.bytes.buffer);
    if (this.isCached) {
      return view.getUint32(ESTIMATE_AT + 4, true) * 2 ** 32 + view.getUint32(ESTIMATE_AT, true);
    }
    const estimate = this.#estimate();
    view.setUint32(ESTIMATE_AT, estimate % 2 ** 32, true);
    view.setUint32(ESTIMATE_AT + 4, Math.floor(estimate / 2 ** 32), true);
    return estimate;
  }

  /** Sixteen registers at a time, neighbours first: sums of doubles depend on the order. */
  #estimate(): number {
    let sum = 0;
    let zeros = 0;
    for (let from = 0; from < REGISTERS; from += 16) {
      let group = 0;
      for (let index = from; index < from + 16; index += 2) {
        const first = this.get(index);
        const second = this.get(index + 1);
        if (first === 0) zeros++;
        if (second === 0) zeros++;
        group += weight(first) + weight(second);
      }
      sum += group;
    }
    return estimateOf(sum, zeros);
  }
}

/**
 * The estimate of the union of sets. As upstream computes it, two registers too early: two empty ones come first, and the
 * last two are left out. Scripts' results depend on it.
 */
export function unionEstimate(sets: readonly Registers[]): number {
  let sum = 0;
  let zeros = 2;
  for (let index = 0; index < REGISTERS - 2; index++) {
    let largest = 0;
    for (const set of sets) largest = Math.max(largest, set.get(index));
    if (largest === 0) zeros++;
    else sum += weight(largest);
  }
  return estimateOf(sum + zeros, zeros);
}

function estimateOf(sum: number, zeros: number): number {
  const m = REGISTERS;
  const alpha = 0.7213 / (1 + 1.079 / m);
  let estimate = (1 / sum) * alpha * m * m;
  if (estimate < m * 2.5 && zeros !== 0) {
    estimate = m * Math.log(m / zeros);
  } else if (estimate < BIASED) {
    const squared = estimate * estimate;
    const bias =
      5.9119 * 1.0e-18 * (squared * estimate * estimate) -
      1.4253 * 1.0e-12 * (squared * estimate) +
      1.294 * 1.0e-7 * squared -
      5.2921 * 1.0e-3 * estimate +
      83.3216;
    estimate -= estimate * (bias / 100);
  }
  return Math.trunc(estimate);
}

function weight(value: number): number {
  return WEIGHTS[value] as number; // a register has 64 values
}

function trailingZeros(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}
