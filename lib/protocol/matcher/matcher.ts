/**
 * A compiled message_matcher: decides whether a filter or an output wants a message. Immutable, without state between
 * messages, and usable on the main thread, in workers and inside isolates.
 */
import type { Message } from '../message.ts';
import type { MessageView } from '../message-view.ts';
import type { Expression, Literal, LsbLiteral } from './ast.ts';
import { compileExpression } from './compiler.ts';
import { parseMatcher } from './parser.ts';
import type { ViewTest } from './view-test.ts';

export class Matcher {
  readonly expression: string;
  readonly ast: Expression<Literal | LsbLiteral>;
  readonly #test: ViewTest;

  constructor(expression: string, ast: Expression<Literal | LsbLiteral>, test: ViewTest) {
    this.expression = expression;
    this.ast = ast;
    this.#test = test;
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

/**
 * A matcher in the grammar of Heka 0.11. Throws HKT_MATCHER_SYNTAX, _IGNORED_TEXT, _NUMBER, _REGEX and _TOO_BIG, whose texts
 * name the token and its position in characters from 0.
 */
export function compileMatcher(expression: string): Matcher {
  const ast = parseMatcher(expression);
  return new Matcher(expression, ast, compileExpression(ast));
}
