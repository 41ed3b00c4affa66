/**
 * FilePollingInput: reads a file from its start to its end at every tick (Heka 0.11), such as one below /proc. Only
 * regular files: a pipe or a device would hold the input.
 */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { PluginSpec, Section } from '../config/spec.ts';
import type { Input, Intake, PluginContext, PluginType, RecordMarks, Source } from '../plugin.ts';
import { errorText } from '../protocol/errors.ts';
import { maxRecordField } from './whole-record.ts';

const READ_BYTES = 64 * 1024;

const spec: PluginSpec = {
  type: 'FilePollingInput',
  category: 'input',
  doc: 'Reads a whole file again and again. With a NullSplitter its contents are one record.',
  fields: {
    file_path: {
      kind: 'string',
      required: true,
      doc: 'The file. A relative path starts from the working directory.',
      example: '"/proc/meminfo"',
      check: (value) => (value === '' ? 'must not be empty' : undefined),
    },
    max_record_size: maxRecordField('the file'),
  },
  commonDefaults: { ticker_interval: 5 },
  lint: (section) =>
    section.number('ticker_interval') > 0
      ? []
      : [{ key: 'ticker_interval', text: 'must be greater than 0: the file would not be read' }],
};

export class FilePollingInput implements Input {
  readonly #section: Section;
  readonly #context: PluginContext;
  readonly #source: Source;
  #open: ((source: Source) => Intake) | undefined;
  #timer: Disposable | undefined;
  #polling: Promise<void> | undefined;
  #stopping = false;
  #polls = 0;
  #failed = 0;
  #skipped = 0;

  constructor(section: Section, context: PluginContext) {
    this.#section = section;
    this.#context = context;
    const marks: RecordMarks = {
      type: 'heka.file.polling',
      hostname: context.hostname,
      fields: [
        { name: 'TickerInterval', value: section.number('ticker_interval'), integer: true },
        { name: 'FilePath', value: section.string('file_path') },
      ],
    };
    this.#source = {
      origin: { description: context.name, loopback: true },
      marks: () => marks,
      wholeBytes: section.number('max_record_size'),
      sharesDecoder: true,
    };
  }

  get counters(): Readonly<Record<string, number>> {
    return { polls: this.#polls, failed: this.#failed, skipped: this.#skipped };
  }

  async start(open: (source: Source) => Intake): Promise<void> {
    this.#open = open;
    this.#tick();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#timer?.[Symbol.dispose]();
    await this.#polling;
  }

  #tick(): void {
    this.#timer = this.#context.clock.after(this.#section.number('ticker_interval') * 1000, () => {
      this.#tick();
      // The pipeline has not taken the last contents yet: the file is read again when it has.
      if (this.#polling !== undefined) this.#skipped++;
      this.#polling ??= this.#poll().finally(() => {
        this.#polling = undefined;
      });
    });
  }

  /** Never rejects. */
  async #poll(): Promise<void> {
    this.#polls++;
    let file: FileHandle;
    try {
      // Non-blocking: opening a pipe would wait for its writer.
      const flags = constants.O_RDONLY | constants.O_NONBLOCK;
      file = await open(this.#section.string('file_path'), flags);
    } catch (thrown) {
      this.#fail('opening', thrown);
      return;
    }
    try {
      if (!(await file.stat()).isFile()) throw new Error('not a regular file');
      await this.#read(file);
    } catch (thrown) {
      this.#fail('reading', thrown);
    } finally {
      await file.close();
    }
  }

  async #read(file: FileHandle): Promise<void> {
    const intake = this.#open?.(this.#source);
    // Without positions: files of /proc are made anew for each read from the start.
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, READ_BYTES, null);
      // What was begun is not handed over when it ends halfway.
      if (this.#stopping) return;
      if (bytesRead === 0) break;
      await intake?.push(buffer.subarray(0, bytesRead));
    }
    await intake?.end();
  }

  #fail(what: string, thrown: unknown): void {
    this.#failed++;
    this.#context.log.error(`Error ${what} file: ${errorText(thrown)}`);
  }
}

export const filePollingInput: PluginType<Input> = {
  spec,
  create: (section: Section, context: PluginContext) => new FilePollingInput(section, context),
};
