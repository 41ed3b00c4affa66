/**
 * The extension packages of an installation: those that ship with Hekate, and those that were added below base_dir. Says
 * which modules each kind of sandbox may load, and why others are not to be had.
 */
import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { extensionFiles } from '../../workers/isolate-bundles.ts';
import { systemCode } from '../atomic-file.ts';
import { packageRoot } from '../entry-urls.ts';
import type { ApiFlavour, SandboxKind } from '../protocol/batch.ts';
import { HekateError } from '../protocol/errors.ts';
import type { ModuleAccess, PackageSet } from './module-access.ts';
import { ALL_PACKAGES, isInside, type PackageManifest, parseManifest } from './package-manifest.ts';
import { satisfies } from './version-range.ts';

/** Packages that were added, below base_dir. */
export const ADDED_FOLDER = 'extensions';
/** Folders of a package's scripts, by kind. */
const KIND_FOLDERS: Readonly<Record<SandboxKind, readonly string[]>> = {
  filter: ['analysis', 'filter'],
  decoder: ['decoder'],
  encoder: ['encoder'],
  input: ['input'],
  output: ['output'],
  unit: ['analysis', 'input', 'output', 'decoder', 'encoder'],
};

const NOT_BUILT = 'is not built yet';

function isBuilt(module: string): boolean {
  return Object.hasOwn(extensionFiles, `module/${module}`);
}

export interface InstalledPackage {
  readonly manifest: PackageManifest;
  readonly enabled: boolean;
  /** Came with Hekate, or was added. */
  readonly origin: 'shipped' | 'added';
}

/**
 * Reads all packages: those that ship, and those that were added below `baseDir`, if there is one. `enabled` are the
 * operator's names: none leaves it to the packages, "all" is every one; "-name" is without that one. Rejects with
 * HKT_PACKAGE_* for a name that does not exist and for needs that are not met.
 */
export async function openPackages(
  baseDir: string | undefined,
  enabled: readonly string[],
): Promise<PackageStore> {
  const shipped = await readPackages(fileURLToPath(new URL('lua', packageRoot)), 'shipped');
  const added =
    baseDir === undefined ? [] : await readPackages(path.join(baseDir, ADDED_FOLDER), 'added');
  const all = new Map<string, Omit<InstalledPackage, 'enabled'>>();
  for (const found of [...shipped, ...added]) all.set(found.manifest.extension, found);
  return new PackageStore(choose([...all.values()], enabled));
}

async function readPackages(
  folder: string,
  origin: InstalledPackage['origin'],
): Promise<Omit<InstalledPackage, 'enabled'>[]> {
  let names: string[];
  try {
    names = (await readdir(folder)).sort();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw new HekateError('HKT_PACKAGE_FOLDER', [folder, systemCode(error)], error);
  }
  const packages: Omit<InstalledPackage, 'enabled'>[] = [];
  for (const name of names) {
    const own = path.join(folder, name);
    if (name.startsWith('.') || !existsSync(path.join(own, 'package.json'))) continue;
    const text = await readFile(path.join(own, 'package.json'), 'utf8');
    packages.push({ manifest: parseManifest(text, own), origin });
  }
  return packages;
}

function choose(
  packages: readonly Omit<InstalledPackage, 'enabled'>[],
  names: readonly string[],
): readonly InstalledPackage[] {
  const known = new Set(packages.map(({ manifest }) => manifest.extension));
  const wanted = new Set(names.filter((name) => !name.startsWith('-')));
  const unwanted = new Set(names.filter((name) => name.startsWith('-')).map((n) => n.slice(1)));
  for (const name of [...wanted, ...unwanted]) {
    if (name !== ALL_PACKAGES && !known.has(name)) {
      throw new HekateError('HKT_PACKAGE_UNKNOWN', [name, [...known].sort().join(', ')]);
    }
  }
  const chosen = packages.map((found): InstalledPackage => {
    const { enabled, extension } = found.manifest;
    const on = wanted.size === 0 ? enabled : wanted.has(ALL_PACKAGES) || wanted.has(extension);
    return { ...found, enabled: on && !unwanted.has(extension) };
  });
  requireAll(chosen);
  return chosen;
}

/** What an enabled package needs must be enabled too, and new enough. */
function requireAll(packages: readonly InstalledPackage[]): void {
  const byName = new Map(packages.map((found) => [found.manifest.extension, found]));
  for (const { enabled, manifest } of packages) {
    if (!enabled) continue;
    for (const [name, range] of Object.entries(manifest.requires)) {
      const other = byName.get(name);
      const reason =
        other === undefined
          ? 'is not installed'
          : !other.enabled
            ? 'is not enabled'
            : satisfies(other.manifest.version, range)
              ? undefined
              : `is version ${other.manifest.version}`;
      if (reason !== undefined) {
        throw new HekateError('HKT_PACKAGE_NEEDS', [manifest.extension, name, range, reason]);
      }
    }
  }
}

export class PackageStore implements PackageSet {
  readonly packages: readonly InstalledPackage[];
  readonly #access = new Map<SandboxKind, ModuleAccess>();

  constructor(packages: readonly InstalledPackage[]) {
    this.packages = packages;
  }

  modules(kind: SandboxKind, _api: ApiFlavour): ModuleAccess {
    const known = this.#access.get(kind);
    if (known !== undefined) return known;
    const io = kind !== 'filter';
    const moduleDirectories: string[] = [];
    const nativeModules: string[] = [];
    const refusedModules: Record<string, string> = {};
    for (const { enabled, manifest } of this.packages) {
      const { extension, ioModules, modules, native, nativeIo } = manifest;
      if (enabled) {
        if (modules !== undefined) moduleDirectories.push(modules);
        nativeModules.push(...native.filter(isBuilt));
        for (const name of native) if (!isBuilt(name)) refusedModules[name] = NOT_BUILT;
        if (io) {
          if (ioModules !== undefined) moduleDirectories.push(ioModules);
          nativeModules.push(...nativeIo.filter(isBuilt));
          for (const name of nativeIo) if (!isBuilt(name)) refusedModules[name] = NOT_BUILT;
          continue;
        }
      }
      const off = `is in the package '${extension}', which is not enabled`;
      const other = `is in the package '${extension}', and not for filters`;
      for (const name of [...nativeIo, ...luaModules(ioModules)]) {
        refusedModules[name] = enabled ? other : off;
      }
      if (enabled) continue;
      for (const name of [...native, ...luaModules(modules)]) refusedModules[name] = off;
    }
    const access = { moduleDirectories, nativeModules, refusedModules };
    this.#access.set(kind, access);
    return access;
  }

  script(kind: SandboxKind, filename: string): string | undefined {
    if (!isInside(filename)) return undefined;
    for (const { enabled, manifest } of this.packages) {
      if (!enabled) continue;
      const { folder, sandboxes } = manifest;
      const places = [path.join(folder, filename)];
      if (sandboxes !== undefined) {
        for (const own of KIND_FOLDERS[kind]) places.push(path.join(sandboxes, own, filename));
      }
      const found = places.find((place) => isFileIn(place, folder));
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

function isFileIn(file: string, folder: string): boolean {
  if (!file.endsWith('.lua') || !existsSync(file)) return false;
  return realpathSync(file).startsWith(realpathSync(folder) + path.sep);
}

/** Names of the modules in a folder of Lua sources. */
export function luaModules(folder: string | undefined): readonly string[] {
  if (folder === undefined || statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    return [];
  }
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.lua'))
    .map((file) => file.slice(0, -'.lua'.length).split(path.sep).join('.'))
    .sort();
}
