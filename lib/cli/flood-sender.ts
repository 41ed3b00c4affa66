/**
 * How a flood's frames leave: over TCP or TLS in blocks, or as one UDP datagram each. `send` resolves when the next frame
 * may come, so the flood goes no faster than its receiver (TCP) or the machine (UDP) takes it.
 */
import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import type { Section } from '../config/spec.ts';
import { addressText } from '../network-address.ts';
import { errorText, HekateError } from '../protocol/errors.ts';
import { targetOf } from './control-client.ts';
import { FramedConnection } from './framed-connection.ts';

/** Frames are joined up to this size before they are written: one system call for many small ones. */
const BLOCK_BYTES = 64 * 1024;

export interface FloodSender {
  /** Undefined: more may be sent at once. Throws or rejects with HKT_TOOL_SEND. */
  send(frame: Uint8Array): Promise<void> | undefined;
  /** Sends what is waiting to fill a block. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** Connects as the checked section says. Throws HKT_TOOL_CONNECT, HKT_TLS_*. */
export async function openSender(config: Section, signal: AbortSignal): Promise<FloodSender> {
  const target = await targetOf(config);
  if (config.string('sender') === 'udp') {
    return await UdpSender.open(target.address.host, target.address.port);
  }
  return new StreamSender(await FramedConnection.connect({ ...target, signal }));
}

class StreamSender implements FloodSender {
  readonly #connection: FramedConnection;
  #block: Uint8Array[] = [];
  #blockBytes = 0;

  constructor(connection: FramedConnection) {
    this.#connection = connection;
  }

  send(frame: Uint8Array): Promise<void> | undefined {
    this.#block.push(frame);
    this.#blockBytes += frame.length;
    return this.#blockBytes >= BLOCK_BYTES ? this.flush() : undefined;
  }

  async flush(): Promise<void> {
    if (this.#blockBytes === 0) return;
    const bytes = Buffer.concat(this.#block);
    this.#block = [];
    this.#blockBytes = 0;
    await this.#connection.send(bytes);
  }

  async close(): Promise<void> {
    const failure = await this.#connection.close();
    if (failure !== undefined) {
      throw new HekateError('HKT_TOOL_SEND', [this.#connection.peer, errorText(failure)], failure);
    }
  }
}

class UdpSender implements FloodSender {
  readonly #socket: ReturnType<typeof createSocket>;
  readonly #peer: string;

  private constructor(socket: ReturnType<typeof createSocket>, peer: string) {
    this.#socket = socket;
    this.#peer = peer;
    // A refused datagram is reported with a later send; it is that send's error.
    socket.on('error', () => {});
  }

  static async open(host: string, port: number): Promise<UdpSender> {
    const peer = addressText(host, port);
    try {
      const { address, family } = await lookup(host);
      const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
      await new Promise<void>((ready, fail) => {
        socket.once('error', fail);
        socket.connect(port, address, ready);
      });
      return new UdpSender(socket, peer);
    } catch (error) {
      throw new HekateError('HKT_TOOL_CONNECT', [peer, errorText(error)], error);
    }
  }

  async send(frame: Uint8Array): Promise<void> {
    await new Promise<void>((sent, fail) => {
      this.#socket.send(frame, (error) => {
        if (error === null) sent();
        else fail(new HekateError('HKT_TOOL_SEND', [this.#peer, errorText(error)], error));
      });
    });
  }

  async flush(): Promise<void> {}

  async close(): Promise<void> {
    await new Promise<void>((closed) => this.#socket.close(closed));
  }
}
