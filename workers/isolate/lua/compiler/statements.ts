/**
 * Statements and basic blocks. A block's instructions are charged at its head, as far as nothing in it can leave it; what
 * comes after a statement that can is a basic block of its own.
 */

import { assignText, localText } from './assignments.ts';
import type { Block, Local, Statement } from './ast.ts';
import { allocationOf, mayChangeEnvironment } from './contents.ts';
import { genericForText, ifText, numericForText, returnText } from './control.ts';
import { conditionCost, valueCost } from './costs.ts';
import { type Emitter, type FunctionState, isUpvalueOf, newEnvironment } from './emitter.ts';
import { conditionText, environment, valueText } from './expressions.ts';
import { closureText } from './functions.ts';
import { numericVersion } from './loops.ts';
import { lineMark } from './output.ts';

/** JavaScript of a statement, and what the block around it must know. */
export interface Piece {
  readonly text: string;
  readonly cost: number;
  /** Can it leave the block that it stands in? */
  readonly leaves: boolean;
}

interface BlockOptions {
  /** Instructions charged with the block beside its own, and with its last part. */
  readonly cost: number;
  readonly endCost?: number;
  readonly safepoint?: string;
  /** The function's own block. */
  readonly top?: boolean;
}

export interface BlockText {
  /** What pays for the first basic block. */
  readonly charge: string;
  readonly text: string;
  readonly leaves: boolean;
}

export function blockText(
  e: Emitter,
  state: FunctionState,
  block: Block,
  options: BlockOptions,
): BlockText {
  const segments: { cost: number; bytes: number; text: string; line: number }[] = [];
  let current = { cost: options.cost, bytes: 0, text: '', line: state.line };
  let leaves = false;
  for (const statement of block.statements) {
    state.line = lineOf(statement) ?? state.line;
    if (current.text === '') current.line = state.line;
    const rebinds =
      options.top === true &&
      state.node.parent === undefined &&
      e.options.rebinds &&
      mayChangeEnvironment(statement);
    let before = '';
    if (options.top === true) state.rebound = undefined;
    if (rebinds) {
      const name = newEnvironment(state);
      before = `${name}=${environment(state)};`;
      state.env = name;
      state.rebound = name;
    }
    const piece = statementText(e, state, statement);
    current.cost += piece.cost;
    current.bytes += allocationOf(statement);
    current.text += before + piece.text;
    if (piece.leaves) {
      leaves = true;
      segments.push(current);
      current = { cost: 0, bytes: 0, text: '', line: state.line };
    }
  }
  current.cost += options.endCost ?? 0;
  segments.push(current);
  const [first, ...others] = segments;
  if (first === undefined) return { charge: '', text: '', leaves };
  const charge = chargeText(e, first.cost, first.bytes, first.line, options.safepoint);
  const rest = others.map((s) => chargeText(e, s.cost, s.bytes, s.line) + s.text);
  return { charge, text: first.text + rest.join(''), leaves };
}

/** What pays for a basic block. */
export function chargeText(
  e: Emitter,
  cost: number,
  bytes: number,
  line: number,
  safepoint = '$safepoint()',
): string {
  const units = Math.round(cost);
  if (units <= 0 && bytes <= 0) return '';
  const count = e.options.profile && units > 0 ? `$profileLine(K,${line},${units});` : '';
  const allocation = bytes > 0 ? `$bytes+=${bytes};` : '';
  return `${count}${allocation}if(($left-=${units})<0)${safepoint};`;
}

function lineOf(statement: Statement): number | undefined {
  return statement.kind === 'do' ? undefined : statement.line;
}

/** A nested block in braces. */
export function nested(e: Emitter, state: FunctionState, block: Block, cost: number): Piece {
  const { charge, text, leaves } = blockText(e, state, block, { cost });
  return { text: `{${charge}${text}}`, cost: 0, leaves };
}

/** A loop, in a version for numbers and one for everything else if that is worth it. */
function statementText(e: Emitter, state: FunctionState, statement: Statement): Piece {
  const { kind } = statement;
  const loops =
    kind === 'while' || kind === 'repeat' || kind === 'numericFor' || kind === 'genericFor';
  const version =
    loops && !state.versioned ? numericVersion(statement, state.node, e.numbers) : undefined;
  if (version === undefined) return plainStatementText(e, state, statement);
  const { numbers } = e;
  state.versioned = true;
  e.numbers = version.numbers;
  const fast = plainStatementText(e, state, statement);
  e.numbers = numbers;
  const slow = plainStatementText(e, state, statement);
  state.versioned = false;
  const tests = version.tests.map((local) => `typeof ${e.variable(local)}==="number"`);
  return { ...slow, text: `if(${tests.join('&&')}){${fast.text}}else{${slow.text}}` };
}

function plainStatementText(e: Emitter, state: FunctionState, statement: Statement): Piece {
  const isUpvalue = isUpvalueOf(state.node);
  const mark = statement.kind === 'do' ? '' : lineMark(statement.line);
  switch (statement.kind) {
    case 'localStatement':
      return localText(e, state, statement);
    case 'localFunction': {
      const { local, value } = statement;
      if (local.captured) e.late.add(local);
      const declared = declaration(e, local, 'undefined');
      const closure = closureText(e, state, value);
      return {
        text: `${mark}${declared}${e.variable(local)}=${closure};`,
        cost: 1,
        leaves: false,
      };
    }
    case 'assign':
      return assignText(e, state, statement);
    case 'callStatement':
      return {
        text: `${mark}${valueText(e, state, statement.call)};`,
        cost: valueCost(statement.call, isUpvalue),
        leaves: false,
      };
    case 'do': {
      const { charge, text, leaves } = blockText(e, state, statement.body, { cost: 0 });
      return { text: `{${charge}${text}}`, cost: 0, leaves };
    }
    case 'while': {
      const cost = conditionCost(statement.condition, isUpvalue);
      const condition = conditionText(e, state, statement.condition);
      const body = nested(e, state, statement.body, cost + 1);
      return { text: `${mark}while(${condition})${body.text}`, cost, leaves: body.leaves };
    }
    case 'repeat': {
      const cost = conditionCost(statement.condition, isUpvalue);
      const { charge, text, leaves } = blockText(e, state, statement.body, { cost });
      // A body that ends in `break` or `return` never gets to its condition.
      const ended = ['break', 'return'].includes(statement.body.statements.at(-1)?.kind ?? '');
      const condition = ended ? '' : `if(${conditionText(e, state, statement.condition)})break;`;
      return { text: `${mark}for(;;){${charge}${text}${condition}}`, cost: 0, leaves };
    }
    case 'if':
      return ifText(e, state, statement);
    case 'numericFor':
      return numericForText(e, state, statement);
    case 'genericFor':
      return genericForText(e, state, statement);
    case 'return':
      return returnText(e, state, statement.values, mark);
    case 'break':
      return { text: `${mark}break;`, cost: 1, leaves: true };
    default:
      return statement satisfies never;
  }
}

/** Declares a local with its first value; one per turn of a loop when functions may hold on to it. */
export function declaration(e: Emitter, local: Local, value: string): string {
  const name = `${local.name}$${local.id}`;
  if (e.isBoxed(local)) return `var ${name}={v:${value}};`;
  const keyword = local.captured && local.loops > 0 && !e.options.twins ? 'let' : 'var';
  return `${keyword} ${name}=${value};`;
}
