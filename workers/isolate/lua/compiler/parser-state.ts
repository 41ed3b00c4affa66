/**
 * What the parser's parts share: the tokens, the names, the registers, and the checks they all make.
 */
import type { Expression, FunctionNode } from './ast.ts';
import { Lexer } from './lexer.ts';
import { Registers } from './registers.ts';
import { Scope } from './scope.ts';
import { Token, tokenName } from './tokens.ts';

/** LUAI_MAXCCALLS. Blocks and expressions nest no deeper, and neither does the parser's own stack. */
const MAX_LEVELS = 200;
/** Calls of C that are nested when a main program calls `loadstring`; they count, too. */
const OUTER_LEVELS = 2;

/** Parses from the parameters of a function to its `end`. */
export type ParseFunction = (
  state: ParserState,
  line: number,
  isMethod: boolean,
  name: string | undefined,
) => FunctionNode;

export class ParserState {
  readonly lexer: Lexer;
  readonly scope: Scope;
  readonly registers: Registers;
  readonly parseFunction: ParseFunction;
  /** The last expression that stood in parentheses; it cannot be assigned to. */
  parenthesized: Expression | undefined;
  #levels = OUTER_LEVELS;

  constructor(source: string, chunkName: string, parseFunction: ParseFunction) {
    this.lexer = new Lexer(source, chunkName);
    this.scope = new Scope(this.lexer, source.length);
    this.registers = new Registers(this.lexer, this.scope);
    this.parseFunction = parseFunction;
  }

  enterLevel(): void {
    if (++this.#levels > MAX_LEVELS) this.lexer.fail('chunk has too many syntax levels');
  }

  leaveLevel(): void {
    this.#levels--;
  }

  /** Levels that are left. */
  get levelsLeft(): number {
    return MAX_LEVELS - this.#levels;
  }

  /** Takes the token if it is the current one. */
  testNext(token: number): boolean {
    if (this.lexer.token !== token) return false;
    this.lexer.next();
    return true;
  }

  checkNext(token: number): void {
    if (!this.testNext(token)) this.expected(token);
  }

  expected(token: number): never {
    return this.lexer.failHere(`'${tokenName(token)}' expected`);
  }

  /** Takes the token that closes what began with `opening` at a line. */
  checkMatch(closing: number, opening: number, line: number): void {
    if (this.testNext(closing)) return;
    if (line === this.lexer.line) this.expected(closing);
    this.lexer.failHere(
      `'${tokenName(closing)}' expected (to close '${tokenName(opening)}' at line ${line})`,
    );
  }

  /** Takes a name. */
  checkName(): string {
    if (this.lexer.token !== Token.NAME) this.expected(Token.NAME);
    const name = this.lexer.text;
    this.lexer.next();
    return name;
  }
}
