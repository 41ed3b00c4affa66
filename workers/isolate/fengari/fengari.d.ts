/**
 * Types of the single files of the npm package fengari that are imported: only what this engine calls or replaces.
 * Every default export is the CommonJS exports object itself; replacing a member changes it for all of fengari that
 * reads it through that object.
 */
declare module 'fengari/src/defs.js' {
  const defs: { readonly constant_types: Readonly<Record<string, number>> };
  export default defs;
}
declare module 'fengari/src/luaconf.js' {
  const luaconf: { LUAI_MAXSTACK: number };
  export default luaconf;
}
declare module 'fengari/src/llimits.js' {
  const llimits: {
    LUAI_MAXCCALLS: number;
    luai_nummod: (L: unknown, a: number, b: number) => number;
  };
  export default llimits;
}
declare module 'fengari/src/lapi.js' {
  const lapi: { readonly lua_version: (L: null) => number };
  export default lapi;
}
declare module 'fengari/src/lstring.js' {
  type LuaString = import('./lua-string.ts').LuaString;
  const lstring: {
    TString: unknown;
    luaS_eqlngstr: (a: LuaString, b: LuaString) => boolean;
    luaS_hash: (bytes: Uint8Array) => string;
    luaS_hashlongstr: (string: LuaString) => string;
    luaS_bless: (L: unknown, bytes: Uint8Array) => LuaString;
    luaS_new: (L: unknown, bytes: Uint8Array) => LuaString;
    luaS_newliteral: (L: unknown, text: string) => LuaString;
  };
  export default lstring;
}
declare module 'fengari/src/lobject.js' {
  type LuaState = import('./vm-types.ts').LuaState;
  type Slot = import('./vm-types.ts').Slot;
  const lobject: {
    readonly TValue: {
      new (type: number, value: import('./vm-types.ts').LuaValue): Slot;
      readonly prototype: {
        setivalue(this: Slot, value: number): void;
        chgivalue(this: Slot, value: number): void;
      };
    };
    readonly LClosure: new (L: LuaState, upvalues: number) => import('./vm-types.ts').Closure;
    readonly Udata: new (L: LuaState, size: number) => import('./vm-types.ts').Userdata;
    readonly luaO_nilobject: Slot;
    luaO_str2num: (bytes: Uint8Array, into: Slot) => number;
    luaO_tostring: (L: LuaState, slot: Slot) => void;
    luaO_pushvfstring: (L: LuaState, format: Uint8Array, values: readonly unknown[]) => Uint8Array;
    luaO_pushfstring: (L: LuaState, format: Uint8Array, ...values: unknown[]) => Uint8Array;
    luaO_chunkid: (source: Uint8Array) => Uint8Array;
    setobj2s: (L: LuaState, index: number, from: Slot) => void;
  };
  export default lobject;
}
declare module 'fengari/src/ltable.js' {
  type LuaState = import('./vm-types.ts').LuaState;
  type Slot = import('./vm-types.ts').Slot;
  type LuaTable = import('./lua-table.ts').LuaTable;
  type LuaString = import('./lua-string.ts').LuaString;
  const ltable: {
    Table: unknown;
    invalidateTMcache: (table: LuaTable) => void;
    luaH_new: (L: LuaState) => LuaTable;
    luaH_get: (L: LuaState, table: LuaTable, key: Slot) => Slot;
    luaH_getint: (table: LuaTable, key: number) => Slot;
    luaH_getstr: (table: LuaTable, key: LuaString) => Slot;
    luaH_setint: (table: LuaTable, key: number, value: Slot) => void;
    luaH_setfrom: (L: LuaState, table: LuaTable, key: Slot, value: Slot) => void;
    luaH_getn: (table: LuaTable) => number;
    luaH_next: (L: LuaState, table: LuaTable, index: number) => boolean;
  };
  export default ltable;
}
declare module 'fengari/src/ltm.js' {
  type LuaState = import('./vm-types.ts').LuaState;
  type Slot = import('./vm-types.ts').Slot;
  type LuaTable = import('./lua-table.ts').LuaTable;
  const ltm: {
    readonly TMS: Readonly<Record<'TM_LEN' | 'TM_CONCAT' | 'TM_CALL', number>>;
    fasttm: (L: LuaState, metatable: LuaTable | null, event: number) => Slot | null;
    luaT_objtypename: (L: LuaState, slot: Slot) => Uint8Array;
    luaT_gettmbyobj: (L: LuaState, slot: Slot, event: number) => Slot;
    luaT_callTM: (
      L: LuaState,
      method: Slot,
      first: Slot,
      second: Slot,
      third: Slot,
      hasResult: number,
    ) => void;
    luaT_trybinTM: (L: LuaState, left: Slot, right: Slot, result: Slot, event: number) => void;
  };
  export default ltm;
}
declare module 'fengari/src/ldebug.js' {
  type LuaState = import('./vm-types.ts').LuaState;
  const ldebug: {
    luaG_traceexec: (L: LuaState) => void;
    readonly luaG_errormsg: (L: LuaState) => never;
    readonly luaG_runerror: (L: LuaState, format: Uint8Array) => never;
    readonly luaG_typeerror: (
      L: LuaState,
      slot: import('./vm-types.ts').Slot,
      operation: Uint8Array,
    ) => never;
    readonly lua_getinfo: (
      L: LuaState,
      what: Uint8Array,
      record: import('./vm-types.ts').ActivationRecord,
    ) => number;
  };
  export default ldebug;
}
declare module 'fengari/src/ldo.js' {
  type LuaState = import('./vm-types.ts').LuaState;
  const ldo: {
    luaD_call: (L: LuaState, index: number, results: number) => void;
    luaD_callnoyield: (L: LuaState, index: number, results: number) => void;
    luaD_precall: (L: LuaState, index: number, results: number) => boolean;
    luaD_poscall: (
      L: LuaState,
      ci: import('./vm-types.ts').CallInfo,
      first: number,
      count: number,
    ) => boolean;
    adjust_top: (L: LuaState, top: number) => void;
    readonly luaD_checkstack: (L: LuaState, slots: number) => void;
    readonly luaD_reallocstack: (L: LuaState, size: number) => void;
    readonly luaD_throw: (L: LuaState, status: number) => never;
    readonly lua_resume: (L: LuaState, from: LuaState, args: number) => number;
    readonly lua_yield: (L: LuaState, results: number) => void;
  };
  export default ldo;
}
declare module 'fengari/src/lfunc.js' {
  type LuaState = import('./vm-types.ts').LuaState;
  const lfunc: {
    readonly Proto: { readonly prototype: object };
    readonly luaF_close: (L: LuaState, level: number) => void;
    readonly luaF_initupvals: (L: LuaState, closure: import('./vm-types.ts').Closure) => void;
  };
  export default lfunc;
}
declare module 'fengari/src/lstate.js' {
  type LuaState = import('./vm-types.ts').LuaState;
  const lstate: {
    readonly lua_newstate: () => LuaState;
    luaE_extendCI: (L: LuaState) => import('./vm-types.ts').CallInfo;
  };
  export default lstate;
}
declare module 'fengari/src/lvm.js' {
  type LuaState = import('./vm-types.ts').LuaState;
  type Slot = import('./vm-types.ts').Slot;
  const lvm: {
    readonly luaV_execute: (L: LuaState) => void;
    readonly luaV_lessthan: (L: LuaState, left: Slot, right: Slot) => number;
    readonly luaV_equalobj: (L: LuaState | null, left: Slot, right: Slot) => number;
    readonly luaV_gettable: (L: LuaState, table: Slot, key: Slot, into: number) => void;
  };
  export default lvm;
}
declare module 'fengari/src/lparser.js' {
  const lparser: {
    readonly Dyndata: new () => object;
    readonly luaY_parser: (
      L: import('./vm-types.ts').LuaState,
      input: object,
      buffer: object,
      data: object,
      name: Uint8Array,
      first: number,
    ) => import('./vm-types.ts').Closure;
  };
  export default lparser;
}
declare module 'fengari/src/lopcodes.js' {
  const lopcodes: {
    readonly OpCodesI: Readonly<Record<'OP_CONCAT' | 'OP_GETTABUP' | 'OP_LOADK', number>>;
  };
  export default lopcodes;
}
declare module 'fengari/src/lzio.js' {
  const lzio: {
    readonly MBuffer: new () => object;
    readonly ZIO: new (
      L: import('./vm-types.ts').LuaState,
      reader: () => Uint8Array | null,
      data: null,
    ) => { zgetc(): number };
  };
  export default lzio;
}
