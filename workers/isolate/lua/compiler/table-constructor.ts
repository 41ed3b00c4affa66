/** The parser's part for table constructors. */
import type { Expression, TableExpression, TableItem } from './ast.ts';
import { parseExpression, parseKey } from './expression-parser.ts';
import type { ParserState } from './parser-state.ts';
import { nameFunction } from './targets.ts';
import { Token } from './tokens.ts';

/** Positional items that wait in registers at most: LFIELDS_PER_FLUSH. */
const ITEMS_PER_FLUSH = 50;

/** At the opening brace. */
export function parseTable(state: ParserState): TableExpression {
  const { lexer, registers, scope } = state;
  const { line } = lexer;
  registers.reserve(1);
  const base = scope.current.registers;
  const items: TableItem[] = [];
  let waiting: Expression | undefined;
  let inRegisters = 0;
  lexer.next();
  do {
    if (lexer.token === Token.CLOSE_BRACE) break;
    if (waiting !== undefined) {
      registers.toNext(waiting);
      waiting = undefined;
      if (++inRegisters === ITEMS_PER_FLUSH) {
        scope.current.registers = base;
        inRegisters = 0;
      }
    }
    const isRecord =
      lexer.token === Token.OPEN_BRACKET ||
      (lexer.token === Token.NAME && lexer.peek() === Token.ASSIGN);
    if (isRecord) {
      items.push(parseRecord(state));
    } else {
      waiting = parseExpression(state);
      items.push({ key: undefined, value: waiting, line: lexer.lastLine });
    }
  } while (state.testNext(Token.COMMA) || state.testNext(Token.SEMICOLON));
  state.checkMatch(Token.CLOSE_BRACE, Token.OPEN_BRACE, line);
  if (waiting !== undefined) registers.toMany(waiting);
  scope.current.registers = base;
  registers.held = 1;
  return { kind: 'table', items, line };
}

/** `name = value` or `[key] = value`. */
function parseRecord(state: ParserState): TableItem {
  const { lexer, registers, scope } = state;
  const before = scope.current.registers;
  registers.held = 0;
  let key: Expression;
  if (lexer.token === Token.NAME) {
    const name = state.checkName();
    scope.constant(name);
    key = { kind: 'string', value: name };
  } else {
    key = parseKey(state);
  }
  state.checkNext(Token.ASSIGN);
  registers.toOperand(key);
  const value = parseExpression(state);
  if (key.kind === 'string') nameFunction(value, `field '${key.value}'`);
  registers.toOperand(value);
  scope.current.registers = before;
  return { key, value, line: lexer.lastLine };
}
