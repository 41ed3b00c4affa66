/**
 * Syntax trees as short texts: operators in parentheses, locals with their number behind a colon, lines where they are asked
 * for.
 */
import type { Expression, Statement } from '../../../../workers/isolate/lua/compiler/ast.ts';
import { parse } from '../../../../workers/isolate/lua/compiler/parser.ts';

/** What a chunk consists of, as one line. */
export function treeText(source: string): string {
  return statements(parse(source, '=c').main.body.statements);
}

function statements(list: readonly Statement[]): string {
  return list.map(statement).join('; ');
}

function statement(node: Statement): string {
  switch (node.kind) {
    case 'localStatement':
      return `local ${node.locals.map(variable)} = ${expressions(node.values)}`;
    case 'localFunction':
      return `local ${variable(node.local)} = ${expression(node.value)}`;
    case 'assign':
      return `${expressions(node.targets)} = ${expressions(node.values)}`;
    case 'callStatement':
      return expression(node.call);
    case 'do':
      return `do ${statements(node.body.statements)} end`;
    case 'while':
      return `while ${expression(node.condition)} do ${statements(node.body.statements)} end`;
    case 'repeat':
      return `repeat ${statements(node.body.statements)} until ${expression(node.condition)}`;
    case 'if': {
      const clauses = node.clauses.map(
        ({ condition, body }) => `if ${expression(condition)} then ${statements(body.statements)}`,
      );
      const rest = node.otherwise === undefined ? [] : [statements(node.otherwise.statements)];
      return `${[...clauses, ...rest].join(' else ')} end`;
    }
    case 'numericFor': {
      const values = [node.start, node.limit, ...(node.step === undefined ? [] : [node.step])];
      const body = statements(node.body.statements);
      return `for ${variable(node.variable)} = ${expressions(values)} do ${body} end`;
    }
    case 'genericFor': {
      const body = statements(node.body.statements);
      return `for ${node.variables.map(variable)} in ${expressions(node.values)} do ${body} end`;
    }
    case 'return':
      return `return ${expressions(node.values)}`.trim();
    case 'break':
      return 'break';
  }
}

function variable(local: { readonly name: string; readonly id: number }): string {
  return `${local.name}:${local.id}`;
}

function expressions(list: readonly Expression[]): string {
  return list.map(expression).join(', ');
}

function expression(node: Expression): string {
  switch (node.kind) {
    case 'nil':
      return 'nil';
    case 'boolean':
      return String(node.value);
    case 'number':
      return Object.is(node.value, -0) ? '-0' : String(node.value);
    case 'string':
      return JSON.stringify(node.value);
    case 'dots':
      return '...';
    case 'function': {
      const parameters = node.parameters.map(variable).concat(node.isVararg ? ['...'] : []);
      const body = statements(node.body.statements);
      return `function(${parameters}) ${body === '' ? '' : `${body} `}end`;
    }
    case 'local':
      return variable(node.local);
    case 'global':
      return node.name;
    case 'index':
      return `${expression(node.object)}[${expression(node.key)}]`;
    case 'call':
      return `${expression(node.callee)}(${expressions(node.arguments)})`;
    case 'method':
      return `${expression(node.object)}:${node.name}(${expressions(node.arguments)})`;
    case 'binary':
    case 'logical':
      return `(${expression(node.left)} ${node.operator} ${expression(node.right)})`;
    case 'unary':
      return `(${node.operator} ${expression(node.operand)})`;
    case 'table': {
      const items = node.items.map(({ key, value }) =>
        key === undefined ? expression(value) : `[${expression(key)}] = ${expression(value)}`,
      );
      return `{${items.join(', ')}}`;
    }
    case 'parenthesized':
      return `one(${expression(node.inner)})`;
  }
}

/** The kinds of nodes with lines, innermost last, as `kind@line`. */
export function lineText(source: string): string {
  const found: string[] = [];
  collect(parse(source, '=c').main.body, found);
  return found.join(' ');
}

function collect(node: unknown, found: string[]): void {
  if (Array.isArray(node)) {
    for (const item of node) collect(item, found);
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  const { kind, line, nameLine } = node as Record<string, unknown>; // any node of the tree
  if (typeof nameLine === 'number') found.push(`name@${nameLine}`);
  if (typeof line === 'number' && kind !== 'local') found.push(`${String(kind ?? 'item')}@${line}`);
  for (const [key, value] of Object.entries(node)) {
    if (!UPWARD.has(key)) collect(value, found);
  }
}

/** Members that lead out of a node's own part of the tree. */
const UPWARD: ReadonlySet<string> = new Set([
  'local',
  'locals',
  'variable',
  'variables',
  'parameters',
  'parent',
  'upvalues',
  'functions',
  'argTable',
]);
