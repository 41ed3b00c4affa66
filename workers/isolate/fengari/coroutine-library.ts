/**
 * Lua 5.1's coroutine library over fengari's resume and yield. A limit that strikes inside a coroutine ends the whole
 * sandbox: resume looks for the breach before it hands anything back.
 */
import { budget } from './budget.ts';
import { LuaString } from './lua-string.ts';
import {
  argumentCount,
  argumentError,
  type NativeLibrary,
  optional,
  push,
  pushBoolean,
  pushText,
  raiseValue,
  reserve,
  where,
} from './native.ts';
import { throwFault } from './protected-call.ts';
import { NESTED_CALLS, THREAD_BYTES } from './sizes.ts';
import { isClosure, isThread, slotOf, Tag, TValue } from './slot.ts';
import { Thread } from './thread.ts';
import { ldo, makeString, slotAt } from './vm.ts';
import type { LuaState, LuaValue, NativeFunction } from './vm-types.ts';

/** Instructions that a creation and a resumption stand for: V8 makes a stack, catches an exception. */
const CREATE_CHARGE = 40;
const RESUME_CHARGE = 8;

const OK = 0;
const YIELDED = 1;
/** fengari's LUA_ERRRUN: the coroutine is dead. */
const FAILED = 2;

type Status = 'suspended' | 'running' | 'normal' | 'dead';

function statusOf(L: LuaState, thread: LuaState): Status {
  if (thread === L) return 'running';
  if (thread.status === YIELDED) return 'suspended';
  if (thread.status !== OK) return 'dead';
  if (thread.ci !== thread.base_ci) return 'normal';
  return thread.top - thread.ci.funcOff - 1 === 0 ? 'dead' : 'suspended';
}

function checkThread(L: LuaState): LuaState {
  const value = optional(L, 1);
  return isThread(value) ? value : argumentError(L, 1, 'coroutine expected');
}

function newThread(L: LuaState): LuaState {
  const body = optional(L, 1);
  if (!isClosure(body)) return argumentError(L, 1, 'Lua function expected');
  budget.allocate(THREAD_BYTES);
  budget.charge(CREATE_CHARGE);
  const thread = new Thread(L.l_G, L.hookmask);
  thread.stack[thread.top++] = slotOf(body);
  return thread;
}

/** What a resumption gave: the values, or the error's value. */
interface Resumed {
  readonly ok: boolean;
  readonly values: readonly LuaValue[];
}

function resume(L: LuaState, thread: LuaState, values: readonly LuaValue[]): Resumed {
  const status = statusOf(L, thread);
  if (status !== 'suspended') {
    return { ok: false, values: [makeString(`cannot resume ${status} coroutine`)] };
  }
  budget.charge(RESUME_CHARGE);
  if (L.nCcalls + 1 >= NESTED_CALLS) return { ok: false, values: [makeString('C stack overflow')] };
  reserve(thread, values.length + 1);
  for (const value of values) thread.stack[thread.top++] = slotOf(value);
  const outcome = ldo.lua_resume(thread, L, values.length);
  // Whatever fengari made of the exception: a breach goes on upwards.
  if (budget.breach !== undefined) throw budget.breach;
  throwFault();
  if (outcome > YIELDED && thread.status === OK) {
    // JavaScript's stack was too short even for fengari's own handling of that; there is no error value.
    thread.status = FAILED;
    return { ok: false, values: [makeString('stack overflow')] };
  }
  if (outcome > YIELDED) {
    const value = slotAt(thread, thread.top - 1).value;
    thread.stack[--thread.top] = new TValue(Tag.nil, null);
    return { ok: false, values: [value] };
  }
  const first = thread.ci.funcOff + 1;
  const results: LuaValue[] = [];
  for (let at = first; at < thread.top; at++) results.push(slotAt(thread, at).value);
  ldo.adjust_top(thread, first);
  return { ok: true, values: results };
}

function argumentsFrom(L: LuaState, first: number): LuaValue[] {
  const values: LuaValue[] = [];
  const count = argumentCount(L);
  for (let i = first; i <= count; i++) values.push(optional(L, i));
  return values;
}

function pushAll(L: LuaState, values: readonly LuaValue[]): number {
  reserve(L, values.length + 1);
  for (const value of values) push(L, value);
  return values.length;
}

function wrap(L: LuaState): number {
  const thread = newThread(L);
  const step: NativeFunction = (caller) => {
    const { ok, values } = resume(caller, thread, argumentsFrom(caller, 1));
    if (ok) return pushAll(caller, values);
    const value = values[0] ?? null;
    if (!(value instanceof LuaString)) return raiseValue(caller, value);
    return raiseValue(caller, makeString(where(caller, 1) + value.text));
  };
  return push(L, step);
}

function yieldValues(L: LuaState): number {
  ldo.lua_yield(L, argumentCount(L));
  return 0;
}

function running(L: LuaState): number {
  // The main thread is no coroutine.
  return push(L, L.l_G.mainthread === L ? null : L);
}

export const coroutineLibrary: NativeLibrary = {
  create: (L) => push(L, newThread(L)),
  resume: (L) => {
    const thread = checkThread(L);
    const { ok, values } = resume(L, thread, argumentsFrom(L, 2));
    reserve(L, values.length + 2);
    pushBoolean(L, ok);
    return 1 + pushAll(L, values);
  },
  running,
  status: (L) => pushText(L, statusOf(L, checkThread(L))),
  wrap,
  yield: yieldValues,
};
