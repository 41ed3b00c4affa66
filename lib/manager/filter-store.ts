/**
 * The working directory of one SandboxManagerFilter: `<name>.toml` and `<name>.lua` of each filter that comes back after
 * a restart. Names are `<manager>-<filter>` of word characters only, so one manager never touches another one's files.
 *
 * The two files change together, whatever happens in between:
 *
 *   stage    x.lua.new, then x.toml.new            both there, or x.lua.new alone: undone at the next start
 *   commit   x.lua.new ─▶ x.lua                    x.toml.new alone: the change counts and is finished
 *            x.toml.new ─▶ x.toml
 *   discard  remove x.toml.new, then x.lua.new
 */
import { join } from 'node:path';
import { limits } from '../../native-limits/limits.ts';
import {
  type FileSystem,
  nodeFileSystem,
  readBounded,
  syncDirectory,
  systemCode,
  writeNew,
} from '../atomic-file.ts';
import { HekateError } from '../protocol/errors.ts';

const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;
const NAME = /^[0-9A-Za-z_]+-[0-9A-Za-z_]+$/;
/** Room for suffixes in the 255 bytes of a file name. */
const MAX_NAME_LENGTH = 220;
/** A stored file is never longer than a message may be. */
const MAX_FILE_BYTES = limits.messageSize.cap;

export interface StoredFilter {
  /** TOML text as it was submitted. */
  readonly config: Uint8Array;
  /** Lua source. */
  readonly script: Uint8Array;
}

/** New files that do not count yet. Exactly one of the two is called, once. */
export interface StagedFilter {
  /**
   * Makes them the filter's files. Rejects when nothing changed; an error that is returned came after the point from
   * which they count, and the next start finishes the work.
   */
  commit(): Promise<HekateError | undefined>;
  /** Removes them; the files from before stay. An error that is returned is mended by the next start. */
  discard(): Promise<HekateError | undefined>;
}

export class FilterStore {
  readonly #directory: string;
  readonly #prefix: string;
  readonly #fs: FileSystem;

  private constructor(directory: string, prefix: string, fs: FileSystem) {
    this.#directory = directory;
    this.#prefix = `${prefix}-`;
    this.#fs = fs;
  }

  /**
   * Makes the directory (0700) when it is missing and finishes or undoes what a killed process left half done.
   * `prefix` is the manager's normalised name. Rejects with the system's error; what could not be tidied up goes to
   * `warn`.
   */
  static async open(
    directory: string,
    prefix: string,
    warn: (error: HekateError) => void,
    fs: FileSystem = nodeFileSystem,
  ): Promise<FilterStore> {
    await fs.mkdir(directory, { recursive: true, mode: DIRECTORY_MODE });
    const store = new FilterStore(directory, prefix, fs);
    const unfinished = new Set<string>();
    for (const file of await fs.readdir(directory)) {
      const name = /^(.+)\.(?:lua|toml)\.new$/.exec(file)?.[1];
      if (name !== undefined && store.#owns(name)) unfinished.add(name);
    }
    for (const name of unfinished) {
      await store.#settle(name).catch((error: unknown) => warn(storeError(name, error)));
    }
    return store;
  }

  /** Names of the filters stored for this manager, sorted. Also such whose files cannot be read. */
  async names(): Promise<readonly string[]> {
    const names: string[] = [];
    for (const file of await this.#fs.readdir(this.#directory)) {
      if (file.startsWith(this.#prefix) && file.endsWith('.toml')) names.push(file.slice(0, -5));
    }
    return names.sort();
  }

  /** Both files of a filter. Rejects with HKT_CONTROL_STORED and leaves them as they are. */
  async read(name: string): Promise<StoredFilter> {
    if (!this.#owns(name)) {
      throw new HekateError('HKT_CONTROL_STORED', [name, 'not a name that a manager gives']);
    }
    try {
      return {
        config: await readBounded(this.#path(name, 'toml'), MAX_FILE_BYTES, this.#fs),
        script: await readBounded(this.#path(name, 'lua'), MAX_FILE_BYTES, this.#fs),
      };
    } catch (error) {
      throw new HekateError('HKT_CONTROL_STORED', [name, systemCode(error)], error);
    }
  }

  /** Writes new files beside the ones that may exist. Rejects with HKT_CONTROL_STORE and leaves nothing new behind. */
  async stage(name: string, filter: StoredFilter): Promise<StagedFilter> {
    if (!this.#owns(name)) throw storeError(name, undefined);
    const script = this.#path(name, 'lua.new');
    const config = this.#path(name, 'toml.new');
    try {
      await this.#settle(name);
      await writeNew(script, filter.script, FILE_MODE, this.#fs);
      try {
        await writeNew(config, filter.config, FILE_MODE, this.#fs);
        await syncDirectory(this.#directory, this.#fs);
      } catch (error) {
        // The write's error is the one to report; what stays is undone before the name is used again.
        await this.#undo(name).catch(() => {});
        throw error;
      }
    } catch (error) {
      throw storeError(name, error);
    }
    return { commit: () => this.#commit(name), discard: () => this.#discard(name) };
  }

  /**
   * Removes a filter's files. `found` is false when there were none. Rejects with HKT_CONTROL_STORE when the filter would
   * still come back after a restart; `rest` is an error that only left its script behind.
   */
  async remove(
    name: string,
  ): Promise<{ readonly found: boolean; readonly rest: HekateError | undefined }> {
    if (!this.#owns(name)) return { found: false, rest: undefined };
    let found: boolean;
    try {
      await this.#settle(name);
      found = await this.#unlink(this.#path(name, 'toml'));
    } catch (error) {
      throw storeError(name, error);
    }
    try {
      found = (await this.#unlink(this.#path(name, 'lua'))) || found;
      if (found) await syncDirectory(this.#directory, this.#fs);
    } catch (error) {
      return { found, rest: storeError(name, error) };
    }
    return { found, rest: undefined };
  }

  async #commit(name: string): Promise<HekateError | undefined> {
    try {
      await this.#fs.rename(this.#path(name, 'lua.new'), this.#path(name, 'lua'));
    } catch (error) {
      await this.#undo(name).catch(() => {}); // undone at the next start instead
      throw storeError(name, error);
    }
    try {
      // In between, so that no power cut can keep the second rename and lose the first.
      await syncDirectory(this.#directory, this.#fs);
      await this.#finish(name);
      return undefined;
    } catch (error) {
      return storeError(name, error);
    }
  }

  async #discard(name: string): Promise<HekateError | undefined> {
    try {
      await this.#undo(name);
      return undefined;
    } catch (error) {
      return storeError(name, error);
    }
  }

  /** Brings a name whose change was interrupted into one of its two proper states. */
  async #settle(name: string): Promise<void> {
    if (await this.#exists(this.#path(name, 'lua.new'))) await this.#undo(name);
    else if (await this.#exists(this.#path(name, 'toml.new'))) await this.#finish(name);
  }

  async #undo(name: string): Promise<void> {
    await this.#unlink(this.#path(name, 'toml.new'));
    await syncDirectory(this.#directory, this.#fs);
    await this.#unlink(this.#path(name, 'lua.new'));
  }

  async #finish(name: string): Promise<void> {
    await this.#fs.rename(this.#path(name, 'toml.new'), this.#path(name, 'toml'));
    await syncDirectory(this.#directory, this.#fs);
  }

  async #exists(path: string): Promise<boolean> {
    try {
      await this.#fs.lstat(path);
      return true;
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return false;
      throw error;
    }
  }

  async #unlink(path: string): Promise<boolean> {
    try {
      await this.#fs.unlink(path);
      return true;
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return false;
      throw error;
    }
  }

  /** The gate of every path: nothing but word characters and one hyphen reaches the file system. */
  #owns(name: string): boolean {
    return name.startsWith(this.#prefix) && NAME.test(name) && name.length <= MAX_NAME_LENGTH;
  }

  #path(name: string, suffix: 'toml' | 'lua' | 'toml.new' | 'lua.new'): string {
    return join(this.#directory, `${name}.${suffix}`);
  }
}

function storeError(name: string, error: unknown): HekateError {
  return new HekateError(
    'HKT_CONTROL_STORE',
    [name, error === undefined ? 'not a name of this manager' : systemCode(error)],
    error,
  );
}
