/**
 * The bands that a standard normal variable falls into with equal probability: where they end, and how far apart two of
 * them are. Computed when a cardinality is first used; upstream's tables come out, number for number.
 */

export const SMALLEST_CARDINALITY = 2;
export const LARGEST_CARDINALITY = 16;

export interface Bands {
  /** Where bands end, from the lowest on: quantiles cut to three decimals, as single precision has them. */
  readonly breaks: readonly number[];
  /** Distance of bands a and b at a × cardinality + b: quantiles' difference, three decimals, single precision. */
  readonly distances: readonly number[];
}

const known = new Map<number, Bands>();

export function bandsOf(cardinality: number): Bands {
  let bands = known.get(cardinality);
  if (bands === undefined) {
    bands = makeBands(cardinality);
    known.set(cardinality, bands);
  }
  return bands;
}

const STEP = 1000;

function makeBands(cardinality: number): Bands {
  const quantiles = Array.from({ length: cardinality - 1 }, (_, i) =>
    quantile((i + 1) / cardinality),
  );
  const breaks = quantiles.map((value) => Math.fround(Math.trunc(value * STEP) / STEP));
  const distances: number[] = [];
  for (let a = 0; a < cardinality; a++) {
    for (let b = 0; b < cardinality; b++) {
      const between = Math.abs(a - b) > 1;
      const upper = quantiles[Math.max(a, b) - 1] ?? 0;
      const lower = quantiles[Math.min(a, b)] ?? 0;
      distances.push(between ? Math.fround(Math.round((upper - lower) * STEP) / STEP) : 0);
    }
  }
  return { breaks, distances };
}

const NEWTON_STEPS = 12;
const SERIES_TERMS = 60;

/** Quantile of the standard normal distribution, for probabilities that are not near 0 or 1. */
function quantile(probability: number): number {
  let x = 0;
  for (let step = 0; step < NEWTON_STEPS; step++) {
    const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
    // The distribution's series: x + x³/3 + x⁵/(3·5) + … times the density, above a half.
    let term = x;
    let sum = x;
    for (let n = 3; n < 2 * SERIES_TERMS; n += 2) {
      term *= (x * x) / n;
      sum += term;
    }
    x -= (0.5 + density * sum - probability) / density;
  }
  return x;
}
