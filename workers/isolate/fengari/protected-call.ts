/**
 * Protected calls: runs something on a Lua thread and turns whatever is thrown into an error value on its stack, but
 * for the breach of a limit, which goes through. Used by pcall, by xpcall and at the engine's own edge.
 */
import { budget } from './budget.ts';
import { where } from './native.ts';
import { STACK_SLOTS } from './sizes.ts';
import { slotOf, Tag, TValue } from './slot.ts';
import { LUA_FRAME, ldo, makeString, slotAt } from './vm.ts';
import type { CallInfo, ErrorJump, LuaState, LuaValue } from './vm-types.ts';

/** Instructions charged for an error that is caught: what V8 takes to unwind. */
const CAUGHT = 16;
/** fengari's LUA_ERRERR: an error while an error was handled. */
const ERROR_IN_ERROR = 6;
/** A stack longer than this is cut back after an error when little of it is in use. */
const SPARE_SLOTS = 1024;

/**
 * Runs `body` with the stack at `base`. Returns true when it ended well; otherwise the error value is the only
 * one above `base`. `handler` is the stack index of an error handler, or 0.
 */
export function protectedCall(
  L: LuaState,
  base: number,
  handler: number,
  body: (L: LuaState, base: number) => void,
): boolean {
  const { ci, nny, errfunc, nCcalls, errorJmp } = L;
  const jump: ErrorJump = { status: 0, previous: errorJmp };
  L.errorJmp = jump;
  L.errfunc = handler;
  try {
    body(L, base);
    L.errorJmp = errorJmp;
    L.errfunc = errfunc;
    return true;
  } catch (thrown) {
    if (budget.breach !== undefined) throw budget.breach;
    budget.charge(CAUGHT);
    const native = thrown === jump ? undefined : nativeFailure(L, thrown);
    const value =
      native ??
      (jump.status === ERROR_IN_ERROR
        ? makeString('error in error handling')
        : slotAt(L, L.top - 1).value);
    const highest = Math.max(L.top, highestTop(L, ci.top));
    L.ci = ci;
    ci.next = null;
    L.nny = nny;
    L.nCcalls = nCcalls;
    L.errorJmp = errorJmp;
    L.errfunc = errfunc;
    // Fresh slots: closures keep the old ones as their upvalues.
    for (let at = base; at < highest; at++) L.stack[at] = new TValue(Tag.nil, null);
    L.stack[base] = slotOf(value);
    L.top = base + 1;
    shrinkStack(L);
    if (native !== undefined && handler !== 0) runHandler(L, base, handler);
    return false;
  }
}

/** The error value for a JavaScript exception; those that are no business of the guest's are thrown on. */
export function nativeFailure(L: LuaState, thrown: unknown): LuaValue {
  if (!(thrown instanceof RangeError)) throw thrown;
  if (thrown.message.startsWith('Maximum call stack')) {
    const position = (L.ci.callstatus & LUA_FRAME) === 0 ? where(L, 1) : where(L, 0);
    return makeString(`${position}stack overflow`);
  }
  // An array, a string or a map that V8 will not make: all of them are the guest's data.
  return budget.fail('memory');
}

/** Calls the error handler for an error that could not call it where it was raised. */
function runHandler(L: LuaState, base: number, handler: number): void {
  const value = slotAt(L, base).value;
  protectedCall(L, base, 0, () => {
    L.stack[base] = slotOf(slotAt(L, handler).value);
    L.stack[L.top++] = slotOf(value);
    ldo.luaD_callnoyield(L, base, 1);
  });
}

/** The highest slot that a frame above may use. */
function highestTop(L: LuaState, least: number): number {
  let highest = least;
  for (let ci: CallInfo | null = L.ci; ci !== null; ci = ci.previous)
    highest = Math.max(highest, ci.top);
  return Math.min(highest, L.stack.length);
}

function shrinkStack(L: LuaState): void {
  const used = highestTop(L, L.top) + 1;
  const size = L.stack.length;
  if (size > STACK_SLOTS || (size > SPARE_SLOTS && used * 4 < size)) {
    ldo.luaD_reallocstack(L, Math.min(STACK_SLOTS, used * 2 + 40));
  }
}

/** What a host function threw inside a coroutine, on its way past fengari, which would swallow it. */
let fault: { readonly error: unknown } | undefined;

/** For fengari's own protected calls (coroutines): the same translation, as its native error handler. */
export function atNativeError(L: LuaState): number {
  if (budget.breach !== undefined) throw budget.breach;
  // fengari pushes the exception as light userdata, whatever it is.
  const thrown: unknown = slotAt(L, L.top - 1).value;
  if (!(thrown instanceof RangeError)) {
    fault = { error: thrown };
    throw thrown;
  }
  L.stack[L.top++] = slotOf(nativeFailure(L, thrown));
  return 1;
}

/** Throws on what `atNativeError` could not. */
export function throwFault(): void {
  if (fault === undefined) return;
  const { error } = fault;
  fault = undefined;
  throw error;
}
