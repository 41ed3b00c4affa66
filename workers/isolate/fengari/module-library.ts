/**
 * require, module and package.seeall as lua_sandbox has them: the table of loaded modules is hidden, disabled modules
 * are refused, entries can be removed from any module, and a module's table gets an empty metatable (which keeps it
 * out of preservation).
 */
import type { EngineOptions, Library } from '../engine.ts';
import { withoutFirstComment } from './base-library.ts';
import { compile } from './compile.ts';
import { coroutineLibrary } from './coroutine-library.ts';
import { debugLibrary } from './debug-library.ts';
import { closureAt, setEnvironment } from './environment.ts';
import { LuaString } from './lua-string.ts';
import { LuaTable } from './lua-table.ts';
import { makeMathLibrary } from './math-library.ts';
import {
  argument,
  argumentCount,
  callForOne,
  checkTable,
  checkText,
  type NativeLibrary,
  push,
  raise,
  raiseValue,
} from './native.ts';
import { makeOsLibrary } from './os-library.ts';
import { Tag } from './slot.ts';
import { stringLibrary } from './string-library.ts';
import { tableLibrary } from './table-library.ts';
import { makeString } from './vm.ts';
import type { LuaState, LuaValue } from './vm-types.ts';

/** Turns a native module's library into a table. */
export type LibraryMaker = (library: Library) => LuaTable;

/** Marks a module that is being loaded. Never handed to a guest. */
const LOADING = Symbol('loading');

export class Modules {
  readonly #options: EngineOptions;
  readonly #globals: LuaTable;
  readonly #makeLibrary: LibraryMaker;
  readonly #loaded = new Map<string, LuaValue | typeof LOADING>();
  readonly #builtIn: ReadonlyMap<string, () => NativeLibrary>;
  /** Files that were compiled once. */
  readonly #compiled = new Set<string>();

  constructor(options: EngineOptions, globals: LuaTable, makeLibrary: LibraryMaker) {
    this.#options = options;
    this.#globals = globals;
    this.#makeLibrary = makeLibrary;
    const builtIn = new Map<string, () => NativeLibrary>([
      ['string', () => stringLibrary],
      ['table', () => tableLibrary],
      ['math', makeMathLibrary],
      ['os', makeOsLibrary],
      ['coroutine', () => coroutineLibrary],
    ]);
    if (options.debugLibrary === true) builtIn.set('debug', () => debugLibrary(globals));
    this.#builtIn = builtIn;
    for (const name of ['', '_G']) this.#loaded.set(name, globals);
    if (!options.removed.has('package.seeall')) {
      const library = new LuaTable();
      library.setText('seeall', (L) => this.#seeAll(L));
      library.metatable = new LuaTable();
      globals.setText('package', library);
      this.#loaded.set('package', library);
    }
  }

  /** A table with the entries of a library, less the removed ones. */
  table(name: string, entries: NativeLibrary): LuaTable {
    const table = new LuaTable();
    const prefix = name === '' ? '' : `${name}.`;
    for (const [key, value] of Object.entries(entries)) {
      if (this.#options.removed.has(prefix + key)) continue;
      table.setText(key, typeof value === 'string' ? makeString(value) : value);
    }
    return table;
  }

  require(L: LuaState): number {
    const name = checkText(L, 1);
    if (this.#options.disabledModules.has(name)) return raise(L, `module '${name}' disabled`);
    const known = this.#loaded.get(name);
    if (known === LOADING) return raise(L, `loop or previous error loading module '${name}'`);
    if (known !== undefined && known !== null && known !== false) return push(L, known);
    const value = this.#native(L, name) ?? this.#file(L, name);
    this.#removeEntries(name, value);
    if (value instanceof LuaTable) value.metatable ??= new LuaTable();
    return push(L, value);
  }

  /** A module that is part of the engine or of the host, or undefined. */
  #native(L: LuaState, name: string): LuaValue | undefined {
    const builtIn = this.#builtIn.get(name);
    let table: LuaTable;
    let global = true;
    if (builtIn !== undefined) {
      table = this.table(name, builtIn());
      const added = this.#options.additions?.[name];
      if (added !== undefined) {
        const library = this.#makeLibrary({ name, functions: added });
        for (const key of Object.keys(added)) table.setText(key, library.getText(key));
      }
      if (name === 'string') this.#indexStrings(L, table);
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

  #indexStrings(L: LuaState, library: LuaTable): void {
    const metatable = new LuaTable();
    metatable.setText('__index', library);
    L.l_G.mt[Tag.string & 15] = metatable;
  }

  #file(L: LuaState, name: string): LuaValue {
    // As upstream: what goes wrong in the search carries no position, but for "not found".
    if (!/^[A-Za-z0-9_.]+$/.test(name)) return unplaced(L, `invalid module name '${name}'`);
    const found = this.#options.findModule(name);
    if (typeof found === 'string') {
      return found.startsWith("module '") ? raise(L, found) : unplaced(L, found);
    }
    const [source, file] = found;
    // A module's text is the operator's: once it is free, as upstream. A guest may hide that it has loaded it already.
    const free = !this.#compiled.has(file);
    this.#compiled.add(file);
    const compiled = compile(L, withoutFirstComment(source), `@${file}`, this.#globals, free);
    if ('error' in compiled) {
      const { error } = compiled;
      return unplaced(L, `error loading module '${name}' from file '${file}':\n\t${error}`);
    }
    this.#loaded.set(name, LOADING);
    const result = callForOne(L, compiled.closure, new LuaString(name));
    if (result !== null) this.#loaded.set(name, result);
    const value = this.#loaded.get(name);
    if (value !== LOADING && value !== undefined) return value;
    this.#loaded.set(name, true);
    return true;
  }

  #removeEntries(name: string, value: LuaValue): void {
    if (!(value instanceof LuaTable)) return;
    const prefix = `${name}.`;
    for (const entry of this.#options.removed) {
      if (entry.startsWith(prefix)) value.setText(entry.slice(prefix.length), null);
    }
  }

  /** `module(name, ...)`: makes or finds the module's table and gives it to the caller as its environment. */
  module(L: LuaState): number {
    const name = checkText(L, 1);
    let table = this.#loaded.get(name);
    if (!(table instanceof LuaTable)) {
      table = this.#nested(name);
      if (table === undefined) return raise(L, `name conflict for module '${name}'`);
      this.#loaded.set(name, table);
    }
    if (table.getText('_NAME') === null) {
      table.setText('_M', table);
      table.setText('_NAME', new LuaString(name));
      table.setText('_PACKAGE', new LuaString(name.slice(0, name.lastIndexOf('.') + 1)));
    }
    const caller = closureAt(L, 1);
    if (caller === undefined) return raise(L, "'module' not called from a Lua function");
    setEnvironment(caller, table);
    const count = argumentCount(L);
    for (let i = 2; i <= count; i++) callForOne(L, argument(L, i) ?? null, table);
    return 0;
  }

  /** The table at a dotted global name, made where it is missing; undefined when something else is in the way. */
  #nested(name: string): LuaTable | undefined {
    let table = this.#globals;
    for (const part of name.split('.')) {
      const found = table.getText(part);
      if (found === null) {
        const made = new LuaTable();
        table.setText(part, made);
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
    parent?.setText(name.slice(dot + 1), table);
  }

  #seeAll(L: LuaState): number {
    const table = checkTable(L, 1);
    table.metatable ??= new LuaTable();
    table.metatable.setText('__index', this.#globals);
    return 0;
  }
}

function unplaced(L: LuaState, text: string): never {
  return raiseValue(L, makeString(text));
}
