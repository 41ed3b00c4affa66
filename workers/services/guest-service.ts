/**
 * What sandboxes may ask of the machine from inside their isolates: operations by name, grouped in services. A sandbox gets
 * the services of its kind and no others; each closes what it opened when the sandbox ends.
 */
import { errorText } from '../../lib/protocol/errors.ts';
import { WAIT_FIRST } from '../isolate/contract.ts';
import type { ServiceValue } from '../isolate/modules/native-module.ts';
import { Patience } from './patience.ts';
import { ServiceError, WaitFirst } from './service-error.ts';

/** Operations by name behind the service's own: `open` of the service `gzfile` is asked for as `gzfile.open`. */
export type ServiceOperation = (args: readonly ServiceValue[]) => readonly ServiceValue[];

export interface GuestService {
  readonly operations: Readonly<Record<string, ServiceOperation>>;
  /** Closes everything. */
  close(): void;
}

export { ServiceError };

export class GuestServices {
  readonly #services: ReadonlyMap<string, GuestService>;
  readonly #patience: Patience;

  constructor(services: ReadonlyMap<string, GuestService>, patience: Patience = new Patience()) {
    this.#services = services;
    this.#patience = patience;
  }

  call(
    operation: string,
    args: readonly ServiceValue[],
  ): readonly ServiceValue[] | { readonly error: string } {
    const dot = operation.indexOf('.');
    const service = this.#services.get(operation.slice(0, dot));
    const name = operation.slice(dot + 1);
    const run =
      service !== undefined && Object.hasOwn(service.operations, name)
        ? service.operations[name]
        : undefined;
    if (run === undefined) return { error: `${operation} is not for this kind of sandbox` };
    try {
      const result = run(args);
      this.#patience.settle();
      return result;
    } catch (error) {
      if (error instanceof WaitFirst) return { error: WAIT_FIRST };
      this.#patience.settle();
      // Whatever failed outside must not reach the guest but as a text.
      return { error: errorText(error) };
    }
  }

  close(): void {
    for (const service of this.#services.values()) service.close();
  }
}
