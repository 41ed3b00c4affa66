/**
 * What a program of the user's own gets of its process: the host's part of the os library, and print and collectgarbage,
 * which need streams and the isolate's memory. There is no shell, and os.execute says so.
 */
import { type Engine, GuestError, type HostFunction } from '../engine.ts';
import type { ProgramHost } from '../program-contract.ts';
import {
  integerArgument,
  optionArgument,
  optionalInteger,
  stringArgument,
} from './guest-arguments.ts';
import { FileError, failure, type IoFile } from './io-file.ts';

/** Thrown through the guest by os.exit. */
export class ProgramExit {
  readonly status: number;
  constructor(status: number) {
    this.status = status;
  }
}

const CATEGORIES = ['all', 'collate', 'ctype', 'monetary', 'numeric', 'time'];
const COLLECT_OPTIONS = ['stop', 'restart', 'collect', 'count', 'step', 'setpause', 'setstepmul'];
/** collectgarbage's answers for settings that V8 has none of: Lua 5.1's defaults. */
const DEFAULT_SETTING = 200;

/** What the os library needs of the host. */
export type OsHost = Pick<ProgramHost, 'clock' | 'getenv' | 'remove' | 'rename' | 'temporaryName'>;

export function osFunctions(host: OsHost): Readonly<Record<string, HostFunction>> {
  return {
    clock: () => host.clock(),
    execute: (args) => {
      if (args[0] === undefined) return 0;
      stringArgument(args, 1);
      throw new GuestError("'execute' not supported");
    },
    exit: (args) => {
      throw new ProgramExit(optionalInteger(args, 1, 0) & 0xff);
    },
    getenv: (args) => host.getenv(stringArgument(args, 1)),
    remove: (args) => {
      const path = stringArgument(args, 1);
      const result = host.remove(path);
      return result < 0 ? failure(-result, path) : true;
    },
    rename: (args) => {
      const from = stringArgument(args, 1);
      const result = host.rename(from, stringArgument(args, 2));
      return result < 0 ? failure(-result, from) : true;
    },
    setlocale: (args) => {
      const locale = args[0] === undefined ? undefined : stringArgument(args, 1);
      optionArgument(args, 2, CATEGORIES, 'all');
      return locale === undefined || locale === '' || locale === 'C' || locale === 'POSIX'
        ? 'C'
        : undefined;
    },
    tmpname: () => {
      const name = host.temporaryName();
      if (typeof name === 'number') throw new GuestError('unable to generate a unique filename');
      return name;
    },
  };
}

/** Writes to standard output, through the guest's own tostring. */
export function printTo(engine: Engine, stdout: IoFile): HostFunction {
  return (args) => {
    let line = '';
    for (let i = 0; i < args.length; i++) {
      const value = args[i];
      const text = typeof value === 'string' ? value : engine.toText(value);
      line += i === 0 ? text : `\t${text}`;
    }
    try {
      stdout.write(`${line}\n`);
    } catch (error) {
      if (!(error instanceof FileError)) throw error; // as C's fputs, whose result print ignores
    }
    return [];
  };
}

/** `used` gives bytes in PUC's terms, after a collection when asked for. */
export function memoryFunctions(
  used: (collect: boolean) => number,
): Readonly<Record<string, HostFunction>> {
  return {
    collectgarbage: (args) => {
      const option = COLLECT_OPTIONS[optionArgument(args, 1, COLLECT_OPTIONS, 'collect')];
      if (args[1] !== undefined) integerArgument(args, 2);
      switch (option) {
        case 'count':
          return used(false) / 1024;
        case 'collect':
          used(true);
          return 0;
        case 'step':
          used(true);
          return true;
        case 'setpause':
        case 'setstepmul':
          return DEFAULT_SETTING;
        default:
          return 0;
      }
    },
    gcinfo: () => Math.floor(used(false) / 1024),
  };
}
