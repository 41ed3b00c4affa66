/**
 * Which local variables hold numbers whenever they are read: those of which every value that is ever stored is a number.
 * Optimistic: all candidates are numbers until a store says otherwise, which takes those with it that were computed from
 * the candidate.
 */
import type { Block, Chunk, Expression, Local, Statement } from './ast.ts';

export interface Numbers {
  has(local: Local): boolean;
  /** Operators that were looked at: chains of them are asked about at every link. */
  readonly known?: WeakMap<Expression, boolean>;
}

/** A value that is stored in a local. */
export interface Store {
  readonly local: Local;
  /** Undefined: the value is not a number, whatever the types of locals. */
  readonly value: Expression | undefined;
  /** It is the local's first value. */
  readonly declares: boolean;
}

export function numberLocals(chunk: Chunk): Numbers {
  const stores: Store[] = [];
  for (const node of chunk.functions) collect(node.body, stores);
  const numbers = new Set<Local>();
  for (const { local } of stores) numbers.add(local);
  /** For each local those that hold numbers only if it does. */
  const dependents = new Map<Local, Local[]>();
  /** Locals that turned out to hold something else. */
  const excluded: Local[] = [];
  const exclude = (local: Local): void => {
    if (numbers.delete(local)) excluded.push(local);
  };
  // A parameter that is assigned to may still be anything at first.
  for (const node of chunk.functions) {
    for (const parameter of node.parameters) exclude(parameter);
    if (node.argTable !== undefined) exclude(node.argTable);
  }
  for (const { local, value } of stores) {
    const used: Local[] = [];
    if (value === undefined || !isNumber(value, { has: (other) => used.push(other) > 0 })) {
      exclude(local);
      continue;
    }
    for (const other of used) {
      const known = dependents.get(other);
      if (known === undefined) dependents.set(other, [local]);
      else known.push(local);
      if (!numbers.has(other)) exclude(local);
    }
  }
  for (let local = excluded.pop(); local !== undefined; local = excluded.pop()) {
    for (const dependent of dependents.get(local) ?? []) exclude(dependent);
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
  for (const statement of block.statements) storesOf(statement, stores);
}

/** The stores of a statement and of what is in it, functions left aside. */
export function storesOf(statement: Statement, stores: Store[]): void {
  switch (statement.kind) {
    case 'localStatement':
      statement.locals.forEach((local, i) => {
        stores.push({ local, value: plainValue(statement.values, i), declares: true });
      });
      break;
    case 'localFunction':
      stores.push({ local: statement.local, value: undefined, declares: true });
      break;
    case 'assign':
      statement.targets.forEach((target, i) => {
        if (target.kind === 'local') {
          stores.push({
            local: target.local,
            value: plainValue(statement.values, i),
            declares: false,
          });
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
      stores.push({
        local: statement.variable,
        value: { kind: 'number', value: 0 },
        declares: true,
      });
      collect(statement.body, stores);
      break;
    case 'genericFor':
      for (const local of statement.variables)
        stores.push({ local, value: undefined, declares: true });
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
