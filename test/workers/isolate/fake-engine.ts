/**
 * An engine whose "scripts" are JavaScript functions, to test the host API without a Lua engine. The source given to
 * `run` is the name of a function in a table of scripts. Errors have no positions.
 */
import type {
  Engine,
  EngineOptions,
  GuestFunction,
  GuestOutcome,
  GuestTable,
  GuestValue,
  HostFunction,
  HostObject,
  TableWalk,
} from '../../../workers/isolate/engine.ts';
import { GuestArgumentError, GuestError } from '../../../workers/isolate/engine.ts';
import { guestTypeName } from '../../../workers/isolate/host-api/guest-arguments.ts';

/** What the guest code of a script sees. */
export interface FakeGuest {
  readonly globals: FakeTable;
  readonly options: EngineOptions;
  /** Calls a global host function. A GuestError becomes a FakeError. */
  call(name: string, ...args: readonly GuestValue[]): GuestValue;
  callAll(name: string, ...args: readonly GuestValue[]): readonly GuestValue[];
  /** Calls a method of a host object: `cb:add(…)`. */
  method(object: GuestValue, name: string, ...args: readonly GuestValue[]): GuestValue;
  methodAll(
    object: GuestValue,
    name: string,
    ...args: readonly GuestValue[]
  ): readonly GuestValue[];
  /** A native module's library function, as after `require`. */
  library(module: string, name: string, ...args: readonly GuestValue[]): GuestValue;
  /** Defines a guest function that the host may call. */
  define(name: string, body: FakeFunction): void;
  table(values?: Readonly<Record<string, GuestValue>> | readonly GuestValue[]): FakeTable;
  /** Uses up instructions; the breach cannot be caught. */
  burn(instructions: number): void;
  /** Reaches a safepoint after that many bytes; the breach cannot be caught. */
  allocate(bytes: number): void;
}

type FakeFunction = (args: readonly GuestValue[]) => readonly GuestValue[];
export type FakeScript = (guest: FakeGuest) => void;

/** An ordinary Lua error. */
export class FakeError {
  readonly text: string | undefined;
  constructor(text: string | undefined) {
    this.text = text;
  }
}

class Breach {
  readonly kind: 'instructions' | 'memory';
  constructor(kind: 'instructions' | 'memory') {
    this.kind = kind;
  }
}

export class FakeTable implements GuestTable {
  readonly kind = 'table';
  readonly identity: object = this;
  hasMetatable = false;
  readonly map = new Map<GuestValue, GuestValue>();

  get(key: GuestValue): GuestValue {
    return this.map.get(key);
  }

  set(key: GuestValue, value: GuestValue): void {
    if (value === undefined) this.map.delete(key);
    else this.map.set(key, value);
  }

  length(): number {
    let n = 0;
    while (this.map.has(n + 1)) n++;
    return n;
  }

  #list = false;

  get isList(): boolean {
    return this.map.size === 0 ? this.#list : this.length() === this.map.size;
  }

  makeList(): void {
    this.#list = true;
  }

  fill(keys: string[], values: GuestValue[]): void {
    for (const [i, key] of keys.entries()) this.set(key, values[i]);
  }

  entries(): Iterable<readonly [GuestValue, GuestValue]> {
    return this.map.entries();
  }

  walk(): TableWalk {
    const entries = this.map.entries();
    const walk = {
      key: undefined as GuestValue, // set by advance
      value: undefined as GuestValue, // likewise
      advance: () => {
        const { done, value } = entries.next();
        if (done === true) return false;
        [walk.key, walk.value] = value;
        return true;
      },
    };
    return walk;
  }
}

/** A guest function value; `body` is set for those that the fake can call. */
export function fakeFunction(kind: GuestFunction['kind'] = 'function'): GuestFunction {
  return { kind, identity: {} };
}

export function fakeEngines(scripts: Readonly<Record<string, FakeScript>>): {
  interpreted: (options: EngineOptions) => FakeEngine;
} {
  return { interpreted: (options) => new FakeEngine(options, scripts) };
}

export class FakeEngine implements Engine {
  readonly memoryFactor = 4;
  instructionsUsed = 0;
  readonly #globals = new FakeTable();
  readonly #host = new Map<string, HostFunction>();
  readonly #bodies = new Map<object, FakeFunction>();
  readonly #scripts: Readonly<Record<string, FakeScript>>;
  readonly #guest: FakeGuest;

  constructor(options: EngineOptions, scripts: Readonly<Record<string, FakeScript>>) {
    this.#scripts = scripts;
    const list = (result: ReturnType<HostFunction>): readonly GuestValue[] =>
      Array.isArray(result) ? result : [result as GuestValue]; // not an array: one value
    const guarded = (
      name: string,
      f: HostFunction | undefined,
      args: readonly GuestValue[],
    ): readonly GuestValue[] => {
      if (f === undefined) throw new FakeError(`attempt to call '${name}' (a nil value)`);
      try {
        return list(f(args));
      } catch (error) {
        if (error instanceof GuestArgumentError) {
          throw new FakeError(`bad argument #${error.argument} to '${name}' (${error.text})`);
        }
        if (error instanceof GuestError) throw new FakeError(error.text);
        throw error;
      }
    };
    const methodAll: FakeGuest['methodAll'] = (object, name, ...args) => {
      const host = object as HostObject; // tests pass host objects only
      return guarded(name, host.methods[name], [object, ...args]);
    };
    this.#guest = {
      globals: this.#globals,
      options,
      call: (name, ...args) => guarded(name, this.#host.get(name), args)[0],
      callAll: (name, ...args) => guarded(name, this.#host.get(name), args),
      method: (object, name, ...args) => methodAll(object, name, ...args)[0],
      methodAll,
      library: (module, name, ...args) => {
        const member = options.nativeModules.get(module)?.().functions[name];
        return guarded(name, typeof member === 'function' ? member : undefined, args)[0];
      },
      define: (name, body) => {
        const value = { kind: 'function', identity: {} } as const;
        this.#bodies.set(value.identity, body);
        this.#globals.set(name, value);
      },
      table: (values) => fakeTable(values),
      burn: (count) => {
        this.instructionsUsed += count;
        if (this.instructionsUsed >= options.meter.instructionLimit)
          throw new Breach('instructions');
      },
      allocate: (bytes) => {
        if (options.meter.pollMemory(bytes)) throw new Breach('memory');
      },
    };
  }

  setGlobal(name: string, value: GuestValue | HostFunction): void {
    if (typeof value !== 'function') {
      this.#globals.set(name, value);
      return;
    }
    this.#host.set(name, value);
    this.#globals.set(name, fakeFunction());
  }

  getGlobal(name: string): GuestValue {
    return this.#globals.get(name);
  }

  compile(source: string, _chunkName: string): GuestOutcome {
    return this.#scripts[source] === undefined
      ? { kind: 'error', text: `no script ${source}` }
      : { kind: 'returned', values: [] };
  }

  run(source: string): GuestOutcome {
    return this.#protect(() => {
      const script = this.#scripts[source];
      if (script === undefined) throw new FakeError(`${source}:1: syntax error`);
      script(this.#guest);
      return [];
    });
  }

  call(name: string, args: readonly GuestValue[]): GuestOutcome {
    const value = this.#globals.get(name);
    const body =
      typeof value === 'object' && value.kind === 'function'
        ? this.#bodies.get(value.identity)
        : undefined;
    return body === undefined ? { kind: 'missing' } : this.#protect(() => body(args));
  }

  #protect(body: () => readonly GuestValue[]): GuestOutcome {
    this.instructionsUsed = 0;
    try {
      return { kind: 'returned', values: body() };
    } catch (error) {
      if (error instanceof FakeError) return { kind: 'error', text: error.text };
      if (error instanceof Breach) return { kind: error.kind };
      throw error;
    }
  }

  globals(): GuestTable {
    return this.#globals;
  }

  charge(instructions: number): void {
    this.instructionsUsed += instructions;
  }

  createFunction(): GuestFunction {
    return fakeFunction();
  }

  callFunction(): never {
    throw new Error('the fake has no functions that the host may call');
  }

  builtIn(): undefined {
    return undefined;
  }

  recordMaker(names: readonly string[]) {
    return (values: GuestValue[]): FakeTable => {
      const record = new FakeTable();
      for (const [i, name] of names.entries()) record.set(name, values[i]);
      return record;
    };
  }

  createList(values: readonly GuestValue[]): FakeTable {
    const list = new FakeTable();
    list.makeList();
    for (const [i, value] of values.entries()) list.set(i + 1, value);
    return list;
  }

  createTable(): GuestTable {
    return new FakeTable();
  }

  toText(value: GuestValue): string {
    return typeof value === 'object' ? `${guestTypeName(value)}: 0x1` : String(value ?? 'nil');
  }
}

export function fakeTable(
  values: Readonly<Record<string, GuestValue>> | readonly GuestValue[] = {},
): FakeTable {
  const table = new FakeTable();
  if (Array.isArray(values)) {
    for (const [i, value] of values.entries()) table.set(i + 1, value as GuestValue); // an array of them
  } else for (const [key, value] of Object.entries(values)) table.set(key, value as GuestValue); // a record
  return table;
}
