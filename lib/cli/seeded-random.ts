/** Numbers that look random and come again with the same seed: for test data, never for secrets. */

export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed ^ 0x9e3779b9) >>> 0 || 1;
  }

  /** A whole number, 0 ≤ n < bound ≤ 2^32. Marsaglia's xorshift; the low bits are good enough for test data. */
  below(bound: number): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return this.#state % bound;
  }
}
