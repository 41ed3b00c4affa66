/**
 * Parses Lua 5.1: statements, blocks and functions. Expressions are in expression-parser.ts. Names are resolved on the way
 * (scope.ts). Messages, limits and the lines of nodes are those of PUC Lua 5.1.
 */
import type { Block, Chunk, Expression, FunctionNode, Local, Statement, Target } from './ast.ts';
import {
  parseExpression,
  parseExpressions,
  parseField,
  parsePrimary,
  parseVariable,
} from './expression-parser.ts';
import { ParserState } from './parser-state.ts';
import { asTarget, nameFunction, storeTo, targetName } from './targets.ts';
import { Token } from './tokens.ts';

/**
 * Parses a chunk, a byte string that is no binary chunk and has no `#` line. `chunkName` is as in luaL_loadbuffer: `@file`,
 * `=name` or the source itself. Throws LuaSyntaxError.
 */
export function parse(source: string, chunkName: string): Chunk {
  const state = new ParserState(source, chunkName, parseFunction);
  const { lexer, scope } = state;
  const main = scope.current.node;
  const mark = scope.openBlock();
  lexer.next();
  parseStatements(state, main.body);
  if (lexer.token !== Token.END_OF_SOURCE) state.expected(Token.END_OF_SOURCE);
  main.endLine = lexer.line;
  scope.closeFunction(mark);
  return {
    main,
    localCount: scope.localCount,
    functions: scope.functions,
    mentionsCoroutines: lexer.mentionsCoroutines,
  };
}

/** At the parenthesis that opens the parameters; `line` is that of `function`. */
function parseFunction(
  state: ParserState,
  line: number,
  isMethod: boolean,
  name: string | undefined,
): FunctionNode {
  const { lexer, scope } = state;
  const node = scope.openFunction(line);
  node.name = name;
  const mark = scope.openBlock();
  state.checkNext(Token.OPEN_PARENTHESIS);
  parseParameters(state, node, isMethod);
  state.checkNext(Token.CLOSE_PARENTHESIS);
  parseStatements(state, node.body);
  node.endLine = lexer.line;
  state.checkMatch(Token.END, Token.FUNCTION, line);
  scope.closeFunction(mark);
  return node;
}

function parseParameters(state: ParserState, node: FunctionNode, isMethod: boolean): void {
  const { lexer, scope } = state;
  const { parameters } = node;
  if (isMethod) {
    parameters.push(scope.declare('self', 0));
    scope.activate(parameters);
  }
  const named: Local[] = [];
  if (lexer.token !== Token.CLOSE_PARENTHESIS) {
    do {
      if (lexer.token === Token.NAME) {
        const name = state.checkName();
        named.push(scope.declare(name, named.length));
      } else if (lexer.token === Token.DOTS) {
        lexer.next();
        node.isVararg = true;
      } else {
        lexer.failHere("<name> or '...' expected");
      }
    } while (!node.isVararg && state.testNext(Token.COMMA));
  }
  parameters.push(...named);
  if (node.isVararg) {
    const argument = scope.declare('arg', named.length);
    scope.current.argument = argument;
    named.push(argument);
  }
  scope.activate(named);
  state.registers.reserve(scope.current.active);
}

function parseBlock(state: ParserState): Block {
  const { scope } = state;
  const block: Block = { statements: [] };
  const mark = scope.openBlock();
  parseStatements(state, block);
  scope.closeBlock(mark);
  return block;
}

function parseLoopBody(state: ParserState): Block {
  const { scope } = state;
  const { current } = scope;
  current.loops++;
  const block = parseBlock(state);
  current.loops--;
  return block;
}

function parseStatements(state: ParserState, block: Block): void {
  const { lexer, scope } = state;
  state.enterLevel();
  let isLast = false;
  while (!isLast && !endsBlock(lexer.token)) {
    isLast = lexer.token === Token.RETURN || lexer.token === Token.BREAK;
    block.statements.push(parseStatement(state));
    state.testNext(Token.SEMICOLON);
    scope.current.registers = scope.current.active;
  }
  state.leaveLevel();
}

function endsBlock(token: number): boolean {
  switch (token) {
    case Token.ELSE:
    case Token.ELSEIF:
    case Token.END:
    case Token.UNTIL:
    case Token.END_OF_SOURCE:
      return true;
    default:
      return false;
  }
}

function parseStatement(state: ParserState): Statement {
  const { lexer } = state;
  const { line } = lexer;
  switch (lexer.token) {
    case Token.IF:
      return parseIf(state, line);
    case Token.WHILE: {
      lexer.next();
      const condition = parseCondition(state);
      state.checkNext(Token.DO);
      const body = parseLoopBody(state);
      state.checkMatch(Token.END, Token.WHILE, line);
      return { kind: 'while', condition, body, line };
    }
    case Token.DO: {
      lexer.next();
      const body = parseBlock(state);
      state.checkMatch(Token.END, Token.DO, line);
      return { kind: 'do', body };
    }
    case Token.FOR:
      return parseFor(state, line);
    case Token.REPEAT:
      return parseRepeat(state, line);
    case Token.FUNCTION:
      return parseFunctionStatement(state, line);
    case Token.LOCAL:
      lexer.next();
      return state.testNext(Token.FUNCTION)
        ? parseLocalFunction(state, line)
        : parseLocal(state, line);
    case Token.RETURN:
      return parseReturn(state, line);
    case Token.BREAK:
      lexer.next();
      if (state.scope.current.loops === 0) lexer.failHere('no loop to break');
      return { kind: 'break', line };
    default:
      return parseCallOrAssignment(state, line);
  }
}

/** A condition: only whether it holds matters. */
function parseCondition(state: ParserState): Expression {
  const { registers } = state;
  const condition = parseExpression(state);
  registers.toTest(condition, true);
  return condition;
}

function parseIf(state: ParserState, line: number): Statement {
  const { lexer } = state;
  const clauses: { condition: Expression; body: Block }[] = [];
  do {
    lexer.next();
    const condition = parseCondition(state);
    state.checkNext(Token.THEN);
    clauses.push({ condition, body: parseBlock(state) });
  } while (lexer.token === Token.ELSEIF);
  const otherwise = state.testNext(Token.ELSE) ? parseBlock(state) : undefined;
  state.checkMatch(Token.END, Token.IF, line);
  return { kind: 'if', clauses, otherwise, line };
}

function parseRepeat(state: ParserState, line: number): Statement {
  const { lexer, scope } = state;
  const { current } = scope;
  lexer.next();
  const body: Block = { statements: [] };
  const mark = scope.openBlock();
  current.loops++;
  parseStatements(state, body);
  state.checkMatch(Token.UNTIL, Token.REPEAT, line);
  const condition = parseCondition(state);
  current.loops--;
  scope.closeBlock(mark);
  return { kind: 'repeat', body, condition, line };
}

function parseFor(state: ParserState, line: number): Statement {
  const { scope } = state;
  const mark = scope.openBlock();
  state.lexer.next();
  const name = state.checkName();
  const statement = parseForKind(state, name);
  state.checkMatch(Token.END, Token.FOR, line);
  scope.closeBlock(mark);
  return statement;
}

function parseForKind(state: ParserState, name: string): Statement {
  switch (state.lexer.token) {
    case Token.ASSIGN:
      return parseNumericFor(state, name);
    case Token.COMMA:
    case Token.IN:
      return parseGenericFor(state, name);
    default:
      return state.lexer.failHere("'=' or 'in' expected");
  }
}

function parseNumericFor(state: ParserState, name: string): Statement {
  const { lexer, registers } = state;
  const variable = declareLoop(state, name, 0);
  lexer.next();
  const start = parseNumber(state);
  state.checkNext(Token.COMMA);
  const limit = parseNumber(state);
  let step: Expression | undefined;
  if (state.testNext(Token.COMMA)) step = parseNumber(state);
  else registers.reserve(1);
  const { line, body } = parseForBody(state, [variable]);
  return { kind: 'numericFor', variable, start, limit, step, body, line };
}

function parseNumber(state: ParserState): Expression {
  const value = parseExpression(state);
  state.registers.toNext(value);
  return value;
}

function parseGenericFor(state: ParserState, name: string): Statement {
  const { lexer, registers } = state;
  const variables = [declareLoop(state, name, 0)];
  while (state.testNext(Token.COMMA)) {
    variables.push(declareLoop(state, state.checkName(), variables.length));
  }
  state.checkNext(Token.IN);
  const { line } = lexer;
  const values = parseExpressions(state);
  registers.toCount(3, values);
  registers.check(3);
  const { body } = parseForBody(state, variables);
  return { kind: 'genericFor', variables, values, body, line };
}

/** A variable of a `for`: each turn has its own. */
function declareLoop(state: ParserState, name: string, pending: number): Local {
  const { scope } = state;
  if (pending === 0) scope.declareHidden();
  scope.current.loops++;
  const local = scope.declare(name, 3 + pending);
  scope.current.loops--;
  return local;
}

/** From `do` to the `end`; the line is that of the `do`. */
function parseForBody(
  state: ParserState,
  variables: readonly Local[],
): { readonly line: number; readonly body: Block } {
  const { lexer, registers, scope } = state;
  scope.activateHidden();
  state.checkNext(Token.DO);
  const line = lexer.lastLine;
  const mark = scope.openBlock();
  scope.activate(variables);
  registers.reserve(variables.length);
  const body = parseLoopBody(state);
  scope.closeBlock(mark);
  return { line, body };
}

function parseLocal(state: ParserState, line: number): Statement {
  const { registers, scope } = state;
  const locals: Local[] = [];
  do {
    const name = state.checkName();
    locals.push(scope.declare(name, locals.length));
  } while (state.testNext(Token.COMMA));
  const values = state.testNext(Token.ASSIGN) ? parseExpressions(state) : [];
  registers.toCount(locals.length, values);
  for (const [index, local] of locals.entries()) {
    nameFunction(values[index], `local '${local.name}'`);
  }
  scope.activate(locals);
  return { kind: 'localStatement', locals, values, line };
}

function parseLocalFunction(state: ParserState, line: number): Statement {
  const { lexer, registers, scope } = state;
  const name = state.checkName();
  const local = scope.declare(name, 0);
  registers.reserve(1);
  scope.activate([local]);
  const value = parseFunction(state, lexer.line, false, `local '${name}'`);
  return { kind: 'localFunction', local, value, line };
}

function parseFunctionStatement(state: ParserState, line: number): Statement {
  const { lexer } = state;
  lexer.next();
  let target: Target = parseVariable(state);
  while (lexer.token === Token.DOT) target = parseField(state, target);
  const isMethod = lexer.token === Token.COLON;
  if (isMethod) target = parseField(state, target);
  const value = parseFunction(state, line, isMethod, definitionName(state, target, isMethod));
  storeTo(target, line);
  return { kind: 'assign', targets: [target], values: [value], line };
}

function definitionName(state: ParserState, target: Target, isMethod: boolean): string | undefined {
  return isMethod && target.kind === 'index' && target.key.kind === 'string'
    ? `method '${target.key.value}'`
    : targetName(target, state.scope.current.node);
}

function parseReturn(state: ParserState, line: number): Statement {
  const { lexer, registers } = state;
  lexer.next();
  if (endsBlock(lexer.token) || lexer.token === Token.SEMICOLON) {
    return { kind: 'return', values: [], line };
  }
  const values = parseExpressions(state);
  const last = values.at(-1);
  if (last !== undefined) {
    if (values.length > 1 || last.kind === 'dots') registers.toMany(last);
    else registers.toAny(last);
  }
  return { kind: 'return', values, line };
}

function parseCallOrAssignment(state: ParserState, line: number): Statement {
  const { lexer, registers, scope } = state;
  const first = parsePrimary(state);
  if (first.kind === 'call' || first.kind === 'method') {
    return { kind: 'callStatement', call: first, line };
  }
  const targets = [asTarget(state, first)];
  while (state.testNext(Token.COMMA)) {
    const target = parsePrimary(state);
    scope.checkTargets(targets.length, state.levelsLeft);
    targets.push(asTarget(state, target));
  }
  state.checkNext(Token.ASSIGN);
  const values = parseExpressions(state);
  const last = values.at(-1);
  if (values.length !== targets.length) registers.toCount(targets.length, values);
  else if (last !== undefined) registers.toStore(last, targets.at(-1)?.kind);
  for (const [index, target] of targets.entries()) {
    const value = values[index];
    if (value?.kind === 'function') value.name = targetName(target, scope.current.node);
    storeTo(target, lexer.lastLine);
  }
  return { kind: 'assign', targets, values, line };
}
