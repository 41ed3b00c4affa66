/**
 * Walks log_directory and sorts the files that match into logstreams. Links to directories are not entered, links to
 * files only followed inside the directory, and the walk is bounded.
 */
import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText, HekateError } from '../protocol/errors.ts';
import { compareOrder, type LogPattern } from './logstream-pattern.ts';

export interface LogFile {
  /** As it matched. */
  readonly path: string;
  /** What to open: `path` with its last link resolved. */
  readonly realPath: string;
  /** "device:inode" */
  readonly identity: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  readonly order: readonly number[];
}

export interface ScanOptions {
  /** Absolute, without links. */
  readonly root: string;
  readonly pattern: LogPattern;
  /** Files that were last written before this are left out. */
  readonly oldestMs: number;
}

export interface ScanResult {
  /** Files of each logstream, oldest first. */
  readonly streams: ReadonlyMap<string, readonly LogFile[]>;
  readonly faults: readonly HekateError[];
}

/** Directory entries looked at in one walk. */
export const MAX_ENTRIES = 200_000;
export const MAX_FILES = 10_000;
const MAX_DEPTH = 32;
/** Paths named in one error. */
const SHOWN_PATHS = 5;

interface Found extends LogFile {
  readonly stream: string;
  readonly link: boolean;
}

/** Rejects with HKT_LOGSTREAM_DIRECTORY when the root cannot be read. */
export async function scanLogstreams(options: ScanOptions): Promise<ScanResult> {
  const walk = new Walk(options);
  await walk.root();
  return group(walk.found.values(), options.pattern, walk.faults);
}

function group(found: Iterable<Found>, pattern: LogPattern, faults: HekateError[]): ScanResult {
  const streams = new Map<string, LogFile[]>();
  for (const file of found) {
    const files = streams.get(file.stream);
    if (files === undefined) streams.set(file.stream, [file]);
    else files.push(file);
  }
  for (const [name, files] of streams) {
    files.sort(compareOrder);
    if (pattern.ordered || files.length === 1) continue;
    const paths = files.slice(0, SHOWN_PATHS).map((file) => file.path);
    faults.push(new HekateError('HKT_LOGSTREAM_PRIORITY', [files.length, name, paths.join(', ')]));
    streams.delete(name);
  }
  return { streams, faults };
}

class Walk {
  /** By identity: a file that is reached under two names is read once, under the name that is no link. */
  readonly found = new Map<string, Found>();
  readonly faults: HekateError[] = [];
  readonly #options: ScanOptions;
  #entries = 0;
  #bounded = false;

  constructor(options: ScanOptions) {
    this.#options = options;
  }

  async root(): Promise<void> {
    const { root } = this.#options;
    const entries = await readdir(root, { withFileTypes: true }).catch((thrown: unknown) => {
      throw new HekateError('HKT_LOGSTREAM_DIRECTORY', [root, errorText(thrown)], thrown);
    });
    await this.#enter(root, entries, 0);
  }

  async #enter(directory: string, entries: readonly Dirent[], depth: number): Promise<void> {
    for (const entry of entries) {
      if (this.#bounded) return;
      if (++this.#entries > MAX_ENTRIES) {
        this.#bound('log_directory', MAX_ENTRIES, 'entries');
        return;
      }
      const path = join(directory, entry.name);
      if (entry.isDirectory()) await this.#directory(path, depth + 1);
      else if (entry.isFile()) await this.#file(path, path, false);
      else if (entry.isSymbolicLink()) await this.#link(path);
    }
  }

  async #directory(path: string, depth: number): Promise<void> {
    if (depth > MAX_DEPTH) {
      this.faults.push(new HekateError('HKT_LOGSTREAM_BOUND', [path, MAX_DEPTH, 'levels']));
      return;
    }
    // A directory that went away or may not be read takes nothing from the others (as upstream).
    const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
    await this.#enter(path, entries, depth);
  }

  async #link(path: string): Promise<void> {
    if (this.#name(path) === undefined) return;
    const target = await realpath(path).catch(() => undefined);
    if (target === undefined) return; // dangling
    if (!target.startsWith(`${this.#options.root.replace(/\/$/, '')}/`)) {
      this.faults.push(new HekateError('HKT_LOGSTREAM_OUTSIDE', [path]));
      return;
    }
    await this.#file(path, target, true);
  }

  async #file(path: string, realPath: string, link: boolean): Promise<void> {
    const name = this.#name(path);
    if (name === undefined) return;
    const info = await stat(realPath).catch(() => undefined);
    if (info === undefined || !info.isFile()) return; // it was moved meanwhile: the next scan sees where
    if (info.mtimeMs < this.#options.oldestMs) return;
    const identity = `${info.dev}:${info.ino}`;
    const known = this.found.get(identity);
    if (known !== undefined && !known.link) return;
    if (known === undefined && this.found.size >= MAX_FILES) {
      this.#bound('file_match', MAX_FILES, 'files');
      return;
    }
    this.found.set(identity, {
      path,
      realPath,
      identity,
      sizeBytes: info.size,
      modifiedMs: info.mtimeMs,
      order: name.order,
      stream: name.stream,
      link,
    });
  }

  #name(path: string): ReturnType<LogPattern['match']> {
    try {
      return this.#options.pattern.match(path);
    } catch (thrown) {
      if (thrown instanceof HekateError) this.faults.push(thrown);
      else throw thrown;
      return undefined;
    }
  }

  #bound(what: string, limit: number, unit: string): void {
    this.#bounded = true;
    this.faults.push(new HekateError('HKT_LOGSTREAM_BOUND', [what, limit, unit]));
  }
}
