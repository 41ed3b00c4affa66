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
  if (state.inGenerator) return generatorCallText(e, state, call);
  const special = selectText(e, state, call);
  if (special !== undefined) return special;
  const callee = calleeOf(e, state, call);
  const note = noteFor(state, call);
  if (note === undefined) return plainCallText(e, state, call, callee, callee.text, undefined);
  // The note depends on what is called, which is therefore kept until the arguments are there.
  const f = newTemp(state);
  const text = plainCallText(e, state, call, callee, f, note(f));
  freeTemp(state, f);
  return `(${f}=${callee.text},${rebound(state, call, text)})`;
}

/** A call of the function that `f` stands for. `note` is run when all arguments are evaluated. */
function plainCallText(
  e: Emitter,
  state: FunctionState,
  call: CallExpression | MethodCallExpression,
  callee: Callee,
  f: string,
  note: string | undefined,
): string {
  const mark = lineMark(call.line);
  const args = call.arguments;
  const last = args.at(-1);
  const noted = (text: string): string => {
    if (note === undefined) return text;
    const temp = newTemp(state);
    freeTemp(state, temp);
    return `(${temp}=${text},${note},${temp})`;
  };
  if (last !== undefined && isMulti(last) && last.kind !== 'dots') {
    // The object of a method must outlive the arguments here.
    const before = args.slice(0, -1).map((argument) => valueText(e, state, argument));
    if (callee.self !== undefined) before.unshift(callee.self);
    const rest = noted(valueText(e, state, last));
    freeTemp(state, callee.temp);
    return before.length < 3
      ? `${mark}$call${before.length}(${nameMark(callee)}${[f, ...before, rest].join(',')})`
      : `${mark}$callAll(${nameMark(callee)}${f},[${before.join(',')}],${rest})`;
  }
  const texts = argumentTexts(e, state, args);
  if (callee.self !== undefined) texts.unshift(callee.self);
  freeTemp(state, callee.temp);
  const final = texts.pop();
  if (final !== undefined) texts.push(last?.kind === 'dots' ? final : noted(final));
  const text = `${f}${mark}(${nameMark(callee)}${texts.join(',')})`;
  return final === undefined && note !== undefined ? `(${note},${text})` : text;
}

/**
 * What natives that ask who calls them are told just before the call: the function, or for `error` the place. Whatever else
 * has their names is told nothing.
 */
function noteFor(
  state: FunctionState,
  call: CallExpression | MethodCallExpression,
): ((f: string) => string) | undefined {
  const name = calledName(call);
  if (name === 'error') return (f) => `${f}===$error&&($place=K,$line=${call.line})`;
  if (CALLER_AWARE.has(name)) return (f) => `$aware(${f})&&($caller=${state.self})`;
  return undefined;
}

/** The name by which a call names its callee; "" for anything but a variable or a field. */
export function calledName(call: CallExpression | MethodCallExpression): string {
  if (call.kind !== 'call') return '';
  const { callee } = call;
  switch (callee.kind) {
    case 'global':
      return callee.name;
    case 'local':
      return callee.local.name;
    case 'index':
      return callee.key.kind === 'string' ? callee.key.value : '';
    default:
      return '';
  }
}

function isCallerAware(call: CallExpression | MethodCallExpression): boolean {
  return CALLER_AWARE.has(calledName(call));
}

function argumentTexts(e: Emitter, state: FunctionState, args: readonly Expression[]): string[] {
  return args.map((argument, i) =>
    argument.kind === 'dots' && i === args.length - 1
      ? '...$spread($va)'
      : valueText(e, state, argument),
  );
}

/** The first result of an expression: of `select(n, ...)` without making a list. */
export function firstValueText(e: Emitter, state: FunctionState, value: Expression): string {
  const text = valueText(e, state, value);
  if (value.kind !== 'call' || calledName(value) !== 'select') return text;
  const [which, dots] = value.arguments;
  if (value.arguments.length !== 2 || dots?.kind !== 'dots' || which?.kind !== 'local') return text;
  if (!isSimple(which, state)) return text;
  const n = e.variable(which.local);
  const callee = valueText(e, state, value.callee);
  return `(${callee}===$select&&${n}>0&&${n}===(${n}|0)?$va[${n}-1]:${text})`;
}

/** `select('#', ...)` without making a list. */
function selectText(
  e: Emitter,
  state: FunctionState,
  call: CallExpression | MethodCallExpression,
): string | undefined {
  if (call.kind !== 'call' || calledName(call) !== 'select') return undefined;
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

/** Evaluates a callee and its arguments into temporaries and what can be read at any time, as statements or operands. */
function settledCall(
  e: Emitter,
  state: FunctionState,
  call: CallExpression | MethodCallExpression,
): { steps: string[]; f: string; args: string[]; callee: Callee; temps: string[] } {
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
    else if (isSettled(argument, state)) args.push(valueText(e, state, argument));
    else if (isLast && isMulti(argument)) {
      args.push(`...${keep(`$results(${valueText(e, state, argument)})`)}`);
    } else args.push(keep(valueText(e, state, argument)));
  });
  if (callee.temp !== undefined) temps.push(callee.temp);
  return { steps, f, args, callee, temps };
}

function freeAll(state: FunctionState, temps: readonly string[]): void {
  for (let i = temps.length - 1; i >= 0; i--) freeTemp(state, temps[i]);
}

/** Inside a generator. Everything is in temporaries first, since the call may suspend the function. */
function generatorCallText(
  e: Emitter,
  state: FunctionState,
  call: CallExpression | MethodCallExpression,
): string {
  const { steps, f, args, callee, temps } = settledCall(e, state, call);
  const generator = newTemp(state);
  freeTemp(state, generator);
  freeAll(state, temps);
  const note = noteFor(state, call);
  const list = args.join(',');
  const plain = `${note === undefined ? '' : `${note(f)},`}${lineMark(call.line)}${f}(${nameMark(callee)}${list})`;
  const suspended = `$depth++,${f}=yield*${generator}(${list}),${f}=$count===-1?yield*$chain():${f},$depth--,${f}`;
  return `(${steps.join(',')},(${generator}=$generator(${f}))===undefined?(${plain}):${f}===$yield?$many((yield[${list}])):(${suspended}))`;
}

/**
 * A call in tail position, as the statements that end the function. Chains of tail calls longer than the runtime's bound give
 * their frames back: the call is handed to the function's own caller, if that made a tail call too. In a generator every tail
 * call is handed over.
 */
export function tailCallText(
  e: Emitter,
  state: FunctionState,
  call: CallExpression | MethodCallExpression,
): string {
  if (selectText(e, state, call) !== undefined) {
    return `return ${returned(callText(e, state, call))};`;
  }
  const { steps, f, args, callee, temps } = settledCall(e, state, call);
  freeAll(state, temps);
  const note = noteFor(state, call);
  const told = note === undefined ? '' : `${note(f)};`;
  const deferred = `$defer(${[f, ...args].join(',')})`;
  const mark = lineMark(call.line);
  const list = `${nameMark(callee)}${args.join(',')}`;
  const before = steps.map((step) => `${step};`).join('');
  if (state.inGenerator) {
    return `${before}if($generator(${f})!==undefined)return ${deferred};${told}${mark}${f}=${f}(${list});return ${f};`;
  }
  state.tailCalls = true;
  return `${before}if($tc>99)return ${deferred};$tail=${f};$tails=$tc+1;${told}${mark}${f}=${f}(${list});return $count===-1?$bounce($tc):${f};`;
}

/** An operand of `return`: in parentheses, because a line break may come first. */
export function returned(text: string): string {
  return `(${text})`;
}
