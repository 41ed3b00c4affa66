/**
 * StatsdInput: takes statsd datagrams and adds their values up in a StatAccumInput (Heka 0.11). Nothing waits here: a
 * datagram is read as it comes, and what comes faster than max_packet_rate is dropped unread and counted.
 */
import type { Socket } from 'node:dgram';
import type { FieldSpec, PluginSpec, Section } from '../config/spec.ts';
import {
  addressFault,
  addressText,
  type NetworkAddress,
  parseAddress,
} from '../network-address.ts';
import type { Input } from '../plugin.ts';
import { errorText, HekateError } from '../protocol/errors.ts';
import { utf8Text } from '../protocol/text.ts';
import { LossLog } from '../splitters/loss-log.ts';
import { DatagramLosses } from './datagram-losses.ts';
import { bindDatagramSocket } from './datagram-socket.ts';
import type { InputContext, InputType } from './input-context.ts';
import type { StatAccumulator } from './stat-accumulator.ts';
import { parseStatsd } from './statsd-line.ts';

const LARGEST_DATAGRAM = 65_535;
const RATE_INTERVAL_MS = 1000;
const SHOWN_CHARACTERS = 200;

const noMessages = 'this input makes no messages; its StatAccumInput does';
const unused = (field: Pick<FieldSpec, 'default'>, doc: string): FieldSpec => ({
  kind: 'string',
  doc,
  ignored: noMessages,
  ...field,
});

const spec: PluginSpec = {
  type: 'StatsdInput',
  category: 'input',
  doc: 'Listens for statsd values (counters, gauges and timers) on a UDP address, and adds them up in a StatAccumInput.',
  fields: {
    address: {
      kind: 'string',
      default: '127.0.0.1:8125',
      doc: 'host:port to listen on; ":port" is every interface.',
      check: addressFault,
    },
    stat_accum_name: {
      kind: 'string',
      default: 'StatAccumInput',
      doc: 'Name of the StatAccumInput that the values go to.',
    },
    max_msg_size: {
      kind: 'uint',
      default: 512,
      doc: 'Bytes of a datagram that are read; the rest is cut off.',
      check: (value) =>
        Number(value) < 1 || Number(value) > LARGEST_DATAGRAM
          ? `must be from 1 to ${LARGEST_DATAGRAM}`
          : undefined,
    },
    max_packet_rate: {
      kind: 'uint',
      default: 50_000,
      doc: 'Datagrams that are read in a second; further ones are dropped, counted and logged. Not in Heka.',
      check: (value) => (Number(value) < 1 ? 'must be at least 1' : undefined),
    },
    decoder: unused({ default: '' }, 'Decodes nothing here.'),
    splitter: unused({ default: 'NullSplitter' }, 'Cuts nothing here.'),
  },
  ticker: false,
};

export class StatsdInput implements Input {
  readonly #section: Section;
  readonly #context: InputContext;
  readonly #listen: NetworkAddress;
  readonly #stats: StatAccumulator;
  readonly #log: LossLog;
  #socket: Socket | undefined;
  #losses: DatagramLosses | undefined;
  #address: string | undefined;
  #intervalMs = Number.NEGATIVE_INFINITY;
  #inInterval = 0;
  #received = 0;
  #truncated = 0;
  #badLines = 0;

  constructor(section: Section, context: InputContext) {
    this.#section = section;
    this.#context = context;
    this.#listen = parseAddress(section.string('address'));
    this.#stats = context.accumulator(section.string('stat_accum_name'));
    this.#log = new LossLog(context);
  }

  /** The bound address once it listens, with the real port. */
  get address(): string | undefined {
    return this.#address;
  }

  get counters(): Readonly<Record<string, number>> {
    const kernel = this.#losses?.kernel;
    return {
      received: this.#received,
      truncated: this.#truncated,
      bad_lines: this.#badLines,
      dropped_rate: this.#losses?.dropped ?? 0,
      ...(kernel === undefined ? {} : { dropped_kernel: kernel }),
    };
  }

  /** Rejects with HKT_PLUGIN_LISTEN. */
  async start(): Promise<void> {
    const socket = await bindDatagramSocket(this.#listen, 'udp', (bytes) =>
      this.#receive(bytes),
    ).catch((thrown: unknown) => {
      const values = [this.#section.string('address'), errorText(thrown)];
      throw new HekateError('HKT_PLUGIN_LISTEN', values, thrown);
    });
    this.#socket = socket;
    socket.on('error', (error) => this.#context.log.error(`Read error: ${error.message}`));
    const { address, port } = socket.address();
    this.#address = addressText(address, port);
    this.#losses = new DatagramLosses({
      clock: this.#context.clock,
      log: this.#context.log,
      host: address,
      port,
      where: `max_packet_rate of ${this.#section.number('max_packet_rate')} a second`,
    });
    await this.#losses.start();
  }

  async stop(): Promise<void> {
    const socket = this.#socket;
    await this.#losses?.end();
    if (socket !== undefined) await new Promise<void>((resolve) => socket.close(() => resolve()));
  }

  #receive(bytes: Uint8Array): void {
    this.#received++;
    if (!this.#mayRead()) {
      this.#losses?.count();
      return;
    }
    const length = Math.min(bytes.length, this.#section.number('max_msg_size'));
    if (length < bytes.length) this.#truncated++;
    const { stats, badLines } = parseStatsd(utf8Text(bytes, 0, length));
    for (const line of badLines) {
      this.#badLines++;
      this.#log.line('parse', `can't parse message: ${line.slice(0, SHOWN_CHARACTERS)}`);
    }
    for (const stat of stats) {
      if (!this.#stats.add(stat)) {
        this.#log.line('add', `undelivered stat: ${stat.bucket}:${stat.value}`);
      }
    }
  }

  #mayRead(): boolean {
    const nowMs = this.#context.clock.now();
    // A clock that was set back begins a new second too.
    if (Math.abs(nowMs - this.#intervalMs) >= RATE_INTERVAL_MS) {
      this.#intervalMs = nowMs;
      this.#inInterval = 0;
    }
    return ++this.#inInterval <= this.#section.number('max_packet_rate');
  }
}

export const statsdInput: InputType = {
  spec,
  create: (section: Section, context: InputContext) => new StatsdInput(section, context),
};
