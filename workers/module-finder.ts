/**
 * Finds the source of Lua modules for `require`, inside the folders that the operator set and nowhere else.
 * A name holds letters, digits, underscores and dots (checked by the engine, checked here again); a link that leads out of
 * its folder is not followed. Sources are cached until their file changes, because a thousand sandboxes load the same modules.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';

const NAME = /^[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*$/;
/** Longest name; more is no file on any system. */
const NAME_LENGTH = 255;
/** Largest module source; stock modules are below 100 KiB. */
const MODULE_BYTES = 4 * 1024 * 1024;

interface Cached {
  readonly source: string;
  /** Changes with the file: size and times. */
  readonly stamp: string;
}

export class ModuleFinder {
  /** By the file's real path, which was checked to lie in its folder at each look. */
  readonly #cache = new Map<string, Cached>();

  /**
   * Byte string of the source and its path inside the folder, or the text of `require`'s error. Tenants see both: where the
   * folders lie is the operator's.
   */
  find(directories: readonly string[], name: string): readonly [string, string] | string {
    if (name.length > NAME_LENGTH || !NAME.test(name)) {
      return `invalid module name '${name.slice(0, NAME_LENGTH)}'`;
    }
    const file = `${name.replaceAll('.', '/')}.lua`;
    for (const directory of directories) {
      const source = this.#read(directory, path.join(directory, file));
      if (source !== undefined) return [source, file];
    }
    return `module '${name}' not found:\n\tno file '${file}'`;
  }

  #read(directory: string, file: string): string | undefined {
    try {
      const real = realpathSync(file);
      const root = realpathSync(directory);
      if (!real.startsWith(root.endsWith(path.sep) ? root : `${root}${path.sep}`)) return undefined;
      const status = statSync(real, { bigint: true });
      // A pipe or device would hold the thread.
      if (!status.isFile() || status.size > MODULE_BYTES) return undefined;
      const stamp = `${status.ino} ${status.size} ${status.mtimeNs} ${status.ctimeNs}`;
      const known = this.#cache.get(real);
      if (known?.stamp === stamp) return known.source;
      const source = readFileSync(real).toString('latin1');
      this.#cache.set(real, { source, stamp });
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
