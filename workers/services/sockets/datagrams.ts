/**
 * Datagram sockets as the shard knows them: what came in and was not taken, and the operations on them.
 */
import { isIP, isIPv6 } from 'node:net';
import type { ServiceValue } from '../../isolate/modules/native-module.ts';
import { ServiceError } from '../service-error.ts';
import { byteText, type Failure, failure, latin1, outgoing, remainingMs } from './answers.ts';
import { ChunkQueue } from './chunk-queue.ts';
import type { SocketLink } from './link.ts';
import {
  type DatagramOption,
  type Event,
  type Family,
  type Place,
  type Reply,
  type SocketName,
  TOLD_BYTES,
  TOLD_DATAGRAMS,
} from './messages.ts';
import { placeOf, portOf } from './places.ts';

interface Received {
  readonly bytes: Uint8Array;
  readonly from: SocketName;
}

interface DatagramSocket {
  readonly id: number;
  readonly family: Family | undefined;
  readonly queue: ChunkQueue<Received>;
  /** Set before there is a socket. */
  readonly options: DatagramOption[];
  local: SocketName | undefined;
  peer: SocketName | undefined;
  /** What the system had against a datagram that was sent. */
  fault: string | undefined;
  /** Taken and not told to the helper. */
  untold: number;
  untoldBytes: number;
}

/** No datagram is longer. */
const MOST_BYTES = 65_536;
const ANY: Readonly<Record<Family, string>> = { inet: '0.0.0.0', inet6: '::' };

export class Datagrams {
  readonly #link: SocketLink;
  readonly #sockets = new Map<number, DatagramSocket>();

  constructor(link: SocketLink) {
    this.#link = link;
  }

  get size(): number {
    return this.#sockets.size;
  }

  has(id: number): boolean {
    return this.#sockets.has(id);
  }

  open(id: number, family: Family | undefined): void {
    this.#sockets.set(id, {
      id,
      family,
      queue: new ChunkQueue(),
      options: [],
      local: undefined,
      peer: undefined,
      fault: undefined,
      untold: 0,
      untoldBytes: 0,
    });
  }

  hear(event: Event): void {
    if (event.kind === 'datagram') this.#sockets.get(event.id)?.queue.push(event);
    else if (event.kind === 'refused') {
      const socket = this.#sockets.get(event.id);
      if (socket !== undefined) socket.fault = event.code;
    }
  }

  #socket(value: ServiceValue): DatagramSocket | undefined {
    return this.#sockets.get(Number(value));
  }

  /** Something to take, or an error. */
  readable(id: number): boolean {
    const socket = this.#sockets.get(id);
    return socket !== undefined && (socket.queue.length > 0 || socket.fault !== undefined);
  }

  bind(id: ServiceValue, host: ServiceValue, port: ServiceValue): readonly ServiceValue[] {
    const socket = this.#socket(id);
    if (socket === undefined) return failure('EBADF');
    const name = host === '*' ? ANY[socket.family ?? 'inet'] : host;
    const place = placeOf(name, port, socket.family);
    if (typeof place === 'string') return failure(place);
    const reply = this.#link.ask((request) => ({
      kind: 'bindDatagram',
      request,
      id: socket.id,
      place,
      options: socket.options,
    }));
    return this.#named(socket, reply);
  }

  /** Without a host there is no peer any more. */
  connect(id: ServiceValue, host: ServiceValue, port: ServiceValue): readonly ServiceValue[] {
    const socket = this.#socket(id);
    if (socket === undefined) return failure('EBADF');
    let place: Place | string | undefined;
    if (host !== undefined) place = placeOf(host, port, socket.family);
    else if (socket.peer === undefined) return [1];
    if (typeof place === 'string') return failure(place);
    const reply = this.#link.ask((request) => ({
      kind: 'connectDatagram',
      request,
      id: socket.id,
      place,
      options: socket.options,
    }));
    socket.peer = undefined;
    return this.#named(socket, reply);
  }

  #named(socket: DatagramSocket, reply: Reply): readonly ServiceValue[] {
    if ('code' in reply) return failure(reply.code);
    if (!('names' in reply)) return failure('EINVAL');
    const [local, peer] = reply.names;
    socket.local = local ?? socket.local;
    socket.peer = peer ?? socket.peer;
    return [1];
  }

  /** [number, text, host, port]: without a host to the peer. → [bytes]. */
  send([id, text, host, port]: readonly ServiceValue[]): readonly ServiceValue[] {
    const socket = this.#socket(id);
    if (socket === undefined) return failure('EBADF');
    if (typeof text !== 'string') throw new ServiceError('a text is missing');
    let to: SocketName | undefined;
    if (host !== undefined) {
      const number = portOf(port);
      // Only numeric addresses, as upstream.
      if (typeof host !== 'string' || isIP(host) === 0 || number === undefined) {
        return [undefined, 'Name or service not known'];
      }
      to = { address: host, port: number, family: isIPv6(host) ? 'inet6' : 'inet' };
    } else if (socket.peer === undefined) return failure('EDESTADDRREQ');
    if (text.length > MOST_BYTES) return failure('EMSGSIZE');
    const bytes = outgoing(text);
    const reply = this.#link.ask((request) => ({
      kind: 'sendDatagram',
      request,
      id: socket.id,
      bytes,
      to,
      options: socket.options,
    }));
    const named = this.#named(socket, reply);
    return named[0] === 1 ? [text.length] : named;
  }

  /** [number, most bytes, block, total] → [text, address, port]. What is longer is cut off. */
  receive([id, most, block, total]: readonly ServiceValue[]): readonly ServiceValue[] {
    const socket = this.#socket(id);
    if (socket === undefined) return failure('EBADF');
    const limit = remainingMs(block, total, 0);
    if (!this.#link.until(() => this.readable(socket.id), limit)) return TIMEOUT;
    const { fault } = socket;
    const received = socket.queue.first;
    if (received === undefined) {
      socket.fault = undefined;
      return failure(fault ?? 'EINVAL');
    }
    socket.queue.drop();
    this.#tell(socket, received.bytes.length);
    const part = received.bytes.subarray(0, Math.max(0, Math.min(Number(most), MOST_BYTES)));
    return [latin1(part), received.from.address, received.from.port];
  }

  #tell(socket: DatagramSocket, bytes: number): void {
    socket.untold++;
    socket.untoldBytes += bytes;
    if (socket.untold < TOLD_DATAGRAMS && socket.untoldBytes < TOLD_BYTES) return;
    const { id, untold: count, untoldBytes } = socket;
    this.#link.post({ kind: 'takenDatagrams', id, count, bytes: untoldBytes });
    socket.untold = 0;
    socket.untoldBytes = 0;
  }

  /** Undefined for a number that is no datagram socket's. */
  name(id: number, which: 'local' | 'peer'): SocketName | Failure | undefined {
    const socket = this.#sockets.get(id);
    if (socket === undefined) return undefined;
    return socket[which] ?? failure(socket.local === undefined ? 'EBADF' : 'ENOTCONN');
  }

  option(
    id: number,
    name: DatagramOption['name'],
    value: ServiceValue,
    on: ServiceValue,
  ): Failure | undefined {
    const socket = this.#sockets.get(id);
    if (socket === undefined || value === undefined) return failure('EBADF');
    const option: DatagramOption = {
      name,
      value: typeof value === 'string' ? byteText(value) : value,
      ...(typeof on === 'string' ? { on: byteText(on) } : {}),
    };
    if (socket.local === undefined) {
      socket.options.push(option);
      return undefined;
    }
    const reply = this.#link.ask((request) => ({ kind: 'datagramOption', request, id, option }));
    return 'code' in reply ? failure(reply.code) : undefined;
  }

  close(id: number): boolean {
    const socket = this.#sockets.get(id);
    if (socket === undefined) return false;
    this.#sockets.delete(id);
    this.#link.post({ kind: 'close', id });
    return true;
  }

  clear(): void {
    this.#sockets.clear();
  }
}

const TIMEOUT: readonly ServiceValue[] = [undefined, 'timeout'];
