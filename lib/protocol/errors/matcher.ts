/** Catalogue entries of one area: matcher. Merged into the catalogue by ../errors.ts. */
export const matcherErrors = {
  HKT_MATCHER_SYNTAX: {
    template: 'syntax error: last token: %s pos: %s (%s)',
    retryable: false,
    advice: 'Correct the message_matcher at that position (counted in characters from 0).',
  },
  HKT_MATCHER_IGNORED_TEXT: {
    template: 'syntax error: last token: %s pos: %s (%s)',
    retryable: false,
    advice:
      'hekad ignored a part of this text silently: join the parts with && or ||, or remove the rest.',
  },
  HKT_MATCHER_NUMBER: {
    template: 'syntax error: last token: %s pos: %s (not a number)',
    retryable: false,
    advice: 'Write a number such as 6, 0.5 or 1e9, without a sign; hekad read this text as 0.',
  },
  HKT_MATCHER_REGEX: {
    template: 'syntax error: last token: %s pos: %s (invalid regular expression: %s)',
    retryable: false,
    advice: 'Use the syntax of RE2: no back-references and no look-around.',
  },
  HKT_MATCHER_TOO_BIG: {
    template: 'message_matcher is too big at pos: %s: %s is %s, the limit is %s',
    retryable: false,
    advice: 'Simplify the expression, or split it over several filters.',
  },
  HKT_MATCHER_LSB_SYNTAX: {
    template: 'invalid message matcher expression: last token: %s pos: %s (%s)',
    retryable: false,
    advice:
      "Correct the message matcher at that position (counted in characters from 0); its grammar is lua_sandbox 1.x's.",
  },
  HKT_MATCHER_LSB_TOO_BIG: {
    template: 'invalid message matcher expression: pos: %s: %s is %s, the limit is %s',
    retryable: false,
    advice: 'Simplify the expression, or split it over several sandboxes.',
  },
} as const;
