/**
 * The `lfs` module (LuaFileSystem 1.6): folders and attributes of files, below the folder that the operator set. Files cannot
 * be locked; a folder can.
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
  numberOf,
  optionArgument,
  stringArgument,
  stringOf,
  typeError,
} from '../../host-api/guest-arguments.ts';
import { systemErrorText } from '../../host-api/system-error.ts';
import { HostHandles } from '../host-handles.ts';
import type { ModuleFactory, ModuleParts, ServiceValue } from '../native-module.ts';

const FOLDER_TYPE = 'directory metatable';
const LOCK_TYPE = 'lock metatable';
const FILE_TYPE = 'FILE*';
/** In the order of the host's answer. */
const ATTRIBUTES = [
  'mode',
  'dev',
  'ino',
  'nlink',
  'uid',
  'gid',
  'rdev',
  'access',
  'modification',
  'change',
  'size',
  'permissions',
  'blocks',
  'blksize',
];
const MODES = ['binary', 'text'];
/** What a call of the system costs. */
const CALL_CHARGE = 20;

/** nil, text, number; `about` stands before the text. */
function failure(number: number, about?: string): readonly GuestValue[] {
  const text = systemErrorText(number);
  return [undefined, about === undefined ? text : `${about}: ${text}`, number];
}

/** The error's number, when the host's answer is one. */
function errorOf([first]: readonly ServiceValue[]): number | undefined {
  return typeof first === 'number' && first < 0 ? -first : undefined;
}

/** The names of a folder that are still to come. */
class Folder implements HostObject {
  readonly kind = 'object';
  readonly type = FOLDER_TYPE;
  readonly externalBytes = 0;
  readonly methods: Readonly<Record<string, HostFunction>>;
  readonly number: number;
  names: string[] = ['.', '..'];
  closed = false;

  constructor(methods: Folder['methods'], number: number) {
    this.methods = methods;
    this.number = number;
  }
}

class FolderLock implements HostObject {
  readonly kind = 'object';
  readonly type = LOCK_TYPE;
  readonly externalBytes = 0;
  readonly methods: Readonly<Record<string, HostFunction>>;
  readonly place: string;

  constructor(methods: FolderLock['methods'], place: string) {
    this.methods = methods;
    this.place = place;
  }
}

class FileSystem {
  readonly #parts: ModuleParts;
  readonly #handles: HostHandles;
  readonly #folderMethods: Readonly<Record<string, HostFunction>>;
  readonly #lockMethods: Readonly<Record<string, HostFunction>>;

  constructor(parts: ModuleParts) {
    this.#parts = parts;
    this.#handles = new HostHandles((number) => parts.host('lfs.closeFolder', [number]));
    this.#folderMethods = {
      next: (args) => this.#next(args),
      close: ([folder]) => {
        if (folder instanceof Folder) this.#close(folder);
        return [];
      },
    };
    this.#lockMethods = {
      free: ([lock]) => {
        if (lock instanceof FolderLock) this.#ask('unlockFolder', lock.place);
        return [];
      },
    };
  }

  #ask(operation: string, ...args: ServiceValue[]): readonly ServiceValue[] {
    this.#parts.memory.charge(CALL_CHARGE);
    return this.#parts.host(`lfs.${operation}`, args);
  }

  /** true, or what failed. */
  #done(operation: string, ...args: ServiceValue[]): GuestValue | readonly GuestValue[] {
    const error = errorOf(this.#ask(operation, ...args));
    return error === undefined ? true : failure(error);
  }

  attributes(args: readonly GuestValue[], itself: boolean): GuestValue | readonly GuestValue[] {
    const path = stringArgument(args, 1);
    const name = stringOf(args[1]);
    if (itself && name === 'target') {
      const answer = this.#ask('linkTarget', path);
      const error = errorOf(answer);
      return error === undefined ? answer[0] : failure(error, 'could not obtain link target');
    }
    const answer = this.#ask('attributes', path, itself);
    const error = errorOf(answer);
    if (error !== undefined) {
      return failure(error, `cannot obtain information from file '${path}'`);
    }
    if (name !== undefined) {
      const at = ATTRIBUTES.indexOf(name);
      if (at < 0) throw new GuestError(`invalid attribute name '${name.slice(0, 64)}'`);
      return answer[at];
    }
    const given = args[1];
    const table =
      typeof given === 'object' && given.kind === 'table' ? given : this.#parts.createTable();
    for (const [i, key] of ATTRIBUTES.entries()) table.set(key, answer[i]);
    if (itself && answer[0] === 'link') {
      const target = this.#ask('linkTarget', path);
      if (errorOf(target) === undefined) table.set('target', target[0]);
    }
    return table;
  }

  dir(args: readonly GuestValue[]): readonly GuestValue[] {
    const path = stringArgument(args, 1);
    let answer = this.#ask('openFolder', path);
    if (errorOf(answer) === TOO_MANY && this.#handles.sweep()) {
      answer = this.#ask('openFolder', path);
    }
    const error = errorOf(answer);
    if (error !== undefined) throw new GuestError(`cannot open ${path}: ${systemErrorText(error)}`);
    const folder = new Folder(this.#folderMethods, Number(answer[0]));
    this.#handles.add(folder, folder.number);
    return [this.#parts.createFunction('dir_iter', (own) => this.#next(own)), folder];
  }

  #next(args: readonly GuestValue[]): GuestValue | readonly GuestValue[] {
    const [folder] = args;
    if (!(folder instanceof Folder)) throw typeError(args, 1, FOLDER_TYPE);
    checkArgument(!folder.closed, 1, 'closed directory');
    this.#parts.memory.charge(1);
    if (folder.names.length === 0) {
      const answer = this.#ask('names', folder.number);
      const error = errorOf(answer);
      if (error !== undefined) throw new GuestError(systemErrorText(error));
      folder.names = answer.map(String);
    }
    const name = folder.names.shift();
    if (name !== undefined) return name;
    this.#close(folder);
    return [];
  }

  #close(folder: Folder): void {
    if (folder.closed) return;
    folder.closed = true;
    this.#handles.remove(folder.number);
    this.#ask('closeFolder', folder.number);
  }

  mkdir(args: readonly GuestValue[]): GuestValue | readonly GuestValue[] {
    return this.#done('mkdir', stringArgument(args, 1));
  }

  rmdir(args: readonly GuestValue[]): GuestValue | readonly GuestValue[] {
    return this.#done('rmdir', stringArgument(args, 1));
  }

  touch(args: readonly GuestValue[]): GuestValue | readonly GuestValue[] {
    const path = stringArgument(args, 1);
    if (args.length === 1) {
      const now = Math.floor(Date.now() / 1000);
      return this.#done('touch', path, now, now);
    }
    const accessed = time(args, 2, 0);
    return this.#done('touch', path, accessed, time(args, 3, accessed));
  }

  link(args: readonly GuestValue[]): GuestValue | readonly GuestValue[] {
    const symbolic = args[2] !== undefined && args[2] !== false;
    return this.#done('link', stringArgument(args, 1), stringArgument(args, 2), symbolic);
  }

  chdir(args: readonly GuestValue[]): GuestValue | readonly GuestValue[] {
    const path = stringArgument(args, 1);
    const error = errorOf(this.#ask('chdir', path));
    if (error === undefined) return true;
    const reason = systemErrorText(error);
    return [undefined, `Unable to change working directory to '${path}'\n${reason}\n`];
  }

  currentdir(): GuestValue {
    return this.#ask('currentdir')[0];
  }

  lockDir(args: readonly GuestValue[]): GuestValue | readonly GuestValue[] {
    const answer = this.#ask('lockFolder', stringArgument(args, 1));
    const error = errorOf(answer);
    if (error !== undefined) return [undefined, systemErrorText(error)];
    return new FolderLock(this.#lockMethods, String(answer[0]));
  }

  setMode(args: readonly GuestValue[]): readonly GuestValue[] {
    const [file] = args;
    if (typeof file !== 'object' || file.kind !== 'object' || file.type !== FILE_TYPE) {
      throw typeError(args, 1, FILE_TYPE);
    }
    if ('closed' in file && file.closed === true) throw new GuestError('setmode: closed file');
    optionArgument(args, 2, MODES);
    return [true, 'binary']; // they are the same here
  }
}

const TOO_MANY = 24;

function time(args: readonly GuestValue[], argument: number, fallback: number): number {
  const value = args[argument - 1];
  if (value === undefined) return fallback;
  const number = numberOf(value);
  if (number === undefined) throw typeError(args, argument, 'number');
  if (!Number.isFinite(number)) throw new GuestArgumentError(argument, 'not a time');
  return Math.trunc(number);
}

function noLocks(name: string): HostFunction {
  return () => {
    throw new GuestError(`lfs.${name} is not to be had: files cannot be locked here`);
  };
}

export const createModule: ModuleFactory = (parts) => {
  const files = new FileSystem(parts);
  const functions: Record<string, HostFunction | GuestValue> = {
    attributes: (args) => files.attributes(args, false),
    symlinkattributes: (args) => files.attributes(args, true),
    chdir: (args) => files.chdir(args),
    currentdir: () => files.currentdir(),
    dir: (args) => files.dir(args),
    link: (args) => files.link(args),
    lock: noLocks('lock'),
    unlock: noLocks('unlock'),
    lock_dir: (args) => files.lockDir(args),
    mkdir: (args) => files.mkdir(args),
    rmdir: (args) => files.rmdir(args),
    setmode: (args) => files.setMode(args),
    touch: (args) => files.touch(args),
    _VERSION: 'LuaFileSystem 1.6.3',
    _DESCRIPTION: 'Folders and attributes of files',
  };
  return { name: 'lfs', open: () => ({ name: 'lfs', functions }) };
};
