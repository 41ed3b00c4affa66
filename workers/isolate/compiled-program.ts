/**
 * What the bundle for plain Lua programs on the compiled engine runs when the isolate starts. The compiler is in the same
 * isolate: the source is the user's own. What it exports is for the footer of the bundle.
 */
import { ENTRY_GLOBAL } from './contract.ts';
import { compileChunk } from './lua/compiler/compile.ts';
import { createLuaEngine } from './lua/lua-engine.ts';
import { createProgramEntry } from './program-entry.ts';

const entry = createProgramEntry({ compiled: createLuaEngine }, (spec) => {
  const { profile } = spec;
  return (source, chunkName, coroutines) =>
    compileChunk(source, chunkName, coroutines ? { coroutines, profile } : { profile });
});

export { emitted } from './lua/runtime/emitted.ts';

Object.defineProperty(globalThis, ENTRY_GLOBAL, { value: entry, configurable: true });
