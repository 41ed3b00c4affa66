/**
 * hekate flood: sends many messages of Type "hekabench" to a daemon, some of them signed, corrupt or too large as its
 * configuration asks (upstream's heka-flood: its flags, sections and keys). It sends as fast as the daemon reads, and holds
 * no more than one block of frames beyond what the sockets hold.
 */
import { isTable } from '../config/field-value.ts';
import { didYouMean } from '../config/nearest-name.ts';
import type { FieldSpec, PluginSpec, Section } from '../config/spec.ts';
import { lintClientTls } from '../inputs/tls-options.ts';
import type { Clock } from '../plugin.ts';
import { HekateError } from '../protocol/errors.ts';
import { DEFAULT_MAX_MESSAGE_SIZE } from '../protocol/message.ts';
import { systemClock } from '../system-clock.ts';
import { type Command, type CommandIo, EXIT_FAULT, helpText, printError } from './command.ts';
import type { FlagValues } from './flags.ts';
import { FloodPlan, type PlannedFrame } from './flood-plan.ts';
import { type FloodSender, openSender } from './flood-sender.ts';
import { Progress } from './progress.ts';
import { noPositional } from './sbmgr.ts';
import { lenientSection, readToolToml, signerOf, targetFields } from './tool-config.ts';

const DEFAULT_RECONNECT_SECONDS = 5;
const percentage = (doc: string): FieldSpec => ({
  kind: 'float',
  default: 0,
  doc,
  example: '0.01',
  check: (value) =>
    typeof value === 'number' && value >= 0 && value <= 100 ? undefined : 'must be from 0 to 100',
});

const floodSpec: PluginSpec = {
  type: 'flood',
  category: 'global',
  doc: 'One test of hekate flood.',
  fields: {
    ...targetFields,
    sender: {
      kind: 'choice',
      choices: ['tcp', 'udp'],
      default: 'tcp',
      doc: 'How frames are sent.',
    },
    num_messages: {
      kind: 'uint',
      default: 0,
      doc: 'How many messages are sent; 0 goes on until it is interrupted.',
    },
    message_interval: { kind: 'duration', default: 0, doc: 'Pause after every message.' },
    static_message_size: {
      kind: 'uint',
      default: 0,
      doc: 'Bytes of random payload of messages of one size; 0 is 1000.',
    },
    variable_size_messages: { kind: 'bool', default: false, doc: 'Send messages of many sizes.' },
    ascii_only: { kind: 'bool', default: false, doc: 'Only printable characters in payloads.' },
    signed_percentage: percentage('Percentage of messages that are signed.'),
    corrupt_percentage: percentage('Percentage of messages with one byte overwritten.'),
    oversized_percentage: percentage('Percentage of messages that are too large (TCP only).'),
    max_message_size: {
      kind: 'bytes',
      default: 0,
      doc: 'Largest message that the daemon takes; 0 is 64 KiB.',
    },
    reconnect_on_error: {
      kind: 'bool',
      default: false,
      doc: 'Connect again when the connection breaks, rather than to end.',
    },
    reconnect_interval: {
      kind: 'int',
      default: DEFAULT_RECONNECT_SECONDS,
      doc: 'Seconds between two attempts to connect; less than 1 is 5.',
    },
    encoder: {
      kind: 'string',
      default: '',
      doc: 'Accepted and without effect, as upstream: messages are always framed protobuf.',
    },
    pprof_file: {
      kind: 'string',
      default: '',
      doc: "Upstream's profile of the tool itself.",
      refused: 'there is no Go profiler here; use node --cpu-prof',
    },
  },
  lint: (section) => [
    ...lintClientTls(section),
    ...(section.string('sender') === 'udp' && section.number('oversized_percentage') > 0
      ? [{ key: 'oversized_percentage', text: 'a datagram cannot carry an oversized message' }]
      : []),
    ...(section.string('sender') === 'udp' && section.bool('use_tls')
      ? [{ key: 'use_tls', text: 'TLS needs sender = "tcp"' }]
      : []),
  ],
};

/** The command over a clock of the caller's choice. */
export function floodCommand(clock: Clock): Command {
  const command: Command = {
    name: 'flood',
    summary: 'Sends many messages to a daemon, as fast as they are taken.',
    usage: '-config FILE [-test SECTION]',
    example: 'hekate flood -config=flood.toml -test=default',
    flags: {
      config: {
        kind: 'string',
        default: 'flood.toml',
        doc: 'Heka Flood configuration file',
        placeholder: 'FILE',
      },
      test: {
        kind: 'string',
        default: 'default',
        doc: 'Test section to load',
        placeholder: 'SECTION',
      },
      seed: {
        kind: 'uint',
        default: 0,
        doc: 'Seed of sizes, payloads and corruption; 0 takes one from the clock and shows it',
      },
      format: {
        kind: 'string',
        default: 'txt',
        choices: ['txt', 'json'],
        doc: 'how the result is printed [txt|json]',
      },
    },
    run: async (values, positional, io) => {
      if (values.givenCount === 0 && positional.length === 0) {
        io.stdout(helpText(command, 'hekate flood'));
        return 0;
      }
      noPositional(positional);
      const config = await readTest(values.string('config'), values.string('test'), io);
      return await new FloodRun(config, values, io, clock).run();
    },
  };
  return command;
}

export const command: Command = floodCommand(systemClock);

async function readTest(file: string, test: string, io: CommandIo): Promise<Section> {
  const document = await readToolToml(file, io);
  const found = Object.hasOwn(document.tables, test) ? document.tables[test] : undefined;
  if (!isTable(found)) {
    const near = didYouMean(test, Object.keys(document.tables));
    throw new HekateError('HKT_TOOL_FLOOD_TEST', [test, near === undefined ? '' : `; ${near}`]);
  }
  return lenientSection(floodSpec, document, [test], file, io);
}

class FloodRun {
  readonly #config: Section;
  readonly #values: FlagValues;
  readonly #io: CommandIo;
  readonly #clock: Clock;
  readonly #seed: number;
  readonly #counts = { sent: 0, delivered: 0, bytes: 0, signed: 0, corrupt: 0, oversized: 0 };
  /** Frames of the block that is being filled. */
  #waiting = 0;
  /** What broke the connection for good. */
  #failure: unknown;

  constructor(config: Section, values: FlagValues, io: CommandIo, clock: Clock) {
    this.#config = config;
    this.#values = values;
    this.#io = io;
    this.#clock = clock;
    this.#seed = values.number('seed') || clock.now() % 0x7fffffff;
  }

  async run(): Promise<number> {
    const plan = this.#plan();
    const startedMs = this.#clock.now();
    const progress = new Progress(this.#io, this.#clock);
    let sender = await this.#connect();
    const limit = this.#config.number('num_messages') || Number.POSITIVE_INFINITY;
    const pauseMs = this.#config.number('message_interval');
    const { signal } = this.#io;
    // A receiver that does not read must not keep the flood from ending.
    const onAbort = (): void => {
      sender?.close().catch(() => undefined); // its failure is seen by the send that waits
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      while (sender !== undefined && this.#counts.sent < limit && !signal.aborted) {
        const planned = plan.next(this.#counts.sent);
        this.#count(planned);
        try {
          const wait = sender.send(planned.bytes);
          this.#waiting++;
          if (wait !== undefined) await wait;
          else if (pauseMs > 0) await sender.flush();
          else continue;
          this.#delivered();
          if (pauseMs > 0) await this.#pause(pauseMs);
        } catch (error) {
          if (!signal.aborted) sender = await this.#reconnect(error, sender);
        }
        progress.show(() => this.#rates(startedMs));
      }
      if (!signal.aborted) await this.#finish(sender);
    } finally {
      signal.removeEventListener('abort', onAbort);
      progress.clear();
    }
    this.#report((this.#clock.now() - startedMs) / 1000);
    if (this.#failure === undefined) return 0;
    printError(this.#failure, 'hekate flood', this.#io);
    return EXIT_FAULT;
  }

  #plan(): FloodPlan {
    const config = this.#config;
    return new FloodPlan({
      signedPercentage: config.number('signed_percentage'),
      corruptPercentage: config.number('corrupt_percentage'),
      oversizedPercentage: config.number('oversized_percentage'),
      variableSize: config.bool('variable_size_messages'),
      staticSize: config.number('static_message_size'),
      asciiOnly: config.bool('ascii_only'),
      maxMessageSize: config.number('max_message_size') || DEFAULT_MAX_MESSAGE_SIZE,
      // Without a [signer] section signed messages carry an empty name and key, as upstream.
      signer: signerOf(config) ?? { name: '', keyVersion: 0, hash: 'md5', key: '' },
      seed: this.#seed,
      timestampNs: this.#clock.nowNs(),
    });
  }

  #count(planned: PlannedFrame): void {
    const counts = this.#counts;
    counts.sent++;
    counts.bytes += planned.bytes.length;
    if (planned.kind === 'signed') counts.signed++;
    else if (planned.kind === 'oversized') counts.oversized++;
    if (planned.corrupt) counts.corrupt++;
  }

  /** The system took the block. */
  #delivered(): void {
    this.#counts.delivered += this.#waiting;
    this.#waiting = 0;
  }

  /** Undefined when the flood was interrupted while it tried. Throws HKT_TOOL_CONNECT unless it is to try again. */
  async #connect(): Promise<FloodSender | undefined> {
    for (;;) {
      try {
        return await openSender(this.#config, this.#io.signal);
      } catch (error) {
        if (this.#io.signal.aborted) return undefined;
        if (!this.#config.bool('reconnect_on_error')) throw error;
        printError(error, 'hekate flood', this.#io);
      }
      this.#io.stderr('Attempting to reconnect...\n');
      const seconds = this.#config.number('reconnect_interval');
      await this.#pause((seconds < 1 ? DEFAULT_RECONNECT_SECONDS : seconds) * 1000);
      if (this.#io.signal.aborted) return undefined;
    }
  }

  /** A new sender, or undefined when the flood is to end. */
  async #reconnect(error: unknown, old: FloodSender): Promise<FloodSender | undefined> {
    this.#waiting = 0;
    await old.close().catch(() => undefined); // what broke it is reported already
    if (!this.#config.bool('reconnect_on_error')) {
      this.#failure = error;
      return undefined;
    }
    printError(error, 'hekate flood', this.#io);
    return await this.#connect();
  }

  /** Sends what is left and closes; until then the last messages are not delivered. */
  async #finish(sender: FloodSender | undefined): Promise<void> {
    if (sender === undefined) return;
    try {
      await sender.flush();
      this.#delivered();
      await sender.close();
    } catch (error) {
      this.#failure = error;
    }
  }

  async #pause(ms: number): Promise<void> {
    const { signal } = this.#io;
    if (signal.aborted) return;
    await new Promise<void>((resume) => {
      const timer = this.#clock.after(ms, done);
      function done(): void {
        signal.removeEventListener('abort', done);
        timer[Symbol.dispose]();
        resume();
      }
      signal.addEventListener('abort', done, { once: true });
    });
  }

  #rates(startedMs: number): string {
    const { sent, bytes } = this.#counts;
    const seconds = Math.max((this.#clock.now() - startedMs) / 1000, 0.001);
    const rate = (sent / seconds).toFixed(2);
    const bits = ((bytes * 8) / 1e6 / seconds).toFixed(2);
    return `Sent ${sent} messages. ${rate} msg/sec ${bits} Mbit/sec`;
  }

  #report(seconds: number): void {
    if (this.#values.string('format') === 'json') {
      const line = { ...this.#counts, seconds, seed: this.#seed };
      this.#io.stdout(`${JSON.stringify(line)}\n`);
      return;
    }
    const { sent, delivered, signed, corrupt, oversized } = this.#counts;
    this.#io.stdout(
      `Clean shutdown: ${sent} messages sent; ${delivered} messages delivered. ` +
        `${signed} signed, ${corrupt} corrupt, ${oversized} oversized; seed ${this.#seed}; ${seconds.toFixed(2)} s\n`,
    );
  }
}
