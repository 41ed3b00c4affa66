import { callGuest } from '../runtime/calls.ts';
import { instantiate } from '../runtime/chunks.ts';
import { environmentOf, setEnvironment, target } from '../runtime/environments.ts';
import { argumentError, caught, LuaError, raise } from '../runtime/errors.ts';
import { charge, checkLength } from '../runtime/meter.ts';
import {
  checkFunction,
  checkTable,
  checkText,
  many,
  type Natives,
  one,
  optionalText,
  two,
} from '../runtime/native.ts';
import type { LuaFunction, LuaTable, LuaValue } from '../runtime/values.ts';

/** What the rest needs of the engine. */
export interface Loader {
  /** The table that new chunks get for their globals. */
  globals: LuaTable;
  /** `free`: the text is the operator's, as a module's is, and compiling it costs the guest nothing. */
  compile(
    source: string,
    chunkName: string,
    free?: boolean,
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
