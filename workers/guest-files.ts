/**
 * The files that a guest may use: those below its roots (see guest-paths.ts), and the standard streams it was given. What lies
 * outside is refused as EACCES. Paths and contents are byte strings. Every call is synchronous; a failure is a negated error
 * number.
 *
 * Positions are kept here, because Node has no lseek: a file is read and written at its own position, but for appends and
 * for streams, which have only the system's.
 */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmdirSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { isatty } from 'node:tty';
import {
  pathBytes as bytes,
  systemCode as codeOf,
  GuestPaths,
  realFolder,
  systemError,
} from './guest-paths.ts';
import { type FileHost, Whence } from './isolate/host-api/file-host.ts';
import { errorNumber } from './isolate/host-api/system-error.ts';

export interface GuestFilesOptions {
  /** Folders below which files may be used. The first is where relative paths start. */
  readonly roots: readonly [string, ...string[]];
  /** Folder of temporary files; it counts as a root. Absent: there are none. */
  readonly temporary?: string;
  /** Devices that may be opened although they lie outside, such as "/dev/null". */
  readonly devices?: readonly string[];
  /** Instead of roots and devices: paths that are shared with other services of the same guest. */
  readonly paths?: GuestPaths;
  /** Descriptors of the streams 0, 1 and 2. They stay open. */
  readonly streams: readonly [number, number, number];
  /** Files open at the same time, standard streams not counted. */
  readonly openFiles: number;
  /**
   * Lets some time pass while the standard input has nothing yet; false ends it for its reader. Absent: reading waits in the
   * system, where nothing can end it.
   */
  readonly wait?: () => boolean;
}

interface OpenFile {
  readonly descriptor: number;
  /** Read and written where the system's own position is, until something is sought. */
  system: boolean;
  readonly append: boolean;
  /** Has a position that can be changed. */
  readonly seekable: boolean;
  position: number;
  readonly standard: boolean;
}

/** A mode of C's fopen: glibc looks at the first letter, and in the rest for "+" and "x". */
const MODE = /^([rwa])(.*)$/s;
const LONGEST_READ = 1024 * 1024;
/** Milliseconds between two tries on a stream that would block. */
const RETRY_MS = 2;
const FIRST_FILE = 3;
const NEW_FILE_MODE = 0o666;
const PRIVATE_MODE = 0o600;

export class GuestFiles implements FileHost {
  readonly #paths: GuestPaths;
  readonly #temporary: string | undefined;
  readonly #limit: number;
  readonly #files = new Map<number, OpenFile>();
  readonly #buffer = Buffer.allocUnsafe(64 * 1024);
  readonly #wait: (() => boolean) | undefined;
  readonly #sleeper = new Int32Array(new SharedArrayBuffer(4));
  #next = FIRST_FILE;

  constructor(options: GuestFilesOptions) {
    this.#temporary = options.temporary === undefined ? undefined : realFolder(options.temporary);
    const { devices, roots, temporary } = options;
    this.#paths =
      options.paths ??
      new GuestPaths(temporary === undefined ? roots : [...roots, temporary], devices);
    this.#limit = options.openFiles;
    this.#wait = options.wait;
    for (const [number, descriptor] of options.streams.entries()) {
      const stream = standardStream(descriptor);
      const patient = number === 0 && options.wait !== undefined && !stream.seekable;
      this.#files.set(number, (patient ? withoutBlocking(descriptor) : undefined) ?? stream);
    }
  }

  readonly open = (name: string, mode: string): number =>
    this.#guarded(() => {
      const parsed = MODE.exec(mode);
      if (parsed === null) return -errorNumber('EINVAL');
      const [, kind = 'r', rest = ''] = parsed;
      if (this.#files.size >= this.#limit + FIRST_FILE) return -errorNumber('EMFILE');
      const real = this.#paths.resolve(name);
      if (real === undefined) return -errorNumber('EACCES');
      const { O_APPEND, O_CREAT, O_EXCL, O_NOCTTY, O_NOFOLLOW, O_NONBLOCK } = constants;
      const { O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } = constants;
      let flags = rest.includes('+') ? O_RDWR : kind === 'r' ? O_RDONLY : O_WRONLY;
      if (kind === 'w') flags |= O_CREAT | O_TRUNC;
      if (kind === 'a') flags |= O_CREAT | O_APPEND;
      if (rest.includes('x') && kind !== 'r') flags |= O_EXCL;
      // A pipe that nobody has open at its other end must not hold a thread that is to stop.
      if (this.#wait !== undefined) flags |= O_NONBLOCK | O_NOCTTY;
      // The path is resolved: a link in its last place was put there since.
      return this.#add(openSync(bytes(real), flags | O_NOFOLLOW, NEW_FILE_MODE), kind === 'a');
    });

  readonly openTemporary = (): number =>
    this.#guarded(() => {
      if (this.#files.size >= this.#limit + FIRST_FILE) return -errorNumber('EMFILE');
      const name = this.#freshName();
      if (name === undefined) return -errorNumber('EACCES');
      const { O_CREAT, O_EXCL, O_RDWR } = constants;
      const descriptor = openSync(bytes(name), O_CREAT | O_EXCL | O_RDWR, PRIVATE_MODE);
      const number = this.#add(descriptor, false);
      unlinkSync(bytes(name));
      return number;
    });

  readonly temporaryName = (): string | number => {
    const name = this.#freshName();
    if (name === undefined) return -errorNumber('EACCES');
    const result = this.#guarded(() => {
      const { O_CREAT, O_EXCL, O_WRONLY } = constants;
      closeSync(openSync(bytes(name), O_CREAT | O_EXCL | O_WRONLY, PRIVATE_MODE));
      return 0;
    });
    return result < 0 ? result : name;
  };

  readonly read = (number: number, count: number): string | number => {
    let text = '';
    const result = this.#guarded(() => {
      const file = this.#file(number);
      const wanted = Math.max(1, Math.min(count, LONGEST_READ));
      const buffer = wanted <= this.#buffer.length ? this.#buffer : Buffer.allocUnsafeSlow(wanted);
      const position = file.system ? null : file.position;
      const got = this.#retry(
        () => readSync(file.descriptor, buffer, 0, wanted, position),
        this.#wait,
      );
      file.position += got;
      text = buffer.toString('latin1', 0, got);
      return 0;
    });
    return result < 0 ? result : text;
  };

  readonly write = (number: number, text: string): number =>
    this.#guarded(() => {
      const file = this.#file(number);
      const data = bytes(text);
      for (let at = 0; at < data.length; ) {
        const position = file.system || file.append ? null : file.position;
        const from = at;
        const wrote = this.#retry(
          () => writeSync(file.descriptor, data, from, data.length - from, position),
          this.#wait,
        );
        if (wrote === 0) return -errorNumber('EINTR'); // it is not to wait any longer
        at += wrote;
        file.position += wrote;
      }
      if (file.append) file.position = fstatSync(file.descriptor).size;
      return 0;
    });

  readonly seek = (number: number, whence: Whence, offset: number): number =>
    this.#guarded(() => {
      const file = this.#file(number);
      if (!file.seekable) return -errorNumber('ESPIPE');
      const from =
        whence === Whence.start
          ? 0
          : whence === Whence.current
            ? file.position
            : fstatSync(file.descriptor).size;
      const position = from + offset;
      if (position < 0 || !Number.isSafeInteger(position)) return -errorNumber('EINVAL');
      if (position !== file.position) file.system = false;
      file.position = position;
      return position;
    });

  readonly close = (number: number): number =>
    this.#guarded(() => {
      const file = this.#file(number);
      this.#files.delete(number);
      if (!file.standard) closeSync(file.descriptor);
      return 0;
    });

  readonly remove = (name: string): number =>
    this.#guarded(() => {
      const real = this.#paths.resolveEntry(name);
      if (real === undefined) return -errorNumber('EACCES');
      if (lstatSync(bytes(real)).isDirectory()) rmdirSync(bytes(real));
      else unlinkSync(bytes(real));
      return 0;
    });

  readonly rename = (from: string, to: string): number =>
    this.#guarded(() => {
      const realFrom = this.#paths.resolveEntry(from);
      const realTo = this.#paths.resolveEntry(to);
      if (realFrom === undefined || realTo === undefined) return -errorNumber('EACCES');
      renameSync(bytes(realFrom), bytes(realTo));
      return 0;
    });

  readonly isTerminal = (number: number): boolean => {
    const file = this.#files.get(number);
    return file !== undefined && isatty(file.descriptor);
  };

  /** False for what may make its reader wait: a terminal, a pipe, a device; and for a number that is no file's. */
  isRegular(number: number): boolean {
    return this.#files.get(number)?.seekable === true;
  }

  /** A whole file as a byte string, or a negated error number. */
  readAll(name: string): string | number {
    let text = '';
    const result = this.#guarded(() => {
      const real = this.#paths.resolve(name);
      if (real === undefined) return -errorNumber('EACCES');
      text = readFileSync(bytes(real), 'latin1');
      return 0;
    });
    return result < 0 ? result : text;
  }

  /** Closes what the guest left open. */
  closeAll(): void {
    for (const number of this.#files.keys()) this.close(number);
  }

  #add(descriptor: number, append: boolean): number {
    const seekable = fstatSync(descriptor).isFile();
    const number = this.#next++;
    this.#files.set(number, {
      descriptor,
      system: !seekable,
      append,
      seekable,
      position: 0,
      standard: false,
    });
    return number;
  }

  #file(number: number): OpenFile {
    const file = this.#files.get(number);
    if (file === undefined) throw systemError('EBADF');
    return file;
  }

  #freshName(): string | undefined {
    if (this.#temporary === undefined) return undefined;
    return `${this.#temporary}/lua_${randomBytes(6).toString('hex')}`;
  }

  /** Streams may be set not to block; a guest waits all the same. */
  #retry(call: () => number, wait?: () => boolean): number {
    for (;;) {
      try {
        return call();
      } catch (error) {
        const code = codeOf(error);
        if (code === 'EOF') return 0;
        if (code !== 'EAGAIN' && code !== 'EINTR') throw error;
        if (wait === undefined) Atomics.wait(this.#sleeper, 0, 0, RETRY_MS);
        else if (!wait()) return 0;
      }
    }
  }

  #guarded(call: () => number): number {
    try {
      return call();
    } catch (error) {
      const code = codeOf(error);
      if (code === undefined) throw error;
      return -errorNumber(code);
    }
  }
}

function standardStream(descriptor: number): OpenFile {
  const seekable = isRegular(descriptor);
  const position = seekable ? currentPosition(descriptor) : 0;
  return { descriptor, system: true, append: false, seekable, position, standard: true };
}

/** The same stream, opened once more so that reading does not block; undefined where that cannot be, as with a socket. */
function withoutBlocking(descriptor: number): OpenFile | undefined {
  const { O_NOCTTY, O_NONBLOCK, O_RDONLY } = constants;
  try {
    const again = openSync(`/proc/self/fd/${descriptor}`, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    return {
      descriptor: again,
      system: true,
      append: false,
      seekable: false,
      position: 0,
      standard: false,
    };
  } catch {
    return undefined; // reading waits in the system then
  }
}

function isRegular(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isFile();
  } catch {
    return false; // the stream is closed: using it will say so
  }
}

/** Where a file stands that someone else opened; 0 where the system does not tell. */
function currentPosition(descriptor: number): number {
  try {
    const info = readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1');
    return Number(/^pos:\s*(\d+)/m.exec(info)?.[1] ?? 0);
  } catch {
    return 0; // not Linux
  }
}

/** The system's folder for temporary files. */
export const systemTemporary: string = tmpdir();
