/**
 * Between the guest's values and the plain values of the host API: table views, opaque functions, host objects as
 * userdata, host functions as natives. Numbers, strings and booleans are the same on both sides.
 */
import {
  GuestArgumentError,
  GuestError,
  type GuestFunction,
  type GuestTable,
  type GuestValue,
  type HostFunction,
  type HostObject,
  type Library,
  type RecordMaker,
  type TableWalk,
} from '../engine.ts';
import { fill } from './library/module-library.ts';
import { callGuest, callGuestWith } from './runtime/calls.ts';
import { argumentError, raise, typeError } from './runtime/errors.ts';
import { allocate } from './runtime/meter.ts';
import { many, nameNative, results } from './runtime/native.ts';
import { recordConstructor } from './runtime/records.ts';
import {
  border,
  Cursor,
  fillEmpty,
  hasFields,
  listOf,
  makeArrayPart,
  rawGet,
  rawSet,
} from './runtime/tables.ts';
import {
  Coroutine,
  EMPTY,
  type LuaFunction,
  LuaTable,
  type LuaValue,
  Userdata,
} from './runtime/values.ts';

class TableView implements GuestTable {
  readonly kind = 'table';
  readonly identity: LuaTable;
  readonly #bridge: Bridge;

  constructor(bridge: Bridge, table: LuaTable) {
    this.#bridge = bridge;
    this.identity = table;
  }

  get hasMetatable(): boolean {
    return this.identity.mt !== null;
  }

  get(key: GuestValue): GuestValue {
    return this.#bridge.toHost(rawGet(this.identity, this.#bridge.toGuest(key)));
  }

  set(key: GuestValue, value: GuestValue): void {
    if (key === undefined) throw new GuestError('table index is nil');
    if (typeof key === 'number' && Number.isNaN(key)) throw new GuestError('table index is NaN');
    rawSet(this.identity, this.#bridge.toGuest(key), this.#bridge.toGuest(value));
  }

  length(): number {
    return border(this.identity);
  }

  get isList(): boolean {
    const { arr, hash } = this.identity;
    if (arr === EMPTY || arr[0] !== undefined) return false;
    return (hash === null || hash.map?.size === 0) && !hasFields(this.identity);
  }

  makeList(): void {
    makeArrayPart(this.identity);
  }

  fill(keys: string[], values: GuestValue[], plain: boolean): void {
    const own = values as LuaValue[]; // from here on it is: the loop replaces what is not the same on both sides
    let bytes = 0;
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      bytes += (keys[i] as string).length; // there are as many keys
      if (typeof value === 'object') own[i] = this.#bridge.toGuest(value);
      else if (typeof value === 'string') bytes += value.length;
    }
    allocate(bytes);
    fillEmpty(this.identity, keys, own, plain);
  }

  *entries(): Iterable<readonly [GuestValue, GuestValue]> {
    const cursor = new Cursor(this.identity);
    while (cursor.advance()) {
      yield [this.#bridge.toHost(cursor.key), this.#bridge.toHost(cursor.value)];
    }
  }

  walk(): TableWalk {
    return new Walk(this.#bridge, this.identity);
  }
}

class Walk implements TableWalk {
  key: GuestValue = undefined;
  value: GuestValue = undefined;
  readonly #bridge: Bridge;
  readonly #cursor: Cursor;

  constructor(bridge: Bridge, table: LuaTable) {
    this.#bridge = bridge;
    this.#cursor = new Cursor(table);
  }

  advance(): boolean {
    const cursor = this.#cursor;
    if (!cursor.advance()) return false;
    const { key, value } = cursor;
    this.key = typeof key === 'string' || typeof key === 'number' ? key : this.#bridge.toHost(key);
    this.value = this.#bridge.toHost(value);
    return true;
  }
}

class OpaqueValue implements GuestFunction {
  readonly kind: GuestFunction['kind'];
  readonly identity: LuaFunction | Coroutine | Userdata;

  constructor(kind: GuestFunction['kind'], identity: LuaFunction | Coroutine | Userdata) {
    this.kind = kind;
    this.identity = identity;
  }
}

/** A table with fields, and one of its fields. */
const RECORD_BYTES = 48;
const FIELD_BYTES = 8;

export class Bridge {
  readonly #userdata = new WeakMap<HostObject, Userdata>();
  readonly #metatables = new WeakMap<object, LuaTable>();
  readonly #builtIns = new Map<LuaFunction, string>();

  toHost(value: LuaValue): GuestValue {
    if (typeof value === 'object') {
      if (value instanceof LuaTable) return new TableView(this, value);
      if (value instanceof Coroutine) return new OpaqueValue('thread', value);
      return value.content instanceof Object
        ? (value.content as HostObject) // only this class gives userdata a content
        : new OpaqueValue('userdata', value);
    }
    return typeof value === 'function' ? new OpaqueValue('function', value) : value;
  }

  toGuest(value: GuestValue): LuaValue {
    if (typeof value === 'string') {
      allocate(value.length);
      return value;
    }
    if (typeof value !== 'object') return value;
    if (value.kind === 'object') return this.#userdataOf(value);
    if (value instanceof TableView || value instanceof OpaqueValue) return value.identity;
    throw new GuestError(`a ${value.kind} of another engine`);
  }

  #userdataOf(object: HostObject): Userdata {
    const known = this.#userdata.get(object);
    if (known !== undefined) return known;
    const userdata = new Userdata(object);
    userdata.mt = this.#metatableOf(object);
    this.#userdata.set(object, userdata);
    return userdata;
  }

  /** One metatable per set of methods. Names with two underscores are metamethods. */
  #metatableOf(object: HostObject): LuaTable {
    const { checksSelf, methods, type } = object;
    const known = this.#metatables.get(methods);
    if (known !== undefined) return known;
    const metatable = new LuaTable();
    const index = new LuaTable();
    for (const [name, method] of Object.entries(methods)) {
      const meta = name.startsWith('__');
      const native = this.native(name, method, meta || checksSelf ? undefined : type);
      fill(meta ? metatable : index, { [name]: native });
    }
    fill(metatable, { __index: index });
    this.#metatables.set(methods, metatable);
    return metatable;
  }

  /** A host function as the guest calls it; with `type` its first argument is an object of that type. */
  native(name: string, host: HostFunction, type?: string): LuaFunction {
    return nameNative(name, (...args: LuaValue[]) => {
      if (type !== undefined) {
        const [self] = args;
        const object =
          self instanceof Userdata ? (self.content as HostObject | undefined) : undefined;
        if (object?.type !== type) return typeError(1, type, self, args.length);
      }
      const values = args as GuestValue[];
      for (let i = 0; i < args.length; i++) {
        const value = args[i];
        if (typeof value === 'object' || typeof value === 'function')
          values[i] = this.toHost(value);
      }
      let result: GuestValue | readonly GuestValue[];
      try {
        result = host(values);
      } catch (error) {
        if (error instanceof GuestArgumentError) return argumentError(error.argument, error.text);
        if (error instanceof GuestError) return raise(error.text);
        throw error;
      }
      if (typeof result !== 'object') {
        $count = 1;
        if (typeof result === 'string') allocate(result.length);
        return result;
      }
      if (isList(result)) return many(result.map((value) => this.toGuest(value)));
      $count = 1;
      return this.toGuest(result);
    });
  }

  /** Calls a guest's value from within a host function. */
  call(callee: GuestValue, args: readonly GuestValue[]): GuestValue[] {
    const f = this.toGuest(callee);
    const given = args.length;
    const first =
      given === 1
        ? callGuest(f, this.toGuest(args[0]))
        : given === 2
          ? callGuest(f, this.toGuest(args[0]), this.toGuest(args[1]))
          : callGuestWith(
              f,
              args.map((value) => this.toGuest(value)),
            );
    if ($count === 1) return [this.toHost(first)];
    return results(first).map((value) => this.toHost(value));
  }

  /** Remembers the functions of a library by their names there. */
  noteBuiltIns(names: readonly string[], globals: LuaTable): void {
    for (const name of names) {
      const value = rawGet(globals, name);
      if (typeof value === 'function') this.#builtIns.set(value, name);
    }
  }

  builtIn(callee: GuestFunction): string | undefined {
    return callee instanceof OpaqueValue && typeof callee.identity === 'function'
      ? this.#builtIns.get(callee.identity)
      : undefined;
  }

  recordMaker(names: readonly string[]): RecordMaker {
    const make = recordConstructor(names);
    const size = RECORD_BYTES + names.length * FIELD_BYTES;
    return (values) => {
      const own = values as LuaValue[]; // from here on it is: what is not the same on both sides is replaced
      let bytes = size;
      for (let i = 0; i < values.length; i++) {
        const value = values[i];
        if (typeof value === 'object') own[i] = this.toGuest(value);
        else if (typeof value === 'string') bytes += value.length;
      }
      allocate(bytes);
      return new TableView(this, make(own));
    };
  }

  list(values: readonly GuestValue[]): GuestTable {
    let objects = 0;
    let bytes = 0;
    for (const value of values) {
      if (typeof value === 'string') bytes += value.length;
      else if (typeof value === 'object') objects++;
    }
    // What is no object is the same on both sides.
    const own = (
      objects === 0
        ? values
        : values.map((value) => (typeof value === 'object' ? this.toGuest(value) : value))
    ) as readonly LuaValue[];
    allocate(bytes);
    return new TableView(this, listOf(own));
  }

  /** A native module's library as a table. */
  library(library: Library): LuaTable {
    const table = new LuaTable();
    for (const [name, value] of Object.entries(library.functions)) {
      const member = typeof value === 'function' ? this.native(name, value) : this.toGuest(value);
      fill(table, { [name]: member });
    }
    return table;
  }
}

function isList(value: GuestValue | readonly GuestValue[]): value is readonly GuestValue[] {
  return Array.isArray(value);
}
