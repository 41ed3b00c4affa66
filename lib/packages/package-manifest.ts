/**
 * The manifest of an extension package: the `hekate` section of its package.json. Whatever it names lies inside the
 * package's folder, or the package is refused.
 *
 *   { "name": "@hekate/syslog", "version": "1.0.15", "description": "…",
 *     "hekate": { "extension": "syslog", "modules": "modules", "ioModules": "io_modules", "sandboxes": "sandboxes",
 *                 "native": [], "nativeIo": [], "requires": { "lpeg": ">=1.0.9" }, "enabled": true } }
 */
import path from 'node:path';
import { HekateError } from '../protocol/errors.ts';
import { isRange, isVersion } from './version-range.ts';

export interface PackageManifest {
  /** Name by which packages refer to it, and operators enable it. */
  readonly extension: string;
  readonly version: string;
  readonly description: string;
  /** The package's folder. */
  readonly folder: string;
  /** Folders of Lua modules: for all kinds of sandboxes, and for all but filters. */
  readonly modules: string | undefined;
  readonly ioModules: string | undefined;
  /** Folder with a folder of scripts per kind. */
  readonly sandboxes: string | undefined;
  /** Modules of Hekate's own runtime that come with the package, likewise. */
  readonly native: readonly string[];
  readonly nativeIo: readonly string[];
  /** Version ranges of the packages that it needs. */
  readonly requires: { readonly [extension: string]: string };
  /** On unless the operator says otherwise. */
  readonly enabled: boolean;
}

/** What enables every package, so that none can have it as its name. */
export const ALL_PACKAGES = 'all';
const NAME = /^[a-z][a-z0-9_]{0,63}$/;
const MODULE_NAME = /^[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*$/;
const KEYS: ReadonlySet<string> = new Set([
  'extension',
  'modules',
  'ioModules',
  'sandboxes',
  'native',
  'nativeIo',
  'requires',
  'enabled',
]);

type Json = Readonly<Record<string, unknown>>;

/** Reads a manifest's text. Throws HKT_PACKAGE_MANIFEST. */
export function parseManifest(text: string, folder: string): PackageManifest {
  const fail = (reason: string): never => {
    throw new HekateError('HKT_PACKAGE_MANIFEST', [path.basename(folder), reason]);
  };
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return fail('package.json is no JSON');
  }
  if (!isObject(parsed)) return fail('package.json is no object');
  const own = parsed['hekate'];
  if (!isObject(own)) return fail('package.json has no hekate section');
  for (const key of Object.keys(own)) if (!KEYS.has(key)) fail(`unknown key hekate.${key}`);
  const { extension } = own;
  if (typeof extension !== 'string' || !NAME.test(extension)) {
    return fail('hekate.extension must be a name of small letters, digits and underscores');
  }
  if (extension === ALL_PACKAGES) return fail(`hekate.extension must not be "${ALL_PACKAGES}"`);
  const { version, description } = parsed;
  if (typeof version !== 'string' || !isVersion(version)) return fail('version must be like 1.2.3');
  const folderOf = (key: string): string | undefined => {
    const value = own[key];
    if (value === undefined) return undefined;
    if (typeof value !== 'string' || !isInside(value)) {
      return fail(`hekate.${key} must be a folder inside the package`);
    }
    return path.join(folder, value);
  };
  const namesOf = (key: string): readonly string[] => {
    const value = own[key] ?? [];
    if (!Array.isArray(value) || !value.every((name) => isModuleName(name))) {
      return fail(`hekate.${key} must be a list of module names`);
    }
    return value;
  };
  const requires = own['requires'] ?? {};
  if (!isObject(requires)) return fail('hekate.requires must be an object');
  const ranges: Record<string, string> = {};
  for (const [name, range] of Object.entries(requires)) {
    if (!NAME.test(name) || typeof range !== 'string' || !isRange(range)) {
      return fail(`hekate.requires.${name} must be a range such as ">=1.0"`);
    }
    ranges[name] = range;
  }
  const enabled = own['enabled'] ?? true;
  if (typeof enabled !== 'boolean') return fail('hekate.enabled must be true or false');
  return {
    extension,
    version,
    description: typeof description === 'string' ? description : '',
    folder,
    modules: folderOf('modules'),
    ioModules: folderOf('ioModules'),
    sandboxes: folderOf('sandboxes'),
    native: namesOf('native'),
    nativeIo: namesOf('nativeIo'),
    requires: ranges,
    enabled,
  };
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isModuleName(value: unknown): value is string {
  return typeof value === 'string' && MODULE_NAME.test(value);
}

/** A relative path that leads nowhere outside. */
export function isInside(relative: string): boolean {
  const normal = path.posix.normalize(relative);
  return (
    relative !== '' &&
    !normal.startsWith('..') &&
    !path.isAbsolute(normal) &&
    !/[\0\\]/.test(normal)
  );
}
