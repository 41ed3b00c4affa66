/**
 * Adds and removes packages below base_dir. A package is copied aside and looked at whole before it takes its place; of an
 * archive only plain files and folders are taken, and nothing outside of the package's folder.
 */
import { createHash } from 'node:crypto';
import {
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import path from 'node:path';
import { makeDirectories, systemCode } from '../atomic-file.ts';
import { errorText, HekateError } from '../protocol/errors.ts';
import { type PackageManifest, parseManifest } from './package-manifest.ts';
import { ADDED_FOLDER } from './package-store.ts';

/** Files, folders and bytes that a package may have: the largest of upstream's has some hundred files. */
const MOST_ENTRIES = 10_000;
const MOST_BYTES = 256 * 1024 * 1024;
const MOST_DEPTH = 32;

/** Installs a package from a folder or a .tgz file. Rejects with HKT_PACKAGE_ADD and HKT_PACKAGE_MANIFEST. */
export async function addPackage(baseDir: string, source: string): Promise<PackageManifest> {
  const folder = path.join(baseDir, ADDED_FOLDER);
  await makeDirectories(folder, 0o755);
  const aside = await mkdtemp(path.join(folder, '.new-'));
  try {
    const status = await stat(source).catch((error: unknown) => {
      throw new HekateError('HKT_PACKAGE_ADD', [source, errorText(error)], error);
    });
    if (status.isDirectory()) await copyFolder(source, aside);
    else await unpack(source, aside);
    const own = await packageFolder(aside, source);
    const text = await manifestText(own, source);
    const manifest = parseManifest(text, own);
    if (manifest.native.length + manifest.nativeIo.length > 0) {
      throw new HekateError('HKT_PACKAGE_ADD', [
        source,
        'it names native modules, which only packages that ship with Hekate can have',
      ]);
    }
    const target = path.join(folder, manifest.extension);
    const old = path.join(folder, `.old-${manifest.extension}`);
    await rm(old, { recursive: true, force: true });
    const replaces = await moveAside(target, old);
    try {
      await rename(own, target);
    } catch (error) {
      if (replaces) await rename(old, target);
      throw new HekateError('HKT_PACKAGE_ADD', [source, errorText(error)], error);
    }
    await rm(old, { recursive: true, force: true });
    return parseManifest(text, target);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** Takes an added package away. Rejects with HKT_PACKAGE_REMOVE. */
export async function removePackage(baseDir: string, extension: string): Promise<void> {
  if (!/^[a-z][a-z0-9_]*$/.test(extension)) {
    throw new HekateError('HKT_PACKAGE_REMOVE', [extension, 'that is no name of a package']);
  }
  const target = path.join(baseDir, ADDED_FOLDER, extension);
  const status = await lstat(target).catch(() => undefined);
  if (status === undefined) {
    throw new HekateError('HKT_PACKAGE_REMOVE', [extension, 'it was not added']);
  }
  await rm(target, { recursive: true });
}

/** False when there is nothing to move. */
async function moveAside(target: string, old: string): Promise<boolean> {
  try {
    await rename(target, old);
    return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}

async function manifestText(folder: string, source: string): Promise<string> {
  try {
    return await readFile(path.join(folder, 'package.json'), 'utf8');
  } catch (error) {
    const reason = systemCode(error) === 'ENOENT' ? 'it has no package.json' : errorText(error);
    throw new HekateError('HKT_PACKAGE_ADD', [source, reason], error);
  }
}

async function copyFolder(source: string, target: string): Promise<void> {
  const room = new Room(source);
  // What is named may be a link to the folder; links within are left out.
  await cp(await realpath(source), path.join(target, 'package'), {
    recursive: true,
    verbatimSymlinks: true,
    filter: async (from) => {
      if (path.basename(from) === 'node_modules' || path.basename(from) === '.git') return false;
      const status = await lstat(from);
      if (!status.isFile() && !status.isDirectory()) return false;
      room.take(status.isFile() ? status.size : 0);
      return true;
    },
  });
}

async function unpack(source: string, target: string): Promise<void> {
  const room = new Room(source);
  const tar = await import('tar');
  // The filter must not throw: the archive's stream would be left in the middle.
  let fault: unknown;
  try {
    // Synchronous: otherwise files are still being made after a fault was told.
    tar.extract({
      sync: true,
      file: source,
      cwd: target,
      strict: true,
      preserveOwner: false,
      noChmod: true,
      maxDepth: MOST_DEPTH,
      filter: (_path, entry) => {
        if (!('type' in entry) || fault !== undefined) return false;
        const isFile = entry.type === 'File' || entry.type === 'OldFile';
        if (!isFile && entry.type !== 'Directory') return false;
        try {
          room.take(isFile ? (entry.size ?? 0) : 0);
          return true;
        } catch (error) {
          fault = error;
          return false;
        }
      },
    });
  } catch (error) {
    // What is wrong with the rest of an archive that was given up does not matter.
    fault ??= new HekateError('HKT_PACKAGE_ADD', [source, errorText(error)], error);
  }
  if (fault !== undefined) throw fault;
}

/** Counts what is unpacked, so that a small archive cannot fill the disk. */
class Room {
  readonly #source: string;
  #entries = 0;
  #bytes = 0;

  constructor(source: string) {
    this.#source = source;
  }

  take(bytes: number): void {
    this.#entries++;
    this.#bytes += bytes;
    if (this.#entries > MOST_ENTRIES || this.#bytes > MOST_BYTES) {
      throw new HekateError('HKT_PACKAGE_ADD', [
        this.#source,
        `it has more than ${MOST_ENTRIES} files and folders or ${MOST_BYTES} bytes`,
      ]);
    }
  }
}

/** The folder in the one that was unpacked; npm's archives have one named "package". */
async function packageFolder(aside: string, source: string): Promise<string> {
  const entries = await readdir(aside, { withFileTypes: true });
  if (entries.some((entry) => entry.name === 'package.json')) {
    // The archive has no folder around it: gives it one, as the other is moved as a whole.
    const inner = path.join(aside, createHash('sha256').update(source).digest('hex').slice(0, 8));
    await mkdir(inner);
    for (const entry of entries) {
      await rename(path.join(aside, entry.name), path.join(inner, entry.name));
    }
    return inner;
  }
  const [only, ...others] = entries.filter((entry) => entry.isDirectory());
  if (only === undefined || others.length > 0) {
    throw new HekateError('HKT_PACKAGE_ADD', [source, 'it does not hold one package']);
  }
  return path.join(aside, only.name);
}
