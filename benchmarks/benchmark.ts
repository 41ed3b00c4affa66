/**
 * What a benchmark is: a subject with pinned inputs that yields samples. A sample is one figure of one process; the runner
 * runs each benchmark in several processes and reports the median and the spread of what they say.
 */

/** One figure. `case` says what was measured under which circumstances, `measure` what the figure is. */
export interface Sample {
  readonly case: string;
  readonly measure: string;
  readonly unit: 'ns' | 'us' | 'ms' | 's' | 'messages/s' | 'MiB' | 'count' | 'times';
  readonly value: number;
}

/** Two figures of the same run, divided. */
export interface Ratio {
  readonly name: string;
  /** `case` and `measure` of the dividend and of the divisor. */
  readonly of: readonly [string, string];
  readonly to: readonly [string, string];
}

/** What the project aims at, to stand beside the figure. */
export interface Aim {
  readonly case: string;
  readonly measure: string;
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** Folders of programs that are not part of this project, as given on the command line. */
export interface Outside {
  /** A checkout of are-we-fast-yet. */
  readonly awfy?: string;
}

export interface Benchmark {
  readonly subject: string;
  /** What is measured and how, for readers of the table. */
  readonly conditions: readonly string[];
  /** 'by case': cases with the same measures share a table, one line per case. Default: one line per figure. */
  readonly layout?: 'by case';
  readonly ratios: readonly Ratio[];
  readonly aims: readonly Aim[];
  /** Every number that the inputs depend on. */
  parameters(quick: boolean): Readonly<Record<string, number | string | readonly number[]>>;
  run(quick: boolean, outside?: Outside): AsyncIterable<Sample>;
}
