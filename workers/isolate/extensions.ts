/**
 * Extensions of the runtime: native modules, and what kinds of sandboxes other than Heka's filters have. Each is a script of
 * its own, which an isolate gets when it first needs it, so that others do not pay for it in memory. It shares the
 * runtime's own parts, classes of errors above all, instead of bringing copies.
 *
 *   extension's text:  (parts) => { …; return createModule }        parts: see shared-parts.ts
 */
import { HekateError } from '../../lib/protocol/errors.ts';
import { EXTENSION_GLOBAL, type HostCalls } from './contract.ts';
import { evaluate } from './lua/runtime/evaluate.ts';
import { sharedParts } from './shared-parts.ts';

type Extension = (parts: typeof sharedParts) => unknown;

/** The extension's value: a factory, whose type the caller knows by the name. Throws HKT_SANDBOX_INTERNAL. */
export function loadExtension<T>(host: HostCalls, name: string): T {
  const extension = evaluated(host, name);
  if (extension === undefined) {
    throw new HekateError('HKT_SANDBOX_INTERNAL', [`no extension ${name}`]);
  }
  return extension(sharedParts) as T; // the bundler made it from the file of that name
}

function evaluated(host: HostCalls, name: string): Extension | undefined {
  const text = host.extension(name);
  if (text === undefined) return undefined;
  try {
    return evaluate(text) as Extension; // the bundler's banner makes it a function of the parts
  } catch (error) {
    if (!(error instanceof EvalError)) throw error;
    // Code from strings is switched off for the guest's sake; the host can still place it.
    if (!host.placeExtension(name)) return undefined;
    const slots = globalThis as unknown as Record<string, Extension | undefined>;
    const extension = slots[EXTENSION_GLOBAL];
    delete slots[EXTENSION_GLOBAL];
    return extension;
  }
}
