/**
 * Entry of the worker thread that runs one plain Lua program in one isolate: started with a ProgramTask, it answers with one
 * ProgramAnswer and ends. In a thread of its own the isolate's stack can be large, and the main thread hears signals.
 */
import { parentPort, workerData } from 'node:worker_threads';
import {
  callbacks,
  copyIn,
  GuestIsolate,
  IsolateSnapshot,
  share,
} from '../native-limits/guest-isolate.ts';
import { enlargeGuestStack } from '../native-limits/guest-stack.ts';
import { GuestFiles } from './guest-files.ts';
import { ENTRY_GLOBAL } from './isolate/contract.ts';
import type { ProgramResult, ProgramSpec } from './isolate/program-contract.ts';
import { type ProgramEnvironment, programHost, readStream } from './program-host.ts';

export interface ProgramTask {
  /** What runs inside the isolate. */
  readonly code: string;
  readonly spec: ProgramSpec;
  /** Standard input to its end is the last chunk's source. */
  readonly sourceFromInput: boolean;
  /** Folder where relative paths start, and below which files may be used. */
  readonly folder: string;
  readonly temporary: string;
  readonly environment: ProgramEnvironment;
  /** Descriptors of standard input, output and error. */
  readonly streams: readonly [number, number, number];
  /** Heap at which V8 ends the program, bytes. */
  readonly backstopBytes: number;
  readonly openFiles: number;
  /** One Int32; set from outside to end the program. */
  readonly interrupt: SharedArrayBuffer;
}

export type ProgramAnswer =
  | ProgramResult
  /** The isolate's heap was full. */
  | { readonly kind: 'heap' }
  /** A defect of ours. */
  | { readonly kind: 'fault'; readonly text: string };

/** A program may run for weeks; isolated-vm counts in milliseconds of 32 bits. */
const NO_TIMEOUT_MS = 2 ** 31 - 1;

function run(task: ProgramTask): ProgramAnswer {
  const files = new GuestFiles({
    roots: [task.folder],
    temporary: task.temporary,
    devices: ['/dev/null'],
    streams: task.streams,
    openFiles: task.openFiles,
  });
  let { spec } = task;
  if (task.sourceFromInput) {
    const source = readStream(files);
    if (typeof source === 'number') return { kind: 'fault', text: `standard input: ${source}` };
    spec = { ...spec, chunks: [...spec.chunks, { source, name: '=stdin' }] };
  }
  enlargeGuestStack();
  const isolate = new GuestIsolate({
    snapshot: IsolateSnapshot.make(task.code),
    backstopBytes: task.backstopBytes,
    entry: ENTRY_GLOBAL,
    functions: ['run'],
  });
  try {
    const host = programHost(files, task.environment, () => isolate);
    const outcome = isolate.enter(
      'run',
      [copyIn(spec), callbacks({ ...host }), share(task.interrupt)],
      NO_TIMEOUT_MS,
    );
    switch (outcome.kind) {
      case 'value':
        return outcome.value as ProgramResult; // the contract's shape
      case 'memory':
        return { kind: 'heap' };
      default:
        return { kind: 'fault', text: outcome.kind === 'fault' ? outcome.text : outcome.kind };
    }
  } finally {
    files.closeAll();
    isolate.dispose();
  }
}

parentPort?.postMessage(run(workerData as ProgramTask)); // what lua.ts sends
