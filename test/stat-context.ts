/** Contexts of plugins that have to do with statsd values: their accumulators by name. */
import { type StatAccumulator, StatAccumulators } from '../lib/inputs/stat-accumulator.ts';
import { type TestContext, testContext } from './plugin-context.ts';

export interface StatContext extends TestContext {
  accumulator(name: string): StatAccumulator;
}

export function statContext(
  name: string,
  accumulators: StatAccumulators = new StatAccumulators(),
): StatContext {
  return { ...testContext(name), accumulator: (input) => accumulators.of(input) };
}
