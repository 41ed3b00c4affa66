/**
 * Calls. A callee that is no function is replaced by one that runs its `__call`, or raises PUC's error once the arguments
 * are evaluated. In a generator a call goes to the callee's generator if it has one, so that it can yield.
 */
import type { CallExpression, Expression, MethodCallExpression } from './ast.ts';
import { describe, type Emitter, type FunctionState, freeTemp, newTemp } from './emitter.ts';
import { isConstant, isMulti, isSettled, isSimple, operand, valueText } from './expressions.ts';
import { lineMark } from './output.ts';

/** Natives that need to know which function calls them. */
const CALLER_AWARE: ReadonlySet<string> = new Set(['setfenv', 'getfenv', 'module']);

interface Callee {
  /** An expression of a JavaScript function. */
  readonly text: string;
  /** The object of a method call: its first argument. */
  readonly self: string | undefined;
  /** Temporary that holds `self` until the arguments are read. */
  readonly temp: string | undefined;
  /** What errors call it. */
  readonly site: number;
}

function calleeOf(
  e: Emitter,
  state: FunctionState,
  call: CallExpression | MethodCallExpression,
): Callee {
  if (call.kind === 'method') {
    const o = operand(e, state, call.object);
    const site = e.site(describe(call.object, state));
    const mark = lineMark(call.nameLine);
    const found = isConstant(call.object)
      ? `${mark}${e.getter(call.name)}(${o.get},${site})`
      : `typeof ${o.set}==="object"&&($v=${o.get}${e.field(call.name)})!==undefined?$v:${mark}${e.getter(call.name)}(${o.get},${site})`;
    const name = e.site(`method '${call.name}'`);
    return {
      text: `(typeof($v=${found})==="function"?$v:$callable($v,${name}))`,
      self: o.get,
      temp: o.temp,
      site: name,
    };
  }
  const { callee } = call;
  const name = e.site(describe(callee, state));
  if (isSimple(callee, state)) {
    const text = valueText(e, state, callee);
    return {
      text: `(typeof ${text}==="function"?${text}:$callable(${text},${name}))`,
      self: undefined,
      temp: undefined,
      site: name,
    };
  }
  const text = valueText(e, state, callee);
  return {
    text: `(typeof($v=${text})==="function"?$v:$callable($v,${name}))`,
    self: undefined,
    temp: undefined,
    site: name,
  };
}

/** Where the runtime looks for the name of what was called, when the callee raises an error. */
function nameMark(callee: Callee): string {
  return callee.site === 0 ? '' : `/*${callee.site}*/`;
}

/** JavaScript of a call: its first result, with the registers set. */
export function callText(
  e: Emitter,
  state: FunctionState,
  call: CallExpression | MethodCallExpression,
): string {
  const special = state.inGenerator ? undefined : selectText(e, state, call);
  if (special !== undefined) return special;
  if (state.inGenerator) return generatorCallText(e, state, call);
  const callee = calleeOf(e, state, call);
  const mark = lineMark(call.line);
  const args = call.arguments;
  const last = args.at(-1);
  if (last !== undefined && isMulti(last) && last.kind !== 'dots') {
    // The object of a method must outlive the arguments here.
    const before = args.slice(0, -1).map((argument) => valueText(e, state, argument));
    if (callee.self !== undefined) before.unshift(callee.self);
    let rest = valueText(e, state, last);
    if (isCallerAware(call)) {
      const temp = newTemp(state);
      rest = `(${temp}=${rest},$caller=${state.self},${temp})`;
      freeTemp(state, temp);
    }
    freeTemp(state, callee.temp);
    const text =
      before.length < 3
        ? `${mark}$call${before.length}(${nameMark(callee)}${[callee.text, ...before, rest].join(',')})`
        : `${mark}$callAll(${nameMark(callee)}${callee.text},[${before.join(',')}],${rest})`;
    return rebound(state, call, text);
  }
  if (call.kind === 'call' && call.callee.kind === 'global' && call.callee.name === 'error') {
    return errorCallText(e, state, call, callee);
  }
  const texts = argumentTexts(e, state, args);
  if (callee.self !== undefined) texts.unshift(callee.self);
  freeTemp(state, callee.temp);
  const hint = callerHint(e, state, call, texts);
  const text = `${hint}${callee.text}${mark}(${nameMark(callee)}${texts.join(',')})${hint === '' ? '' : ')'}`;
  return rebound(state, call, text);
}

/** `error(…)` is told where it stands, so that it need not look at the stack; other functions of that name are not. */
function errorCallText(
  e: Emitter,
  state: FunctionState,
  call: CallExpression,
  callee: Callee,
): string {
  const f = newTemp(state);
  const texts = argumentTexts(e, state, call.arguments);
  const last = texts.at(-1);
  if (last !== undefined && !last.startsWith('...')) {
    const temp = newTemp(state);
    texts[texts.length - 1] =
      `(${temp}=${last},${f}===$error&&($place=K,$line=${call.line}),${temp})`;
    freeTemp(state, temp);
  }
  freeTemp(state, f);
  return `(${f}=${callee.text},${lineMark(call.line)}${f}(${nameMark(callee)}${texts.join(',')}))`;
}

/** As errorCallText, for a local of that name. */
function placeNote(e: Emitter, call: CallExpression | MethodCallExpression): string | undefined {
  if (call.kind !== 'call' || call.callee.kind !== 'local') return undefined;
  const { local } = call.callee;
  if (local.name !== 'error') return undefined;
  return `${e.variable(local)}===$error&&($place=K,$line=${call.line})`;
}

/** Goes the call by its callee's name to one of those natives? */
function isCallerAware(call: CallExpression | MethodCallExpression): boolean {
  if (call.kind !== 'call') return false;
  const { callee } = call;
  switch (callee.kind) {
    case 'global':
      return CALLER_AWARE.has(callee.name);
    case 'local':
      return CALLER_AWARE.has(callee.local.name);
    case 'index':
      return callee.key.kind === 'string' && CALLER_AWARE.has(callee.key.value);
    default:
      return false;
  }
}

/** Tells natives that work on their caller who it is, at the last moment before the call. */
function callerHint(
  e: Emitter,
  state: FunctionState,
  call: CallExpression | MethodCallExpression,
  texts: string[],
): string {
  const place = placeNote(e, call);
  if (place === undefined && !isCallerAware(call)) return '';
  const note = place ?? `$caller=${state.self}`;
  const last = texts.at(-1);
  if (last === undefined) return place === undefined ? `(${note},` : '';
  if (last.startsWith('...')) return '';
  const temp = newTemp(state);
  texts[texts.length - 1] = `(${temp}=${last},${note},${temp})`;
  freeTemp(state, temp);
  return '(';
}

function argumentTexts(e: Emitter, state: FunctionState, args: readonly Expression[]): string[] {
  return args.map((argument, i) =>
    argument.kind === 'dots' && i === args.length - 1
      ? '...$spread($va)'
      : valueText(e, state, argument),
  );
}

/** `select('#', ...)` and, for one value, `select(n, ...)` without making a list. */
function selectText(
  e: Emitter,
  state: FunctionState,
  call: CallExpression | MethodCallExpression,
): string | undefined {
  if (call.kind !== 'call' || call.callee.kind !== 'global' || call.callee.name !== 'select') {
    return undefined;
  }
  const [which, dots] = call.arguments;
  if (which?.kind !== 'string' || which.value !== '#' || dots?.kind !== 'dots') return undefined;
  if (call.arguments.length !== 2) return undefined;
  const callee = valueText(e, state, call.callee);
  const name = e.site(describe(call.callee, state));
  const mark = lineMark(call.line);
  return `(($v=${callee})===$select?($count=1,$va.length):(typeof $v==="function"?$v:$callable($v,${name}))${mark}("#",...$spread($va)))`;
}

/** After a call that may have changed the environment of the main chunk that makes it: takes over the new one. */
function rebound(
  state: FunctionState,
  call: CallExpression | MethodCallExpression,
  text: string,
): string {
  if (state.rebound === undefined || !isCallerAware(call)) return text;
  const temp = newTemp(state);
  freeTemp(state, temp);
  return `(${temp}=${text},${state.rebound}=$env(${state.self},${state.rebound}),${temp})`;
}

/** The object of a method call, in a temporary if the arguments could change the variable that holds it. */
function settledSelf(
  state: FunctionState,
  call: CallExpression | MethodCallExpression,
  self: string,
  keep: (text: string) => string,
): string {
  if (call.kind !== 'method' || !isSimple(call.object, state)) return self;
  return isSettled(call.object, state) ? self : keep(self);
}

/** Inside a generator. Everything is in temporaries first, since the call may suspend the function. */
function generatorCallText(
  e: Emitter,
  state: FunctionState,
  call: CallExpression | MethodCallExpression,
): string {
  const mark = lineMark(call.line);
  const steps: string[] = [];
  const temps: string[] = [];
  const keep = (text: string): string => {
    const temp = newTemp(state);
    temps.push(temp);
    steps.push(`${temp}=${text}`);
    return temp;
  };
  const callee = calleeOf(e, state, call);
  const f = keep(callee.text);
  const args: string[] =
    callee.self === undefined ? [] : [settledSelf(state, call, callee.self, keep)];
  call.arguments.forEach((argument, i) => {
    const isLast = i === call.arguments.length - 1;
    if (isLast && argument.kind === 'dots') args.push('...$spread($va)');
    else if (isLast && isMulti(argument)) {
      args.push(`...${keep(`$results(${valueText(e, state, argument)})`)}`);
    } else if (isSettled(argument, state)) args.push(valueText(e, state, argument));
    else args.push(keep(valueText(e, state, argument)));
  });
  const list = args.join(',');
  const generator = newTemp(state);
  temps.push(generator);
  const hint = isCallerAware(call) ? `$caller=${state.self},` : '';
  const text = `(${steps.join(',')},(${generator}=$generator(${f}))===undefined?(${hint}${mark}${f}(${nameMark(callee)}${list})):${f}===$yield?$many((yield[${list}])):($depth++,${f}=yield*${generator}(${list}),$depth--,${f}))`;
  for (const temp of temps.reverse()) freeTemp(state, temp);
  freeTemp(state, callee.temp);
  return text;
}

/**
 * A call in tail position, as the statements that end the function. Chains of tail calls longer than the runtime's bound give their
 * frames back: the call is handed to the function's own caller, if that made a tail call too.
 */
export function tailCallText(
  e: Emitter,
  state: FunctionState,
  call: CallExpression | MethodCallExpression,
): string {
  if (state.inGenerator || selectText(e, state, call) !== undefined) {
    return `return ${returned(callText(e, state, call))};`;
  }
  state.tailCalls = true;
  const callee = calleeOf(e, state, call);
  const mark = lineMark(call.line);
  const f = newTemp(state);
  const steps = [`${f}=${callee.text};`];
  const temps = [f];
  const keep = (text: string): string => {
    const temp = newTemp(state);
    temps.push(temp);
    steps.push(`${temp}=${text};`);
    return temp;
  };
  const args: string[] =
    callee.self === undefined ? [] : [settledSelf(state, call, callee.self, keep)];
  call.arguments.forEach((argument, i) => {
    const isLast = i === call.arguments.length - 1;
    if (isLast && argument.kind === 'dots') args.push('...$spread($va)');
    else if (isSettled(argument, state)) args.push(valueText(e, state, argument));
    else {
      const temp = newTemp(state);
      temps.push(temp);
      const multi = isLast && isMulti(argument);
      const text = valueText(e, state, argument);
      steps.push(`${temp}=${multi ? `$results(${text})` : text};`);
      args.push(multi ? `...${temp}` : temp);
    }
  });
  const list = args.join(',');
  const hint = isCallerAware(call) ? `$caller=${state.self};` : '';
  for (const temp of temps) freeTemp(state, temp);
  freeTemp(state, callee.temp);
  const result = f;
  return `${steps.join('')}if($tc>99)return $defer(${[f, ...args].join(',')});$tail=${f};$tails=$tc+1;${hint}${mark}${result}=${f}(${nameMark(callee)}${list});return $count===-1?$bounce($tc):${result};`;
}

/** An operand of `return`: in parentheses, because a line break may come first. */
export function returned(text: string): string {
  return `(${text})`;
}
