/**
 * The place up to which a disk queue was delivered, in upstream's checkpoint.txt: "<segment> <offset>". The file is
 * replaced as a whole, by one write at a time. It is never ahead of what was settled; how far it is behind is what may
 * be delivered twice.
 */
import { join } from 'node:path';
import { readBounded, removeLeftovers, systemCode, writeAtomic } from '../atomic-file.ts';
import type { Clock, Logger } from '../plugin.ts';
import { errorText, HekateError } from '../protocol/errors.ts';

const NAME = 'checkpoint.txt';
const LIMIT_BYTES = 256;
/** A place that nothing moves any more is written after this time, however few messages led there. */
const IDLE_MS = 1000;

/** A byte in a queue: segments are numbered, and offsets count from a segment's start. */
export interface QueuePlace {
  readonly segment: number;
  readonly offset: number;
}

/** Undefined when there is no file. Rejects with HKT_PLUGIN_QUEUE_CURSOR for one that cannot be read. */
export async function readCursor(folder: string): Promise<QueuePlace | undefined> {
  await removeLeftovers(folder, (target) => target === NAME);
  const path = join(folder, NAME);
  try {
    const text = Buffer.from(await readBounded(path, LIMIT_BYTES)).toString('latin1');
    const [, segment, offset] = /^(\d{1,15}) (\d{1,15})\s*$/.exec(text) ?? [];
    if (segment === undefined) throw new Error('invalid checkpoint format');
    return { segment: Number(segment), offset: Number(offset) };
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return undefined;
    throw new HekateError('HKT_PLUGIN_QUEUE_CURSOR', [path, errorText(thrown)], thrown);
  }
}

export interface CursorContext {
  readonly clock: Clock;
  readonly log: Logger;
}

export class QueueCursor {
  readonly #path: string;
  readonly #context: CursorContext;
  readonly #updateCount: number;
  #place: QueuePlace;
  #written: QueuePlace | undefined;
  /** Messages that were settled since the place was last taken for writing. */
  #since = 0;
  #wanted = false;
  #writing: Promise<void> | undefined;
  #idle: Disposable | undefined;
  #failing = false;

  /** `updateCount`: how many messages may be settled before the place is written. */
  constructor(folder: string, place: QueuePlace, updateCount: number, context: CursorContext) {
    this.#path = join(folder, NAME);
    this.#context = context;
    this.#updateCount = updateCount;
    this.#place = place;
  }

  /** Everything before `place` is settled, among it `messages` more than at the last call. */
  moveTo(place: QueuePlace, messages: number): void {
    this.#place = place;
    this.#since += messages;
    if (this.#since >= this.#updateCount) this.#write();
    else
      this.#idle ??= this.#context.clock.after(IDLE_MS, () => {
        this.#idle = undefined;
        this.#write();
      });
  }

  /** Writes the last place; resolves when it is on disk or could not be written, which is logged. */
  async flush(): Promise<void> {
    this.#idle?.[Symbol.dispose]();
    this.#idle = undefined;
    if (this.#place !== this.#written) this.#write();
    await this.#writing;
  }

  #write(): void {
    this.#wanted = true;
    this.#since = 0;
    this.#writing ??= this.#run().finally(() => {
      this.#writing = undefined;
    });
  }

  async #run(): Promise<void> {
    while (this.#wanted) {
      this.#wanted = false;
      const place = this.#place;
      try {
        await writeAtomic(this.#path, Buffer.from(`${place.segment} ${place.offset}`));
        this.#written = place;
        this.#failing = false;
      } catch (thrown) {
        // The next move tries again; until then more may be delivered twice, and nothing is lost.
        if (this.#failing) continue;
        this.#failing = true;
        const values = [this.#path, errorText(thrown)];
        this.#context.log.error(new HekateError('HKT_PLUGIN_QUEUE_CURSOR', values, thrown).message);
      }
    }
  }
}
