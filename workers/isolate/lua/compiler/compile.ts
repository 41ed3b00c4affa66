/**
 * The compiler: source of Lua 5.1 to JavaScript. Runs in an isolate of its own, because sources are hostile.
 */
import { type EmitOptions, Emitter } from './emitter.ts';
import { parse } from './parser.ts';
import { LuaSyntaxError } from './syntax-error.ts';

/** JavaScript text (ASCII), or the text of the error as Lua words it. */
export type CompileResult = { readonly code: string } | { readonly error: string };

export interface CompileOptions {
  /** Emit generators for coroutines; without the option they are emitted when the source mentions coroutines. */
  readonly coroutines?: boolean;
  readonly profile?: boolean;
}

/** `chunkName` has its `@` or `=` in front, or is the source itself, as luaL_loadbuffer has it. */
export function compileChunk(
  source: string,
  chunkName: string,
  options: CompileOptions = {},
): CompileResult {
  try {
    const chunk = parse(source, chunkName);
    const emitOptions: EmitOptions = {
      twins: options.coroutines ?? chunk.mentionsCoroutines,
      profile: options.profile ?? false,
      rebinds: /setfenv|module/.test(source),
    };
    return { code: new Emitter(chunk, emitOptions).emit() };
  } catch (error) {
    if (error instanceof LuaSyntaxError) return { error: error.text };
    if (error instanceof RangeError) return { error: 'chunk has too many syntax levels' };
    throw error;
  }
}
