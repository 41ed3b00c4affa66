/**
 * TcpOutput: sends encoded messages over one connection, and for ever tries to get it back. Records that were not wholly
 * handed to the system when a connection failed are sent again, so a peer may see one twice but misses none of them.
 *
 *   deliver ─▶ queue ─▶ [connect, with back-off] ─▶ write ─▶ done
 */
import { connect, isIP, type Socket, type TcpNetConnectOpts } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Alarm } from '../alarm.ts';
import type { PluginSpec, Section } from '../config/spec.ts';
import { clientTlsField, clientTlsOptions, lintClientTls } from '../inputs/tls-options.ts';
import { addressFault, type NetworkAddress, parseAddress } from '../network-address.ts';
import type { Output } from '../plugin.ts';
import { errorText, HekateError } from '../protocol/errors.ts';
import type { Pack } from '../protocol/pack.ts';
import { DEFAULT_RETRIES, RetryPolicy } from '../retry-policy.ts';
import { type OutputContext, type OutputType, RecordEncoder } from './output-context.ts';
import { OutputQueue } from './output-queue.ts';

/** Bytes of one write; what is in a write when the connection fails is sent again. */
const WRITE_BYTES = 64 * 1024;
const CONNECT_MS = 10_000;
/** How long a shutdown waits for a peer that does not take what is left. */
const STOP_MS = 5_000;

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
  readonly #queue = new OutputQueue();
  readonly #retry: RetryPolicy;
  readonly #work: Alarm;
  readonly #urgent: Alarm;
  readonly #address: NetworkAddress;
  readonly #target: string;
  readonly #reconnectAfter: number;

  #socket: Socket | undefined;
  #onConnection = 0;
  #stopping = false;
  #outOfTime = false;
  #failing = false;
  #sent = 0;
  #lost = 0;
  #connections = 0;
  #loop: Promise<void> | undefined;

  constructor(section: Section, context: OutputContext) {
    this.#section = section;
    this.#context = context;
    this.#encoder = new RecordEncoder(context);
    this.#retry = new RetryPolicy(DEFAULT_RETRIES, context.clock);
    this.#work = new Alarm(context.clock);
    this.#urgent = new Alarm(context.clock);
    this.#target = section.string('address');
    this.#address = parseAddress(this.#target);
    this.#reconnectAfter = section.number('reconnect_after');
  }

  get counters(): Readonly<Record<string, number>> {
    return {
      sent: this.#sent,
      waiting: this.#queue.length,
      refused: this.#encoder.failed,
      lost: this.#lost,
      connections: this.#connections,
    };
  }

  /** Rejects with HKT_TLS_* when the certificates cannot be used; a peer that is away is no error. */
  async start(): Promise<void> {
    if (this.#section.bool('use_tls')) {
      await clientTlsOptions(this.#section.section('tls'), this.#address.host);
    }
    this.#loop = this.#run();
  }

  deliver(pack: Pack): Promise<void> | undefined {
    const record = this.#encoder.encode(pack);
    if (record === undefined) return undefined;
    const room = this.#queue.put(record);
    this.#work.ring();
    return room;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#retry.reset();
    const timer = this.#context.clock.after(STOP_MS, () => {
      this.#outOfTime = true;
      this.#urgent.ring();
      this.#socket?.destroy();
    });
    this.#work.ring();
    this.#urgent.ring();
    await this.#loop;
    await this.#hangUp();
    timer[Symbol.dispose]();
    const left = this.#queue.discard();
    if (left === 0) return;
    this.#lost += left;
    const reason = `not taken within ${STOP_MS} ms`;
    this.#context.log.error(
      new HekateError('HKT_PLUGIN_LOST', [left, this.#target, reason]).message,
    );
  }

  async #run(): Promise<void> {
    while (!this.#outOfTime) {
      if (this.#queue.length === 0) {
        if (this.#stopping) return;
        await this.#work.wait();
        continue;
      }
      try {
        this.#socket ??= await this.#connect();
        await this.#writeSome(this.#socket);
        this.#succeeded();
      } catch (thrown) {
        this.#socket?.destroy();
        this.#socket = undefined;
        this.#failed(thrown);
        await this.#urgent.wait(this.#retry.next());
      }
    }
  }

  async #writeSome(socket: Socket): Promise<void> {
    let records = this.#queue.peek(WRITE_BYTES);
    if (this.#reconnectAfter > 0) {
      records = records.slice(0, this.#reconnectAfter - this.#onConnection);
    }
    await write(socket, Buffer.concat(records)).catch((thrown: unknown) => {
      throw new HekateError('HKT_PLUGIN_WRITE', [this.#target, errorText(thrown)], thrown);
    });
    this.#queue.done(records.length);
    this.#sent += records.length;
    this.#onConnection += records.length;
    if (this.#reconnectAfter > 0 && this.#onConnection >= this.#reconnectAfter) {
      await this.#hangUp();
    }
  }

  async #connect(): Promise<Socket> {
    const socket = await this.#dial().catch((thrown: unknown) => {
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

  async #dial(): Promise<Socket> {
    const options = this.#connectOptions();
    const tls = this.#section.bool('use_tls');
    const socket = tls
      ? connectTls({
          ...options,
          ...(await clientTlsOptions(this.#section.section('tls'), this.#address.host)),
        })
      : connect(options);
    const timer = this.#context.clock.after(CONNECT_MS, () =>
      socket.destroy(new Error(`no connection within ${CONNECT_MS} ms`)),
    );
    // Errors after this show in the write that they fail, and in 'close'.
    socket.on('error', () => {});
    if (this.#outOfTime) socket.destroy();
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once(tls ? 'secureConnect' : 'connect', resolve);
        socket.once('error', reject);
        socket.once('close', () => reject(new Error('closed')));
      });
      return socket;
    } catch (thrown) {
      socket.destroy();
      throw thrown;
    } finally {
      timer[Symbol.dispose]();
    }
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
    if (socket === undefined || socket.destroyed) return;
    const closed = Promise.withResolvers<void>();
    socket.once('close', () => closed.resolve());
    socket.end();
    // A peer that never closes its side must not hold us: what was written is in its hands.
    const timer = this.#context.clock.after(STOP_MS, () => socket.destroy());
    socket.once('finish', () => socket.destroySoon());
    await closed.promise;
    timer[Symbol.dispose]();
  }

  #failed(thrown: unknown): void {
    if (this.#failing) return;
    this.#failing = true;
    this.#context.log.error(errorText(thrown));
  }

  #succeeded(): void {
    this.#retry.reset();
    if (!this.#failing) return;
    this.#failing = false;
    this.#context.log.info(`sending to ${this.#target} again`);
  }
}

/** Resolves when the system took all bytes, rejects when the connection failed before that. */
function write(socket: Socket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}

export const tcpOutput: OutputType = {
  spec,
  create: (section: Section, context: OutputContext) => new TcpOutput(section, context),
};
