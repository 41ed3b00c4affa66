/**
 * The engines that the suites of this folder compare with Lua 5.1 and with each other, in this process.
 */
import type { Engine, EngineOptions } from '../../workers/isolate/engine.ts';
import { createFengariEngine } from '../../workers/isolate/fengari/fengari-engine.ts';
import { createCompiledEngine } from '../workers/isolate/lua/engine-setup.ts';

export type EngineName = 'interpreted' | 'compiled';

export interface EngineFactory {
  readonly name: EngineName;
  create(options: EngineOptions): Engine;
}

/** `HEKATE_ENGINE` leaves only the engine of that name. */
const only = process.env['HEKATE_ENGINE'];

export const engines: readonly EngineFactory[] = [
  { name: 'interpreted' as const, create: createFengariEngine },
  { name: 'compiled' as const, create: createCompiledEngine },
].filter((engine) => only === undefined || engine.name === only);
