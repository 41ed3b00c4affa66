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
} from '../engine.ts';
import { fill } from './library/module-library.ts';
import { argumentError, raise, typeError } from './runtime/errors.ts';
import { allocate } from './runtime/meter.ts';
import { many, nameNative } from './runtime/native.ts';
import { border, Cursor, rawGet, rawSet } from './runtime/tables.ts';
import {
  Coroutine,
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

  *entries(): Iterable<readonly [GuestValue, GuestValue]> {
    const cursor = new Cursor(this.identity);
    while (cursor.advance()) {
      yield [this.#bridge.toHost(cursor.key), this.#bridge.toHost(cursor.value)];
    }
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

export class Bridge {
  readonly #userdata = new WeakMap<HostObject, Userdata>();
  readonly #metatables = new WeakMap<object, LuaTable>();

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
    const { methods, type } = object;
    const known = this.#metatables.get(methods);
    if (known !== undefined) return known;
    const metatable = new LuaTable();
    const index = new LuaTable();
    for (const [name, method] of Object.entries(methods)) {
      const native = this.native(name, method, type);
      fill(name.startsWith('__') ? metatable : index, { [name]: native });
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

  /** A native module's library as a table. */
  library(library: Library): LuaTable {
    const table = new LuaTable();
    for (const [name, value] of Object.entries(library.functions)) {
      fill(table, { [name]: typeof value === 'function' ? this.native(name, value) : value });
    }
    return table;
  }
}

function isList(value: GuestValue | readonly GuestValue[]): value is readonly GuestValue[] {
  return Array.isArray(value);
}
