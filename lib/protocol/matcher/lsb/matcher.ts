/** A message_matcher in the grammar of lua_sandbox 1.x. */
import { utf8Bytes } from '../../text.ts';
import { Matcher } from '../matcher.ts';
import { compileLsbExpression, type Encode } from './compiler.ts';
import { parseLsbMatcher } from './parser.ts';

/**
 * `encode` gives the bytes of its texts: latin1Bytes for an expression that is a guest's byte string. Throws
 * HKT_MATCHER_LSB_SYNTAX and HKT_MATCHER_LSB_TOO_BIG, whose texts name the token and its position.
 */
export function compileLsbMatcher(expression: string, encode: Encode = utf8Bytes): Matcher {
  const ast = parseLsbMatcher(expression, (text) => encode(text).length);
  return new Matcher(expression, ast, compileLsbExpression(ast, encode));
}
