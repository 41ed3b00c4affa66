/**
 * HttpOutput: each encoded message is one request, and the next one starts when the server has answered. A record is done
 * when the server took it; what the server can never take is dropped and counted, all else is tried again for ever.
 */
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { isTable } from '../config/field-value.ts';
import type { ConfigValue, PluginSpec, Section } from '../config/spec.ts';
import { clientTlsFaults, clientTlsField, clientTlsOptions } from '../inputs/tls-options.ts';
import type { Output } from '../plugin.ts';
import { HekateError } from '../protocol/errors.ts';
import type { Pack } from '../protocol/pack.ts';
import { LossLog } from '../splitters/loss-log.ts';
import { bufferingFields } from './buffering-fields.ts';
import {
  bodyExcerpt,
  type HttpAnswer,
  HttpClient,
  requestFault,
  shownUrl,
  urlCredentials,
  urlHost,
} from './http-client.ts';
import { type OutputContext, type OutputType, RecordEncoder } from './output-context.ts';
import type { OutputQueue } from './output-queue.ts';
import { SendLoop } from './send-loop.ts';

const METHODS: readonly string[] = ['POST', 'GET', 'PUT'];
/** Of an answer, enough for the log. */
const ANSWER_BYTES = 16 * 1024;
/** Headers that the request itself decides on. */
const OWN_HEADERS = /^(?:content-length|transfer-encoding|connection|trailer|upgrade|expect)$/i;

/**
 * Answers that say that this record will never be taken. All other errors speak of the server or of the settings, and
 * may be over by the next attempt.
 */
const RECORD_REFUSED: ReadonlySet<number> = new Set([400, 406, 409, 411, 413, 414, 415, 422, 431]);

export function refusesRecord(status: number): boolean {
  return RECORD_REFUSED.has(status);
}

/** What is wrong with the address of a server, or undefined. */
export function httpUrlFault(value: ConfigValue, key: string): string | undefined {
  if (!URL.canParse(String(value))) return "Can't parse URL";
  const { protocol } = new URL(String(value));
  return protocol === 'http:' || protocol === 'https:'
    ? undefined
    : `\`${key}\` must contain an absolute http or https URL.`;
}

function headersFault(table: ConfigValue): string | undefined {
  for (const [name, values] of isTable(table) ? Object.entries(table) : []) {
    if (!Array.isArray(values) || values.some((value) => typeof value !== 'string')) {
      return `header ${name} must be a list of texts`;
    }
    if (OWN_HEADERS.test(name)) return `header ${name} is set by the request itself`;
    try {
      validateHeaderName(name);
      for (const value of values) validateHeaderValue(name, String(value));
    } catch {
      return `header ${name} has a character that no header has`;
    }
  }
  return undefined;
}

const spec: PluginSpec = {
  type: 'HttpOutput',
  category: 'output',
  doc: 'Sends each encoded message in an HTTP request of its own. An encoder is required.',
  fields: {
    address: {
      kind: 'string',
      required: true,
      doc: 'URL to send to, http or https.',
      example: '"https://collector.example.com/events"',
      check: (value) => httpUrlFault(value, 'address'),
    },
    method: {
      kind: 'string',
      default: 'POST',
      doc: 'POST, PUT or GET. A GET request carries nothing of the message.',
      check: (value) =>
        METHODS.includes(String(value).toUpperCase())
          ? undefined
          : 'HTTP Method must be POST, GET, or PUT.',
    },
    headers: {
      kind: 'table',
      doc: 'Headers of every request, each a list of texts.',
      example: '{ "Content-Type" = ["application/json"] }',
      check: headersFault,
    },
    username: { kind: 'string', default: '', doc: 'User of HTTP Basic authentication.' },
    password: { kind: 'string', default: '', doc: 'Password of HTTP Basic authentication.' },
    http_timeout: {
      kind: 'uint',
      default: 0,
      doc: 'Milliseconds for a request and its answer; 0 is five minutes. The record is sent again then.',
    },
    tls: clientTlsField,
    ...bufferingFields(false),
  },
  ticker: false,
  lint: (section) => [
    ...(section.string('encoder') === ''
      ? [{ key: 'encoder', text: 'Encoder must be specified.' }]
      : []),
    ...(section.string('address').startsWith('https:')
      ? clientTlsFaults(section.section('tls'))
      : []),
  ],
};

export class HttpOutput implements Output {
  readonly #section: Section;
  readonly #context: OutputContext;
  readonly #encoder: RecordEncoder;
  readonly #losses: LossLog;
  readonly #loop: SendLoop;
  readonly #url: URL;
  readonly #target: string;
  readonly #method: string;
  #client: HttpClient | undefined;
  #sent = 0;
  #dropped = 0;

  constructor(section: Section, context: OutputContext) {
    this.#section = section;
    this.#context = context;
    this.#encoder = new RecordEncoder(context, 'bare');
    this.#losses = new LossLog(context);
    this.#url = new URL(section.string('address'));
    this.#target = shownUrl(this.#url);
    this.#method = section.string('method').toUpperCase();
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
      dropped: this.#dropped,
      lost: this.#loop.outage.lost,
    };
  }

  /** Rejects with HKT_TLS_* when the certificates cannot be used; a server that is away is no error. */
  async start(): Promise<void> {
    const section = this.#section;
    const user = section.string('username');
    const password = section.string('password');
    this.#client = new HttpClient({
      url: this.#url,
      clock: this.#context.clock,
      timeoutMs: section.number('http_timeout'),
      connectMs: 0,
      keepAlive: true,
      headers: requestHeaders(section),
      credentials: user === '' && password === '' ? urlCredentials(this.#url) : { user, password },
      tls:
        this.#url.protocol === 'https:'
          ? await clientTlsOptions(section.section('tls'), urlHost(this.#url))
          : {},
    });
    this.#loop.start();
  }

  deliver(pack: Pack): Promise<void> | undefined {
    return this.#loop.put(this.#encoder.encode(pack));
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
    this.#client?.close();
  }

  async #send(queue: OutputQueue, signal: AbortSignal): Promise<void> {
    const [record] = queue.peek(0);
    if (record === undefined) return;
    const answer = await this.#request(record, signal);
    if (answer.status >= 300) {
      const values = [answer.statusText, bodyExcerpt(answer.body), this.#target];
      if (!refusesRecord(answer.status)) throw new HekateError('HKT_PLUGIN_HTTP_STATUS', values);
      this.#dropped++;
      this.#losses.report('HKT_PLUGIN_HTTP_REFUSED', values);
    } else this.#sent++;
    queue.done(1);
  }

  async #request(record: Uint8Array, signal: AbortSignal): Promise<HttpAnswer> {
    try {
      const body = this.#method === 'GET' ? undefined : record;
      if (this.#client === undefined) throw new Error('not started');
      return await this.#client.send(this.#method, body, ANSWER_BYTES, signal);
    } catch (thrown) {
      throw new HekateError('HKT_PLUGIN_HTTP', [this.#target, requestFault(thrown)], thrown);
    }
  }
}

function requestHeaders(section: Section): Readonly<Record<string, readonly string[]>> {
  const headers: Record<string, readonly string[]> = {};
  for (const [name, values] of Object.entries(section.table('headers'))) {
    // Their form was checked with the section.
    headers[name] = Array.isArray(values) ? values.map(String) : [];
  }
  return headers;
}

export const httpOutput: OutputType = {
  spec,
  create: (section: Section, context: OutputContext) => new HttpOutput(section, context),
};
