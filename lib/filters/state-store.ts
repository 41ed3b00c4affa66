/**
 * Preserved states on disk, one file per filter: `<base_dir>/sandbox_preservation/<stem>.data`. A state's bytes mean
 * nothing here. A file is replaced as a whole, and is only read back by the filter whose full name is in its first line:
 *
 *   hekate-state 1 <SHA-256 of the body, 64 hex digits> "PlatformDevs-Example"\n<body>
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { limits } from '../../native-limits/limits.ts';
import {
  type FileSystem,
  nodeFileSystem,
  readBounded,
  removeLeftovers,
  syncDirectory,
  systemCode,
  writeAtomic,
} from '../atomic-file.ts';
import { HekateError } from '../protocol/errors.ts';

const FORMAT = 'hekate-state';
const FORMAT_VERSION = '1';
const NEWLINE = 0x0a;
const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;
/** A state holds at most what a sandbox may hold, and some text around it. */
const MAX_STATE_BYTES = 2 * limits.memory.cap;
const MAX_HEADER_BYTES = 8192;
/** Longest name that is used as it is. */
const MAX_PLAIN_STEM = 200;
const MAX_CUT_STEM = 100;

export class StateStore {
  readonly #directory: string;
  readonly #fs: FileSystem;
  /** The last write or removal of each name that is under way: calls for one name run one after another. */
  readonly #pending = new Map<string, Promise<unknown>>();

  private constructor(directory: string, fs: FileSystem) {
    this.#directory = directory;
    this.#fs = fs;
  }

  /**
   * Makes the directory (0700) when it is missing and removes what a killed process left half written. One store owns
   * a directory. Rejects with HKT_STATE_DIRECTORY.
   */
  static async open(baseDir: string, fs: FileSystem = nodeFileSystem): Promise<StateStore> {
    const directory = join(baseDir, 'sandbox_preservation');
    try {
      await fs.mkdir(directory, { recursive: true, mode: DIRECTORY_MODE });
      await removeLeftovers(directory, (target) => target.endsWith('.data'), fs);
    } catch (error) {
      throw new HekateError('HKT_STATE_DIRECTORY', [directory, systemCode(error)], error);
    }
    return new StateStore(directory, fs);
  }

  /**
   * The state stored last, or undefined when there is none. Rejects with HKT_STATE_READ, HKT_STATE_CORRUPT or
   * HKT_STATE_FOREIGN; the file stays as it is.
   */
  async read(name: string): Promise<Uint8Array | undefined> {
    return await this.#inTurn(name, async () => {
      let file: Uint8Array;
      try {
        file = await readBounded(this.#path(name), MAX_STATE_BYTES + MAX_HEADER_BYTES, this.#fs);
      } catch (error) {
        if (systemCode(error) === 'ENOENT') return undefined;
        throw new HekateError('HKT_STATE_READ', [name, systemCode(error)], error);
      }
      return body(name, file);
    });
  }

  /** Replaces the stored state. Rejects with HKT_STATE_WRITE or HKT_STATE_TOO_BIG; the previous one is intact then. */
  async write(name: string, state: Uint8Array): Promise<void> {
    if (state.length > MAX_STATE_BYTES) {
      throw new HekateError('HKT_STATE_TOO_BIG', [name, state.length, MAX_STATE_BYTES]);
    }
    const file = Buffer.concat([header(name, state), state]);
    await this.#inTurn(name, async () => {
      try {
        await writeAtomic(this.#path(name), file, FILE_MODE, this.#fs);
      } catch (error) {
        throw new HekateError('HKT_STATE_WRITE', [name, systemCode(error)], error);
      }
    });
  }

  /** Removes the stored state, if there is one. Rejects with HKT_STATE_WRITE. */
  async remove(name: string): Promise<void> {
    await this.#inTurn(name, async () => {
      try {
        await this.#fs.unlink(this.#path(name));
        await syncDirectory(this.#directory, this.#fs);
      } catch (error) {
        if (systemCode(error) === 'ENOENT') return;
        throw new HekateError('HKT_STATE_WRITE', [name, systemCode(error)], error);
      }
    });
  }

  #path(name: string): string {
    return join(this.#directory, `${stateStem(name)}.data`);
  }

  async #inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.#pending.get(name) ?? Promise.resolve();
    // A failure before belongs to its own caller; the next call runs in any case.
    const mine = before.then(work, work);
    this.#pending.set(name, mine);
    try {
      return await mine;
    } finally {
      if (this.#pending.get(name) === mine) this.#pending.delete(name);
    }
  }
}

/**
 * File name of a filter's state without its suffix. Names of word characters and hyphens are kept; any other gets its
 * other characters replaced and a digest behind a "~", which no kept name contains: no two names share a file.
 */
export function stateStem(name: string): string {
  if (/^[0-9A-Za-z_-]+$/.test(name) && name.length <= MAX_PLAIN_STEM) return name;
  const cut = name.replace(/[^0-9A-Za-z_-]/gu, '_').slice(0, MAX_CUT_STEM);
  return `${cut}~${createHash('sha256').update(name).digest('hex').slice(0, 32)}`;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function header(name: string, state: Uint8Array): Uint8Array {
  return Buffer.from(`${FORMAT} ${FORMAT_VERSION} ${sha256(state)} ${JSON.stringify(name)}\n`);
}

function body(name: string, file: Uint8Array): Uint8Array {
  const end = file.subarray(0, MAX_HEADER_BYTES).indexOf(NEWLINE);
  const [format, version, digest, ...rest] = Buffer.from(file.subarray(0, Math.max(end, 0)))
    .toString('utf8')
    .split(' ');
  if (format !== FORMAT) throw new HekateError('HKT_STATE_FOREIGN', [name, 'unknown format']);
  if (version !== FORMAT_VERSION) {
    throw new HekateError('HKT_STATE_FOREIGN', [name, `format version ${version}`]);
  }
  const state = new Uint8Array(file.subarray(end + 1));
  if (sha256(state) !== digest) throw new HekateError('HKT_STATE_CORRUPT', [name, 'wrong digest']);
  const owner = rest.join(' ');
  if (owner !== JSON.stringify(name)) {
    throw new HekateError('HKT_STATE_CORRUPT', [name, `it belongs to ${owner}`]);
  }
  return state;
}
