/**
 * `hekate lua`: runs a plain Lua 5.1 program with the whole standard library, in an isolate in a thread of its own. Nothing
 * is limited unless asked for; files are those below the working folder and the system's folder for temporary files.
 */
import { readFile } from 'node:fs/promises';
import { constants, tmpdir, totalmem } from 'node:os';
import { resolve } from 'node:path';
import { isatty } from 'node:tty';
import { Worker } from 'node:worker_threads';
import { threadStackMib } from '../../native-limits/guest-stack.ts';
import type { ProgramChunk } from '../../workers/isolate/program-contract.ts';
import type { ProgramAnswer, ProgramTask } from '../../workers/program.ts';
import { systemCode } from '../atomic-file.ts';
import { isolateCode } from '../cells/isolate-code.ts';
import { programEntry } from '../entry-urls.ts';
import { DEFAULT_ENGINE } from '../protocol/batch.ts';
import { HekateError } from '../protocol/errors.ts';
import { type Command, type CommandIo, EXIT_FAULT, printError } from './command.ts';
import type { FlagValues } from './flags.ts';
import { lineTable } from './line-table.ts';

/** A limit ended the program. */
const EXIT_LIMIT = 3;
const PROGRAM = 'hekate lua';
const GIB = 1024 ** 3;
/** Heap at which V8 ends a program that has no limit: half the machine, but no more than this. */
const MOST_HEAP = 4 * GIB;
/** V8 bytes that stand for one byte of PUC Lua, at worst; sets the backstop behind a memory limit. */
const BACKSTOP_FACTOR = 10;
/** Longest string without a limit. V8 makes none of 512 MiB. */
const LONGEST_STRING = 256 * 1024 ** 2;
/** As many as a process has on most systems. */
const OPEN_FILES = 1000;
/** How long an interrupted program may take to notice before the process is ended. */
const GRACE_MS = 1000;
const DEFAULT_PATH = './?.lua;./?/init.lua';

export const command: Command = {
  name: 'lua',
  summary: 'Runs a plain Lua 5.1 program with the whole standard library.',
  usage: '[flags] [SCRIPT [ARGS]]',
  example: 'hekate lua -instruction_limit 100000000 primes.lua 1000',
  flags: {
    engine: {
      kind: 'string',
      choices: ['compiled', 'interpreted'],
      default: DEFAULT_ENGINE,
      doc: 'what runs it: the compiler to JavaScript, or the interpreter',
    },
    memory_limit: {
      kind: 'uint',
      placeholder: 'BYTES',
      doc: 'memory that it may keep; 0 is no limit',
    },
    instruction_limit: {
      kind: 'uint',
      placeholder: 'N',
      doc: 'instructions that it may execute; 0 is no limit',
    },
    e: {
      kind: 'string',
      placeholder: 'CODE',
      repeatable: true,
      doc: 'runs CODE first; may be given several times, and without a SCRIPT',
    },
    profile: { kind: 'bool', doc: 'shows the lines that used most instructions at the end' },
  },
  stopAtPositional: true,
  run: async (flags, positional, io) => {
    const [script, ...args] = positional;
    const code = flags.strings('e');
    const fromInput = script === '-' || (script === undefined && code.length === 0);
    if (script === undefined && fromInput && isatty(io.descriptors[0])) {
      throw new HekateError('HKT_TOOL_USAGE', ['lua takes a script, or a program on its input']);
    }
    const chunks = code.map((text): ProgramChunk => {
      return { source: byteString(text), name: '=(command line)' };
    });
    if (script !== undefined && !fromInput) {
      chunks.push({ source: await sourceOf(script, io), name: byteString(script) });
    }
    const task = await taskFor(flags, io, { chunks, script, args, fromInput });
    const answer = await runProgram(task, io);
    const status = report(answer, flags, io);
    if ('lines' in answer && answer.lines !== undefined) {
      io.stderr(await lineTable(answer.lines, io.cwd));
    }
    return status;
  },
};

async function sourceOf(script: string, io: CommandIo): Promise<string> {
  try {
    return await readFile(resolve(io.cwd, script), 'latin1');
  } catch (error) {
    throw new HekateError('HKT_TOOL_FILE', [script, systemCode(error)], error);
  }
}

interface Sources {
  readonly chunks: readonly ProgramChunk[];
  readonly script: string | undefined;
  readonly args: readonly string[];
  readonly fromInput: boolean;
}

async function taskFor(flags: FlagValues, io: CommandIo, sources: Sources): Promise<ProgramTask> {
  const { chunks, script, args, fromInput } = sources;
  const engine = flags.string('engine') === 'compiled' ? 'compiled' : 'interpreted';
  const memory = flags.number('memory_limit');
  const instructions = flags.number('instruction_limit');
  const mostHeap = Math.min(MOST_HEAP, Math.floor(totalmem() / 2));
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(io.env)) {
    if (value !== undefined) environment[byteString(name)] = byteString(value);
  }
  return {
    code: await isolateCode(`${engine}-program`),
    spec: {
      engine,
      chunks,
      script: script === undefined && !fromInput ? undefined : byteString(script ?? '-'),
      program: PROGRAM,
      args: args.map(byteString),
      path: (environment.LUA_PATH ?? DEFAULT_PATH).replaceAll(';;', `;${DEFAULT_PATH};`),
      instructionLimit: instructions === 0 ? Number.MAX_SAFE_INTEGER : instructions,
      memoryLimit: memory,
      stringLimit: memory === 0 ? LONGEST_STRING : Math.min(memory, LONGEST_STRING),
      profile: flags.bool('profile'),
    },
    sourceFromInput: fromInput,
    folder: io.cwd,
    temporary: tmpdir(),
    environment,
    streams: io.descriptors,
    backstopBytes: memory === 0 ? mostHeap : Math.min(memory * BACKSTOP_FACTOR, mostHeap),
    openFiles: OPEN_FILES,
    interrupt: new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT),
  };
}

/** Runs it in a thread. A signal ends the program, and the process if the program does not notice. */
function runProgram(task: ProgramTask, io: CommandIo): Promise<ProgramAnswer> {
  return new Promise((resolveAnswer, reject) => {
    const worker = new Worker(programEntry, {
      workerData: task,
      resourceLimits: { stackSizeMb: threadStackMib },
    });
    let grace: NodeJS.Timeout | undefined;
    const interrupt = (): void => {
      Atomics.store(new Int32Array(task.interrupt), 0, 1);
      // It may wait for its input, where nothing can reach it.
      grace = setTimeout(() => endProcess(io.signal), GRACE_MS);
    };
    if (io.signal.aborted) interrupt();
    else io.signal.addEventListener('abort', interrupt, { once: true });
    worker.once('message', (answer: ProgramAnswer) => resolveAnswer(answer));
    worker.once('error', reject);
    worker.once('exit', (code) => {
      clearTimeout(grace);
      io.signal.removeEventListener('abort', interrupt);
      reject(new Error(`the program's thread ended with code ${code}`)); // after an answer: no effect
    });
  });
}

/** As the signal would have without us. */
function endProcess(signal: AbortSignal): void {
  const name = signalName(signal);
  process.removeAllListeners(name);
  process.kill(process.pid, name);
}

function signalName(signal: AbortSignal): 'SIGINT' | 'SIGTERM' {
  return signal.reason === 'SIGTERM' ? 'SIGTERM' : 'SIGINT';
}

function report(answer: ProgramAnswer, flags: FlagValues, io: CommandIo): number {
  const limit = (text: string): number => {
    printError(new HekateError('HKT_TOOL_LIMIT', [text]), PROGRAM, io);
    return EXIT_LIMIT;
  };
  switch (answer.kind) {
    case 'done':
      return 0;
    case 'exit':
      return answer.status;
    case 'error': {
      const { text, traceback } = answer;
      io.stderr(`${PROGRAM}: ${shown(text ?? '(error object is not a string)')}\n`);
      // As lua has it: only a message has a traceback.
      if (text !== undefined && traceback !== undefined) io.stderr(`${shown(traceback)}\n`);
      return EXIT_FAULT;
    }
    case 'instructions':
      return limit(`instruction_limit ${flags.number('instruction_limit')} exceeded`);
    case 'memory':
    case 'heap':
      return limit(
        flags.number('memory_limit') === 0
          ? 'not enough memory'
          : `not enough memory (memory_limit ${flags.number('memory_limit')} bytes)`,
      );
    case 'interrupted':
      return 128 + constants.signals[signalName(io.signal)];
    case 'fault':
      throw new HekateError('HKT_TOOL_INTERNAL', [answer.text]);
    default:
      return answer satisfies never;
  }
}

/** Bytes as the guest sees them. */
function byteString(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** A byte string as text for people. */
function shown(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString();
}
