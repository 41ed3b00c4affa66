/**
 * The `gzfile` module: lines of plain and gzip files, and whole files as texts. The file itself lies outside of the isolate;
 * what was read and not taken is here.
 *
 *   content        ────────────────┬────────────────────┬──────────
 *                                  taken ▸ unread text  │ host's position
 *   lines_tail     what it found behind the last newline waits in `pending` for the rest of its line
 */
import {
  GuestArgumentError,
  GuestError,
  type GuestValue,
  type HostFunction,
  type HostObject,
} from '../../engine.ts';
import {
  checkArgument,
  optionArgument,
  optionalInteger,
  optionalNumber,
  stringArgument,
} from '../../host-api/guest-arguments.ts';
import { cut } from '../../lua-text/flat-text.ts';
import { GatheredText } from '../gathered-text.ts';
import { HostHandles } from '../host-handles.ts';
import type { ModuleFactory, ModuleParts } from '../native-module.ts';

const TYPE = 'mozsvc.gzfile';
const VERSION = '0.0.3';
const BUFFER_BYTES = 8 * 1024;
const LINE_BYTES = 1024 * 1024;
const WHENCE = ['set', 'cur'];
/** zlib refuses to write in a mode of reading, and to read in one of writing. */
const READING = /^[^wa+T]*r[^wa+T]*$/;

class GzFile implements HostObject {
  readonly kind = 'object';
  readonly type = TYPE;
  readonly externalBytes = 0;
  readonly methods: Readonly<Record<string, HostFunction>>;
  readonly #parts: ModuleParts;
  readonly #pending: GatheredText;
  readonly number: number;
  closed = false;
  #unread = '';
  #at = 0;

  constructor(parts: ModuleParts, methods: GzFile['methods'], number: number) {
    this.#parts = parts;
    this.methods = methods;
    this.number = number;
    this.#pending = new GatheredText(parts.memory);
  }

  /** The next line with its newline, cut off after so many bytes; undefined at the end. */
  line(most: number): string | undefined {
    const line = new GatheredText(this.#parts.memory);
    for (let found = false; !found; ) {
      if (this.#at >= this.#unread.length && !this.#fill()) {
        return line.length === 0 ? undefined : line.take();
      }
      const newline = this.#unread.indexOf('\n', this.#at);
      found = newline >= 0;
      const end = found ? newline + 1 : this.#unread.length;
      line.add(this.#part(Math.min(end, this.#at + most - line.length)));
      this.#at = end;
    }
    return line.take();
  }

  /** The next line that is complete; undefined when there is none yet. */
  completeLine(stripped: boolean): string | undefined {
    for (;;) {
      if (this.#at >= this.#unread.length && !this.#fill()) return undefined;
      const newline = this.#unread.indexOf('\n', this.#at);
      if (newline >= 0) {
        this.#pending.add(this.#part(stripped ? newline : newline + 1));
        this.#at = newline + 1;
        return this.#pending.take();
      }
      this.#pending.add(this.#part(this.#unread.length));
      this.#at = this.#unread.length;
    }
  }

  /** All of it, if it is no longer than so many bytes. */
  text(most: number): string {
    const text = new GatheredText(this.#parts.memory);
    while (this.#fill()) {
      text.add(this.#unread);
      if (text.length > most) throw new GuestError('max_bytes exceeded');
    }
    return text.take();
  }

  #part(end: number): string {
    return cut(this.#unread.slice(this.#at, end), this.#unread.length);
  }

  /** Gets the next block. False at the end. */
  #fill(): boolean {
    for (;;) {
      this.#parts.memory.charge(1);
      const [block] = this.#parts.host('gzfile.read', [this.number]);
      if (block === undefined) continue; // it took long: the guest may have been told to stop
      this.#unread = String(block);
      this.#at = 0;
      return block !== '';
    }
  }

  seek(relative: boolean, offset: number): number {
    const unread = this.#unread.length - this.#at;
    const by = relative ? offset - unread : offset;
    const [position] = this.#parts.host('gzfile.seek', [this.number, relative, by]);
    if (typeof position !== 'number' || position < 0) return -1;
    this.#unread = '';
    this.#at = 0;
    this.#pending.take();
    return position;
  }

  /** True when the file ended in the middle of compressed data. */
  close(): boolean {
    if (this.closed) return false;
    this.closed = true;
    this.#unread = '';
    this.#at = 0;
    this.#pending.take();
    return this.#parts.host('gzfile.close', [this.number])[0] === true;
  }
}

class GzFiles {
  readonly #parts: ModuleParts;
  readonly #handles: HostHandles;
  readonly #methods: Readonly<Record<string, HostFunction>>;

  constructor(parts: ModuleParts) {
    this.#parts = parts;
    this.#handles = new HostHandles((number) => parts.host('gzfile.close', [number]));
    this.#methods = {
      lines: (args) => this.#lines(args),
      lines_tail: (args) => this.#linesTail(args),
      seek: (args) => seek(args),
      close: (args) => {
        this.#close(fileArgument(args, 1));
        return [];
      },
    };
  }

  /** Undefined when it cannot be read. */
  #open(path: string, mode: string): GzFile | undefined {
    if (!READING.test(mode)) return undefined;
    let opened = this.#parts.host('gzfile.open', [path]);
    if (opened.length > 0 && opened[0] === undefined && this.#handles.sweep()) {
      opened = this.#parts.host('gzfile.open', [path]);
    }
    const [number] = opened;
    if (typeof number !== 'number') return undefined;
    const file = new GzFile(this.#parts, this.#methods, number);
    this.#handles.add(file, number);
    return file;
  }

  open(args: readonly GuestValue[]): GuestValue | readonly GuestValue[] {
    checkCount(args, 3);
    const path = stringArgument(args, 1);
    const mode = args[1] === undefined ? 'rb' : stringArgument(args, 2);
    checkArgument(optionalInteger(args, 3, BUFFER_BYTES) > 0, 3, 'buffer_size must be > 0');
    return this.#open(path, mode) ?? [undefined, 'open failed'];
  }

  string(args: readonly GuestValue[]): string {
    checkCount(args, 4);
    const path = stringArgument(args, 1);
    const mode = args[1] === undefined ? 'rb' : stringArgument(args, 2);
    checkArgument(optionalInteger(args, 3, BUFFER_BYTES) > 0, 3, 'buffer_size must be > 0');
    const most = optionalInteger(args, 4, LINE_BYTES);
    checkArgument(most > 0, 4, 'max_bytes must be > 0');
    const file = this.#open(path, mode);
    if (file === undefined) throw new GuestError('open failed');
    let text: string;
    try {
      text = file.text(most);
    } catch (error) {
      this.#close(file);
      throw error;
    }
    if (this.#close(file)) throw new GuestError('close failed');
    return text;
  }

  #close(file: GzFile): boolean {
    this.#handles.remove(file.number);
    return file.close();
  }

  #lines(args: readonly GuestValue[]): GuestValue {
    const file = fileArgument(args, 2);
    const most = optionalInteger(args, 2, LINE_BYTES);
    checkArgument(most > 0, 2, 'max_bytes must be > 0');
    return this.#parts.createFunction('lines', () => (file.closed ? [] : (file.line(most) ?? [])));
  }

  #linesTail(args: readonly GuestValue[]): GuestValue {
    const file = fileArgument(args, 2);
    const stripped = args[1] !== undefined && args[1] !== false;
    return this.#parts.createFunction('lines_tail', () =>
      file.closed ? [] : (file.completeLine(stripped) ?? []),
    );
  }
}

function seek(args: readonly GuestValue[]): GuestValue | readonly GuestValue[] {
  const file = fileArgument(args, 3);
  const relative = optionArgument(args, 2, WHENCE, 'set') === 1;
  const offset = Math.trunc(optionalNumber(args, 3, 0));
  if (file.closed) return [undefined, 'closed'];
  const position = file.seek(relative, offset);
  return position < 0 ? [undefined, ''] : position;
}

/** The object of a method that takes at most so many arguments, itself counted. */
function fileArgument(args: readonly GuestValue[], most: number): GzFile {
  const [file] = args;
  if (!(file instanceof GzFile)) throw new GuestArgumentError(1, `${TYPE} expected`);
  checkCount(args, most);
  return file;
}

function checkCount(args: readonly GuestValue[], most: number): void {
  checkArgument(args.length <= most, 0, 'incorrect number of arguments');
}

export const createModule: ModuleFactory = (parts) => {
  const files = new GzFiles(parts);
  return {
    name: 'gzfile',
    open: () => ({
      name: 'gzfile',
      functions: {
        open: (args) => files.open(args),
        string: (args) => files.string(args),
        version: () => VERSION,
      },
    }),
  };
};
