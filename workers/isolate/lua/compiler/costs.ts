/**
 * What each construct costs in instructions of PUC's virtual machine: operands in registers and constants are free,
 * a value that has to be brought into a register costs one. The sums are charged per basic block.
 */
import type { Expression } from './ast.ts';

/** Part of what may not be executed that is charged all the same: the right side of `and` and `or`. */
const OPTIONAL_PART = 0.5;

/** Operand of an instruction: constants and locals of the function itself cost nothing. */
export function operandCost(expression: Expression, isUpvalue: (e: Expression) => boolean): number {
  switch (expression.kind) {
    case 'number':
    case 'string':
      return 0;
    case 'local':
      return isUpvalue(expression) ? 1 : 0;
    default:
      return valueCost(expression, isUpvalue);
  }
}

/** A value in a register of its own, nested functions not included. */
export function valueCost(expression: Expression, isUpvalue: (e: Expression) => boolean): number {
  const operand = (e: Expression) => operandCost(e, isUpvalue);
  const value = (e: Expression) => valueCost(e, isUpvalue);
  switch (expression.kind) {
    case 'nil':
    case 'boolean':
    case 'number':
    case 'string':
    case 'dots':
    case 'local':
    case 'global':
    case 'function':
      return 1;
    case 'index':
      return operand(expression.object) + operand(expression.key) + 1;
    case 'call':
      return value(expression.callee) + sum(expression.arguments, value) + 1;
    case 'method':
      return operand(expression.object) + sum(expression.arguments, value) + 2;
    case 'binary': {
      const { operator, left, right } = expression;
      if (operator === '..') return value(left) + concatRest(right, value) + 1;
      const operands = operand(left) + operand(right);
      // A comparison as a value: the test, its jump, and the load of true or false.
      return isComparison(operator) ? operands + 2 : operands + 1;
    }
    case 'logical':
      return operand(expression.left) + 1 + OPTIONAL_PART * value(expression.right);
    case 'unary':
      return operand(expression.operand) + 1;
    case 'table': {
      let cost = 1;
      let positional = 0;
      for (const item of expression.items) {
        if (item.key === undefined) {
          cost += value(item.value);
          positional++;
        } else cost += operand(item.key) + operand(item.value) + 1;
      }
      return cost + Math.ceil(positional / 50);
    }
    case 'parenthesized':
      return value(expression.inner);
    default:
      return expression satisfies never;
  }
}

/** A condition that is tested, with its jump. */
export function conditionCost(
  expression: Expression,
  isUpvalue: (e: Expression) => boolean,
): number {
  switch (expression.kind) {
    case 'nil':
    case 'boolean':
    case 'number':
    case 'string':
      return 0;
    case 'binary':
      if (isComparison(expression.operator)) {
        return (
          operandCost(expression.left, isUpvalue) + operandCost(expression.right, isUpvalue) + 1
        );
      }
      return valueCost(expression, isUpvalue) + 1;
    case 'logical':
      return (
        conditionCost(expression.left, isUpvalue) +
        OPTIONAL_PART * conditionCost(expression.right, isUpvalue)
      );
    case 'unary':
      return expression.operator === 'not'
        ? conditionCost(expression.operand, isUpvalue)
        : valueCost(expression, isUpvalue) + 1;
    case 'parenthesized':
      return conditionCost(expression.inner, isUpvalue);
    default:
      return operandCost(expression, isUpvalue) + 1;
  }
}

export function isComparison(operator: string): boolean {
  return (
    operator === '==' ||
    operator === '~=' ||
    operator === '<' ||
    operator === '<=' ||
    operator === '>' ||
    operator === '>='
  );
}

function sum(expressions: readonly Expression[], cost: (e: Expression) => number): number {
  let total = 0;
  for (const expression of expressions) total += cost(expression);
  return total;
}

/** `a..b..c` is one instruction for all operands. */
function concatRest(expression: Expression, value: (e: Expression) => number): number {
  return expression.kind === 'binary' && expression.operator === '..'
    ? value(expression.left) + concatRest(expression.right, value)
    : value(expression);
}
