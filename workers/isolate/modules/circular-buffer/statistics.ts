/**
 * What only Heka's form of the circular buffer has: statistics over a column, and the Mann–Whitney U test.
 */
import type { HostFunction } from '../../engine.ts';
import { checkArgument, numberArgument, optionArgument } from '../../host-api/guest-arguments.ts';
import { columnArgument, rangeArguments, self } from './buffer-object.ts';
import { mannWhitney } from './rank-test.ts';

const FUNCTIONS: readonly string[] = ['sum', 'avg', 'sd', 'min', 'max', 'variance'];

export const hekaMethods: Readonly<Record<string, HostFunction>> = {
  compute: (args) => {
    const { ring } = self(args, 3);
    const name = FUNCTIONS[optionArgument(args, 2, FUNCTIONS)];
    const column = columnArgument(args, 3, ring);
    const range = rangeArguments(args, 4, ring);
    if (range === undefined) return [undefined, 0];
    const values = ring.range(column, range[0], range[1]).filter((v) => !Number.isNaN(v));
    return [compute(name ?? '', values), values.length];
  },
  mannwhitneyu: (args) => {
    const { ring } = self(args, 6);
    checkArgument(args.length <= 7, 0, 'too many arguments');
    const column = columnArgument(args, 2, ring);
    const [start1, end1] = [numberArgument(args, 3), numberArgument(args, 4)];
    checkArgument(end1 >= start1, 4, 'end_1 must be >= start_1');
    const [start2, end2] = [numberArgument(args, 5), numberArgument(args, 6)];
    checkArgument(end2 >= start2, 6, 'end_2 must be >= start_2');
    checkArgument(end1 < start2 || end2 < start1, 4, 'ranges must not overlap');
    const continuity = args[6];
    if (args.length === 7) {
      checkArgument(typeof continuity === 'boolean', 7, 'use_continuity must be a boolean');
    }
    const rows = [start1, end1, start2, end2].map((ns) => ring.findRow(ns, false));
    const [from1 = -1, to1 = -1, from2 = -1, to2 = -1] = rows;
    if (rows.includes(-1)) return [];
    const result = mannWhitney(
      ring.range(column, from1, to1),
      ring.range(column, from2, to2),
      continuity !== false,
    );
    return result === undefined ? [] : [result.u1, result.p];
  },
};

/** Statistics of values without NaN: population variance; NaN when there are none, but for the sum. */
function compute(name: string, values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  const average = sum / values.length;
  switch (name) {
    case 'sum':
      return sum;
    case 'avg':
      return average;
    case 'min':
    case 'max': {
      let best = Number.NaN;
      for (const value of values) {
        if (Number.isNaN(best) || (name === 'min' ? value < best : value > best)) best = value;
      }
      return best;
    }
    default: {
      let squares = 0;
      for (const value of values) squares += (value - average) ** 2;
      const variance = squares / values.length;
      return name === 'sd' ? Math.sqrt(variance) : variance;
    }
  }
}
