/**
 * SmtpOutput: each encoded message is a mail; with send_interval, those of an interval are one mail (Heka 0.11). Mails
 * that the server cannot take now are tried again; those that it refuses for good are dropped and counted.
 *
 *   deliver ─▶ queue ─▶ (send_interval over?) ─▶ one mail of what waits ─▶ done
 */
import type { PluginSpec, Section } from '../config/spec.ts';
import { addressFault, parseAddress } from '../network-address.ts';
import type { Output } from '../plugin.ts';
import { errorText, HekateError } from '../protocol/errors.ts';
import type { Pack } from '../protocol/pack.ts';
import { MailSender, type MailSettings } from './mail-sender.ts';
import { type OutputContext, type OutputType, RecordEncoder } from './output-context.ts';
import type { OutputQueue } from './output-queue.ts';
import { SendLoop } from './send-loop.ts';

/** Texts of one mail, at most. */
const MAIL_BYTES = 1024 * 1024;
const BETWEEN = Buffer.from('\r\n\r\n');
const AUTHENTICATIONS: readonly string[] = ['none', 'Plain', 'CRAMMD5'];

const spec: PluginSpec = {
  type: 'SmtpOutput',
  category: 'output',
  doc: 'Sends encoded messages as mails. An encoder is required.',
  fields: {
    send_from: {
      kind: 'string',
      default: 'heka@localhost.localdomain',
      doc: "The sender's address.",
    },
    send_to: {
      kind: 'strings',
      required: true,
      doc: "The recipients' addresses.",
      example: '["alert@example.com"]',
      check: (value) =>
        Array.isArray(value) && value.length === 0
          ? 'send_to must contain at least one recipient'
          : undefined,
    },
    subject: {
      kind: 'string',
      default: '',
      doc: 'Subject of the mails; empty is "Heka [name of the output]".',
    },
    host: {
      kind: 'string',
      default: '127.0.0.1:25',
      doc: 'host:port of the SMTP server. The connection is encrypted when the server offers STARTTLS.',
      example: '"mail.example.com:587"',
      check: (value) =>
        String(value).includes(':')
          ? (addressFault(value) ??
            (String(value).startsWith(':') ? 'the host is missing' : undefined))
          : 'Host must contain a port specifier',
    },
    auth: {
      kind: 'string',
      default: 'none',
      doc: 'How to log in: none, Plain or CRAMMD5. Plain needs an encrypted connection, or a server on this machine.',
      check: (value) =>
        AUTHENTICATIONS.includes(String(value)) ? undefined : `Invalid auth type: ${String(value)}`,
    },
    user: { kind: 'string', default: '', doc: 'User to log in as.' },
    password: { kind: 'string', default: '', doc: "The user's password." },
    send_interval: {
      kind: 'seconds',
      default: 0,
      doc: 'Least seconds between two mails; what comes meanwhile is sent together. 0 sends a mail for each message.',
    },
  },
  ticker: false,
  lint: (section) =>
    section.string('encoder') === '' ? [{ key: 'encoder', text: 'encoder required' }] : [],
};

export class SmtpOutput implements Output {
  readonly #context: OutputContext;
  readonly #encoder: RecordEncoder;
  readonly #loop: SendLoop;
  readonly #settings: MailSettings;
  readonly #target: string;
  readonly #intervalMs: number;
  #sender: MailSender | undefined;
  /** Runs while no mail may be sent. */
  #pause: Disposable | undefined;
  #sent = 0;
  #dropped = 0;

  constructor(section: Section, context: OutputContext) {
    const auth = section.string('auth');
    this.#context = context;
    this.#encoder = new RecordEncoder(context, 'bare');
    this.#target = section.string('host');
    this.#intervalMs = section.number('send_interval') * 1000;
    this.#settings = {
      address: parseAddress(this.#target),
      from: section.string('send_from'),
      to: section.strings('send_to'),
      subject: section.string('subject') || `Heka [${context.name}]`,
      auth: auth === 'Plain' || auth === 'CRAMMD5' ? auth : 'none',
      user: section.string('user'),
      password: section.string('password'),
    };
    this.#loop = new SendLoop({
      context,
      target: this.#target,
      send: (queue, signal) => this.#send(queue, signal),
      due: () => this.#pause === undefined,
    });
  }

  get counters(): Readonly<Record<string, number>> {
    return {
      sent: this.#sent,
      waiting: this.#loop.queue.length,
      refused: this.#encoder.failed,
      dropped: this.#dropped,
      lost: this.#loop.outage.lost,
    };
  }

  /** Rejects with HKT_PLUGIN_PACKAGE; a server that is away is no error. */
  async start(): Promise<void> {
    this.#sender = await MailSender.open(this.#settings, this.#context.clock);
    this.#loop.start();
  }

  deliver(pack: Pack): Promise<void> | undefined {
    return this.#loop.put(this.#encoder.encode(pack));
  }

  /** Sends what waits, whatever send_interval says. */
  async stop(): Promise<void> {
    await this.#loop.stop();
    this.#pause?.[Symbol.dispose]();
  }

  async #send(queue: OutputQueue, signal: AbortSignal): Promise<void> {
    const sender = this.#sender;
    if (sender === undefined) throw new Error('not started');
    const records = this.#intervalMs === 0 ? queue.peek(0) : queue.peek(MAIL_BYTES);
    const text = Buffer.concat(
      records.flatMap((record, index) => (index === 0 ? [record] : [BETWEEN, record])),
    );
    try {
      const result = await sender.send(text, signal);
      if (result.kind === 'refused') this.#refused(records.length, result.reason);
      else this.#sent++;
      if (result.kind === 'sent' && result.refused.length > 0) {
        this.#refused(0, `recipients ${result.refused.join(', ')}`);
      }
    } catch (thrown) {
      throw new HekateError('HKT_PLUGIN_MAIL', [this.#target, errorText(thrown)], thrown);
    }
    queue.done(records.length);
    if (this.#intervalMs === 0) return;
    this.#pause = this.#context.clock.after(this.#intervalMs, () => {
      this.#pause = undefined;
      this.#loop.wake();
    });
  }

  #refused(count: number, reason: string): void {
    this.#dropped += count;
    const fault = new HekateError('HKT_PLUGIN_MAIL_REFUSED', [this.#target, reason]);
    this.#context.log.error(fault.message);
  }
}

export const smtpOutput: OutputType = {
  spec,
  create: (section: Section, context: OutputContext) => new SmtpOutput(section, context),
};
