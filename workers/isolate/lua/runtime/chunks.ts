/**
 * Compiled code becomes a function. The code is evaluated in the global scope, where it sees the registers and the
 * runtime's functions, and nothing else that its text could name.
 */
import { registerMain } from './environments.ts';
import { type ChunkInfo, registerChunk } from './errors.ts';
import { chunkId } from '../compiler/syntax-error.ts';
import { registerFields } from './fields.ts';
import type { LuaFunction, LuaTable } from './values.ts';

/** What the text of a compiled chunk evaluates to, called with the table of globals. */
interface EmittedChunk {
  readonly main: LuaFunction;
  /** Sets the globals that functions of the chunk inherit from its next call on. */
  readonly setGlobals: (table: LuaTable) => void;
  /** Names of fields in the code, as JSON. */
  readonly fields: string;
  readonly sites: string;
  readonly lines: string;
  readonly address: string;
}

/** What a chunk's code knows itself by. */
export interface ChunkPlace {
  /** As in messages. */
  readonly name: string;
}

/** Taken before any guest code runs. Called as a plain function, so that it evaluates in the global scope. */
const evaluate = globalThis.eval;

/** Is the generation of code from strings allowed here? */
export function canEvaluate(): boolean {
  try {
    return evaluate('1') === 1;
  } catch {
    return false;
  }
}

/** Makes the main function of a chunk. */
export function instantiate(code: string, source: string, globals: LuaTable): LuaFunction {
  type Make = (globals: LuaTable, place: ChunkPlace) => EmittedChunk;
  const place: ChunkPlace = { name: chunkId(source) };
  const make = evaluate(code) as Make; // the compiler's promise
  let made = make(globals, place);
  const info: ChunkInfo = { name: place.name, source, code, lines: made.lines, sites: made.sites };
  let address = made.address;
  // The same code under another name: it needs an address of its own.
  for (let copy = 2; !registerChunk(address, info); copy++) {
    address = `${made.address}-${copy}`;
    if (!registerChunk(address, info)) continue;
    made = (evaluate(`${code}-${copy}`) as Make)(globals, place);
    break;
  }
  registerFields(JSON.parse(made.fields) as string[]);
  registerMain(made.main, made.setGlobals);
  return made.main;
}
