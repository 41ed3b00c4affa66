/**
 * Connections and servers as the shard knows them, and the operations on them. None changes anything before it waits, so that
 * it can be asked for again; what comes in is handed out in pieces.
 */
import type { ServiceValue } from '../../isolate/modules/native-module.ts';
import { ServiceError } from '../service-error.ts';
import { type Failure, failure, outgoing, remainingMs } from './answers.ts';
import { socketErrorText } from './error-texts.ts';
import type { SocketLink } from './link.ts';
import {
  type Event,
  type Place,
  type SocketLimits,
  type SocketName,
  type StreamOption,
  TOLD_BYTES,
} from './messages.ts';
import { Stream } from './stream.ts';

/** Longest piece that is handed out at once, bytes. */
const PIECE_BYTES = 64 * 1024;
const TIMEOUT: Failure = [undefined, 'timeout'];

export class Streams {
  readonly #link: SocketLink;
  readonly #limits: SocketLimits;
  readonly #streams = new Map<number, Stream>();
  /** Bytes that streams which are closed have not sent yet, by number. */
  readonly #lingering = new Map<number, number>();

  constructor(link: SocketLink, limits: SocketLimits) {
    this.#link = link;
    this.#limits = limits;
  }

  get size(): number {
    return this.#streams.size;
  }

  /** Something was sent that the system has not taken. */
  get unsent(): boolean {
    if (this.#lingering.size > 0) return true;
    for (const stream of this.#streams.values()) if (stream.unsent > 0) return true;
    return false;
  }

  open(id: number): void {
    this.#streams.set(id, new Stream(id));
  }

  get(id: ServiceValue): Stream | undefined {
    return this.#streams.get(Number(id));
  }

  #stream(id: ServiceValue): Stream {
    const found = this.get(id);
    if (found === undefined) throw new ServiceError('the socket is closed');
    return found;
  }

  hear(event: Event): void {
    if (event.kind === 'accepted') this.#arrived(event);
    else if (!('id' in event)) return;
    else if (event.kind === 'written') this.#written(event.id, event.bytes);
    else {
      if (event.kind === 'closed') this.#lingering.delete(event.id);
      const stream = this.#streams.get(event.id);
      if (stream !== undefined) happened(stream, event);
    }
  }

  #written(id: number, bytes: number): void {
    const stream = this.#streams.get(id);
    if (stream !== undefined) stream.unsent -= bytes;
    const left = (this.#lingering.get(id) ?? 0) - bytes;
    if (left > 0) this.#lingering.set(id, left);
    else this.#lingering.delete(id);
  }

  #arrived({ id, local, peer, server }: Extract<Event, { readonly kind: 'accepted' }>): void {
    const listening = this.#streams.get(server);
    if (listening === undefined) {
      this.#link.post({ kind: 'close', id });
      return;
    }
    const stream = new Stream(id);
    stream.state = 'connected';
    stream.local = local;
    stream.peer = peer;
    stream.path = listening.path;
    this.#streams.set(id, stream);
    listening.arrivals.push(id);
  }

  /** The system has the place for it from now on; connections come when it listens. */
  bind(id: ServiceValue, place: Place): readonly ServiceValue[] {
    const stream = this.#stream(id);
    if (stream.state !== 'fresh') return failure('EINVAL');
    const reply = this.#link.ask((request) => ({ kind: 'listen', request, id: stream.id, place }));
    if ('code' in reply) return failure(reply.code);
    if ('names' in reply) stream.local = reply.names[0];
    if ('path' in place) stream.path = place.path;
    stream.state = 'bound';
    return [1];
  }

  listen(id: ServiceValue): readonly ServiceValue[] {
    const stream = this.#stream(id);
    if (stream.state !== 'bound') {
      return failure(stream.state === 'fresh' ? 'EBADF' : 'EINVAL');
    }
    stream.state = 'listening';
    return [1];
  }

  /** [number, block, total] → [number of the connection]. */
  accept([id, block, total]: readonly ServiceValue[]): readonly ServiceValue[] {
    const stream = this.#stream(id);
    const ready = () => stream.arrivals.length > 0 || stream.fault !== undefined;
    if (!this.#link.until(ready, remainingMs(block, total, 0))) return TIMEOUT;
    const arrived = stream.arrivals.shift();
    if (arrived === undefined) return [undefined, stream.fault];
    this.#link.post({ kind: 'accept', id: arrived });
    return [arrived];
  }

  connect(
    id: ServiceValue,
    place: Place,
    block: ServiceValue,
    total: ServiceValue,
  ): readonly ServiceValue[] {
    const stream = this.#stream(id);
    this.#link.drain();
    const { failure: known, state } = stream;
    stream.failure = undefined;
    if (known !== undefined) return [undefined, known];
    if (state === 'connecting') return failure('EALREADY');
    if (stream.connectedUnheard) {
      stream.connectedUnheard = false;
      return [1];
    }
    if (state !== 'fresh' && state !== 'bound') return failure('EISCONN');
    const limitMs = remainingMs(block, total, 0);
    if (limitMs > 0) this.#link.announce();
    // A name that was bound to is the connection's own.
    if (state === 'bound') this.#link.post({ kind: 'close', id: stream.id });
    const { local, options } = stream;
    this.#link.post({ kind: 'connect', id: stream.id, place, local, options });
    stream.state = 'connecting';
    if ('path' in place) stream.path = place.path;
    if (limitMs <= 0) return TIMEOUT;
    if (!this.#link.until(() => stream.state !== 'connecting', limitMs)) return TIMEOUT;
    const reason = stream.failure;
    stream.failure = undefined;
    stream.connectedUnheard = false;
    return reason === undefined ? [1] : [undefined, reason];
  }

  /**
   * [number, "line" | "all" | "count", most bytes, block, total, go on] → [piece, more] or [piece, false, error]. `go on`: it
   * is the same operation that has been asked for before.
   */
  receive([id, mode, count, block, total, goOn]: readonly ServiceValue[]): readonly ServiceValue[] {
    const stream = this.#stream(id);
    if (stream.state === 'fresh') return ['', false, 'closed'];
    const now = performance.now();
    if (goOn !== true) stream.startedMs = now;
    const limitMs = remainingMs(block, total, now - stream.startedMs);
    if (!this.#link.until(() => stream.readable, limitMs)) return ['', false, 'timeout'];
    if (stream.buffered === 0) return ['', false, stream.fault ?? 'closed'];
    const wanted = mode === 'count' ? Number(count) : Number.POSITIVE_INFINITY;
    const answer =
      mode === 'line'
        ? this.#line(stream)
        : this.#bytes(stream, Math.min(wanted, PIECE_BYTES), wanted);
    if (stream.untold >= TOLD_BYTES) {
      this.#link.post({ kind: 'taken', id: stream.id, bytes: stream.untold });
      stream.untold = 0;
    }
    return answer;
  }

  #line(stream: Stream): readonly ServiceValue[] {
    let text = '';
    while (stream.buffered > 0 && text.length < PIECE_BYTES) {
      const { found, part } = stream.takeLine(PIECE_BYTES);
      const piece = part.toString('latin1');
      // As upstream: every carriage return is left out, wherever it is.
      text += piece.includes('\r') ? piece.replaceAll('\r', '') : piece;
      if (found) return [text, false];
    }
    return [text, true];
  }

  #bytes(stream: Stream, most: number, wanted: number): readonly ServiceValue[] {
    let text = '';
    while (stream.buffered > 0 && text.length < most) {
      text += stream.take(most - text.length).toString('latin1');
    }
    return [text, text.length < wanted];
  }

  /** [number, text, block, total, go on] → [true] or [false, error]. The text is at most a piece long. */
  send([id, text, block, total, goOn]: readonly ServiceValue[]): readonly ServiceValue[] {
    const stream = this.#stream(id);
    if (typeof text !== 'string') throw new ServiceError('a text is missing');
    const now = performance.now();
    if (goOn !== true) stream.startedMs = now;
    const limitMs = remainingMs(block, total, now - stream.startedMs);
    const ready = () => this.writable(stream);
    if (!this.#link.until(ready, limitMs, true)) return [false, 'timeout'];
    if (stream.fault !== undefined || stream.state !== 'connected' || stream.outputEnded) {
      return [false, stream.fault ?? 'closed'];
    }
    // Behind the peer's end only the write itself tells whether anybody is there.
    if (stream.ended) this.#link.announce();
    const bytes = outgoing(text);
    stream.unsent += bytes.length;
    this.#link.post({ kind: 'write', id: stream.id, bytes }, bytes.buffer);
    if (!stream.ended) return [true];
    const settled = () => stream.unsent <= 0 || stream.fault !== undefined;
    if (!this.#link.until(settled, limitMs, true)) return [true];
    return stream.fault === undefined ? [true] : [false, stream.fault];
  }

  /** Sending to it does not wait. */
  writable(stream: Stream): boolean {
    if (stream.fault !== undefined || stream.failure !== undefined) return true;
    if (stream.state === 'connecting') return false;
    return stream.state !== 'connected' || stream.unsent < this.#limits.outgoingBytes;
  }

  /** Receiving from it, or accepting, does not wait. */
  readable(stream: Stream): boolean {
    if (stream.failure !== undefined) return true;
    if (stream.state === 'listening')
      return stream.arrivals.length > 0 || stream.fault !== undefined;
    return stream.readable;
  }

  shutdown(id: ServiceValue, how: ServiceValue): readonly ServiceValue[] {
    const stream = this.#stream(id);
    if (how !== 'send') {
      stream.clear();
      stream.ended = true;
    }
    if (how !== 'receive' && !stream.outputEnded) {
      stream.outputEnded = true;
      this.#link.post({ kind: 'endOutput', id: stream.id });
    }
    return [1];
  }

  option(id: number, option: StreamOption): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    stream.options.push(option);
    if (stream.state === 'connected') this.#link.post({ kind: 'option', id, option });
  }

  /** Undefined for a number that is no stream's. */
  name(id: number, which: 'local' | 'peer'): SocketName | Failure | undefined {
    const stream = this.#streams.get(id);
    if (stream === undefined) return undefined;
    return stream[which] ?? failure(stream.state === 'fresh' ? 'EBADF' : 'ENOTCONN');
  }

  close(id: number): boolean {
    const stream = this.#streams.get(id);
    if (stream === undefined) return false;
    this.#streams.delete(id);
    for (const arrived of stream.arrivals) this.#streams.delete(arrived);
    if (stream.unsent > 0 && stream.fault === undefined) this.#lingering.set(id, stream.unsent);
    if (stream.state !== 'fresh') this.#link.post({ kind: 'close', id });
    return true;
  }

  clear(): void {
    this.#streams.clear();
  }
}

type StreamEvent = Exclude<
  Extract<Event, { readonly id: number }>,
  { readonly kind: 'accepted' | 'written' }
>;

function happened(stream: Stream, event: StreamEvent): void {
  switch (event.kind) {
    case 'connected':
      stream.state = 'connected';
      stream.connectedUnheard = true;
      stream.local = event.local;
      stream.peer = event.peer;
      return;
    case 'failed':
      stream.state = 'fresh';
      stream.failure = socketErrorText(event.code);
      return;
    case 'data':
      if (!stream.ended) stream.append(event.bytes);
      return;
    case 'ended':
      stream.ended = true;
      return;
    case 'closed':
      stream.fault = event.code === undefined ? 'closed' : socketErrorText(event.code);
      stream.state = 'over';
      stream.unsent = 0;
      return;
    case 'datagram':
    case 'refused':
      return; // of a datagram socket
    default:
      event satisfies never;
  }
}
