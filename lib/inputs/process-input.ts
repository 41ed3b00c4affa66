/**
 * ProcessInput: runs commands at every tick, or once for as long as they run, and makes records of what the last of them
 * writes (Heka 0.11). One chain runs at a time; what it writes waits in its pipes while the pipeline is full.
 */
import type { Readable } from 'node:stream';
import { commonFields } from '../config/common-fields.ts';
import type { ConfigValue, PluginSpec, Section } from '../config/spec.ts';
import type { Input, Intake, PluginContext, PluginType, RecordMarks, Source } from '../plugin.ts';
import { errorText, HekateError } from '../protocol/errors.ts';
import { pause, RetryPolicy } from '../retry-policy.ts';
import { type ChainStatus, CommandChain, type CommandLine } from './managed-command.ts';
import { maxRecordField } from './whole-record.ts';

/** Characters of SubcmdErrors. */
const ERROR_CHARACTERS = 8192;

const textFault = (value: ConfigValue): string | undefined =>
  String(value).includes('\0') ? 'must not hold a NUL character' : undefined;

const spec: PluginSpec = {
  type: 'ProcessInput',
  category: 'input',
  doc: "Runs commands, without a shell, and reads what the last one writes. With a NullSplitter the output of a run is one record, handed over at the run's end; ExitStatus and SubcmdErrors are then those of this run, otherwise those of the last run that ended.",
  fields: {
    command: {
      kind: 'sections',
      required: true,
      doc: 'The commands, counted from 0: each reads what the one before it writes.',
      fields: {
        bin: {
          kind: 'string',
          required: true,
          doc: 'Full path of the program.',
          example: '"/bin/cat"',
          check: (value) => (value === '' ? 'must not be empty' : textFault(value)),
        },
        args: { kind: 'strings', default: [], doc: 'Its arguments.', check: textsFault },
        env: {
          kind: 'strings',
          doc: "Its whole environment; unset, it is the daemon's.",
          example: '["PATH=/bin", "LANG=C"]',
          check: environmentFault,
        },
        directory: {
          kind: 'string',
          default: '',
          doc: "Its working directory; empty is the daemon's.",
          check: textFault,
        },
      },
    },
    immediate_start: {
      kind: 'bool',
      default: false,
      doc: 'Run at the start too, not only from the first tick on.',
    },
    timeout: {
      kind: 'seconds',
      default: 0,
      doc: 'After so many seconds a command and what it started is ended; 0 is never.',
    },
    stdout: { kind: 'bool', default: true, doc: 'Read the standard output of the last command.' },
    stderr: { kind: 'bool', default: false, doc: 'Read the standard error of the last command.' },
    max_record_size: maxRecordField("a run's output"),
    retries: {
      kind: 'section',
      doc: 'How commands that could not be started, or that ended although ticker_interval is 0, are started again. A run of longer than max_delay counts as a success.',
      fields: commonFields('input')['retries']?.fields ?? {},
    },
  },
  commonDefaults: { ticker_interval: 15 },
  lint: (section) => {
    const commands = section.sections('command');
    if (commands.size === 0) return [{ key: 'command', text: 'No Command Configured' }];
    const missing = Array.from(commands.keys(), (_, index) => String(index)).find(
      (index) => !commands.has(index),
    );
    if (missing === undefined) return [];
    const text = `Expected to find a command at index [${section.name}][${missing}]`;
    return [{ key: 'command', text }];
  },
};

function textsFault(value: ConfigValue): string | undefined {
  return Array.isArray(value) ? value.map(textFault).find(Boolean) : undefined;
}

function environmentFault(value: ConfigValue): string | undefined {
  const wrong = Array.isArray(value) && value.some((entry) => String(entry).indexOf('=') < 1);
  return wrong ? 'must be texts of the form NAME=value' : textsFault(value);
}

function commandsOf(section: Section): readonly CommandLine[] {
  const commands = [...section.sections('command')].sort(([a], [b]) => Number(a) - Number(b));
  return commands.map(([, command]) => ({
    bin: command.string('bin'),
    args: command.strings('args'),
    env: command.given('env') ? command.strings('env') : undefined,
    directory: command.string('directory'),
  }));
}

export class ProcessInput implements Input {
  readonly done: Promise<Error | undefined>;
  readonly #section: Section;
  readonly #context: PluginContext;
  readonly #commands: readonly CommandLine[];
  readonly #retries: RetryPolicy;
  readonly #stopping = new AbortController();
  readonly #over = Promise.withResolvers<Error | undefined>();
  #open: ((source: Source) => Intake) | undefined;
  #loop: Promise<void> | undefined;
  #chain: CommandChain | undefined;
  /** Of the last run that ended. */
  #status: ChainStatus = { exitStatus: 0, errors: '' };
  #runs = 0;
  #failed = 0;
  #skipped = 0;

  constructor(section: Section, context: PluginContext) {
    this.#section = section;
    this.#context = context;
    this.#commands = commandsOf(section);
    this.done = this.#over.promise;
    const retries = section.section('retries');
    this.#retries = new RetryPolicy(
      {
        delayMs: retries.number('delay'),
        maxDelayMs: retries.number('max_delay'),
        maxJitterMs: retries.number('max_jitter'),
        maxRetries: retries.number('max_retries'),
      },
      context.clock,
    );
  }

  get counters(): Readonly<Record<string, number>> {
    return { runs: this.#runs, failed: this.#failed, skipped: this.#skipped };
  }

  async start(open: (source: Source) => Intake): Promise<void> {
    this.#open = open;
    const tickMs = this.#section.number('ticker_interval') * 1000;
    const loop = tickMs === 0 ? this.#runForever() : this.#runAtTicks(tickMs);
    this.#loop = loop.then(
      () => this.#over.resolve(undefined),
      (thrown: unknown) => {
        this.#over.resolve(thrown instanceof Error ? thrown : new Error(errorText(thrown)));
      },
    );
  }

  /** Ends what runs; what it has written is handed over. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#chain?.stop();
    await this.#loop;
    this.#over.resolve(undefined);
  }

  /** Rejects with HKT_PLUGIN_RETRIES. */
  async #runAtTicks(tickMs: number): Promise<void> {
    const { clock } = this.#context;
    const { signal } = this.#stopping;
    let dueMs = clock.now() + (this.#section.bool('immediate_start') ? 0 : tickMs);
    while (!signal.aborted) {
      const waitMs = dueMs - clock.now();
      if (waitMs > 0) await pause(waitMs, clock, signal);
      if (signal.aborted) return;
      if (await this.#attempt()) this.#retries.reset();
      else await this.#retries.wait(signal);
      const missed = Math.max(0, Math.floor((clock.now() - dueMs) / tickMs));
      this.#skipped += missed;
      dueMs += (missed + 1) * tickMs;
    }
  }

  /** Rejects with HKT_PLUGIN_RETRIES. */
  async #runForever(): Promise<void> {
    const { clock, log } = this.#context;
    const { signal } = this.#stopping;
    const longMs = this.#section.section('retries').number('max_delay');
    while (!signal.aborted) {
      const startMs = clock.now();
      const ran = await this.#attempt();
      if (signal.aborted) return;
      if (ran) {
        const text = this.#status.errors === '' ? 'exit status 0' : this.#status.errors;
        log.error(new HekateError('HKT_PLUGIN_COMMAND_ENDED', [text]).message);
        if (clock.now() - startMs >= longMs) this.#retries.reset();
      }
      await this.#retries.wait(signal);
    }
  }

  /** One run; false when it could not be started. */
  async #attempt(): Promise<boolean> {
    let chain: CommandChain;
    try {
      chain = await CommandChain.start({
        commands: this.#commands,
        timeoutMs: this.#section.number('timeout') * 1000,
        clock: this.#context.clock,
        stdout: this.#section.bool('stdout'),
        stderr: this.#section.bool('stderr'),
      });
    } catch (thrown) {
      this.#failed++;
      this.#context.log.error(errorText(thrown));
      return false;
    }
    this.#runs++;
    this.#chain = chain;
    if (this.#stopping.signal.aborted) chain.stop();
    const [stdout, stderr, status] = await Promise.all([
      this.#feed(chain.stdout, 'stdout'),
      this.#feed(chain.stderr, 'stderr'),
      chain.ended,
    ]);
    this.#chain = undefined;
    this.#status = status;
    if (status.errors !== '') this.#failed++;
    await stdout?.end();
    await stderr?.end();
    return true;
  }

  /** Pushes all of a stream; the intake is yet to be ended. */
  async #feed(
    stream: Readable | undefined,
    name: 'stdout' | 'stderr',
  ): Promise<Intake | undefined> {
    if (stream === undefined) return undefined;
    const intake = this.#open?.({
      origin: { description: `${this.#context.name} ${name}`, loopback: true },
      marks: () => this.#marks(name),
      wholeBytes: this.#section.number('max_record_size'),
      sharesDecoder: true,
    });
    try {
      for await (const chunk of stream) {
        if (chunk instanceof Uint8Array) await intake?.push(chunk); // no encoding was set: always
      }
    } catch (thrown) {
      // A stream that was let go of after its command was killed ends like this.
      if (!this.#stopping.signal.aborted) {
        this.#context.log.error(`Stream Error [${errorText(thrown)}]`);
      }
    }
    return intake;
  }

  #marks(stream: string): RecordMarks {
    const { hostname, name, pid } = this.#context;
    const { errors, exitStatus } = this.#status;
    return {
      type: 'ProcessInput',
      pid,
      hostname,
      fields: [
        { name: 'ProcessInputName', value: `${name}.${stream}` },
        { name: 'ExitStatus', value: exitStatus, integer: true },
        ...(errors === ''
          ? []
          : [{ name: 'SubcmdErrors', value: errors.slice(0, ERROR_CHARACTERS) }]),
      ],
    };
  }
}

export const processInput: PluginType<Input> = {
  spec,
  create: (section: Section, context: PluginContext) => new ProcessInput(section, context),
};
