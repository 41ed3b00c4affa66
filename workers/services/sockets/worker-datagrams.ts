/**
 * The helper thread's datagram sockets. What arrives goes to the shard as long as the guest takes it; what there is no room for
 * is dropped and counted, as the system does.
 */
import dgram from 'node:dgram';
import type { Command, DatagramOption, Family, Place, Reply, SocketName } from './messages.ts';
import { addressesOf, codeOf } from './worker-resolver.ts';
import type { StreamHost } from './worker-streams.ts';

interface DatagramSocket {
  readonly socket: dgram.Socket;
  readonly family: Family;
  bound: boolean;
  connected: boolean;
  /** At the shard. */
  untaken: number;
  untakenBytes: number;
}

type Of<K extends Command['kind']> = Extract<Command, { readonly kind: K }>;

export class WorkerDatagrams {
  readonly #host: StreamHost;
  readonly #sockets = new Map<number, DatagramSocket>();

  constructor(host: StreamHost) {
    this.#host = host;
  }

  get size(): number {
    return this.#sockets.size;
  }

  bind(command: Of<'bindDatagram'>): void {
    this.#answer(command.request, async () => {
      const { id, options, place } = command;
      if (this.#sockets.has(id)) throw Object.assign(new Error('bound'), { code: 'EINVAL' });
      const [target] = await addressesOf(hostPlace(place));
      if (target === undefined)
        throw Object.assign(new Error('no address'), { code: 'EAI_NONAME' });
      const entry = this.#open(id, target.family === 'inet6' ? 'inet6' : 'inet', options);
      try {
        await this.#bind(entry, target.address, target.port);
        applyAll(entry.socket, options);
      } catch (error) {
        this.close(id);
        throw error;
      }
      return { names: [nameOf(entry.socket.address())] };
    });
  }

  connect(command: Of<'connectDatagram'>): void {
    this.#answer(command.request, async () => {
      const { id, options, place } = command;
      if (place === undefined) return { names: this.#disconnect(id) };
      const known = this.#sockets.get(id);
      const [target] = await addressesOf({ ...hostPlace(place), family: known?.family });
      if (target === undefined)
        throw Object.assign(new Error('no address'), { code: 'EAI_NONAME' });
      const entry = known ?? this.#open(id, target.family === 'inet6' ? 'inet6' : 'inet', options);
      if (entry.connected) entry.socket.disconnect();
      entry.connected = false;
      await new Promise<void>((resolve, reject) => {
        // Node gives the error to the callback, whatever its type says.
        entry.socket.connect(target.port, target.address, (error?: Error) =>
          error == null ? resolve() : reject(error),
        );
      });
      entry.connected = true;
      entry.bound = true;
      applyAll(entry.socket, options);
      return { names: [nameOf(entry.socket.address()), nameOf(entry.socket.remoteAddress())] };
    });
  }

  #disconnect(id: number): SocketName[] {
    const entry = this.#sockets.get(id);
    if (entry?.connected !== true) return [];
    entry.socket.disconnect();
    entry.connected = false;
    return [nameOf(entry.socket.address())];
  }

  send(command: Of<'sendDatagram'>): void {
    this.#answer(command.request, async () => {
      const { bytes, id, options, to } = command;
      const family = to?.family === 'inet6' ? 'inet6' : 'inet';
      const entry = this.#sockets.get(id) ?? this.#open(id, family, options);
      if (to !== undefined && family !== entry.family) {
        throw Object.assign(new Error('another family'), { code: 'EAFNOSUPPORT' });
      }
      if (!entry.bound) {
        await this.#bind(entry, undefined, 0);
        applyAll(entry.socket, options);
      }
      await new Promise<void>((resolve, reject) => {
        const sent = (error: Error | null) => (error === null ? resolve() : reject(error));
        if (to === undefined) entry.socket.send(bytes, sent);
        else entry.socket.send(bytes, to.port, to.address, sent);
      });
      return { names: [nameOf(entry.socket.address())] };
    });
  }

  option(command: Of<'datagramOption'>): void {
    this.#answer(command.request, async () => {
      const entry = this.#sockets.get(command.id);
      // One that is not there yet gets it when it is made.
      if (entry?.bound === true) apply(entry.socket, command.option);
      return { names: [] };
    });
  }

  taken(id: number, count: number, bytes: number): void {
    const entry = this.#sockets.get(id);
    if (entry === undefined) return;
    entry.untaken -= count;
    entry.untakenBytes -= bytes;
  }

  #open(id: number, family: Family, options: readonly DatagramOption[]): DatagramSocket {
    const socket = dgram.createSocket({
      type: family === 'inet6' ? 'udp6' : 'udp4',
      ipv6Only: family === 'inet6',
      reuseAddr: options.some(({ name, value }) => name === 'reuseaddr' && value === true),
    });
    const entry: DatagramSocket = {
      socket,
      family,
      bound: false,
      connected: false,
      untaken: 0,
      untakenBytes: 0,
    };
    this.#sockets.set(id, entry);
    socket.on('message', (message, from) => this.#received(id, entry, message, from));
    socket.on('error', (error) => {
      if (entry.bound) this.#host.post({ kind: 'refused', id, code: codeOf(error) });
    });
    return entry;
  }

  #bind(entry: DatagramSocket, address: string | undefined, port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      entry.socket.once('error', reject);
      entry.socket.bind({ address, port, exclusive: true }, () => {
        entry.socket.off('error', reject);
        entry.bound = true;
        resolve();
      });
    });
  }

  #received(id: number, entry: DatagramSocket, message: Buffer, from: dgram.RemoteInfo): void {
    const { limits } = this.#host;
    if (
      entry.untaken >= limits.datagrams ||
      entry.untakenBytes + message.length > limits.datagramBytes
    ) {
      this.#host.dropped('datagrams');
      return;
    }
    entry.untaken++;
    entry.untakenBytes += message.length;
    const bytes = new Uint8Array(message);
    this.#host.postBytes({ kind: 'datagram', id, bytes, from: nameOf(from) }, bytes);
  }

  close(id: number): void {
    const entry = this.#sockets.get(id);
    if (entry === undefined) return;
    this.#sockets.delete(id);
    entry.socket.removeAllListeners('message');
    entry.socket.close();
  }

  closeAll(): void {
    for (const id of this.#sockets.keys()) this.close(id);
  }

  #answer(request: number, work: () => Promise<Reply>): void {
    work().then(
      (reply) => this.#host.post({ kind: 'reply', request, reply }),
      (error: unknown) =>
        this.#host.post({ kind: 'reply', request, reply: { code: codeOf(error) } }),
    );
  }
}

function hostPlace(place: Place): Exclude<Place, { readonly path: string }> {
  if ('path' in place) throw Object.assign(new Error('a path'), { code: 'EAFNOSUPPORT' });
  return place;
}

function nameOf(info: { readonly address: string; readonly port: number }): SocketName {
  const { address, port } = info;
  return { address, port, family: address.includes(':') ? 'inet6' : 'inet' };
}

function applyAll(socket: dgram.Socket, options: readonly DatagramOption[]): void {
  for (const option of options) apply(socket, option);
}

/** Throws what the system has against it. */
function apply(socket: dgram.Socket, { name, on, value }: DatagramOption): void {
  switch (name) {
    case 'reuseaddr':
      return; // only as it is made
    case 'broadcast':
      socket.setBroadcast(value === true);
      return;
    case 'multicastTtl':
      socket.setMulticastTTL(Number(value));
      return;
    case 'multicastLoop':
      socket.setMulticastLoopback(value === true);
      return;
    case 'multicastInterface':
      socket.setMulticastInterface(String(value));
      return;
    case 'join':
      socket.addMembership(String(value), on);
      return;
    case 'leave':
      socket.dropMembership(String(value), on);
      return;
    case 'receiveBuffer':
      socket.setRecvBufferSize(Number(value));
      return;
    case 'sendBuffer':
      socket.setSendBufferSize(Number(value));
      return;
    case 'hops':
      socket.setTTL(Number(value));
      return;
    default:
      name satisfies never;
  }
}
