/**
 * Between a thread that runs a Lua program of the user's own and the isolate it runs in: plain data, and synchronous calls
 * out for everything that Lua 5.1 asks of the system.
 */
import type { LineCount } from '../../lib/protocol/batch.ts';
import type { FileHost } from './host-api/file-host.ts';

/** Source text as a byte string, and a file's name or one with "=" in front. */
export interface ProgramChunk {
  readonly source: string;
  readonly name: string;
}

export interface ProgramSpec {
  readonly engine: string;
  /** Run one after the other; the last one is the script when `script` is set. */
  readonly chunks: readonly ProgramChunk[];
  /** Name of the script, for arg[0]; undefined when there is none. */
  readonly script: string | undefined;
  /** What stands before the script on the command line, for arg[-1]. */
  readonly program: string;
  /** The script's arguments, byte strings. */
  readonly args: readonly string[];
  /** Initial package.path. */
  readonly path: string;
  /** Instructions that the program may execute; Number.MAX_SAFE_INTEGER for no limit. */
  readonly instructionLimit: number;
  /** Bytes in PUC's terms that the program may keep; 0 for no limit. */
  readonly memoryLimit: number;
  /** Longest string, bytes. */
  readonly stringLimit: number;
  readonly profile: boolean;
}

export interface ProgramHost extends FileHost {
  /** Bytes of the isolate in use, after a full collection when `collect`. */
  readonly memory: (collect: boolean) => number;
  /** loadfile: source and chunk name, or the text of the error. */
  readonly readSource: (name: string | undefined) => readonly [string, string] | string;
  readonly getenv: (name: string) => string | undefined;
  /** CPU seconds of the process. */
  readonly clock: () => number;
}

export type ProgramResult = (
  | { readonly kind: 'done' }
  /** os.exit. */
  | { readonly kind: 'exit'; readonly status: number }
  | {
      readonly kind: 'error';
      readonly text: string | undefined;
      readonly traceback: string | undefined;
    }
  | { readonly kind: 'instructions' | 'memory' | 'interrupted' }
) & { readonly lines?: readonly LineCount[] };

export interface ProgramEntry {
  /** Runs the program to its end. When the Int32 in `interrupt` is not 0, the program ends at its next safepoint. */
  run(spec: ProgramSpec, host: ProgramHost, interrupt: SharedArrayBuffer): ProgramResult;
}
