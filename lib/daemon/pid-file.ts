/**
 * The file that names the running daemon's process. A live process named there keeps a second daemon from starting; a
 * stale file is taken over.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { HekateError } from '../protocol/errors.ts';

/** Claims the file; dispose it at exit. Throws HKT_DAEMON_PID_FILE. */
export function claimPidFile(path: string): Disposable {
  const pid = runningPid(path);
  if (pid !== undefined)
    throw new HekateError('HKT_DAEMON_PID_FILE', [path, `process ${pid} is alive`]);
  try {
    writeFileSync(path, `${process.pid}\n`, { mode: 0o644 });
  } catch (error) {
    throw new HekateError('HKT_DAEMON_PID_FILE', [path, 'it cannot be written'], error);
  }
  return { [Symbol.dispose]: () => rmSync(path, { force: true }) };
}

function runningPid(path: string): number | undefined {
  let pid: number;
  try {
    pid = Number.parseInt(readFileSync(path, 'utf8'), 10);
  } catch {
    return undefined; // no file: nobody
  }
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return undefined;
  try {
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    // Not ours to signal means that it lives.
    return error instanceof Error && 'code' in error && error.code === 'EPERM' ? pid : undefined;
  }
}
