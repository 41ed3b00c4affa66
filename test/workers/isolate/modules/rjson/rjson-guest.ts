/** A guest with the `rjson` module and the host operations that it asks for, made of Node's own. */
import { gunzipSync } from 'node:zlib';
import { GuestError, type HostObject } from '../../../../../workers/isolate/engine.ts';
import { createModule } from '../../../../../workers/isolate/modules/rjson/module.ts';
import { ModuleGuest, type ModuleGuestOptions, onBothEngines } from '../module-guest.ts';

type Host = NonNullable<ModuleGuestOptions['host']>;

const host: Host = (operation, [first, second]) => {
  if (operation === 'regex.search') {
    // Stands in for a matcher without look-ahead.
    if (String(first).includes('(?')) return [undefined];
    try {
      return [new RegExp(String(first)).test(String(second))];
    } catch {
      return [undefined];
    }
  }
  if (operation !== 'zlib.gunzip') throw new Error(`no host operation ${operation}`);
  try {
    const bytes = gunzipSync(Buffer.from(String(first), 'latin1'), {
      maxOutputLength: Number(second),
    });
    return [bytes.toString('latin1')];
  } catch {
    return [undefined];
  }
};

/** Calls back once per engine, with what makes a guest that has required the module. */
export function onRjson(
  body: (name: string, opened: (options?: ModuleGuestOptions) => ModuleGuest) => void,
): void {
  onBothEngines((name, create) => {
    body(name, (options = {}) => {
      const guest = new ModuleGuest(
        create,
        { rjson: createModule },
        { api: 'lsb', host, ...options },
      );
      guest.run('require "rjson" require "string"');
      return guest;
    });
  });
}

/** What an object is written as, or the error's text. */
export function written(object: HostObject, limitBytes: number): string | undefined {
  try {
    return object.output?.(limitBytes);
  } catch (error) {
    if (error instanceof GuestError) return error.text;
    throw error;
  }
}
