/**
 * Arithmetic on number constants, done while parsing as PUC does it: not where the result would be NaN, nor division or
 * modulo by zero. Powers only where the result is exact, so that it does not depend on who computes it.
 */
import type { BinaryOperator, Expression } from './ast.ts';

/** The value of `left operator right`, or undefined where the expression has to stay. */
export function foldConstants(
  operator: BinaryOperator,
  left: number,
  right: number,
): number | undefined {
  const value = compute(operator, left, right);
  return value === undefined || Number.isNaN(value) ? undefined : value;
}

function compute(operator: BinaryOperator, left: number, right: number): number | undefined {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return right === 0 ? undefined : left / right;
    case '%':
      return right === 0 ? undefined : left - Math.floor(left / right) * right;
    case '^':
      return exactPower(left, right);
    default:
      return undefined;
  }
}

function exactPower(base: number, exponent: number): number | undefined {
  if (!Number.isInteger(base) || !Number.isInteger(exponent)) return undefined;
  const isTwo = base === 2;
  if (base === 0 || Math.abs(exponent) > 1023 || (exponent < 0 && !isTwo)) return undefined;
  let power = 1;
  for (let i = Math.abs(exponent); i > 0; i--) {
    power = exponent < 0 ? power / 2 : power * base;
    if (!isTwo && Math.abs(power) > Number.MAX_SAFE_INTEGER) return undefined;
  }
  return power;
}

/** Whether a constant counts as true; undefined for what is no constant. */
export function truth(expression: Expression): boolean | undefined {
  switch (expression.kind) {
    case 'nil':
      return false;
    case 'boolean':
      return expression.value;
    case 'number':
    case 'string':
      return true;
    default:
      return undefined;
  }
}
