/**
 * What inputs and outputs have of the machine: the io library and the rest of os, over the host's file service. Files lie
 * below the folder that the operator set; there is no shell, and of the environment only the time zone.
 */

import type { HostCalls } from '../contract.ts';
import { type Engine, GuestError, type HostFunction, type Library } from '../engine.ts';
import type { FileHost } from '../host-api/file-host.ts';
import { stringArgument } from '../host-api/guest-arguments.ts';
import { createIoLibrary } from '../host-api/io-library.ts';
import { osFunctions } from '../host-api/process-library.ts';
import type { ServiceValue } from '../modules/native-module.ts';

/** Variables that a script may read. What else there is may be secret. */
const ENVIRONMENT: Readonly<Record<string, string>> = { TZ: 'UTC' };

export interface MachineOptions {
  readonly host: HostCalls;
  /** Longest text that one read may return, bytes. */
  readonly stringLimit: number;
  readonly engine: () => Engine;
  /** IoOptions.zeroCopy. */
  readonly zeroCopy?: boolean;
}

export interface MachineLibraries {
  readonly libraries: ReadonlyMap<string, () => Library>;
  readonly additions: Readonly<Record<string, Readonly<Record<string, HostFunction>>>>;
  /** Passes on what was written to files: before every return to the host. */
  flush(): void;
}

export function machineLibraries(options: MachineOptions): MachineLibraries {
  const { host, engine } = options;
  const files = fileHost(host);
  let io: ReturnType<typeof createIoLibrary> | undefined;
  const library = (): Library => {
    io ??= createIoLibrary({
      host: files,
      stringLimit: options.stringLimit,
      createFunction: (name, call) => engine().createFunction(name, call),
      zeroCopy: options.zeroCopy === true,
    });
    const { functions, stderr, stdin, stdout } = io;
    return { name: 'io', functions: { ...functions, stderr, stdin, stdout } };
  };
  const { execute, remove, rename, tmpname } = osFunctions({
    ...files,
    clock: () => 0,
    getenv: () => undefined,
  });
  const additions: Record<string, HostFunction> = {
    getenv: (args) => {
      const name = stringArgument(args, 1);
      return Object.hasOwn(ENVIRONMENT, name) ? ENVIRONMENT[name] : undefined;
    },
  };
  for (const [name, call] of Object.entries({ execute, remove, rename, tmpname })) {
    if (call !== undefined) additions[name] = call;
  }
  return {
    libraries: new Map([['io', library]]),
    additions: { os: additions },
    flush: () => io?.flushAll(),
  };
}

/** The host's file service as the io library wants it. Failures are negated system error numbers. */
function fileHost(host: HostCalls): FileHost {
  const ask = (operation: string, ...args: ServiceValue[]): ServiceValue => {
    const result = host.service(`file.${operation}`, ...args);
    if ('error' in result) throw new GuestError(result.error);
    return result[0];
  };
  const number = (value: ServiceValue) => Number(value);
  const textOrNumber = (value: ServiceValue) => (typeof value === 'string' ? value : Number(value));
  return {
    open: (path, mode) => number(ask('open', path, mode)),
    openTemporary: () => number(ask('openTemporary')),
    read: (file, bytes) => textOrNumber(ask('read', file, bytes)),
    write: (file, text) => number(ask('write', file, text)),
    seek: (file, whence, offset) => number(ask('seek', file, whence, offset)),
    close: (file) => number(ask('close', file)),
    remove: (path) => number(ask('remove', path)),
    rename: (from, to) => number(ask('rename', from, to)),
    temporaryName: () => textOrNumber(ask('temporaryName')),
    isTerminal: () => false,
  };
}
