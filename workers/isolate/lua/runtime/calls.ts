/**
 * Calls: of values that are no functions, of metamethods, of guest code by natives, and lists of arguments that end in the
 * results of another call.
 */
import { generator, twin } from './coroutines.ts';
import { LuaError, operandError, raiseHere } from './errors.ts';
import { metamethod } from './metatables.ts';
import { results } from './native.ts';
import type { LuaFunction, LuaValue } from './values.ts';

/** Calls through natives and metamethods at a time: PUC's LUAI_MAXCCALLS. */
const NESTED_CALLS = 200;

/** The function that stands for a value that is called; `site` names it in the error. */
export function callable(value: LuaValue, site: number): LuaFunction {
  if (typeof value === 'function') return value;
  const handler = metamethod(value, '__call');
  if (typeof handler === 'function') {
    const call: LuaFunction = (...args) => handler(value, ...args);
    const inner = generator(handler);
    if (inner === undefined) return call;
    return twin(
      call,
      () =>
        (...args) =>
          inner(value, ...args),
    );
  }
  // Raised by the call itself, so that the arguments are evaluated first.
  return () => operandError('call', value, site);
}

/** Before a native or the machine calls guest code. `leave` must follow when the call returns. */
export function enter(): void {
  if (++$nested > NESTED_CALLS) {
    $nested--;
    raiseHere('C stack overflow');
  }
}

export function leave(): void {
  $nested--;
}

/** A metamethod's first result. */
export function callEvent(handler: LuaValue, a: LuaValue, b: LuaValue): LuaValue {
  const f = typeof handler === 'function' ? handler : callable(handler, 0);
  enter();
  const value = f(a, b);
  $nested--;
  $count = 1;
  return value;
}

export function callEventWith(
  handler: LuaFunction,
  a: LuaValue,
  b: LuaValue,
  c: LuaValue,
): LuaValue {
  enter();
  const value = handler(a, b, c);
  $nested--;
  $count = 1;
  return value;
}

/** Calls any value from a native. The results are in the registers. */
export function callGuest(f: LuaValue, a?: LuaValue, b?: LuaValue): LuaValue {
  const target = typeof f === 'function' ? f : callable(f, 0);
  enter();
  const given = arguments.length;
  const value = given === 2 ? target(a) : given === 1 ? target() : target(a, b);
  $nested--;
  return value;
}

/** As callGuest, with any number of arguments. */
export function callGuestWith(f: LuaValue, args: readonly LuaValue[]): LuaValue {
  const target = typeof f === 'function' ? f : callable(f, 0);
  enter();
  const value = target(...args);
  $nested--;
  return value;
}

// ---- argument lists that end in the results of a call ------------------------------------------------------------

export function call0(f: LuaFunction, first: LuaValue): LuaValue {
  switch ($count) {
    case 0:
      return f();
    case 1:
      return f(first);
    case 2:
      return f(first, $second);
    case 3:
      return f(first, $second, $third);
    default:
      return f(...results(first));
  }
}

export function call1(f: LuaFunction, a: LuaValue, first: LuaValue): LuaValue {
  switch ($count) {
    case 0:
      return f(a);
    case 1:
      return f(a, first);
    case 2:
      return f(a, first, $second);
    default:
      return f(a, ...results(first));
  }
}

export function call2(f: LuaFunction, a: LuaValue, b: LuaValue, first: LuaValue): LuaValue {
  switch ($count) {
    case 0:
      return f(a, b);
    case 1:
      return f(a, b, first);
    default:
      return f(a, b, ...results(first));
  }
}

export function callAll(f: LuaFunction, before: readonly LuaValue[], first: LuaValue): LuaValue {
  return f(...before, ...results(first));
}

// ---- tail calls ---------------------------------------------------------------------------------------------------

/** Hands a tail call to the caller, who made a tail call too: the frame of the function goes. */
export function defer(f: LuaFunction, ...args: LuaValue[]): LuaValue {
  args.unshift(f);
  $all = args;
  $count = -1;
  return undefined;
}

/** Runs tail calls that were handed up, until one returns. `depth` is how many tail calls lie below. */
export function bounce(depth: number): LuaValue {
  let value: LuaValue;
  do {
    const [f, ...args] = $all;
    if (typeof f !== 'function') throw new LuaError('no function was deferred');
    $tail = f;
    $tails = depth + 1;
    value = f(...args);
  } while ($count === -1);
  return value;
}
