/**
 * The compiling engine in this process: bundled as for an isolate (as modules its functions would be strict code, which
 * hides the functions on the stack that setfenv asks for), with the compiler beside it and no isolate around. Several
 * engines can be made; one runs at a time.
 */
import { runInThisContext } from 'node:vm';
import { build } from 'esbuild';
import type { Engine, EngineOptions } from '../../../../workers/isolate/engine.ts';
import * as engineTypes from '../../../../workers/isolate/engine.ts';
import { compileChunk } from '../../../../workers/isolate/lua/compiler/compile.ts';
import { FOOTER } from '../../../../workers/isolate/lua/footer.ts';
import { PRELUDE } from '../../../../workers/isolate/lua/prelude.ts';

const root = `${import.meta.dirname}/../../../..`;
const bundle = await build({
  stdin: {
    contents: `export { createLuaEngine } from './lua-engine.ts';
      export { emitted } from './runtime/emitted.ts';`,
    resolveDir: `${root}/workers/isolate/lua`,
  },
  plugins: [
    {
      name: 'errors of the host',
      setup(build) {
        // Host functions of tests throw the classes of this process, not copies of them.
        build.onResolve({ filter: /\/engine\.ts$/ }, () => ({ path: 'engine', namespace: 'host' }));
        build.onLoad({ filter: /.*/, namespace: 'host' }, () => ({
          contents: `export const { ${Object.keys(engineTypes).join()} } = globalThis.hekateEngineTypes`,
        }));
      },
    },
  ],
  bundle: true,
  write: false,
  format: 'iife',
  globalName: 'hekateRuntime',
  target: 'esnext',
  sourcemap: 'inline',
});

Object.assign(globalThis, { hekateEngineTypes: engineTypes });
const create = runInThisContext(
  `${PRELUDE}${bundle.outputFiles[0]?.text ?? ''}\n${FOOTER}hekateRuntime.createLuaEngine`,
) as (options: EngineOptions) => Engine; // what the bundle's entry exports

export function createCompiledEngine(options: EngineOptions): Engine {
  return create({
    ...options,
    compileLua: (source, chunkName, coroutines) =>
      compileChunk(source, chunkName, {
        ...(coroutines ? { coroutines } : {}),
        ...(options.profile === true ? { profile: true } : {}),
      }),
  });
}
