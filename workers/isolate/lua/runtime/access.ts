/**
 * Reading and storing by key, with metamethods: what compiled code calls when its quick look found nothing.
 */
import { callEvent, callEventWith } from './calls.ts';
import { operandError, raiseHere } from './errors.ts';
import { fieldOf } from './fields.ts';
import { indexEvent, metatableOf, newIndexEvent } from './metatables.ts';
import { allocate } from './meter.ts';
import { hashGet, rawGet, rawSet } from './tables.ts';
import { EMPTY, type Fields, LuaTable, type LuaValue } from './values.ts';

/** Links of `__index` and `__newindex` that are followed: PUC's MAXTAGLOOP. */
const LINKS = 100;
/** A new field, estimated. */
const FIELD_BYTES = 24;

/** `object[key]`. `site` names the object in an error. */
export function index(object: LuaValue, key: LuaValue, site = 0): LuaValue {
  let holder = object;
  for (let link = 0; link < LINKS; link++) {
    let event: LuaValue;
    if (holder instanceof LuaTable) {
      const value = rawGet(holder, key);
      if (value !== undefined) return value;
      const { mt } = holder;
      if (mt === null) return undefined;
      event = indexEvent(mt);
      if (event === undefined) return undefined;
    } else {
      const metatable = metatableOf(holder);
      event = metatable === null ? undefined : indexEvent(metatable);
      if (event === undefined) operandError('index', holder, site);
    }
    if (typeof event === 'function') return callEvent(event, holder, key);
    holder = event;
  }
  return raiseHere('loop in gettable');
}

/** `object[key] = value`. */
export function setIndex(object: LuaValue, key: LuaValue, value: LuaValue, site = 0): void {
  if (object instanceof LuaTable && object.mt === null) {
    if (typeof key === 'number' && value !== undefined) {
      const { arr } = object;
      if (key === arr.length && object.hash === null && arr !== EMPTY && (key & (key - 1)) !== 0) {
        $bytes += 16;
        arr.push(value);
        return;
      }
    }
    rawSet(object, key, value);
    return;
  }
  setThrough(object, key, value, site);
}

function setThrough(object: LuaValue, key: LuaValue, value: LuaValue, site: number): void {
  let holder = object;
  for (let link = 0; link < LINKS; link++) {
    let event: LuaValue;
    if (holder instanceof LuaTable) {
      const { mt } = holder;
      event = mt === null ? undefined : newIndexEvent(mt);
      if (event === undefined || rawGet(holder, key) !== undefined) {
        rawSet(holder, key, value);
        return;
      }
    } else {
      const metatable = metatableOf(holder);
      event = metatable === null ? undefined : newIndexEvent(metatable);
      if (event === undefined) operandError('index', holder, site);
    }
    if (typeof event === 'function') {
      callEventWith(event, holder, key, value);
      return;
    }
    holder = event;
  }
  raiseHere('loop in settable');
}

/** `object.name = value` where the field does not exist yet, or is nil. */
export function setField(object: LuaValue, name: string, value: LuaValue, site: number): void {
  let holder = object;
  for (let link = 0; link < LINKS; link++) {
    let event: LuaValue;
    if (holder instanceof LuaTable) {
      const { mt } = holder;
      event = mt === null ? undefined : newIndexEvent(mt);
      if (event === undefined || rawGet(holder, name) !== undefined) {
        rawField(holder, name, value);
        return;
      }
    } else {
      const metatable = metatableOf(holder);
      event = metatable === null ? undefined : newIndexEvent(metatable);
      if (event === undefined) operandError('index', holder, site);
    }
    if (typeof event === 'function') {
      callEventWith(event, holder, name, value);
      return;
    }
    holder = event;
  }
  raiseHere('loop in settable');
}

/** Stores a field that code names, without metamethods: in the hash if the key lives there, as a property otherwise. */
export function rawField(t: LuaTable, name: string, value: LuaValue): void {
  const property = fieldOf(name);
  if (property === undefined || hashGet(t.hash, name) !== undefined) {
    rawSet(t, name, value);
    return;
  }
  if (value === undefined && !(property in t)) return;
  allocate(FIELD_BYTES);
  (t as unknown as Fields)[property] = value;
}

/** Stores values under consecutive indices, from `at` on. */
export function storeList(t: LuaTable, at: number, values: readonly LuaValue[]): void {
  for (let i = 0; i < values.length; i++) rawSet(t, at + i, values[i]);
}
