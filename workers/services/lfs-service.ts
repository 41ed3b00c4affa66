/**
 * Folders and attributes of files below the guest's root. A failure is a negated system error number. Open folders are
 * bounded, and read name by name.
 */
import {
  type Dir,
  linkSync,
  lstatSync,
  mkdirSync,
  opendirSync,
  readlinkSync,
  rmdirSync,
  type Stats,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
} from 'node:fs';
import path from 'node:path';
import { type GuestPaths, pathBytes, systemCode } from '../guest-paths.ts';
import { errorNumber } from '../isolate/host-api/system-error.ts';
import type { ServiceValue } from '../isolate/modules/native-module.ts';
import { type GuestService, ServiceError, type ServiceOperation } from './guest-service.ts';

const OPEN_FOLDERS = 64;
/** Names that are fetched at once. */
const NAMES = 64;
const FOLDER_MODE = 0o775;
const LOCK_FILE = 'lockfile.lfs';
const LOCK_TARGET = 'lock';

const KINDS: readonly (readonly [test: keyof Stats & `is${string}`, name: string])[] = [
  ['isFile', 'file'],
  ['isDirectory', 'directory'],
  ['isSymbolicLink', 'link'],
  ['isSocket', 'socket'],
  ['isFIFO', 'named pipe'],
  ['isCharacterDevice', 'char device'],
  ['isBlockDevice', 'block device'],
];

/** Thrown for what lies outside. */
const OUTSIDE = Object.assign(new Error('outside'), { code: 'EACCES' });

export function lfsService(paths: GuestPaths): GuestService {
  const folders = new Map<number, Dir>();
  const locks = new Set<string>();
  let last = 0;
  const target = (value: ServiceValue): string => inside(paths.resolve(text(value)));
  const entry = (value: ServiceValue): string => inside(paths.resolveEntry(text(value)));

  const openFolder = (name: ServiceValue): readonly ServiceValue[] => {
    if (folders.size >= OPEN_FOLDERS) return [-errorNumber('EMFILE')];
    const folder = opendirSync(pathBytes(target(name)), { encoding: 'latin1', bufferSize: NAMES });
    folders.set(++last, folder);
    return [last];
  };
  const closeFolder = (id: number): void => {
    folders.get(id)?.closeSync();
    folders.delete(id);
  };
  const nextNames = (id: number): readonly ServiceValue[] => {
    const folder = folders.get(id);
    const names: string[] = [];
    while (folder !== undefined && names.length < NAMES) {
      const found = folder.readSync();
      if (found === null) {
        closeFolder(id);
        break;
      }
      names.push(found.name);
    }
    return names;
  };
  const link = (from: string, to: string, symbolic: boolean): void => {
    const place = inside(paths.resolveEntry(to));
    if (!symbolic) {
      linkSync(pathBytes(inside(paths.resolveEntry(from))), pathBytes(place));
      return;
    }
    // It must lead to what the guest may use, wherever it is read from.
    const full = from.startsWith('/') ? from : `${path.posix.dirname(place)}/${from}`;
    const real = inside(paths.resolve(full));
    // Neither must it lead out when it is moved to another folder, where ".." is another one.
    const content = from.split('/').includes('..') ? real : from;
    symlinkSync(pathBytes(content), pathBytes(place));
  };
  const lock = (folder: string): string => {
    const place = inside(paths.resolveEntry(`${folder}/${LOCK_FILE}`));
    symlinkSync(LOCK_TARGET, pathBytes(place));
    locks.add(place);
    return place;
  };
  const unlock = (place: string): void => {
    if (!locks.delete(place)) return;
    try {
      unlinkSync(pathBytes(place));
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error; // somebody else took it away
    }
  };

  const operations: Record<string, ServiceOperation> = {
    /** [path, of a link itself] → the attributes in the order of `attributesOf`. */
    attributes: ([name, itself]) =>
      guarded(() =>
        attributesOf(
          itself === true
            ? lstatSync(pathBytes(entryOrRoot(name)))
            : statSync(pathBytes(target(name))),
        ),
      ),
    linkTarget: ([name]) =>
      guarded(() => [readlinkSync(pathBytes(entry(name)), { encoding: 'latin1' })]),
    /** [path] → [number]; then names by `names`, none at the end. */
    openFolder: ([name]) => guarded(() => openFolder(name)),
    names: ([id]) => guarded(() => nextNames(Number(id))),
    closeFolder: ([id]) => succeeds(() => closeFolder(Number(id))),
    mkdir: ([name]) => succeeds(() => mkdirSync(pathBytes(entry(name)), FOLDER_MODE)),
    rmdir: ([name]) => succeeds(() => rmdirSync(pathBytes(entry(name)))),
    chdir: ([name]) =>
      guarded(() => {
        if (!paths.enter(text(name))) throw OUTSIDE;
        return [0];
      }),
    currentdir: () => [paths.folder],
    /** [path, accessed, modified], seconds. */
    touch: ([name, accessed, modified]) =>
      succeeds(() => utimesSync(pathBytes(target(name)), seconds(accessed), seconds(modified))),
    /** [old, new, symbolic]. */
    link: ([from, to, symbolic]) => succeeds(() => link(text(from), text(to), symbolic === true)),
    /** [folder] → [the lock's own place]. */
    lockFolder: ([name]) => guarded(() => [lock(text(name))]),
    unlockFolder: ([place]) => succeeds(() => unlock(text(place))),
  };

  /** The root is no entry of anything that the guest may use. */
  function entryOrRoot(name: ServiceValue): string {
    try {
      return entry(name);
    } catch (error) {
      if (systemCode(error) !== 'EINVAL') throw error;
      return target(name);
    }
  }

  return {
    operations,
    close: () => {
      for (const id of folders.keys()) closeFolder(id);
      for (const place of locks) unlock(place);
    },
  };
}

function attributesOf(stats: Stats): readonly ServiceValue[] {
  const kind = KINDS.find(([test]) => stats[test]());
  return [
    kind?.[1] ?? 'other',
    stats.dev,
    stats.ino,
    stats.nlink,
    stats.uid,
    stats.gid,
    stats.rdev,
    Math.floor(stats.atimeMs / 1000),
    Math.floor(stats.mtimeMs / 1000),
    Math.floor(stats.ctimeMs / 1000),
    stats.size,
    permissions(stats.mode),
    stats.blocks,
    stats.blksize,
  ];
}

/** As "rwxr-xr-x". */
function permissions(mode: number): string {
  return Array.from('rwxrwxrwx', (letter, i) => ((mode >> (8 - i)) & 1 ? letter : '-')).join('');
}

function inside(real: string | undefined): string {
  if (real === undefined) throw OUTSIDE;
  return real;
}

function text(value: ServiceValue): string {
  if (typeof value !== 'string') throw new ServiceError('a path is missing');
  return value;
}

function seconds(value: ServiceValue): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

function succeeds(work: () => void): readonly ServiceValue[] {
  return guarded(() => {
    work();
    return [0];
  });
}

function guarded(work: () => readonly ServiceValue[]): readonly ServiceValue[] {
  try {
    return work();
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    return [-errorNumber(code)];
  }
}
