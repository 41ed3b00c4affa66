/** Matchers in the grammar that belongs to a sandbox's `api`. */
import type { ApiFlavour } from '../batch.ts';
import { compileLsbMatcher } from './lsb/matcher.ts';
import { compileMatcher, type Matcher } from './matcher.ts';

/** Throws HKT_MATCHER_*. */
export function compileMatcherOf(api: ApiFlavour, expression: string): Matcher {
  return api === 'lsb' ? compileLsbMatcher(expression) : compileMatcher(expression);
}
