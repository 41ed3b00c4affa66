/**
 * One connection of a TcpInput: bytes go to its intake and are not read faster than the pipeline takes them; replies go
 * back on the same socket.
 *
 *   open ──FIN from the peer──▶ half-open (replies that are owed go out) ──none owed, or HALF_OPEN_MS──▶ closed
 */
import type { Socket } from 'node:net';
import type { Clock, Intake, Logger } from '../plugin.ts';
import { errorText, HekateError } from '../protocol/errors.ts';

/** Replies that may wait for a peer; one that does not read them loses its connection. */
export const REPLY_BACKLOG_BYTES = 1024 * 1024;
/** How long a connection whose peer has ended may still carry replies. */
export const HALF_OPEN_MS = 2_000;

export interface ConnectionHost {
  readonly log: Logger;
  readonly clock: Clock;
  /** A reply did not reach its peer. */
  replyDropped(): void;
  closed(connection: TcpConnection): void;
}

export class TcpConnection {
  readonly peer: string;
  readonly #socket: Socket;
  readonly #host: ConnectionHost;
  #intake: Intake | undefined;
  #pushing: Promise<void> | undefined;
  #ended: Promise<void> | undefined;
  #halfOpen: Disposable | undefined;
  /** The peer ended, and what it sent was handed over. */
  #routed = false;
  /** Replies that are owed to the peer. */
  #owed = 0;

  constructor(socket: Socket, peer: string, host: ConnectionHost) {
    this.#socket = socket;
    this.peer = peer;
    this.#host = host;
  }

  /** True when the peer has sent everything and only replies may follow. */
  get halfOpen(): boolean {
    return this.#halfOpen !== undefined;
  }

  /** Starts reading. */
  run(intake: Intake): void {
    this.#intake = intake;
    const socket = this.#socket;
    socket.on('data', (chunk) => this.#take(Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk)));
    socket.on('end', () => this.#peerEnded());
    socket.on('error', (error) => {
      // A peer that resets instead of closing is everyday life; anything else is worth a line.
      if ('code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE')) return;
      this.#host.log.error(
        new HekateError('HKT_PLUGIN_CONNECTION', [this.peer, error.message]).message,
      );
    });
    socket.on('close', () => {
      this.#halfOpen?.[Symbol.dispose]();
      void this.#finish().then(() => this.#host.closed(this));
    });
  }

  /** Writes raw bytes to the peer. Never blocks and never throws. */
  reply(bytes: Uint8Array): void {
    const socket = this.#socket;
    if (socket.destroyed || !socket.writable) {
      this.#host.replyDropped();
      return;
    }
    const waiting = socket.writableLength + bytes.length;
    if (waiting > REPLY_BACKLOG_BYTES) {
      this.#host.replyDropped();
      this.#host.log.error(new HekateError('HKT_PLUGIN_PEER_SLOW', [this.peer, waiting]).message);
      socket.destroy();
      return;
    }
    socket.write(bytes);
  }

  /** Keeps a half-open connection until the result is disposed, HALF_OPEN_MS at the most. */
  owe(): Disposable {
    this.#owed++;
    return {
      [Symbol.dispose]: () => {
        this.#owed--;
        this.#closeIfDone();
      },
    };
  }

  /** Everything was read and handed over, and nobody owes the peer anything. */
  #closeIfDone(): void {
    if (this.#halfOpen !== undefined && this.#routed && this.#owed === 0) this.close();
  }

  /** Ends a half-open connection early. */
  close(): void {
    this.#socket.destroySoon();
  }

  /** Stops reading, hands over what was read, and closes. */
  async stop(): Promise<void> {
    const socket = this.#socket;
    socket.pause();
    socket.removeAllListeners('data');
    await this.#pushing;
    for (let chunk: unknown = socket.read(); chunk !== null; chunk = socket.read()) {
      if (chunk instanceof Uint8Array) await this.#push(chunk);
    }
    await this.#finish();
    // Replies that still wait are given a moment; what the peer sends now stays unread.
    const closed = Promise.withResolvers<void>();
    if (socket.closed) return;
    socket.once('close', () => closed.resolve());
    const timer = this.#host.clock.after(HALF_OPEN_MS, () => socket.destroy());
    socket.destroySoon();
    await closed.promise;
    timer[Symbol.dispose]();
  }

  #take(chunk: Uint8Array): void {
    const room = this.#push(chunk);
    if (room === undefined) return;
    this.#socket.pause();
    this.#pushing = room.then(() => {
      this.#pushing = undefined;
      this.#socket.resume();
    });
  }

  #push(chunk: Uint8Array): Promise<void> | undefined {
    try {
      return this.#intake?.push(chunk)?.catch((thrown: unknown) => this.#broken(thrown));
    } catch (thrown) {
      this.#broken(thrown);
      return undefined;
    }
  }

  /** The intake failed: this connection is over, the input goes on. */
  #broken(thrown: unknown): void {
    const values = [this.peer, errorText(thrown)];
    this.#host.log.error(new HekateError('HKT_PLUGIN_CONNECTION', values, thrown).message);
    this.#socket.destroy();
  }

  #peerEnded(): void {
    this.#halfOpen = this.#host.clock.after(HALF_OPEN_MS, () => this.close());
    void this.#finish().then(() => {
      this.#routed = true;
      this.#closeIfDone();
    });
  }

  /** Ends the intake, once, after everything that was read went into it. */
  #finish(): Promise<void> {
    this.#ended ??= (async () => {
      await this.#pushing;
      try {
        await this.#intake?.end();
      } catch (thrown) {
        this.#broken(thrown);
      }
    })();
    return this.#ended;
  }
}
