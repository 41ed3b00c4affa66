/**
 * The host of a ModuleGuest that answers by real services, as a shard does.
 */
import { GuestError } from '../../../../workers/isolate/engine.ts';
import type { ServiceValue } from '../../../../workers/isolate/modules/native-module.ts';
import { type GuestService, GuestServices } from '../../../../workers/services/guest-service.ts';

export function serviceHost(
  services: Readonly<Record<string, GuestService>>,
): (operation: string, args: readonly ServiceValue[]) => readonly ServiceValue[] {
  const all = new GuestServices(new Map(Object.entries(services)));
  return (operation, args) => {
    const result = all.call(operation, args);
    if ('error' in result) throw new GuestError(result.error);
    return result;
  };
}
