/**
 * What the compiled engine's bundle runs when the isolate starts: puts the sandbox entry on the global, where the shard
 * finds it. What it exports is there for the footer of the bundle, which makes it visible to compiled chunks.
 */
import { compileMatcher } from '../../lib/protocol/matcher/matcher.ts';
import { ENTRY_GLOBAL, type IsolateEntry } from './contract.ts';
import { searchWith } from './host-regex.ts';
import { createLuaEngine } from './lua/lua-engine.ts';
import { createEntry } from './sandbox-entry.ts';

const sandbox = createEntry({
  engines: { compiled: createLuaEngine },
  compileMatcher,
  clock: Date.now,
});

const entry: IsolateEntry = {
  ...sandbox,
  load(spec, shared, sizes, host, control) {
    searchWith(host.search);
    return sandbox.load(spec, shared, sizes, host, control);
  },
};

export { emitted } from './lua/runtime/emitted.ts';

Object.defineProperty(globalThis, ENTRY_GLOBAL, { value: entry, configurable: true });
