/** A small seeded generator for property tests. The seed is printed with a failure's context, so a run can be repeated. */
export interface SeededRandom {
  readonly seed: number;
  /** A whole number from 0 to below `bound`. */
  below(bound: number): number;
  bytes(length: number): Uint8Array;
}

/** `HEKATE_TEST_SEED` sets the seed; otherwise every run has another one. */
export function seededRandom(
  seed = Number(process.env['HEKATE_TEST_SEED'] ?? Date.now()),
): SeededRandom {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const below = (bound: number): number => Math.floor((next() / 2 ** 32) * bound);
  return {
    seed,
    below,
    bytes: (length) => Uint8Array.from({ length }, () => below(256)),
  };
}
