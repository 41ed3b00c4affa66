/**
 * One HTTP request with its redirects. Credentials, headers of the configuration and the body are sent to the configured
 * origin alone: a redirect that leads elsewhere gets none of them, and one from https to http is not followed.
 */
import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

const MOST_REDIRECTS = 10;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

export interface FetchRequest {
  readonly url: URL;
  readonly method: string;
  /** Names as they were configured. */
  readonly headers: Readonly<Record<string, string>>;
  readonly userAgent: string;
  /** "" sends none. */
  readonly body: string;
}

/** An http or https address, or what is wrong with it. */
export function fetchAddress(text: string): URL | string {
  if (!URL.canParse(text)) return `'${text}' is not a URL`;
  const url = new URL(text);
  return url.protocol === 'http:' || url.protocol === 'https:'
    ? url
    : `'${text}' is not an http or https URL`;
}

/** The address without the credentials in it. */
export function shownUrl(url: URL): string {
  if (url.username === '' && url.password === '') return url.href;
  const shown = new URL(url);
  shown.username = '';
  shown.password = '';
  return shown.href;
}

/** The value of an Authorization header. */
export function basicAuthorization(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** The response behind all redirects; its body is unread. Rejects when there is none, or when `signal` is aborted. */
export async function fetchResponse(
  request: FetchRequest,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  let { url, method, body } = request;
  for (let redirects = 0; ; redirects++) {
    const response = await send({ ...request, url, method, body }, request.url.origin, signal);
    const status = response.statusCode ?? 0;
    const { location } = response.headers;
    if (!REDIRECTS.has(status) || location === undefined) return response;
    response.destroy();
    if (redirects === MOST_REDIRECTS) throw new Error(`stopped after ${MOST_REDIRECTS} redirects`);
    const next = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
    if (next === undefined || !/^https?:$/.test(next.protocol)) {
      throw new Error('redirected to what is no http or https URL');
    }
    if (url.protocol === 'https:' && next.protocol === 'http:') {
      throw new Error('redirected from https to http');
    }
    // As browsers do: only 307 and 308 keep a method that is neither GET nor HEAD.
    if (status < 307 && method !== 'GET' && method !== 'HEAD') {
      method = 'GET';
      body = '';
    }
    if (body !== '' && next.origin !== request.url.origin) {
      throw new Error('redirected to another server, which must not get the request body');
    }
    url = next;
  }
}

function send(
  request: FetchRequest,
  origin: string,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { url, body } = request;
  const options: RequestOptions = {
    method: request.method,
    headers: headersFor(request, url.origin === origin),
    // A connection of its own, closed with the response.
    agent: false,
    signal,
  };
  const start = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const bare = new URL(shownUrl(url));
    const sent = start(bare, options, resolve);
    sent.on('error', reject);
    sent.end(body === '' ? undefined : body);
  });
}

function headersFor({ url, headers, userAgent, body }: FetchRequest, trusted: boolean) {
  const sent: Record<string, string> = { 'User-Agent': userAgent };
  if (!trusted) return sent;
  if (url.username !== '') {
    const [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
    sent['Authorization'] = basicAuthorization(user, password);
  }
  if (body !== '') sent['Content-Length'] = String(Buffer.byteLength(body));
  for (const [name, value] of Object.entries(headers)) {
    if (name.toLowerCase() !== 'user-agent') sent[name] = value;
  }
  return sent;
}
