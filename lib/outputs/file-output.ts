/**
 * FileOutput: appends encoded messages to a file. A write that fails is tried again from the byte where it failed; a
 * record is counted as written only when the system took all of it. Records wait in a bounded queue meanwhile.
 *
 *   deliver ─▶ queue ─▶ (flush rule) ─▶ write, fsync ─▶ done        reload, rotation: close, open the new path
 */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Alarm } from '../alarm.ts';
import { makeDirectories } from '../atomic-file.ts';
import type { ConfigValue, PluginSpec, Section } from '../config/spec.ts';
import type { Output } from '../plugin.ts';
import { errorText, HekateError } from '../protocol/errors.ts';
import type { Pack } from '../protocol/pack.ts';
import { strftime } from '../strftime.ts';
import { FlushRule } from './flush-rule.ts';
import { Outage } from './outage.ts';
import { type OutputContext, type OutputType, RecordEncoder } from './output-context.ts';
import { OutputQueue } from './output-queue.ts';

/** Bytes of one write. */
const WRITE_BYTES = 256 * 1024;
/** How often a failing write is tried at shutdown before its records count as lost. */
const STOP_ATTEMPTS = 3;
const MS_PER_HOUR = 3_600_000;
const ROTATION_HOURS: readonly ConfigValue[] = [0, 1, 4, 12, 24];

function octalFault(value: ConfigValue): string | undefined {
  return /^[0-7]{3,4}$/.test(String(value)) ? undefined : 'must be an octal number such as "644"';
}

const spec: PluginSpec = {
  type: 'FileOutput',
  category: 'output',
  doc: 'Appends encoded messages to a file. SIGHUP opens it anew. An encoder is required.',
  fields: {
    path: {
      kind: 'string',
      required: true,
      doc: "The file; with rotation_interval it may hold strftime directives, in the machine's time zone.",
      example: '"/var/log/hekate/counters-%Y%m%d.log"',
    },
    perm: {
      kind: 'string',
      default: '644',
      doc: 'Permissions of a new file, octal.',
      check: octalFault,
    },
    folder_perm: {
      kind: 'string',
      default: '700',
      doc: 'Permissions of directories that are made for it, octal.',
      check: octalFault,
    },
    flush_interval: {
      kind: 'uint',
      default: 1000,
      doc: 'Milliseconds between two flushes; 0 switches the interval off.',
    },
    flush_count: {
      kind: 'uint',
      default: 1,
      doc: 'Messages to gather before a flush.',
      check: (value) => (Number(value) < 1 ? 'must be at least 1' : undefined),
    },
    flush_operator: {
      kind: 'choice',
      default: 'AND',
      choices: ['AND', 'OR'],
      doc: 'Whether a flush needs both flush_count and flush_interval, or either of them.',
    },
    rotation_interval: {
      kind: 'uint',
      default: 0,
      doc: 'Hours between two files, counted from midnight UTC; 0 switches rotation off.',
      check: (value) =>
        ROTATION_HOURS.includes(value) ? undefined : 'must be one of: 0, 1, 4, 12, 24',
    },
  },
  ticker: false,
  lint: (section) =>
    section.string('encoder') === ''
      ? [{ key: 'encoder', text: new HekateError('HKT_PLUGIN_ENCODER_REQUIRED').message }]
      : [],
};

/** What is used of a FileHandle. */
export interface OutputFile {
  write(
    bytes: Uint8Array,
    offset: number,
    length: number,
  ): Promise<{ readonly bytesWritten: number }>;
  datasync(): Promise<void>;
  stat(): Promise<{ readonly dev: number; readonly ino: number }>;
  close(): Promise<void>;
}
export type OpenFile = (path: string, flags: number, mode: number) => Promise<OutputFile>;

export class FileOutput implements Output {
  readonly #openFile: OpenFile;
  readonly #context: OutputContext;
  readonly #encoder: RecordEncoder;
  readonly #queue = new OutputQueue();
  readonly #outage: Outage;
  readonly #flush: FlushRule;
  /** Rings when there is something to write. */
  readonly #work: Alarm;
  readonly #pattern: string;
  readonly #perm: number;
  readonly #folderPerm: number;
  readonly #rotationHours: number;

  #path: string;
  #file: OutputFile | undefined;
  #identity = '';
  /** Bytes of the oldest record that are already in the file. */
  #torn = 0;
  #wantFlush = false;
  #wantOpen = false;
  #stopping = false;
  #written = 0;
  #rotation: Disposable | undefined;
  #reopened: PromiseWithResolvers<void> | undefined;
  #loop: Promise<void> | undefined;

  /** `openFile` is the system's, but for tests that make its writes fail. */
  constructor(section: Section, context: OutputContext, openFile: OpenFile = open) {
    this.#openFile = openFile;
    this.#context = context;
    this.#encoder = new RecordEncoder(context, 'encoder');
    this.#outage = new Outage(context);
    this.#work = new Alarm(context.clock);
    this.#pattern = resolve(section.string('path'));
    this.#perm = Number.parseInt(section.string('perm'), 8);
    this.#folderPerm = Number.parseInt(section.string('folder_perm'), 8);
    this.#rotationHours = section.number('rotation_interval');
    this.#flush = new FlushRule(
      {
        count: section.number('flush_count'),
        intervalMs: section.number('flush_interval'),
        operator: section.string('flush_operator') === 'OR' ? 'OR' : 'AND',
      },
      context.clock,
      () => this.#requestFlush(),
    );
    this.#path = this.#pathAt(context.clock.nowNs());
  }

  get path(): string {
    return this.#path;
  }

  get counters(): Readonly<Record<string, number>> {
    return {
      written: this.#written,
      waiting: this.#queue.length,
      refused: this.#encoder.failed,
      lost: this.#outage.lost,
    };
  }

  /** Rejects with HKT_PLUGIN_WRITE when the file cannot be opened. */
  async start(): Promise<void> {
    await this.#open();
    this.#flush.restart();
    this.#scheduleRotation();
    this.#loop = this.#run();
  }

  deliver(pack: Pack): Promise<void> | undefined {
    const record = this.#encoder.encode(pack);
    if (record === undefined) return undefined;
    const room = this.#queue.put(record);
    this.#flush.add();
    // The bound wins over the rule: a full queue is written whatever flush_count says.
    if (room !== undefined) this.#requestFlush();
    return room;
  }

  /** Closes the file and opens the path again; resolves when that was done, also when it has to be tried again later. */
  async reload(): Promise<void> {
    if (this.#loop === undefined || this.#stopping) return;
    this.#reopened ??= Promise.withResolvers<void>();
    const { promise } = this.#reopened;
    this.#requestOpen();
    await promise;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#flush.stop();
    this.#rotation?.[Symbol.dispose]();
    this.#work.ring();
    this.#outage.hurry();
    await this.#loop;
    await this.#file?.close();
    this.#file = undefined;
  }

  #pathAt(timeNs: bigint): string {
    return this.#rotationHours === 0 ? this.#pattern : strftime(this.#pattern, timeNs);
  }

  #requestFlush(): void {
    this.#wantFlush = true;
    this.#work.ring();
  }

  #requestOpen(): void {
    this.#wantOpen = true;
    this.#work.ring();
    this.#outage.hurry();
  }

  #scheduleRotation(): void {
    if (this.#rotationHours === 0) return;
    const spanMs = this.#rotationHours * MS_PER_HOUR;
    const waitMs = spanMs - (this.#context.clock.now() % spanMs);
    this.#rotation = this.#context.clock.after(waitMs, () => {
      this.#path = this.#pathAt(this.#context.clock.nowNs());
      this.#requestOpen();
      this.#scheduleRotation();
    });
  }

  async #open(): Promise<void> {
    try {
      await makeDirectories(dirname(this.#path), this.#folderPerm);
      const { O_WRONLY, O_APPEND, O_CREAT } = constants;
      const file = await this.#openFile(this.#path, O_WRONLY | O_APPEND | O_CREAT, this.#perm);
      const stat = await file.stat();
      const identity = `${stat.dev}:${stat.ino}`;
      // Half a record stays in the old file; the new one gets it whole.
      if (identity !== this.#identity) this.#torn = 0;
      this.#identity = identity;
      this.#file = file;
    } catch (thrown) {
      throw new HekateError('HKT_PLUGIN_WRITE', [this.#path, errorText(thrown)], thrown);
    }
  }

  async #reopen(): Promise<void> {
    this.#wantOpen = false;
    const old = this.#file;
    this.#file = undefined;
    try {
      await old?.close();
      await this.#open();
    } finally {
      this.#reopened?.resolve();
      this.#reopened = undefined;
    }
  }

  async #run(): Promise<void> {
    let attempts = 0;
    while (true) {
      if (!this.#stopping && !this.#wantFlush && !this.#wantOpen) await this.#work.wait();
      try {
        // What was gathered before a reload or a rotation belongs to the old file.
        const flushOld = this.#wantOpen && this.#queue.length > 0;
        if (this.#wantFlush || this.#stopping || flushOld) await this.#writeAll();
        if (this.#wantOpen) await this.#reopen();
        this.#outage.over(`writing to ${this.#path} again`);
        attempts = 0;
        if (this.#stopping && this.#queue.length === 0) break;
      } catch (thrown) {
        this.#outage.report(thrown);
        if (this.#stopping && ++attempts >= STOP_ATTEMPTS) {
          this.#outage.lose(this.#queue.discard(), this.#path, errorText(thrown));
          break;
        }
        // A full disk must not keep a reload from moving on to another one.
        if (this.#wantOpen) await this.#reopen().catch((fault) => this.#outage.report(fault));
        await this.#outage.wait();
      }
    }
    this.#reopened?.resolve();
  }

  async #writeAll(): Promise<void> {
    if (this.#file === undefined) await this.#open();
    this.#wantFlush = false;
    // Before the writing: what is put meanwhile counts for the next flush.
    if (!this.#stopping) this.#flush.restart();
    try {
      while (this.#queue.length > 0) await this.#writeSome();
      await this.#sync();
    } catch (thrown) {
      this.#wantFlush = true;
      throw new HekateError('HKT_PLUGIN_WRITE', [this.#path, errorText(thrown)], thrown);
    }
  }

  /** One write call; books what the system took of it. */
  async #writeSome(): Promise<void> {
    const records = this.#queue.peek(WRITE_BYTES);
    const bytes = Buffer.concat(records);
    const written = await this.#file?.write(bytes, this.#torn, bytes.length - this.#torn);
    let taken = this.#torn + (written?.bytesWritten ?? 0);
    let complete = 0;
    for (const record of records) {
      if (taken < record.length) break;
      taken -= record.length;
      complete++;
    }
    this.#torn = taken;
    this.#written += complete;
    this.#queue.done(complete);
  }

  async #sync(): Promise<void> {
    try {
      await this.#file?.datasync();
    } catch (thrown) {
      // Pipes and devices such as /dev/stderr cannot be synced.
      const code: unknown = thrown instanceof Error && 'code' in thrown ? thrown.code : '';
      if (code !== 'EINVAL' && code !== 'ENOTSUP' && code !== 'EROFS') throw thrown;
    }
  }
}

export const fileOutput: OutputType = {
  spec,
  create: (section: Section, context: OutputContext) => new FileOutput(section, context),
};
