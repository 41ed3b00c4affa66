/**
 * The bounds of a message_matcher. Tenants write these expressions and the router evaluates them for every message on
 * the main thread, so size and cost are bounded when the expression is compiled.
 */

/** Longest expression in UTF-16 units. The longest one in Heka's documentation has 160. */
export const MAX_EXPRESSION_LENGTH = 16384;

/** Deepest nesting of parentheses; parser and compiler recurse once per level. */
export const MAX_NESTING = 200;

/** Largest index in Fields[name][index][index]; no message holds that many values. */
export const MAX_INDEX = 2147483647;

/** Longest regular expression in UTF-16 units: bounds what its parser may do. */
export const MAX_PATTERN_LENGTH = 4096;

/** Deepest nesting of groups inside one regular expression. */
export const MAX_GROUP_NESTING = 100;

/**
 * Largest cost of all regular expressions of one matcher, in steps per byte of input at the worst. A step of the
 * slowest path was measured at about 20 ns, so 500 mean 10 µs per byte, 2 ms for a message of 200 bytes. That is
 * the hostile worst case: the usual one is a few ns per byte whatever the size of the expression.
 */
export const MAX_REGEX_COST = 500;

/** A regular expression costs its program's instructions and this. Keeps one matcher below about 30 automata. */
export const REGEX_BASE_COST = 16;

/** Searching a literal looks at each byte at most twice. */
export const LITERAL_SEARCH_COST = 2;

/**
 * Memory for an automaton's cached states: this, and more per instruction. The library's default, 8 MiB for each
 * expression, is too much for thousands of tenants; beyond it the cache is emptied or the slower, stateless path taken.
 */
export const AUTOMATON_BASE_BYTES = 65536;
export const AUTOMATON_BYTES_PER_INSTRUCTION = 4096;
