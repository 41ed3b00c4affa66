/**
 * The file that names the running daemon's process. A live process named there keeps a second daemon from starting; a
 * stale file is taken over. The file is made anew, never written through a link that somebody else laid.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { systemCode } from '../atomic-file.ts';
import { HekateError } from '../protocol/errors.ts';

/** Claims the file; dispose it at exit. Throws HKT_DAEMON_PID_FILE. */
export function claimPidFile(path: string): Disposable {
  const pid = runningPid(path);
  if (pid !== undefined) {
    throw new HekateError('HKT_DAEMON_PID_FILE', [path, `process ${pid} is alive`]);
  }
  try {
    rmSync(path, { force: true });
    // Exclusive: of two daemons that start at once, one fails here.
    writeFileSync(path, `${process.pid}\n`, { mode: 0o644, flag: 'wx' });
  } catch (error) {
    const text = `it cannot be written: ${systemCode(error)}`;
    throw new HekateError('HKT_DAEMON_PID_FILE', [path, text], error);
  }
  return {
    [Symbol.dispose]: () => {
      if (namedPid(path) === process.pid) rmSync(path, { force: true });
    },
  };
}

/** The process that the file names; undefined without a file, or when it names none. */
function namedPid(path: string): number | undefined {
  try {
    const [, digits] = /^(\d+)\s*$/.exec(readFileSync(path, 'utf8')) ?? [];
    const pid = Number(digits);
    return pid > 0 ? pid : undefined;
  } catch {
    return undefined; // no file: nobody
  }
}

function runningPid(path: string): number | undefined {
  const pid = namedPid(path);
  if (pid === undefined || pid === process.pid) return undefined;
  try {
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    // Not ours to signal means that it lives.
    return systemCode(error) === 'EPERM' ? pid : undefined;
  }
}
