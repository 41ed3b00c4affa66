/**
 * LogstreamerInput: finds the logstreams of a directory and follows each with a reader of its own. Polls only: it works
 * the same on every file system. The number of streams, and so of open files, is bounded.
 */
import { realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { makeDirectories } from '../atomic-file.ts';
import type { ConfigValue, PluginSpec, Section } from '../config/spec.ts';
import type { Input, Intake, PluginContext, PluginType, Source } from '../plugin.ts';
import { errorText, HekateError } from '../protocol/errors.ts';
import { journalFolder, journalPath } from './logstream-journal.ts';
import { groupNamesOf, LogPattern, priorityGroup } from './logstream-pattern.ts';
import { LogstreamReader } from './logstream-reader.ts';
import { type ScanResult, scanLogstreams } from './logstream-scan.ts';

/** Streams, each with a file open, of one input. */
export const MAX_STREAMS = 1024;
/** Faults of a scan that are remembered so as not to be logged at every scan. */
const MAX_REMEMBERED_FAULTS = 1000;

const spec: PluginSpec = {
  type: 'LogstreamerInput',
  category: 'input',
  doc: 'Follows log files through growth, rotation and truncation, and goes on where it was after a restart.',
  fields: {
    hostname: {
      kind: 'string',
      default: '',
      doc: "Hostname of the messages; empty is the daemon's.",
    },
    log_directory: {
      kind: 'string',
      default: '/var/log',
      doc: 'Directory to search, with everything below it. Relative to the working directory.',
    },
    journal_directory: {
      kind: 'string',
      default: '',
      doc: 'Where the places that were read up to are kept; empty is "logstreamer" in base_dir. Relative to base_dir.',
    },
    file_match: {
      kind: 'string',
      required: true,
      doc: 'Expression (RE2 syntax) for the path below log_directory; it must match to the end of the path.',
      example: "'access\\.log\\.?(?P<Seq>\\d*)'",
      check: (value) => {
        if (value === '') return 'must not be empty';
        try {
          groupNamesOf(String(value));
          return undefined;
        } catch (thrown) {
          return errorText(thrown);
        }
      },
    },
    priority: {
      kind: 'strings',
      default: [],
      doc: 'Groups that put the files of a stream in order, oldest first; "^" turns the order of a group around.',
      example: '["Year", "Month", "^Seq"]',
    },
    differentiator: {
      kind: 'strings',
      default: [],
      doc: "Texts and groups that make up the name of a file's stream, which is also the Logger. Empty is the plugin's name.",
      example: '["nginx-", "DomainName", "-access"]',
    },
    translation: {
      kind: 'table',
      doc: 'Sort values for the texts of a group: [<plugin>.translation.<group>]; "missing" is a group that matched nothing.',
      check: translationFault,
    },
    oldest_duration: {
      kind: 'duration',
      default: 2_592_000_000,
      doc: 'Files that were not written to for longer are left out; "0s" takes all.',
      example: '"720h"',
    },
    rescan_interval: {
      kind: 'duration',
      default: 60_000,
      doc: 'How often the directory is searched for new files. A rotation is noticed sooner.',
      example: '"1m"',
      check: (value) => (Number(value) < 100 ? 'must be at least 100ms' : undefined),
    },
    check_data_interval: {
      kind: 'duration',
      default: 250,
      doc: 'How often the open files are looked at for new data.',
      example: '"250ms"',
      check: (value) => (Number(value) < 10 ? 'must be at least 10ms' : undefined),
    },
    initial_tail: {
      kind: 'bool',
      default: false,
      doc: 'Start at the end of a stream that was never read.',
    },
  },
  commonDefaults: { splitter: 'TokenSplitter' },
  ticker: false,
  lint: (section) => {
    const groups = groupNamesOf(section.string('file_match'));
    const missing = section.strings('priority').map(priorityGroup);
    return missing
      .filter((group) => !groups.has(group))
      .map((group) => ({ key: 'priority', text: `file_match has no group named '${group}'` }));
  },
};

function translationFault(value: ConfigValue): string | undefined {
  for (const [group, values] of Object.entries(value)) {
    if (typeof values !== 'object' || values === null) return `'${group}' must be a table`;
    const entries = Object.entries(values);
    const wrong = entries.find(([, sort]) => !Number.isInteger(sort));
    if (wrong !== undefined) return `'${group}.${wrong[0]}' must be an integer`;
    if (entries.length === 1 && entries[0]?.[0].toLowerCase() !== 'missing') {
      return `a translation with one entry ('${group}') must be for 'missing'`;
    }
  }
  return undefined;
}

/** Where a section looks, and for what. Rejects with HKT_LOGSTREAM_DIRECTORY. */
async function searchOf(
  section: Section,
  name: string,
): Promise<{ root: string; pattern: LogPattern }> {
  const directory = resolve(section.string('log_directory'));
  const root = await realpath(directory).catch((thrown: unknown) => {
    throw new HekateError('HKT_LOGSTREAM_DIRECTORY', [directory, errorText(thrown)], thrown);
  });
  const differentiator = section.strings('differentiator');
  const pattern = new LogPattern({
    root,
    fileMatch: section.string('file_match'),
    priority: section.strings('priority'),
    differentiator: differentiator.length === 0 ? [name] : differentiator,
    translation: section.table('translation'),
  });
  return { root, pattern };
}

function oldestMs(section: Section, nowMs: number): number {
  const oldest = section.number('oldest_duration');
  return oldest === 0 ? Number.NEGATIVE_INFINITY : nowMs - oldest;
}

/** The logstreams that a section would follow now, without following them. Rejects with HKT_LOGSTREAM_DIRECTORY. */
export async function findLogstreams(section: Section, nowMs: number): Promise<ScanResult> {
  return await scanLogstreams({
    ...(await searchOf(section, section.name)),
    oldestMs: oldestMs(section, nowMs),
  });
}

export class LogstreamerInput implements Input {
  readonly #section: Section;
  readonly #context: PluginContext;
  readonly #readers = new Map<string, LogstreamReader>();
  readonly #loggedFaults = new Set<string>();
  #root = '';
  #pattern: LogPattern | undefined;
  #journals = '';
  #open: ((source: Source) => Intake) | undefined;
  #timer: Disposable | undefined;
  #rescanning: Promise<void> | undefined;
  #scannedMs = Number.NEGATIVE_INFINITY;
  #incompleteBytes = 0;
  #stopping = false;

  constructor(section: Section, context: PluginContext) {
    this.#section = section;
    this.#context = context;
  }

  /** Where each stream stands, for reports. */
  positions(): ReadonlyMap<string, { readonly path: string; readonly offset: number }> {
    const positions = new Map<string, { path: string; offset: number }>();
    for (const [name, { position }] of this.#readers) {
      if (position !== undefined) positions.set(name, position);
    }
    return positions;
  }

  get counters(): Readonly<Record<string, number>> {
    let incomplete = this.#incompleteBytes;
    for (const reader of this.#readers.values()) incomplete += reader.incompleteBytes;
    return { streams: this.#readers.size, incomplete_bytes: incomplete };
  }

  /**
   * Rejects with HKT_LOGSTREAM_DIRECTORY, HKT_LOGSTREAM_PRIORITY or HKT_LOGSTREAM_JOURNAL_WRITE. A directory without a
   * matching file is no error: one may appear.
   */
  async start(open: (source: Source) => Intake): Promise<void> {
    const { root, pattern } = await searchOf(this.#section, this.#context.name);
    this.#root = root;
    this.#pattern = pattern;
    await this.#makeJournalFolder();
    this.#open = open;
    const found = await this.#scan(this.#pattern);
    const unusable = found.faults.find((fault) => fault.code === 'HKT_LOGSTREAM_PRIORITY');
    if (unusable !== undefined) throw unusable;
    await this.#apply(found);
    this.#scheduleRescan();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#timer?.[Symbol.dispose]();
    await this.#rescanning;
    await Promise.all([...this.#readers.values()].map((reader) => reader.stop()));
  }

  async #makeJournalFolder(): Promise<void> {
    const configured = this.#section.string('journal_directory');
    const base = configured === '' ? join(this.#context.baseDir, 'logstreamer') : configured;
    this.#journals = journalFolder(resolve(this.#context.baseDir, base), this.#context.name);
    try {
      await makeDirectories(this.#journals, 0o700);
    } catch (thrown) {
      const values = [this.#journals, errorText(thrown)];
      throw new HekateError('HKT_LOGSTREAM_JOURNAL_WRITE', values, thrown);
    }
  }

  #scheduleRescan(): void {
    this.#timer = this.#context.clock.after(this.#section.number('rescan_interval'), () => {
      this.#scheduleRescan();
      void this.#rescan();
    });
  }

  /** Never rejects. Calls while a scan runs share it. */
  #rescan(): Promise<void> {
    this.#rescanning ??= this.#rescanNow().finally(() => {
      this.#rescanning = undefined;
    });
    return this.#rescanning;
  }

  /** For readers that see a rotation: many of them at once cause one scan. */
  async #rescanSoon(): Promise<void> {
    const sinceMs = this.#context.clock.now() - this.#scannedMs;
    if (this.#rescanning !== undefined || sinceMs >= this.#section.number('check_data_interval')) {
      await this.#rescan();
    }
  }

  /** A scan that begins after this call. */
  async #rescanAnew(): Promise<void> {
    await this.#rescanning;
    await this.#rescan();
  }

  async #rescanNow(): Promise<void> {
    if (this.#pattern === undefined) return;
    try {
      await this.#apply(await this.#scan(this.#pattern));
    } catch (thrown) {
      this.#logOnce(errorText(thrown));
    }
  }

  async #scan(pattern: LogPattern): Promise<ScanResult> {
    const nowMs = this.#context.clock.now();
    this.#scannedMs = nowMs;
    return await scanLogstreams({
      root: this.#root,
      pattern,
      oldestMs: oldestMs(this.#section, nowMs),
    });
  }

  async #apply(found: ScanResult): Promise<void> {
    for (const fault of found.faults) this.#logOnce(fault.message);
    for (const [name, reader] of this.#readers) {
      reader.update(found.streams.get(name) ?? []);
      if (!reader.idle) continue;
      this.#readers.delete(name);
      this.#incompleteBytes += reader.incompleteBytes;
      // Not waited for: the reader may be the one that asked for this scan.
      void reader.stop().catch((thrown: unknown) => this.#logOnce(errorText(thrown)));
    }
    for (const [name, files] of found.streams) {
      if (this.#stopping) return;
      if (this.#readers.has(name) || this.#open === undefined) continue;
      if (this.#readers.size >= MAX_STREAMS) {
        this.#logOnce(
          new HekateError('HKT_LOGSTREAM_BOUND', ['log_directory', MAX_STREAMS, 'streams']).message,
        );
        return;
      }
      const reader = new LogstreamReader(
        {
          stream: name,
          hostname: this.#section.string('hostname') || this.#context.hostname,
          journal: journalPath(this.#journals, name),
          checkMs: this.#section.number('check_data_interval'),
          initialTail: this.#section.bool('initial_tail'),
          context: this.#context,
          open: this.#open,
          rescan: (now) => (now ? this.#rescanAnew() : this.#rescanSoon()),
        },
        files,
      );
      this.#readers.set(name, reader);
      await reader.start();
    }
  }

  #logOnce(text: string): void {
    if (this.#loggedFaults.has(text)) return;
    if (this.#loggedFaults.size >= MAX_REMEMBERED_FAULTS) this.#loggedFaults.clear();
    this.#loggedFaults.add(text);
    this.#context.log.error(text);
  }
}

export const logstreamerInput: PluginType<Input> = {
  spec,
  create: (section: Section, context: PluginContext) => new LogstreamerInput(section, context),
};
