/**
 * The parser's part for expressions. Chains (`a.b.c`, `f()()`, `1 + 1 + 1`) are loops; what nests or is right associative
 * counts levels as in PUC. Each part leaves in `registers.held` what its expression holds.
 */
import type {
  BinaryOperator,
  Expression,
  GlobalExpression,
  IndexExpression,
  LocalExpression,
  LogicalExpression,
} from './ast.ts';
import { foldConstants, truth } from './fold.ts';
import type { ParserState } from './parser-state.ts';
import { parseTable } from './table-constructor.ts';
import { Token } from './tokens.ts';

interface Priority {
  readonly operator: BinaryOperator | LogicalExpression['operator'];
  readonly left: number;
  /** Lower than `left`: right associative. */
  readonly right: number;
}

const PRIORITIES: ReadonlyMap<number, Priority> = new Map<number, Priority>([
  [Token.PLUS, { operator: '+', left: 6, right: 6 }],
  [Token.MINUS, { operator: '-', left: 6, right: 6 }],
  [Token.STAR, { operator: '*', left: 7, right: 7 }],
  [Token.SLASH, { operator: '/', left: 7, right: 7 }],
  [Token.PERCENT, { operator: '%', left: 7, right: 7 }],
  [Token.CARET, { operator: '^', left: 10, right: 9 }],
  [Token.CONCAT, { operator: '..', left: 5, right: 4 }],
  [Token.NOT_EQUAL, { operator: '~=', left: 3, right: 3 }],
  [Token.EQUAL, { operator: '==', left: 3, right: 3 }],
  [Token.LESS, { operator: '<', left: 3, right: 3 }],
  [Token.LESS_EQUAL, { operator: '<=', left: 3, right: 3 }],
  [Token.GREATER, { operator: '>', left: 3, right: 3 }],
  [Token.GREATER_EQUAL, { operator: '>=', left: 3, right: 3 }],
  [Token.AND, { operator: 'and', left: 2, right: 2 }],
  [Token.OR, { operator: 'or', left: 1, right: 1 }],
]);
const UNARY_PRIORITY = 8;

export function parseExpression(state: ParserState): Expression {
  return parseOperators(state, 0);
}

/** One expression or more; all but the last are in registers. */
export function parseExpressions(state: ParserState): Expression[] {
  let last = parseExpression(state);
  const expressions = [last];
  while (state.testNext(Token.COMMA)) {
    state.registers.toNext(last);
    last = parseExpression(state);
    expressions.push(last);
  }
  return expressions;
}

/** An expression with operators of a priority above `limit`. */
function parseOperators(state: ParserState, limit: number): Expression {
  const { lexer, registers } = state;
  state.enterLevel();
  let left = parseUnary(state);
  for (;;) {
    const priority = PRIORITIES.get(lexer.token);
    if (priority === undefined || priority.left <= limit) break;
    lexer.next();
    const { operator } = priority;
    beginBinary(state, operator, left);
    const held = registers.held;
    const right = parseOperators(state, priority.right);
    left = endBinary(state, operator, left, right);
    // What the left side held; the right side's went before.
    if (operator !== 'and' && operator !== 'or') {
      registers.held = held;
      registers.free();
    }
  }
  state.leaveLevel();
  return left;
}

function parseUnary(state: ParserState): Expression {
  const { lexer } = state;
  switch (lexer.token) {
    case Token.NOT:
      return parsePrefixed(state, 'not');
    case Token.MINUS:
      return parsePrefixed(state, '-');
    case Token.HASH:
      return parsePrefixed(state, '#');
    default:
      return parseSimple(state);
  }
}

function parsePrefixed(state: ParserState, operator: '-' | 'not' | '#'): Expression {
  const { lexer, registers } = state;
  lexer.next();
  const operand = parseOperators(state, UNARY_PRIORITY);
  if (operator === '-' && operand.kind === 'number')
    return { kind: 'number', value: -operand.value };
  if (operator === 'not') {
    const value = truth(operand);
    if (value !== undefined) return { kind: 'boolean', value: !value };
    registers.toNot(operand);
  } else registers.toAny(operand);
  registers.free();
  return { kind: 'unary', operator, operand, line: lexer.lastLine };
}

/** The operator has been taken: the left side goes where it stays while the right side is computed. */
function beginBinary(state: ParserState, operator: Priority['operator'], left: Expression): void {
  const { registers } = state;
  switch (operator) {
    case 'and':
    case 'or':
      registers.toTest(left, operator === 'and');
      return;
    case '..':
      registers.toNext(left);
      return;
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
    case '^':
      if (left.kind !== 'number') registers.toOperand(left);
      return;
    default:
      registers.toOperand(left);
  }
}

function endBinary(
  state: ParserState,
  operator: Priority['operator'],
  left: Expression,
  right: Expression,
): Expression {
  const { lexer, registers } = state;
  let line = lexer.lastLine;
  switch (operator) {
    case 'and':
    case 'or':
      registers.discharge(right);
      // A constant that decides leaves the other side, cut to one value.
      if (truth(left) === (operator === 'and')) return single(right);
      return { kind: 'logical', operator, left, right, line };
    case '..':
      // `b .. c` in `a .. b .. c` becomes one instruction with the rest.
      if (right.kind === 'binary' && right.operator === '..') line = right.line;
      else registers.toNext(right);
      break;
    default:
      if (left.kind === 'number' && right.kind === 'number') {
        const value = foldConstants(operator, left.value, right.value);
        if (value !== undefined) return { kind: 'number', value };
      }
      registers.toOperand(right);
      registers.toLeftOperand(left);
  }
  registers.free();
  return { kind: 'binary', operator, left, right, line };
}

/** Cuts several results to one. */
function single(expression: Expression): Expression {
  switch (expression.kind) {
    case 'call':
    case 'method':
    case 'dots':
      return { kind: 'parenthesized', inner: expression };
    default:
      return expression;
  }
}

function parseSimple(state: ParserState): Expression {
  const { lexer, registers, scope } = state;
  registers.held = 0;
  switch (lexer.token) {
    case Token.NUMBER: {
      const { value } = lexer;
      lexer.next();
      return { kind: 'number', value };
    }
    case Token.STRING:
      return takeString(state);
    case Token.NIL:
      lexer.next();
      return { kind: 'nil' };
    case Token.TRUE:
      lexer.next();
      return { kind: 'boolean', value: true };
    case Token.FALSE:
      lexer.next();
      return { kind: 'boolean', value: false };
    case Token.DOTS: {
      const { node } = scope.current;
      if (!node.isVararg) lexer.failHere("cannot use '...' outside a vararg function");
      node.usesDots = true;
      lexer.next();
      return { kind: 'dots', line: lexer.lastLine };
    }
    case Token.OPEN_BRACE:
      return parseTable(state);
    case Token.FUNCTION: {
      lexer.next();
      const value = state.parseFunction(state, lexer.line, false, undefined);
      registers.held = 0;
      return value;
    }
    default:
      return parsePrimary(state);
  }
}

function takeString(state: ParserState): Expression {
  const value = state.lexer.text;
  state.scope.constant(value);
  state.lexer.next();
  return { kind: 'string', value };
}

/** A name or an expression in parentheses, with what follows it: fields, indices, calls. */
export function parsePrimary(state: ParserState): Expression {
  const { lexer, registers } = state;
  let expression = parsePrefix(state);
  for (;;) {
    switch (lexer.token) {
      case Token.DOT:
        expression = parseField(state, expression);
        break;
      case Token.OPEN_BRACKET: {
        registers.toAny(expression);
        const { held } = registers;
        const key = parseKey(state);
        registers.toOperand(key);
        registers.held += held;
        expression = { kind: 'index', object: expression, key, line: 0 };
        break;
      }
      case Token.COLON: {
        lexer.next();
        const name = state.checkName();
        state.scope.constant(name);
        registers.toAny(expression);
        const nameLine = lexer.lastLine;
        registers.free();
        registers.reserve(2);
        const { line } = lexer;
        const given = parseArguments(state, 2);
        expression = { kind: 'method', object: expression, name, nameLine, arguments: given, line };
        break;
      }
      case Token.OPEN_PARENTHESIS:
      case Token.STRING:
      case Token.OPEN_BRACE: {
        registers.toNext(expression);
        const { line } = lexer;
        const given = parseArguments(state, 1);
        expression = { kind: 'call', callee: expression, arguments: given, line };
        break;
      }
      default:
        return expression;
    }
  }
}

function parsePrefix(state: ParserState): Expression {
  const { lexer, registers } = state;
  registers.held = 0;
  switch (lexer.token) {
    case Token.NAME:
      return parseVariable(state);
    case Token.OPEN_PARENTHESIS: {
      const { line } = lexer;
      lexer.next();
      const inner = parseExpression(state);
      state.checkMatch(Token.CLOSE_PARENTHESIS, Token.OPEN_PARENTHESIS, line);
      registers.discharge(inner);
      state.parenthesized = inner;
      return single(inner);
    }
    default:
      return lexer.failHere('unexpected symbol');
  }
}

export function parseVariable(state: ParserState): GlobalExpression | LocalExpression {
  const { line } = state.lexer;
  const name = state.checkName();
  const local = state.scope.resolve(name);
  state.registers.held = 0;
  return local === undefined ? { kind: 'global', name, line: 0 } : { kind: 'local', local, line };
}

/** `.name` or, for a method's definition, `:name`. */
export function parseField(state: ParserState, object: Expression): IndexExpression {
  state.registers.toAny(object);
  state.lexer.next();
  const value = state.checkName();
  state.scope.constant(value);
  return { kind: 'index', object, key: { kind: 'string', value }, line: 0 };
}

/** `[key]` */
export function parseKey(state: ParserState): Expression {
  const { lexer, registers } = state;
  lexer.next();
  const key = parseExpression(state);
  if (key.kind === 'logical') registers.toAny(key);
  else registers.discharge(key);
  state.checkNext(Token.CLOSE_BRACKET);
  return key;
}

/** The arguments of a call; `held` registers are what is called. Afterwards the call holds one. */
function parseArguments(state: ParserState, held: number): Expression[] {
  const { lexer, registers, scope } = state;
  const base = scope.current.registers - held;
  let given: Expression[];
  switch (lexer.token) {
    case Token.OPEN_PARENTHESIS:
      given = parseArgumentList(state);
      break;
    case Token.OPEN_BRACE: {
      const table = parseTable(state);
      registers.toNext(table);
      given = [table];
      break;
    }
    case Token.STRING: {
      registers.held = 0;
      const text = takeString(state);
      registers.toNext(text);
      given = [text];
      break;
    }
    default:
      return lexer.failHere('function arguments expected');
  }
  scope.current.registers = base + 1;
  registers.held = 1;
  return given;
}

function parseArgumentList(state: ParserState): Expression[] {
  const { lexer, registers } = state;
  const { line } = lexer;
  if (line !== lexer.lastLine) {
    lexer.failHere('ambiguous syntax (function call x new statement)');
  }
  lexer.next();
  const given = lexer.token === Token.CLOSE_PARENTHESIS ? [] : parseExpressions(state);
  const last = given.at(-1);
  if (last?.kind === 'dots') registers.toMany(last);
  state.checkMatch(Token.CLOSE_PARENTHESIS, Token.OPEN_PARENTHESIS, line);
  if (last !== undefined && last.kind !== 'dots') registers.toMany(last);
  return given;
}
