/**
 * Parses a message_matcher into its tree (grammar: Heka 0.11). `&&` binds tighter than `||`, a variable stands on the
 * left and a literal on the right. Unlike hekad, two expressions side by side are refused: it obeyed only the last one.
 */
import { HekateError } from '../errors.ts';
import type {
  Expression,
  Literal,
  NumberHeader,
  Operator,
  StringHeader,
  Subject,
  Test,
} from './ast.ts';
import { numberHeaders, stringHeaders } from './ast.ts';
import type { Token } from './lexer.ts';
import { Lexer } from './lexer.ts';
import { MAX_EXPRESSION_LENGTH, MAX_NESTING } from './limits.ts';

/** The tree of `text`. Throws HKT_MATCHER_SYNTAX, _NUMBER, _IGNORED_TEXT and _TOO_BIG. */
export function parseMatcher(text: string): Expression {
  if (text.length > MAX_EXPRESSION_LENGTH) {
    const values = [MAX_EXPRESSION_LENGTH, 'its length', text.length, MAX_EXPRESSION_LENGTH];
    throw new HekateError('HKT_MATCHER_TOO_BIG', values);
  }
  return new Parser(text).parse();
}

function isStringHeader(name: string): name is StringHeader {
  return (stringHeaders as readonly string[]).includes(name); // widened for the search only
}

function isNumberHeader(name: string): name is NumberHeader {
  return (numberHeaders as readonly string[]).includes(name); // widened for the search only
}

class Parser {
  readonly #lexer: Lexer;
  #token: Token;
  #depth = 0;

  constructor(text: string) {
    this.#lexer = new Lexer(text);
    this.#token = this.#lexer.next();
  }

  parse(): Expression {
    if (this.#token.kind === 'end') {
      throw this.#lexer.unexpected(this.#token, 'the expression is empty; TRUE matches everything');
    }
    const expression = this.#chain('or');
    const rest = this.#rest();
    switch (rest.kind) {
      case 'end':
        return expression;
      case '(':
      case 'header':
      case 'field':
      case 'boolean':
        throw this.#lexer.unexpected(
          rest,
          'join two expressions with && or ||; hekad obeyed only the last one',
          'HKT_MATCHER_IGNORED_TEXT',
        );
      case ')':
        throw this.#lexer.unexpected(rest, 'this parenthesis was never opened');
      default:
        throw this.#lexer.unexpected(rest, 'expected && or || or the end');
    }
  }

  /** What follows; a call, so that the compiler does not take it for the token tested before. */
  #rest(): Token {
    return this.#token;
  }

  #advance(): Token {
    const token = this.#token;
    this.#token = this.#lexer.next();
    return token;
  }

  #chain(kind: 'and' | 'or'): Expression {
    const first = kind === 'or' ? this.#chain('and') : this.#primary();
    const operator = kind === 'or' ? '||' : '&&';
    if (this.#token.kind !== operator) return first;
    const terms = [first];
    let end = first.end;
    while (this.#token.kind === operator) {
      this.#advance();
      const term = kind === 'or' ? this.#chain('and') : this.#primary();
      terms.push(term);
      end = term.end;
    }
    return { kind, terms, start: first.start, end };
  }

  #primary(): Expression {
    const token = this.#token;
    switch (token.kind) {
      case '(':
        return this.#group(token);
      case 'boolean':
        this.#advance();
        return { kind: 'constant', value: token.value, start: token.start, end: token.end };
      case 'header':
      case 'field':
        return this.#test(token);
      case 'end':
        throw this.#lexer.unexpected(token, 'an expression is missing here');
      default:
        throw this.#lexer.unexpected(token, 'expected a variable, TRUE, FALSE or a parenthesis');
    }
  }

  #group(open: Token): Expression {
    if (++this.#depth > MAX_NESTING) {
      const values = [open.start, 'the depth of parentheses', this.#depth, MAX_NESTING];
      throw new HekateError('HKT_MATCHER_TOO_BIG', values);
    }
    this.#advance();
    const inside = this.#chain('or');
    if (this.#token.kind !== ')') {
      throw this.#lexer.unexpected(
        this.#token,
        `the parenthesis at pos ${open.start} is not closed here`,
      );
    }
    this.#advance();
    this.#depth--;
    return inside;
  }

  #test(token: Token & { readonly kind: 'header' | 'field' }): Test {
    const subject = subjectOf(token);
    this.#advance();
    const operatorToken = this.#token;
    if (operatorToken.kind !== 'operator') {
      throw this.#lexer.unexpected(operatorToken, 'expected == != > >= < <= =~ or !~');
    }
    this.#advance();
    const literalToken = this.#token;
    const literal = literalOf(literalToken);
    if (literal === undefined) {
      throw this.#lexer.unexpected(literalToken, 'a literal must follow the operator');
    }
    const fault = testFault(subject, operatorToken.operator, literal);
    if (fault !== '') throw this.#lexer.unexpected(literalToken, fault);
    this.#advance();
    const { operator } = operatorToken;
    return { kind: 'test', subject, operator, literal, start: token.start, end: literal.end };
  }
}

function subjectOf(token: Token & { readonly kind: 'header' | 'field' }): Subject {
  if (token.kind === 'field') {
    const { name, fieldIndex, arrayIndex } = token;
    return { kind: 'field', name, fieldIndex, arrayIndex };
  }
  const { name } = token;
  if (isStringHeader(name)) return { kind: 'string-header', name };
  if (isNumberHeader(name)) return { kind: 'number-header', name };
  throw new RangeError(`no header ${name}`); // the lexer knows the same names
}

function literalOf(token: Token): Literal | undefined {
  const { start, end } = token;
  switch (token.kind) {
    case 'string':
      return { kind: 'string', text: token.text, start, end };
    case 'number':
      return { kind: 'number', value: token.value, start, end };
    case 'regex':
      return { kind: 'regex', pattern: token.pattern, start, end };
    case 'boolean':
      return { kind: 'boolean', value: token.value, start, end };
    case 'nil':
      return { kind: 'nil', start, end };
    default:
      return undefined;
  }
}

/** Why the grammar has no such test, or "" when it has. */
function testFault(subject: Subject, operator: Operator, literal: Literal): string {
  const isRegexOperator = operator === '=~' || operator === '!~';
  if (isRegexOperator && literal.kind !== 'regex') {
    return `${operator} needs a regular expression: /…/`;
  }
  if (!isRegexOperator && literal.kind === 'regex') {
    return 'a regular expression needs =~ or !~';
  }
  if (subject.kind === 'string-header' && literal.kind !== 'string' && !isRegexOperator) {
    return `${subject.name} is compared with a quoted string`;
  }
  if (subject.kind === 'number-header' && literal.kind !== 'number') {
    return `${subject.name} is compared with a number`;
  }
  if (literal.kind === 'nil' && operator !== '==' && operator !== '!=') {
    return 'NIL is compared with == or != only';
  }
  if (literal.kind === 'boolean' && operator !== '==') {
    return 'TRUE and FALSE are compared with == only';
  }
  return '';
}
