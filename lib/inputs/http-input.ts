/**
 * HttpInput: asks for one or more URLs at every tick, one after another, and makes records of what they answer
 * (Heka 0.11). Time and size of an answer are bounded. A request that fails is a message of Type heka.httpinput.error.
 */
import { type IncomingMessage, validateHeaderName, validateHeaderValue } from 'node:http';
import type { ConfigValue, PluginSpec, Section } from '../config/spec.ts';
import type { Input, Intake, PluginContext, PluginType, RouteMessage, Source } from '../plugin.ts';
import { errorText, HekateError } from '../protocol/errors.ts';
import { Message } from '../protocol/message.ts';
import {
  basicAuthorization,
  type FetchRequest,
  fetchAddress,
  fetchResponse,
  shownUrl,
} from './http-fetch.ts';
import { WHOLE_RECORD_BYTES, wholeRecordFault } from './whole-record.ts';

const NS_PER_SECOND = 1e9;
/** Characters of an error that go into a message. */
const ERROR_CHARACTERS = 2000;
/** Headers that say how a body is sent. */
const TRANSPORT_HEADERS = /^(?:content-length|transfer-encoding|connection|upgrade|expect)$/i;

const spec: PluginSpec = {
  type: 'HttpInput',
  category: 'input',
  doc: "Asks for URLs at every tick. An answer's body is a record with a NullSplitter; StatusCode, Status, ResponseSize, ResponseTime and Protocol are fields.",
  fields: {
    url: { kind: 'string', default: '', doc: 'The URL; not together with urls.', check: urlFault },
    urls: {
      kind: 'strings',
      default: [],
      doc: 'URLs that are asked for one after another.',
      example: '["http://localhost:9876/", "http://localhost:9877/"]',
      check: (value) => (Array.isArray(value) ? value.map(urlFault).find(Boolean) : undefined),
    },
    method: {
      kind: 'string',
      default: 'GET',
      doc: 'HTTP method.',
      check: (value) =>
        /^[A-Za-z]+$/.test(String(value)) && !/^connect$/i.test(String(value))
          ? undefined
          : 'must be an HTTP method',
    },
    headers: {
      kind: 'table',
      doc: 'Headers of the request. User-Agent is "Heka" unless it is here. A redirect to another server gets none of them.',
      check: headersFault,
    },
    body: { kind: 'string', default: '', doc: 'Body of the request.' },
    username: { kind: 'string', default: '', doc: 'For HTTP basic authentication.' },
    password: { kind: 'string', default: '', doc: 'For HTTP basic authentication.' },
    success_severity: { kind: 'int', default: 6, doc: 'Severity of answers with status 200.' },
    error_severity: {
      kind: 'int',
      default: 1,
      doc: 'Severity of all other answers, and of requests that fail.',
    },
    timeout: {
      kind: 'duration',
      default: 30_000,
      doc: 'Longest time for a request and its answer. Not in Heka, which waits for ever.',
      example: '"30s"',
      check: (value) => (Number(value) < 1 ? 'must be at least 1ms' : undefined),
    },
    max_body_size: {
      kind: 'bytes',
      default: WHOLE_RECORD_BYTES,
      doc: 'Largest body of an answer; a longer one is a failed request. A sandbox is given no message above 1 MiB. Not in Heka.',
      example: '"256KiB"',
      check: wholeRecordFault,
    },
  },
  commonDefaults: { ticker_interval: 10 },
  lint: (section) => {
    const [one, many] = [section.string('url') !== '', section.strings('urls').length > 0];
    if (!one && !many) return [{ key: 'url', text: 'Url or Urls must contain at least one URL' }];
    if (one && many) return [{ key: 'urls', text: 'cannot be used together with url' }];
    return section.number('ticker_interval') > 0
      ? []
      : [{ key: 'ticker_interval', text: 'must be greater than 0: nothing would be asked for' }];
  },
};

function urlFault(value: ConfigValue): string | undefined {
  if (value === '') return undefined;
  const address = fetchAddress(String(value));
  return typeof address === 'string' ? address : undefined;
}

function headersFault(value: ConfigValue): string | undefined {
  for (const [name, text] of Object.entries(value)) {
    if (typeof text !== 'string') return `'${name}' must be a text`;
    if (TRANSPORT_HEADERS.test(name)) return `'${name}' is set by the input itself`;
    try {
      validateHeaderName(name);
      validateHeaderValue(name, text);
    } catch (thrown) {
      return errorText(thrown);
    }
  }
  return undefined;
}

function requestsOf(section: Section): readonly FetchRequest[] {
  const urls = section.strings('urls');
  const table = Object.entries(section.table('headers'));
  const headers = Object.fromEntries(table.map(([name, value]) => [name, String(value)]));
  const username = section.string('username');
  if (username !== '' && !table.some(([name]) => name.toLowerCase() === 'authorization')) {
    headers['Authorization'] = basicAuthorization(username, section.string('password'));
  }
  const agent = table.find(([name]) => name.toLowerCase() === 'user-agent')?.[1];
  return (urls.length > 0 ? urls : [section.string('url')]).map((text) => ({
    url: new URL(text),
    method: section.string('method').toUpperCase(),
    headers,
    userAgent: agent === undefined || agent === '' ? 'Heka' : String(agent),
    body: section.string('body'),
  }));
}

interface Answer {
  /** Read to its end. */
  readonly response: IncomingMessage;
  /** Until the headers came. */
  readonly seconds: number;
  readonly body: readonly Uint8Array[];
}

export class HttpInput implements Input {
  readonly #section: Section;
  readonly #context: PluginContext;
  readonly #requests: readonly FetchRequest[];
  readonly #stopping = new AbortController();
  #open: ((source: Source) => Intake) | undefined;
  #route: RouteMessage | undefined;
  #timer: Disposable | undefined;
  #round: Promise<void> | undefined;
  #answered = 0;
  #failed = 0;
  #skipped = 0;

  constructor(section: Section, context: PluginContext) {
    this.#section = section;
    this.#context = context;
    this.#requests = requestsOf(section);
  }

  get counters(): Readonly<Record<string, number>> {
    return { answered: this.#answered, failed: this.#failed, skipped: this.#skipped };
  }

  async start(open: (source: Source) => Intake, route: RouteMessage): Promise<void> {
    this.#open = open;
    this.#route = route;
    this.#tick();
  }

  async stop(): Promise<void> {
    this.#timer?.[Symbol.dispose]();
    this.#stopping.abort();
    await this.#round;
  }

  #tick(): void {
    this.#timer = this.#context.clock.after(this.#section.number('ticker_interval') * 1000, () => {
      this.#tick();
      // Slow servers, or a full pipeline: the next round begins at a tick after this one's end.
      if (this.#round !== undefined) this.#skipped++;
      this.#round ??= this.#ask().finally(() => {
        this.#round = undefined;
      });
    });
  }

  async #ask(): Promise<void> {
    for (const request of this.#requests) {
      if (this.#stopping.signal.aborted) return;
      await this.#fetch(request);
    }
  }

  /** Never rejects. */
  async #fetch(request: FetchRequest): Promise<void> {
    try {
      await this.#deliver(request, await this.#answer(request));
      this.#answered++;
    } catch (thrown) {
      if (!this.#stopping.signal.aborted) await this.#fail(request, thrown);
    }
  }

  async #answer(request: FetchRequest): Promise<Answer> {
    const { clock } = this.#context;
    const timeoutMs = this.#section.number('timeout');
    const limit = new AbortController();
    using _timer = clock.after(timeoutMs, () =>
      limit.abort(new Error(`timed out (${timeoutMs}ms)`)),
    );
    try {
      const startNs = clock.nowNs();
      const signal = AbortSignal.any([limit.signal, this.#stopping.signal]);
      const response = await fetchResponse(request, signal);
      const seconds = Number(clock.nowNs() - startNs) / NS_PER_SECOND;
      return { response, seconds, body: await this.#read(response) };
    } catch (thrown) {
      throw limit.signal.aborted ? limit.signal.reason : thrown;
    }
  }

  /** The whole body, before any of it is handed over: an answer counts as a whole or not at all. */
  async #read(response: IncomingMessage): Promise<readonly Uint8Array[]> {
    const limitBytes = this.#section.number('max_body_size');
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of response) {
      if (!(chunk instanceof Uint8Array)) continue; // no encoding was set: all chunks are bytes
      length += chunk.length;
      // Leaving the loop destroys the response.
      if (length > limitBytes) throw new HekateError('HKT_PLUGIN_BODY', [limitBytes]);
      chunks.push(chunk);
    }
    return chunks;
  }

  async #deliver(request: FetchRequest, { response, seconds, body }: Answer): Promise<void> {
    const { hostname, name } = this.#context;
    const status = response.statusCode ?? 0;
    const severity = this.#section.number(status === 200 ? 'success_severity' : 'error_severity');
    const size = Number(response.headers['content-length']);
    const fields = [
      { name: 'StatusCode', value: status, integer: true },
      { name: 'Status', value: `${status} ${response.statusMessage ?? ''}` },
      {
        name: 'ResponseSize',
        value: Number.isSafeInteger(size) ? size : 0,
        representation: 'B',
        integer: true,
      },
      { name: 'ResponseTime', value: seconds, representation: 's' },
      { name: 'Protocol', value: `HTTP/${response.httpVersion}` },
    ];
    const logger = shownUrl(request.url);
    const intake = this.#open?.({
      origin: { description: `${name} ${logger}`, loopback: false },
      marks: () => ({ type: 'heka.httpinput.data', hostname, severity, logger, fields }),
      wholeBytes: this.#section.number('max_body_size'),
      sharesDecoder: true,
    });
    for (const chunk of body) await intake?.push(chunk);
    await intake?.end();
  }

  /** As it is: a decoder is for what servers answer. */
  async #fail({ method, url }: FetchRequest, thrown: unknown): Promise<void> {
    this.#failed++;
    const { clock, hostname, log } = this.#context;
    const logger = shownUrl(url);
    const text = errorText(thrown).slice(0, ERROR_CHARACTERS);
    const error = new HekateError('HKT_PLUGIN_FETCH', [method, logger, text], thrown);
    try {
      const message = Message.create({
        timestampNs: clock.nowNs(),
        type: 'heka.httpinput.error',
        logger,
        hostname,
        severity: this.#section.number('error_severity'),
        payload: error.message,
      });
      await this.#route?.(message, false);
    } catch (fault) {
      log.error(`${error.message} (${errorText(fault)})`);
    }
  }
}

export const httpInput: PluginType<Input> = {
  spec,
  create: (section: Section, context: PluginContext) => new HttpInput(section, context),
};
