/**
 * Coroutines. A function that may yield has a generator beside it (`$m` makes it at first use, `$g` keeps it) in which
 * calls go from generator to generator; natives and everything they call run as plain functions, which cannot yield, as
 * in Lua 5.1.
 */

import { enter } from './calls.ts';
import { registerGenerator } from './environments.ts';
import { LuaError } from './errors.ts';
import { allocate, charge } from './meter.ts';
import { many, nameNative, results } from './native.ts';
import { Coroutine, type LuaFunction, type LuaValue } from './values.ts';

type GeneratorFunction = (...args: LuaValue[]) => Generator<LuaValue[], LuaValue, LuaValue[]>;

interface Twin {
  $g?: GeneratorFunction;
  $m?: (self: LuaFunction) => GeneratorFunction;
}

/** A suspended generator with what it refers to, estimated. */
const COROUTINE_BYTES = 600;

/** Joins a function and what makes its generator. */
export function twin(f: LuaFunction, make: (self: LuaFunction) => GeneratorFunction): LuaFunction {
  (f as Twin).$m = make;
  return f;
}

/** The generator that runs in a function's place; undefined for one that never yields. */
export function generator(f: LuaFunction): GeneratorFunction | undefined {
  const known = (f as Twin).$g;
  if (known !== undefined) return known;
  const make = (f as Twin).$m;
  if (make === undefined) return undefined;
  const made = make(f);
  (f as Twin).$g = made;
  registerGenerator(made, f);
  return made;
}

/** Runs tail calls that a generator handed over, until one returns. */
export function* chain(): Generator<LuaValue[], LuaValue, LuaValue[]> {
  let value: LuaValue;
  do {
    const [f, ...args] = $all;
    if (typeof f !== 'function') throw new LuaError('no function was deferred');
    const run = generator(f);
    value = run === undefined ? f(...args) : yield* run(...args);
  } while ($count === -1);
  return value;
}

/** `coroutine.yield` where it cannot: on the main thread, or under a native. */
export function yieldPlain(): LuaValue {
  throw new LuaError('attempt to yield across metamethod/C-call boundary');
}
nameNative('yield', yieldPlain);

(yieldPlain as Twin).$g = function* yieldHere(...values: LuaValue[]) {
  return many(yield values);
};

export function create(body: LuaFunction): Coroutine {
  allocate(COROUTINE_BYTES);
  return new Coroutine(body);
}

/**
 * Runs a coroutine until it yields or ends; returns the values that it hands out. Throws what it raises, and an error of its
 * own when it cannot be resumed.
 */
export function resume(thread: Coroutine, args: LuaValue[]): LuaValue[] {
  if (thread.status !== 'suspended') {
    throw new LuaError(`cannot resume ${thread.status} coroutine`);
  }
  enter();
  const resumer = $coroutine;
  const nested = $nested;
  const depth = $depth;
  $depth = thread.depth;
  if ($depth > 3) charge($depth >> 2);
  thread.resumer = resumer;
  if (resumer !== undefined) resumer.status = 'normal';
  thread.status = 'running';
  $coroutine = thread;
  let dead = true;
  try {
    let frame = thread.frame as Generator<LuaValue[], LuaValue, LuaValue[]> | undefined;
    if (frame === undefined) {
      const run = generator(thread.body);
      if (run === undefined) return results(thread.body(...args));
      frame = run(...args);
      thread.frame = frame as unknown as NonNullable<Coroutine['frame']>; // what it yields is the runtime's concern
    }
    let step = frame.next(args);
    if (step.done === true && $count === -1) {
      frame = chain();
      thread.frame = frame as unknown as NonNullable<Coroutine['frame']>;
      step = frame.next(args);
    }
    if (step.done === true) return results(step.value);
    dead = false;
    return step.value;
  } finally {
    thread.status = dead ? 'dead' : 'suspended';
    if (dead) thread.frame = undefined;
    thread.depth = $depth;
    $depth = depth;
    $coroutine = resumer;
    if (resumer !== undefined) resumer.status = 'running';
    $nested = nested - 1;
  }
}
