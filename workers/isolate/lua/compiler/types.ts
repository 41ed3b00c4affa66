/**
 * Which local variables hold numbers whenever they are read: those of which every value that is ever stored is a number.
 * Optimistic: all candidates are numbers until a store says otherwise, repeated until nothing changes.
 */
import type { Block, Chunk, Expression, Local, Statement } from './ast.ts';

export interface Numbers {
  has(local: Local): boolean;
  /** Operators that were looked at: chains of them are asked about at every link. */
  readonly known?: WeakMap<Expression, boolean>;
}

interface Store {
  readonly local: Local;
  /** Undefined: the value is not a number, whatever the types of locals. */
  readonly value: Expression | undefined;
}

export function numberLocals(chunk: Chunk): Numbers {
  const stores: Store[] = [];
  const numbers = new Set<Local>();
  for (const node of chunk.functions) collect(node.body, stores);
  for (const { local } of stores) numbers.add(local);
  // A parameter that is assigned to may still be anything at first.
  for (const node of chunk.functions) {
    for (const parameter of node.parameters) numbers.delete(parameter);
    if (node.argTable !== undefined) numbers.delete(node.argTable);
  }
  for (let changed = true; changed; ) {
    changed = false;
    for (const { local, value } of stores) {
      if (numbers.has(local) && (value === undefined || !isNumber(value, numbers))) {
        numbers.delete(local);
        changed = true;
      }
    }
  }
  return { has: (local) => numbers.has(local), known: new WeakMap() };
}

/** Is the expression's value a number for certain, given the locals that are? */
export function isNumber(expression: Expression, numbers: Numbers): boolean {
  switch (expression.kind) {
    case 'number':
      return true;
    case 'local':
      return numbers.has(expression.local);
    case 'binary':
      switch (expression.operator) {
        case '+':
        case '-':
        case '*':
        case '/':
        case '%':
        case '^': {
          const known = numbers.known?.get(expression);
          if (known !== undefined) return known;
          const number = isNumber(expression.left, numbers) && isNumber(expression.right, numbers);
          numbers.known?.set(expression, number);
          return number;
        }
        default:
          return false;
      }
    case 'unary':
      return expression.operator === '-' && isNumber(expression.operand, numbers);
    case 'logical':
      // The left side of `and` is nil or false, or the right side is the value.
      return isNumber(expression.left, numbers) && isNumber(expression.right, numbers);
    case 'parenthesized':
      return isNumber(expression.inner, numbers);
    default:
      return false;
  }
}

function collect(block: Block, stores: Store[]): void {
  for (const statement of block.statements) collectStatement(statement, stores);
}

function collectStatement(statement: Statement, stores: Store[]): void {
  switch (statement.kind) {
    case 'localStatement':
      statement.locals.forEach((local, i) => {
        stores.push({ local, value: plainValue(statement.values, i) });
      });
      break;
    case 'localFunction':
      stores.push({ local: statement.local, value: undefined });
      break;
    case 'assign':
      statement.targets.forEach((target, i) => {
        if (target.kind === 'local') {
          stores.push({ local: target.local, value: plainValue(statement.values, i) });
        }
      });
      break;
    case 'do':
    case 'while':
    case 'repeat':
      collect(statement.body, stores);
      break;
    case 'if':
      for (const clause of statement.clauses) collect(clause.body, stores);
      if (statement.otherwise !== undefined) collect(statement.otherwise, stores);
      break;
    case 'numericFor':
      stores.push({ local: statement.variable, value: { kind: 'number', value: 0 } });
      collect(statement.body, stores);
      break;
    case 'genericFor':
      for (const local of statement.variables) stores.push({ local, value: undefined });
      collect(statement.body, stores);
      break;
    default:
      break;
  }
}

/** The i-th value if it is an expression of its own; otherwise it comes out of several results, or is nil. */
function plainValue(values: readonly Expression[], i: number): Expression | undefined {
  const value = values[i];
  if (value === undefined) return undefined;
  return value.kind === 'call' || value.kind === 'method' || value.kind === 'dots'
    ? undefined
    : value;
}
