/**
 * What the bundle runs when the isolate starts: puts the sandbox entry on the global, where the shard finds it.
 */
import { compileMatcher } from '../../lib/protocol/matcher/matcher.ts';
import { ENTRY_GLOBAL, type IsolateEntry } from './contract.ts';
import { createFengariEngine } from './fengari/fengari-engine.ts';
import { createEntry } from './sandbox-entry.ts';

const entry: IsolateEntry = createEntry({
  engines: { interpreted: createFengariEngine },
  compileMatcher,
  clock: Date.now,
});

Object.defineProperty(globalThis, ENTRY_GLOBAL, { value: entry, configurable: true });
