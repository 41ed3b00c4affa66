/**
 * TcpInput: listens, and feeds each connection's bytes to an intake of its own. A faulty connection never ends the
 * input; the number of connections is bounded.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
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
import { TcpConnection } from './tcp-connection.ts';
import {
  clientCertificateFault,
  lintServerTls,
  serverTlsField,
  serverTlsOptions,
} from './tls-options.ts';

const MAX_CONNECTIONS = 4096;
const HANDSHAKE_MS = 10_000;
/** Refused connections are logged at most once in this time; all are counted. */
const REFUSAL_LOG_MS = 10_000;

const spec: PluginSpec = {
  type: 'TcpInput',
  category: 'input',
  doc: 'Listens on a TCP address. Each connection is a stream of its own.',
  fields: {
    address: {
      kind: 'string',
      required: true,
      doc: 'host:port to listen on; ":port" is every interface.',
      example: '"127.0.0.1:5565"',
      check: addressFault,
    },
    net: {
      kind: 'choice',
      choices: ['tcp', 'tcp4', 'tcp6'],
      default: 'tcp',
      doc: 'IP version: both, only 4, or only 6.',
    },
    use_tls: { kind: 'bool', default: false, doc: 'Only accept encrypted connections.' },
    tls: serverTlsField,
    keep_alive: {
      kind: 'bool',
      default: false,
      doc: 'Send TCP keep-alive probes, so that vanished peers are noticed.',
    },
    keep_alive_period: {
      kind: 'seconds',
      default: 7200,
      doc: 'Seconds without traffic before the first probe.',
    },
    max_connections: {
      kind: 'uint',
      default: MAX_CONNECTIONS,
      doc: 'Connections that may be open at a time; further ones are refused.',
      check: (value) => (Number(value) < 1 ? 'must be at least 1' : undefined),
    },
    signer: signerField,
  },
  commonDefaults: { decoder: 'ProtobufDecoder', splitter: 'HekaFramingSplitter' },
  ticker: false,
  lint: lintServerTls,
};

export class TcpInput implements Input {
  readonly done: Promise<Error | undefined>;
  readonly #section: Section;
  readonly #context: PluginContext;
  readonly #listen: NetworkAddress;
  readonly #over = Promise.withResolvers<Error | undefined>();
  readonly #connections = new Set<TcpConnection>();
  /** The sockets below TLS, whether or not they have shaken hands. */
  readonly #encrypted = new Set<Socket>();
  #server: Server | undefined;
  #loopback = false;
  #address: string | undefined;
  #accepted = 0;
  #refused = 0;
  #repliesDropped = 0;
  #refusalLoggedMs = Number.NEGATIVE_INFINITY;

  constructor(section: Section, context: PluginContext) {
    this.#section = section;
    this.#context = context;
    this.#listen = parseAddress(section.string('address'));
    this.done = this.#over.promise;
  }

  /** The bound address once it listens, with the real port. */
  get address(): string | undefined {
    return this.#address;
  }

  get counters(): Readonly<Record<string, number>> {
    return {
      connections: this.#connections.size,
      accepted: this.#accepted,
      refused: this.#refused,
      replies_dropped: this.#repliesDropped,
    };
  }

  /** Rejects with HKT_PLUGIN_LISTEN or HKT_TLS_*. */
  async start(open: (source: Source) => Intake): Promise<void> {
    const server = await this.#createServer(open);
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => {
        const values = [this.#section.string('address'), error.message];
        reject(new HekateError('HKT_PLUGIN_LISTEN', values, error));
      });
      server.listen(this.#listenOptions(), resolve);
    });
    this.#server = server;
    server.on('error', (error) => {
      // Such as no file descriptors left: the listener stays, and so does the input.
      this.#context.log.error(`TCP accept failed: ${error.message}`);
    });
    const bound = server.address();
    if (bound !== null && typeof bound === 'object') {
      this.#address = addressText(bound.address, bound.port);
      this.#loopback = isLoopback(bound.address);
    }
  }

  async stop(): Promise<void> {
    const server = this.#server;
    const closed =
      server === undefined
        ? Promise.resolve()
        : new Promise<void>((resolve) => server.close(() => resolve()));
    await Promise.all([...this.#connections].map((connection) => connection.stop()));
    // Peers that have not shaken hands have sent nothing, and may never.
    for (const socket of this.#encrypted) socket.destroy();
    await closed;
    this.#over.resolve(undefined);
  }

  async #createServer(open: (source: Source) => Intake): Promise<Server> {
    const options = {
      // The peer may end its side and still wait for the reply to its last message.
      allowHalfOpen: true,
      keepAlive: this.#section.bool('keep_alive'),
      keepAliveInitialDelay: this.#section.number('keep_alive_period') * 1000,
      noDelay: true,
    };
    if (!this.#section.bool('use_tls')) {
      return createServer(options, (socket) => this.#accept(socket, open));
    }
    const tls = this.#section.section('tls');
    const server = createTlsServer(
      { ...options, ...(await serverTlsOptions(tls)), handshakeTimeout: HANDSHAKE_MS },
      (socket) => this.#acceptTls(socket, tls, open),
    );
    server.on('tlsClientError', (error, socket) => {
      this.#handshakeFailed(peerOf(socket), error.message.trim());
    });
    server.on('connection', (socket: Socket) => {
      this.#encrypted.add(socket);
      socket.once('close', () => this.#encrypted.delete(socket));
    });
    // Peers that have not shaken hands are no connections yet; they too are bounded.
    const limit = 2 * this.#section.number('max_connections');
    server.maxConnections = limit;
    server.on('drop', (dropped) => {
      this.#refused++;
      const peer = addressText(
        plainHost(dropped?.remoteAddress ?? 'unknown'),
        dropped?.remotePort ?? 0,
      );
      this.#logRefusal(new HekateError('HKT_PLUGIN_CONNECTIONS', [peer, limit]));
    });
    return server;
  }

  #listenOptions(): { host: string; port: number; ipv6Only: boolean } | { port: number } {
    const { host, port } = this.#listen;
    switch (this.#section.string('net')) {
      case 'tcp4':
        return { host: host || '0.0.0.0', port, ipv6Only: false };
      case 'tcp6':
        return { host: host || '::', port, ipv6Only: true };
      default:
        // Without a host Node listens on both IP versions, or on IPv4 alone where IPv6 is switched off.
        return host === '' ? { port } : { host, port, ipv6Only: false };
    }
  }

  #acceptTls(socket: TLSSocket, tls: Section, open: (source: Source) => Intake): void {
    const fault = clientCertificateFault(tls, socket);
    if (fault === undefined) {
      this.#accept(socket, open);
      return;
    }
    this.#handshakeFailed(peerOf(socket), fault);
    socket.on('error', () => {}); // it is being thrown away
    socket.destroy();
  }

  #handshakeFailed(peer: string, reason: string): void {
    this.#refused++;
    this.#logRefusal(new HekateError('HKT_TLS_HANDSHAKE', [peer, reason]));
  }

  #accept(socket: Socket, open: (source: Source) => Intake): void {
    const peer = peerOf(socket);
    const limit = this.#section.number('max_connections');
    if (this.#connections.size >= limit) this.#closeHalfOpen();
    if (this.#connections.size >= limit) {
      this.#refused++;
      this.#logRefusal(new HekateError('HKT_PLUGIN_CONNECTIONS', [peer, limit]));
      socket.on('error', () => {}); // it is being thrown away
      socket.destroy();
      return;
    }
    const connection = new TcpConnection(socket, peer, {
      log: this.#context.log,
      clock: this.#context.clock,
      replyDropped: () => {
        this.#repliesDropped++;
      },
      closed: (closed) => this.#connections.delete(closed),
    });
    this.#connections.add(connection);
    this.#accepted++;
    try {
      connection.run(open(this.#source(connection)));
    } catch (thrown) {
      this.#connections.delete(connection);
      const values = [peer, errorText(thrown)];
      this.#context.log.error(new HekateError('HKT_PLUGIN_CONNECTION', values, thrown).message);
      socket.on('error', () => {}); // it is being thrown away
      socket.destroy();
    }
  }

  #source(connection: TcpConnection): Source {
    return {
      origin: {
        description: `${this.#context.name} ${connection.peer}`,
        loopback: this.#loopback,
        reply: (bytes) => connection.reply(bytes),
        owe: () => connection.owe(),
      },
      // Payload records: as upstream, the peer is the host and the input's name the type.
      type: this.#context.name,
      hostname: connection.peer,
    };
  }

  /** Makes room by ending the oldest connection that only waits for replies. */
  #closeHalfOpen(): void {
    for (const connection of this.#connections) {
      if (!connection.halfOpen) continue;
      connection.close();
      this.#connections.delete(connection);
      return;
    }
  }

  #logRefusal(fault: HekateError): void {
    const nowMs = this.#context.clock.now();
    if (nowMs - this.#refusalLoggedMs < REFUSAL_LOG_MS) return;
    this.#refusalLoggedMs = nowMs;
    this.#context.log.error(`${fault.message} (${this.#refused} refused so far)`);
  }
}

function peerOf(socket: Socket): string {
  return addressText(plainHost(socket.remoteAddress ?? 'unknown'), socket.remotePort ?? 0);
}

export const tcpInput: PluginType<Input> = {
  spec,
  create: (section: Section, context: PluginContext) => new TcpInput(section, context),
};
