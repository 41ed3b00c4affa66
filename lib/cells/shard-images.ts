/**
 * What the isolates of a cell's shards are made from: for each image the code, and the startup snapshot that the first shard
 * made of it, which the others adopt. An image is made when the first sandbox needs it.
 */
import { createHash } from 'node:crypto';
import type { ShardImage } from '../../workers/isolate-bundles.ts';
import type { EngineName } from '../protocol/batch.ts';
import { isolateCode } from './isolate-code.ts';

/** What a shard is told of an image; workers/shard.ts takes it. */
export interface ImageSource {
  readonly name: ShardImage;
  readonly code?: string;
  readonly warmUp?: boolean;
  readonly snapshot?: ArrayBuffer;
  readonly version?: string;
  readonly folder?: string | undefined;
}

export interface ShardImagesOptions {
  /** Code for sandboxes of both engines in the place of Hekate's own; there is no compiler then. */
  readonly code?: string | undefined;
  /** Folder of compiled code, below base_dir; none without. */
  readonly folder?: string | undefined;
}

const VERSION_CHARACTERS = 16;

/** Images that an engine needs, in the order in which shards take them. */
const NEEDED: Readonly<Record<EngineName, readonly ShardImage[]>> = {
  interpreted: ['interpreted'],
  compiled: ['compiler', 'compiled'],
};

export class ShardImages {
  readonly #options: ShardImagesOptions;
  /** The first shard's snapshot, or its promise while that shard makes it. */
  readonly #snapshots = new Map<ShardImage, Promise<ArrayBuffer>>();

  constructor(options: ShardImagesOptions) {
    this.#options = options;
  }

  needed(engine: EngineName): readonly ShardImage[] {
    return this.#options.code === undefined ? NEEDED[engine] : [engine];
  }

  /**
   * Gives a shard an image through `send`, which resolves with the snapshot's bytes when the shard made one. One shard at
   * a time makes a snapshot; when it fails, the next one tries.
   */
  async bring(
    name: ShardImage,
    send: (source: ImageSource) => Promise<ArrayBuffer | undefined>,
  ): Promise<void> {
    const { code: given, folder } = this.#options;
    const code = given ?? (await isolateCode(name));
    const source =
      name === 'compiler' ? { name, folder, version: versionOf(code) } : ({ name } as const);
    const known = this.#snapshots.get(name);
    if (known !== undefined) {
      const snapshot = await known.catch(() => undefined);
      if (snapshot === undefined) return await this.bring(name, send);
      await send({ ...source, snapshot });
      return;
    }
    const making = send({ ...source, code, warmUp: given === undefined }).then((snapshot) => {
      if (snapshot === undefined) throw new Error(`no snapshot of ${name}`);
      return snapshot;
    });
    this.#snapshots.set(name, making);
    try {
      await making;
    } catch (error) {
      this.#snapshots.delete(name);
      throw error;
    }
  }
}

/** Code that one compiler made is not that of another. */
function versionOf(code: string): string {
  return createHash('sha256').update(code).digest('hex').slice(0, VERSION_CHARACTERS);
}
