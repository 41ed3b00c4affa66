/**
 * What a subcommand is, and how it is run: the interface of the command line tools. A command sees the world through
 * CommandIo only, so that tests run it in process; it returns its exit code, and a HekateError that it throws is
 * printed with its code and advice.
 */
import { type ErrorCode, errorCatalogue, errorText, HekateError } from '../protocol/errors.ts';
import { type FlagSpec, type FlagValues, parseFlags } from './flags.ts';

/** Exit code of a command that was called wrongly: an unknown flag, a missing argument. */
export const EXIT_USAGE = 2;
/** Exit code of a fault. */
export const EXIT_FAULT = 1;

export interface CommandIo {
  /** Standard output; bytes are written as they are. Never blocks: who writes much awaits `drained` in between. */
  stdout(data: string | Uint8Array): void;
  /** Standard error. */
  stderr(text: string): void;
  /** Resolves when standard output has taken what was written, or enough of it to go on. */
  drained(): Promise<void>;
  readonly stdin: AsyncIterable<Uint8Array>;
  /** True when standard error is a terminal, so that progress may be shown there. */
  readonly isTerminal: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** File descriptors of standard input, output and error, for what reads and writes without waiting for anyone. */
  readonly descriptors: readonly [number, number, number];
  /** Folder that relative paths start from. */
  readonly cwd: string;
  /** Aborted by SIGINT and SIGTERM, and when standard output was closed by its reader. */
  readonly signal: AbortSignal;
}

export interface Command {
  /** As typed: "cat", or "heka-sbmgr" for a program of its own. */
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What follows the name, such as "[flags] FILE". */
  readonly usage: string;
  /** A whole command line that works. */
  readonly example: string;
  readonly flags: Readonly<Record<string, FlagSpec>>;
  /** Flags end at the first argument that is none: what follows belongs to that argument's program. */
  readonly stopAtPositional?: boolean;
  /** Exit code of a wrong call, when upstream's is not 2. */
  readonly usageExit?: number;
  run(values: FlagValues, positional: readonly string[], io: CommandIo): Promise<number>;
}

/** Text of `-help`. `program` is what stands before the usage, such as "hekate cat". */
export function helpText(command: Command, program: string): string {
  let text = `${command.summary}\n\nusage: ${program} ${command.usage}\n`;
  const names = Object.keys(command.flags);
  if (names.length > 0) text += '\n';
  for (const name of names) {
    const flag = command.flags[name];
    if (flag === undefined) continue;
    const value = flag.kind === 'bool' ? '' : ` ${flag.placeholder ?? flag.kind}`;
    const shown = flag.default === undefined || flag.default === '' || flag.default === false;
    const fallback = shown ? '' : ` (default ${String(flag.default)})`;
    text += `  -${name}${value}\n        ${flag.doc}${fallback}\n`;
  }
  return `${text}\nexample: ${command.example}\n`;
}

/** Parses the arguments, runs the command and prints what it throws. Returns the exit code. */
export async function runCommand(
  command: Command,
  program: string,
  args: readonly string[],
  io: CommandIo,
): Promise<number> {
  let parsed: ReturnType<typeof parseFlags>;
  try {
    parsed = parseFlags(command.flags, args, command.stopAtPositional === true);
  } catch (error) {
    printError(error, program, io);
    return command.usageExit ?? EXIT_USAGE;
  }
  if (parsed.help) {
    io.stdout(helpText(command, program));
    return 0;
  }
  try {
    return await command.run(parsed.values, parsed.positional, io);
  } catch (error) {
    printError(error, program, io);
    return error instanceof HekateError && error.code === 'HKT_TOOL_USAGE'
      ? (command.usageExit ?? EXIT_USAGE)
      : EXIT_FAULT;
  }
}

/** `program: CODE text`, then the advice. Anything without a code is a defect and shows where it happened. */
export function printError(thrown: unknown, program: string, io: CommandIo): void {
  if (!(thrown instanceof HekateError)) {
    const shown = thrown instanceof Error ? (thrown.stack ?? thrown.message) : errorText(thrown);
    printError(new HekateError('HKT_TOOL_INTERNAL', [shown], thrown), program, io);
    return;
  }
  const code: ErrorCode = thrown.code;
  io.stderr(`${program}: ${code} ${thrown.message}\n`);
  if (thrown.detail !== undefined) io.stderr(`${thrown.detail}\n`);
  const advice: string = errorCatalogue[code].advice;
  if (advice !== '') io.stderr(`  ${advice}\n`);
}
