/**
 * A place in a logstream, and how it is found again: by the file's inode and by what stands in the file, because inode
 * numbers are reused, files are renamed, and copies are truncated.
 *
 *   file │ head: first ≤ 1024 bytes │ … │ tail: last ≤ 512 bytes before the offset │◀ offset
 */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { LogFile } from './logstream-scan.ts';

export const HEAD_BYTES = 1024;
export const TAIL_BYTES = 512;

/** SHA-256 of a block, and how long the block is. */
export interface BlockHash {
  readonly length: number;
  readonly sha256: string;
}

export interface Place {
  readonly path: string;
  readonly identity: string;
  readonly offset: number;
  readonly head: BlockHash;
  /** The block that ends at `offset`. */
  readonly tail: BlockHash;
}

/** A file that was read to its end. */
export interface FinishedFile {
  readonly identity: string;
  readonly sizeBytes: number;
  readonly head: BlockHash;
}

export function hashBlock(block: Uint8Array): BlockHash {
  return { length: block.length, sha256: createHash('sha256').update(block).digest('hex') };
}

/** Opens for reading; the last part of the path must not be a link, and a pipe is not waited for. */
export function openLog(path: string): Promise<FileHandle> {
  return open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
}

/** The bytes at `offset`, fewer at the end of the file. */
export async function readBlock(
  file: FileHandle,
  offset: number,
  length: number,
): Promise<Uint8Array> {
  const block = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(block, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return block.subarray(0, filled);
}

async function holdsBlock(file: FileHandle, offset: number, hash: BlockHash): Promise<boolean> {
  if (hash.length === 0) return true;
  const block = await readBlock(file, offset, hash.length);
  return block.length === hash.length && hashBlock(block).sha256 === hash.sha256;
}

/** True when the file's content up to the place is what was read. */
async function holdsPlace(realPath: string, place: Place): Promise<boolean> {
  const file = await openLog(realPath).catch(() => undefined);
  if (file === undefined) return false;
  try {
    const tailOffset = place.offset - place.tail.length;
    return (
      (await holdsBlock(file, 0, place.head)) && (await holdsBlock(file, tailOffset, place.tail))
    );
  } finally {
    await file.close();
  }
}

/**
 * The file that holds `place`, with an offset above 0, now; or undefined. The same inode is tried first, then the same
 * name, then all from the newest.
 */
export async function locate(
  place: Place,
  files: readonly LogFile[],
): Promise<LogFile | undefined> {
  const same = files.filter((file) => file.identity === place.identity);
  const named = files.filter((file) => file.path === place.path);
  for (const file of new Set([...same, ...named, ...files.toReversed()])) {
    if (await holdsPlace(file.realPath, place)) return file;
  }
  return undefined;
}

/** True when `file` is one of those that were read to their end, and not a new one with the inode number of one. */
export async function isFinished(
  file: LogFile,
  finished: readonly FinishedFile[],
): Promise<boolean> {
  for (const known of finished) {
    if (known.identity !== file.identity) continue;
    const handle = await openLog(file.realPath).catch(() => undefined);
    if (handle === undefined) continue;
    try {
      const { size } = await handle.stat();
      if (size >= known.sizeBytes && (await holdsBlock(handle, 0, known.head))) return true;
    } finally {
      await handle.close();
    }
  }
  return false;
}
