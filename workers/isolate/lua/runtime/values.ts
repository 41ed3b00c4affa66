/**
 * How values of Lua are represented. nil is undefined; booleans and numbers are themselves; a string is a byte string
 * (one character, 0–255, per byte); a function is a function of JavaScript; everything else is an object that
 * begins with the members of a table, so that `typeof v === 'object'` is all that compiled code asks before it looks
 * for a property.
 *
 * A table has three parts, and a metatable. Fields whose names occur as constants in compiled code, when they are stored
 * by such code, are properties of the object (with a `$` in front, so that no name of JavaScript's can be meant). `arr`
 * holds the values of 1 to #t (its index 0 is a hole or t[0]). Everything else is in `hash`. A key is in one part only.
 */

export type LuaValue =
  | undefined
  | boolean
  | number
  | string
  | LuaFunction
  | LuaTable
  | Coroutine
  | Userdata;

// biome-ignore lint/suspicious/noExplicitAny: compiled functions and natives have any number of parameters
export type LuaFunction = (...args: any[]) => LuaValue;

/** The array part of a table that has none. Never written to. */
export const EMPTY: LuaValue[] = [];

/**
 * The part for keys that are neither fields nor in the array: a map from key to slot, and the slots. A key whose value is
 * undefined is dead: it keeps its place, so that a traversal can go on from it, until the table grows.
 */
export class Hash {
  /** Absent until the first look-up by key, in a table that came whole (see fillEmpty of tables.ts). */
  map: Map<LuaValue, number> | null;
  keys: LuaValue[] = [];
  values: LuaValue[] = [];
  /** Slots whose value is undefined. */
  dead = 0;

  constructor(map: Map<LuaValue, number> | null = new Map()) {
    this.map = map;
  }
}

export class LuaTable {
  arr: LuaValue[] = EMPTY;
  hash: Hash | null = null;
  mt: LuaTable | null = null;
}

/** A table as slow paths see its fields: `$name` members. */
export type Fields = Record<string, LuaValue>;

export type CoroutineStatus = 'suspended' | 'running' | 'normal' | 'dead';

export class Coroutine {
  readonly arr: LuaValue[] = EMPTY;
  readonly hash: Hash | null = null;
  readonly mt: LuaTable | null = null;
  status: CoroutineStatus = 'suspended';
  readonly body: LuaFunction;
  /** The generator that runs the body; made at the first resume. */
  frame: Generator<LuaValue, LuaValue, LuaValue> | undefined = undefined;
  /** Generators that a resume passes through. */
  depth = 0;
  /** Who resumed it. */
  resumer: Coroutine | undefined = undefined;
  /** Its global table (5.1 gives each thread one), if setfenv(0, …) changed it. */
  globals: LuaTable | undefined = undefined;

  constructor(body: LuaFunction) {
    this.body = body;
  }
}

/** An object of a native module, or what newproxy makes. `content` is the host's. */
export class Userdata {
  readonly arr: LuaValue[] = EMPTY;
  readonly hash: Hash | null = null;
  mt: LuaTable | null = null;
  readonly content: unknown;

  constructor(content: unknown) {
    this.content = content;
  }
}

/** Lua's name for the type of a value. */
export function typeName(value: LuaValue): string {
  switch (typeof value) {
    case 'undefined':
      return 'nil';
    case 'object':
      return value instanceof LuaTable
        ? 'table'
        : value instanceof Coroutine
          ? 'thread'
          : 'userdata';
    default:
      return typeof value;
  }
}
