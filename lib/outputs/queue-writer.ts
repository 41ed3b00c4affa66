/**
 * Appends framed messages to the segments of a disk queue. A frame counts as flushed when the system took all of it:
 * from then on a killed process does not lose it. A write that fails is tried again at the same place, so that no half
 * frame is ever followed by another one.
 *
 *   put ─▶ memory (bounded) ─▶ segment n │ flushed │        roll: the next frame opens segment n + 1
 */
import { constants } from 'node:fs';
import { Alarm } from '../alarm.ts';
import type { FileSystem } from '../atomic-file.ts';
import type { PluginContext } from '../plugin.ts';
import { errorText, HekateError } from '../protocol/errors.ts';
import { Outage } from './outage.ts';
import { OutputQueue } from './output-queue.ts';
import type { QueueSegments } from './queue-segments.ts';

/** Bytes of one write. */
const WRITE_BYTES = 256 * 1024;
/** How often a failing write is tried at shutdown before its messages count as lost. */
const STOP_ATTEMPTS = 3;

/** What is used of a FileHandle. */
interface SegmentFile {
  write(
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesWritten: number }>;
  datasync(): Promise<void>;
  close(): Promise<void>;
}

export interface QueueWriterOptions {
  readonly segments: QueueSegments;
  /** Number of the first segment that is made. */
  readonly first: number;
  readonly maxFileBytes: number;
  readonly context: Pick<PluginContext, 'log' | 'clock'>;
  readonly fs: FileSystem;
  /** There is something new to read. */
  readonly onFlushed: () => void;
}

export class QueueWriter {
  readonly #options: QueueWriterOptions;
  readonly #memory = new OutputQueue();
  readonly #outage: Outage;
  readonly #work: Alarm;
  /** The segment that is written, or the next one while there is none. */
  #segment: number;
  #file: SegmentFile | undefined;
  /** Bytes of whole frames in the segment. */
  #flushed = 0;
  /** Bytes of the next frames that are already behind them. */
  #torn = 0;
  #wantRoll = false;
  #stopping = false;
  #loop: Promise<void> | undefined;

  constructor(options: QueueWriterOptions) {
    this.#options = options;
    this.#segment = options.first;
    this.#outage = new Outage(options.context);
    this.#work = new Alarm(options.context.clock);
  }

  /** Bytes that wait in memory. */
  get waiting(): number {
    return this.#memory.bytes;
  }

  /** Messages that wait in memory, also those of a write that is under way. */
  get unflushed(): number {
    return this.#memory.length;
  }

  /** Messages that a shutdown could not write. */
  get lost(): number {
    return this.#outage.lost;
  }

  /** How far the segment may be read; undefined when nothing will be added to it any more. */
  readable(segment: number): number | undefined {
    return segment === this.#segment ? this.#flushed : undefined;
  }

  start(): void {
    this.#loop = this.#run();
  }

  /** Takes a frame. The promise settles when there is room for the next one. */
  put(frame: Uint8Array): Promise<void> | undefined {
    const room = this.#memory.put(frame);
    this.#work.ring();
    return room;
  }

  /** The segment that is written ends here, if it holds anything. */
  roll(): void {
    this.#wantRoll = true;
    this.#work.ring();
  }

  /** Writes what waits and closes the file. What cannot be written is counted and logged. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#work.ring();
    this.#outage.hurry();
    await this.#loop;
  }

  async #run(): Promise<void> {
    let attempts = 0;
    while (true) {
      if (this.#memory.length === 0 && !this.#wantRoll) {
        if (this.#stopping) break;
        await this.#work.wait();
        continue;
      }
      try {
        // A segment never ends in half a frame.
        if (this.#wantRoll && this.#torn === 0) await this.#close();
        else await this.#writeSome();
        this.#outage.over('the disk queue is written again');
        attempts = 0;
      } catch (thrown) {
        const path = this.#options.segments.path(this.#segment);
        const values = [path, errorText(thrown)];
        this.#outage.report(new HekateError('HKT_PLUGIN_QUEUE_WRITE', values, thrown));
        if (this.#stopping && ++attempts >= STOP_ATTEMPTS) {
          this.#outage.lose(this.#memory.discard(), path, errorText(thrown));
          break;
        }
        await this.#outage.wait();
      }
    }
    await this.#close().catch((thrown: unknown) => this.#outage.report(thrown));
  }

  async #writeSome(): Promise<void> {
    const { segments, maxFileBytes } = this.#options;
    const frames = this.#memory.peek(Math.min(WRITE_BYTES, maxFileBytes - this.#flushed));
    const [first] = frames;
    if (this.#flushed > 0 && this.#flushed + (first?.length ?? 0) > maxFileBytes) {
      await this.#close();
      return;
    }
    this.#file ??= await this.#open();
    const bytes = Buffer.concat(frames);
    const { bytesWritten } = await this.#file.write(
      bytes,
      this.#torn,
      bytes.length - this.#torn,
      this.#flushed + this.#torn,
    );
    let taken = this.#torn + bytesWritten;
    let complete = 0;
    let whole = 0;
    for (const frame of frames) {
      if (taken < frame.length) break;
      taken -= frame.length;
      whole += frame.length;
      complete++;
    }
    this.#torn = taken;
    if (complete === 0) return;
    this.#flushed += whole;
    segments.grow(this.#segment, whole);
    this.#memory.done(complete);
    this.#options.onFlushed();
  }

  async #open(): Promise<SegmentFile> {
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
    const flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
    return await this.#options.fs.open(this.#options.segments.path(this.#segment), flags, 0o600);
  }

  /** Ends the segment. Its bytes are made safe from a power cut too, now that no more of them come. */
  async #close(): Promise<void> {
    this.#wantRoll = false;
    const file = this.#file;
    if (file === undefined) return;
    this.#file = undefined;
    this.#segment++;
    this.#flushed = 0;
    this.#torn = 0;
    this.#options.onFlushed();
    try {
      await file.datasync();
    } finally {
      await file.close();
    }
  }
}
