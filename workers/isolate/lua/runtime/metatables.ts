/**
 * Metatables: where a value's is, and the reading of its events. The names of events are fields like any other, so an event
 * is a property of the metatable unless it was stored under a computed key.
 */
import { registerFields } from './fields.ts';
import { hashGet } from './tables.ts';
import type { Fields, LuaTable, LuaValue } from './values.ts';

const EVENTS = [
  '__index',
  '__newindex',
  '__call',
  '__eq',
  '__lt',
  '__le',
  '__add',
  '__sub',
  '__mul',
  '__div',
  '__mod',
  '__pow',
  '__unm',
  '__len',
  '__concat',
  '__tostring',
  '__metatable',
  '__mode',
  '__gc',
];
registerFields(EVENTS);

/** Metatables that all values of a type share, by JavaScript's name of the type. */
const typeMetatables: Record<string, LuaTable | null> = {
  string: null,
  number: null,
  boolean: null,
  function: null,
  undefined: null,
};

/** Sets the metatable of all strings. */
export function setStringMetatable(metatable: LuaTable | null): void {
  setTypeMetatable('', metatable);
}

/** Sets the metatable of all values of a value's type; for strings, numbers, booleans, functions and nil. */
export function setTypeMetatable(like: LuaValue, metatable: LuaTable | null): void {
  typeMetatables[typeof like] = metatable;
  if (typeof like === 'string') {
    $strings = metatable ?? undefined;
  }
}

/** As in a new state. */
export function resetTypeMetatables(): void {
  for (const type of Object.keys(typeMetatables)) typeMetatables[type] = null;
  $strings = undefined;
}

export function metatableOf(value: LuaValue): LuaTable | null {
  if (typeof value === 'object') return value.mt;
  return typeMetatables[typeof value] ?? null;
}

/** An event of a metatable. */
export function eventOf(metatable: LuaTable, event: string): LuaValue {
  const value = (metatable as unknown as Fields)[`$${event}`];
  return value !== undefined || metatable.hash === null ? value : hashGet(metatable.hash, event);
}

export function metamethod(value: LuaValue, event: string): LuaValue {
  const metatable = metatableOf(value);
  return metatable === null ? undefined : eventOf(metatable, event);
}

export function indexEvent(metatable: LuaTable): LuaValue {
  const value = (metatable as unknown as { $__index: LuaValue }).$__index;
  return value !== undefined || metatable.hash === null
    ? value
    : hashGet(metatable.hash, '__index');
}

export function newIndexEvent(metatable: LuaTable): LuaValue {
  const value = (metatable as unknown as { $__newindex: LuaValue }).$__newindex;
  return value !== undefined || metatable.hash === null
    ? value
    : hashGet(metatable.hash, '__newindex');
}
