/** A daemon in this process, started from configuration text, and a peer that talks to its TcpInput. */
import path from 'node:path';
import { FramedConnection } from '../lib/cli/framed-connection.ts';
import { type LoadedConfig, readConfig } from '../lib/config/load-config.ts';
import { faultText } from '../lib/config/place.ts';
import { ConsoleLog } from '../lib/daemon/console-log.ts';
import { pluginRegistry } from '../lib/daemon/registry.ts';
import { Daemon } from '../lib/daemon.ts';
import { parseAddress } from '../lib/network-address.ts';
import type { Clock } from '../lib/plugin.ts';
import {
  type ControlReply,
  type ControlRequest,
  decodeControlReply,
  encodeControlRequest,
} from '../lib/protocol/control.ts';
import { frame } from '../lib/protocol/framing.ts';
import { Message, type MessageInit } from '../lib/protocol/message.ts';
import { type Signer, signFrame } from '../lib/signing/signer.ts';
import { systemClock } from '../lib/system-clock.ts';

export const OPS: Signer = { name: 'ops', keyVersion: 0, hash: 'sha256', key: 'the key of ops' };

export function configOf(text: string): LoadedConfig {
  const config = readConfig([{ file: 'test.toml', text }], { registry: pluginRegistry, env: {} });
  if (config.faults.length > 0) throw new Error(config.faults.map(faultText).join('\n'));
  return config;
}

export interface RunningDaemon {
  readonly daemon: Daemon;
  /** Lines of the log; errors begin with "! ". */
  readonly log: string[];
}

/** `base_dir` is `<folder>/base`, `share_dir` is `<folder>`. */
export async function startDaemon(
  folder: string,
  text: string,
  clock: Clock = systemClock,
): Promise<RunningDaemon> {
  const log: string[] = [];
  const config = configOf(
    `[hekad]\nbase_dir = "${path.join(folder, 'base')}"\nshare_dir = "${folder}"\nmaxprocs = 1\n` +
      `log_flags = 0\nhostname = "testhost"\n${text}`,
  );
  const sink = {
    out: (line: string) => void log.push(line.trimEnd()),
    err: (line: string) => void log.push(`! ${line.trimEnd()}`),
  };
  const daemon = await Daemon.start({
    config,
    log: new ConsoleLog(sink, clock),
    clock,
    cwd: folder,
  });
  return { daemon, log };
}

export class Peer {
  readonly #connection: FramedConnection;
  readonly #waiting = new Map<string, (reply: ControlReply) => void>();

  private constructor(connection: FramedConnection) {
    this.#connection = connection;
    connection.onMessage = (message) => {
      const reply = decodeControlReply(message);
      if (reply !== undefined) this.#waiting.get(reply.request)?.(reply);
    };
  }

  static async connect(daemon: Pick<Daemon, 'addresses'>, input: string): Promise<Peer> {
    const address = parseAddress(daemon.addresses().get(input) ?? '');
    return new Peer(await FramedConnection.connect({ address }));
  }

  async send(init: MessageInit, signer?: Signer): Promise<void> {
    const { bytes } = Message.create({ logger: 'input', ...init });
    await this.sendRaw(signer === undefined ? frame(bytes) : signFrame(bytes, signer));
  }

  async sendRaw(bytes: Uint8Array): Promise<void> {
    await this.#connection.send(bytes);
  }

  /** Sends a control message, signed by ops unless said otherwise, and waits for the reply. */
  async control(request: ControlRequest, signer: Signer = OPS): Promise<ControlReply> {
    const message = encodeControlRequest(request, {
      hostname: 'client',
      timestampNs: systemClock.nowNs(),
    });
    const reply = Promise.withResolvers<ControlReply>();
    this.#waiting.set(message.uuid, reply.resolve);
    await this.sendRaw(signFrame(message.bytes, signer));
    return await reply.promise;
  }

  /** Resolves when the daemon has read everything. */
  async close(): Promise<void> {
    await this.#connection.close();
  }
}
