/**
 * UdpInput: each datagram is split on its own; what is left of it without a delimiter is discarded. Datagrams wait in a
 * bounded queue while the pipeline is busy; what does not fit, here or in the kernel, is counted and logged.
 */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
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
import { kernelDrops } from './kernel-drops.ts';

const QUEUE_DATAGRAMS = 4096;
const QUEUE_BYTES = 4 * 1024 * 1024;
/** How often the drop counters are read and reported. */
const DROP_CHECK_MS = 5_000;

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
  #droppedHere = 0;
  #reportedHere = 0;
  #droppedByKernel: number | undefined;
  #dropTimer: Disposable | undefined;
  #checking = false;

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
    return {
      received: this.#received,
      dropped_queue: this.#droppedHere,
      ...(this.#droppedByKernel === undefined ? {} : { dropped_kernel: this.#droppedByKernel }),
    };
  }

  /** Rejects with HKT_PLUGIN_LISTEN. */
  async start(open: (source: Source) => Intake): Promise<void> {
    this.#open = open;
    const socket = await this.#bind().catch((thrown: unknown) => {
      const values = [this.#section.string('address'), errorText(thrown)];
      throw new HekateError('HKT_PLUGIN_LISTEN', values, thrown);
    });
    const bound = socket.address();
    this.#host = bound.address;
    this.#port = bound.port;
    this.#socket = socket;
    socket.on('error', (error) => this.#context.log.error(`Read error: ${error.message}`));
    this.#droppedByKernel = await kernelDrops(this.#host, this.#port);
    this.#scheduleDropCheck();
  }

  async stop(): Promise<void> {
    const socket = this.#socket;
    this.#dropTimer?.[Symbol.dispose]();
    await this.#checkDrops();
    if (socket !== undefined) await new Promise<void>((resolve) => socket.close(() => resolve()));
    if (this.#busy) {
      this.#drained ??= Promise.withResolvers<void>();
      await this.#drained.promise;
    }
  }

  async #bind(): Promise<Socket> {
    const { host, port } = this.#listen;
    const net = this.#section.string('net');
    if (host !== '') {
      const wanted = net === 'udp4' ? 4 : net === 'udp6' ? 6 : 0;
      const { address, family } =
        isIP(host) !== 0
          ? { address: host, family: isIP(host) }
          : await lookup(host, { family: wanted });
      if (wanted !== 0 && wanted !== family) throw new Error(`${host} is no ${net} address`);
      return await this.#bindSocket(family === 6, address, port, net === 'udp6');
    }
    if (net === 'udp4') return await this.#bindSocket(false, '0.0.0.0', port, false);
    if (net === 'udp6') return await this.#bindSocket(true, '::', port, true);
    try {
      return await this.#bindSocket(true, '::', port, false);
    } catch (thrown) {
      // Where IPv6 is switched off, every interface means every IPv4 interface.
      const code: unknown = thrown instanceof Error && 'code' in thrown ? thrown.code : '';
      if (code !== 'EAFNOSUPPORT' && code !== 'EADDRNOTAVAIL' && code !== 'EINVAL') throw thrown;
      return await this.#bindSocket(false, '0.0.0.0', port, false);
    }
  }

  async #bindSocket(
    ipv6: boolean,
    address: string,
    port: number,
    ipv6Only: boolean,
  ): Promise<Socket> {
    const socket = createSocket({ type: ipv6 ? 'udp6' : 'udp4', ipv6Only });
    // Before binding: the first datagram may come in the same turn.
    socket.on('message', (bytes, remote) => this.#receive(bytes, remote));
    await new Promise<void>((resolve, reject) => {
      socket.once('error', (error) => {
        socket.close();
        reject(error);
      });
      socket.bind({ port, address, exclusive: true }, () => {
        socket.removeAllListeners('error');
        resolve();
      });
    });
    return socket;
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
      this.#droppedHere++;
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
      ...(this.#setHostname ? { hostname: peer } : {}),
    };
  }

  #scheduleDropCheck(): void {
    this.#dropTimer = this.#context.clock.after(DROP_CHECK_MS, () => {
      this.#scheduleDropCheck();
      void this.#checkDrops();
    });
  }

  /** Never rejects: an unreadable table counts as unknown. */
  async #checkDrops(): Promise<void> {
    if (this.#droppedHere > this.#reportedHere) {
      this.#report(this.#droppedHere - this.#reportedHere, 'a full queue', this.#droppedHere);
      this.#reportedHere = this.#droppedHere;
    }
    if (this.#socket === undefined || this.#checking) return;
    this.#checking = true;
    const before = this.#droppedByKernel;
    const drops = await kernelDrops(this.#host, this.#port);
    this.#checking = false;
    if (drops === undefined) return;
    this.#droppedByKernel = drops;
    if (before !== undefined && drops > before) this.#report(drops - before, 'the kernel', drops);
  }

  #report(count: number, where: string, total: number): void {
    this.#context.log.error(
      new HekateError('HKT_PLUGIN_DATAGRAMS_DROPPED', [count, where, total]).message,
    );
  }
}

export const udpInput: PluginType<Input> = {
  spec,
  create: (section: Section, context: PluginContext) => new UdpInput(section, context),
};
