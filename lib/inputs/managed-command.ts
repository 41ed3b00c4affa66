/**
 * Runs a command, or a chain of commands of which each reads what the one before it writes (Heka's ManagedCmd and
 * CommandChain). No shell is involved. Each command is the head of a process group of its own, and the whole group is
 * ended: asked first, killed when it does not go, and let go of when even that leaves somebody with our pipes.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { Clock } from '../plugin.ts';
import { errorText, HekateError } from '../protocol/errors.ts';

/** Between asking and killing, and between killing and letting go. */
const GRACE_MS = 2_000;
/** Characters of a command line in a text. */
const SHOWN_CHARACTERS = 500;

export interface CommandLine {
  readonly bin: string;
  readonly args: readonly string[];
  /** "NAME=value"; undefined gives the daemon's environment. */
  readonly env: readonly string[] | undefined;
  /** "" is the daemon's working directory. */
  readonly directory: string;
}

export interface ChainOptions {
  readonly commands: readonly CommandLine[];
  /** For each command, from when the one before it has ended; 0 is none. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Which streams of the last command are read; the others go nowhere. */
  readonly stdout: boolean;
  readonly stderr: boolean;
}

export interface ChainStatus {
  /** Of the last command; -1 when a signal or the timeout ended it. */
  readonly exitStatus: number;
  /** A line for each command that failed; "" when none did. */
  readonly errors: string;
}

interface CommandEnd {
  readonly exitStatus: number;
  readonly error: string | undefined;
}

/** Go's texts of the signals that end commands in practice. */
const SIGNAL_TEXTS: Readonly<Record<string, string>> = {
  SIGHUP: 'hangup',
  SIGINT: 'interrupt',
  SIGQUIT: 'quit',
  SIGABRT: 'aborted',
  SIGKILL: 'killed',
  SIGSEGV: 'segmentation fault',
  SIGPIPE: 'broken pipe',
  SIGTERM: 'terminated',
};

function shown({ bin, args }: CommandLine): string {
  return [bin, ...args].join(' ').slice(0, SHOWN_CHARACTERS);
}

class ManagedCommand {
  readonly #line: CommandLine;
  readonly #clock: Clock;
  readonly #child: ChildProcess;
  readonly #closed: Promise<CommandEnd>;
  #over = false;
  #stopped = false;
  #grace: Disposable | undefined;

  private constructor(line: CommandLine, clock: Clock, child: ChildProcess) {
    this.#line = line;
    this.#clock = clock;
    this.#child = child;
    this.#closed = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.#over = true;
        this.#grace?.[Symbol.dispose]();
        resolve(endOf(code, signal));
      });
    });
    // Such as a signal that could not be sent: what it means shows in whether the child closes.
    child.on('error', () => {});
  }

  /** Rejects with HKT_PLUGIN_COMMAND when it cannot be started. */
  static async start(
    line: CommandLine,
    clock: Clock,
    stdio: readonly ('ignore' | 'pipe')[],
  ): Promise<ManagedCommand> {
    try {
      const child = spawn(line.bin, [...line.args], {
        stdio: [...stdio],
        shell: false,
        detached: true,
        ...(line.directory === '' ? {} : { cwd: line.directory }),
        ...(line.env === undefined ? {} : { env: environment(line.env) }),
      });
      const command = new ManagedCommand(line, clock, child);
      await new Promise<void>((resolve, reject) => {
        child.once('spawn', resolve);
        child.once('error', reject);
      });
      return command;
    } catch (thrown) {
      throw new HekateError('HKT_PLUGIN_COMMAND', [shown(line), errorText(thrown)], thrown);
    }
  }

  get stdout(): Readable | undefined {
    return this.#child.stdout ?? undefined;
  }

  get stderr(): Readable | undefined {
    return this.#child.stderr ?? undefined;
  }

  /** Lets it read what `from` writes; when it reads no more, `from` cannot write any more either. */
  readFrom(from: ManagedCommand): void {
    const { stdin } = this.#child;
    const { stdout } = from;
    if (stdin === null || stdout === undefined) return;
    stdin.on('error', () => {}); // it closes then
    stdin.once('close', () => stdout.destroy());
    stdout.on('error', () => stdin.destroy());
    stdout.pipe(stdin);
  }

  /** Resolves when it and its pipes are gone. The timeout counts from this call. */
  async wait(timeoutMs: number): Promise<CommandEnd> {
    using _timer = timeoutMs === 0 ? undefined : this.#clock.after(timeoutMs, () => this.stop());
    const end = await this.#closed;
    if (!this.#stopped) return end;
    const error = `ManagedCmd was stopped with error: [subprocess was killed: [${shown(this.#line)}]]`;
    return { exitStatus: -1, error };
  }

  /** Ends the process group, if it is not over yet. */
  stop(): void {
    if (this.#over || this.#stopped) return;
    this.#stopped = true;
    this.#signal('SIGTERM');
    this.#grace = this.#clock.after(GRACE_MS, () => {
      this.#signal('SIGKILL');
      this.#grace = this.#clock.after(GRACE_MS, () => this.#letGo());
    });
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // Nobody is left in the group.
    }
  }

  /** Somebody who left the group holds our pipes. */
  #letGo(): void {
    for (const stream of this.#child.stdio) stream?.destroy();
  }
}

function environment(entries: readonly string[]): Record<string, string> {
  const pairs = entries.map((entry): [string, string] => {
    const at = entry.indexOf('=');
    return [entry.slice(0, at), entry.slice(at + 1)];
  });
  return Object.fromEntries(pairs);
}

function endOf(code: number | null, signal: NodeJS.Signals | null): CommandEnd {
  if (code === 0) return { exitStatus: 0, error: undefined };
  if (code !== null) return { exitStatus: code, error: `exit status ${code}` };
  const name = signal ?? 'unknown';
  return { exitStatus: -1, error: `signal: ${SIGNAL_TEXTS[name] ?? name}` };
}

export class CommandChain {
  readonly #commands: readonly ManagedCommand[];
  /** Resolves when all commands are gone. Their output must be read meanwhile. */
  readonly ended: Promise<ChainStatus>;

  private constructor(commands: readonly ManagedCommand[], timeoutMs: number) {
    this.#commands = commands;
    this.ended = this.#wait(timeoutMs);
  }

  /** Starts all commands in order. Rejects with HKT_PLUGIN_COMMAND; what was started by then is stopped. */
  static async start(options: ChainOptions): Promise<CommandChain> {
    const { clock, commands, stdout, stderr, timeoutMs } = options;
    const pipe = (wanted: boolean): 'ignore' | 'pipe' => (wanted ? 'pipe' : 'ignore');
    const started: ManagedCommand[] = [];
    try {
      for (const [index, line] of commands.entries()) {
        const last = index === commands.length - 1;
        const before = started.at(-1);
        const command = await ManagedCommand.start(line, clock, [
          pipe(before !== undefined),
          pipe(!last || stdout),
          pipe(last && stderr),
        ]);
        if (before !== undefined) command.readFrom(before);
        started.push(command);
      }
    } catch (thrown) {
      for (const command of started) command.stop();
      // Nobody reads what the last of them writes.
      started.at(-1)?.stdout?.resume();
      throw thrown;
    }
    return new CommandChain(started, timeoutMs);
  }

  /** Of the last command. */
  get stdout(): Readable | undefined {
    return this.#commands.at(-1)?.stdout;
  }

  get stderr(): Readable | undefined {
    return this.#commands.at(-1)?.stderr;
  }

  stop(): void {
    for (const command of this.#commands) command.stop();
  }

  async #wait(timeoutMs: number): Promise<ChainStatus> {
    const errors: string[] = [];
    let exitStatus = 0;
    for (const [index, command] of this.#commands.entries()) {
      const end = await command.wait(timeoutMs);
      exitStatus = end.exitStatus;
      if (end.error !== undefined) {
        errors.push(`Subcommand[${index}] returned an error: [${end.error}]`);
      }
    }
    return { exitStatus, errors: errors.join('\n') };
  }
}
