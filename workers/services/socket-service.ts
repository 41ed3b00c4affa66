/**
 * Sockets for guests whose scripts wait: the sockets are in a helper thread, and this thread waits for what that one tells. A
 * failure is nothing and a text of LuaSocket's; what only a fault of the caller can cause is an error.
 */
import { hostname } from 'node:os';
import { type GuestPaths, systemCode } from '../guest-paths.ts';
import type { ServiceValue } from '../isolate/modules/native-module.ts';
import { type GuestService, ServiceError, type ServiceOperation } from './guest-service.ts';
import type { Patience } from './patience.ts';
import { byteText, type Failure, failure } from './sockets/answers.ts';
import { Datagrams } from './sockets/datagrams.ts';
import { SocketLink } from './sockets/link.ts';
import {
  type DatagramOption,
  type Event,
  type Family,
  type Place,
  type Reply,
  type SocketLimits,
  type StreamOption,
  socketLimits,
} from './sockets/messages.ts';
import { placeOf } from './sockets/places.ts';
import { Streams } from './sockets/streams.ts';

export interface SocketServiceOptions {
  /** Without it everything that opens or names something is an error. */
  readonly network: boolean;
  /** Sockets in the file system lie below its root. */
  readonly paths: GuestPaths;
  readonly patience: Patience;
  /** Gets what the operator should know. */
  readonly warn: (text: string) => void;
  readonly limits?: SocketLimits;
}

const NO_NETWORK =
  "sockets are not for this sandbox: its setting 'network' is false, or its kind has none";
const ANY: Readonly<Record<Family, string>> = { inet: '0.0.0.0', inet6: '::' };
const STREAM_OPTIONS: readonly StreamOption['name'][] = ['nodelay', 'keepalive'];
const DATAGRAM_OPTIONS: readonly DatagramOption['name'][] = [
  'reuseaddr',
  'broadcast',
  'multicastTtl',
  'multicastLoop',
  'multicastInterface',
  'join',
  'leave',
  'receiveBuffer',
  'sendBuffer',
  'hops',
];
/** Of the name of a socket in the file system, as the system has room for it. */
const MOST_PATH_BYTES = 107;
/** Longest sleep, seconds: what a 32-bit number of C holds. */
const MOST_SLEEP = 2 ** 31 - 1;

export function socketService(options: SocketServiceOptions): GuestService {
  return new Sockets(options);
}

class Sockets implements GuestService {
  readonly operations: Readonly<Record<string, ServiceOperation>>;
  readonly #options: SocketServiceOptions;
  readonly #limits: SocketLimits;
  readonly #link: SocketLink;
  readonly #streams: Streams;
  readonly #datagrams: Datagrams;
  #last = -1;

  constructor(options: SocketServiceOptions) {
    this.#options = options;
    this.#limits = options.limits ?? socketLimits;
    this.#link = new SocketLink(this.#limits, options.patience, (event) => this.#hear(event));
    this.#streams = new Streams(this.#link, this.#limits);
    this.#datagrams = new Datagrams(this.#link);
    const open = this.#operations();
    this.operations = {
      ...Object.fromEntries(
        Object.entries(open).map(([name, run]): [string, ServiceOperation] => [
          name,
          (args) => {
            if (!options.network) throw new ServiceError(NO_NETWORK);
            return run(args);
          },
        ]),
      ),
      /** Seconds since the epoch. */
      time: () => [(performance.timeOrigin + performance.now()) / 1000],
      sleep: ([seconds]) => {
        const most = Math.min(Number(seconds), MOST_SLEEP);
        if (most > 0) options.patience.sleep(most * 1000);
        return [];
      },
      hostname: () => [Buffer.from(hostname()).toString('latin1')],
    };
  }

  #hear(event: Event): void {
    if (event.kind === 'dropped') {
      const { count, what } = event;
      this.#options.warn(
        what === 'datagrams'
          ? `${count} datagrams were dropped: the script does not take them fast enough`
          : `${count} connections were closed: the script does not accept them fast enough, or has too many`,
      );
    } else if (event.kind === 'datagram' || event.kind === 'refused') this.#datagrams.hear(event);
    else this.#streams.hear(event);
  }

  #operations(): Readonly<Record<string, ServiceOperation>> {
    const streams = this.#streams;
    const datagrams = this.#datagrams;
    return {
      /** → [number], or why there is none. */
      stream: () => this.#open((id) => streams.open(id)),
      datagram: ([family]) => this.#open((id) => datagrams.open(id, familyOf(family))),
      /** [number, host or "*", port, family] */
      bind: ([id, host, port, family]) => {
        const name = host === '*' ? ANY[familyOf(family) ?? 'inet'] : host;
        const place = placeOf(name, port, familyOf(family));
        return typeof place === 'string' ? failure(place) : streams.bind(id, place);
      },
      bindPath: ([id, path]) => this.#atPath(path, true, (place) => streams.bind(id, place)),
      listen: ([id]) => streams.listen(id),
      accept: (args) => streams.accept(args),
      /** [number, host, port, family, block, total] */
      connect: ([id, host, port, family, block, total]) => {
        const place = placeOf(host, port, familyOf(family));
        if (typeof place === 'string') return failure(place);
        return streams.connect(id, place, block, total);
      },
      connectPath: ([id, path, block, total]) =>
        this.#atPath(path, false, (place) => streams.connect(id, place, block, total)),
      receive: (args) => streams.receive(args),
      send: (args) => streams.send(args),
      shutdown: ([id, how]) => streams.shutdown(id, how),
      close: ([id]) => {
        if (!streams.close(Number(id))) datagrams.close(Number(id));
        return [];
      },
      /** [number, "local" | "peer"] → [address, port, family]; a path has the port 0. */
      name: ([id, which]) => this.#name(Number(id), which === 'peer' ? 'peer' : 'local'),
      path: ([id]) => [Buffer.from(streams.get(id)?.path ?? '').toString('latin1')],
      /** [number, name, value, interface]; a datagram socket's may fail. */
      option: ([id, name, value, on]) => this.#option(Number(id), name, value, on),
      dirty: ([id]) => {
        this.#link.drain();
        return [(streams.get(id)?.buffered ?? 0) > 0];
      },
      /** [seconds, how many to read from, their numbers …, numbers to write to …] → those that are ready, likewise. */
      select: (args) => this.#select(args),
      bindDatagram: ([id, host, port]) => datagrams.bind(id, host, port),
      connectDatagram: ([id, host, port]) => datagrams.connect(id, host, port),
      sendDatagram: (args) => datagrams.send(args),
      receiveDatagram: (args) => datagrams.receive(args),
      /** [host] → [its name, family, address, …]. */
      resolve: ([host]) => {
        const place = placeOf(host, 0, undefined);
        if (typeof place === 'string') return failure(place);
        return found(this.#link.ask((request) => ({ kind: 'resolve', request, host: place.host })));
      },
      reverse: ([address]) =>
        found(
          this.#link.ask((request) => ({ kind: 'reverse', request, address: String(address) })),
        ),
    };
  }

  #open(make: (id: number) => void): readonly ServiceValue[] {
    this.#link.drain();
    if (this.#streams.size + this.#datagrams.size >= this.#limits.sockets) return failure('EMFILE');
    this.#last += 2;
    make(this.#last);
    return [this.#last];
  }

  #atPath(
    path: ServiceValue,
    made: boolean,
    use: (place: Place) => readonly ServiceValue[],
  ): readonly ServiceValue[] {
    if (typeof path !== 'string') throw new ServiceError('a path is missing');
    const { paths } = this.#options;
    let real: string | undefined;
    try {
      real = made ? paths.resolveEntry(path) : paths.resolve(path);
    } catch (error) {
      const code = systemCode(error);
      if (code === undefined) throw error;
      return failure(code);
    }
    if (real === undefined) return failure('EACCES');
    if (real.length > MOST_PATH_BYTES) return failure('ENAMETOOLONG');
    const text = byteText(real);
    // Node takes paths as text.
    if (Buffer.from(text).toString('latin1') !== real) return failure('EINVAL');
    return use({ path: text });
  }

  #name(id: number, which: 'local' | 'peer'): readonly ServiceValue[] {
    this.#link.drain();
    const name = this.#streams.name(id, which) ?? this.#datagrams.name(id, which);
    if (name === undefined) return failure('EBADF');
    if (isFailure(name)) return name;
    return [name.address, name.port, name.family];
  }

  #option(
    id: number,
    name: ServiceValue,
    value: ServiceValue,
    on: ServiceValue,
  ): readonly ServiceValue[] {
    const ofStream = STREAM_OPTIONS.find((known) => known === name);
    if (ofStream !== undefined) {
      this.#streams.option(id, { name: ofStream, value: value === true });
      return [1];
    }
    const ofDatagram = DATAGRAM_OPTIONS.find((known) => known === name);
    if (ofDatagram === undefined) throw new ServiceError('there is no such option');
    return this.#datagrams.option(id, ofDatagram, value, on) ?? [1];
  }

  #select([seconds, count, ...ids]: readonly ServiceValue[]): readonly ServiceValue[] {
    const numbers = ids.map(Number);
    const readers = numbers.slice(0, Number(count));
    const writers = numbers.slice(Number(count));
    let readable: number[] = [];
    let writable: number[] = [];
    const look = (): boolean => {
      readable = readers.filter((id) => {
        const stream = this.#streams.get(id);
        return stream === undefined ? this.#datagrams.readable(id) : this.#streams.readable(stream);
      });
      writable = writers.filter((id) => {
        const stream = this.#streams.get(id);
        return stream === undefined ? this.#datagrams.has(id) : this.#streams.writable(stream);
      });
      return readable.length + writable.length > 0;
    };
    const limitMs =
      typeof seconds === 'number' && seconds >= 0 ? seconds * 1000 : Number.POSITIVE_INFINITY;
    this.#link.until(look, limitMs);
    return [readable.length, ...readable, ...writable];
  }

  close(): void {
    this.#link.close(() => this.#streams.unsent);
    this.#streams.clear();
    this.#datagrams.clear();
  }
}

function familyOf(value: ServiceValue): Family | undefined {
  return value === 'inet' || value === 'inet6' ? value : undefined;
}

function isFailure(value: object): value is Failure {
  return Array.isArray(value);
}

function found(reply: Reply): readonly ServiceValue[] {
  if ('code' in reply) return failure(reply.code);
  if (!('hosts' in reply)) return failure('EAI_NONAME');
  return [reply.hosts[0], ...reply.found.flatMap(({ address, family }) => [family, address])];
}
