/**
 * Functions. Without coroutines a function of Lua is a function expression where it stands, and its upvalues are JavaScript's
 * own. With them it is made by a factory at the top of the chunk that takes its upvalues as arguments: the function, and
 * beside it the generator that runs in its place inside a coroutine; so the text of each occurs twice and no more.
 */
import type { Block, FunctionNode, Local } from './ast.ts';
import { type Emitter, type FunctionState, freeTemp, newTemp } from './emitter.ts';
import { lineMark } from './output.ts';
import { blockText } from './statements.ts';

/** The RETURN at a function's end. */
const RETURN_COST = 1;

function newState(
  node: FunctionNode,
  self: string,
  env: string,
  inGenerator: boolean,
): FunctionState {
  return {
    node,
    inGenerator,
    self,
    env,
    stepwise: false,
    versioned: false,
    rebound: undefined,
    tailCalls: false,
    line: node.line,
    freeTemps: [],
    temps: 0,
    variables: 0,
    environments: 0,
  };
}

/** The name in the text, which also is what a traceback shows. */
function functionName(node: FunctionNode): string {
  const name = /([A-Za-z_][A-Za-z0-9_]*)'$/.exec(node.name ?? '')?.[1] ?? '';
  return `$f${node.id}_${node.line}_${name}`;
}

/** The main chunk's function expression. */
export function emitMain(e: Emitter): string {
  const { main } = e.chunk;
  if (!e.options.twins) return functionText(e, main, 'E', false);
  return factoryBody(e, main, 'E');
}

/** A function expression in its place. */
export function closureText(e: Emitter, state: FunctionState, node: FunctionNode): string {
  if (!e.options.twins) return inheriting(state, functionText(e, node, state.env, false));
  const factory = `$m${node.id}`;
  const upvalues = node.upvalues.map(plainName);
  if (!state.inGenerator) {
    e.factories.push(
      `function ${factory}(${['E', ...upvalues].join(',')}){return ${factoryBody(e, node, 'E')}}`,
    );
  }
  return inheriting(state, `${factory}(${[state.env, ...upvalues].join(',')})`);
}

/** A function has the environment of the one that makes it: the variable around both, unless that one was given its own. */
function inheriting(state: FunctionState, text: string): string {
  const temp = newTemp(state);
  freeTemp(state, temp);
  return `(${temp}=${text},$fenv&&$inherit(${temp},${state.self},${state.env}),${temp})`;
}

function plainName(local: Local): string {
  return `${local.name}$${local.id}`;
}

/** The function and, when it calls anything, what makes its generator. */
function factoryBody(e: Emitter, node: FunctionNode, env: string): string {
  const plain = functionText(e, node, env, false);
  if (!callsAnything(node.body)) return plain;
  const self = functionName(node);
  const generator = functionText(e, node, env, true);
  return `$twin(${plain},function(${self}){return ${generator}})`;
}

function functionText(e: Emitter, node: FunctionNode, env: string, inGenerator: boolean): string {
  const self = functionName(node);
  const state = newState(node, self, env, inGenerator);
  const prologue: string[] = [];
  for (const parameter of node.parameters) {
    if (e.isBoxed(parameter)) {
      prologue.push(`${plainName(parameter)}={v:${plainName(parameter)}};`);
    }
  }
  if (node.argTable !== undefined) {
    const name = plainName(node.argTable);
    // A function that uses `...` has the local all the same, and it is nil.
    const value = node.usesDots ? 'undefined' : '$arg($va)';
    prologue.push(`var ${name}=${e.isBoxed(node.argTable) ? `{v:${value}}` : value};`);
  }
  const body = blockText(e, state, node.body, {
    cost: 0,
    endCost: endsWithReturn(node.body) ? 0 : RETURN_COST,
    // Whoever asks for a function's environment from outside gets it here, before anything happens.
    safepoint: inGenerator ? '$safepoint()' : `$enter(${env})`,
    top: true,
  });
  const names: string[] = ['$v'];
  for (let i = 1; i <= state.temps; i++) names.push(`$${i}`);
  for (let i = 1; i <= state.variables; i++) names.push(`$v${i}`);
  for (let i = 1; i <= state.environments; i++) names.push(`$E${i}`);
  const tail = state.tailCalls ? `var $tc=0;if($tail===${self}){$tc=$tails;$tail=undefined}` : '';
  const parameters = node.parameters.map(plainName);
  if (node.isVararg) parameters.push('...$va');
  // The charge comes first: see above.
  const { charge, text } = body;
  const ending = endsWithReturn(node.body) ? '' : '$count=0;';
  const star = inGenerator ? '*' : '';
  const name = inGenerator ? `${self}$` : self;
  return `function${star} ${name}(${parameters.join(',')}){${lineMark(node.line)}var ${names.join(',')};${charge}${tail}${prologue.join('')}${text}${ending}}`;
}

function endsWithReturn(block: Block): boolean {
  return block.statements.at(-1)?.kind === 'return';
}

/** Is there any call in the block itself, functions inside left aside? */
function callsAnything(block: Block): boolean {
  let found = false;
  const visit = (node: unknown): void => {
    if (found || typeof node !== 'object' || node === null) return;
    if (Array.isArray(node)) {
      for (const item of node) visit(item);
      return;
    }
    const { kind } = node as { kind?: string };
    if (kind === 'call' || kind === 'method') {
      found = true;
      return;
    }
    if (kind === 'function' || kind === 'local') return;
    for (const [key, value] of Object.entries(node)) {
      if (key !== 'local' && key !== 'locals' && key !== 'variable' && key !== 'variables') {
        visit(value);
      }
    }
  };
  visit(block.statements);
  return found;
}
