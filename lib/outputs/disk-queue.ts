/**
 * A queue of messages on disk, in upstream's layout: <base_dir>/output_queue/<name>/<n>.log hold framed messages, and
 * checkpoint.txt the place up to which they were delivered. Messages come out in the order in which they went in, each
 * at least once: those that were not settled when the process ended come again.
 *
 *              ┌─ removed ─┐┌──────── on disk ────────┐┌ memory ┐
 *   segments   │░░░░░░░░░░░││░░░░░▓▓▓▓▓▓▓▓│▓▓▓▓▓▓▓▓▓▓▓││▓▓▓▓▓▓▓▓│◀─ put
 *                                 ▲          ▲         ▲
 *                               cursor     reader    flushed
 *
 * A killed process loses what had not left memory: what came since the write call that was under way.
 */
import { Alarm } from '../alarm.ts';
import { type FileSystem, makeDirectories, nodeFileSystem } from '../atomic-file.ts';
import type { PluginContext } from '../plugin.ts';
import { errorText, HekateError } from '../protocol/errors.ts';
import { frame, maxRecordSize } from '../protocol/framing.ts';
import { LossLog } from '../splitters/loss-log.ts';
import { QueueCursor, type QueuePlace, readCursor } from './queue-cursor.ts';
import { QueueLock } from './queue-lock.ts';
import { QueueReader } from './queue-reader.ts';
import { QueueSegments } from './queue-segments.ts';
import { QueueWriter } from './queue-writer.ts';

export interface DiskQueueOptions {
  readonly maxFileBytes: number;
  /** Disk space of the whole queue; 0 is no bound. */
  readonly maxBufferBytes: number;
  readonly fullAction: 'shutdown' | 'drop' | 'block';
  /** Messages settled between two writes of the cursor. */
  readonly cursorUpdateCount: number;
}

/** The queue is read in parts of max_buffer_size, so that delivered messages make room before all are delivered. */
const LEAST_SEGMENTS = 4;
/** What is on its way when the queue ends the daemon is still taken, beyond max_buffer_size and up to this. */
const SHUTDOWN_BYTES = 16 * 1024 * 1024;
/** Largest message that is read back, and the most that max_message_size can be: it may be smaller by now. */
const READ_MESSAGE_BYTES = 16 * 1024 * 1024;

export interface DiskQueueContext extends Pick<PluginContext, 'log' | 'clock' | 'signal'> {
  readonly maxMessageSize: number;
  /** full_action is shutdown, and the queue is full. Called once. */
  readonly onFull: (error: HekateError) => void;
}

export class DiskQueue {
  /** Rings when there may be something to read. */
  readonly arrived: Alarm;
  readonly #options: DiskQueueOptions;
  readonly #context: DiskQueueContext;
  readonly #losses: LossLog;
  readonly #lock: QueueLock;
  readonly #segments: QueueSegments;
  readonly #writer: QueueWriter;
  readonly #reader: QueueReader;
  readonly #cursor: QueueCursor;
  /** Where the messages end that were given out and are not settled. */
  #unsettled: QueuePlace[] = [];
  /** Everything before it is settled. */
  #settled: QueuePlace;
  /** Frames that did not fit. */
  #held: Uint8Array[] = [];
  #room: PromiseWithResolvers<void> | undefined;
  #exitAsked = false;
  #dropped = 0;
  #skippedBytes = 0;
  #passedOver = 0;
  #removing: Promise<void> | undefined;

  private constructor(
    folder: string,
    options: DiskQueueOptions,
    context: DiskQueueContext,
    opened: {
      readonly lock: QueueLock;
      readonly segments: QueueSegments;
      readonly from: QueuePlace;
    },
    fs: FileSystem,
  ) {
    const { segments, from } = opened;
    this.#options = options;
    this.#context = context;
    this.#losses = new LossLog(context);
    this.#lock = opened.lock;
    this.#segments = segments;
    this.arrived = new Alarm(context.clock);
    const { maxBufferBytes, maxFileBytes } = options;
    this.#writer = new QueueWriter({
      segments,
      first: firstNew(segments, from),
      maxFileBytes:
        maxBufferBytes === 0
          ? maxFileBytes
          : Math.min(maxFileBytes, Math.ceil(maxBufferBytes / LEAST_SEGMENTS)),
      context,
      fs,
      onFlushed: () => this.arrived.ring(),
    });
    this.#reader = new QueueReader({
      segments,
      from,
      maxMessageSize: READ_MESSAGE_BYTES,
      fs,
      readable: (segment) => this.#writer.readable(segment),
      onSkipped: (segment, bytes) => this.#skipped(segment, bytes),
    });
    this.#settled = from;
    this.#cursor = new QueueCursor(folder, from, options.cursorUpdateCount, context);
  }

  /**
   * Opens the queue in `folder`, which is made when it is missing. Rejects with HKT_PLUGIN_QUEUE_LOCKED when another
   * daemon has it, HKT_PLUGIN_QUEUE_SIZE for bounds that hold no message, HKT_PLUGIN_QUEUE when it cannot be used.
   */
  static async open(
    folder: string,
    options: DiskQueueOptions,
    context: DiskQueueContext,
    fs: FileSystem = nodeFileSystem,
  ): Promise<DiskQueue> {
    const largest = maxRecordSize(context.maxMessageSize);
    for (const [key, bytes] of [
      ['max_file_size', options.maxFileBytes],
      ['max_buffer_size', options.maxBufferBytes || largest],
    ] as const) {
      if (bytes < largest) throw new HekateError('HKT_PLUGIN_QUEUE_SIZE', [key, largest]);
    }
    let lock: QueueLock | undefined;
    try {
      await makeDirectories(folder, 0o700);
      lock = await QueueLock.take(folder);
      const segments = await QueueSegments.open(folder, fs);
      const from = await startPlace(folder, segments, context);
      const queue = new DiskQueue(folder, options, context, { lock, segments, from }, fs);
      queue.#writer.start();
      queue.#remove();
      return queue;
    } catch (thrown) {
      await lock?.release();
      if (thrown instanceof HekateError) throw thrown;
      throw new HekateError('HKT_PLUGIN_QUEUE', [folder, errorText(thrown)], thrown);
    }
  }

  get counters(): Readonly<Record<string, number>> {
    return {
      queue_bytes: this.bytes,
      queue_unflushed: this.#writer.unflushed + this.#held.length,
      queue_dropped: this.#dropped,
      queue_skipped_bytes: this.#skippedBytes,
      queue_passed_over: this.#passedOver,
      queue_lost: this.#writer.lost,
    };
  }

  /** Disk space that is taken, with what is about to be written. */
  get bytes(): number {
    return this.#segments.bytes + this.#writer.waiting;
  }

  /** True when everything that was put is settled. */
  get drained(): boolean {
    const { segment, offset } = this.#settled;
    return (
      this.#held.length === 0 &&
      this.#writer.waiting === 0 &&
      this.#segments.from(segment + 1) === undefined &&
      offset >= (this.#segments.size(segment) ?? 0)
    );
  }

  /** Takes a message. The promise settles when there is room for the next one. */
  put(message: Uint8Array): Promise<void> | undefined {
    const framed = frame(message, { maxMessageSize: this.#context.maxMessageSize });
    if (this.#held.length === 0 && this.#fits(framed)) return this.#writer.put(framed);
    const { fullAction, maxBufferBytes } = this.#options;
    if (fullAction === 'drop') {
      this.#dropped++;
      this.#losses.report('HKT_PLUGIN_QUEUE_DROPPED', [maxBufferBytes]);
      this.#makeRoom();
      return undefined;
    }
    const values = [maxBufferBytes, fullAction];
    if (this.#held.length === 0) this.#losses.report('HKT_PLUGIN_QUEUE_FULL', values);
    if (fullAction === 'shutdown' && !this.#exitAsked) {
      this.#exitAsked = true;
      this.#context.onFull(new HekateError('HKT_PLUGIN_QUEUE_FULL', values));
    }
    this.#held.push(framed);
    this.#makeRoom();
    if (this.#held.length === 0) return undefined;
    this.#room ??= Promise.withResolvers<void>();
    return this.#room.promise;
  }

  /** The bytes of the next message of what is in memory; undefined when `fill` must be called first. */
  next(): Uint8Array | undefined {
    const message = this.#reader.next();
    if (message !== undefined) this.#unsettled.push(this.#reader.place());
    return message;
  }

  /** The message that `next` gave last is none, or nobody can use it: it is settled with the one before it. */
  passOver(reason: string): void {
    this.#unsettled.pop();
    this.#passedOver++;
    this.#losses.report('HKT_PLUGIN_QUEUE_MESSAGE', [reason]);
    if (this.#unsettled.length === 0) this.#moveTo(this.#reader.place(), 1);
  }

  /** Reads more; false when there is nothing more for now. Rejects with the system's error and may be called again. */
  async fill(): Promise<boolean> {
    const more = await this.#reader.fill();
    // What is no message is settled as soon as everything before it is.
    if (this.#unsettled.length === 0) this.#moveTo(this.#reader.place(), 0);
    return more;
  }

  /** The `count` oldest messages that were given out will not be asked for again. */
  settle(count: number): void {
    const last = this.#unsettled[count - 1];
    if (last === undefined) return;
    this.#unsettled = this.#unsettled.slice(count);
    this.#moveTo(this.#unsettled.length === 0 ? this.#reader.place() : last, count);
  }

  /** Writes what is in memory and the cursor, and lets go of the folder. */
  async close(): Promise<void> {
    // Rather a little more than max_buffer_size than a message lost.
    for (const framed of this.#held) void this.#writer.put(framed);
    this.#held = [];
    this.#room?.resolve();
    try {
      await this.#writer.stop();
      await this.#removing;
      await this.#reader.close();
      await this.#cursor.flush();
    } finally {
      await this.#lock.release();
    }
  }

  #moveTo(place: QueuePlace, messages: number): void {
    const { segment, offset } = this.#settled;
    if (place.segment === segment && place.offset === offset) return;
    this.#settled = place;
    this.#cursor.moveTo(place, messages);
    if (place.segment > segment) this.#remove();
    else this.#makeRoom();
  }

  /** Removes the segments before the cursor. The cursor's file may come later: a segment that is gone is passed over. */
  #remove(): void {
    this.#removing = (this.#removing ?? Promise.resolve())
      .then(() => this.#segments.removeBefore(this.#settled.segment))
      .catch((thrown: unknown) => {
        this.#losses.line('remove', `can't remove queue file: ${errorText(thrown)}`);
      })
      .then(() => this.#makeRoom());
  }

  #fits(framed: Uint8Array): boolean {
    const { maxBufferBytes } = this.#options;
    if (maxBufferBytes === 0) return true;
    const bound = this.#exitAsked ? maxBufferBytes + SHUTDOWN_BYTES : maxBufferBytes;
    return this.bytes + framed.length <= bound;
  }

  #makeRoom(): void {
    const { maxBufferBytes } = this.#options;
    // A segment goes only as a whole: one that is delivered must not stay because nothing more fits behind it.
    if (maxBufferBytes > 0 && this.#writer.waiting === 0 && this.#delivered()) {
      if (this.bytes >= maxBufferBytes / LEAST_SEGMENTS / 2 || this.#held.length > 0)
        this.#writer.roll();
    }
    let next = this.#held[0];
    while (next !== undefined && this.#fits(next)) {
      void this.#writer.put(next);
      this.#held.shift();
      next = this.#held[0];
    }
    if (this.#held.length > 0 || this.#room === undefined) return;
    this.#room.resolve();
    this.#room = undefined;
  }

  /** True when everything that is on disk is settled. */
  #delivered(): boolean {
    const { segment, offset } = this.#settled;
    return (
      offset > 0 &&
      offset >= (this.#segments.size(segment) ?? 0) &&
      this.#segments.newest === segment
    );
  }

  #skipped(segment: number, bytes: number): void {
    this.#skippedBytes += bytes;
    this.#losses.report('HKT_PLUGIN_QUEUE_DAMAGED', [this.#segments.path(segment), bytes]);
  }
}

/**
 * Number of the first segment to write. The cursor's file may be behind what was removed: a place within a segment that is
 * gone must not become one within a new segment.
 */
function firstNew(segments: QueueSegments, from: QueuePlace): number {
  const used = from.offset === 0 ? from.segment - 1 : from.segment;
  return Math.max(segments.newest ?? -1, used) + 1;
}

/** Where reading starts. A cursor that cannot be read costs what was delivered already once more, and no message. */
async function startPlace(
  folder: string,
  segments: QueueSegments,
  context: DiskQueueContext,
): Promise<QueuePlace> {
  const oldest: QueuePlace = { segment: segments.from(0) ?? 0, offset: 0 };
  try {
    return (await readCursor(folder)) ?? oldest;
  } catch (thrown) {
    context.log.error(errorText(thrown));
    return oldest;
  }
}
