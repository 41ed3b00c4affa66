/**
 * Between the guest's values and the plain values of the host API: table views, opaque functions, host objects as
 * userdata, host functions as natives. Tables and functions keep their identity on the way there and back.
 */
import {
  GuestArgumentError,
  GuestError,
  type GuestFunction,
  type GuestTable,
  type GuestValue,
  type HostFunction,
  type HostObject,
  type TableWalk,
} from '../engine.ts';
import { budget } from './budget.ts';
import { LuaString } from './lua-string.ts';
import { LuaTable } from './lua-table.ts';
import { argumentError, callForAll, push, raise, reserve, typeName } from './native.ts';
import { isClosure, isThread, slotOf, stringSlot, Tag, TValue, Udata } from './slot.ts';
import { slotAt } from './vm.ts';
import type { Closure, LuaState, LuaValue, NativeFunction, Userdata } from './vm-types.ts';

class TableView implements GuestTable {
  readonly kind = 'table';
  readonly identity: LuaTable;
  readonly #bridge: Bridge;

  constructor(bridge: Bridge, table: LuaTable) {
    this.#bridge = bridge;
    this.identity = table;
  }

  get hasMetatable(): boolean {
    return this.identity.metatable !== null;
  }

  get(key: GuestValue): GuestValue {
    const table = this.identity;
    if (typeof key === 'string') return this.#bridge.toHost(table.getText(key));
    return this.#bridge.toHost(table.get(this.#bridge.toGuest(key)));
  }

  set(key: GuestValue, value: GuestValue): void {
    const guestKey = this.#bridge.toGuest(key);
    if (guestKey === null) throw new GuestError('table index is nil');
    if (typeof guestKey === 'number' && Number.isNaN(guestKey)) {
      throw new GuestError('table index is NaN');
    }
    this.identity.store(guestKey, slotOf(this.#bridge.toGuest(value)));
  }

  length(): number {
    return this.identity.length;
  }

  get isList(): boolean {
    return this.identity.isList;
  }

  makeList(): void {
    this.identity.makeList();
  }

  fill(keys: string[], values: GuestValue[]): void {
    for (const [i, key] of keys.entries()) {
      this.identity.store(new LuaString(key, 0, true), slotOf(this.#bridge.toGuest(values[i])));
    }
  }

  *entries(): Iterable<readonly [GuestValue, GuestValue]> {
    const table = this.identity;
    for (let at = table.following(0); at >= 0; at = table.following(at + 1)) {
      yield [this.#bridge.toHost(table.keyAt(at)), this.#bridge.toHost(table.slotAt(at).value)];
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
  readonly #table: LuaTable;
  #at = 0;

  constructor(bridge: Bridge, table: LuaTable) {
    this.#bridge = bridge;
    this.#table = table;
  }

  advance(): boolean {
    const table = this.#table;
    const at = table.following(this.#at);
    if (at < 0) return false;
    this.#at = at + 1;
    this.key = this.#bridge.toHost(table.keyAt(at));
    this.value = this.#bridge.toHost(table.slotAt(at).value);
    return true;
  }
}

class OpaqueValue implements GuestFunction {
  readonly kind: GuestFunction['kind'];
  readonly identity: object;

  constructor(kind: GuestFunction['kind'], identity: object) {
    this.kind = kind;
    this.identity = identity;
  }
}

export class Bridge {
  readonly #L: LuaState;
  readonly #userdata = new WeakMap<HostObject, Userdata>();
  readonly #objects = new WeakMap<object, HostObject>();
  readonly #metatables = new WeakMap<object, LuaTable>();

  /** The thread whose host function runs. */
  #running: LuaState;

  constructor(L: LuaState) {
    this.#L = L;
    this.#running = L;
  }

  toHost(value: LuaValue): GuestValue {
    if (value instanceof LuaString) return value.text;
    if (typeof value === 'number' || typeof value === 'boolean') return value;
    if (value === null) return undefined;
    if (value instanceof LuaTable) return new TableView(this, value);
    if (typeof value === 'function' || isClosure(value)) return new OpaqueValue('function', value);
    if (isThread(value)) return new OpaqueValue('thread', value);
    return this.#objects.get(value) ?? new OpaqueValue('userdata', value);
  }

  toGuest(value: GuestValue): LuaValue {
    switch (typeof value) {
      case 'string':
        budget.allocate(value.length);
        // It may be a slice of a whole batch of messages: stored in a table, it lets go of that.
        return new LuaString(value, 0, true);
      case 'number':
      case 'boolean':
        return value;
      case 'undefined':
        return null;
      default:
        return this.#objectToGuest(value);
    }
  }

  #objectToGuest(value: GuestTable | GuestFunction | HostObject): LuaValue {
    if (value.kind === 'object') return this.#userdataOf(value);
    const { identity } = value;
    if (identity instanceof LuaTable) return identity;
    const known: LuaValue | undefined = guestObject(identity);
    if (known === undefined) throw new GuestError(`a ${value.kind} of another engine`);
    return known;
  }

  #userdataOf(object: HostObject): Userdata {
    const known = this.#userdata.get(object);
    if (known !== undefined) return known;
    const userdata = new Udata(this.#L, 0);
    userdata.metatable = this.#metatableOf(object);
    this.#userdata.set(object, userdata);
    this.#objects.set(userdata, object);
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
      if (name.startsWith('__')) metatable.setText(name, this.native(method));
      else index.setText(name, checksSelf ? this.native(method) : this.#method(method, type));
    }
    metatable.setText('__index', index);
    this.#metatables.set(methods, metatable);
    return metatable;
  }

  #method(method: HostFunction, type: string): NativeFunction {
    const call = this.native(method);
    return (L) => {
      const at = L.ci.funcOff + 1;
      const self = at < L.top ? slotAt(L, at).value : undefined;
      const object = self instanceof Udata ? this.#objects.get(self) : undefined;
      if (object?.type !== type) {
        const got = self === undefined ? 'no value' : typeName(self);
        return argumentError(L, 1, `${type} expected, got ${got}`);
      }
      return call(L);
    };
  }

  /** A host function as the guest calls it. */
  native(host: HostFunction): NativeFunction {
    return (L) => {
      const values: GuestValue[] = [];
      for (let at = L.ci.funcOff + 1; at < L.top; at++) {
        values.push(this.toHost(slotAt(L, at).value));
      }
      let result: GuestValue | readonly GuestValue[];
      const outer = this.#running;
      this.#running = L;
      try {
        result = host(values);
      } catch (error) {
        if (error instanceof GuestArgumentError)
          return argumentError(L, error.argument, error.text);
        if (error instanceof GuestError) return raise(L, error.text);
        throw error;
      } finally {
        this.#running = outer;
      }
      return isList(result) ? this.#pushAll(L, result) : this.#push(L, result);
    };
  }

  #pushAll(L: LuaState, values: readonly GuestValue[]): number {
    reserve(L, values.length);
    for (const value of values) this.#push(L, value);
    return values.length;
  }

  #push(L: LuaState, value: GuestValue): number {
    switch (typeof value) {
      case 'undefined':
        L.stack[L.top++] = new TValue(Tag.nil, null);
        return 1;
      case 'number':
        L.stack[L.top++] = new TValue(Tag.number, value);
        return 1;
      case 'string':
        budget.allocate(value.length);
        L.stack[L.top++] = stringSlot(new LuaString(value, 0, true));
        return 1;
      default:
        return push(L, this.toGuest(value));
    }
  }

  /** A function or value of a library. */
  member(value: HostFunction | GuestValue): LuaValue {
    return typeof value === 'function' ? this.native(value) : this.toGuest(value);
  }

  /** A host function as an opaque value. */
  createFunction(host: HostFunction): GuestFunction {
    return new OpaqueValue('function', this.native(host));
  }

  /** Calls a guest's value from within a host function, and returns all results. */
  call(callee: GuestValue, args: readonly GuestValue[]): GuestValue[] {
    return callForAll(
      this.#running,
      this.toGuest(callee),
      args.map((value) => this.toGuest(value)),
    ).map((value) => this.toHost(value));
  }
}

function isList(value: GuestValue | readonly GuestValue[]): value is readonly GuestValue[] {
  return Array.isArray(value);
}

/** The guest's object behind an opaque value. */
function guestObject(identity: object): Closure | NativeFunction | Userdata | LuaState | undefined {
  if (identity instanceof Udata) return identity;
  if (isGuestFunction(identity)) return identity;
  return isState(identity) ? identity : undefined;
}

function isGuestFunction(value: object): value is Closure | NativeFunction {
  return typeof value === 'function' || 'upvals' in value;
}

function isState(value: object): value is LuaState {
  return 'l_G' in value && 'base_ci' in value;
}
