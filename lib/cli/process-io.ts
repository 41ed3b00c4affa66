/**
 * CommandIo over this process: its streams, environment and signals. SIGINT and SIGTERM abort the command's signal; one
 * that comes a second later ends the process at once, so that a command that hangs can still be stopped by hand.
 */
import { constants } from 'node:os';
import type { CommandIo } from './command.ts';

/** What a shell shows for a program that was ended by SIGPIPE. */
const EXIT_SIGPIPE = 128 + constants.signals.SIGPIPE;
/**
 * One Ctrl-C can arrive twice: from the terminal, and forwarded by npm or our launcher. What comes within this time is
 * the same wish.
 */
const SAME_WISH_MS = 1000;

/** `close` lets the process end: it gives the signals back. */
export function processIo(): { readonly io: CommandIo; readonly close: () => void } {
  const abort = new AbortController();
  let abortedAt = 0;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (!abort.signal.aborted) {
      abortedAt = performance.now();
      abort.abort(signal);
    } else if (performance.now() - abortedAt > SAME_WISH_MS) {
      process.exit(128 + constants.signals[signal]);
    }
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  // The reader of our output has gone (head, less): nothing we do can be seen any more.
  const onOutputError = (error: NodeJS.ErrnoException): void => {
    if (error.code === 'EPIPE') process.exit(EXIT_SIGPIPE);
    process.stderr.write(`cannot write standard output: ${error.message}\n`);
    process.exit(1);
  };
  process.stdout.on('error', onOutputError);
  let stdinUsed = false;
  // A command that waits for standard input sees its end.
  abort.signal.addEventListener('abort', () => {
    if (stdinUsed) process.stdin.destroy();
  });
  const io: CommandIo = {
    stdout: (data) => void process.stdout.write(data),
    stderr: (text) => void process.stderr.write(text),
    drained: () =>
      process.stdout.writableNeedDrain
        ? new Promise((resolve) => process.stdout.once('drain', resolve))
        : Promise.resolve(),
    get stdin() {
      stdinUsed = true;
      return process.stdin;
    },
    descriptors: [0, 1, 2],
    isTerminal: process.stderr.isTTY === true,
    env: process.env,
    cwd: process.cwd(),
    signal: abort.signal,
  };
  const close = (): void => {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  };
  return { io, close };
}
