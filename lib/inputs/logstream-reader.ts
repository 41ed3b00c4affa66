/**
 * Follows one logstream: reads its files in order, waits for growth, and moves on when a newer file is there. The place
 * that it remembers never runs ahead of what was handed to the router.
 *
 *   no file ──▶ reading ──end of file──▶ waiting ──grown──▶ reading
 *                  ▲                        │ a newer file, seen twice ──▶ that file
 *                  └ truncated, seen twice ┘ gone, seen twice ──▶ no file
 */
import { stat } from 'node:fs/promises';
import { Alarm } from '../alarm.ts';
import type { Intake, PluginContext, Source } from '../plugin.ts';
import { errorText, HekateError } from '../protocol/errors.ts';
import { LogCursor } from './log-cursor.ts';
import { type JournalState, MAX_FINISHED, readJournal, writeJournal } from './logstream-journal.ts';
import { type FinishedFile, isFinished, locate, type Place } from './logstream-place.ts';
import type { LogFile } from './logstream-scan.ts';

/** Shortest time between two writes of a journal. */
const JOURNAL_MS = 1_000;

export interface ReaderOptions {
  readonly stream: string;
  readonly hostname: string;
  readonly journal: string;
  readonly checkMs: number;
  readonly initialTail: boolean;
  readonly context: PluginContext;
  readonly open: (source: Source) => Intake;
  /** Looks at the directory again; afterwards `update` was called. Unless `now`, a scan of a moment ago will do. */
  readonly rescan: (now: boolean) => Promise<void>;
}

/** An open file with the intake that its bytes go to. */
interface Reading {
  cursor: LogCursor;
  readonly intake: Intake;
  /** Offset up to which records were handed to the router. */
  routed: number;
}

export class LogstreamReader {
  readonly #options: ReaderOptions;
  readonly #alarm: Alarm;
  #files: readonly LogFile[];
  /** True when `#files` may hold another file to open than at the last look. */
  #changed = true;
  #reading: Reading | undefined;
  /** Where to go on when no file is open. */
  #place: Place | undefined;
  #finished: readonly FinishedFile[] = [];
  /** Files last written before this were read, or are not to be read. */
  #finishedMs = 0;
  /** What the last poll saw, and the next must see again: the identity of a newer file, "gone", "truncated", "lost". */
  #omen: string | undefined;
  #stopping = false;
  #failing = false;
  #unsaved = false;
  #journalFailing = false;
  #savedMs = Number.NEGATIVE_INFINITY;
  #incompleteBytes = 0;
  #loop: Promise<void> | undefined;

  constructor(options: ReaderOptions, files: readonly LogFile[]) {
    this.#options = options;
    this.#files = files;
    this.#alarm = new Alarm(options.context.clock);
  }

  /** The stream's files as the last scan saw them, oldest first. */
  update(files: readonly LogFile[]): void {
    this.#files = files;
    this.#changed = true;
  }

  /** True when there is nothing open and nothing to open. */
  get idle(): boolean {
    return this.#reading === undefined && this.#files.length === 0;
  }

  /** The file that is open, and the offset up to which its records were routed. */
  get position(): { readonly path: string; readonly offset: number } | undefined {
    const reading = this.#reading;
    return reading === undefined
      ? undefined
      : { path: reading.cursor.path, offset: reading.routed };
  }

  /** Bytes skipped because a file ended within a record. */
  get incompleteBytes(): number {
    return this.#incompleteBytes;
  }

  /** Reads the journal, then follows the stream until `stop`. */
  async start(): Promise<void> {
    const { journal, stream, initialTail } = this.#options;
    let state: JournalState | undefined;
    try {
      state = await readJournal(journal, stream);
    } catch (thrown) {
      this.#log(thrown);
    }
    this.#place = state?.place;
    this.#finished = state?.finished ?? [];
    this.#finishedMs = state?.finishedMs ?? 0;
    // Only a stream that was never read starts at its end.
    await this.#attempt(() => this.#openFirst(initialTail && state === undefined));
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#alarm.ring();
    await this.#loop;
    await this.#attempt(async () => this.#reading?.intake.end());
    await this.#save();
    await this.#reading?.cursor.close();
    this.#reading = undefined;
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      let more = false;
      const worked = await this.#attempt(async () => {
        more = await this.#step();
      });
      if (!worked) await this.#drop();
      await this.#saveIfDue();
      if (!more && !this.#stopping) await this.#alarm.wait(this.#options.checkMs);
    }
  }

  /** Reads a block or looks for what comes next. True when there may be more at once. */
  async #step(): Promise<boolean> {
    const reading = this.#reading;
    if (reading === undefined) return await this.#look();
    if (!(await reading.cursor.intact())) return await this.#truncated(reading);
    const bytes = await reading.cursor.read();
    if (bytes === undefined) return await this.#atEnd(reading);
    this.#omen = undefined;
    await reading.intake.push(bytes);
    reading.cursor.release(reading.routed);
    return true;
  }

  /** Looks for a file to open, when there may be another one than at the last look. */
  async #look(): Promise<boolean> {
    if (this.#omen === 'lost') await this.#options.rescan(true);
    else if (!this.#changed) return false;
    const opened = await this.#openFirst(false);
    if (!opened && this.#omen !== 'lost') this.#changed = false;
    return opened;
  }

  /** Opens the remembered place, else the oldest file that was not read. False when there is none. */
  async #openFirst(tail: boolean): Promise<boolean> {
    const place = this.#place;
    // Where nothing was read of a file there is nothing to find again: the oldest unread file is the place.
    if (place !== undefined && place.offset > 0 && this.#files.length > 0) {
      const found = await locate(place, this.#files);
      if (found !== undefined) return await this.#begin(found, place.offset);
      if (this.#omen !== 'lost') {
        // The scan may have fallen between two renames of a rotation.
        this.#omen = 'lost';
        return false;
      }
      this.#omen = undefined;
    }
    const newest = tail ? this.#files.at(-1) : undefined;
    if (newest !== undefined) {
      this.#finishedMs = newest.modifiedMs;
      return await this.#begin(newest, newest.sizeBytes);
    }
    const next = await this.#unread(this.#files, this.#finishedMs, place?.path ?? '');
    if (next === undefined) return false;
    if (place !== undefined && place.offset > 0) {
      const values = [this.#options.stream, place.path, place.offset, next.path];
      this.#log(new HekateError('HKT_LOGSTREAM_LOST_PLACE', values));
    }
    return await this.#begin(next, 0);
  }

  async #begin(file: LogFile, offset: number): Promise<boolean> {
    const { stream, hostname, context, open } = this.#options;
    const cursor = await LogCursor.open(file, offset);
    this.#place = undefined;
    this.#omen = undefined;
    if (offset === 0 && (await cursor.compressed())) {
      this.#log(new HekateError('HKT_LOGSTREAM_COMPRESSED', [file.path]));
      this.#finish({ ...cursor.finished, sizeBytes: 0 }, 0);
      await cursor.close();
      this.#changed = true;
      return true;
    }
    const intake = open({
      // What a log holds may come from anywhere, so it never counts as local.
      origin: { description: `${context.name} ${file.path}`, loopback: false },
      logger: stream,
      type: 'logfile',
      hostname,
      startOffset: offset,
      onRouted: (endOffset) => {
        reading.routed = endOffset;
        this.#unsaved = true;
      },
    });
    const reading: Reading = { cursor, intake, routed: offset };
    this.#reading = reading;
    this.#unsaved = true;
    return true;
  }

  /** The file that the open one's end leads to. */
  async #next(cursor: LogCursor): Promise<LogFile | undefined> {
    const at = this.#files.findIndex((file) => file.identity === cursor.identity);
    if (at >= 0) return await this.#unread(this.#files.slice(at + 1), 0, '');
    const sinceMs = Math.max(this.#finishedMs, cursor.modifiedMs);
    return await this.#unread(this.#files, sinceMs, cursor.path);
  }

  /** The oldest of `files` that was not read, of those last written at `sinceMs` or later, or now called `path`. */
  async #unread(
    files: readonly LogFile[],
    sinceMs: number,
    path: string,
  ): Promise<LogFile | undefined> {
    for (const file of files) {
      if (file.modifiedMs < sinceMs && file.path !== path) continue;
      if (!(await isFinished(file, this.#finished))) return file;
    }
    return undefined;
  }

  /**
   * The writer may go on with a renamed file for a moment, and a scan may fall between two renames. So what is seen here
   * counts only when the next poll finds nothing to read and a fresh scan shows the same again.
   */
  async #atEnd(reading: Reading): Promise<boolean> {
    const { cursor } = reading;
    const named = await stat(cursor.path).catch(() => undefined);
    const renamed = named === undefined || `${named.dev}:${named.ino}` !== cursor.identity;
    if (renamed || this.#omen !== undefined) await this.#options.rescan(false);
    const listed = this.#files.find((file) => file.identity === cursor.identity);
    if (listed !== undefined) cursor.path = listed.path;
    const next = await this.#next(cursor);
    const gone = named === undefined && listed === undefined;
    const omen = next?.identity ?? (gone ? 'gone' : undefined);
    const certain = omen !== undefined && omen === this.#omen;
    this.#omen = omen;
    if (!certain) return false;
    await this.#leave(reading);
    this.#finish(cursor.finished, cursor.modifiedMs);
    return next === undefined ? false : await this.#begin(next, 0);
  }

  /** The file holds something else now. If its old content was copied into the stream, reading goes on there. */
  async #truncated(reading: Reading): Promise<boolean> {
    const { cursor } = reading;
    await this.#options.rescan(true);
    const others = this.#files.filter((file) => file.identity !== cursor.identity);
    const copy = await locate(cursor.placeAt(cursor.offset), others);
    if (copy !== undefined) {
      reading.cursor = await LogCursor.open(copy, cursor.offset);
      this.#omen = undefined;
      await cursor.close();
      return true;
    }
    if (this.#omen !== 'truncated') {
      // The scan may have fallen between two renames of a rotation.
      this.#omen = 'truncated';
      return false;
    }
    this.#options.context.log.info(`${cursor.path} was truncated; reading from its start`);
    await this.#leave(reading);
    const same = this.#files.find((file) => file.identity === cursor.identity);
    return same === undefined ? await this.#openFirst(false) : await this.#begin(same, 0);
  }

  /** Ends the open file; an incomplete last record is delivered or dropped as the splitter is set to. */
  async #leave(reading: Reading): Promise<void> {
    await reading.intake.end();
    const left = reading.cursor.offset - reading.routed;
    if (left > 0) {
      this.#incompleteBytes += left;
      this.#log(new HekateError('HKT_LOGSTREAM_INCOMPLETE', [reading.cursor.path, left]));
    }
    await reading.cursor.close();
    this.#reading = undefined;
  }

  #finish(file: FinishedFile, modifiedMs: number): void {
    this.#finishedMs = Math.max(this.#finishedMs, modifiedMs);
    this.#finished = [...this.#finished, file].slice(-MAX_FINISHED);
    this.#unsaved = true;
  }

  /** After a fault: closes the file and remembers where to go on. */
  async #drop(): Promise<void> {
    const reading = this.#reading;
    if (reading === undefined) return;
    this.#reading = undefined;
    this.#changed = true;
    this.#place = reading.cursor.placeAt(reading.routed);
    await reading.cursor.close().catch(() => {}); // it is being given up
  }

  /** Runs a step; false when it failed, which is logged once until something works again. */
  async #attempt(step: () => Promise<unknown>): Promise<boolean> {
    try {
      await step();
      this.#failing = false;
      return true;
    } catch (thrown) {
      if (!this.#failing) {
        const values = [this.#options.stream, errorText(thrown)];
        this.#log(new HekateError('HKT_PLUGIN_READ', values, thrown));
      }
      this.#failing = true;
      return false;
    }
  }

  async #saveIfDue(): Promise<void> {
    const now = this.#options.context.clock.now();
    if (this.#unsaved && now - this.#savedMs >= JOURNAL_MS) await this.#save();
  }

  async #save(): Promise<void> {
    if (!this.#unsaved) return;
    const { journal, stream, context } = this.#options;
    this.#savedMs = context.clock.now();
    try {
      const reading = this.#reading;
      const place = reading === undefined ? this.#place : reading.cursor.placeAt(reading.routed);
      this.#unsaved = false;
      await writeJournal(journal, {
        stream,
        place,
        finished: this.#finished,
        finishedMs: this.#finishedMs,
      });
      this.#journalFailing = false;
    } catch (thrown) {
      this.#unsaved = true;
      if (!this.#journalFailing) this.#log(thrown);
      this.#journalFailing = true;
    }
  }

  #log(thrown: unknown): void {
    this.#options.context.log.error(errorText(thrown));
  }
}
