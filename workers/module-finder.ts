/**
 * Finds the source of Lua modules for `require`, inside the folders that the operator set and nowhere else.
 * A name holds letters, digits, underscores and dots (checked by the engine, checked here again); a link that leads out of
 * its folder is not followed. Sources are cached by path, because a thousand sandboxes load the same modules.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';

const NAME = /^[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*$/;
/** Largest module source; stock modules are below 100 KiB. */
const MODULE_BYTES = 4 * 1024 * 1024;

export class ModuleFinder {
  readonly #cache = new Map<string, string>();

  /** Byte string of the source and its path, or the text of `require`'s error. */
  find(directories: readonly string[], name: string): readonly [string, string] | string {
    if (!NAME.test(name)) return `invalid module name '${name}'`;
    const tried: string[] = [];
    for (const directory of directories) {
      const file = path.join(directory, `${name.replaceAll('.', '/')}.lua`);
      const source = this.#read(directory, file);
      if (source !== undefined) return [source, file];
      tried.push(`\n\tno file '${file}'`);
    }
    return `module '${name}' not found:${tried.join('')}`;
  }

  #read(directory: string, file: string): string | undefined {
    const known = this.#cache.get(file);
    if (known !== undefined) return known;
    try {
      const real = realpathSync(file);
      const root = realpathSync(directory);
      if (!real.startsWith(`${root}${path.sep}`)) return undefined;
      const bytes = readFileSync(real);
      if (bytes.length > MODULE_BYTES) return undefined;
      const source = bytes.toString('latin1');
      this.#cache.set(file, source);
      return source;
    } catch {
      // Not there or not readable: the same to a guest, which gets the list of places that were tried.
      return undefined;
    }
  }

  /** 16 random bytes as a byte string. */
  random(): string {
    return randomBytes(16).toString('latin1');
  }
}
