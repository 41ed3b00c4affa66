/**
 * Code of a compiler's isolate for tests: its "compiled code" is the source, with a mark in front that says how it was asked
 * for; some sources make it misbehave.
 */
export const FAKE_COMPILER = `
  let compiled = 0;
  const hoard = [];
  globalThis.hekateEntry = {
    compile(source, chunkName, coroutines) {
      compiled++;
      if (source === 'spin') for (;;);
      if (source === 'hoard') for (;;) hoard.push(new Array(1e5).fill(Math.random()));
      if (source === 'fault') throw new Error('told to break');
      if (source === 'count') return 'compiled ' + compiled;
      if (source.startsWith('wrong')) return [chunkName + ":1: '=' expected near '<eof>'"];
      return (coroutines ? 'coroutines ' : 'plain ') + source;
    },
  };`;
