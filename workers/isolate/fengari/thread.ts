/**
 * Lua threads and call frames with fengari's fields. Its own classes initialise integer fields with NaN, which makes
 * V8 keep them as boxed doubles for ever; here they begin as small integers.
 */
import { THREAD_SLOTS } from './sizes.ts';
import { Tag, TValue } from './slot.ts';
import type { CallInfo, ErrorJump, GlobalState, Instruction, LuaState, Slot } from './vm-types.ts';

/** Slots beyond `stack_last` that metamethod calls may use unchecked. */
const EXTRA_SLOTS = 5;
/** Slots that the bottom frame may use. */
const BOTTOM_SLOTS = 20;

const NO_CODE: Instruction[] = [];
const NOTHING: Slot = new TValue(Tag.nil, null);

export class Frame implements CallInfo {
  func: Slot = NOTHING;
  funcOff = 0;
  top = 0;
  readonly previous: CallInfo | null;
  next: CallInfo | null = null;
  l_base = 0;
  l_code: Instruction[] = NO_CODE;
  l_savedpc = 0;
  c_k: null = null;
  c_old_errfunc = 0;
  c_ctx = 0;
  nresults = 0;
  callstatus = 0;
  /** Used by a yield to keep `funcOff`. */
  extra = 0;

  constructor(previous: CallInfo | null) {
    this.previous = previous;
  }
}

export class Thread implements LuaState {
  readonly base_ci: CallInfo;
  top = 1;
  stack_last = THREAD_SLOTS - EXTRA_SLOTS;
  oldpc = 0;
  readonly l_G: GlobalState;
  readonly stack: Slot[];
  ci: CallInfo;
  errorJmp: ErrorJump | null = null;
  nCcalls = 0;
  hook: null = null;
  hookmask: number;
  basehookcount = 0;
  allowhook = 1;
  hookcount = 0;
  nny = 1;
  status = 0;
  errfunc = 0;

  constructor(global: GlobalState, hookmask: number) {
    this.l_G = global;
    this.hookmask = hookmask;
    const bottom = new TValue(Tag.nil, null);
    this.stack = [bottom];
    this.stack.length = THREAD_SLOTS;
    const frame = new Frame(null);
    frame.func = bottom;
    frame.top = 1 + BOTTOM_SLOTS;
    this.base_ci = frame;
    this.ci = frame;
  }
}
