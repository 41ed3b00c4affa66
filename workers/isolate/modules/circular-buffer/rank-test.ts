/**
 * The Mann–Whitney U test of two samples, with tie correction and normal approximation, as Heka's circular buffer has
 * it: NaN is the smallest value and ties with itself.
 */

export interface RankTest {
  readonly u1: number;
  /** One-sided probability. */
  readonly p: number;
}

/** Undefined when all values are equal. */
export function mannWhitney(
  first: readonly number[],
  second: readonly number[],
  continuity: boolean,
): RankTest | undefined {
  const n1 = first.length;
  const n2 = second.length;
  const total = n1 + n2;
  const values = [...first, ...second];
  const order = values.map((_, i) => i).sort((a, b) => compare(values[a] ?? 0, values[b] ?? 0));
  let rankSum = 0;
  let ties = 0;
  for (let from = 0; from < total; ) {
    let to = from + 1;
    while (to < total && compare(valueAt(values, order, from), valueAt(values, order, to)) === 0)
      to++;
    const rank = (from + 1 + to) / 2;
    for (let i = from; i < to; i++) if ((order[i] ?? total) < n1) rankSum += rank;
    const size = to - from;
    ties += size ** 3 - size;
    from = to;
  }
  const correction = 1 - ties / (total ** 3 - total);
  if (correction === 0) return undefined;
  const u1 = rankSum - (n1 * (n1 + 1)) / 2;
  const larger = Math.max(u1, n1 * n2 - u1);
  const deviation = Math.sqrt((correction * n1 * n2 * (total + 1)) / 12);
  const z = Math.abs((larger - (continuity ? 0.5 : 0) - (n1 * n2) / 2) / deviation);
  return { u1, p: upperTail(z) };
}

function valueAt(values: readonly number[], order: readonly number[], i: number): number {
  return values[order[i] ?? 0] ?? Number.NaN;
}

function compare(a: number, b: number): number {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : -1;
  if (Number.isNaN(b)) return 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Where the series and the continued fraction are both accurate. */
const SERIES_LIMIT = 1;
const FRACTION_STEPS = 200;

/** Probability that a standard normal variable is above z ≥ 0. */
function upperTail(z: number): number {
  return complementaryError(z / Math.SQRT2) / 2;
}

/** erfc(x) for x ≥ 0: a series of positive terms below the limit, a continued fraction above it. */
function complementaryError(x: number): number {
  const scale = Math.exp(-x * x);
  if (x < SERIES_LIMIT) {
    let term = x;
    let sum = x;
    for (let n = 1; term > sum * 1e-18 && n < FRACTION_STEPS; n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * scale * sum;
  }
  let fraction = 0;
  for (let n = FRACTION_STEPS; n >= 1; n--) fraction = n / 2 / (x + fraction);
  return scale / (Math.sqrt(Math.PI) * (x + fraction));
}
