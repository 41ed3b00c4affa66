/**
 * Raising and catching errors: assert, error, pcall and xpcall.
 */

import { callable, callGuest, enter } from '../runtime/calls.ts';
import { argumentError, caught, LuaError, position, raise, tracing } from '../runtime/errors.ts';
import {
  checkAny,
  checkText,
  many,
  one,
  optionalInteger,
  optionalText,
  results,
  two,
} from '../runtime/native.ts';
import type { LuaValue } from '../runtime/values.ts';

export function assert(value: LuaValue, message: LuaValue, ...others: LuaValue[]): LuaValue {
  if (value === undefined || value === false) {
    checkAny(value, 1, arguments.length);
    raise(optionalText(message, 2, arguments.length) ?? 'assertion failed!');
  }
  switch (arguments.length) {
    case 1:
      return one(value);
    case 2:
      return two(value, message);
    default:
      return many([value, message, ...others]);
  }
}

export function error(value: LuaValue, level: LuaValue): LuaValue {
  const place = $place;
  $place = undefined;
  if (place !== undefined && arguments.length === 1 && typeof value === 'string') {
    throw new LuaError(`${place.name}:${$line}: ${value}`);
  }
  const depth = optionalInteger(level, 2, arguments.length, 1);
  if (depth > 0 && (typeof value === 'string' || typeof value === 'number')) {
    throw new LuaError(position(depth) + checkText(value, 1, 1));
  }
  throw new LuaError(value);
}

/** The results of the call that returned `first`, with true in front. */
function withTrue(first: LuaValue): LuaValue {
  switch ($count) {
    case 0:
      $count = 1;
      return true;
    case 1:
      $second = first;
      $count = 2;
      return true;
    case 2:
      $third = $second;
      $second = first;
      $count = 3;
      return true;
    default:
      return many([true, ...results(first)]);
  }
}

export function pcall(
  f: LuaValue,
  a: LuaValue,
  b: LuaValue,
  c: LuaValue,
  ...others: LuaValue[]
): LuaValue {
  const given = arguments.length;
  if (given === 0) argumentError(1, 'value expected');
  const nested = $nested;
  const traced = tracing.wanted;
  const coroutine = $coroutine;
  tracing.wanted = false;
  try {
    enter();
    const callee = typeof f === 'function' ? f : callable(f, 0);
    const first =
      given === 1
        ? callee()
        : given === 2
          ? callee(a)
          : given === 3
            ? callee(a, b)
            : given === 4
              ? callee(a, b, c)
              : callee(a, b, c, ...others);
    $nested = nested;
    tracing.wanted = traced;
    return withTrue(first);
  } catch (thrown) {
    const { value } = caught(thrown);
    $nested = nested;
    $coroutine = coroutine;
    $tail = undefined;
    tracing.wanted = traced;
    $second = value;
    $count = 2;
    return false;
  }
}

/** What the handler's debug.traceback shows: the stack of the error, which is gone when the handler runs. */
export const handled: { traceback: string | undefined } = { traceback: undefined };

export function xpcall(f: LuaValue, handler: LuaValue): LuaValue {
  if (arguments.length < 2) argumentError(2, 'value expected');
  const nested = $nested;
  const traced = tracing.wanted;
  const coroutine = $coroutine;
  let failure: LuaError;
  tracing.wanted = true;
  try {
    enter();
    const first = (typeof f === 'function' ? f : callable(f, 0))();
    $nested = nested;
    tracing.wanted = traced;
    return withTrue(first);
  } catch (thrown) {
    failure = caught(thrown);
    $coroutine = coroutine;
    $tail = undefined;
  }
  tracing.wanted = false;
  const outer = handled.traceback;
  handled.traceback = failure.traceback;
  try {
    $nested = nested;
    const value = callGuest(handler, failure.value);
    return two(false, $count === 0 ? undefined : value);
  } catch (thrown) {
    caught(thrown);
    return two(false, 'error in error handling');
  } finally {
    $nested = nested;
    tracing.wanted = traced;
    handled.traceback = outer;
  }
}
