/**
 * Expressions. What is common is written out where it stands, guarded by tests of the operands' types; everything else is
 * a call of the runtime. Text that is used twice is a local variable, a constant or a temporary.
 *
 * Order follows PUC: operands that are locals of the function are read when the operation runs, everything else when its
 * turn comes.
 */
import type {
  BinaryExpression,
  Expression,
  IndexExpression,
  LogicalExpression,
  UnaryExpression,
} from './ast.ts';
import { callText, firstValueText } from './calls.ts';
import { isComparison } from './costs.ts';
import { describe, type Emitter, type FunctionState, freeTemp, newTemp } from './emitter.ts';
import { closureText } from './functions.ts';
import { numericTree } from './numeric-trees.ts';
import { lineMark, numberLiteral, stringLiteral } from './output.ts';
import { tableText } from './tables.ts';
import { isNumber } from './types.ts';

/** The environment of the function that is emitted. */
export function environment(state: FunctionState): string {
  return `($fenv?$env(${state.self},${state.env}):${state.env})`;
}

/** Can its text be repeated and moved behind other expressions? */
export function isSimple(expression: Expression, state: FunctionState): boolean {
  switch (expression.kind) {
    case 'nil':
    case 'boolean':
    case 'number':
    case 'string':
      return true;
    case 'local':
      return expression.local.owner === state.node || expression.local.assignments === 0;
    default:
      return false;
  }
}

/** Will its text, read after other expressions have run, still give the same value? */
export function isSettled(expression: Expression, state: FunctionState): boolean {
  if (expression.kind !== 'local') return isSimple(expression, state);
  return !expression.local.captured || expression.local.assignments === 0;
}

/** A literal: looking for its members by JavaScript's syntax makes no sense. */
export function isConstant(expression: Expression): boolean {
  const { kind } = expression;
  return kind === 'nil' || kind === 'boolean' || kind === 'number' || kind === 'string';
}

export function isMulti(expression: Expression | undefined): boolean {
  return (
    expression !== undefined &&
    (expression.kind === 'call' || expression.kind === 'method' || expression.kind === 'dots')
  );
}

/** JavaScript of one value. */
export function valueText(e: Emitter, state: FunctionState, expression: Expression): string {
  switch (expression.kind) {
    case 'nil':
      return 'undefined';
    case 'boolean':
      return String(expression.value);
    case 'number':
      return numberLiteral(expression.value);
    case 'string':
      return stringLiteral(expression.value);
    case 'dots':
      return '$va[0]';
    case 'local':
      return e.variable(expression.local);
    case 'global':
      return globalText(e, state, expression.name);
    case 'function':
      return closureText(e, state, expression);
    case 'index':
      return indexText(e, state, expression);
    case 'call':
    case 'method':
      return callText(e, state, expression);
    case 'binary':
      return binaryText(e, state, expression);
    case 'logical':
      return logicalText(e, state, expression);
    case 'unary':
      return unaryText(e, state, expression);
    case 'table':
      return tableText(e, state, expression);
    case 'parenthesized':
      return `(${firstValueText(e, state, expression.inner)})`;
    default:
      return expression satisfies never;
  }
}

/** An operand in text that can be repeated: `set` is its first occurrence, `get` every other one. */
export interface Operand {
  readonly set: string;
  readonly get: string;
  readonly temp: string | undefined;
}

export function operand(e: Emitter, state: FunctionState, expression: Expression): Operand {
  const text = valueText(e, state, expression);
  if (isSimple(expression, state)) return { set: text, get: text, temp: undefined };
  const temp = newTemp(state);
  return { set: `(${temp}=${text})`, get: temp, temp };
}

interface Operands {
  /** Must run first; empty or ends in a comma. */
  readonly before: string;
  readonly a: string;
  readonly b: string;
}

/** Two operands. Their temporaries are free again: whatever follows uses them up at once. */
function operands(e: Emitter, state: FunctionState, left: Expression, right: Expression): Operands {
  const first = operand(e, state, left);
  const second = operand(e, state, right);
  freeTemp(state, second.temp);
  freeTemp(state, first.temp);
  return {
    before:
      (first.temp === undefined ? '' : `${first.set},`) +
      (second.temp === undefined ? '' : `${second.set},`),
    a: first.get,
    b: second.get,
  };
}

function globalText(e: Emitter, state: FunctionState, name: string): string {
  const env = newTemp(state);
  freeTemp(state, env);
  return `(($v=(${env}=${environment(state)})${e.field(name)})!==undefined?$v:${e.getter(name)}(${env},0))`;
}

function indexText(e: Emitter, state: FunctionState, expression: IndexExpression): string {
  const { object, key } = expression;
  const mark = lineMark(expression.line);
  const site = e.site(describe(object, state));
  if (isConstant(object)) {
    return `${mark}$index(${valueText(e, state, object)},${valueText(e, state, key)},${site})`;
  }
  if (key.kind === 'string') {
    const o = operand(e, state, object);
    freeTemp(state, o.temp);
    return `(typeof ${o.set}==="object"&&($v=${o.get}${e.field(key.value)})!==undefined?$v:${mark}${e.getter(key.value)}(${o.get},${site}))`;
  }
  const { before, a, b } = operands(e, state, object, key);
  if (key.kind === 'boolean' || key.kind === 'nil') {
    return `(${before}${mark}$index(${a},${b},${site}))`;
  }
  const number = isNumber(key, e.numbers) ? '' : `typeof ${b}==="number"&&`;
  return `(${before}typeof ${a}==="object"&&${number}($v=${a}.arr[${b}])!==undefined?$v:${mark}$index(${a},${b},${site}))`;
}

const ARITHMETIC: Readonly<Record<string, string>> = {
  '+': '$add',
  '-': '$sub',
  '*': '$mul',
  '/': '$div',
  '%': '$mod',
  '^': '$pow',
};

function binaryText(e: Emitter, state: FunctionState, expression: BinaryExpression): string {
  const { operator, left, right } = expression;
  if (operator === '..') return concatText(e, state, expression);
  if (isComparison(operator)) return comparisonText(e, state, expression);
  if (!state.stepwise) {
    const tree = numericTree(e, state, expression);
    if (tree !== undefined) {
      state.stepwise = true;
      const steps = binaryText(e, state, expression);
      state.stepwise = false;
      return `(${tree.tests}?${tree.text}:${steps})`;
    }
  }
  const { before, a, b } = operands(e, state, left, right);
  const plain = plainArithmetic(operator, a, b);
  const tests: string[] = [];
  if (!isNumber(left, e.numbers)) tests.push(`typeof ${a}==="number"`);
  if (!isNumber(right, e.numbers) && a !== b) tests.push(`typeof ${b}==="number"`);
  if (tests.length === 0) return `(${before}${plain})`;
  const site = e.site(describe(left, state), describe(right, state));
  return `(${before}${tests.join('&&')}?${plain}:${lineMark(expression.line)}${ARITHMETIC[operator] ?? ''}(${a},${b},${site}))`;
}

/** The operation on two numbers, whose texts may be repeated. */
export function plainArithmetic(operator: string, a: string, b: string): string {
  switch (operator) {
    case '%':
      return `${a}-$floor(${a}/${b})*${b}`;
    case '^':
      return b === '2' ? `${a}*${a}` : `$power(${a},${b})`;
    default:
      return `${a}${operator}${b}`;
  }
}

/** A comparison; the text is a boolean of JavaScript. */
function comparisonText(e: Emitter, state: FunctionState, expression: BinaryExpression): string {
  const { operator, left, right } = expression;
  const { before, a, b } = operands(e, state, left, right);
  if (operator === '==' || operator === '~=') {
    if (isPrimitive(left, e) || isPrimitive(right, e)) {
      return `(${before}${a}${operator === '==' ? '===' : '!=='}${b})`;
    }
    const text = `(${before}typeof ${a}==="string"?$sameText(${a},${b}):${a}===${b}||typeof ${a}==="object"&&$eq(${a},${b}))`;
    return operator === '==' ? text : `!${text}`;
  }
  const tests: string[] = [];
  if (!isNumber(left, e.numbers)) tests.push(`typeof ${a}==="number"`);
  if (!isNumber(right, e.numbers)) tests.push(`typeof ${b}==="number"`);
  const plain = `${a}${operator}${b}`;
  if (tests.length === 0) return `(${before}${plain})`;
  const helper = operator === '<' || operator === '>' ? '$lt' : '$le';
  const pair = operator === '<' || operator === '<=' ? `${a},${b}` : `${b},${a}`;
  return `(${before}${tests.join('&&')}?${plain}:${lineMark(expression.line)}${helper}(${pair}))`;
}

/** Equal only if identical: no metamethod can have a say. */
function isPrimitive(expression: Expression, e: Emitter): boolean {
  switch (expression.kind) {
    case 'nil':
    case 'boolean':
    case 'number':
    case 'string':
      return true;
    default:
      return isNumber(expression, e.numbers);
  }
}

function concatText(e: Emitter, state: FunctionState, expression: BinaryExpression): string {
  const parts: Expression[] = [expression.left];
  let rest: Expression = expression.right;
  while (rest.kind === 'binary' && rest.operator === '..') {
    parts.push(rest.left);
    rest = rest.right;
  }
  parts.push(rest);
  const site = e.site(...parts.map((part) => describe(part, state)));
  // Arguments are evaluated in order; PUC moves each operand into a register of its own, too.
  const texts = parts.map((part) => valueText(e, state, part)).join(',');
  const mark = lineMark(expression.line);
  if (parts.length === 2) return `${mark}$concat(${texts},${site})`;
  if (parts.length === 3) return `${mark}$concat3(${texts},${site})`;
  return `${mark}$concatAll([${texts}],${site})`;
}

function unaryText(e: Emitter, state: FunctionState, expression: UnaryExpression): string {
  const { operator, operand: inner } = expression;
  const mark = lineMark(expression.line);
  if (operator === 'not') return `!${conditionText(e, state, inner)}`;
  const site = e.site(describe(inner, state));
  if (operator === '#') return `${mark}$length(${valueText(e, state, inner)},${site})`;
  if (isNumber(inner, e.numbers)) return `(-${valueText(e, state, inner)})`;
  const o = operand(e, state, inner);
  freeTemp(state, o.temp);
  return `(typeof ${o.set}==="number"?-${o.get}:${mark}$minus(${o.get},${site}))`;
}

/** Is its value a boolean of JavaScript for certain? */
function isBoolean(expression: Expression): boolean {
  switch (expression.kind) {
    case 'boolean':
      return true;
    case 'binary':
      return isComparison(expression.operator);
    case 'unary':
      return expression.operator === 'not';
    case 'logical':
      return isBoolean(expression.left) && isBoolean(expression.right);
    case 'parenthesized':
      return isBoolean(expression.inner);
    default:
      return false;
  }
}

/** JavaScript that is true when the expression's value is neither nil nor false. */
export function conditionText(e: Emitter, state: FunctionState, expression: Expression): string {
  switch (expression.kind) {
    case 'nil':
      return 'false';
    case 'boolean':
      return String(expression.value);
    case 'number':
    case 'string':
      return 'true';
    case 'logical': {
      const left = conditionText(e, state, expression.left);
      const right = conditionText(e, state, expression.right);
      return `(${left}${expression.operator === 'and' ? '&&' : '||'}${right})`;
    }
    case 'parenthesized':
      return conditionText(e, state, expression.inner);
    default: {
      if (isBoolean(expression)) return valueText(e, state, expression);
      const o = operand(e, state, expression);
      freeTemp(state, o.temp);
      if (isNumber(expression, e.numbers)) return o.temp === undefined ? 'true' : `(${o.set},true)`;
      return `(${o.set}!==undefined&&${o.get}!==false)`;
    }
  }
}

function logicalText(e: Emitter, state: FunctionState, expression: LogicalExpression): string {
  const { operator, left, right } = expression;
  if (isBoolean(left)) {
    const condition = conditionText(e, state, left);
    const value = valueText(e, state, right);
    return operator === 'and' ? `(${condition}?${value}:false)` : `(${condition}?true:${value})`;
  }
  const first = operand(e, state, left);
  freeTemp(state, first.temp);
  const value = valueText(e, state, right);
  return operator === 'and'
    ? `(${first.set}===undefined||${first.get}===false?${first.get}:${value})`
    : `(${first.set}!==undefined&&${first.get}!==false?${first.get}:${value})`;
}
