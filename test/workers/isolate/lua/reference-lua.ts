/**
 * Calls of string functions, made by the engine's natives and by the installed `lua5.1`: both give one line per call, so that
 * they can be compared. No Lua code is around the calls: errors have neither a position nor the function's name.
 */
import { spawnSync } from 'node:child_process';
import { stringNatives } from '../../../../workers/isolate/lua/library/string-library.ts';
import { LuaError } from '../../../../workers/isolate/lua/runtime/errors.ts';
import { nameNatives } from '../../../../workers/isolate/lua/runtime/native.ts';
import { call } from './natives.ts';

export const natives = nameNatives(stringNatives);

export type Argument = string | number | boolean | undefined;
/** A function of the string library, and its arguments. `gmatch` stands for all that its iterator gives. */
export type Call = readonly [name: string, ...args: Argument[]];

/** Options of a test that needs lua5.1: skipped where there is none, unless all services are required. */
export const needsReference = {
  skip:
    spawnSync('lua5.1', ['-v']).status !== 0 && process.env['HEKATE_REQUIRE_SERVICES'] !== '1'
      ? 'lua5.1 is not installed'
      : false,
};

function shown(value: unknown): string {
  return typeof value === 'string'
    ? JSON.stringify(value).replace(/[\u007f-\u00ff]/g, hexadecimal)
    : value === undefined
      ? 'nil'
      : String(value);
}

function hexadecimal(character: string): string {
  return `\\u00${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/** The line of a call that the engine makes. */
export function ours([name, ...args]: Call): string {
  try {
    if (name !== 'gmatch')
      return call(natives[name], ...args)
        .map(shown)
        .join(' ');
    const [step] = call(natives['gmatch'], ...args);
    if (typeof step !== 'function') throw new Error('gmatch gave no function');
    const lines: string[] = [];
    for (;;) {
      const values = call(step);
      if (values.length === 0) return lines.join(';');
      lines.push(values.map(shown).join(' '));
    }
  } catch (error) {
    if (error instanceof LuaError) return `error ${shown(error.value)}`;
    throw error;
  }
}

function literal(value: Argument): string {
  // A constant -0 would become the constant 0 of the same function.
  if (Object.is(value, -0)) return 'tonumber("-0")';
  if (value === Number.POSITIVE_INFINITY) return '1/0';
  if (typeof value !== 'string') return value === undefined ? 'nil' : String(value);
  return `"${value.replace(/[^ !#-[\]-~]/g, (c) => `\\${String(c.charCodeAt(0)).padStart(3, '0')}`)}"`;
}

const PROGRAM = `
local function shown(v)
  if type(v) == "number" then return v == math.floor(v) and string.format("%d", v) or string.format("%.17g", v) end
  if type(v) ~= "string" then return tostring(v) end
  local t = {}
  for i = 1, #v do
    local c = v:byte(i)
    if c == 34 or c == 92 then t[i] = "\\\\" .. string.char(c)
    elseif c == 8 then t[i] = "\\\\b" elseif c == 9 then t[i] = "\\\\t" elseif c == 10 then t[i] = "\\\\n"
    elseif c == 12 then t[i] = "\\\\f" elseif c == 13 then t[i] = "\\\\r"
    elseif c < 32 or c > 126 then t[i] = string.format("\\\\u%04x", c)
    else t[i] = string.char(c) end
  end
  return '"' .. table.concat(t) .. '"'
end
local function list(...)
  local t = {}
  for i = 1, select("#", ...) do t[i] = shown((select(i, ...))) end
  return table.concat(t, " ")
end
local function report(ok, ...)
  if ok then print(list(...)) else print("error " .. shown((...))) end
end
function line(f, ...)
  report(pcall(f, ...))
end
local function collect(t, ...)
  if select("#", ...) == 0 then return false end
  t[#t + 1] = list(...)
  return true
end
function all(...)
  local t, ok, step = {}, pcall(string.gmatch, ...)
  if not ok then report(ok, step) return end
  local function go(ok, ...)
    if not ok then report(ok, ...) return end
    if collect(t, ...) then return go(pcall(step)) end
    print(table.concat(t, ";"))
  end
  go(pcall(step))
end
`;

/** The lines of calls that lua5.1 makes. */
export function theirs(calls: readonly Call[]): string[] {
  const lines = calls.map(([name, ...args]) => {
    const list = args.map(literal);
    return name === 'gmatch'
      ? `all(${list.join(',')})`
      : `line(${[`string.${name}`, ...list].join(',')})`;
  });
  const input = `${PROGRAM}\n${lines.map((text) => `do ${text} end`).join('\n')}\n`;
  const run = spawnSync('lua5.1', ['-e', 'assert(loadstring(io.read("*a"), "=x"))()'], {
    input,
    encoding: 'latin1',
    maxBuffer: 1 << 28,
  });
  if (run.status !== 0) throw new Error(run.stderr);
  return run.stdout.split('\n').slice(0, -1);
}
