/**
 * What inputs and outputs of lua_sandbox 1.x have of the machine, and collectgarbage, which tells of the isolate's memory.
 */
import type { Engine } from '../../engine.ts';
import { memoryFunctions } from '../../host-api/process-library.ts';
import { type MachineLibraries, machineLibraries } from '../machine-libraries.ts';
import type { RoleParts } from '../role.ts';

export function lsbMachine(
  parts: RoleParts,
  engine: () => Engine,
  zeroCopy: boolean,
): MachineLibraries {
  return machineLibraries({
    host: parts.host,
    stringLimit: parts.spec.limits.memoryBytes,
    engine,
    zeroCopy,
  });
}

/** `collectgarbage` and `gcinfo`, in bytes as PUC Lua would need them. */
export function installMemory(engine: Engine, parts: RoleParts): void {
  const functions = memoryFunctions((collect) => parts.host.memory(collect) / engine.memoryFactor);
  for (const [name, call] of Object.entries(functions)) engine.setGlobal(name, call);
}
