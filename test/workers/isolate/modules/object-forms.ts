/**
 * Objects of native modules outside of the guest, for the modules' tests: the text that they write, the bytes that they are
 * preserved as, and what a module makes of those again.
 */
import type { Test } from 'tap';
import { GuestError, type HostObject } from '../../../../workers/isolate/engine.ts';
import { RestoreError } from '../../../../workers/isolate/modules/native-module.ts';
import type { ModuleGuest } from './module-guest.ts';

/** What the object that a global holds writes into so many bytes, or the error's text. */
export function outputOf(guest: ModuleGuest, name: string, limitBytes: number): string {
  try {
    return guest.object(name).output?.(limitBytes) ?? 'none';
  } catch (error) {
    if (error instanceof GuestError) return error.text;
    throw error;
  }
}

/** The preserved bytes of the object that a global holds. */
export function preserved(guest: ModuleGuest, name: string): string {
  const form = guest.object(name).preserve?.();
  if (form === undefined) throw new Error(`${name} is not preserved`);
  return form.data;
}

/** Rebuilds an object and gives it to the guest under that name; `existing` is what the script made itself. */
export function restore(
  guest: ModuleGuest,
  module: string,
  data: string,
  name: string,
  existing?: HostObject,
): HostObject {
  const object = guest.modules.get(module)?.restore?.(data, existing);
  if (object === undefined) throw new Error(`${module} restores nothing`);
  guest.engine.setGlobal(name, object);
  return object;
}

/** The text of the error that restoring gives. */
export function restoreError(
  guest: ModuleGuest,
  module: string,
  data: string,
  existing?: HostObject,
): string {
  try {
    restore(guest, module, data, 'unused', existing);
    return 'restored';
  } catch (error) {
    if (error instanceof RestoreError) return error.text;
    throw error;
  }
}

const ROUNDS = 600;

/**
 * Restores shortened, lengthened and changed states: each is refused with a RestoreError or gives an object that the
 * chunk `use` works on, as the global `restored`.
 */
export function tryDamaged(
  t: Test,
  guest: ModuleGuest,
  module: string,
  data: string,
  use: string,
): void {
  const seed = Number(process.env['SEED'] ?? Date.now() % 1e6);
  t.comment(`SEED=${seed}`);
  let random = seed;
  for (let i = 0; i < ROUNDS; i++) {
    random = (random * 1103515245 + 12345) % 2147483648;
    // The head has the numbers that everything depends on.
    const at = i % 2 === 0 ? random % Math.min(32, data.length) : random % data.length;
    const byte = String.fromCharCode((random >>> 8) & 0xff);
    const bad = i % 3 === 0 ? data.slice(0, at) : data.slice(0, at) + byte + data.slice(at + 1);
    const text = restoreError(guest, module, bad);
    if (i % 3 === 0) t.not(text, 'restored', `cut at ${at}`);
    else if (text === 'restored') {
      restore(guest, module, bad, 'restored');
      guest.run(use);
    }
  }
  t.not(restoreError(guest, module, `${data}\0`), 'restored');
  t.not(restoreError(guest, module, ''), 'restored');
}
