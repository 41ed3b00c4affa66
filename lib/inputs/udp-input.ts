/**
 * UdpInput: each datagram is split on its own; what is left of it without a delimiter is discarded. Datagrams wait in a
 * bounded queue while the pipeline is busy; what does not fit, here or in the kernel, is counted and logged.
 */
import type { RemoteInfo, Socket } from 'node:dgram';
import type { PluginSpec, Section } from '../config/spec.ts';
import {
  addressFault,
  addressText,
  isLoopback,
  type NetworkAddress,
  parseAddress,
  plainHost,
} from '../network-address.ts';
import type { Input, Intake, PluginContext, PluginType, Source } from '../plugin.ts';
import { errorText, HekateError } from '../protocol/errors.ts';
import { signerField } from '../signing/signer-table.ts';
import { DatagramLosses } from './datagram-losses.ts';
import { bindDatagramSocket } from './datagram-socket.ts';

const QUEUE_DATAGRAMS = 4096;
const QUEUE_BYTES = 4 * 1024 * 1024;

interface Datagram {
  readonly bytes: Uint8Array;
  readonly peer: string;
}

const spec: PluginSpec = {
  type: 'UdpInput',
  category: 'input',
  doc: 'Listens on a UDP address. Each datagram is split on its own.',
  fields: {
    address: {
      kind: 'string',
      required: true,
      doc: 'host:port to listen on; ":port" is every interface.',
      example: '"127.0.0.1:4880"',
      check: (value) =>
        /^(?:fd:|@|\/)/.test(String(value))
          ? 'Unix datagram sockets and file descriptors are not built; give host:port'
          : addressFault(value),
    },
    net: {
      kind: 'string',
      default: 'udp',
      doc: 'IP version: udp (both), udp4 or udp6.',
      check: (value) => {
        if (value === 'unixgram') return 'Unix datagram sockets are not built; use udp';
        return ['udp', 'udp4', 'udp6'].includes(String(value))
          ? undefined
          : 'must be one of: udp, udp4, udp6';
      },
    },
    set_hostname: {
      kind: 'bool',
      default: false,
      doc: "Set Hostname to the sender's address (for payload records).",
    },
    signer: signerField,
  },
  commonDefaults: { splitter: 'NullSplitter' },
  ticker: false,
};

export class UdpInput implements Input {
  readonly #section: Section;
  readonly #context: PluginContext;
  readonly #listen: NetworkAddress;
  readonly #setHostname: boolean;
  #open: ((source: Source) => Intake) | undefined;
  #socket: Socket | undefined;
  #host = '';
  #port = 0;
  #queue: Datagram[] = [];
  #queuedBytes = 0;
  #busy = false;
  #drained: PromiseWithResolvers<void> | undefined;
  #received = 0;
  /** Undefined until the socket is bound. */
  #losses: DatagramLosses | undefined;

  constructor(section: Section, context: PluginContext) {
    this.#section = section;
    this.#context = context;
    this.#listen = parseAddress(section.string('address'));
    this.#setHostname = section.bool('set_hostname');
  }

  /** The bound address once it listens, with the real port. */
  get address(): string | undefined {
    return this.#socket === undefined ? undefined : addressText(this.#host, this.#port);
  }

  get counters(): Readonly<Record<string, number>> {
    const kernel = this.#losses?.kernel;
    return {
      received: this.#received,
      dropped_queue: this.#losses?.dropped ?? 0,
      ...(kernel === undefined ? {} : { dropped_kernel: kernel }),
    };
  }

  /** Rejects with HKT_PLUGIN_LISTEN. */
  async start(open: (source: Source) => Intake): Promise<void> {
    this.#open = open;
    const net = this.#section.string('net');
    const socket = await bindDatagramSocket(this.#listen, net, (bytes, remote) =>
      this.#receive(bytes, remote),
    ).catch((thrown: unknown) => {
      const values = [this.#section.string('address'), errorText(thrown)];
      throw new HekateError('HKT_PLUGIN_LISTEN', values, thrown);
    });
    const bound = socket.address();
    this.#host = bound.address;
    this.#port = bound.port;
    this.#socket = socket;
    socket.on('error', (error) => this.#context.log.error(`Read error: ${error.message}`));
    this.#losses = new DatagramLosses({
      clock: this.#context.clock,
      log: this.#context.log,
      host: this.#host,
      port: this.#port,
      where: 'a full queue',
    });
    await this.#losses.start();
  }

  async stop(): Promise<void> {
    const socket = this.#socket;
    await this.#losses?.end();
    if (socket !== undefined) await new Promise<void>((resolve) => socket.close(() => resolve()));
    if (this.#busy) {
      this.#drained ??= Promise.withResolvers<void>();
      await this.#drained.promise;
    }
  }

  #receive(bytes: Uint8Array, remote: RemoteInfo): void {
    this.#received++;
    const datagram = { bytes, peer: plainHost(remote.address) };
    if (!this.#busy) {
      const room = this.#push(datagram);
      if (room !== undefined) void this.#drain(room);
      return;
    }
    if (this.#queue.length >= QUEUE_DATAGRAMS || this.#queuedBytes + bytes.length > QUEUE_BYTES) {
      this.#losses?.count();
      return;
    }
    this.#queue.push(datagram);
    this.#queuedBytes += bytes.length;
  }

  /** Waits for the pipeline, then pushes what gathered meanwhile. */
  async #drain(room: Promise<void>): Promise<void> {
    this.#busy = true;
    await room;
    while (this.#queue.length > 0) {
      const waiting = this.#queue;
      this.#queue = [];
      this.#queuedBytes = 0;
      for (const datagram of waiting) await this.#push(datagram);
    }
    this.#busy = false;
    this.#drained?.resolve();
  }

  /** Never throws and never rejects: a fault costs this datagram only. */
  #push(datagram: Datagram): Promise<void> | undefined {
    try {
      const intake = this.#open?.(this.#source(datagram.peer));
      const pushed = intake?.push(datagram.bytes);
      const ended = pushed === undefined ? intake?.end() : pushed.then(() => intake?.end());
      return ended?.catch((thrown: unknown) => this.#failed(datagram, thrown));
    } catch (thrown) {
      this.#failed(datagram, thrown);
      return undefined;
    }
  }

  #failed(datagram: Datagram, thrown: unknown): void {
    const values = [datagram.peer, errorText(thrown)];
    this.#context.log.error(new HekateError('HKT_PLUGIN_CONNECTION', values, thrown).message);
  }

  #source(peer: string): Source {
    return {
      origin: {
        description: `${this.#context.name} ${peer}`,
        loopback: isLoopback(this.#host),
      },
      type: this.#context.name,
      sharesDecoder: true,
      ...(this.#setHostname ? { hostname: peer } : {}),
    };
  }
}

export const udpInput: PluginType<Input> = {
  spec,
  create: (section: Section, context: PluginContext) => new UdpInput(section, context),
};
