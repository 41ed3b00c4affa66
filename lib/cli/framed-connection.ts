/**
 * A client's TCP or TLS connection that carries framed messages both ways. Writing follows the peer's pace: `send` resolves
 * when the socket's buffer has room again, so a slow daemon slows its clients down instead of filling their memory.
 */
import { connect as connectTcp, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { addressText, type NetworkAddress } from '../network-address.ts';
import { errorText, HekateError } from '../protocol/errors.ts';
import { RecordFinder } from '../protocol/framing.ts';
import { Message } from '../protocol/message.ts';

const CONNECT_TIMEOUT_MS = 10_000;
/** After our end of the stream: how long the peer may take to read what was sent and to close. */
const CLOSE_TIMEOUT_MS = 2000;

export interface ConnectOptions {
  readonly address: NetworkAddress;
  /** TLS when given. */
  readonly tls?: ConnectionOptions;
  /** Ends the attempt to connect; an established connection is not touched. */
  readonly signal?: AbortSignal;
  /** Largest message that is read, bytes. */
  readonly maxMessageSize?: number;
}

export class FramedConnection {
  /** "host:port", for messages. */
  readonly peer: string;
  /** Resolves when the connection is over, with what broke it if something did. */
  readonly closed: Promise<Error | undefined>;
  /** Called for every message that arrives; a record that is no message is left out. */
  onMessage: (message: Message) => void = () => {};
  readonly #socket: Socket;
  #failure: Error | undefined;
  #ended = false;

  private constructor(socket: Socket, peer: string, maxMessageSize: number | undefined) {
    this.#socket = socket;
    this.peer = peer;
    const finder = new RecordFinder(maxMessageSize);
    socket.on('data', (chunk) => {
      if (typeof chunk === 'string') return; // never: no encoding is set
      finder.append(chunk);
      while (finder.next()) {
        let message: Message;
        try {
          message = Message.decode(finder.message());
        } catch {
          continue; // safe: what is not a message answers nothing, and its request then counts as unanswered
        }
        this.onMessage(message);
      }
    });
    socket.on('error', (error) => {
      this.#failure ??= error;
    });
    this.closed = new Promise((done) => {
      socket.once('close', () => {
        this.#ended = true;
        done(this.#failure);
      });
    });
  }

  /** Connects. Throws HKT_TOOL_CONNECT. */
  static async connect(options: ConnectOptions): Promise<FramedConnection> {
    const host = options.address.host === '' ? 'localhost' : options.address.host;
    const { port } = options.address;
    const peer = addressText(host, port);
    const socket =
      options.tls === undefined
        ? connectTcp({ host, port })
        : connectTls({ ...options.tls, host, port });
    const stop = (): void => {
      socket.destroy(new Error('interrupted'));
    };
    options.signal?.addEventListener('abort', stop, { once: true });
    if (options.signal?.aborted === true) stop();
    try {
      await new Promise<void>((ready, fail) => {
        socket.once(options.tls === undefined ? 'connect' : 'secureConnect', ready);
        socket.once('error', fail);
        socket.once('close', () => fail(new Error('closed by the other side')));
        socket.setTimeout(CONNECT_TIMEOUT_MS, () => socket.destroy(new Error('timed out')));
      });
    } catch (error) {
      socket.on('error', () => {}); // reported already
      socket.destroy();
      throw new HekateError('HKT_TOOL_CONNECT', [peer, connectText(error)], error);
    } finally {
      options.signal?.removeEventListener('abort', stop);
    }
    socket.setTimeout(0);
    socket.setNoDelay(true);
    return new FramedConnection(socket, peer, options.maxMessageSize);
  }

  /** Sends bytes; resolves when more may be sent. Throws HKT_TOOL_SEND when the connection is over. */
  async send(bytes: Uint8Array): Promise<void> {
    if (!this.#ended && this.#socket.writable && this.#socket.write(bytes)) return;
    if (!this.#ended && this.#socket.writable) {
      let onDrain = (): void => {};
      const drained = new Promise<void>((resume) => {
        onDrain = resume;
        this.#socket.once('drain', onDrain);
      });
      await Promise.race([drained, this.closed]);
      this.#socket.off('drain', onDrain);
    }
    if (this.#ended || this.#failure !== undefined) throw this.#broken();
  }

  /**
   * Sends what is left and waits until the peer has closed too: closing with unread bytes from the peer would reset the
   * connection, and what it had not read by then would be lost. Resolves with what broke the connection, if something did.
   */
  async close(): Promise<Error | undefined> {
    if (this.#ended) return this.#failure;
    const timer = setTimeout(() => this.#socket.destroy(), CLOSE_TIMEOUT_MS);
    this.#socket.end();
    try {
      return await this.closed;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the connection at once; what was not sent yet is lost. */
  abandon(): void {
    this.#socket.destroy();
  }

  #broken(): HekateError {
    const why = this.#failure === undefined ? 'closed by the other side' : errorText(this.#failure);
    return new HekateError('HKT_TOOL_SEND', [this.peer, why], this.#failure);
  }
}

/** With several addresses for one name Node gives an AggregateError without a text of its own. */
function connectText(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(errorText).join('; ');
  return errorText(error);
}
