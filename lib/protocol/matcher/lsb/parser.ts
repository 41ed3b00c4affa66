/**
 * Parses a message matcher of lua_sandbox 1.x into its tree. `&&` binds tighter than `||`, a variable stands on the left
 * and a literal on the right; parentheses group as written. What each variable may be compared with is fixed here, so
 * that the compiler meets no other tests.
 */
import { HekateError } from '../../errors.ts';
import type {
  Expression,
  LsbLiteral,
  NumberHeader,
  Operator,
  StringHeader,
  Subject,
  Test,
} from '../ast.ts';
import { numberHeaders, stringHeaders } from '../ast.ts';
import type { FieldToken, HeaderToken, Token } from './lexer.ts';
import { Lexer } from './lexer.ts';
import { MAX_EXPRESSION_LENGTH, MAX_NESTING, MAX_STRING_BYTES, MAX_TESTS } from './limits.ts';
import { timestampNs } from './timestamp.ts';

export type LsbExpression = Expression<LsbLiteral>;

/** How many bytes a text of the expression stands for. */
export type ByteLength = (text: string) => number;

/** The tree of `text`. Throws HKT_MATCHER_LSB_SYNTAX and HKT_MATCHER_LSB_TOO_BIG. */
export function parseLsbMatcher(text: string, byteLength: ByteLength): LsbExpression {
  if (text.length > MAX_EXPRESSION_LENGTH) {
    throw tooBig(MAX_EXPRESSION_LENGTH, 'its length', text.length, MAX_EXPRESSION_LENGTH);
  }
  return new Parser(text, byteLength).parse();
}

export function tooBig(pos: number, what: string, size: number, limit: number): HekateError {
  return new HekateError('HKT_MATCHER_LSB_TOO_BIG', [pos, what, size, limit]);
}

function isStringHeader(name: string): name is StringHeader {
  return (stringHeaders as readonly string[]).includes(name); // widened for the search only
}

function isNumberHeader(name: string): name is NumberHeader {
  return (numberHeaders as readonly string[]).includes(name); // widened for the search only
}

class Parser {
  readonly #lexer: Lexer;
  readonly #byteLength: ByteLength;
  #token: Token;
  #depth = 0;
  #tests = 0;

  constructor(text: string, byteLength: ByteLength) {
    this.#lexer = new Lexer(text);
    this.#byteLength = byteLength;
    this.#token = this.#lexer.next();
  }

  parse(): LsbExpression {
    if (this.#token.kind === 'end') {
      throw this.#lexer.unexpected(this.#token, 'the expression is empty; TRUE matches everything');
    }
    const expression = this.#chain('or');
    const rest = this.#rest();
    if (rest.kind === 'end') return expression;
    const hint = rest.kind === ')' ? 'this parenthesis was never opened' : 'expected && or ||';
    throw this.#lexer.unexpected(rest, hint);
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

  #chain(kind: 'and' | 'or'): LsbExpression {
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

  #primary(): LsbExpression {
    const token = this.#token;
    switch (token.kind) {
      case '(':
        return this.#group(token);
      case 'boolean':
        this.#count(token);
        this.#advance();
        return { kind: 'constant', value: token.value, start: token.start, end: token.end };
      case 'header':
      case 'field':
        this.#count(token);
        return this.#test(token);
      case 'end':
        throw this.#lexer.unexpected(token, 'a test is missing here');
      default:
        throw this.#lexer.unexpected(token, 'expected a variable, TRUE, FALSE or a parenthesis');
    }
  }

  #count(token: Token): void {
    if (++this.#tests > MAX_TESTS) {
      throw tooBig(token.start, 'the number of tests', this.#tests, MAX_TESTS);
    }
  }

  #group(open: Token): LsbExpression {
    if (++this.#depth > MAX_NESTING) {
      throw tooBig(open.start, 'the depth of parentheses', this.#depth, MAX_NESTING);
    }
    this.#advance();
    const inside = this.#chain('or');
    if (this.#token.kind !== ')') {
      const hint = `the parenthesis at pos ${open.start} is not closed here`;
      throw this.#lexer.unexpected(this.#token, hint);
    }
    this.#advance();
    this.#depth--;
    return inside;
  }

  #test(token: HeaderToken | FieldToken): Test<LsbLiteral> {
    const subject = subjectOf(token);
    this.#advance();
    const operatorToken = this.#token;
    if (operatorToken.kind !== 'operator') {
      throw this.#lexer.unexpected(operatorToken, 'expected == != > >= < <= =~ or !~');
    }
    const { operator } = operatorToken;
    this.#advance();
    const literal = this.#literal(subject, operator);
    this.#advance();
    return { kind: 'test', subject, operator, literal, start: token.start, end: literal.end };
  }

  /** What the current token means behind `operator`; an error when the grammar has no such test. */
  #literal(subject: Subject, operator: Operator): LsbLiteral {
    const token = this.#token;
    const { start, end } = token;
    const isMatch = operator === '=~' || operator === '!~';
    if (isMatch && subject.kind === 'number-header') {
      throw this.#lexer.unexpected(token, `${subject.name} is compared with a number, not matched`);
    }
    if (isMatch && token.kind !== 'string') {
      throw this.#lexer.unexpected(token, `${operator} needs a pattern in quotes`);
    }
    switch (token.kind) {
      case 'string': {
        if (subject.kind === 'number-header') return this.#date(subject.name, token);
        const bytes = this.#byteLength(token.text);
        if (bytes > MAX_STRING_BYTES) {
          throw tooBig(start, "a string's length in bytes", bytes, MAX_STRING_BYTES);
        }
        const { text, plain } = token;
        if (isMatch) return { kind: 'pattern', text, plain, start, end };
        if (plain) throw this.#lexer.unexpected(token, 'a percent sign needs =~ or !~ in front');
        return { kind: 'string', text, start, end };
      }
      case 'number':
        if (subject.kind === 'string-header') {
          throw this.#lexer.unexpected(token, `${subject.name} is compared with a quoted string`);
        }
        return { kind: 'number', value: token.value, start, end };
      case 'boolean':
        if (subject.kind !== 'field') {
          throw this.#lexer.unexpected(token, 'only Fields[name] is compared with TRUE or FALSE');
        }
        if (operator !== '==' && operator !== '!=') {
          throw this.#lexer.unexpected(token, 'TRUE and FALSE are compared with == or != only');
        }
        return { kind: 'boolean', value: token.value, start, end };
      case 'nil':
        if (isAlwaysThere(subject)) {
          throw this.#lexer.unexpected(token, `${subject.name} is never NIL`);
        }
        if (operator !== '==' && operator !== '!=') {
          throw this.#lexer.unexpected(token, 'NIL is compared with == or != only');
        }
        return { kind: 'nil', start, end };
      default:
        throw this.#lexer.unexpected(token, 'a literal must follow the operator');
    }
  }

  #date(name: NumberHeader, token: Token & { readonly kind: 'string' }): LsbLiteral {
    const value = name === 'Timestamp' && !token.plain ? timestampNs(token.text) : undefined;
    if (value === undefined) {
      const hint =
        name === 'Timestamp'
          ? 'expected a date such as 2015-04-11T17:30:26Z or 2015-04-11T17:30:26.5+02:00'
          : `${name} is compared with a number`;
      throw this.#lexer.unexpected(token, hint);
    }
    return { kind: 'number', value, start: token.start, end: token.end };
  }
}

function isAlwaysThere(
  subject: Subject,
): subject is Subject & { readonly name: 'Uuid' | 'Timestamp' | 'Severity' } {
  if (subject.kind === 'field') return false;
  return subject.name === 'Uuid' || subject.name === 'Timestamp' || subject.name === 'Severity';
}

function subjectOf(token: HeaderToken | FieldToken): Subject {
  if (token.kind === 'field') {
    const { name, fieldIndex, arrayIndex } = token;
    return { kind: 'field', name, fieldIndex, arrayIndex };
  }
  const { name } = token;
  if (isStringHeader(name)) return { kind: 'string-header', name };
  if (isNumberHeader(name)) return { kind: 'number-header', name };
  throw new RangeError(`no header ${name}`); // the lexer knows the same names
}
