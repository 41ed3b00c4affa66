/**
 * Sends control messages to a daemon and waits for their answers. Requests may be open side by side on one connection; an
 * answer belongs to the request whose uuid it names. Each request ends exactly once: answered, silent, or closed.
 */
import { hostname } from 'node:os';
import type { Section } from '../config/spec.ts';
import { clientTlsOptions } from '../inputs/tls-options.ts';
import { parseAddress } from '../network-address.ts';
import type { Clock } from '../plugin.ts';
import {
  type ControlReply,
  type ControlRequest,
  decodeControlReply,
  encodeControlRequest,
} from '../protocol/control.ts';
import { frame } from '../protocol/framing.ts';
import { type Signer, signFrame } from '../signing/signer.ts';
import { type ConnectOptions, FramedConnection } from './framed-connection.ts';
import { signerOf } from './tool-config.ts';

export type Outcome =
  | { readonly kind: 'reply'; readonly reply: ControlReply }
  /** Nothing came in time: an old hekad, which never answers, or one that does not take the signature. */
  | { readonly kind: 'silent' }
  /** The connection ended first. */
  | { readonly kind: 'closed'; readonly error: Error | undefined };

export interface ControlClientOptions {
  readonly clock: Clock;
  /** How long an answer may take, milliseconds; 0 waits for none. */
  readonly timeoutMs: number;
  /** Bytes of the largest control message. */
  readonly maxMessageSize: number;
  /** Gives up: open requests end as closed. */
  readonly signal: AbortSignal;
}

/** Address and TLS settings of a checked section of targetFields. Throws HKT_TLS_*. */
export async function targetOf(config: Section): Promise<Pick<ConnectOptions, 'address' | 'tls'>> {
  const parsed = parseAddress(config.string('ip_address'));
  const address = { ...parsed, host: parsed.host === '' ? 'localhost' : parsed.host };
  if (!config.bool('use_tls')) return { address };
  return { address, tls: await clientTlsOptions(config.section('tls'), address.host) };
}

interface Pending {
  readonly settle: (outcome: Outcome) => void;
  readonly timer: Disposable;
}

export class ControlClient {
  readonly #connection: FramedConnection;
  readonly #signer: Signer | undefined;
  readonly #options: ControlClientOptions;
  readonly #pending = new Map<string, Pending>();

  private constructor(
    connection: FramedConnection,
    signer: Signer | undefined,
    options: ControlClientOptions,
  ) {
    this.#connection = connection;
    this.#signer = signer;
    this.#options = options;
    connection.onMessage = (message) => {
      const reply = decodeControlReply(message);
      if (reply !== undefined) this.#settle(reply.request, { kind: 'reply', reply });
    };
    const abandon = (): void => connection.abandon();
    options.signal.addEventListener('abort', abandon, { once: true });
    void connection.closed.then((error) => {
      options.signal.removeEventListener('abort', abandon);
      // Deleting the entry that is visited is safe in a Map.
      for (const request of this.#pending.keys()) {
        this.#settle(request, { kind: 'closed', error });
      }
    });
  }

  /** Connects as the configuration says (a checked section of targetFields). Throws HKT_TOOL_CONNECT and HKT_TLS_*. */
  static async open(config: Section, options: ControlClientOptions): Promise<ControlClient> {
    const connection = await FramedConnection.connect({
      ...(await targetOf(config)),
      signal: options.signal,
      maxMessageSize: options.maxMessageSize,
    });
    return new ControlClient(connection, signerOf(config), options);
  }

  get peer(): string {
    return this.#connection.peer;
  }

  /** Resolves when the connection is over. */
  get closed(): Promise<Error | undefined> {
    return this.#connection.closed;
  }

  /** Sends a request and waits for its end. Throws HKT_MESSAGE_TOO_BIG and HKT_TOOL_SEND. */
  async request(request: ControlRequest, timeoutMs = this.#options.timeoutMs): Promise<Outcome> {
    const { clock, maxMessageSize } = this.#options;
    const message = encodeControlRequest(request, {
      hostname: hostname(),
      timestampNs: clock.nowNs(),
      maxMessageSize,
    });
    const bytes =
      this.#signer === undefined
        ? frame(message.bytes, { maxMessageSize })
        : signFrame(message.bytes, this.#signer, maxMessageSize);
    if (timeoutMs <= 0) {
      await this.#connection.send(bytes);
      return { kind: 'silent' };
    }
    // Registered before it is sent: an answer may arrive while `send` waits for room.
    const uuid = message.uuid;
    const outcome = new Promise<Outcome>((settle) => {
      const timer = clock.after(timeoutMs, () => this.#settle(uuid, { kind: 'silent' }));
      this.#pending.set(uuid, { settle, timer });
    });
    try {
      await this.#connection.send(bytes);
    } catch (error) {
      this.#settle(uuid, { kind: 'silent' });
      throw error;
    }
    return await outcome;
  }

  /** Sends what is left and closes. */
  async close(): Promise<Error | undefined> {
    return await this.#connection.close();
  }

  #settle(request: string, outcome: Outcome): void {
    const pending = this.#pending.get(request);
    if (pending === undefined) return;
    this.#pending.delete(request);
    pending.timer[Symbol.dispose]();
    pending.settle(outcome);
  }
}
