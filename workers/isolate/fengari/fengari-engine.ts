/**
 * The interpreting engine: Lua 5.1 on fengari's virtual machine, metered to the instruction. One engine is one guest's
 * state; a limit that strikes ends it for good, an ordinary error leaves it usable.
 */
import type { LineCount } from '../../../lib/protocol/batch.ts';
import {
  BUILT_INS,
  type Engine,
  type EngineOptions,
  type GuestFunction,
  type GuestOutcome,
  type GuestTable,
  type GuestValue,
  type HostFunction,
  type Library,
  type RecordMaker,
} from '../engine.ts';
import { baseFunctions, withoutFirstComment } from './base-library.ts';
import { Bridge } from './bridge.ts';
import { Breach, Budget, useBudget } from './budget.ts';
import './call-frames.ts';
import { numberText } from '../lua-text/number-text.ts';
import { compile } from './compile.ts';
import { type LineProfile, startProfile } from './line-profile.ts';
import { LuaString } from './lua-string.ts';
import { LuaTable } from './lua-table.ts';
import { Modules } from './module-library.ts';
import { callForOne, displayText, isFunction, raise } from './native.ts';
import { atNativeError, protectedCall } from './protected-call.ts';
import { slotOf } from './slot.ts';
import { Thread } from './thread.ts';
import { tracebackOf } from './traceback.ts';
import { ldo, lstate, MASK_COUNT, slotAt } from './vm.ts';
import type { LuaState, LuaValue, NativeFunction } from './vm-types.ts';

/**
 * V8 heap bytes that stand for one byte of PUC Lua. Measured after a full collection: strings, closures and empty tables
 * take 1.8 to 2 times what they take in Lua 5.1.5, lists of numbers 2.4 to 3.2, records 2.7 to 3.4. With 3.5 whatever
 * fits there fits here.
 */
const MEMORY_FACTOR = 3.5;
const ALL_RESULTS = -1;

export function createFengariEngine(options: EngineOptions): Engine {
  return new FengariEngine(options);
}

class FengariEngine implements Engine {
  readonly memoryFactor = MEMORY_FACTOR;
  readonly #L: LuaState;
  readonly #budget: Budget;
  readonly #bridge: Bridge;
  readonly #globals: LuaTable;
  readonly #builtIns = new Map<LuaValue, string>();
  readonly #profile: LineProfile | undefined;
  #used = 0;
  /** The traceback of the error that was raised last. */
  #traceback = '';
  /** Error handler of every call from outside; the error's value stays as it is. */
  readonly #noteTraceback: NativeFunction = (L) => {
    this.#traceback = tracebackOf(L, 1, 1);
    return 1;
  };

  constructor(options: EngineOptions) {
    this.#budget = new Budget(options.meter);
    useBudget(this.#budget);
    this.#profile = options.profile === true ? startProfile() : undefined;
    const L = mainThread();
    this.#L = L;
    this.#bridge = new Bridge(L);
    this.#globals = globalsOf(L);
    this.#open(options);
  }

  get instructionsUsed(): number {
    return this.#used;
  }

  setGlobal(name: string, value: GuestValue | HostFunction): void {
    useBudget(this.#budget);
    const bridge = this.#bridge;
    this.#globals.setText(
      name,
      typeof value === 'function' ? bridge.native(value) : bridge.toGuest(value),
    );
  }

  getGlobal(name: string): GuestValue {
    return this.#bridge.toHost(this.#globals.getText(name));
  }

  globals(): GuestTable {
    return this.#view(this.#globals);
  }

  createTable(): GuestTable {
    useBudget(this.#budget);
    return this.#view(new LuaTable());
  }

  createFunction(_name: string, host: HostFunction): GuestFunction {
    useBudget(this.#budget);
    // The name in errors is found in the calling code.
    const view = this.#bridge.toHost(this.#bridge.native(host));
    if (typeof view !== 'object' || view.kind !== 'function') throw new Error('no function view');
    return view;
  }

  callFunction(callee: GuestValue, args: readonly GuestValue[]): readonly GuestValue[] {
    return this.#bridge.call(callee, args);
  }

  builtIn(callee: GuestFunction): string | undefined {
    return this.#builtIns.get(this.#bridge.toGuest(callee));
  }

  recordMaker(names: readonly string[]): RecordMaker {
    return (values) => {
      const record = this.createTable();
      for (const [i, name] of names.entries()) {
        if (values[i] !== undefined) record.set(name, values[i]);
      }
      return record;
    };
  }

  createList(values: readonly GuestValue[]): GuestTable {
    useBudget(this.#budget);
    const list = new LuaTable();
    list.makeList();
    values.forEach((value, i) => {
      if (value !== undefined) list.set(i + 1, this.#bridge.toGuest(value));
    });
    return this.#view(list);
  }

  charge(instructions: number): void {
    useBudget(this.#budget);
    if (this.#budget.running) this.#budget.charge(instructions);
  }

  profile(): readonly LineCount[] {
    return this.#profile?.counts() ?? [];
  }

  toText(value: GuestValue): string {
    const text = this.#budget.running
      ? this.#display(value)
      : this.#outside(() => this.#display(value));
    return text ?? '';
  }

  compile(source: string, chunkName: string): GuestOutcome {
    useBudget(this.#budget);
    return this.#protected((L) => {
      const compiled = compile(L, withoutFirstComment(source), `@${chunkName}`, this.#globals);
      return 'error' in compiled ? { kind: 'error', text: compiled.error } : NOTHING;
    });
  }

  run(source: string, chunkName: string, args: readonly GuestValue[] = []): GuestOutcome {
    useBudget(this.#budget);
    const name = chunkName.startsWith('=') ? chunkName : `@${chunkName}`;
    return this.#protected((L) => {
      const compiled = compile(L, withoutFirstComment(source), name, this.#globals);
      if ('error' in compiled) return { kind: 'error', text: compiled.error };
      return this.#call(L, compiled.closure, args);
    });
  }

  call(name: string, args: readonly GuestValue[]): GuestOutcome {
    useBudget(this.#budget);
    const callee = this.#globals.getText(name);
    if (this.#budget.breach !== undefined) return this.#budget.breach.outcome;
    if (!isFunction(callee)) return MISSING;
    return this.#protected((L) => this.#call(L, callee, args));
  }

  #call(L: LuaState, callee: LuaValue, args: readonly GuestValue[]): GuestOutcome {
    const handler = L.top;
    L.stack[L.top++] = slotOf(this.#noteTraceback);
    const base = L.top;
    L.stack[L.top++] = slotOf(callee);
    for (const arg of args) L.stack[L.top++] = slotOf(this.#bridge.toGuest(arg));
    this.#traceback = '';
    const ok = protectedCall(L, base, handler, callAll);
    if (!ok) {
      const text = textOf(slotAt(L, base).value);
      // As in Lua 5.1, only a message has a traceback.
      if (text === undefined) return { kind: 'error', text };
      return { kind: 'error', text, traceback: this.#traceback };
    }
    if (L.top === base) return NOTHING;
    const values: GuestValue[] = [];
    for (let at = base; at < L.top; at++) values.push(this.#bridge.toHost(slotAt(L, at).value));
    return { kind: 'returned', values };
  }

  /** Gives a call its budget, and turns a breach into its outcome. */
  #protected(body: (L: LuaState) => GuestOutcome): GuestOutcome {
    const budget = this.#budget;
    if (budget.breach !== undefined) return budget.breach.outcome;
    if (budget.running) throw new Error('the engine is running already');
    const L = this.#L;
    try {
      budget.begin();
      return body(L);
    } catch (error) {
      if (error instanceof Breach) return error.outcome;
      resetThread(L);
      // No stack was left even for the outermost call.
      if (error instanceof RangeError) return { kind: 'error', text: 'stack overflow' };
      throw error;
    } finally {
      this.#used = budget.used;
      this.#profile?.end(budget.used);
      budget.end();
      if (L.top > 1) ldo.adjust_top(L, 1);
    }
  }

  /** A conversion for the host while no guest runs; errors of the guest's own `__tostring` have no text. */
  #outside(convert: () => string): string | undefined {
    let text: string | undefined;
    useBudget(this.#budget);
    this.#protected((L) => {
      protectedCall(L, L.top, 0, () => {
        text = convert();
      });
      return NOTHING;
    });
    return text;
  }

  #display(value: GuestValue): string {
    const guest = this.#bridge.toGuest(value);
    const own = this.#globals.getText('tostring');
    if (own === this.#tostring) return displayText(this.#L, guest).text;
    const text = textOf(callForOne(this.#L, own, guest));
    return text ?? raise(this.#L, "'tostring' must return a string to 'print'");
  }

  #tostring: LuaValue = null;

  #open(options: EngineOptions): void {
    const bridge = this.#bridge;
    const globals = this.#globals;
    globals.metatable = new LuaTable();
    globals.setText('_G', globals);
    const modules = new Modules(options, globals, (library) => libraryTable(bridge, library));
    const base = modules.table('', {
      ...baseFunctions(globals, options.readFile),
      module: (L) => modules.module(L),
      require: (L) => modules.require(L),
    });
    for (let at = base.following(0); at >= 0; at = base.following(at + 1)) {
      const key = base.keyAt(at);
      if (key !== null) globals.store(key, base.slotAt(at));
    }
    this.#tostring = globals.getText('tostring');
    for (const name of BUILT_INS) {
      const value = bridge.toHost(globals.getText(name));
      if (typeof value === 'object' && value.kind === 'function') {
        this.#builtIns.set(bridge.toGuest(value), name);
      }
    }
  }

  #view(table: LuaTable): GuestTable {
    const view = this.#bridge.toHost(table);
    if (typeof view !== 'object' || view.kind !== 'table') throw new Error('no table view');
    return view;
  }
}

const MISSING: GuestOutcome = { kind: 'missing' };
const NOTHING: GuestOutcome = { kind: 'returned', values: [] };

function callAll(L: LuaState, base: number): void {
  ldo.luaD_call(L, base, ALL_RESULTS);
}

function libraryTable(bridge: Bridge, library: Library): LuaTable {
  const table = new LuaTable();
  for (const [name, value] of Object.entries(library.functions)) {
    table.setText(name, bridge.member(value));
  }
  return table;
}

function textOf(value: LuaValue): string | undefined {
  if (value instanceof LuaString) return value.text;
  return typeof value === 'number' ? numberText(value) : undefined;
}

/** Puts a thread back to where nothing runs, after an exception that passed everything by. */
function resetThread(L: LuaState): void {
  L.ci = L.base_ci;
  L.errorJmp = null;
  L.errfunc = 0;
  L.nCcalls = 0;
  L.nny = 1;
}

/** A new state of fengari's, on a thread of ours. */
function mainThread(): LuaState {
  const global = lstate.lua_newstate().l_G;
  const thread = new Thread(global, MASK_COUNT);
  global.mainthread = thread;
  global.atnativeerror = atNativeError;
  const registry = global.l_registry.value;
  if (registry instanceof LuaTable) registry.set(1, thread);
  return thread;
}

function globalsOf(L: LuaState): LuaTable {
  const registry = L.l_G.l_registry.value;
  const globals = registry instanceof LuaTable ? registry.numberSlot(2).value : null;
  if (!(globals instanceof LuaTable)) throw new Error('the new state has no globals');
  return globals;
}
