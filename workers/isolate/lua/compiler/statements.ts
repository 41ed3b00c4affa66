/**
 * Statements and basic blocks. A block's instructions are charged at its head, as far as nothing in it can leave it; what
 * comes after a statement that can is a basic block of its own.
 */
import type {
  AssignStatement,
  Block,
  Expression,
  GenericForStatement,
  IfStatement,
  Local,
  LocalStatement,
  NumericForStatement,
  Statement,
  Target,
} from './ast.ts';
import { firstValueText, returned, tailCallText } from './calls.ts';
import { conditionCost, operandCost, valueCost } from './costs.ts';
import {
  describe,
  type Emitter,
  type FunctionState,
  freeTemp,
  isUpvalueOf,
  newTemp,
  newVariable,
} from './emitter.ts';
import {
  conditionText,
  environment,
  isConstant,
  isMulti,
  isSimple,
  valueText,
} from './expressions.ts';
import { closureText } from './functions.ts';
import { numericVersion } from './loops.ts';
import { lineMark, stringLiteral } from './output.ts';
import { isNumber } from './types.ts';

/** Estimated bytes that one instruction of a kind allocates. */
const TABLE_BYTES = 88;
const CLOSURE_BYTES = 96;

interface Piece {
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
      const name = newVariable(state);
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

function chargeText(
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
function nested(e: Emitter, state: FunctionState, block: Block, cost: number): Piece {
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
function declaration(e: Emitter, local: Local, value: string): string {
  const name = `${local.name}$${local.id}`;
  if (e.isBoxed(local)) return `var ${name}={v:${value}};`;
  const keyword = local.captured && local.loops > 0 && !e.options.twins ? 'let' : 'var';
  return `${keyword} ${name}=${value};`;
}

function localText(e: Emitter, state: FunctionState, statement: LocalStatement): Piece {
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
function adjusted(
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

// ---- assignment -----------------------------------------------------------------------------------------------

function assignText(e: Emitter, state: FunctionState, statement: AssignStatement): Piece {
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

// ---- control --------------------------------------------------------------------------------------------------

function ifText(e: Emitter, state: FunctionState, statement: IfStatement): Piece {
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

function numericForText(e: Emitter, state: FunctionState, statement: NumericForStatement): Piece {
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

function genericForText(e: Emitter, state: FunctionState, statement: GenericForStatement): Piece {
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

function returnText(
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

// ---- what a statement contains ---------------------------------------------------------------------------------

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
function mayChangeEnvironment(statement: Statement): boolean {
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
function allocationOf(statement: Statement): number {
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
