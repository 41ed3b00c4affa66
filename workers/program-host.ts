/**
 * What a thread does for the Lua program that it runs: its files and streams, its environment, its sources. The isolate
 * calls these synchronously.
 */
import type { GuestIsolate } from '../native-limits/guest-isolate.ts';
import type { GuestFiles } from './guest-files.ts';
import { STANDARD_INPUT } from './isolate/host-api/file-host.ts';
import { systemErrorText } from './isolate/host-api/system-error.ts';
import type { ProgramHost } from './isolate/program-contract.ts';

/** Environment variables as byte strings. */
export type ProgramEnvironment = Readonly<Record<string, string>>;

const READ_BYTES = 64 * 1024;

export function programHost(
  files: GuestFiles,
  environment: ProgramEnvironment,
  isolate: () => GuestIsolate,
): ProgramHost {
  return {
    open: files.open,
    openTemporary: files.openTemporary,
    read: files.read,
    write: files.write,
    seek: files.seek,
    close: files.close,
    remove: files.remove,
    rename: files.rename,
    temporaryName: files.temporaryName,
    isTerminal: files.isTerminal,
    memory: (collect) => {
      if (collect) isolate().collect();
      return isolate().usedBytes();
    },
    readSource: (name) => readSource(files, name),
    getenv: (name) => (Object.hasOwn(environment, name) ? environment[name] : undefined),
    clock: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    },
  };
}

function readSource(
  files: GuestFiles,
  name: string | undefined,
): readonly [string, string] | string {
  const source = name === undefined ? readStream(files) : files.readAll(name);
  if (typeof source === 'string') return [source, name === undefined ? '=stdin' : `@${name}`];
  return `cannot open ${name ?? 'stdin'}: ${systemErrorText(-source)}`;
}

/** Standard input to its end. */
export function readStream(files: GuestFiles): string | number {
  const parts: string[] = [];
  for (;;) {
    const part = files.read(STANDARD_INPUT, READ_BYTES);
    if (typeof part === 'number') return part;
    if (part === '') return parts.join('');
    parts.push(part);
  }
}
