/**
 * A connection or server as the shard knows it: what came in and was not taken, what went out and is not confirmed.
 *
 *   fresh ──listen──▶ bound ──▶ listening
 *     └────connect──▶ connecting ──▶ connected ──▶ over (the peer or the system ended it)
 *                          └──▶ fresh again, with the reason
 */
import { ChunkQueue } from './chunk-queue.ts';
import type { SocketName, StreamOption } from './messages.ts';

export type StreamState = 'fresh' | 'bound' | 'listening' | 'connecting' | 'connected' | 'over';

export class Stream {
  readonly id: number;
  state: StreamState = 'fresh';
  local: SocketName | undefined;
  peer: SocketName | undefined;
  /** Path of a socket in the file system. */
  path = '';
  /** Options that were set before there was a connection. */
  readonly options: StreamOption[] = [];
  /** Why connecting failed, until the guest heard of it. */
  failure: string | undefined;
  /** It was connected after the guest had stopped waiting for it, as `connect` will tell once. */
  connectedUnheard = false;
  /** The peer sends no more, or nobody listens to it any more. */
  ended = false;
  /** The guest sends no more. */
  outputEnded = false;
  /** Why the connection is over, as the guest is told; undefined while it is not. */
  fault: string | undefined;
  /** Bytes that the system has not confirmed. */
  unsent = 0;
  /** Of a server: connections to be accepted, by number. */
  readonly arrivals: number[] = [];
  /** When the operation under way began, milliseconds. */
  startedMs = 0;
  readonly #chunks = new ChunkQueue();
  /** Of the first chunk that was taken. */
  #at = 0;
  /** Bytes that were taken and not told to the helper. */
  untold = 0;
  /** Bytes that can be taken. */
  buffered = 0;

  constructor(id: number) {
    this.id = id;
  }

  /** Something to take, or the certainty that nothing will come. */
  get readable(): boolean {
    return this.buffered > 0 || this.ended || this.fault !== undefined || this.state === 'fresh';
  }

  append(bytes: Uint8Array): void {
    this.#chunks.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    this.buffered += bytes.length;
  }

  /** Takes up to so many bytes. */
  take(most: number): Buffer {
    const { first } = this.#chunks;
    if (first === undefined || most <= 0) return NOTHING;
    const end = Math.min(first.length, this.#at + most);
    const part = first.subarray(this.#at, end);
    this.#pass(end);
    return part;
  }

  /** Takes up to a newline, which is left out, or all that there is in one piece; `found`: there was one. */
  takeLine(most: number): { readonly part: Buffer; readonly found: boolean } {
    const { first } = this.#chunks;
    if (first === undefined) return { part: NOTHING, found: false };
    const newline = first.indexOf(NEWLINE, this.#at);
    const end = newline < 0 ? first.length : newline;
    const bounded = Math.min(end, this.#at + most);
    const found = newline >= 0 && bounded === end;
    const part = first.subarray(this.#at, bounded);
    this.#pass(found ? bounded + 1 : bounded);
    return { part, found };
  }

  #pass(end: number): void {
    this.buffered -= end - this.#at;
    this.untold += end - this.#at;
    this.#at = end;
    if (end < (this.#chunks.first?.length ?? 0)) return;
    this.#chunks.drop();
    this.#at = 0;
  }

  /** What was not taken is gone. */
  clear(): void {
    this.#chunks.clear();
    this.#at = 0;
    this.buffered = 0;
  }
}

const NEWLINE = 10;
const NOTHING = Buffer.alloc(0);
