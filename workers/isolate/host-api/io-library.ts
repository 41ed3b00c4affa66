/**
 * Lua 5.1's io library over a FileHost, for any engine. Which files there are is the host's business; what cannot be had
 * is popen. Standard streams cannot be closed, as with the standalone lua.
 */
import {
  GuestArgumentError,
  GuestError,
  type GuestFunction,
  type GuestValue,
  type HostFunction,
} from '../engine.ts';
import {
  type FileHost,
  STANDARD_ERROR,
  STANDARD_INPUT,
  STANDARD_OUTPUT,
  Whence,
} from './file-host.ts';
import {
  guestTypeName,
  optionArgument,
  optionalInteger,
  stringArgument,
  stringOf,
  typeError,
} from './guest-arguments.ts';
import { type Buffering, type Failure, FILE_TYPE, FileError, failure, IoFile } from './io-file.ts';

export interface IoOptions {
  readonly host: FileHost;
  /** Longest text that one read may return, bytes. */
  readonly stringLimit: number;
  /** Engine.createFunction: io.lines returns a function. */
  readonly createFunction: (name: string, host: HostFunction) => GuestFunction;
  /** Writing takes references to message parts too, and its errors say so (outputs of lua_sandbox 1.x). */
  readonly zeroCopy?: boolean;
}

export interface IoLibrary {
  readonly functions: Readonly<Record<string, HostFunction>>;
  readonly stdin: IoFile;
  readonly stdout: IoFile;
  readonly stderr: IoFile;
  /** Passes on what was written to any open file. What cannot be is dropped. */
  flushAll(): void;
}

type Result = GuestValue | readonly GuestValue[];

const WHENCES = ['set', 'cur', 'end'] as const;
const WHENCE_OF = [Whence.start, Whence.current, Whence.end] as const;
const BUFFERINGS: readonly Buffering[] = ['no', 'full', 'line'];

export function createIoLibrary(options: IoOptions): IoLibrary {
  const { host, stringLimit, createFunction } = options;
  const zeroCopy = options.zeroCopy === true;
  const files = new Map<number, IoFile>();
  const methods: Record<string, HostFunction> = {};

  const make = (
    number: number,
    mode: string,
    standard: boolean,
    buffering: Buffering,
    beforeRead?: () => void,
  ): IoFile => {
    const update = mode.includes('+');
    const file = new IoFile({
      host,
      number,
      readable: update || mode.startsWith('r'),
      writable: update || !mode.startsWith('r'),
      standard,
      buffering,
      methods,
      stringLimit,
      ...(beforeRead === undefined ? {} : { beforeRead }),
    });
    files.set(number, file);
    return file;
  };
  const open = (path: string, mode: string): IoFile | Failure => {
    const number = host.open(path, mode);
    return number < 0 ? failure(-number, path) : make(number, mode, false, 'full');
  };
  const close = (file: IoFile): Result => {
    if (file.standard) return [undefined, 'cannot close standard file'];
    for (const [number, known] of files) if (known === file) files.delete(number);
    return attempt(() => {
      file.close();
      return true;
    });
  };

  const stdout = make(
    STANDARD_OUTPUT,
    'w',
    true,
    host.isTerminal(STANDARD_OUTPUT) ? 'line' : 'full',
  );
  const stderr = make(STANDARD_ERROR, 'w', true, 'no');
  const stdin = make(STANDARD_INPUT, 'r', true, 'full', () => attempt(() => flushed(stdout)));
  let input = stdin;
  let output = stdout;

  const currentInput = (): IoFile => {
    if (input.closed) throw new GuestError('standard input file is closed');
    return input;
  };
  const currentOutput = (): IoFile => {
    if (output.closed) throw new GuestError('standard output file is closed');
    return output;
  };
  /** An iterator over lines. A file that the library opened for it is closed at its end. */
  const lines = (file: IoFile, owned: boolean): GuestFunction =>
    createFunction('lines', () => {
      if (file.closed) throw new GuestError('file is already closed');
      const line = reading(() => file.line());
      if (line !== undefined) return line;
      if (owned) close(file);
      return [];
    });
  /** io.input and io.output: the current file, after another took its place. */
  const select = (
    args: readonly GuestValue[],
    mode: string,
    current: () => IoFile,
    set: (file: IoFile) => void,
  ): IoFile => {
    const given = args[0];
    const path = stringOf(given);
    if (path !== undefined) set(opened(path, mode));
    else if (given !== undefined) set(openFile(args));
    return current();
  };
  const opened = (path: string, mode: string): IoFile => {
    const file = open(path, mode);
    if (file instanceof IoFile) return file;
    throw new GuestArgumentError(1, file[1]);
  };

  Object.assign(methods, {
    close: (args) => close(openFile(args)),
    flush: (args) => {
      const file = openFile(args);
      return attempt(() => flushed(file));
    },
    lines: (args) => lines(openFile(args), false),
    read: (args) => read(openFile(args), args, 1),
    seek: (args) => {
      const file = openFile(args);
      const whence = WHENCE_OF[optionArgument(args, 2, WHENCES, 'cur')] ?? Whence.current;
      const offset = optionalInteger(args, 3, 0);
      return attempt(() => file.seek(whence, offset));
    },
    setvbuf: (args) => {
      const file = openFile(args);
      const buffering = BUFFERINGS[optionArgument(args, 2, BUFFERINGS)] ?? 'full';
      const bytes = args[2] === undefined ? undefined : optionalInteger(args, 3, 0);
      return attempt(() => {
        file.setBuffering(buffering, bytes);
        return true;
      });
    },
    write: (args) => write(openFile(args), args, 1, zeroCopy),
    __gc: (args) => {
      const file = fileArgument(args);
      if (!file.closed && !file.standard) close(file);
      return [];
    },
    __tostring: (args) => {
      const file = fileArgument(args);
      return file.closed ? 'file (closed)' : `file (${addressOf(file)})`;
    },
  } satisfies Record<string, HostFunction>);

  const functions: Record<string, HostFunction> = {
    close: (args) => close(args.length === 0 ? currentOutput() : openFile(args)),
    flush: () => {
      const file = currentOutput();
      return attempt(() => flushed(file));
    },
    input: (args) =>
      select(
        args,
        'r',
        () => input,
        (file) => {
          input = file;
        },
      ),
    lines: (args) => {
      if (args[0] === undefined) return lines(currentInput(), false);
      return lines(opened(stringArgument(args, 1), 'r'), true);
    },
    open: (args) => {
      const path = stringArgument(args, 1);
      return open(path, args[1] === undefined ? 'r' : stringArgument(args, 2));
    },
    output: (args) =>
      select(
        args,
        'w',
        () => output,
        (file) => {
          output = file;
        },
      ),
    popen: () => {
      throw new GuestError("'popen' not supported");
    },
    read: (args) => read(currentInput(), args, 0),
    tmpfile: () => {
      const number = host.openTemporary();
      return number < 0 ? failure(-number) : make(number, 'w+', false, 'full');
    },
    type: (args) => {
      if (args.length === 0) throw new GuestArgumentError(1, 'value expected');
      const file = args[0];
      if (!(file instanceof IoFile)) return undefined;
      return file.closed ? 'closed file' : 'file';
    },
    write: (args) => write(currentOutput(), args, 0, zeroCopy),
  };
  return {
    functions,
    stdin,
    stdout,
    stderr,
    flushAll: () => {
      for (const file of files.values()) attempt(() => flushed(file));
    },
  };
}

/** Runs something that may fail as files do; the failure is the result. */
function attempt(run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    if (error instanceof FileError) return failure(error.number);
    throw error;
  }
}

function flushed(file: IoFile): true {
  file.flush();
  return true;
}

/** Reading inside an iterator, where a failure is an error. */
function reading<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof FileError) throw new GuestError(failure(error.number)[1]);
    throw error;
  }
}

function fileArgument(args: readonly GuestValue[]): IoFile {
  const file = args[0];
  if (file instanceof IoFile) return file;
  throw typeError(args, 1, FILE_TYPE);
}

function openFile(args: readonly GuestValue[]): IoFile {
  const file = fileArgument(args);
  if (file.closed) throw new GuestError('attempt to use a closed file');
  return file;
}

/** Reads one value for each format from argument `first` on, up to the first that finds nothing. */
function read(file: IoFile, args: readonly GuestValue[], first: number): Result {
  if (args.length <= first) return attempt(() => file.line());
  const results: GuestValue[] = [];
  const failed = attempt(() => {
    for (let i = first; i < args.length; i++) {
      const value = readOne(file, args, i);
      results.push(value);
      if (value === undefined) break;
    }
  });
  return failed ?? results;
}

function readOne(file: IoFile, args: readonly GuestValue[], index: number): GuestValue {
  const format = args[index];
  if (typeof format === 'number') return file.bytes(byteCount(format));
  if (typeof format !== 'string' || !format.startsWith('*')) {
    throw new GuestArgumentError(index + 1, 'invalid option');
  }
  switch (format.charAt(1)) {
    case 'n':
      return file.number();
    case 'l':
      return file.line();
    case 'a':
      return file.all();
    default:
      throw new GuestArgumentError(index + 1, 'invalid format');
  }
}

/** A negative count is a very large one, as C's size_t takes it. */
function byteCount(value: number): number {
  if (Number.isNaN(value)) return 0;
  return value <= -1 ? Number.MAX_SAFE_INTEGER : Math.trunc(value);
}

/** The text to write for an argument, by its number; `zeroCopy` words the errors. */
function writtenText(args: readonly GuestValue[], argument: number, zeroCopy: boolean): string {
  const value = args[argument - 1];
  if (typeof value === 'object' && value.kind === 'object' && value.zeroCopy !== undefined) {
    return value.zeroCopy();
  }
  const text = zeroCopy ? stringOf(value) : stringArgument(args, argument);
  if (text !== undefined) return text;
  if (guestTypeName(value) === 'userdata') {
    throw new GuestArgumentError(argument, 'no zero copy support');
  }
  throw typeError(args, argument, 'number, string or userdata');
}

function write(
  file: IoFile,
  args: readonly GuestValue[],
  first: number,
  zeroCopy: boolean,
): Result {
  let status: Result = true;
  for (let i = first; i < args.length; i++) {
    const text = writtenText(args, i + 1, zeroCopy);
    if (status !== true) continue;
    status = attempt(() => {
      file.write(text);
      return true;
    });
  }
  return status;
}

const addresses = new WeakMap<IoFile, string>();
let lastAddress = 0x5600_0000;

/** Stands for an address: equal for the same file only. */
function addressOf(file: IoFile): string {
  let address = addresses.get(file);
  if (address === undefined) {
    lastAddress += 0x1e0;
    address = `0x${lastAddress.toString(16).padStart(12, '0')}`;
    addresses.set(file, address);
  }
  return address;
}
