/** What is assigned to: stores, and the names they give to functions. */
import type { Expression, FunctionNode, IndexExpression, Target } from './ast.ts';
import type { ParserState } from './parser-state.ts';

/** Raises an error unless the expression, which was parsed last, can be assigned to. */
export function asTarget(state: ParserState, expression: Expression): Target {
  if (expression !== state.parenthesized) {
    switch (expression.kind) {
      case 'local':
      case 'global':
      case 'index':
        return expression;
    }
  }
  return state.lexer.failHere('syntax error');
}

/** Counts a store, which happens at a line. */
export function storeTo(target: Target, line: number): void {
  if (target.kind === 'local') target.local.assignments++;
  else settleLine(target, line);
}

/** Sets the line where a variable or field is read or stored, unless it is known. */
export function settleLine(node: { line: number }, line: number): void {
  if (node.line === 0) node.line = line;
}

/** Gives a function a name unless it has one. */
export function nameFunction(value: Expression | undefined, name: string): void {
  if (value?.kind === 'function') value.name ??= name;
}

/** What a traceback calls the function that is stored there by code of `within`. */
export function targetName(target: Target, within: FunctionNode): string | undefined {
  switch (target.kind) {
    case 'local':
      return `${target.local.owner === within ? 'local' : 'upvalue'} '${target.local.name}'`;
    case 'global':
      return `global '${target.name}'`;
    default:
      return fieldPath(target);
  }
}

/** `field 'a.b'`, as much of the path as consists of names. */
function fieldPath(target: IndexExpression): string | undefined {
  if (target.key.kind !== 'string') return undefined;
  const names: string[] = [];
  let object: Expression = target;
  while (object.kind === 'index' && object.key.kind === 'string') {
    names.push(object.key.value);
    object = object.object;
  }
  if (object.kind === 'local') names.push(object.local.name);
  else if (object.kind === 'global') names.push(object.name);
  return `field '${names.reverse().join('.')}'`;
}
