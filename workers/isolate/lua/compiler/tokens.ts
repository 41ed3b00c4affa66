/**
 * Tokens as small integers: a single character is its byte, everything else is above 256. Names are those of messages.
 */

export const Token = {
  AND: 257,
  BREAK: 258,
  DO: 259,
  ELSE: 260,
  ELSEIF: 261,
  END: 262,
  FALSE: 263,
  FOR: 264,
  FUNCTION: 265,
  IF: 266,
  IN: 267,
  LOCAL: 268,
  NIL: 269,
  NOT: 270,
  OR: 271,
  REPEAT: 272,
  RETURN: 273,
  THEN: 274,
  TRUE: 275,
  UNTIL: 276,
  WHILE: 277,
  CONCAT: 278,
  DOTS: 279,
  EQUAL: 280,
  GREATER_EQUAL: 281,
  LESS_EQUAL: 282,
  NOT_EQUAL: 283,
  NUMBER: 284,
  NAME: 285,
  STRING: 286,
  END_OF_SOURCE: 287,
  /** Bytes that are tokens of their own and that the parser asks for. */
  HASH: 0x23,
  PERCENT: 0x25,
  OPEN_PARENTHESIS: 0x28,
  CLOSE_PARENTHESIS: 0x29,
  STAR: 0x2a,
  PLUS: 0x2b,
  COMMA: 0x2c,
  MINUS: 0x2d,
  DOT: 0x2e,
  SLASH: 0x2f,
  COLON: 0x3a,
  SEMICOLON: 0x3b,
  LESS: 0x3c,
  ASSIGN: 0x3d,
  GREATER: 0x3e,
  OPEN_BRACKET: 0x5b,
  CLOSE_BRACKET: 0x5d,
  CARET: 0x5e,
  OPEN_BRACE: 0x7b,
  CLOSE_BRACE: 0x7d,
} as const;

const FIRST_WORD = 257;
const TEXTS: readonly string[] = (
  'and break do else elseif end false for function if in local nil not or repeat return then true until while ' +
  '.. ... == >= <= ~= <number> <name> <string> <eof>'
).split(' ');

/** Reserved words and their tokens. */
export const RESERVED: ReadonlyMap<string, number> = new Map(
  TEXTS.slice(0, Token.CONCAT - FIRST_WORD).map((word, index) => [word, FIRST_WORD + index]),
);

/** What messages call a token. */
export function tokenName(token: number): string {
  if (token >= FIRST_WORD) return TEXTS[token - FIRST_WORD] ?? '?';
  return token < 32 || token === 127 ? `char(${token})` : String.fromCharCode(token);
}
