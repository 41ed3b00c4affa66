/**
 * Names of managed filters: `<manager>-<filter>`, both of word characters only, as Heka 0.11 makes them. The first hyphen
 * parts the two, so equal full names mean equal normalised managers and filters.
 */
import { HekateError } from '../protocol/errors.ts';

/** In characters of the normalised name: both parts and a suffix fit into a file name. */
const MAX_PART_LENGTH = 100;

/** Every character outside of [0-9A-Za-z_] becomes one underscore. */
export function normalizedName(name: string): string {
  return name.replace(/[^0-9A-Za-z_]/gu, '_');
}

/** The full name of a manager's filter. Throws HKT_CONTROL_NAME for an empty name and for one that is too long. */
export function managedName(manager: string, filter: string): string {
  const shown = filter.slice(0, MAX_PART_LENGTH);
  const name = normalizedName(filter);
  if (name === '') throw new HekateError('HKT_CONTROL_NAME', [shown, 'it is empty']);
  if (name.length > MAX_PART_LENGTH) {
    throw new HekateError('HKT_CONTROL_NAME', [shown, 'it is too long']);
  }
  return `${normalizedName(manager)}-${name}`;
}

/** Which manager owns which name prefix, over all managers of a daemon: full names are plugin names. */
export class PrefixClaims {
  readonly #managers = new Map<string, string>();

  /** Throws HKT_CONTROL_MANAGER_NAME when another manager's filters would have the same names. */
  claim(manager: string): Disposable {
    const prefix = normalizedName(manager);
    if (prefix.length > MAX_PART_LENGTH) {
      throw new HekateError('HKT_CONTROL_NAME', [prefix, 'the name of the manager is too long']);
    }
    const owner = this.#managers.get(prefix);
    if (owner !== undefined) {
      throw new HekateError('HKT_CONTROL_MANAGER_NAME', [owner, manager, `${prefix}-`]);
    }
    this.#managers.set(prefix, manager);
    return { [Symbol.dispose]: () => void this.#managers.delete(prefix) };
  }
}
