/**
 * A compiled message_matcher (Heka 0.11): decides whether a filter or an output wants a message.
 * Immutable, without state between messages, and usable on the main thread, in workers and inside isolates.
 */
import type { Message } from '../message.ts';
import type { MessageView } from '../message-view.ts';
import type { Expression } from './ast.ts';
import type { ViewTest } from './compiler.ts';
import { compileExpression } from './compiler.ts';
import { parseMatcher } from './parser.ts';

export class Matcher {
  readonly expression: string;
  readonly ast: Expression;
  readonly #test: ViewTest;

  /**
   * Compiles `expression`. Throws HKT_MATCHER_SYNTAX, _IGNORED_TEXT, _NUMBER, _REGEX and _TOO_BIG, whose texts
   * name the token and its position in characters from 0.
   */
  constructor(expression: string) {
    this.expression = expression;
    this.ast = parseMatcher(expression);
    this.#test = compileExpression(this.ast);
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
