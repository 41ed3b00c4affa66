/**
 * Keeps two daemons of one machine from using the same disk queue: a file that names the process that holds it, with the
 * time when that process started, since process numbers are used again. The lock of a dead process is taken over.
 */
import { randomBytes } from 'node:crypto';
import { link, readFile, realpath, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { removeLeftovers, systemCode, writeNew } from '../atomic-file.ts';
import { errorText, HekateError } from '../protocol/errors.ts';

const NAME = 'lock';
/** A stale lock on its way out. */
const ASIDE = 'lock-aside';
/** Somebody else may take the lock between two steps; more often than this it is no coincidence. */
const ATTEMPTS = 5;

/** Locks that this process holds, by path: its own number says nothing about them. */
const held = new Set<string>();

export class QueueLock {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** Rejects with HKT_PLUGIN_QUEUE_LOCKED, and with HKT_PLUGIN_QUEUE when the file cannot be made; the folder must be there. */
  static async take(folder: string): Promise<QueueLock> {
    // One name per folder, however it was reached.
    const path = join(await realpath(folder), NAME);
    if (held.has(path)) throw locked(folder, process.pid);
    held.add(path);
    try {
      await claim(folder, path);
      // What a process left that was killed while it took the lock.
      await removeLeftovers(folder, (target) => target === NAME || target === ASIDE);
      return new QueueLock(path);
    } catch (thrown) {
      held.delete(path);
      if (thrown instanceof HekateError) throw thrown;
      throw new HekateError('HKT_PLUGIN_QUEUE', [folder, errorText(thrown)], thrown);
    }
  }

  async release(): Promise<void> {
    held.delete(this.#path);
    // Somebody who took the folder away has the lock with it.
    await unlink(this.#path).catch(() => {});
  }
}

async function claim(folder: string, path: string): Promise<void> {
  const nonce = randomBytes(8).toString('hex');
  const mine = join(folder, `.${NAME}.${nonce}.tmp`);
  // Linked into place, so that nobody ever reads half of it.
  await writeNew(mine, Buffer.from(`${process.pid} ${(await startTime(process.pid)) ?? ''}\n`));
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (await linked(mine, path)) return;
      const content = await readFile(path, 'latin1').catch(() => '');
      const holder = await liveHolder(content);
      if (holder !== undefined) throw locked(folder, holder);
      await removeStale(path, content, join(folder, `.${ASIDE}.${nonce}.tmp`));
    }
    throw locked(folder, 'unknown');
  } finally {
    // Who has the lock meanwhile may have tidied up.
    await unlink(mine).catch(() => {});
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (thrown) {
    const code = systemCode(thrown);
    // Gone is `from` only when somebody else has the lock and tidied up.
    if (code === 'EEXIST' || code === 'ENOENT') return false;
    throw thrown;
  }
}

/** Removes the lock with that content, and puts back what turns out to be another one. */
async function removeStale(path: string, content: string, aside: string): Promise<void> {
  try {
    await rename(path, aside);
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return; // somebody else removed it
    throw thrown;
  }
  if ((await readFile(aside, 'latin1')) !== content) await linked(aside, path);
  await unlink(aside);
}

/** The process that a lock names, while it lives. */
async function liveHolder(content: string): Promise<number | undefined> {
  const [, digits = '', started = ''] = /^(\d+) (\d*)\n$/.exec(content) ?? [];
  const pid = Number(digits);
  // This process does not hold it, as `held` knows: an earlier one with the same number did.
  if (digits === '' || pid === process.pid) return undefined;
  try {
    process.kill(pid, 0);
  } catch (thrown) {
    // Not ours to signal means that it lives.
    if (systemCode(thrown) !== 'EPERM') return undefined;
  }
  const now = await startTime(pid);
  return now === undefined || started === '' || now === started ? pid : undefined;
}

/** When a process started, in the system's own measure; undefined where there is no /proc. */
async function startTime(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
    // The name before the last parenthesis may hold anything; the time is the 22nd field, the 20th behind the name.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined; // another system, or the process is gone: then its number alone counts
  }
}

function locked(folder: string, holder: number | string): HekateError {
  return new HekateError('HKT_PLUGIN_QUEUE_LOCKED', [folder, holder]);
}
