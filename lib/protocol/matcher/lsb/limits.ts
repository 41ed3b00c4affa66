/**
 * The bounds of a message matcher in lua_sandbox's grammar: upstream's own, and ours where upstream has none. Guests
 * compile these expressions too, so size and cost are bounded when an expression is compiled.
 */

/** Tests in one expression, TRUE and FALSE among them (upstream's). */
export const MAX_TESTS = 128;

/** Bytes of a string or pattern after unescaping (upstream's). */
export const MAX_STRING_BYTES = 255;

/** Largest index in Fields[name][index][index] (upstream's). */
export const MAX_INDEX = 255;

/** Longest expression in UTF-16 units: all tests with strings of full length fit. */
export const MAX_EXPRESSION_LENGTH = 65536;

/** Deepest nesting of parentheses; parser and compiler recurse once per level. */
export const MAX_NESTING = 200;

/**
 * Largest cost of all patterns of one matcher, in steps per byte of input at the worst. The slowest kind of step was
 * measured at about 5 ns, so one matcher takes at most some 10 µs per byte, however hostile its patterns. No single
 * pattern reaches it.
 */
export const MAX_PATTERN_COST = 2048;
