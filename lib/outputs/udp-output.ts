/**
 * UdpOutput: each encoded message is one datagram. What is too large for one is dropped and counted; nothing is sent
 * twice, and nobody says whether it arrived.
 */
import type { PluginSpec, Section } from '../config/spec.ts';
import { addressFault, parseAddress } from '../network-address.ts';
import type { Output } from '../plugin.ts';
import { HekateError } from '../protocol/errors.ts';
import type { Pack } from '../protocol/pack.ts';
import { LossLog } from '../splitters/loss-log.ts';
import { DatagramSender, MAX_DATAGRAM_BYTES } from './datagram-sender.ts';
import { type OutputContext, type OutputType, RecordEncoder } from './output-context.ts';

const LEAST_MESSAGE_BYTES = 512;

const spec: PluginSpec = {
  type: 'UdpOutput',
  category: 'output',
  doc: 'Sends each encoded message as one UDP datagram. An encoder is required.',
  fields: {
    net: {
      kind: 'string',
      default: 'udp',
      doc: 'IP version: udp (both), udp4 or udp6.',
      check: (value) => {
        if (value === 'unixgram') return 'Node has no Unix datagram sockets; use udp';
        return ['udp', 'udp4', 'udp6'].includes(String(value))
          ? undefined
          : 'must be one of: udp, udp4, udp6';
      },
    },
    address: {
      kind: 'string',
      required: true,
      doc: 'host:port to send to. A name is resolved once, at the start.',
      example: '"collector.example.com:34567"',
      check: (value) =>
        addressFault(value) ?? (String(value).startsWith(':') ? 'the host is missing' : undefined),
    },
    local_address: {
      kind: 'string',
      default: '',
      doc: 'Own address:port to send from.',
      check: (value) => (value === '' ? undefined : addressFault(value)),
    },
    max_message_size: {
      kind: 'bytes',
      default: MAX_DATAGRAM_BYTES,
      doc: 'Largest datagram; larger messages are dropped and counted.',
      check: (value) => {
        if (Number(value) < LEAST_MESSAGE_BYTES) {
          return `Maximum message size can't be smaller than ${LEAST_MESSAGE_BYTES} bytes.`;
        }
        return Number(value) > MAX_DATAGRAM_BYTES
          ? `a datagram holds at most ${MAX_DATAGRAM_BYTES} bytes`
          : undefined;
      },
    },
  },
  ticker: false,
  lint: (section) =>
    section.string('encoder') === ''
      ? [{ key: 'encoder', text: new HekateError('HKT_PLUGIN_ENCODER_REQUIRED').message }]
      : [],
};

export class UdpOutput implements Output {
  readonly #encoder: RecordEncoder;
  readonly #sender: DatagramSender;
  readonly #losses: LossLog;
  readonly #maxBytes: number;
  #tooBig = 0;

  constructor(section: Section, context: OutputContext) {
    const target = section.string('address');
    const local = section.string('local_address');
    const family = section.string('net');
    this.#encoder = new RecordEncoder(context, 'bare');
    this.#losses = new LossLog(context);
    this.#maxBytes = section.number('max_message_size');
    this.#sender = new DatagramSender({
      target,
      address: parseAddress(target),
      ...(local === '' ? {} : { local: parseAddress(local) }),
      family: family === 'udp4' || family === 'udp6' ? family : 'udp',
      context,
    });
  }

  get counters(): Readonly<Record<string, number>> {
    return {
      sent: this.#sender.sent,
      refused: this.#encoder.failed,
      too_big: this.#tooBig,
      lost: this.#sender.failed,
    };
  }

  /** Rejects with HKT_PLUGIN_CONNECT when an address cannot be resolved or used. */
  async start(): Promise<void> {
    await this.#sender.open();
  }

  deliver(pack: Pack): Promise<void> | undefined {
    const record = this.#encoder.encode(pack);
    if (record === undefined) return undefined;
    if (record.length > this.#maxBytes) {
      this.#tooBig++;
      this.#losses.report('HKT_PLUGIN_DATAGRAM_SIZE', [record.length, this.#maxBytes]);
      return undefined;
    }
    return this.#sender.send(record);
  }

  async stop(): Promise<void> {
    await this.#sender.close();
  }
}

export const udpOutput: OutputType = {
  spec,
  create: (section: Section, context: OutputContext) => new UdpOutput(section, context),
};
