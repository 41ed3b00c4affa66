/**
 * HTTP requests to one address, one at a time, with bounds on time and on what is kept of an answer. Redirects are not
 * followed. The address that appears in the log has neither credentials nor a query.
 */
import {
  type Agent,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { ConnectionOptions } from 'node:tls';
import type { Clock } from '../plugin.ts';
import { errorText } from '../protocol/errors.ts';
import { withDeadline } from './deadline.ts';

/** In force where a configuration says 0, which upstream takes for "no timeout": a dead peer would hold everything. */
export const LONGEST_REQUEST_MS = 300_000;
export const LONGEST_CONNECT_MS = 30_000;

export interface HttpClientOptions {
  readonly url: URL;
  readonly clock: Clock;
  /** Milliseconds for a whole request; 0 is LONGEST_REQUEST_MS. */
  readonly timeoutMs: number;
  /** Milliseconds for finding and reaching the server; 0 is LONGEST_CONNECT_MS. */
  readonly connectMs: number;
  readonly keepAlive: boolean;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** Basic authentication. */
  readonly credentials: { readonly user: string; readonly password: string } | undefined;
  /** For https. */
  readonly tls: ConnectionOptions;
}

export interface HttpAnswer {
  readonly status: number;
  /** Such as "404 Not Found". */
  readonly statusText: string;
  /** At most as much as was asked for. */
  readonly body: Buffer;
  /** True when the answer was longer. */
  readonly cut: boolean;
}

/** The address as the log may show it. */
export function shownUrl(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

/** The name and password of a URL. */
export function urlCredentials(url: URL): HttpClientOptions['credentials'] {
  if (url.username === '' && url.password === '') return undefined;
  return { user: decoded(url.username), password: decoded(url.password) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a percent sign that stands for itself
  }
}

/** The host to connect to, without the brackets of an IPv6 address. */
export function urlHost(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}

export class HttpClient {
  readonly #options: HttpClientOptions;
  readonly #agent: Agent;
  readonly #path: string;

  constructor(options: HttpClientOptions) {
    const { url, keepAlive, tls } = options;
    this.#options = options;
    this.#path = `${url.pathname}${url.search}`;
    this.#agent =
      url.protocol === 'https:'
        ? new HttpsAgent({ keepAlive, maxSockets: 1, ...tls })
        : new HttpAgent({ keepAlive, maxSockets: 1 });
  }

  /**
   * Sends a request and reads the answer, of which at most `keepBytes` are kept. Rejects with the reason when there is
   * no answer within the time, or when `signal` is aborted.
   */
  async send(
    method: string,
    body: Uint8Array | undefined,
    keepBytes: number,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    const { clock, timeoutMs } = this.#options;
    const ms = timeoutMs || LONGEST_REQUEST_MS;
    return await withDeadline({ ms, what: 'no answer', clock, stop: signal }, (limit) =>
      this.#attempt(method, body, keepBytes, limit).catch((thrown: unknown) => {
        // The server hung up on a connection that lay idle: nobody has seen the request.
        if (thrown instanceof StaleConnection) return this.#attempt(method, body, keepBytes, limit);
        throw thrown;
      }),
    );
  }

  close(): void {
    this.#agent.destroy();
  }

  #attempt(
    method: string,
    body: Uint8Array | undefined,
    keepBytes: number,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    const { url, headers, credentials, clock, connectMs } = this.#options;
    const https = url.protocol === 'https:';
    return new Promise((resolve, reject) => {
      const request = (https ? httpsRequest : httpRequest)({
        method,
        agent: this.#agent,
        signal,
        host: urlHost(url),
        port: url.port || (https ? 443 : 80),
        path: this.#path,
        headers: {
          host: url.host,
          'user-agent': 'hekate',
          ...headers,
          ...(body === undefined ? {} : { 'content-length': body.length }),
        },
        ...(credentials === undefined
          ? {}
          : { auth: `${credentials.user}:${credentials.password}` }),
      });
      let connecting: Disposable | undefined;
      const connected = (): void => connecting?.[Symbol.dispose]();
      request.once('socket', (socket) => {
        if (!socket.connecting) return;
        const ms = connectMs || LONGEST_CONNECT_MS;
        connecting = clock.after(ms, () =>
          request.destroy(new Error(`no connection within ${ms} ms`)),
        );
        socket.once(https ? 'secureConnect' : 'connect', connected);
        socket.once('close', connected);
      });
      request.on('error', (error) => {
        connected();
        const code = 'code' in error ? error.code : undefined;
        const stale = request.reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE');
        reject(stale ? new StaleConnection(error.message) : error);
      });
      request.once('response', (response) => {
        readAnswer(response, keepBytes).then(resolve, reject);
      });
      request.end(body);
    });
  }
}

class StaleConnection extends Error {}

async function readAnswer(response: IncomingMessage, keepBytes: number): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let length = 0;
  let cut = false;
  for await (const chunk of response) {
    const bytes = Buffer.from(chunk);
    chunks.push(bytes.subarray(0, keepBytes - length));
    length += bytes.length;
    if (length <= keepBytes) continue;
    // Leaving the loop ends the connection: the rest of the answer is not worth reading.
    cut = true;
    break;
  }
  const status = response.statusCode ?? 0;
  const statusText = `${status} ${response.statusMessage ?? ''}`.trim();
  return { status, statusText, body: Buffer.concat(chunks), cut };
}

/** The beginning of an answer for the log: one line, and not long. */
export function bodyExcerpt(body: Uint8Array): string {
  const text = Buffer.from(body).toString('utf8', 0, 600).replace(/\s+/g, ' ').trim();
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/** The text of what `send` rejected with. An AggregateError of a host with several addresses has none of its own. */
export function requestFault(thrown: unknown): string {
  if (thrown instanceof AggregateError && thrown.errors.length > 0) {
    return thrown.errors.map(errorText).join(', ');
  }
  return errorText(thrown);
}
