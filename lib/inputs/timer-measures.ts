/** What a timer's values come to, as statsd reckons it (Heka 0.11). Without values everything is 0. */

export interface TimerMeasures {
  readonly count: number;
  /** Values a second. */
  readonly rate: number;
  readonly lower: number;
  readonly upper: number;
  readonly sum: number;
  readonly mean: number;
  readonly percentiles: readonly Percentile[];
}

/** Of the lowest `percent` of the values. */
export interface Percentile {
  readonly percent: number;
  readonly mean: number;
  readonly upper: number;
}

/** `values` in ascending order. */
export function timerMeasures(
  values: Float64Array,
  seconds: number,
  thresholds: readonly number[],
): TimerMeasures {
  const count = values.length;
  const sums = new Float64Array(count);
  let sum = 0;
  for (const [index, value] of values.entries()) {
    sum += value;
    sums[index] = sum;
  }
  const lower = values[0] ?? 0;
  const upper = values[count - 1] ?? 0;
  return {
    count,
    rate: count / seconds,
    lower,
    upper,
    sum,
    mean: count === 0 ? 0 : sum / count,
    percentiles: thresholds.map((percent) => {
      const within = count - Math.floor(((100 - percent) / 100) * count + 0.5);
      return within > 0
        ? { percent, mean: (sums[within - 1] ?? 0) / within, upper: values[within - 1] ?? 0 }
        : { percent, mean: lower, upper };
    }),
  };
}
