/**
 * The compiling engine: Lua 5.1 as JavaScript, metered per basic block. One engine is one guest's state; a limit that
 * strikes ends it for good, an ordinary error leaves it usable.
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
  type RecordMaker,
} from '../engine.ts';
import { numberText } from '../lua-text/number-text.ts';
import { Bridge } from './bridge.ts';
import { chunkId } from './compiler/syntax-error.ts';
import { baseNatives } from './library/base-library.ts';
import { coroutineNatives } from './library/coroutine-library.ts';
import { debugNatives } from './library/debug-library.ts';
import { type Loader, loadingNatives } from './library/load-library.ts';
import { makeMathLibrary, mathConstants } from './library/math-library.ts';
import { type Entries, fill, Modules } from './library/module-library.ts';
import { makeOsLibrary } from './library/os-library.ts';
import { stringNatives } from './library/string-library.ts';
import { tableLibrary, unpack } from './library/table-library.ts';
import { callable } from './runtime/calls.ts';
import { instantiate } from './runtime/chunks.ts';
import { resetEnvironments } from './runtime/environments.ts';
import { caught, raise, tracing } from './runtime/errors.ts';
import { resetTypeMetatables } from './runtime/metatables.ts';
import {
  allocate,
  Breach,
  beginCall,
  charge,
  endCall,
  isRunning,
  type MeterState,
} from './runtime/meter.ts';
import { nameNatives, results } from './runtime/native.ts';
import { lineCounts } from './runtime/profile.ts';
import { rawGet } from './runtime/tables.ts';
import { type LuaFunction, LuaTable, type LuaValue } from './runtime/values.ts';

/**
 * V8 heap bytes that stand for one byte of PUC Lua. Measured after a full collection: tables and numbers take 0.3 to 1.2
 * times what they take in Lua 5.1.5, strings up to 2 times. With 2 whatever fits there fits here.
 */
const MEMORY_FACTOR = 2;
/** Instructions charged per character of source that a guest compiles, and bytes of code that come of it. */
const COMPILE_CHARGE = 8;
const COMPILE_BASE_CHARGE = 300;
const CODE_BYTES_PER_CHARACTER = 16;

const MISSING: GuestOutcome = { kind: 'missing' };
/** What filters return. */
const ZERO: GuestOutcome = { kind: 'returned', values: [0] };
const NOTHING: GuestOutcome = { kind: 'returned', values: [] };

export function createLuaEngine(options: EngineOptions): Engine {
  return new LuaEngine(options);
}

class LuaEngine implements Engine {
  readonly memoryFactor = MEMORY_FACTOR;
  readonly #options: EngineOptions;
  readonly #meter: MeterState;
  readonly #bridge = new Bridge();
  readonly #globals = new LuaTable();
  readonly #loader: Loader;
  /** Set once a source with coroutines was loaded: later chunks may be called by them. */
  #coroutines = false;
  #used = 0;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#meter = { meter: options.meter, breach: undefined };
    resetEnvironments();
    resetTypeMetatables();
    let main = this.#globals;
    this.#loader = {
      // Each thread has its own, which setfenv(0, …) sets.
      get globals() {
        return $coroutine?.globals ?? main;
      },
      set globals(table) {
        if ($coroutine === undefined) main = table;
        else $coroutine.globals = table;
      },
      compile: (source, chunkName, free) => {
        if (free !== true) charge(COMPILE_BASE_CHARGE + source.length * COMPILE_CHARGE);
        return this.#compile(source, chunkName);
      },
      readFile: options.readFile,
      memory: options.memory,
    };
    this.#open();
  }

  get instructionsUsed(): number {
    return this.#used;
  }

  setGlobal(name: string, value: GuestValue | HostFunction): void {
    fill(this.#globals, {
      [name]:
        typeof value === 'function'
          ? this.#bridge.native(name, value)
          : this.#bridge.toGuest(value),
    });
  }

  getGlobal(name: string): GuestValue {
    return this.#bridge.toHost(rawGet(this.#globals, name));
  }

  globals(): GuestTable {
    return this.#view(this.#globals);
  }

  createTable(): GuestTable {
    return this.#view(new LuaTable());
  }

  createFunction(name: string, host: HostFunction): GuestFunction {
    const view = this.#bridge.toHost(this.#bridge.native(name, host));
    if (typeof view !== 'object' || view.kind !== 'function') throw new Error('no function view');
    return view;
  }

  callFunction(callee: GuestValue, args: readonly GuestValue[]): readonly GuestValue[] {
    return this.#bridge.call(callee, args);
  }

  builtIn(callee: GuestFunction): string | undefined {
    return this.#bridge.builtIn(callee);
  }

  recordMaker(names: readonly string[]): RecordMaker {
    return this.#bridge.recordMaker(names);
  }

  createList(values: readonly GuestValue[]): GuestTable {
    return this.#bridge.list(values);
  }

  #view(table: LuaTable): GuestTable {
    const view = this.#bridge.toHost(table);
    if (typeof view !== 'object' || view.kind !== 'table') throw new Error('no table view');
    return view;
  }

  toText(value: GuestValue): string {
    const guest = this.#bridge.toGuest(value);
    if (isRunning()) return this.#display(guest);
    let text = '';
    this.#protected(() => {
      text = this.#display(guest);
      return NOTHING;
    });
    return text;
  }

  #display(value: LuaValue): string {
    const text = callable(rawGet(this.#globals, 'tostring'), 0)(value);
    if (typeof text === 'string') return text;
    if (typeof text === 'number') return numberText(text);
    return raise("'tostring' must return a string to 'print'");
  }

  compile(source: string, chunkName: string): GuestOutcome {
    return this.#protected(() => {
      const compiled = this.#compile(withoutFirstComment(source), fileName(chunkName));
      return 'error' in compiled ? { kind: 'error', text: compiled.error } : NOTHING;
    });
  }

  run(source: string, chunkName: string, args: readonly GuestValue[] = []): GuestOutcome {
    const name = fileName(chunkName);
    return this.#protected(() => {
      const compiled = this.#compile(withoutFirstComment(source), name);
      if ('error' in compiled) return { kind: 'error', text: compiled.error };
      const main = instantiate(compiled.code, name, this.#loader.globals);
      return typeof main === 'string' ? { kind: 'error', text: main } : this.#call(main, args);
    });
  }

  call(name: string, args: readonly GuestValue[]): GuestOutcome {
    const { breach } = this.#meter;
    if (breach !== undefined) return breach.outcome;
    const callee = rawGet(this.#globals, name);
    if (typeof callee !== 'function') return MISSING;
    // As #protected, without a closure: this is every message's way.
    if (isRunning()) throw new Error('the engine is running already');
    this.#begin();
    try {
      return this.#call(callee, args);
    } catch (error) {
      return this.#failed(error);
    } finally {
      tracing.wanted = false;
      this.#used = endCall(this.#meter);
    }
  }

  #call(callee: LuaFunction, args: readonly GuestValue[]): GuestOutcome {
    let first: LuaValue;
    switch (args.length) {
      case 0:
        first = callee();
        break;
      default:
        first = callee(...args.map((value) => this.#bridge.toGuest(value)));
    }
    if ($count === 1 && Object.is(first, 0)) return ZERO;
    if ($count === 0) return NOTHING;
    if ($count === 1) return { kind: 'returned', values: [this.#bridge.toHost(first)] };
    return { kind: 'returned', values: results(first).map((value) => this.#bridge.toHost(value)) };
  }

  /** Gives a call its budget, and turns what is thrown into its outcome. */
  #protected(body: () => GuestOutcome): GuestOutcome {
    const state = this.#meter;
    if (state.breach !== undefined) return state.breach.outcome;
    if (isRunning()) throw new Error('the engine is running already');
    this.#begin();
    try {
      return body();
    } catch (error) {
      return this.#failed(error);
    } finally {
      tracing.wanted = false;
      this.#used = endCall(state);
    }
  }

  #begin(): void {
    beginCall(this.#meter);
    $nested = 0;
    $tail = undefined;
    $coroutine = undefined;
    $place = undefined;
    tracing.wanted = true;
  }

  #failed(error: unknown): GuestOutcome {
    if (error instanceof Breach) return error.outcome;
    const { value, traceback } = caught(error);
    const text =
      typeof value === 'string' ? value : typeof value === 'number' ? numberText(value) : undefined;
    return traceback === undefined ? { kind: 'error', text } : { kind: 'error', text, traceback };
  }

  charge(instructions: number): void {
    if (isRunning()) charge(instructions);
  }

  profile(): readonly LineCount[] {
    return lineCounts();
  }

  /** `chunkName` has its `@` or `=` in front, or is the source itself. */
  #compile(source: string, chunkName: string) {
    const { compileLua } = this.#options;
    if (compileLua === undefined) return { error: 'this sandbox cannot compile' };
    if (source.charCodeAt(0) === 27) {
      return { error: `${chunkId(chunkName)}: bad header in precompiled chunk` };
    }
    allocate(source.length * CODE_BYTES_PER_CHARACTER);
    if (!this.#coroutines && source.includes('coroutine')) this.#coroutines = true;
    return compileLua(source, chunkName, this.#coroutines);
  }

  #open(): void {
    const options = this.#options;
    const builtIn = new Map<string, () => Entries>([
      ['string', () => nameNatives(stringNatives)],
      ['table', () => tableLibrary],
      ['math', () => ({ ...nameNatives(makeMathLibrary()), ...mathConstants })],
      ['os', () => nameNatives(makeOsLibrary())],
      ['coroutine', () => nameNatives(coroutineNatives)],
    ]);
    if (options.debugLibrary === true) builtIn.set('debug', () => nameNatives(debugNatives));
    const modules = new Modules(
      options,
      this.#loader,
      (library) => this.#bridge.library(library),
      builtIn,
    );
    const globals = this.#globals;
    globals.mt = new LuaTable();
    fill(globals, { _G: globals, _VERSION: 'Lua 5.1' });
    fill(
      globals,
      modules.entries(
        '',
        nameNatives({
          ...baseNatives,
          ...loadingNatives(this.#loader),
          ...modules.natives(),
          unpack,
        }),
      ),
    );
    this.#bridge.noteBuiltIns(BUILT_INS, globals);
  }
}

function fileName(chunkName: string): string {
  return chunkName.startsWith('=') ? chunkName : `@${chunkName}`;
}

/** As luaL_loadfile: a first line that begins with # is passed over, its line break is not. */
function withoutFirstComment(source: string): string {
  if (source.charCodeAt(0) !== 35) return source;
  const end = source.indexOf('\n');
  return end < 0 ? '' : source.slice(end);
}
