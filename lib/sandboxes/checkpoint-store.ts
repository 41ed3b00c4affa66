/**
 * How far each input has come, in one file per input below `<base_dir>/sandbox_checkpoints`: what its script gave with the last
 * message that was routed. Written a second after a change at most, and whole or not at all: after a crash an input goes on
 * from at most a second before.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { makeDirectories, readBounded, systemCode, writeAtomic } from '../atomic-file.ts';
import type { Clock, Logger } from '../plugin.ts';
import type { Checkpoint } from '../protocol/batch.ts';
import { errorText } from '../protocol/errors.ts';

const FOLDER = 'sandbox_checkpoints';
const WRITE_MS = 1000;
/** Hindsight's longest checkpoint is 8,191 bytes; as JSON a byte takes six at most. */
const FILE_BYTES = 64 * 1024;

export class CheckpointStore {
  readonly #folder: string | undefined;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #changed = new Map<string, Checkpoint>();
  #timer: Disposable | undefined;
  #writing: Promise<void> = Promise.resolve();

  /** Without a folder checkpoints live as long as the process. */
  constructor(baseDir: string | undefined, clock: Clock, log: Logger) {
    this.#folder = baseDir === undefined ? undefined : join(baseDir, FOLDER);
    this.#clock = clock;
    this.#log = log;
  }

  async read(name: string): Promise<Checkpoint | undefined> {
    const waiting = this.#changed.get(name);
    if (waiting !== undefined || this.#folder === undefined) return waiting;
    try {
      const bytes = await readBounded(this.#path(this.#folder, name), FILE_BYTES);
      const stored: unknown = JSON.parse(new TextDecoder().decode(bytes));
      if (
        typeof stored === 'object' &&
        stored !== null &&
        'name' in stored &&
        stored.name === name
      ) {
        const value = 'checkpoint' in stored ? stored.checkpoint : undefined;
        if (typeof value === 'string' || typeof value === 'number') return value;
      }
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined; // the first start
      this.#log.error(`the checkpoint of ${name} cannot be read: ${errorText(error)}`);
    }
    return undefined;
  }

  /** Takes a new checkpoint; it is written soon. */
  note(name: string, checkpoint: Checkpoint): void {
    this.#changed.set(name, checkpoint);
    this.#timer ??= this.#clock.after(WRITE_MS, () => {
      this.#timer = undefined;
      void this.flush();
    });
  }

  /** Writes what has changed. Never rejects: what cannot be written is logged, and tried again at the next change. */
  async flush(): Promise<void> {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#writing = this.#writing.then(() => this.#write());
    await this.#writing;
  }

  async #write(): Promise<void> {
    const folder = this.#folder;
    if (folder === undefined) return;
    const due = [...this.#changed]; // what changes meanwhile is the next round's
    for (const [name, checkpoint] of due) {
      try {
        await makeDirectories(folder, 0o700);
        const text = `${JSON.stringify({ name, checkpoint })}\n`;
        await writeAtomic(this.#path(folder, name), Buffer.from(text));
        if (this.#changed.get(name) === checkpoint) this.#changed.delete(name);
      } catch (error) {
        this.#log.error(`the checkpoint of ${name} cannot be written: ${errorText(error)}`);
      }
    }
  }

  #path(folder: string, name: string): string {
    const plain = name.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, 100);
    const digest = createHash('sha256').update(name).digest('hex').slice(0, 16);
    return join(folder, `${plain}-${digest}.json`);
  }
}
