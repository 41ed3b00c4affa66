/**
 * The files of a disk queue, <number>.log in upstream's layout, and the disk space that they take. Numbers only grow,
 * also over restarts, so that a place in the queue never means two things.
 */
import { join } from 'node:path';
import { type FileSystem, nodeFileSystem, systemCode } from '../atomic-file.ts';

const SEGMENT = /^(0|[1-9]\d{0,14})\.log$/;

export class QueueSegments {
  readonly #folder: string;
  readonly #fs: FileSystem;
  /** Bytes by number, ascending. */
  readonly #sizes: Map<number, number>;
  #bytes: number;

  private constructor(
    folder: string,
    sizes: readonly (readonly [number, number])[],
    fs: FileSystem,
  ) {
    this.#folder = folder;
    this.#fs = fs;
    this.#sizes = new Map(sizes.toSorted(([a], [b]) => a - b));
    this.#bytes = sizes.reduce((sum, [, bytes]) => sum + bytes, 0);
  }

  /** Rejects with the system's error. */
  static async open(folder: string, fs: FileSystem = nodeFileSystem): Promise<QueueSegments> {
    const sizes: (readonly [number, number])[] = [];
    for (const name of await fs.readdir(folder)) {
      const number = SEGMENT.exec(name)?.[1];
      if (number === undefined) continue;
      const stat = await fs.lstat(join(folder, name));
      if (stat.isFile()) sizes.push([Number(number), stat.size]);
    }
    return new QueueSegments(folder, sizes, fs);
  }

  /** Bytes of all files. */
  get bytes(): number {
    return this.#bytes;
  }

  get newest(): number | undefined {
    return [...this.#sizes.keys()].at(-1);
  }

  path(segment: number): string {
    return join(this.#folder, `${segment}.log`);
  }

  size(segment: number): number | undefined {
    return this.#sizes.get(segment);
  }

  /** The first segment that is not before `segment`. */
  from(segment: number): number | undefined {
    for (const number of this.#sizes.keys()) if (number >= segment) return number;
    return undefined;
  }

  /** A new segment, or more bytes in it. */
  grow(segment: number, bytes: number): void {
    this.#sizes.set(segment, (this.#sizes.get(segment) ?? 0) + bytes);
    this.#bytes += bytes;
  }

  /** Removes all segments before `segment`. Rejects with the system's error; what it could not remove stays counted. */
  async removeBefore(segment: number): Promise<void> {
    for (const number of this.#sizes.keys()) {
      if (number >= segment) return;
      try {
        await this.#fs.unlink(this.path(number));
      } catch (thrown) {
        if (systemCode(thrown) !== 'ENOENT') throw thrown;
      }
      this.#bytes -= this.#sizes.get(number) ?? 0; // another call may have come first
      this.#sizes.delete(number);
    }
  }
}
