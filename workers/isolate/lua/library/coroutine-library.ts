/** The coroutine library of Lua 5.1. */

import { create, resume, yieldPlain } from '../runtime/coroutines.ts';
import { isNative } from '../runtime/environments.ts';
import { argumentError, caught, LuaError, position } from '../runtime/errors.ts';
import { checkText, many, type Natives, nameNative, one, two } from '../runtime/native.ts';
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
    const coroutine = checkCoroutine(thread);
    let values: LuaValue[];
    try {
      values = resume(coroutine, args);
    } catch (thrown) {
      return two(false, caught(thrown).value);
    }
    switch (values.length) {
      case 0:
        return one(true);
      case 1:
        return two(true, values[0]);
      default:
        return many([true, ...values]);
    }
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
        let values: LuaValue[];
        try {
          values = resume(thread, args);
        } catch (thrown) {
          const { value } = caught(thrown);
          const isText = typeof value === 'string' || typeof value === 'number';
          throw new LuaError(isText ? position(1) + checkText(value, 1, 1) : value);
        }
        return many(values);
      }),
    );
  },

  yield: yieldPlain,
};
