/**
 * loadfile and dofile over the files that a sandbox may use, which the drivers of module tests load their parts with. The
 * guest's own loadstring compiles what was read.
 */
import {
  type Engine,
  GuestError,
  type GuestValue,
  type HostFunction,
  type Library,
} from '../../engine.ts';
import { stringArgument } from '../../host-api/guest-arguments.ts';
import { FileError, failure, IoFile } from '../../host-api/io-file.ts';

export function fileLoading(
  engine: Engine,
  libraries: ReadonlyMap<string, () => Library>,
): Readonly<Record<string, HostFunction>> {
  const compile = engine.getGlobal('loadstring');
  const load = (args: readonly GuestValue[]): readonly GuestValue[] => {
    const name = stringArgument(args, 1);
    const source = contents(libraries.get('io')?.(), name);
    if (typeof source !== 'string') return [undefined, `cannot open ${source[1]}`];
    // A file's first line may be for the operating system's eyes only.
    const text = source.startsWith('#') ? source.replace(/^[^\n]*/, '') : source;
    return engine.callFunction(compile, [text, `@${name}`]);
  };
  return {
    loadfile: load,
    dofile: (args) => {
      const [chunk, text] = load(args);
      if (chunk === undefined) throw new GuestError(typeof text === 'string' ? text : '');
      return engine.callFunction(chunk, []);
    },
  };
}

/** A whole file, or what stands against it. */
function contents(io: Library | undefined, name: string): string | readonly [undefined, string] {
  const file = run(io, 'open', name);
  if (!(file instanceof IoFile)) {
    const text = Array.isArray(file) ? file[1] : undefined;
    return [undefined, typeof text === 'string' ? text : name];
  }
  try {
    return file.all();
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return [undefined, failure(error.number, name)[1]];
  } finally {
    run(io, 'close', file);
  }
}

/** Calls a function of the io library. */
function run(
  io: Library | undefined,
  name: string,
  argument: GuestValue,
): ReturnType<HostFunction> {
  const call = io?.functions[name];
  return typeof call === 'function' ? call([argument]) : undefined;
}
