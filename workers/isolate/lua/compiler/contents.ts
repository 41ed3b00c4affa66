/**
 * What a statement contains: calls that may change its function's environment, tables and functions that it makes.
 */
import type { Expression, Statement } from './ast.ts';

/** Estimated bytes that one instruction of a kind allocates. */
const TABLE_BYTES = 88;
const CLOSURE_BYTES = 96;

/** Visits a node and what is in it, as long as `visit` says so. Blocks are nodes without a kind. */
function walk(node: unknown, visit: (kind: string, node: object) => boolean): void {
  if (typeof node !== 'object' || node === null) return;
  if (Array.isArray(node)) {
    for (const item of node) walk(item, visit);
    return;
  }
  const { kind } = node as { kind?: string };
  if (!visit(kind ?? ('statements' in node ? 'block' : ''), node)) return;
  for (const [key, value] of Object.entries(node)) {
    if (key !== 'local' && key !== 'locals' && key !== 'variable' && key !== 'variables') {
      walk(value, visit);
    }
  }
}

/** Does it call `setfenv` or `module`, which change the environment of the function that it stands in? */
export function mayChangeEnvironment(statement: Statement): boolean {
  let found = false;
  walk(statement, (kind, node) => {
    if (kind === 'function') return false;
    if (kind === 'call') {
      const { callee } = node as { callee: Expression };
      const name =
        callee.kind === 'global'
          ? callee.name
          : callee.kind === 'local'
            ? callee.local.name
            : callee.kind === 'index' && callee.key.kind === 'string'
              ? callee.key.value
              : '';
      if (name === 'setfenv' || name === 'module') found = true;
    }
    return !found;
  });
  return found;
}

/** Bytes of the tables and closures that a statement makes, blocks inside left aside. */
export function allocationOf(statement: Statement): number {
  let bytes = 0;
  walk(statement, (kind, node) => {
    if (kind === 'function') {
      bytes += CLOSURE_BYTES;
      return false;
    }
    if (kind === 'table') {
      bytes += TABLE_BYTES + 24 * (node as { items: readonly unknown[] }).items.length;
    }
    return kind !== 'block';
  });
  return bytes;
}
