/**
 * Hands mails to an SMTP server, on one connection each, which is ours to end. It is encrypted when the server offers it,
 * and its certificate is verified then; a password in the clear goes to this machine only.
 */
import { connect, type Socket } from 'node:net';
import { callbackify } from 'node:util';
import { isLoopback, type NetworkAddress } from '../network-address.ts';
import type { Clock } from '../plugin.ts';
import { errorText, HekateError } from '../protocol/errors.ts';
import { withDeadline } from './deadline.ts';
import { openSocket } from './tcp-socket.ts';

const GREETING_MS = 30_000;
/** Without a word from the server, and in all. */
const SILENCE_MS = 60_000;
const MAIL_MS = 300_000;

export interface MailSettings {
  readonly address: NetworkAddress;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly auth: 'none' | 'Plain' | 'CRAMMD5';
  readonly user: string;
  readonly password: string;
}

export type MailResult =
  | { readonly kind: 'sent'; readonly refused: readonly string[] }
  /** The server will never take this mail. */
  | { readonly kind: 'refused'; readonly reason: string };

type Nodemailer = typeof import('nodemailer');

export class MailSender {
  readonly #settings: MailSettings;
  readonly #clock: Clock;
  readonly #nodemailer: Nodemailer;

  private constructor(settings: MailSettings, clock: Clock, nodemailer: Nodemailer) {
    this.#settings = settings;
    this.#clock = clock;
    this.#nodemailer = nodemailer;
  }

  /** Rejects with HKT_PLUGIN_PACKAGE when there is no nodemailer. */
  static async open(settings: MailSettings, clock: Clock): Promise<MailSender> {
    return new MailSender(settings, clock, await loadNodemailer());
  }

  /** Rejects with the reason when the mail can be sent again later, also when `signal` is aborted. */
  async send(text: Uint8Array, signal: AbortSignal): Promise<MailResult> {
    const deadline = { ms: MAIL_MS, what: 'not taken', clock: this.#clock, stop: signal };
    try {
      return await withDeadline(deadline, (limit) => this.#send(text, limit));
    } catch (thrown) {
      const reason = refusal(thrown);
      if (reason === undefined) throw thrown;
      return { kind: 'refused', reason };
    }
  }

  async #send(text: Uint8Array, signal: AbortSignal): Promise<MailResult> {
    const { from, to, subject } = this.#settings;
    const transport = this.#nodemailer.createTransport({
      ...this.#options(),
      getSocket: callbackify(async (_options: unknown) => ({
        connection: await this.#connect(signal),
      })),
    });
    const { rejected } = await transport.sendMail({
      from,
      envelope: { from, to: [...to] },
      subject,
      // Its bytes as they are: base64 keeps them, and has no long lines.
      text: Buffer.from(text),
      textEncoding: 'base64',
      encoding: 'base64',
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    return { kind: 'sent', refused: rejected.map(String) };
  }

  /** A connection that ends when `signal` is aborted, whatever is being said on it. */
  async #connect(signal: AbortSignal): Promise<Socket> {
    const { host, port } = this.#settings.address;
    const socket = await openSocket(() => connect({ host, port }), false, this.#clock, signal);
    const abort = (): void => void socket.destroy(new Error('shutting down'));
    signal.addEventListener('abort', abort, { once: true });
    socket.once('close', () => signal.removeEventListener('abort', abort));
    return socket;
  }

  #options() {
    const { address, auth, user, password } = this.#settings;
    const common = {
      ...address,
      secure: false,
      greetingTimeout: GREETING_MS,
      socketTimeout: SILENCE_MS,
    };
    if (auth === 'none') return common;
    return {
      ...common,
      auth: { user, pass: password },
      authMethod: auth === 'Plain' ? 'PLAIN' : 'CRAM-MD5',
      requireTLS: auth === 'Plain' && !isOwnMachine(address.host),
    };
  }
}

/** Why the server refused a mail for good; undefined for what may be over by the next attempt, or speaks of the login. */
function refusal(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !('responseCode' in thrown)) return undefined;
  if ('code' in thrown && thrown.code === 'EAUTH') return undefined;
  return Number(thrown.responseCode) >= 500 ? errorText(thrown) : undefined;
}

/** As upstream: names of this machine, and its own addresses. */
function isOwnMachine(host: string): boolean {
  return host === 'localhost' || isLoopback(host);
}

/** Only who sends mails pays for reading the package. */
async function loadNodemailer(): Promise<Nodemailer> {
  try {
    return await import('nodemailer');
  } catch (thrown) {
    throw new HekateError(
      'HKT_PLUGIN_PACKAGE',
      ['SmtpOutput', 'nodemailer', errorText(thrown)],
      thrown,
    );
  }
}
