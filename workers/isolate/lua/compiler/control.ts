/**
 * Branches, `for` loops and `return`.
 */

import { adjusted } from './assignments.ts';
import type {
  Expression,
  GenericForStatement,
  IfStatement,
  Local,
  NumericForStatement,
} from './ast.ts';
import { returned, tailCallText } from './calls.ts';
import { conditionCost, valueCost } from './costs.ts';
import {
  type Emitter,
  type FunctionState,
  freeTemp,
  isUpvalueOf,
  newTemp,
  newVariable,
} from './emitter.ts';
import { conditionText, isMulti, isSimple, valueText } from './expressions.ts';
import { lineMark } from './output.ts';
import { blockText, chargeText, declaration, nested, type Piece } from './statements.ts';
import { isNumber } from './types.ts';

export function ifText(e: Emitter, state: FunctionState, statement: IfStatement): Piece {
  const isUpvalue = isUpvalueOf(state.node);
  let text = lineMark(statement.line);
  let headCost = 0;
  let conditions = 0;
  let leaves = false;
  statement.clauses.forEach((clause, i) => {
    const cost = conditionCost(clause.condition, isUpvalue);
    if (i === 0) headCost = cost;
    else conditions += cost;
    const condition = conditionText(e, state, clause.condition);
    const isLast = i === statement.clauses.length - 1 && statement.otherwise === undefined;
    // The jump over the other clauses.
    const body = nested(e, state, clause.body, (isLast ? 0 : 1) + (i === 0 ? 0 : conditions));
    leaves ||= body.leaves;
    text += `${i === 0 ? '' : 'else '}if(${condition})${body.text}`;
  });
  if (statement.otherwise !== undefined) {
    const body = nested(e, state, statement.otherwise, conditions);
    leaves ||= body.leaves;
    text += `else${body.text}`;
  } else if (conditions >= 1) {
    text += `else{${chargeText(e, conditions, 0, state.line)}}`;
  }
  return { text, cost: headCost, leaves };
}

export function numericForText(
  e: Emitter,
  state: FunctionState,
  statement: NumericForStatement,
): Piece {
  const { variable, start, limit, step } = statement;
  const isUpvalue = isUpvalueOf(state.node);
  const mark = lineMark(statement.line);
  const parts: string[] = [mark];
  // All three are evaluated before any of them is looked at.
  const checks: string[] = [];
  const settle = (expression: Expression, what: string): string => {
    const text = valueText(e, state, expression);
    if (expression.kind === 'number') return text;
    const name = newVariable(state);
    parts.push(`${name}=${text};`);
    if (!isNumber(expression, e.numbers)) {
      checks.push(`if(typeof ${name}!=="number")${name}=$forNumber(${name},"${what}");`);
    }
    return name;
  };
  const from = settle(start, 'initial');
  const to = settle(limit, 'limit');
  const by = step === undefined ? '1' : settle(step, 'step');
  parts.push(...checks);
  let cost = valueCost(start, isUpvalue) + valueCost(limit, isUpvalue) + 2;
  cost += step === undefined ? 1 : valueCost(step, isUpvalue);
  const whole =
    start.kind === 'number' &&
    Number.isInteger(start.value) &&
    (step === undefined || (step.kind === 'number' && Number.isInteger(step.value)));
  const wholeStep = step === undefined || (step.kind === 'number' && Number.isInteger(step.value));
  // PUC takes the step off before the loop and puts it on again, which rounds unless both are whole.
  const first = whole
    ? from === '(-0)'
      ? '0'
      : from
    : wholeStep
      ? `${from}===(${from}|0)?${from}+0:${from}-${by}+${by}`
      : `${from}-${by}+${by}`;
  const own = variable.captured || variable.assignments > 0;
  const counter = own ? newVariable(state) : `${variable.name}$${variable.id}`;
  const test =
    step === undefined || step.kind === 'number'
      ? `${counter}${(step?.value ?? 1) > 0 ? '<=' : '>='}${to}`
      : `(${by}>0?${counter}<=${to}:${counter}>=${to})`;
  const { charge, text, leaves } = blockText(e, state, statement.body, { cost: 1 });
  const declared = own ? declaration(e, variable, counter) : '';
  const keyword = own ? '' : 'var ';
  const next = by === '1' ? `${counter}++` : `${counter}+=${by}`;
  parts.push(`for(${keyword}${counter}=${first};${test};${next}){${charge}${declared}${text}}`);
  return { text: parts.join(''), cost, leaves };
}

export function genericForText(
  e: Emitter,
  state: FunctionState,
  statement: GenericForStatement,
): Piece {
  const { variables, values } = statement;
  const isUpvalue = isUpvalueOf(state.node);
  let cost = 2;
  for (const value of values) cost += valueCost(value, isUpvalue);
  const list = adjusted(e, state, values, 3, true);
  const [f = '', s = '', c = ''] = list.texts;
  const cursor = newVariable(state);
  const iterator = newVariable(state);
  const subject = newVariable(state);
  const control = newVariable(state);
  const parts = [
    lineMark(statement.line),
    list.before,
    `${iterator}=${f};${subject}=${s};${control}=${c};`,
    `${cursor}=$cursor(${iterator},${subject},${control});`,
    `if(${cursor}===null&&typeof ${iterator}!=="function")${iterator}=$callable(${iterator},0);`,
  ];
  for (const temp of list.temps) freeTemp(state, temp);
  const keyword = variables.some((v) => v.captured) && !e.options.twins ? 'let' : 'var';
  const [first, second, ...others] = variables;
  const values1 = newVariable(state);
  const values2 = newVariable(state);
  const otherTexts = others.map(() => newVariable(state));
  const fetchOthers = otherTexts
    .map((name, i) =>
      i === 0 && others.length === 1
        ? `${name}=$count>2?$count<4?$third:$all[2]:undefined;`
        : i === 0
          ? `$v=$results(${values1});${otherTexts.map((n, k) => `${n}=$v[${k + 2}];`).join('')}`
          : '',
    )
    .join('');
  const clearOthers = otherTexts.map((name) => `${name}=undefined;`).join('');
  const fetchSecond =
    second === undefined ? '' : `${values2}=$count>1?$count<4?$second:$all[1]:undefined;`;
  const takeSecond = second === undefined ? '' : `${values2}=${cursor}.value;`;
  const step = `if(${cursor}!==null){if(!${cursor}.advance())break;${values1}=${cursor}.key;${takeSecond}${clearOthers}}else{${values1}=${iterator}(${subject},${control});if(${values1}===undefined)break;${fetchSecond}${fetchOthers}${control}=${values1}}`;
  const declare = (variable: Local | undefined, value: string): string => {
    if (variable === undefined) return '';
    if (e.isBoxed(variable)) return declaration(e, variable, value);
    return `${keyword} ${variable.name}$${variable.id}=${value};`;
  };
  const declarations =
    declare(first, values1) +
    declare(second, values2) +
    others.map((variable, i) => declare(variable, otherTexts[i] ?? 'undefined')).join('');
  const { charge, text, leaves } = blockText(e, state, statement.body, { cost: 1 });
  parts.push(`for(;;){${lineMark(statement.line)}${step}${declarations}${charge}${text}}`);
  return { text: parts.join(''), cost, leaves };
}

export function returnText(
  e: Emitter,
  state: FunctionState,
  values: readonly Expression[],
  mark: string,
): Piece {
  const isUpvalue = isUpvalueOf(state.node);
  let cost = 0;
  for (const value of values) {
    cost +=
      values.length === 1 && value.kind === 'local' && !isUpvalue(value)
        ? 0
        : valueCost(value, isUpvalue);
  }
  const [first, second, third] = values;
  const last = values.at(-1);
  const done = (text: string): Piece => ({ text: `${mark}${text}`, cost: cost + 1, leaves: true });
  if (first === undefined) return done('$count=0;return;');
  if (values.length === 1) {
    if (first.kind === 'call' || first.kind === 'method') {
      return done(tailCallText(e, state, first));
    }
    if (first.kind === 'dots') return done('return $many($va);');
    if (isSimple(first, state)) return done(`$count=1;return ${valueText(e, state, first)};`);
    const temp = newTemp(state);
    const text = valueText(e, state, first);
    freeTemp(state, temp);
    return done(`${temp}=${text};$count=1;return ${temp};`);
  }
  if (isMulti(last)) {
    const before = values.slice(0, -1).map((value) => valueText(e, state, value));
    if (last?.kind === 'dots')
      return done(`return $many(${returned(`[${before.join(',')},...$spread($va)]`)});`);
    const rest = last === undefined ? '' : valueText(e, state, last);
    return done(`return $manyMore(${returned(`[${before.join(',')}]`)},${rest});`);
  }
  const list = adjusted(e, state, values, values.length, true);
  for (const temp of list.temps) freeTemp(state, temp);
  const [a = '', b = '', c = ''] = list.texts;
  if (second !== undefined && values.length === 2) {
    return done(`${list.before}$second=${b};$count=2;return ${a};`);
  }
  if (third !== undefined && values.length === 3) {
    return done(`${list.before}$second=${b};$third=${c};$count=3;return ${a};`);
  }
  return done(`${list.before}return $many([${list.texts.join(',')}]);`);
}
