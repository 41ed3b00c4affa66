/** The coroutine library of Lua 5.1. */

import { create, resume, yieldPlain } from '../runtime/coroutines.ts';
import { isNative } from '../runtime/environments.ts';
import { argumentError, LuaError, position } from '../runtime/errors.ts';
import { many, type Natives, nameNative, one, two } from '../runtime/native.ts';
import { Coroutine, type LuaValue } from '../runtime/values.ts';

function checkCoroutine(value: LuaValue): Coroutine {
  return value instanceof Coroutine ? value : argumentError(1, 'coroutine expected');
}

function checkBody(value: LuaValue, given: number) {
  void given;
  return typeof value === 'function' && !isNative(value)
    ? value
    : argumentError(1, 'Lua function expected');
}

export const coroutineNatives: Natives = {
  create(body: LuaValue) {
    return one(create(checkBody(body, arguments.length)));
  },

  resume(thread: LuaValue, ...args: LuaValue[]) {
    const { ok, values, error } = resume(checkCoroutine(thread), args);
    return ok ? many([true, ...values]) : two(false, error);
  },

  running() {
    return one($coroutine);
  },

  status(thread: LuaValue) {
    return one(checkCoroutine(thread).status);
  },

  wrap(body: LuaValue) {
    const thread = create(checkBody(body, arguments.length));
    return one(
      nameNative('wrapped', (...args: LuaValue[]) => {
        const { ok, values, error } = resume(thread, args);
        if (ok) return many(values);
        const place = typeof error === 'string' ? position(1) : '';
        throw new LuaError(place === '' ? error : place + String(error));
      }),
    );
  },

  yield: yieldPlain,
};
