/**
 * Which paths a guest may use: those below its roots. A path is resolved to where it really lies before anything is done with
 * it, so that neither ".." nor a link leads out. Paths are byte strings; what lies outside is undefined, what the system
 * refuses is thrown as Node has it.
 */
import { lstatSync, realpathSync } from 'node:fs';
import path from 'node:path';

export class GuestPaths {
  readonly #roots: readonly [string, ...string[]];
  readonly #devices: readonly string[];
  readonly #hidden: string | undefined;
  #folder: string;

  /**
   * The first root is where relative paths start. Devices, such as "/dev/null", may be opened although they lie outside. A
   * hidden folder is outside of the roots that it lies in; a root that lies in it is not touched.
   */
  constructor(
    roots: readonly [string, ...string[]],
    devices: readonly string[] = [],
    hidden?: string,
  ) {
    const [first, ...others] = roots;
    this.#roots = [realFolder(first), ...others.map(realFolder)];
    this.#hidden = hidden === undefined ? undefined : realFolder(hidden);
    this.#folder = this.#roots[0];
    this.#devices = devices;
  }

  /** Where relative paths start. */
  get folder(): string {
    return this.#folder;
  }

  /** Relative paths start there from now on; false when it lies outside. Throws when it is no folder. */
  enter(name: string): boolean {
    const real = this.resolve(name);
    if (real === undefined || this.#devices.includes(real)) return false;
    if (!lstatSync(pathBytes(real)).isDirectory()) throw systemError('ENOTDIR');
    this.#folder = real;
    return true;
  }

  /** Where a path leads when all links are followed, if that is inside; the file itself need not exist. */
  resolve(name: string): string | undefined {
    const full = this.#absolute(name);
    if (this.#devices.includes(full)) return full;
    let real: string;
    try {
      real = realPath(full);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
      // It may be a link that leads to nothing: opening it would make a file there.
      if (isLink(full)) return undefined;
      return this.resolveEntry(name);
    }
    return this.#inside(real) ? real : undefined;
  }

  /** Where an entry lies in its folder, a link itself included. */
  resolveEntry(name: string): string | undefined {
    const full = this.#absolute(name);
    const base = path.posix.basename(full);
    if (base === '' || base === '.' || base === '..') {
      throw systemError(name === '' ? 'ENOENT' : 'EINVAL');
    }
    const real = path.posix.join(realPath(path.posix.dirname(full)), base);
    return this.#inside(real) ? real : undefined;
  }

  /** As C has it: the name ends at its first NUL. Dots are left to realpath, which knows links. */
  #absolute(name: string): string {
    const nul = name.indexOf('\0');
    const text = nul < 0 ? name : name.slice(0, nul);
    if (text === '') throw systemError('ENOENT');
    return text.startsWith('/') ? text : `${this.#folder}/${text}`;
  }

  #inside(real: string): boolean {
    const hidden = this.#hidden;
    const seen =
      hidden === undefined || !within(hidden, real)
        ? this.#roots
        : this.#roots.filter((root) => root !== hidden && within(hidden, root));
    return seen.some((root) => within(root, real));
  }
}

function within(folder: string, real: string): boolean {
  return real === folder || real.startsWith(folder === '/' ? folder : `${folder}/`);
}

function isLink(name: string): boolean {
  return lstatSync(pathBytes(name), { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

/** A byte string as Node's file functions take it. */
export function pathBytes(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

/** The real path, as a byte string. */
function realPath(name: string): string {
  return realpathSync.native(pathBytes(name), { encoding: 'buffer' }).toString('latin1');
}

/** Of a folder that the operator named. */
export function realFolder(folder: string): string {
  return realPath(Buffer.from(folder).toString('latin1'));
}

/** The name of a system error, such as "ENOENT"; undefined for anything else. */
export function systemCode(error: unknown): string | undefined {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** What is thrown where the system itself would have refused. */
export function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}
