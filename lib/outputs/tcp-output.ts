/**
 * TcpOutput: sends encoded messages over one connection, and for ever tries to get it back. Records that were not wholly
 * handed to the system when a connection failed are sent again, so a peer may see one twice, the first time cut off.
 * There is no acknowledgement: what the system took and could not send before a connection broke is missing.
 *
 *   deliver ─▶ queue ─▶ [connect, with back-off] ─▶ write ─▶ done
 */
import { connect, isIP, type Socket, type TcpNetConnectOpts } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { PluginSpec, Section } from '../config/spec.ts';
import { clientTlsField, clientTlsOptions, lintClientTls } from '../inputs/tls-options.ts';
import { addressFault, type NetworkAddress, parseAddress } from '../network-address.ts';
import type { Output } from '../plugin.ts';
import { errorText, HekateError } from '../protocol/errors.ts';
import type { Pack } from '../protocol/pack.ts';
import { bufferingFields } from './buffering-fields.ts';
import { type OutputContext, type OutputType, RecordEncoder } from './output-context.ts';
import type { OutputQueue } from './output-queue.ts';
import { SendLoop } from './send-loop.ts';
import { hangUp, openSocket, write } from './tcp-socket.ts';

/** Bytes of one write; what is in a write when the connection fails is sent again. */
const WRITE_BYTES = 64 * 1024;
/** Without a [buffering] section. */
const BUFFERING = { maxFileBytes: 128 * 1024 * 1024, cursorUpdateCount: 50 };

function localFault(text: string): string | undefined {
  if (text === '' || isIP(text) !== 0) return undefined;
  return addressFault(text);
}

const spec: PluginSpec = {
  type: 'TcpOutput',
  category: 'output',
  doc: 'Sends encoded messages to a TCP server, such as another daemon. Connects with the first message and reconnects for ever.',
  fields: {
    address: {
      kind: 'string',
      default: 'localhost:9125',
      doc: 'host:port to connect to.',
      example: '"aggregator.example.com:5565"',
      check: (value) =>
        addressFault(value) ?? (String(value).startsWith(':') ? 'the host is missing' : undefined),
    },
    local_address: {
      kind: 'string',
      default: '',
      doc: 'Own IP address, or address:port, to connect from. Not with use_tls.',
      check: (value) => localFault(String(value)),
    },
    use_tls: { kind: 'bool', default: false, doc: 'Encrypt the connection.' },
    tls: clientTlsField,
    keep_alive: { kind: 'bool', default: false, doc: 'Send TCP keep-alive probes.' },
    keep_alive_period: {
      kind: 'seconds',
      default: 7200,
      doc: 'Seconds without traffic before the first probe.',
    },
    reconnect_after: {
      kind: 'uint',
      default: 0,
      doc: 'Connect anew after this many messages; 0 is never.',
    },
    ...bufferingFields(
      true,
      'Without this section, max_file_size is 128MiB and cursor_update_count 50.',
    ),
  },
  commonDefaults: { encoder: 'ProtobufEncoder' },
  ticker: false,
  lint: (section) => [
    ...lintClientTls(section),
    ...(section.bool('use_tls') && section.string('local_address') !== ''
      ? [{ key: 'local_address', text: 'cannot be combined with use_tls' }]
      : []),
  ],
};

export class TcpOutput implements Output {
  readonly #section: Section;
  readonly #context: OutputContext;
  readonly #encoder: RecordEncoder;
  readonly #loop: SendLoop;
  readonly #address: NetworkAddress;
  readonly #target: string;
  readonly #reconnectAfter: number;

  #socket: Socket | undefined;
  #onConnection = 0;
  #sent = 0;
  #connections = 0;

  constructor(section: Section, context: OutputContext) {
    this.#section = section;
    this.#context = context;
    this.#encoder = new RecordEncoder(context, 'encoder');
    this.#target = section.string('address');
    this.#address = parseAddress(this.#target);
    this.#reconnectAfter = section.number('reconnect_after');
    this.#loop = new SendLoop({
      context,
      target: this.#target,
      send: (queue, signal) => this.#send(queue, signal),
    });
  }

  get counters(): Readonly<Record<string, number>> {
    return {
      sent: this.#sent,
      waiting: this.#loop.queue.length,
      refused: this.#encoder.failed,
      lost: this.#loop.outage.lost,
      connections: this.#connections,
    };
  }

  /** Rejects with HKT_TLS_* when the certificates cannot be used; a peer that is away is no error. */
  async start(): Promise<void> {
    if (this.#section.bool('use_tls')) {
      await clientTlsOptions(this.#section.section('tls'), this.#address.host);
    }
    this.#loop.start();
  }

  deliver(pack: Pack): Promise<void> | undefined {
    return this.#loop.put(this.#encoder.encode(pack));
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
    await this.#hangUp();
  }

  async #send(queue: OutputQueue, signal: AbortSignal): Promise<void> {
    try {
      this.#socket ??= await this.#connect(signal);
      await this.#writeSome(this.#socket, queue, signal);
    } catch (thrown) {
      this.#socket?.destroy();
      this.#socket = undefined;
      throw thrown;
    }
  }

  async #writeSome(socket: Socket, queue: OutputQueue, signal: AbortSignal): Promise<void> {
    const most = this.#reconnectAfter > 0 ? this.#reconnectAfter - this.#onConnection : undefined;
    const records = queue.peek(WRITE_BYTES, most);
    await write(socket, Buffer.concat(records), signal).catch((thrown: unknown) => {
      throw new HekateError('HKT_PLUGIN_WRITE', [this.#target, errorText(thrown)], thrown);
    });
    queue.done(records.length);
    this.#sent += records.length;
    this.#onConnection += records.length;
    if (this.#reconnectAfter > 0 && this.#onConnection >= this.#reconnectAfter) {
      await this.#hangUp();
    }
  }

  async #connect(signal: AbortSignal): Promise<Socket> {
    const socket = await this.#dial(signal).catch((thrown: unknown) => {
      throw new HekateError('HKT_PLUGIN_CONNECT', [this.#target, errorText(thrown)], thrown);
    });
    this.#connections++;
    this.#onConnection = 0;
    // A peer that hangs up while nothing is to be sent is noticed here, before the next record is written into the void.
    socket.once('close', () => {
      if (this.#socket === socket) this.#socket = undefined;
    });
    // Nothing is expected from the peer; what it sends is read so that it does not block.
    socket.resume();
    return socket;
  }

  async #dial(signal: AbortSignal): Promise<Socket> {
    const tls = this.#section.bool('use_tls');
    const options = this.#connectOptions();
    const secure = tls
      ? await clientTlsOptions(this.#section.section('tls'), this.#address.host)
      : {};
    return await openSocket(
      () => (tls ? connectTls({ ...options, ...secure }) : connect(options)),
      tls,
      this.#context.clock,
      signal,
    );
  }

  #connectOptions(): TcpNetConnectOpts {
    const local = this.#section.string('local_address');
    const own = local === '' || isIP(local) !== 0 ? undefined : parseAddress(local);
    return {
      host: this.#address.host,
      port: this.#address.port,
      keepAlive: this.#section.bool('keep_alive'),
      keepAliveInitialDelay: this.#section.number('keep_alive_period') * 1000,
      noDelay: true,
      ...(local === '' ? {} : { localAddress: own === undefined ? local : own.host }),
      ...(own === undefined ? {} : { localPort: own.port }),
    };
  }

  /** Closes the connection after the peer got everything that was written. */
  async #hangUp(): Promise<void> {
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket !== undefined) await hangUp(socket, this.#context.clock);
  }
}

export const tcpOutput: OutputType = {
  spec,
  buffering: BUFFERING,
  create: (section: Section, context: OutputContext) => new TcpOutput(section, context),
};
