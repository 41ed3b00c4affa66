/**
 * ElasticSearchOutput: gathers documents and sends them through Elasticsearch's bulk interface. Documents that the server
 * could not take for now are sent again, those that it refuses are dropped and counted; a request that is refused as a
 * whole is halved until the record to blame stands alone.
 *
 *   deliver ─▶ queue ─▶ (flush rule) ─▶ batch ─▶ _bulk ─┬─▶ indexed, refused: done
 *                                         ▲              └─▶ busy: again, with back-off
 *                                         └──────────────────────┘
 */
import type { PluginSpec, Section } from '../config/spec.ts';
import { clientTlsFaults, clientTlsField, clientTlsOptions } from '../inputs/tls-options.ts';
import type { Output } from '../plugin.ts';
import { HekateError } from '../protocol/errors.ts';
import type { Pack } from '../protocol/pack.ts';
import { DEFAULT_RETRIES } from '../retry-policy.ts';
import { LossLog } from '../splitters/loss-log.ts';
import { bufferingFields } from './buffering-fields.ts';
import { sendBulk } from './bulk-request.ts';
import { FlushRule } from './flush-rule.ts';
import { HttpClient, shownUrl, urlCredentials, urlHost } from './http-client.ts';
import { httpUrlFault } from './http-output.ts';
import { type OutputContext, type OutputType, RecordEncoder } from './output-context.ts';
import type { OutputQueue } from './output-queue.ts';
import { SendLoop } from './send-loop.ts';

/** Bytes of one request, whatever flush_count says. */
const BATCH_BYTES = 8 * 1024 * 1024;
/** Upstream's waits between attempts. */
const RETRIES = { ...DEFAULT_RETRIES, maxDelayMs: 5_000 };

const spec: PluginSpec = {
  type: 'ElasticSearchOutput',
  category: 'output',
  doc: "Indexes encoded messages through Elasticsearch's bulk interface. Needs an encoder that writes the interface's lines, such as ESJsonEncoder.",
  fields: {
    flush_interval: {
      kind: 'uint',
      default: 1000,
      doc: 'Longest time in milliseconds that a document waits for others; 0 waits for flush_count, or the end.',
    },
    flush_count: {
      kind: 'uint',
      default: 10,
      doc: 'Documents to gather before they are sent, and the most of one request.',
      check: (value) => (Number(value) < 1 ? 'must be at least 1' : undefined),
    },
    server: {
      kind: 'string',
      default: 'http://localhost:9200',
      doc: 'URL of the server, http or https.',
      example: '"https://es.example.com:9200"',
      check: (value) =>
        String(value).toLowerCase().startsWith('udp:')
          ? 'Elasticsearch has no bulk interface over UDP since version 2; use http'
          : httpUrlFault(value, 'server'),
    },
    connect_timeout: {
      kind: 'uint',
      default: 0,
      doc: 'Milliseconds for finding and reaching the server; 0 is 30 seconds.',
    },
    http_timeout: {
      kind: 'uint',
      default: 0,
      doc: 'Milliseconds for a request and its answer; 0 is five minutes. The documents are sent again then.',
    },
    http_disable_keepalives: {
      kind: 'bool',
      default: false,
      doc: 'Use a new connection for every request.',
    },
    username: { kind: 'string', default: '', doc: 'User of HTTP Basic authentication.' },
    password: { kind: 'string', default: '', doc: 'Password of HTTP Basic authentication.' },
    tls: clientTlsField,
    ...bufferingFields(true),
  },
  ticker: false,
  lint: (section) => [
    ...(section.string('encoder') === ''
      ? [{ key: 'encoder', text: 'Encoder must be specified.' }]
      : []),
    ...(section.string('server').startsWith('https:')
      ? clientTlsFaults(section.section('tls'))
      : []),
  ],
};

export class ElasticSearchOutput implements Output {
  readonly #section: Section;
  readonly #context: OutputContext;
  readonly #encoder: RecordEncoder;
  readonly #losses: LossLog;
  readonly #loop: SendLoop;
  readonly #flush: FlushRule;
  readonly #flushCount: number;
  readonly #url: URL;
  #client: HttpClient | undefined;
  #due = false;
  /** Records of the batch, which stay in the queue until all of them are settled, and those that are not. */
  #batch = 0;
  #pending: readonly Uint8Array[] = [];
  /** Most records of the next request. */
  #most: number;
  #indexed = 0;
  #dropped = 0;

  constructor(section: Section, context: OutputContext) {
    this.#section = section;
    this.#context = context;
    this.#encoder = new RecordEncoder(context, 'bare');
    this.#losses = new LossLog(context);
    this.#url = bulkUrl(section.string('server'));
    this.#flushCount = section.number('flush_count');
    this.#most = this.#flushCount;
    this.#flush = new FlushRule(
      { count: this.#flushCount, intervalMs: section.number('flush_interval'), operator: 'OR' },
      context.clock,
      () => this.#flushDue(),
    );
    this.#loop = new SendLoop({
      context,
      target: shownUrl(this.#url),
      send: (queue, signal) => this.#send(queue, signal),
      due: () => this.#due || this.#pending.length > 0,
      retries: RETRIES,
    });
  }

  get counters(): Readonly<Record<string, number>> {
    return {
      indexed: this.#indexed,
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
      connectMs: section.number('connect_timeout'),
      keepAlive: !section.bool('http_disable_keepalives'),
      headers: { accept: 'application/json', 'content-type': 'application/x-ndjson' },
      credentials: user === '' || password === '' ? urlCredentials(this.#url) : { user, password },
      tls:
        this.#url.protocol === 'https:'
          ? await clientTlsOptions(section.section('tls'), urlHost(this.#url))
          : {},
    });
    this.#flush.restart();
    this.#loop.start();
  }

  deliver(pack: Pack): Promise<void> | undefined {
    const record = this.#encoder.encode(pack);
    const room = this.#loop.put(record);
    if (record !== undefined) this.#flush.add();
    // The bound wins over the rule: a full queue is sent whatever flush_count says.
    if (room !== undefined) this.#flushDue();
    return room;
  }

  async stop(): Promise<void> {
    this.#flush.stop();
    await this.#loop.stop();
    this.#client?.close();
  }

  #flushDue(): void {
    this.#due = true;
    this.#loop.wake();
  }

  async #send(queue: OutputQueue, signal: AbortSignal): Promise<void> {
    if (this.#client === undefined) throw new Error('not started');
    if (this.#pending.length === 0) {
      this.#pending = queue.peek(BATCH_BYTES, this.#flushCount);
      this.#batch = this.#pending.length;
    }
    const records = this.#pending.slice(0, this.#most);
    const rest = this.#pending.slice(records.length);
    const result = await sendBulk(this.#client, records, signal);
    let again: readonly Uint8Array[] = [];
    if (result.kind === 'answered') {
      again = result.again;
      this.#indexed += result.documents - result.refused - again.length;
      if (result.refused > 0) this.#drop(result.refused, result.documents, result.reason);
      this.#most = Math.min(this.#most * 2, this.#flushCount);
    } else if (records.length > 1) {
      this.#most = Math.ceil(records.length / 2);
      return;
    } else this.#drop(1, 1, result.reason);
    this.#pending = [...again, ...rest];
    if (again.length > 0) throw new HekateError('HKT_PLUGIN_BULK', [result.reason]);
    if (this.#pending.length === 0) this.#finish(queue);
  }

  #drop(count: number, of: number, reason: string): void {
    this.#dropped += count;
    this.#losses.report('HKT_PLUGIN_BULK_REFUSED', [count, of, reason]);
  }

  /** The batch is settled. What came meanwhile waits for the rule again, unless it fills a batch. */
  #finish(queue: OutputQueue): void {
    queue.done(this.#batch);
    this.#batch = 0;
    this.#due = queue.length >= this.#flushCount;
    this.#flush.restart(queue.length);
  }
}

/** Where the bulk interface of a server is; its path may be that of a proxy. */
function bulkUrl(server: string): URL {
  const url = new URL(server);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/_bulk`;
  url.search = '';
  return url;
}

export const elasticSearchOutput: OutputType = {
  spec,
  create: (section: Section, context: OutputContext) => new ElasticSearchOutput(section, context),
};
