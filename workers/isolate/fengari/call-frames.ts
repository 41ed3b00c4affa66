/**
 * Entering and leaving functions, in the place of fengari's (which deletes array elements and makes new slots and frames
 * for every call: two thirds of the time of a program that calls much).
 *
 * Invariant: a slot at or above `L.top` is no closure's upvalue, so it may be used again. It holds for frames that
 * return or tail-call (fengari copies the slots of functions with inner functions first) and for blocks
 * (their closing jump does); protected-call.ts makes fresh slots after an error.
 */

import { latin1Bytes } from '../../../lib/protocol/text.ts';
import { NESTED_CALLS } from './sizes.ts';
import { Tag, TValue } from './slot.ts';
import { Frame } from './thread.ts';
import { LUA_FRAME, ldebug, ldo, lstate, ltm, lvm } from './vm.ts';
import type { CallInfo, LuaState, LuaValue, Slot } from './vm-types.ts';

/** Slots that a native function may use without asking (LUA_MINSTACK). */
const NATIVE_SLOTS = 20;
const ALL_RESULTS = -1;
/** fengari's LUA_ERRERR. */
const ERROR_IN_ERROR = 6;
/** Room in which the handling of a stack overflow may itself nest. */
const OVERFLOW_ROOM = NESTED_CALLS >> 3;

const C_STACK_OVERFLOW = latin1Bytes('C stack overflow');
const CALL = latin1Bytes('call');
const TM_CALL = ltm.TMS.TM_CALL;

/** Gives a slot a value, whether or not there is one already. */
function put(L: LuaState, at: number, type: number, value: LuaValue): void {
  const slot = L.stack[at];
  if (slot === undefined) {
    L.stack[at] = new TValue(type, value);
  } else {
    slot.type = type;
    slot.value = value;
  }
}

function setTop(L: LuaState, top: number): void {
  const { stack } = L;
  for (let at = L.top; at < top; at++) {
    if (stack[at] === undefined) stack[at] = new TValue(Tag.nil, null);
  }
  // What is dropped must not keep anything alive.
  for (let at = L.top - 1; at >= top; at--) {
    const slot = stack[at];
    if (slot !== undefined) {
      slot.type = Tag.nil;
      slot.value = null;
    }
  }
  L.top = top;
}

/** The frame above the current one, used again if there has been one. */
function nextFrame(L: LuaState): CallInfo {
  const { next } = L.ci;
  if (next !== null) {
    L.ci = next;
    return next;
  }
  const frame = new Frame(L.ci);
  L.ci.next = frame;
  L.ci = frame;
  return frame;
}

/** Enters a function; true when it was a native one and has returned already. */
function enter(L: LuaState, at: number, results: number): boolean {
  const func = L.stack[at];
  if (func === undefined) throw new Error('no function to call');
  if (func.type === Tag.luaFunction) {
    enterLua(L, func, at, results);
    return false;
  }
  if (func.type !== Tag.nativeFunction || typeof func.value !== 'function') {
    callMetamethod(L, func, at);
    return enter(L, at, results);
  }
  if (L.stack_last - L.top <= NATIVE_SLOTS) ldo.luaD_checkstack(L, NATIVE_SLOTS);
  const ci = nextFrame(L);
  ci.func = func;
  ci.funcOff = at;
  ci.nresults = results;
  ci.top = L.top + NATIVE_SLOTS;
  ci.callstatus = 0;
  const count = func.value(L);
  leave(L, ci, L.top - count, count);
  return true;
}

function enterLua(L: LuaState, func: Slot, at: number, results: number): void {
  const { value } = func;
  if (value === null || typeof value !== 'object' || !('p' in value)) {
    throw new Error('a Lua function without code');
  }
  const { p } = value;
  if (L.stack_last - L.top <= p.maxstacksize) ldo.luaD_checkstack(L, p.maxstacksize);
  const { numparams } = p;
  const given = L.top - at - 1;
  let base = at + 1;
  if (p.is_vararg) {
    // The fixed parameters move behind the others, which stay where they are, below the frame.
    base = L.top;
    for (let i = 0; i < numparams; i++) {
      const from = i < given ? L.stack[at + 1 + i] : undefined;
      if (from === undefined) {
        put(L, base + i, Tag.nil, null);
      } else {
        put(L, base + i, from.type, from.value);
        from.type = Tag.nil;
        from.value = null;
      }
    }
    L.top = base + numparams;
  } else {
    for (let i = given; i < numparams; i++) put(L, base + i, Tag.nil, null);
    if (given < numparams) L.top = base + numparams;
  }
  const ci = nextFrame(L);
  ci.func = func;
  ci.funcOff = at;
  ci.nresults = results;
  ci.l_base = base;
  ci.top = base + p.maxstacksize;
  ci.l_code = p.code;
  ci.l_savedpc = 0;
  ci.callstatus = LUA_FRAME;
  setTop(L, ci.top);
}

/** Makes room for a value's `__call` in front of it; an error when it has none. */
function callMetamethod(L: LuaState, func: Slot, at: number): void {
  const method = ltm.luaT_gettmbyobj(L, func, TM_CALL);
  if (method.type !== Tag.luaFunction && method.type !== Tag.nativeFunction) {
    ldebug.luaG_typeerror(L, func, CALL);
  }
  if (L.stack_last - L.top <= 1) ldo.luaD_checkstack(L, 1);
  for (let to = L.top; to > at; to--) {
    const from = L.stack[to - 1];
    if (from !== undefined) put(L, to, from.type, from.value);
  }
  L.top++;
  put(L, at, method.type, method.value);
}

/** Leaves a function: moves its results to where it was; true when their number was given by the caller. */
function leave(L: LuaState, ci: CallInfo, first: number, count: number): boolean {
  const { stack } = L;
  const wanted = ci.nresults;
  const to = ci.funcOff;
  const number = wanted === ALL_RESULTS ? count : wanted;
  L.ci = ci.previous ?? ci;
  for (let i = 0; i < number; i++) {
    const from = i < count ? stack[first + i] : undefined;
    if (from === undefined) put(L, to + i, Tag.nil, null);
    else put(L, to + i, from.type, from.value);
  }
  const top = to + number;
  for (let at = L.top - 1; at >= top; at--) {
    const slot = stack[at];
    if (slot !== undefined) {
      slot.type = Tag.nil;
      slot.value = null;
    }
  }
  L.top = top;
  return wanted !== ALL_RESULTS;
}

function call(L: LuaState, at: number, results: number): void {
  if (++L.nCcalls >= NESTED_CALLS) overflow(L);
  if (!enter(L, at, results)) lvm.luaV_execute(L);
  L.nCcalls--;
}

function overflow(L: LuaState): void {
  if (L.nCcalls === NESTED_CALLS) ldebug.luaG_runerror(L, C_STACK_OVERFLOW);
  if (L.nCcalls >= NESTED_CALLS + OVERFLOW_ROOM) ldo.luaD_throw(L, ERROR_IN_ERROR);
}

/** Calls a metamethod with two values and takes its result, or with three and takes none. */
function callMethod(
  L: LuaState,
  method: Slot,
  first: Slot,
  second: Slot,
  third: Slot,
  hasResult: number,
): void {
  if (L.stack_last - L.top <= 4) ldo.luaD_checkstack(L, 4);
  const at = L.top;
  put(L, at, method.type, method.value);
  put(L, at + 1, first.type, first.value);
  put(L, at + 2, second.type, second.value);
  L.top = at + 3;
  if (hasResult === 0) put(L, L.top++, third.type, third.value);
  if ((L.ci.callstatus & LUA_FRAME) === 0) L.nny++;
  call(L, at, hasResult);
  if ((L.ci.callstatus & LUA_FRAME) === 0) L.nny--;
  if (hasResult !== 0) {
    const result = L.stack[L.top - 1];
    if (result !== undefined) third.setfrom(result);
    setTop(L, L.top - 1);
  }
}

lstate.luaE_extendCI = nextFrame;
ldo.adjust_top = setTop;
ldo.luaD_precall = enter;
ldo.luaD_poscall = leave;
ldo.luaD_call = call;
ldo.luaD_callnoyield = (L, at, results) => {
  L.nny++;
  call(L, at, results);
  L.nny--;
};
ltm.luaT_callTM = callMethod;
