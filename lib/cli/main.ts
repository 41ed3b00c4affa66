/**
 * Finds the command that a command line names and runs it. Commands are loaded when they are used, so that a small tool
 * does not pay for the daemon's modules.
 */

import { nearestName } from '../config/nearest-name.ts';
import { HekateError } from '../protocol/errors.ts';
import { type Command, type CommandIo, EXIT_USAGE, printError, runCommand } from './command.ts';
import { packageVersion } from './version.ts';

interface Entry {
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

/** `hekate <name>`, in the order in which the help shows them. */
const subcommands: Readonly<Record<string, Entry>> = {
  run: {
    summary: 'runs the daemon',
    load: async () => (await import('./run.ts')).command,
  },
  check: {
    summary: 'shows every fault of a configuration, and compiles its scripts and matchers',
    load: async () => (await import('./check-command.ts')).command,
  },
  try: {
    summary: 'runs one sandbox over a file or standard input',
    load: async () => (await import('./try.ts')).command,
  },
  ext: {
    summary: 'shows, adds and removes extension packages',
    load: async () => (await import('./ext.ts')).command,
  },
  test: {
    summary: 'runs the tests that stand beside sandboxes and modules',
    load: async () => (await import('./test.ts')).command,
  },
  lua: {
    summary: 'runs a plain Lua 5.1 program',
    load: async () => (await import('./lua.ts')).command,
  },
  demo: {
    summary: 'plays the tutorial by itself and checks every step',
    load: async () => (await import('./demo.ts')).command,
  },
  cat: {
    summary: 'shows, filters, counts and extracts the messages of a file',
    load: async () => (await import('./cat.ts')).command,
  },
  inject: {
    summary: 'sends one message to a daemon',
    load: async () => (await import('./inject.ts')).command,
  },
  logstreamer: {
    summary: 'shows which log files a configuration would follow',
    load: async () => (await import('./logstreamer.ts')).command,
  },
  flood: {
    summary: 'sends many messages, as fast as they are taken',
    load: async () => (await import('./flood.ts')).command,
  },
};

/** Programs of their own. */
const programs: Readonly<Record<string, () => Promise<Command>>> = {
  'heka-sbmgr': async () => (await import('./sbmgr.ts')).command,
  'heka-sbmgrload': async () => (await import('./sbmgrload.ts')).command,
};

/** Runs `program` ("hekate" or one of the tools) and returns its exit code. */
export async function main(
  program: string,
  args: readonly string[],
  io: CommandIo,
): Promise<number> {
  const load = Object.hasOwn(programs, program) ? programs[program] : undefined;
  if (load !== undefined) {
    if (isVersion(args[0])) return showVersion(io);
    return runCommand(await load(), program, args, io);
  }
  const [first, ...rest] = args;
  if (first === undefined) {
    io.stderr(overview());
    return EXIT_USAGE;
  }
  if (isVersion(first) || first === 'version') return showVersion(io);
  if (first === 'help' && rest[0] !== undefined) return main(program, [rest[0], '-help'], io);
  if (first === 'help' || /^--?h(elp)?$/.test(first)) {
    io.stdout(overview());
    return 0;
  }
  // `hekate -config X` is hekad's own form of `hekate run -config X`.
  const name = first.startsWith('-') ? 'run' : first;
  const entry = Object.hasOwn(subcommands, name) ? subcommands[name] : undefined;
  if (entry === undefined) {
    const near = nearestName(name, Object.keys(subcommands));
    const hint = near === undefined ? '' : `; did you mean ${near}?`;
    printError(new HekateError('HKT_TOOL_COMMAND', [name, hint]), 'hekate', io);
    return EXIT_USAGE;
  }
  return runCommand(await entry.load(), `hekate ${name}`, name === first ? rest : args, io);
}

function isVersion(arg: string | undefined): boolean {
  return arg !== undefined && /^--?version$/.test(arg);
}

function showVersion(io: CommandIo): number {
  io.stdout(`${packageVersion()}\n`);
  return 0;
}

function overview(): string {
  const names = Object.keys(subcommands);
  const width = Math.max(...names.map((name) => name.length));
  const rows = names.map(
    (name) => `  ${name.padEnd(width)}  ${subcommands[name]?.summary ?? ''}\n`,
  );
  return (
    'Hekate hosts small untrusted programs that read, analyse and answer streams of messages.\n\n' +
    `usage: hekate COMMAND [flags]\n\n${rows.join('')}\n` +
    'Every command has -help. heka-sbmgr and heka-sbmgrload are programs of their own.\n'
  );
}
