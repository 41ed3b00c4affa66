/**
 * The helper thread's connections and servers. What a peer sends goes to the shard as long as the guest takes it; then the
 * socket is not read from any more, so that the peer notices. What the guest sends is confirmed when the system took it.
 */
import net from 'node:net';
import {
  type Command,
  type Event,
  SHARE_BYTES,
  type SocketLimits,
  type SocketName,
  type StreamOption,
} from './messages.ts';
import { addressesOf, codeOf } from './worker-resolver.ts';

/** How long a connection that the guest closed may go on sending what it was given. */
const LINGER_MS = 10_000;
const MOST_LINGERING = 256;
const BACKLOG = 511;

interface Connection {
  readonly socket: net.Socket;
  /** Bytes at the shard. */
  untaken: number;
  /** Not read from at the moment. */
  paused: boolean;
  /** False as long as it waits to be accepted. */
  accepted: boolean;
}

interface Server {
  readonly server: net.Server;
  /** Connections that were not accepted. */
  readonly pending: Set<number>;
}

type ConnectCommand = Extract<Command, { readonly kind: 'connect' }>;
type ListenCommand = Extract<Command, { readonly kind: 'listen' }>;

export interface StreamHost {
  readonly limits: SocketLimits;
  /** Sockets of all kinds that there are. */
  count(): number;
  post(event: Event): void;
  postBytes(event: Event, bytes: Uint8Array<ArrayBuffer>): void;
  dropped(what: 'connections' | 'datagrams'): void;
}

export class WorkerStreams {
  readonly #host: StreamHost;
  readonly #connections = new Map<number, Connection>();
  readonly #servers = new Map<number, Server>();
  /** Those that the guest closed, and that have not sent everything yet. */
  readonly #lingering = new Set<net.Socket>();
  /** Attempts to connect that the guest has not given up. */
  readonly #attempts = new Set<number>();
  #untaken = 0;
  #lastAccepted = 0;

  constructor(host: StreamHost) {
    this.#host = host;
  }

  get size(): number {
    return this.#connections.size + this.#servers.size;
  }

  /** Nothing is left to be sent. */
  get idle(): boolean {
    return this.#lingering.size === 0;
  }

  listen({ id, place, request }: ListenCommand): void {
    const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true });
    const entry: Server = { server, pending: new Set() };
    this.#servers.set(id, entry);
    const failed = (error: Error) => {
      this.#servers.delete(id);
      this.#host.post({ kind: 'reply', request, reply: { code: codeOf(error) } });
    };
    server.once('error', failed);
    server.once('listening', () => {
      server.off('error', failed);
      server.on('error', (error) => this.#host.post({ kind: 'closed', id, code: codeOf(error) }));
      this.#host.post({ kind: 'reply', request, reply: { names: [serverName(server)] } });
    });
    server.on('connection', (socket) => this.#accept(id, entry, socket));
    const options = { backlog: BACKLOG, exclusive: true };
    if ('path' in place) server.listen({ ...options, path: place.path });
    else {
      const { family, host, port } = place;
      server.listen({ ...options, host, port, ipv6Only: family === 'inet6' });
    }
  }

  #accept(server: number, entry: Server, socket: net.Socket): void {
    const { limits } = this.#host;
    if (entry.pending.size >= limits.pending || this.#host.count() >= limits.sockets) {
      socket.destroy();
      this.#host.dropped('connections');
      return;
    }
    this.#lastAccepted += 2;
    const id = this.#lastAccepted;
    entry.pending.add(id);
    this.#connections.set(id, { socket, untaken: 0, paused: true, accepted: false });
    socket.pause();
    this.#watch(id, socket);
    socket.once('close', () => entry.pending.delete(id));
    this.#host.post({
      kind: 'accepted',
      server,
      id,
      local: localName(socket),
      peer: peerName(socket),
    });
  }

  accept(id: number): void {
    for (const { pending } of this.#servers.values()) pending.delete(id);
    const connection = this.#connections.get(id);
    if (connection === undefined) return;
    connection.accepted = true;
    this.#goOn(connection);
  }

  connect(command: ConnectCommand): void {
    this.#attempts.add(command.id);
    this.#tryAll(command).catch((error: unknown) => {
      this.#attempts.delete(command.id);
      this.#host.post({ kind: 'failed', id: command.id, code: codeOf(error) });
    });
  }

  /** One address after the other; the last one's error counts. */
  async #tryAll(command: ConnectCommand): Promise<void> {
    const { id, local, options, place } = command;
    const targets: net.NetConnectOpts[] =
      'path' in place
        ? [{ path: place.path }]
        : (await addressesOf(place)).map(({ address, family, port }) => ({
            host: address,
            port,
            family: family === 'inet6' ? 6 : 4,
            ...(local === undefined ? {} : { localAddress: local.address, localPort: local.port }),
          }));
    let failure: unknown;
    for (const target of targets) {
      if (!this.#attempts.has(id)) return; // the guest gave it up
      const socket = net.connect({ ...target, allowHalfOpen: true, autoSelectFamily: false });
      for (const option of options) setOption(socket, option);
      this.#connections.set(id, { socket, untaken: 0, paused: false, accepted: true });
      try {
        await connected(socket);
      } catch (error) {
        this.#forget(id);
        failure = error;
        continue;
      }
      if (!this.#attempts.delete(id)) {
        socket.destroy();
        return;
      }
      this.#host.post({ kind: 'connected', id, local: localName(socket), peer: peerName(socket) });
      this.#watch(id, socket);
      return;
    }
    if (this.#attempts.has(id)) throw failure;
  }

  #watch(id: number, socket: net.Socket): void {
    let code: string | undefined;
    socket.on('error', (error) => {
      code = codeOf(error);
    });
    socket.on('data', (chunk) => {
      if (typeof chunk !== 'string') this.#received(id, chunk); // no encoding is set
    });
    socket.on('end', () => this.#tell({ kind: 'ended', id }));
    socket.once('close', () => {
      this.#tell({ kind: 'closed', id, code });
      this.#forget(id);
    });
  }

  /** Nobody wants to hear of a connection that the guest closed. */
  #tell(event: Extract<Event, { readonly id: number }>): void {
    if (this.#connections.has(event.id)) this.#host.post(event);
  }

  #received(id: number, chunk: Buffer): void {
    const connection = this.#connections.get(id);
    if (connection === undefined) return;
    const bytes = new Uint8Array(chunk);
    connection.untaken += bytes.length;
    this.#untaken += bytes.length;
    if (this.#isFull(connection)) {
      connection.paused = true;
      connection.socket.pause();
    }
    this.#host.postBytes({ kind: 'data', id, bytes }, bytes);
  }

  #isFull({ untaken }: Connection): boolean {
    const { totalBytes, windowBytes } = this.#host.limits;
    return untaken >= windowBytes || (untaken >= SHARE_BYTES && this.#untaken >= totalBytes);
  }

  taken(id: number, bytes: number): void {
    const connection = this.#connections.get(id);
    if (connection === undefined) return;
    const wasFull = this.#untaken >= this.#host.limits.totalBytes;
    connection.untaken -= bytes;
    this.#untaken -= bytes;
    this.#goOn(connection);
    if (wasFull && this.#untaken < this.#host.limits.totalBytes) {
      for (const other of this.#connections.values()) this.#goOn(other);
    }
  }

  #goOn(connection: Connection): void {
    if (!connection.paused || !connection.accepted || this.#isFull(connection)) return;
    connection.paused = false;
    connection.socket.resume();
  }

  write(id: number, bytes: Uint8Array): void {
    const connection = this.#connections.get(id);
    if (connection === undefined) return;
    connection.socket.write(bytes, (error) => {
      // What could not be written is told by the socket's end. The shard waits for what it closed, too.
      if (error == null) this.#host.post({ kind: 'written', id, bytes: bytes.length });
    });
  }

  endOutput(id: number): void {
    this.#connections.get(id)?.socket.end();
  }

  option(id: number, option: StreamOption): void {
    const socket = this.#connections.get(id)?.socket;
    if (socket !== undefined) setOption(socket, option);
  }

  /** What was given to a connection is still sent. */
  close(id: number): void {
    this.#attempts.delete(id);
    const server = this.#servers.get(id);
    if (server !== undefined) {
      this.#servers.delete(id);
      server.server.close();
      for (const waiting of server.pending) this.#connections.get(waiting)?.socket.destroy();
    }
    const connection = this.#connections.get(id);
    if (connection === undefined) return;
    this.#forget(id);
    this.#letGo(id, connection.socket);
  }

  #letGo(id: number, socket: net.Socket): void {
    const sent = socket.connecting || socket.writableLength === 0;
    if (sent || this.#lingering.size >= MOST_LINGERING) {
      socket.destroy();
      return;
    }
    this.#lingering.add(socket);
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    timer.unref();
    socket.removeAllListeners('data');
    socket.once('close', () => {
      clearTimeout(timer);
      this.#lingering.delete(socket);
      this.#host.post({ kind: 'closed', id, code: undefined });
    });
    socket.end(() => socket.destroy());
  }

  #forget(id: number): void {
    const connection = this.#connections.get(id);
    if (connection === undefined) return;
    this.#connections.delete(id);
    this.#untaken -= connection.untaken;
  }

  closeAll(): void {
    for (const id of [...this.#servers.keys(), ...this.#connections.keys()]) this.close(id);
    this.#attempts.clear();
  }
}

function connected(socket: net.Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve();
    });
    socket.once('close', () =>
      reject(Object.assign(new Error('closed'), { code: 'ECONNABORTED' })),
    );
  });
}

function setOption(socket: net.Socket, { name, value }: StreamOption): void {
  if (name === 'nodelay') socket.setNoDelay(value);
  else socket.setKeepAlive(value);
}

function serverName(server: net.Server): SocketName {
  const address = server.address();
  if (address === null || typeof address === 'string') {
    return { address: address ?? '', port: 0, family: 'unix' };
  }
  return { address: address.address, port: address.port, family: familyOf(address.address) };
}

function localName({ localAddress, localPort }: net.Socket): SocketName {
  if (localAddress === undefined || localPort === undefined) return NO_NAME;
  return { address: localAddress, port: localPort, family: familyOf(localAddress) };
}

function peerName({ remoteAddress, remotePort }: net.Socket): SocketName {
  if (remoteAddress === undefined || remotePort === undefined) return NO_NAME;
  return { address: remoteAddress, port: remotePort, family: familyOf(remoteAddress) };
}

const NO_NAME: SocketName = { address: '', port: 0, family: 'unix' };

function familyOf(address: string): 'inet' | 'inet6' {
  return address.includes(':') ? 'inet6' : 'inet';
}
