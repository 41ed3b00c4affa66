/**
 * What stores on disk are built on. Replaces a file as a whole: whoever reads the path sees the old bytes or the new ones,
 * also after a crash at any point. A write that failed leaves the old file as it was and no temporary file behind.
 */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import * as promises from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** The calls of node:fs/promises that stores on disk are built on, so that tests can make each of them fail. */
export type FileSystem = Pick<
  typeof promises,
  'open' | 'rename' | 'unlink' | 'mkdir' | 'readdir' | 'lstat'
>;

export const nodeFileSystem: FileSystem = promises;

/** `.<base name>.<16 hex digits>.tmp`: hidden, so that no pattern over the real names finds one. */
const TEMPORARY = /^\.(.+)\.[0-9a-f]{16}\.tmp$/;

/**
 * Writes `bytes` to `path` through a temporary file in the same directory:
 *
 *   create exclusively ─▶ write ─▶ fsync ─▶ rename over `path` ─▶ fsync the directory
 *
 * The rename replaces a symbolic link at `path`, it never follows one. Rejects with the system's error.
 */
export async function writeAtomic(
  path: string,
  bytes: Uint8Array,
  mode = 0o600,
  fs: FileSystem = nodeFileSystem,
): Promise<void> {
  const directory = dirname(path);
  const nonce = randomBytes(8).toString('hex');
  const temporary = join(directory, `.${basename(path)}.${nonce}.tmp`);
  await writeNew(temporary, bytes, mode, fs);
  try {
    await fs.rename(temporary, path);
  } catch (error) {
    await discard(temporary, fs);
    throw error;
  }
  await syncDirectory(directory, fs);
}

/**
 * Writes a file that must not exist yet, and flushes it. A write that failed leaves no file. The entry in the directory
 * is durable only after `syncDirectory`.
 */
export async function writeNew(
  path: string,
  bytes: Uint8Array,
  mode = 0o600,
  fs: FileSystem = nodeFileSystem,
): Promise<void> {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const file = await fs.open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
  try {
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    await discard(path, fs);
    throw error;
  }
}

/** Removes a file that only half exists. The error that led here is the one to report, so this one is not. */
async function discard(path: string, fs: FileSystem): Promise<void> {
  await fs.unlink(path).catch(() => {});
}

/** Makes the renames and removals in a directory survive a power cut. */
export async function syncDirectory(
  directory: string,
  fs: FileSystem = nodeFileSystem,
): Promise<void> {
  const handle = await fs.open(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Removes temporary files that a killed process left in `directory`, of those whose target name `accepts`.
 * Only for the one owner of these names, before it writes.
 */
export async function removeLeftovers(
  directory: string,
  accepts: (target: string) => boolean,
  fs: FileSystem = nodeFileSystem,
): Promise<void> {
  for (const name of await fs.readdir(directory)) {
    const target = TEMPORARY.exec(name)?.[1];
    if (target !== undefined && accepts(target)) await fs.unlink(join(directory, name));
  }
}

/**
 * Reads a regular file of at most `limitBytes`. Symbolic links are not followed. Rejects with the system's error, and with
 * EFBIG or EINVAL of our own for a file that is too long or not regular.
 */
export async function readBounded(
  path: string,
  limitBytes: number,
  fs: FileSystem = nodeFileSystem,
): Promise<Uint8Array> {
  // Non-blocking: opening a FIFO for reading would wait for a writer.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await fs.open(path, flags);
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw systemError('EINVAL', 'not a regular file');
    if (stat.size > limitBytes) throw systemError('EFBIG', `longer than ${limitBytes} bytes`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/**
 * Makes a directory and those above it that are missing. Rejects with the system's error. Node's own recursive mkdir never
 * comes back where the system answers ENOENT below a directory that exists, as /proc does.
 */
export async function makeDirectories(path: string, mode: number): Promise<void> {
  const parent = dirname(path);
  try {
    await promises.mkdir(path, { mode });
    return;
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EEXIST' && (await promises.stat(path)).isDirectory()) return;
    if (code !== 'ENOENT' || parent === path) throw error;
  }
  await makeDirectories(parent, mode);
  await promises.mkdir(path, { mode }).catch((error: unknown) => {
    if (systemCode(error) !== 'EEXIST') throw error; // somebody else made it meanwhile
  });
}

/** The system's code of an error, such as "ENOSPC"; "EUNKNOWN" for anything else. Carries no path. */
export function systemCode(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : 'EUNKNOWN';
}

function systemError(code: string, text: string): Error {
  return Object.assign(new Error(`${code}: ${text}`), { code });
}
