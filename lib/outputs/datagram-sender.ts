/**
 * Sends datagrams to one address, in order, without a queue of its own: what the system has not taken yet is bounded.
 * A datagram that cannot be sent is counted and logged; as UDP has it, nobody sends it again.
 */
import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { NetworkAddress } from '../network-address.ts';
import type { PluginContext } from '../plugin.ts';
import { errorText, HekateError } from '../protocol/errors.ts';
import { LossLog } from '../splitters/loss-log.ts';

/** Largest payload of a UDP datagram over IPv4. */
export const MAX_DATAGRAM_BYTES = 65_507;
/** Datagrams that the system has not taken yet before the router waits. */
const IN_FLIGHT = 256;

export interface DatagramOptions {
  /** Without secrets: it appears in the log. */
  readonly target: string;
  readonly address: NetworkAddress;
  /** Own address to send from. */
  readonly local?: NetworkAddress;
  readonly family: 'udp' | 'udp4' | 'udp6';
  readonly context: Pick<PluginContext, 'log' | 'clock' | 'signal'>;
}

export class DatagramSender {
  readonly #options: DatagramOptions;
  readonly #losses: LossLog;
  #socket: Socket | undefined;
  #host = '';
  #inFlight = 0;
  #room: PromiseWithResolvers<void> | undefined;
  #sent = 0;
  #failed = 0;

  constructor(options: DatagramOptions) {
    this.#options = options;
    this.#losses = new LossLog(options.context);
  }

  get sent(): number {
    return this.#sent;
  }

  get failed(): number {
    return this.#failed;
  }

  /** Rejects with HKT_PLUGIN_CONNECT when the address cannot be resolved or the own one cannot be used. */
  async open(): Promise<void> {
    const { address, local, family, target } = this.#options;
    try {
      const wanted = family === 'udp' ? 0 : family === 'udp4' ? 4 : 6;
      const found =
        isIP(address.host) === 0
          ? await lookup(address.host, { family: wanted })
          : { address: address.host, family: isIP(address.host) };
      if (wanted !== 0 && found.family !== wanted) {
        throw new Error(`${found.address} is no address of ${family}`);
      }
      this.#host = found.address;
      const socket = createSocket(found.family === 4 ? 'udp4' : 'udp6');
      this.#socket = socket;
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject);
        socket.bind({ address: local?.host || undefined, port: local?.port ?? 0 }, resolve);
      });
      socket.removeAllListeners('error');
      socket.on('error', (error) => this.#lost(error));
    } catch (thrown) {
      this.#socket?.close();
      this.#socket = undefined;
      throw new HekateError('HKT_PLUGIN_CONNECT', [target, errorText(thrown)], thrown);
    }
  }

  /** Hands a datagram to the system. The promise settles when it can take more. */
  send(bytes: Uint8Array): Promise<void> | undefined {
    const socket = this.#socket;
    if (socket === undefined) {
      this.#lost(new Error('the socket is closed'));
      return undefined;
    }
    this.#inFlight++;
    socket.send(bytes, this.#options.address.port, this.#host, (error) => {
      this.#inFlight--;
      if (error === null) this.#sent++;
      else this.#lost(error);
      if (this.#inFlight > 0 || this.#room === undefined) return;
      this.#room.resolve();
      this.#room = undefined;
    });
    if (this.#inFlight < IN_FLIGHT) return undefined;
    this.#room ??= Promise.withResolvers<void>();
    return this.#room.promise;
  }

  /** Closes the socket once the system took everything. */
  async close(): Promise<void> {
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket === undefined) return;
    if (this.#inFlight > 0) {
      this.#room ??= Promise.withResolvers<void>();
      await this.#room.promise;
    }
    await new Promise<void>((resolve) => socket.close(() => resolve()));
  }

  #lost(error: Error): void {
    this.#failed++;
    this.#losses.report('HKT_PLUGIN_DATAGRAM_LOST', [this.#options.target, error.message]);
  }
}
