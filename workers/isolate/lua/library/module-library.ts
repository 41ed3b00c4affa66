/**
 * require, module and package.seeall as lua_sandbox has them: the table of loaded modules is hidden, disabled modules
 * are refused, entries can be removed from any module, and a module's table gets an empty metatable (which keeps it
 * out of preservation).
 */
import type { EngineOptions, Library } from '../../engine.ts';
import { rawField } from '../runtime/access.ts';
import { callGuest } from '../runtime/calls.ts';
import { instantiate } from '../runtime/chunks.ts';
import { callerFunction, setEnvironment } from '../runtime/environments.ts';
import { LuaError, raise } from '../runtime/errors.ts';
import { registerFields } from '../runtime/fields.ts';
import { setStringMetatable } from '../runtime/metatables.ts';
import { checkTable, checkText, many, type Natives, nameNatives, one } from '../runtime/native.ts';
import { rawGet } from '../runtime/tables.ts';
import { LuaTable, type LuaValue } from '../runtime/values.ts';
import type { Loader } from './load-library.ts';

export type Entries = Readonly<Record<string, LuaValue>>;

/** Marks a module that is being loaded. Never handed to a guest. */
const LOADING = Symbol('loading');

/** Stores entries as fields of a table, under names that code is likely to use. */
export function fill(table: LuaTable, entries: Entries): LuaTable {
  for (const [name, value] of Object.entries(entries)) {
    registerFields([name]);
    rawField(table, name, value);
  }
  return table;
}

export class Modules {
  readonly #options: EngineOptions;
  readonly #loader: Loader;
  readonly #globals: LuaTable;
  readonly #makeLibrary: (library: Library) => LuaTable;
  readonly #loaded = new Map<string, LuaValue | typeof LOADING>();
  readonly #builtIn: ReadonlyMap<string, () => Entries>;
  /** Files that were compiled once. */
  readonly #compiled = new Set<string>();

  constructor(
    options: EngineOptions,
    loader: Loader,
    makeLibrary: (library: Library) => LuaTable,
    builtIn: ReadonlyMap<string, () => Entries>,
  ) {
    this.#options = options;
    this.#loader = loader;
    this.#globals = loader.globals;
    this.#makeLibrary = makeLibrary;
    this.#builtIn = builtIn;
    for (const name of ['', '_G']) this.#loaded.set(name, this.#globals);
    if (!options.removed.has('package.seeall')) {
      const library = fill(new LuaTable(), this.#natives({ seeall: seeAllOf(this.#globals) }));
      library.mt = new LuaTable();
      fill(this.#globals, { package: library });
      this.#loaded.set('package', library);
    }
  }

  #natives(natives: Natives): Natives {
    return nameNatives(natives);
  }

  /** The entries of a library, less the removed ones. */
  entries(name: string, entries: Entries): Entries {
    const prefix = name === '' ? '' : `${name}.`;
    return Object.fromEntries(
      Object.entries(entries).filter(([key]) => !this.#options.removed.has(prefix + key)),
    );
  }

  /** The functions for the table of globals. */
  natives(): Natives {
    return {
      require: (...args: LuaValue[]) => this.#require(args[0], args.length),
      module: (...args: LuaValue[]) => this.#module(args[0], args.slice(1), args.length),
    };
  }

  #require(given: LuaValue, count: number): LuaValue {
    const name = checkText(given, 1, count);
    if (this.#options.disabledModules.has(name)) return raise(`module '${name}' disabled`);
    const known = this.#loaded.get(name);
    if (known === LOADING) return raise(`loop or previous error loading module '${name}'`);
    if (known !== undefined && known !== false) return one(known);
    const value = this.#native(name) ?? this.#file(name);
    this.#removeEntries(name, value);
    if (value instanceof LuaTable) value.mt ??= new LuaTable();
    return one(value);
  }

  /** A module that is part of the engine or of the host, or undefined. */
  #native(name: string): LuaTable | undefined {
    const builtIn = this.#builtIn.get(name);
    let table: LuaTable;
    let global = true;
    if (builtIn !== undefined) {
      table = fill(new LuaTable(), this.entries(name, builtIn()));
      const added = this.#options.additions?.[name];
      if (added !== undefined) {
        const library = this.#makeLibrary({ name, functions: added });
        for (const key of Object.keys(added)) fill(table, { [key]: rawGet(library, key) });
      }
      if (name === 'string') setStringMetatable(fill(new LuaTable(), { __index: table }));
    } else {
      const make = this.#options.nativeModules.get(name);
      if (make === undefined) return undefined;
      const library = make();
      global = library.global !== false;
      table = this.#makeLibrary(library);
    }
    this.#loaded.set(name, table);
    if (global) this.#setGlobal(name, table);
    return table;
  }

  #file(name: string): LuaValue {
    // As upstream: what goes wrong in the search carries no position, but for "not found".
    if (!/^[A-Za-z0-9_.]+$/.test(name)) throw new LuaError(`invalid module name '${name}'`);
    const found = this.#options.findModule(name);
    if (typeof found === 'string') {
      if (found.startsWith("module '")) raise(found);
      throw new LuaError(found);
    }
    const [source, file] = found;
    // A module's text is the operator's: once it is free, as upstream. A guest may hide that it has loaded it already.
    const compiled = this.#loader.compile(source, `@${file}`, !this.#compiled.has(file));
    this.#compiled.add(file);
    if ('error' in compiled) {
      throw new LuaError(
        `error loading module '${name}' from file '${file}':\n\t${compiled.error}`,
      );
    }
    this.#loaded.set(name, LOADING);
    const main = instantiate(compiled.code, `@${file}`, this.#loader.globals);
    if (typeof main === 'string') {
      throw new LuaError(`error loading module '${name}' from file '${file}':\n\t${main}`);
    }
    const result = callGuest(main, name);
    if ($count > 0 && result !== undefined) this.#loaded.set(name, result);
    const value = this.#loaded.get(name);
    if (value !== LOADING && value !== undefined) return value;
    this.#loaded.set(name, true);
    return true;
  }

  #removeEntries(name: string, value: LuaValue): void {
    if (!(value instanceof LuaTable)) return;
    const prefix = `${name}.`;
    for (const entry of this.#options.removed) {
      if (entry.startsWith(prefix)) rawField(value, entry.slice(prefix.length), undefined);
    }
  }

  /** `module(name, ...)`: makes or finds the module's table and gives it to the caller as its environment. */
  #module(given: LuaValue, actions: readonly LuaValue[], count: number): LuaValue {
    const { caller, byItself } = callerFunction();
    const name = checkText(given, 1, count);
    let table = this.#loaded.get(name);
    if (!(table instanceof LuaTable)) {
      table = this.#nested(name);
      if (table === undefined) return raise(`name conflict for module '${name}'`);
      this.#loaded.set(name, table);
    }
    if (rawGet(table, '_NAME') === undefined) {
      fill(table, {
        _M: table,
        _NAME: name,
        _PACKAGE: name.slice(0, name.lastIndexOf('.') + 1),
      });
    }
    if (caller === undefined || !setEnvironment(caller, table, byItself)) {
      return raise("'module' not called from a Lua function");
    }
    for (const action of actions) callGuest(action, table);
    return many([]);
  }

  /** The table at a dotted global name, made where it is missing; undefined when something else is in the way. */
  #nested(name: string): LuaTable | undefined {
    let table = this.#globals;
    for (const part of name.split('.')) {
      const found = rawGet(table, part);
      if (found === undefined) {
        const made = new LuaTable();
        fill(table, { [part]: made });
        table = made;
      } else if (found instanceof LuaTable) {
        table = found;
      } else {
        return undefined;
      }
    }
    return table;
  }

  #setGlobal(name: string, table: LuaTable): void {
    const dot = name.lastIndexOf('.');
    const parent = dot < 0 ? this.#globals : this.#nested(name.slice(0, dot));
    if (parent !== undefined) fill(parent, { [name.slice(dot + 1)]: table });
  }
}

function seeAllOf(globals: LuaTable) {
  return (...given: LuaValue[]) => {
    const table = checkTable(given[0], 1, given.length);
    table.mt ??= new LuaTable();
    fill(table.mt, { __index: globals });
    return many([]);
  };
}
