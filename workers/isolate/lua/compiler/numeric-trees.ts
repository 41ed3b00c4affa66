/**
 * Arithmetic of several operators over variables, fields and list items. If all of these are there and are numbers, which looking
 * at them finds out without any effect, the whole is calculated in one go, and V8 keeps what lies between in registers. Else
 * everything is done step by step.
 */
import type { Expression } from './ast.ts';
import { type Emitter, type FunctionState, freeTemp, newTemp } from './emitter.ts';
import { isSimple, plainArithmetic, valueText } from './expressions.ts';
import { numberLiteral } from './output.ts';
import { isNumber } from './types.ts';

/** More operands make the tests longer than what they save. */
const MOST_LEAVES = 10;

interface Tree {
  readonly e: Emitter;
  readonly state: FunctionState;
  readonly tests: string[];
  readonly temps: string[];
  operators: number;
  leaves: number;
}

/** The tests and the calculation, or undefined for an expression that is not of this kind. */
export function numericTree(
  e: Emitter,
  state: FunctionState,
  expression: Expression,
): { readonly tests: string; readonly text: string } | undefined {
  const tree: Tree = { e, state, tests: [], temps: [], operators: 0, leaves: 0 };
  const text = numberText(tree, expression);
  for (const temp of tree.temps.reverse()) freeTemp(state, temp);
  if (text === undefined || tree.operators < 2 || tree.leaves > MOST_LEAVES) return undefined;
  if (tree.tests.length === 0) return undefined;
  return { tests: tree.tests.join('&&'), text };
}

function temporary(tree: Tree): string {
  const temp = newTemp(tree.state);
  tree.temps.push(temp);
  return temp;
}

function test(tree: Tree, text: string): void {
  if (!tree.tests.includes(text)) tree.tests.push(text);
}

/** Text of a number, given the tests. */
function numberText(tree: Tree, expression: Expression): string | undefined {
  const { e, state } = tree;
  switch (expression.kind) {
    case 'number':
      return numberLiteral(expression.value);
    case 'local': {
      if (!isSimple(expression, state)) return undefined;
      const name = e.variable(expression.local);
      if (!isNumber(expression, e.numbers)) {
        tree.leaves++;
        test(tree, `typeof ${name}==="number"`);
      }
      return name;
    }
    case 'parenthesized':
      return numberText(tree, expression.inner);
    case 'unary': {
      if (expression.operator !== '-') return undefined;
      const operand = numberText(tree, expression.operand);
      return operand === undefined ? undefined : `(-${operand})`;
    }
    case 'binary': {
      if (!'+-*/%^'.includes(expression.operator)) return undefined;
      tree.operators++;
      const left = numberText(tree, expression.left);
      const right = left === undefined ? undefined : numberText(tree, expression.right);
      if (left === undefined || right === undefined) return undefined;
      if (expression.operator !== '%' && expression.operator !== '^') {
        return `(${left}${expression.operator}${right})`;
      }
      // These are written with their operands twice.
      const a = temporary(tree);
      const b = temporary(tree);
      return `(${a}=${left},${b}=${right},${plainArithmetic(expression.operator, a, b)})`;
    }
    case 'index': {
      tree.leaves++;
      const member = memberText(tree, expression);
      if (member === undefined) return undefined;
      const temp = temporary(tree);
      tree.tests.push(`typeof (${temp}=${member})==="number"`);
      return temp;
    }
    default:
      return undefined;
  }
}

/** Text that reads a member of a table without any effect. */
function memberText(tree: Tree, expression: Expression & { kind: 'index' }): string | undefined {
  const { e, state } = tree;
  const { object, key } = expression;
  let holder: string;
  if (object.kind === 'local' && isSimple(object, state)) {
    holder = e.variable(object.local);
    test(tree, `typeof ${holder}==="object"`);
  } else if (object.kind === 'index') {
    const member = memberText(tree, object);
    if (member === undefined) return undefined;
    holder = temporary(tree);
    tree.tests.push(`typeof (${holder}=${member})==="object"`);
  } else return undefined;
  if (key.kind === 'string') return `${holder}${e.field(key.value)}`;
  if (isNumber(key, e.numbers)) return `${holder}.arr[${valueText(e, state, key)}]`;
  if (key.kind !== 'local' || !isSimple(key, state)) return undefined;
  const index = e.variable(key.local);
  test(tree, `typeof ${index}==="number"`);
  return `${holder}.arr[${index}]`;
}
