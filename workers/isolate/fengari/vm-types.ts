/**
 * The shapes of fengari's objects that this engine touches, as types only. A value is what a stack slot holds;
 * its tag and its JavaScript type always agree.
 */
import type { LuaString } from './lua-string.ts';
import type { LuaTable } from './lua-table.ts';

export type NativeFunction = (L: LuaState) => number;

export type LuaValue =
  | null
  | boolean
  | number
  | LuaString
  | LuaTable
  | Closure
  | NativeFunction
  | Userdata
  | LuaState;

/** fengari's TValue: a stack slot, an upvalue, a constant or a table's value. */
export interface Slot {
  type: number;
  value: LuaValue;
  setfrom(other: Slot): void;
  setnilvalue(): void;
  setfltvalue(value: number): void;
  setsvalue(value: LuaString): void;
  ttisnil(): boolean;
  ttisnumber(): boolean;
  ttisstring(): boolean;
}

export interface Closure {
  readonly p: Proto;
  readonly nupvalues: number;
  readonly upvals: Slot[];
}

export interface Userdata {
  metatable: LuaTable | null;
  data: unknown;
}

export interface Instruction {
  opcode: number;
  readonly A: number;
  readonly B: number;
  readonly C: number;
  Bx: number;
}

export interface Proto {
  k: Slot[];
  readonly p: Proto[];
  readonly code: Instruction[];
  readonly lineinfo: readonly number[];
  readonly upvalues: readonly { readonly name: LuaString | null }[];
  readonly is_vararg: boolean;
  readonly numparams: number;
  /** 0 for a main chunk. */
  readonly linedefined: number;
  readonly lastlinedefined: number;
  readonly maxstacksize: number;
  readonly source: LuaString;
}

export interface CallInfo {
  func: Slot;
  funcOff: number;
  top: number;
  /** Null for the bottom frame. */
  readonly previous: CallInfo | null;
  next: CallInfo | null;
  l_base: number;
  l_code: Instruction[];
  l_savedpc: number;
  nresults: number;
  callstatus: number;
}

export interface ErrorJump {
  status: number;
  previous: ErrorJump | null;
}

export interface GlobalState {
  mainthread: LuaState;
  atnativeerror: NativeFunction | null;
  readonly l_registry: Slot;
  readonly mt: (LuaTable | null | undefined)[];
  readonly tmname: LuaString[];
}

export interface LuaState {
  readonly base_ci: CallInfo;
  top: number;
  stack_last: number;
  readonly l_G: GlobalState;
  readonly stack: Slot[];
  ci: CallInfo;
  errorJmp: ErrorJump | null;
  nCcalls: number;
  hookmask: number;
  nny: number;
  status: number;
  errfunc: number;
}

/** The part of lua_Debug that is read here; `i_ci` is set by the caller. */
export interface ActivationRecord {
  i_ci: CallInfo;
  name?: Uint8Array | null;
  namewhat?: Uint8Array | null;
}
