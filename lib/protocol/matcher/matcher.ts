/**
 * A compiled message_matcher (of Heka 0.11 or of lua_sandbox 1.x): decides whether a filter or an output wants a message.
 * Immutable, without state between messages, and usable on the main thread, in workers and inside isolates.
 */
import type { Message } from '../message.ts';
import type { MessageView } from '../message-view.ts';
import { utf8Bytes } from '../text.ts';
import type { Expression, Literal, LsbLiteral } from './ast.ts';
import { compileExpression } from './compiler.ts';
import type { Encode } from './lsb/compiler.ts';
import { compileLsbExpression } from './lsb/compiler.ts';
import { parseLsbMatcher } from './lsb/parser.ts';
import { parseMatcher } from './parser.ts';
import type { ViewTest } from './view-test.ts';

/** Whose grammar an expression is in. */
export type MatcherApi = 'heka' | 'lsb';

export class Matcher {
  readonly expression: string;
  readonly ast: Expression<Literal | LsbLiteral>;
  readonly #test: ViewTest;

  /**
   * Compiles `expression`. In Heka's grammar throws HKT_MATCHER_SYNTAX, _IGNORED_TEXT, _NUMBER, _REGEX and _TOO_BIG, in
   * lua_sandbox's HKT_MATCHER_LSB_SYNTAX and _LSB_TOO_BIG; their texts name the token and its position in characters
   * from 0. `encode` gives the bytes of texts in lua_sandbox's grammar: latin1Bytes for an expression that is a guest's
   * byte string.
   */
  constructor(expression: string, api: MatcherApi = 'heka', encode: Encode = utf8Bytes) {
    this.expression = expression;
    if (api === 'heka') {
      const ast = parseMatcher(expression);
      this.ast = ast;
      this.#test = compileExpression(ast);
    } else {
      const ast = parseLsbMatcher(expression, (text) => encode(text).length);
      this.ast = ast;
      this.#test = compileLsbExpression(ast, encode);
    }
  }

  /**
   * True when the message that the view points at is wanted. Scans the view if need be and changes its field and
   * value registers. Throws HKT_MESSAGE_* when the bytes, or those of a field it looks at, are not a message's.
   */
  matches(view: MessageView): boolean {
    view.scan();
    return this.#test(view);
  }

  matchesMessage(message: Message): boolean {
    return this.#test(message.view);
  }
}

export function compileMatcher(expression: string): Matcher {
  return new Matcher(expression);
}

/** A matcher in lua_sandbox's grammar; see the constructor for `encode`. */
export function compileLsbMatcher(expression: string, encode?: Encode): Matcher {
  return new Matcher(expression, 'lsb', encode);
}

/** A matcher in the grammar that belongs to a sandbox's `api`. */
export function compileMatcherOf(api: MatcherApi, expression: string): Matcher {
  return new Matcher(expression, api);
}
