/**
 * Compiled code becomes a function. The code is evaluated in the global scope, where it sees the registers and the
 * runtime's functions, and nothing else that its text could name.
 */

import { chunkId } from '../compiler/syntax-error.ts';
import { registerMain } from './environments.ts';
import { ChunkInfo, registerChunk } from './errors.ts';
import { evaluate } from './evaluate.ts';
import { registerFields } from './fields.ts';
import { fail } from './meter.ts';
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

/** Chunks that have an address of their own because their code was there under another name. */
let copies = 0;

/** Evaluates a chunk's code; undefined when it is nested too deeply for V8's parser. */
function evaluated(code: string): Make | undefined {
  try {
    return evaluate(code) as Make; // the compiler's promise
  } catch (error) {
    // The isolate refuses code that is an eighth of its memory.
    if (error instanceof EvalError) fail('memory');
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

type Make = (globals: LuaTable, chunk: ChunkInfo) => EmittedChunk;

/** Makes the main function of a chunk, or says what is wrong with it. */
export function instantiate(code: string, source: string, globals: LuaTable): LuaFunction | string {
  const info = new ChunkInfo(chunkId(source), source, code);
  let made = evaluated(code)?.(globals, info);
  if (made !== undefined && !registerChunk(made.address, info)) {
    // The same code under another name: it needs an address of its own.
    copies++;
    registerChunk(`${made.address}-${copies}`, info);
    made = evaluated(`${code}-${copies}`)?.(globals, info);
  }
  if (made === undefined) return `${info.name}: chunk has too many syntax levels`;
  info.describe(made.lines, made.sites);
  registerFields(JSON.parse(made.fields) as string[]);
  registerMain(made.main, made.setGlobals);
  return made.main;
}
