/**
 * Where PUC's compiler brings an expression into a register. That moment decides two things that programs can see: the
 * line of the instruction, which errors name, and whether the function needs more registers than the machine has.
 *
 * `held` is the number of registers that the expression parsed last occupies: one for a call or a constructor, those of
 * object and key for an index that has not been read yet, none for all that still waits to be put somewhere.
 */
import type { Expression } from './ast.ts';
import { truth } from './fold.ts';
import type { Lexer } from './lexer.ts';
import type { Scope } from './scope.ts';
import { settleLine } from './targets.ts';

/** Registers of a function: MAXSTACK. */
const MAX_REGISTERS = 250;

export class Registers {
  held = 0;
  readonly #lexer: Lexer;
  readonly #scope: Scope;

  constructor(lexer: Lexer, scope: Scope) {
    this.#lexer = lexer;
    this.#scope = scope;
  }

  reserve(count: number): void {
    this.check(count);
    this.#scope.current.registers += count;
  }

  /** Are there so many free registers? */
  check(count: number): void {
    if (this.#scope.current.registers + count >= MAX_REGISTERS) {
      this.#lexer.failHere('function or expression too complex');
    }
  }

  /** Gives back what the last expression holds. */
  free(): void {
    this.#scope.current.registers -= this.held;
    this.held = 0;
  }

  /** Emits the read of a variable or field: its line is that of the token before the current one. */
  discharge(expression: Expression): void {
    if (expression.kind !== 'index' && expression.kind !== 'global') return;
    settleLine(expression, this.#lexer.lastLine);
    if (expression.kind === 'index') this.free();
  }

  /** Puts the expression into the next register. */
  toNext(expression: Expression): void {
    this.#constant(expression);
    this.discharge(expression);
    this.free();
    this.reserve(1);
    this.held = 1;
  }

  /** Puts the expression into any register, its own if it is a local variable. */
  toAny(expression: Expression): void {
    this.discharge(expression);
    if (expression.kind === 'local' && expression.local.owner === this.#scope.current.node) return;
    if (this.held === 1 && expression.kind !== 'logical') return;
    this.toNext(expression);
  }

  /** As an operand: constants need no register. */
  toOperand(expression: Expression): void {
    switch (expression.kind) {
      case 'nil':
      case 'boolean':
      case 'string':
        return;
      case 'number':
        this.#constant(expression);
        return;
      default:
        this.toAny(expression);
    }
  }

  /** As what decides a jump: `wanted` is the value that does not jump. */
  toTest(expression: Expression, wanted: boolean): void {
    if (!isComparison(expression) && truth(expression) !== wanted) this.toAny(expression);
    this.free();
  }

  /** As the operand of `not`, no constant. */
  toNot(expression: Expression): void {
    if (!isComparison(expression)) this.toAny(expression);
    this.free();
  }

  /** The left operand of arithmetic, once the right one is in its place: numbers wait for it. */
  toLeftOperand(expression: Expression): void {
    this.#constant(expression);
  }

  /** As the value of the last target of an assignment, which is of a kind. */
  toStore(expression: Expression, target: Expression['kind'] | undefined): void {
    if (target === 'index') this.toOperand(expression);
    else if (target === 'global') this.toAny(expression);
    else {
      this.#constant(expression);
      this.discharge(expression);
    }
  }

  /** As the last of a list that wants all its results. */
  toMany(expression: Expression): void {
    if (expression.kind === 'dots') this.reserve(1);
    else if (expression.kind !== 'call' && expression.kind !== 'method') this.toNext(expression);
  }

  /** Brings the values of a list, the last of them not placed yet, into as many registers as are wanted. */
  toCount(wanted: number, values: readonly Expression[]): void {
    const last = values.at(-1);
    if (last !== undefined) this.toMany(last);
    const missing = wanted - values.length;
    if (missing > 0) this.reserve(missing);
  }

  /** A function has one constant for 0 and -0, with the sign of the first one. */
  #constant(expression: Expression): void {
    if (expression.kind !== 'number') return;
    this.#scope.constant(expression.value);
    if (expression.value !== 0) return;
    const scope = this.#scope.current;
    scope.zero ??= expression.value;
    const settled: { value: number } = expression;
    settled.value = scope.zero;
  }
}

/** A comparison is a jump until its value is needed. */
function isComparison(expression: Expression): boolean {
  if (expression.kind !== 'binary') return false;
  switch (expression.operator) {
    case '==':
    case '~=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return true;
    default:
      return false;
  }
}
