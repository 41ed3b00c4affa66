/**
 * The part of Lua 5.1's debug library that compiled code can offer: the stack and metatables, not hooks nor variables. Not
 * for sandboxes: it sees through whatever the guest has.
 */
import { environmentOf, functionAt, originOf, setEnvironment } from '../runtime/environments.ts';
import { argumentError, frames, raise, traceback } from '../runtime/errors.ts';
import { metatableOf, setTypeMetatable } from '../runtime/metatables.ts';
import { checkNumber, many, type Natives, one } from '../runtime/native.ts';
import {
  Coroutine,
  type LuaFunction,
  LuaTable,
  type LuaValue,
  Userdata,
} from '../runtime/values.ts';
import { fill } from './module-library.ts';
import { handled } from './protected-calls.ts';

/** In the handler of xpcall: the handler, and below it the stack of the error, which is gone by now. */
function errorStack(from: number): string {
  // When this function is the handler itself, xpcall is its caller.
  const own = traceback(1)
    .split('\n')
    .slice(0, 2)
    .filter((line) => !line.endsWith("in function 'xpcall'"));
  const [head = '', ...lines] = (handled.traceback ?? '').split('\n');
  const all = [...own.slice(1), ...lines];
  return [head, ...all.slice(Math.max(0, from - 1))].join('\n');
}

function absent(name: string): LuaFunction {
  return () => raise(`debug.${name} is not available`);
}

export const debugNatives: Natives = {
  traceback(message: LuaValue, level: LuaValue) {
    let given = message;
    if (given instanceof Coroutine) given = level;
    if (given !== undefined && typeof given !== 'string' && typeof given !== 'number') {
      return one(given);
    }
    const from = typeof level === 'number' ? level : 1;
    const stack = handled.traceback === undefined ? traceback(from) : errorStack(from);
    return one(given === undefined ? stack : `${given}\n${stack}`);
  },

  getinfo(which: LuaValue, options: LuaValue) {
    void options;
    const info = new LuaTable();
    if (typeof which === 'function') {
      const native = !which.name.startsWith('$f');
      const chunk = originOf(which)?.chunk;
      const [, id, line] = /^\$f(\d+)_(\d+)_/.exec(which.name) ?? [];
      fill(info, {
        func: which,
        what: native ? 'C' : id === '0' ? 'main' : 'Lua',
        short_src: native ? '[C]' : (chunk?.name ?? '?'),
        source: native ? '=[C]' : (chunk?.source ?? '=?'),
        currentline: -1,
        linedefined: Number(line ?? -1),
        lastlinedefined: -1,
        nups: 0,
        namewhat: '',
      });
      return one(info);
    }
    const level = checkNumber(which, 1, arguments.length);
    const frame = level < 0 ? undefined : frames(level + 1)[level];
    if (frame === undefined) return one(undefined);
    const { chunk } = frame;
    const [, id, line, name] = /^\$f(\d+)_(\d+)_(.*?)\$?$/.exec(frame.name) ?? [];
    fill(info, {
      func: functionAt(level),
      what: chunk === undefined ? 'C' : id === '0' ? 'main' : 'Lua',
      short_src: chunk?.name ?? '[C]',
      source: chunk?.source ?? '=[C]',
      currentline: frame.line,
      linedefined: chunk === undefined ? -1 : Number(line),
      lastlinedefined: -1,
      nups: 0,
      namewhat: chunk === undefined || name !== '' ? 'global' : '',
      name: chunk === undefined ? frame.name : name === '' ? undefined : name,
    });
    return one(info);
  },

  getmetatable(value: LuaValue) {
    return one(metatableOf(value) ?? undefined);
  },

  setmetatable(value: LuaValue, metatable: LuaValue) {
    const mt = metatable === undefined ? null : metatable;
    if (mt !== null && !(mt instanceof LuaTable)) argumentError(2, 'nil or table expected');
    if (value instanceof LuaTable || value instanceof Userdata) value.mt = mt;
    else setTypeMetatable(value, mt);
    return one(true);
  },

  getfenv(f: LuaValue) {
    if (f instanceof Coroutine) return one(f.globals);
    return one(typeof f === 'function' ? environmentOf(f, new LuaTable()) : undefined);
  },

  setfenv(f: LuaValue, table: LuaValue) {
    if (f instanceof Coroutine && table instanceof LuaTable) {
      f.globals = table;
      return one(f);
    }
    if (typeof f !== 'function' || !(table instanceof LuaTable)) {
      return raise("'setfenv' cannot change environment of given object");
    }
    setEnvironment(f, table, false);
    return one(f);
  },

  gethook: () => many([]),
  getlocal: absent('getlocal'),
  getregistry: absent('getregistry'),
  getupvalue: absent('getupvalue'),
  sethook(hook: LuaValue) {
    // Taking a hook away is what programs do that never set one.
    return hook === undefined ? many([]) : raise('debug.sethook is not available');
  },
  setlocal: absent('setlocal'),
  setupvalue: absent('setupvalue'),
};
