/**
 * What the compiler's bundle runs when its isolate starts. Sources are hostile, so the compiler is confined like a guest:
 * it has memory and time of its own, nothing of the host, and nothing that outlives a source.
 */
import { type CompilerEntry, ENTRY_GLOBAL } from './contract.ts';
import { compileChunk } from './lua/compiler/compile.ts';

const entry: CompilerEntry = {
  compile(source, chunkName, coroutines, profile) {
    // Without the option the source itself says whether it has coroutines.
    const result = compileChunk(source, chunkName, {
      profile,
      ...(coroutines ? { coroutines } : {}),
    });
    return 'error' in result ? [result.error] : result.code;
  },
};

Object.defineProperty(globalThis, ENTRY_GLOBAL, { value: entry, configurable: true });
