/**
 * CarbonOutput: sends the lines of payloads to Graphite's carbon, "<name> <value> <timestamp>" each, over TCP or UDP
 * (Heka 0.11). Lines of another form are dropped and counted. No encoder is asked.
 */
import { connect, type Socket } from 'node:net';
import type { PluginSpec, Section } from '../config/spec.ts';
import { addressFault, type NetworkAddress, parseAddress } from '../network-address.ts';
import type { Output } from '../plugin.ts';
import { errorText, HekateError } from '../protocol/errors.ts';
import type { Pack } from '../protocol/pack.ts';
import { utf8Bytes } from '../protocol/text.ts';
import { LossLog } from '../splitters/loss-log.ts';
import { DatagramSender, MAX_DATAGRAM_BYTES } from './datagram-sender.ts';
import type { OutputContext, OutputType } from './output-context.ts';
import type { OutputQueue } from './output-queue.ts';
import { SendLoop } from './send-loop.ts';
import { lineFault, payloadLines } from './statmetric.ts';
import { hangUp, openSocket, write } from './tcp-socket.ts';

/** Bytes of one write; what is in a write when the connection fails is sent again. */
const WRITE_BYTES = 64 * 1024;
/** Lines are gathered into datagrams of up to this (upstream's 62 KiB). */
const DATAGRAM_BYTES = 63_488;

const spec: PluginSpec = {
  type: 'CarbonOutput',
  category: 'output',
  doc: "Sends payloads that hold lines of `name value timestamp`, such as StatAccumInput's, to Graphite's carbon.",
  fields: {
    address: {
      kind: 'string',
      default: 'localhost:2003',
      doc: 'host:port of carbon.',
      example: '"graphite.example.com:2003"',
      check: (value) =>
        addressFault(value) ?? (String(value).startsWith(':') ? 'the host is missing' : undefined),
    },
    protocol: {
      kind: 'string',
      default: 'tcp',
      doc: 'tcp or udp.',
      check: (value) =>
        ['', 'tcp', 'udp'].includes(String(value))
          ? undefined
          : `"${String(value)}" is not a supported protocol, must be "tcp" or "udp"`,
    },
    tcp_keep_alive: {
      kind: 'bool',
      default: false,
      doc: 'Keep the connection open; when false, it is closed as soon as nothing waits.',
    },
  },
  ticker: false,
};

/** How checked lines leave. */
interface LineSender {
  readonly counters: Readonly<Record<string, number>>;
  start(): Promise<void>;
  send(lines: readonly string[]): Promise<void> | undefined;
  stop(): Promise<void>;
}

export class CarbonOutput implements Output {
  readonly #losses: LossLog;
  readonly #sender: LineSender;
  #malformed = 0;

  constructor(section: Section, context: OutputContext) {
    this.#losses = new LossLog(context);
    this.#sender =
      section.string('protocol') === 'udp'
        ? new UdpLines(section, context)
        : new TcpLines(section, context);
  }

  get counters(): Readonly<Record<string, number>> {
    return { ...this.#sender.counters, malformed: this.#malformed };
  }

  /** Rejects with HKT_PLUGIN_CONNECT for an address that UDP cannot use; over TCP, carbon may come later. */
  async start(): Promise<void> {
    await this.#sender.start();
  }

  deliver(pack: Pack): Promise<void> | undefined {
    const lines: string[] = [];
    for (const line of payloadLines(pack.message.payload)) {
      const fault = lineFault(line);
      if (fault === undefined) {
        lines.push(`${line}\n`);
        continue;
      }
      this.#malformed++;
      this.#losses.report('HKT_PLUGIN_STATMETRIC', [fault]);
    }
    return this.#sender.send(lines);
  }

  async stop(): Promise<void> {
    await this.#sender.stop();
  }
}

class TcpLines implements LineSender {
  readonly #context: OutputContext;
  readonly #address: NetworkAddress;
  readonly #target: string;
  readonly #keepAlive: boolean;
  readonly #loop: SendLoop;
  #socket: Socket | undefined;
  #sent = 0;

  constructor(section: Section, context: OutputContext) {
    this.#context = context;
    this.#target = section.string('address');
    this.#address = parseAddress(this.#target);
    this.#keepAlive = section.bool('tcp_keep_alive');
    this.#loop = new SendLoop({
      context,
      target: this.#target,
      send: (queue, signal) => this.#sendSome(queue, signal),
    });
  }

  get counters(): Readonly<Record<string, number>> {
    const { queue, outage } = this.#loop;
    return { sent: this.#sent, waiting: queue.length, lost: outage.lost };
  }

  async start(): Promise<void> {
    this.#loop.start();
  }

  send(lines: readonly string[]): Promise<void> | undefined {
    return this.#loop.put(lines.length === 0 ? undefined : utf8Bytes(lines.join('')));
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
    await this.#close();
  }

  async #sendSome(queue: OutputQueue, signal: AbortSignal): Promise<void> {
    const records = queue.peek(WRITE_BYTES);
    try {
      this.#socket ??= await this.#connect(signal);
      await write(this.#socket, Buffer.concat(records), signal);
    } catch (thrown) {
      this.#socket?.destroy();
      this.#socket = undefined;
      throw new HekateError('HKT_PLUGIN_WRITE', [this.#target, errorText(thrown)], thrown);
    }
    queue.done(records.length);
    this.#sent += records.length;
    if (!this.#keepAlive && queue.length === 0) await this.#close();
  }

  async #connect(signal: AbortSignal): Promise<Socket> {
    const { host, port } = this.#address;
    const open = (): Socket => connect({ host, port, noDelay: true });
    const socket = await openSocket(open, false, this.#context.clock, signal);
    socket.once('close', () => {
      if (this.#socket === socket) this.#socket = undefined;
    });
    // Carbon says nothing; what it says all the same is read so that it does not block.
    socket.resume();
    return socket;
  }

  async #close(): Promise<void> {
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket !== undefined) await hangUp(socket, this.#context.clock);
  }
}

class UdpLines implements LineSender {
  readonly #sender: DatagramSender;
  readonly #losses: LossLog;
  #tooBig = 0;

  constructor(section: Section, context: OutputContext) {
    const target = section.string('address');
    const address = parseAddress(target);
    this.#losses = new LossLog(context);
    this.#sender = new DatagramSender({ target, address, family: 'udp', context });
  }

  get counters(): Readonly<Record<string, number>> {
    return { sent: this.#sender.sent, lost: this.#sender.failed, too_big: this.#tooBig };
  }

  async start(): Promise<void> {
    await this.#sender.open();
  }

  send(lines: readonly string[]): Promise<void> | undefined {
    let room: Promise<void> | undefined;
    let datagram: Uint8Array[] = [];
    let bytes = 0;
    const flush = (): void => {
      if (bytes > 0) room = this.#sender.send(Buffer.concat(datagram));
      datagram = [];
      bytes = 0;
    };
    for (const line of lines.map(utf8Bytes)) {
      if (line.length > MAX_DATAGRAM_BYTES) {
        this.#tooBig++;
        this.#losses.report('HKT_PLUGIN_DATAGRAM_SIZE', [line.length, MAX_DATAGRAM_BYTES]);
        continue;
      }
      if (bytes + line.length > DATAGRAM_BYTES) flush();
      datagram.push(line);
      bytes += line.length;
    }
    flush();
    return room;
  }

  async stop(): Promise<void> {
    await this.#sender.close();
  }
}

export const carbonOutput: OutputType = {
  spec,
  create: (section: Section, context: OutputContext) => new CarbonOutput(section, context),
};
