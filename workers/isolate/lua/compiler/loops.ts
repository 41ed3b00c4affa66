/**
 * Loops in two versions. When the variables that a loop calculates with turn out to be numbers as it begins, everything that
 * it makes of them is, and a version without tests runs, whose numbers V8 keeps out of the heap.
 */
import type { Expression, FunctionNode, Local, Statement } from './ast.ts';
import { isNumber, type Numbers, type Store, storesOf } from './types.ts';

/** Larger loops are emitted once: the text of the others doubles. */
const MOST_NODES = 500;
/** Most variables that are tested. */
const MOST_TESTS = 6;

export interface LoopVersion {
  /** Variables that must be numbers when the loop begins. */
  readonly tests: readonly Local[];
  /** What then is a number within the loop. */
  readonly numbers: Numbers;
}

/** The version of a loop for numbers, if there is one. */
export function numericVersion(
  loop: Statement,
  owner: FunctionNode,
  numbers: Numbers,
): LoopVersion | undefined {
  const used = operandsOf(loop);
  if (used === undefined) return undefined;
  const stores: Store[] = [];
  storesOf(loop, stores);
  const inside = new Set<Local>();
  for (const { local, declares } of stores) if (declares) inside.add(local);
  const assumed = new Set<Local>();
  for (const local of [...used, ...inside]) {
    if (!numbers.has(local) && isSteady(local, owner)) assumed.add(local);
  }
  const both: Numbers = { has: (local) => assumed.has(local) || numbers.has(local) };
  for (let changed = true; changed; ) {
    changed = false;
    for (const { local, value } of stores) {
      if (assumed.has(local) && (value === undefined || !isNumber(value, both))) {
        assumed.delete(local);
        changed = true;
      }
    }
  }
  const tests = [...assumed].filter((local) => !inside.has(local));
  if (tests.length === 0 || tests.length > MOST_TESTS) return undefined;
  return { tests, numbers: { ...both, known: new WeakMap() } };
}

/** Does nobody but the loop itself change it while the loop runs? */
function isSteady(local: Local, owner: FunctionNode): boolean {
  return local.assignments === 0 || (local.owner === owner && !local.captured);
}

/** Locals that a loop calculates with or compares; undefined when it is too large, or has functions in it. */
function operandsOf(loop: Statement): ReadonlySet<Local> | undefined {
  const used = new Set<Local>();
  let nodes = 0;
  let plain = true;
  const operand = (expression: Expression): void => {
    if (expression.kind === 'local') used.add(expression.local);
  };
  const visit = (node: unknown): void => {
    if (!plain || typeof node !== 'object' || node === null) return;
    if (Array.isArray(node)) {
      for (const item of node) visit(item);
      return;
    }
    const { kind } = node as { kind?: string };
    if (kind === 'function' || ++nodes > MOST_NODES) {
      plain = false;
      return;
    }
    if (kind === 'binary') {
      const { operator, left, right } = node as Extract<Expression, { kind: 'binary' }>;
      if (operator !== '..' && operator !== '==' && operator !== '~=') {
        operand(left);
        operand(right);
      }
    } else if (kind === 'unary') {
      const { operator, operand: inner } = node as Extract<Expression, { kind: 'unary' }>;
      if (operator === '-') operand(inner);
    }
    for (const [key, value] of Object.entries(node)) {
      if (key !== 'local' && key !== 'locals' && key !== 'variable' && key !== 'variables') {
        visit(value);
      }
    }
  };
  visit(loop);
  return plain ? used : undefined;
}
