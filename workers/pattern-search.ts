/**
 * Regular expressions of matchers, run for isolates that do not carry the library. Each is compiled once per shard; the
 * main thread has judged the matchers that they come from, so they are bounded in length and cost.
 */
import { compileRegex } from '../lib/protocol/matcher/regex.ts';

type Test = (bytes: Uint8Array, start: number, end: number) => boolean;

/** Expressions that are kept; some KiB each. */
const KEPT = 1000;

export class PatternSearch {
  readonly #tests = new Map<string, Test>();

  /** Does the expression match somewhere in the byte string? */
  search(pattern: string, text: string): boolean {
    const bytes = Buffer.from(text, 'latin1');
    return this.#testOf(pattern)(bytes, 0, bytes.length);
  }

  #testOf(pattern: string): Test {
    const known = this.#tests.get(pattern);
    if (known !== undefined) return known;
    const { test } = compileRegex(pattern, 0);
    this.#tests.set(pattern, test);
    const oldest = this.#tests.keys().next();
    if (this.#tests.size > KEPT && oldest.done !== true) this.#tests.delete(oldest.value);
    return test;
  }
}
