/**
 * `local` statements and assignments: values are evaluated first and in order, stores happen from right to left, as PUC does.
 */
import type { AssignStatement, Expression, LocalStatement, Target } from './ast.ts';
import { firstValueText } from './calls.ts';
import { operandCost, valueCost } from './costs.ts';
import {
  describe,
  type Emitter,
  type FunctionState,
  freeTemp,
  isUpvalueOf,
  newTemp,
} from './emitter.ts';
import { environment, isConstant, isMulti, isSimple, valueText } from './expressions.ts';
import { lineMark, stringLiteral } from './output.ts';
import { declaration, type Piece } from './statements.ts';
import { isNumber } from './types.ts';

/** `local a, b = …` */
export function localText(e: Emitter, state: FunctionState, statement: LocalStatement): Piece {
  const { locals, values } = statement;
  const isUpvalue = isUpvalueOf(state.node);
  let cost = 0;
  for (const value of values) cost += valueCost(value, isUpvalue);
  if (values.length === 0) cost += 1;
  const parts = [lineMark(statement.line)];
  const single = locals.length === 1 && values.length <= 1;
  if (single) {
    const [local] = locals;
    const [value] = values;
    if (local !== undefined) {
      const text = value === undefined ? 'undefined' : firstValueText(e, state, value);
      parts.push(declaration(e, local, text));
    }
    return { text: parts.join(''), cost, leaves: false };
  }
  const { before, texts, temps } = adjusted(e, state, values, locals.length, false);
  parts.push(before);
  locals.forEach((local, i) => {
    parts.push(declaration(e, local, texts[i] ?? 'undefined'));
  });
  for (const temp of temps) freeTemp(state, temp);
  return { text: parts.join(''), cost, leaves: false };
}

/**
 * A list of values cut or filled up to `wanted`: statements that evaluate what must not wait, and a text for each value. With
 * `settle` every text is a temporary or a constant.
 */
export function adjusted(
  e: Emitter,
  state: FunctionState,
  values: readonly Expression[],
  wanted: number,
  settle: boolean,
): { before: string; texts: string[]; temps: string[] } {
  const steps: string[] = [];
  const texts: string[] = [];
  const temps: string[] = [];
  const keep = (text: string): string => {
    const temp = newTemp(state);
    temps.push(temp);
    steps.push(`${temp}=${text};`);
    return temp;
  };
  const last = values.length - 1;
  values.forEach((value, i) => {
    const missing = wanted - i;
    if (i === last && missing > 1 && isMulti(value)) {
      if (value.kind === 'dots') {
        for (let k = 0; k < missing; k++) {
          texts.push(settle ? keep(`$va[${k}]`) : `$va[${k}]`);
        }
        return;
      }
      texts.push(keep(valueText(e, state, value)));
      if (missing === 2) texts.push(keep('$count>1?$count<4?$second:$all[1]:undefined'));
      else if (missing === 3) {
        texts.push(keep('$count>1?$count<4?$second:$all[1]:undefined'));
        texts.push(keep('$count>2?$count<4?$third:$all[2]:undefined'));
      } else {
        const list = keep(`$results(${texts[texts.length - 1]})`);
        for (let k = 1; k < missing; k++) texts.push(keep(`${list}[${k}]`));
      }
      return;
    }
    const text = valueText(e, state, value);
    const constant = isSimple(value, state) && value.kind !== 'local';
    if (i >= wanted) {
      // Evaluated and thrown away.
      if (!isSimple(value, state)) steps.push(`${text};`);
    } else if (constant) texts.push(text);
    else texts.push(keep(text));
  });
  while (texts.length < wanted) texts.push('undefined');
  return { before: steps.join(''), texts, temps };
}

/** `a, b.c = …` */
export function assignText(e: Emitter, state: FunctionState, statement: AssignStatement): Piece {
  const { targets, values } = statement;
  const isUpvalue = isUpvalueOf(state.node);
  let cost = 0;
  for (const target of targets) cost += targetCost(target, isUpvalue);
  const [first] = targets;
  const [only] = values;
  const mark = lineMark(statement.line);
  if (targets.length === 1 && values.length === 1 && first !== undefined && only !== undefined) {
    const direct = first.kind === 'local' && !isUpvalue(first);
    cost += direct
      ? Math.max(1, valueCost(only, isUpvalue))
      : first.kind === 'index'
        ? operandCost(only, isUpvalue)
        : registerCost(only, isUpvalue);
    return { text: mark + singleAssignment(e, state, first, only), cost, leaves: false };
  }
  for (const value of values) cost += valueCost(value, isUpvalue);
  const temps: string[] = [];
  const parts: string[] = [mark];
  const assigned = new Set(targets.map((t) => (t.kind === 'local' ? t.local : undefined)));
  const keep = (expression: Expression): string => {
    const text = valueText(e, state, expression);
    // A local of the function is read when it is needed, unless the statement assigns to it.
    const direct =
      expression.kind === 'local'
        ? !isUpvalue(expression) && !assigned.has(expression.local)
        : isSimple(expression, state);
    if (direct) return text;
    const temp = newTemp(state);
    temps.push(temp);
    parts.push(`${temp}=${text};`);
    return temp;
  };
  const stores = targets.map((target) => {
    if (target.kind !== 'index') return (value: string) => storeText(e, state, target, value);
    const object = keep(target.object);
    const key = target.key.kind === 'string' ? undefined : keep(target.key);
    return (value: string) => indexStore(e, state, target, object, key, value, false);
  });
  const list = adjusted(e, state, values, targets.length, true);
  parts.push(list.before);
  for (let i = stores.length - 1; i >= 0; i--) {
    parts.push(stores[i]?.(list.texts[i] ?? 'undefined') ?? '');
  }
  for (const temp of [...temps, ...list.temps]) freeTemp(state, temp);
  return { text: parts.join(''), cost, leaves: false };
}

/** A value in any register: a local has one. */
function registerCost(value: Expression, isUpvalue: (e: Expression) => boolean): number {
  return value.kind === 'local' && !isUpvalue(value) ? 0 : valueCost(value, isUpvalue);
}

function targetCost(target: Target, isUpvalue: (e: Expression) => boolean): number {
  if (target.kind === 'local') return isUpvalue(target) ? 1 : 0;
  if (target.kind === 'global') return 1;
  return operandCost(target.object, isUpvalue) + operandCost(target.key, isUpvalue) + 1;
}

function singleAssignment(
  e: Emitter,
  state: FunctionState,
  target: Target,
  value: Expression,
): string {
  if (target.kind === 'local') {
    return `${e.variable(target.local)}=${valueText(e, state, value)};`;
  }
  const parts: string[] = [];
  const temps: string[] = [];
  const settle = (expression: Expression): string => {
    const text = valueText(e, state, expression);
    if (isSimple(expression, state)) return text;
    const temp = newTemp(state);
    temps.push(temp);
    parts.push(`${temp}=${text};`);
    return temp;
  };
  if (target.kind === 'global') {
    const text = settle(value);
    parts.push(storeText(e, state, target, text));
  } else {
    const object = settle(target.object);
    const key = target.key.kind === 'string' ? undefined : settle(target.key);
    const text = settle(value);
    const known = isNumber(value, e.numbers) || value.kind === 'string' || value.kind === 'table';
    parts.push(indexStore(e, state, target, object, key, text, known));
  }
  for (const temp of temps) freeTemp(state, temp);
  return parts.join('');
}

/** Stores a text that can be repeated. */
function storeText(e: Emitter, state: FunctionState, target: Target, value: string): string {
  if (target.kind === 'local') return `${e.variable(target.local)}=${value};`;
  if (target.kind === 'index') throw new Error('an indexed target is stored by indexStore');
  const env = newTemp(state);
  const field = e.field(target.name);
  const text = `${env}=${environment(state)};if(${env}${field}!==undefined)${env}${field}=${value};else ${e.setter(target.name)}(${env},${value},0);`;
  freeTemp(state, env);
  return text;
}

function indexStore(
  e: Emitter,
  state: FunctionState,
  target: Target,
  object: string,
  key: string | undefined,
  value: string,
  neverNil: boolean,
): string {
  if (target.kind !== 'index') return '';
  const site = e.site(describe(target.object, state));
  const name = target.key.kind === 'string' ? target.key.value : '';
  if (isConstant(target.object)) {
    return `$setIndex(${object},${key ?? stringLiteral(name)},${value},${site});`;
  }
  if (key === undefined) {
    const field = e.field(name);
    return `if(typeof ${object}==="object"&&${object}${field}!==undefined)${object}${field}=${value};else ${e.setter(name)}(${object},${value},${site});`;
  }
  if (target.key.kind === 'boolean' || target.key.kind === 'nil') {
    return `$setIndex(${object},${key},${value},${site});`;
  }
  const number = isNumber(target.key, e.numbers) ? '' : `typeof ${key}==="number"&&`;
  const some = neverNil ? '' : `&&${value}!==undefined`;
  return `if(typeof ${object}==="object"&&${number}${object}.arr[${key}]!==undefined${some})${object}.arr[${key}]=${value};else $setIndex(${object},${key},${value},${site});`;
}
