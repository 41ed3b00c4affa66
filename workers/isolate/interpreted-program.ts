/** What the bundle for plain Lua programs on the interpreter runs when the isolate starts. */
import { ENTRY_GLOBAL } from './contract.ts';
import { createFengariEngine } from './fengari/fengari-engine.ts';
import { createProgramEntry } from './program-entry.ts';

const entry = createProgramEntry({ interpreted: createFengariEngine });

Object.defineProperty(globalThis, ENTRY_GLOBAL, { value: entry, configurable: true });
