/**
 * Lua 5.1's base library. `print` is the host's, and so is what files there are. Functions that need the engine
 * (loadstring, require, …) are made by loadingNatives, and in module-library.ts.
 */

import { numberText } from '../../lua-text/number-text.ts';
import { sameText } from '../runtime/arithmetic.ts';
import { callable, callGuest, enter } from '../runtime/calls.ts';
import { instantiate } from '../runtime/chunks.ts';
import { environmentOf, setEnvironment, target } from '../runtime/environments.ts';
import {
  argumentError,
  caught,
  LuaError,
  position,
  raise,
  tracing,
  typeError,
} from '../runtime/errors.ts';
import { following, next } from '../runtime/iteration.ts';
import { eventOf, metamethod, metatableOf } from '../runtime/metatables.ts';
import { charge, checkLength } from '../runtime/meter.ts';
import {
  checkAny,
  checkFunction,
  checkInteger,
  checkTable,
  checkText,
  many,
  type Natives,
  one,
  optionalInteger,
  optionalText,
  results,
  three,
  toNumber,
  two,
} from '../runtime/native.ts';
import { rawGet, rawSet } from '../runtime/tables.ts';
import {
  type LuaFunction,
  LuaTable,
  type LuaValue,
  typeName,
  Userdata,
} from '../runtime/values.ts';

// ---- errors ---------------------------------------------------------------------------------------------------

function assert(value: LuaValue, message: LuaValue, ...others: LuaValue[]): LuaValue {
  if (value === undefined || value === false) {
    checkAny(value, 1, arguments.length);
    raise(optionalText(message, 2, arguments.length) ?? 'assertion failed!');
  }
  switch (arguments.length) {
    case 1:
      return one(value);
    case 2:
      return two(value, message);
    default:
      return many([value, message, ...others]);
  }
}

export function error(value: LuaValue, level: LuaValue): LuaValue {
  const place = $place;
  $place = undefined;
  if (place !== undefined && arguments.length === 1 && typeof value === 'string') {
    throw new LuaError(`${place.name}:${$line}: ${value}`);
  }
  const depth = optionalInteger(level, 2, arguments.length, 1);
  if (depth > 0 && (typeof value === 'string' || typeof value === 'number')) {
    throw new LuaError(position(depth) + checkText(value, 1, 1));
  }
  throw new LuaError(value);
}

/** The results of the call that returned `first`, with true in front. */
function withTrue(first: LuaValue): LuaValue {
  switch ($count) {
    case 0:
      $count = 1;
      return true;
    case 1:
      $second = first;
      $count = 2;
      return true;
    case 2:
      $third = $second;
      $second = first;
      $count = 3;
      return true;
    default:
      return many([true, ...results(first)]);
  }
}

function pcall(
  f: LuaValue,
  a: LuaValue,
  b: LuaValue,
  c: LuaValue,
  ...others: LuaValue[]
): LuaValue {
  const given = arguments.length;
  if (given === 0) argumentError(1, 'value expected');
  const nested = $nested;
  const traced = tracing.wanted;
  const coroutine = $coroutine;
  tracing.wanted = false;
  try {
    enter();
    const callee = typeof f === 'function' ? f : callable(f, 0);
    const first =
      given === 1
        ? callee()
        : given === 2
          ? callee(a)
          : given === 3
            ? callee(a, b)
            : given === 4
              ? callee(a, b, c)
              : callee(a, b, c, ...others);
    $nested = nested;
    tracing.wanted = traced;
    return withTrue(first);
  } catch (thrown) {
    const { value } = caught(thrown);
    $nested = nested;
    $coroutine = coroutine;
    $tail = undefined;
    tracing.wanted = traced;
    $second = value;
    $count = 2;
    return false;
  }
}

/** What the handler's debug.traceback shows: the stack of the error, which is gone when the handler runs. */
export const handled: { traceback: string | undefined } = { traceback: undefined };

function xpcall(f: LuaValue, handler: LuaValue): LuaValue {
  if (arguments.length < 2) argumentError(2, 'value expected');
  const nested = $nested;
  const traced = tracing.wanted;
  const coroutine = $coroutine;
  let failure: LuaError;
  tracing.wanted = true;
  try {
    enter();
    const first = (typeof f === 'function' ? f : callable(f, 0))();
    $nested = nested;
    tracing.wanted = traced;
    return withTrue(first);
  } catch (thrown) {
    failure = caught(thrown);
    $coroutine = coroutine;
    $tail = undefined;
  }
  tracing.wanted = false;
  const outer = handled.traceback;
  handled.traceback = failure.traceback;
  try {
    $nested = nested;
    const value = callGuest(handler, failure.value);
    return two(false, $count === 0 ? undefined : value);
  } catch (thrown) {
    caught(thrown);
    return two(false, 'error in error handling');
  } finally {
    $nested = nested;
    tracing.wanted = traced;
    handled.traceback = outer;
  }
}

// ---- tables ---------------------------------------------------------------------------------------------------

function getmetatable(value: LuaValue): LuaValue {
  const metatable = metatableOf(checkAny(value, 1, arguments.length));
  if (metatable === null) return one(undefined);
  return one(eventOf(metatable, '__metatable') ?? metatable);
}

function setmetatable(table: LuaValue, metatable: LuaValue): LuaValue {
  const t = checkTable(table, 1, arguments.length);
  if (!(metatable instanceof LuaTable) && (metatable !== undefined || arguments.length < 2)) {
    return argumentError(2, 'nil or table expected');
  }
  if (t.mt !== null && eventOf(t.mt, '__metatable') !== undefined) {
    raise('cannot change a protected metatable');
  }
  t.mt = metatable ?? null;
  $count = 1;
  return t;
}

function pairs(table: LuaValue): LuaValue {
  if (!(table instanceof LuaTable)) typeError(1, 'table', table, arguments.length);
  $second = table;
  $third = undefined;
  $count = 3;
  return next;
}

function ipairs(table: LuaValue): LuaValue {
  return three(following, checkTable(table, 1, arguments.length), 0);
}

function rawequal(a: LuaValue, b: LuaValue): LuaValue {
  checkAny(a, 1, arguments.length);
  checkAny(b, 2, arguments.length);
  return one(typeof a === 'string' ? sameText(a, b) : a === b);
}

function rawget(table: LuaValue, key: LuaValue): LuaValue {
  const t = checkTable(table, 1, arguments.length);
  checkAny(key, 2, arguments.length);
  return one(rawGet(t, key));
}

function rawset(table: LuaValue, key: LuaValue, value: LuaValue): LuaValue {
  const t = checkTable(table, 1, arguments.length);
  checkAny(key, 2, arguments.length);
  checkAny(value, 3, arguments.length);
  rawSet(t, key, value);
  return one(t);
}

// ---- values ---------------------------------------------------------------------------------------------------

function type(value: LuaValue): LuaValue {
  if (arguments.length === 0) argumentError(1, 'value expected');
  $count = 1;
  return typeName(value);
}

const addresses = new WeakMap<object, string>();
let lastAddress = 0x10000000;

/** A text that stands for an object's identity, as an address does. */
export function addressOf(object: object): string {
  let address = addresses.get(object);
  if (address === undefined) {
    lastAddress += 16;
    address = `0x${lastAddress.toString(16).padStart(8, '0')}`;
    addresses.set(object, address);
  }
  return address;
}

/** `tostring` without metamethods. */
export function plainText(value: LuaValue): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return numberText(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'undefined':
      return 'nil';
    default:
      return `${typeName(value)}: ${addressOf(value)}`;
  }
}

export function tostring(value: LuaValue): LuaValue {
  if (typeof value === 'object') {
    const handler = metamethod(value, '__tostring');
    if (handler !== undefined) {
      const text = callGuest(handler, value);
      $count = 1;
      return text;
    }
  } else if (arguments.length === 0) argumentError(1, 'value expected');
  $count = 1;
  return plainText(value);
}

function tonumber(value: LuaValue, base: LuaValue): LuaValue {
  if (base === undefined || base === 10) {
    if (typeof value === 'number') return one(value);
    checkAny(value, 1, arguments.length);
    if (typeof value !== 'string') return one(undefined);
    charge(1);
    return one(toNumber(value));
  }
  const text = checkText(value, 1, arguments.length);
  const radix = checkInteger(base, 2, arguments.length);
  if (radix < 2 || radix > 36) argumentError(2, 'base out of range');
  charge(1 + (text.length >> 4));
  return one(parseInteger(text, radix));
}

/** C's strtoul with nothing but blanks behind it. */
function parseInteger(text: string, radix: number): number | undefined {
  const pattern =
    radix === 16
      ? /^[ \t-\r]*([+-]?)(?:0[xX](?=[0-9a-zA-Z]))?([0-9a-zA-Z]+)[ \t-\r]*(?:\0|$)/
      : /^[ \t-\r]*([+-]?)([0-9a-zA-Z]+)[ \t-\r]*(?:\0|$)/;
  const match = pattern.exec(text);
  if (match === null) return undefined;
  let value = 0;
  for (const character of match[2] ?? '') {
    const digit = Number.parseInt(character, 36);
    if (digit >= radix) return undefined;
    value = value * radix + digit;
  }
  // strtoul's result is an unsigned long; too much is the largest one, a minus wraps around.
  if (value >= 2 ** 64) return 2 ** 64;
  return match[1] === '-' && value > 0 ? 2 ** 64 - value : value;
}

export function select(which: LuaValue, ...values: LuaValue[]): LuaValue {
  if (which === '#') return one(values.length);
  const index = checkInteger(which, 1, arguments.length);
  const count = values.length;
  const from = index < 0 ? count + index : index - 1;
  if (from < 0) argumentError(1, 'index out of range');
  if (from >= count) return many([]);
  charge((count - from) >> 4);
  return many(from === 0 ? values : values.slice(from));
}

function newproxy(like: LuaValue): LuaValue {
  const proxy = new Userdata(undefined);
  if (like === true) proxy.mt = new LuaTable();
  else if (like instanceof Userdata) proxy.mt = like.mt;
  else if (like !== undefined && like !== false) argumentError(1, 'boolean or proxy expected');
  return one(proxy);
}

/** The functions that need nothing but the runtime. */
export const baseNatives: Natives = {
  assert,
  error,
  getmetatable,
  ipairs,
  newproxy,
  next,
  pairs,
  pcall,
  rawequal,
  rawget,
  rawset,
  select,
  setmetatable,
  tonumber,
  tostring,
  type,
  xpcall,
};

// ---- environments and loading ---------------------------------------------------------------------------------

/** What the rest needs of the engine. */
export interface Loader {
  /** The table that new chunks get for their globals. */
  globals: LuaTable;
  compile(
    source: string,
    chunkName: string,
  ): { readonly code: string } | { readonly error: string };
  readonly readFile: ((name: string | undefined) => readonly [string, string] | string) | undefined;
  /** Bytes in use, after a collection or not. */
  readonly memory: ((collect: boolean) => number) | undefined;
}

export function loadingNatives(loader: Loader): Natives {
  // What natives have for an environment, whatever happens to the thread's.
  const { globals } = loader;
  const load = (source: string, chunkName: string): LuaFunction | string => {
    const compiled = loader.compile(source, chunkName);
    if ('error' in compiled) return compiled.error;
    return instantiate(compiled.code, chunkName, loader.globals);
  };
  const loaded = (result: LuaFunction | string): LuaValue =>
    typeof result === 'string' ? two(undefined, result) : one(result);
  const file = (name: string | undefined): LuaFunction | string => {
    const read = loader.readFile?.(name) ?? `cannot open ${name ?? 'stdin'}`;
    return typeof read === 'string' ? read : load(read[0], read[1]);
  };
  return {
    loadstring(source: LuaValue, name: LuaValue) {
      const text = checkText(source, 1, arguments.length);
      return loaded(load(text, optionalText(name, 2, arguments.length) ?? text));
    },

    load(reader: LuaValue, name: LuaValue) {
      const chunkName = optionalText(name, 2, arguments.length) ?? '=(load)';
      const read = checkFunction(reader, 1, arguments.length);
      const pieces: string[] = [];
      let length = 0;
      const nested = $nested;
      try {
        for (;;) {
          const piece = callGuest(read);
          if (piece === undefined || piece === '') break;
          if (typeof piece !== 'string') raise('reader function must return a string');
          length += piece.length;
          checkLength(length);
          charge(1 + (piece.length >> 4));
          pieces.push(piece);
        }
      } catch (thrown) {
        const { value } = caught(thrown);
        $nested = nested;
        return two(undefined, value);
      }
      return loaded(load(pieces.join(''), chunkName));
    },

    loadfile(name: LuaValue) {
      return loaded(file(optionalText(name, 1, arguments.length)));
    },

    dofile(name: LuaValue) {
      const chunk = file(optionalText(name, 1, arguments.length));
      if (typeof chunk === 'string') throw new LuaError(chunk);
      return callGuest(chunk);
    },

    collectgarbage(option: LuaValue) {
      const what = optionalText(option, 1, arguments.length) ?? 'collect';
      switch (what) {
        case 'count':
          return one((loader.memory?.(false) ?? 0) / 1024);
        case 'collect':
          loader.memory?.(true);
          return one(0);
        case 'step':
          loader.memory?.(true);
          return one(true);
        case 'stop':
        case 'restart':
          return one(0);
        case 'setpause':
        case 'setstepmul':
          return one(200);
        default:
          return argumentError(1, `invalid option '${what}'`);
      }
    },

    gcinfo() {
      return one(Math.floor((loader.memory?.(false) ?? 0) / 1024));
    },

    getfenv(which: LuaValue) {
      const { f } = target(which, arguments.length, true);
      return one(f === undefined ? loader.globals : environmentOf(f, globals));
    },

    setfenv(which: LuaValue, table: LuaValue) {
      const environment = checkTable(table, 2, arguments.length);
      const { f, byItself, level } = target(which, arguments.length, false);
      if (level === 0) {
        loader.globals = environment;
        return many([]);
      }
      if (f === undefined || !setEnvironment(f, environment, byItself)) {
        raise("'setfenv' cannot change environment of given object");
      }
      return one(f);
    },
  };
}
