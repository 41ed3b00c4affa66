/**
 * `socket.select`: which of some sockets can be received from, and which sent to, now or within a time. What stands in the
 * tables may be sockets, or a script's own objects with `getfd` and `dirty`.
 */
import { GuestArgumentError, type GuestTable, type GuestValue } from '../../engine.ts';
import { guestTypeName, optionalNumber, typeError } from '../../host-api/guest-arguments.ts';
import type { ServiceValue } from '../native-module.ts';
import { DatagramObject, descriptorOf as datagramDescriptor } from './datagram-object.ts';
import type { SocketHost } from './socket-host.ts';
import { StreamObject, descriptorOf as streamDescriptor } from './stream-object.ts';

/** More than the host lets a sandbox have. */
const MOST_OBJECTS = 4096;
const OBJECT_CHARGE = 2;

/** An object of the script's, and the number it goes by. */
interface Candidate {
  readonly object: GuestValue;
  readonly number: number;
}

export class Selection {
  readonly #host: SocketHost;
  /** A function of the script's side that indexes an object by a name, metamethods included. */
  indexer: GuestValue;

  constructor(host: SocketHost) {
    this.#host = host;
  }

  select(args: readonly GuestValue[]): readonly GuestValue[] {
    const seconds = optionalNumber(args, 3, -1);
    const readers = this.#candidates(args, 1);
    const writers = this.#candidates(args, 2);
    const dirty = readers.filter(({ object }) => this.#isDirty(object));
    const waiting = readers.filter((candidate) => !dirty.includes(candidate));
    const answer = this.#host.ask(
      'select',
      dirty.length > 0 ? 0 : seconds,
      waiting.length,
      ...waiting.map(({ number }) => number),
      ...writers.map(({ number }) => number),
    );
    const count = Number(answer[0]);
    const readable = [...dirty, ...readyOf(waiting, answer.slice(1, count + 1))];
    const writable = readyOf(writers, answer.slice(count + 1));
    const tables = [this.#table(readable), this.#table(writable)];
    return readable.length + writable.length > 0 ? tables : [...tables, 'timeout'];
  }

  #candidates(args: readonly GuestValue[], argument: number): Candidate[] {
    const table = args[argument - 1];
    if (table === undefined) return [];
    if (typeof table !== 'object' || table.kind !== 'table')
      throw typeError(args, argument, 'table');
    const found: Candidate[] = [];
    for (let i = 1; ; i++) {
      const object = table.get(i);
      if (object === undefined) return found;
      if (i > MOST_OBJECTS) throw new GuestArgumentError(argument, 'too many sockets');
      this.#host.parts.memory.charge(OBJECT_CHARGE);
      const number = this.#numberOf(object);
      if (number >= 0) found.push({ object, number });
    }
  }

  #numberOf(object: GuestValue): number {
    if (object instanceof StreamObject) return streamDescriptor(object);
    if (object instanceof DatagramObject) return datagramDescriptor(object);
    const [number] = this.#callMethod(object, 'getfd');
    return typeof number === 'number' ? number : -1;
  }

  /** Sockets hold nothing back that the host does not know of. */
  #isDirty(object: GuestValue): boolean {
    if (object instanceof StreamObject || object instanceof DatagramObject) return false;
    const [dirty] = this.#callMethod(object, 'dirty');
    return dirty !== undefined && dirty !== false;
  }

  #callMethod(object: GuestValue, name: string): readonly GuestValue[] {
    const { parts } = this.#host;
    if (this.indexer === undefined) {
      const kind = guestTypeName(object);
      throw new GuestArgumentError(1, `a socket expected in the table, got ${kind}`);
    }
    const [method] = parts.call(this.indexer, [object, name]);
    return method === undefined ? [] : parts.call(method, [object]);
  }

  /** The objects in order, and each object's place under itself. */
  #table(ready: readonly Candidate[]): GuestTable {
    const table = this.#host.parts.createTable();
    for (const [i, { object }] of ready.entries()) {
      table.set(i + 1, object);
      table.set(object, i + 1);
    }
    return table;
  }
}

/** Those whose numbers are ready, in order of their numbers, each number once: the last object counts. */
function readyOf(candidates: readonly Candidate[], ready: readonly ServiceValue[]): Candidate[] {
  const numbers = new Set(ready.map(Number));
  const byNumber = new Map<number, Candidate>();
  for (const candidate of candidates) {
    if (numbers.has(candidate.number)) byNumber.set(candidate.number, candidate);
  }
  return [...byNumber.values()].sort((a, b) => a.number - b.number);
}
