/**
 * HttpListenInput: a web server whose requests' bodies are its records (Heka 0.11). A request counts as a whole or not at
 * all: its body is gathered first, and the answer comes when everything in it was routed. Connections, requests at a
 * time, header and body sizes, all bodies together, and the time of a request are bounded.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Section } from '../config/spec.ts';
import {
  addressText,
  isLoopback,
  type NetworkAddress,
  parseAddress,
  plainHost,
} from '../network-address.ts';
import type { Input, Intake, PluginContext, PluginType, Source } from '../plugin.ts';
import { errorText, HekateError } from '../protocol/errors.ts';
import { pause } from '../retry-policy.ts';
import { LossLog } from '../splitters/loss-log.ts';
import { httpListenSpec } from './http-listen-spec.ts';
import { MOST_PARAMETERS, requestMarks, requestUrl } from './http-request-marks.ts';
import { clientCertificateFault, serverTlsOptions } from './tls-options.ts';

const HEADER_BYTES = 16 * 1024;
const HEADERS_MS = 10_000;
const HANDSHAKE_MS = 10_000;
/** How long a connection may wait for its client's next request. */
const KEEP_ALIVE_MS = 5_000;
/** How long stopping waits for clients to take their answers. */
const ANSWER_MS = 2_000;
/** How often requests that take too long are looked for. */
const CHECK_MS = 1_000;
/** Bodies at a time, of all requests together. */
const HELD_BYTES = 64 * 1024 * 1024;
/** Clients may send requests without waiting for answers: so many for each connection that may be open. */
const REQUESTS_PER_CONNECTION = 2;

/** Why a request is refused, as an HTTP status. */
class Refusal extends Error {
  readonly status: number;

  constructor(status: number, text: string) {
    super(text);
    this.status = status;
  }
}

/** Compares without telling by its time how much of a secret was right. */
function sameSecret(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}

export class HttpListenInput implements Input {
  readonly #section: Section;
  readonly #context: PluginContext;
  readonly #listen: NetworkAddress;
  readonly #log: LossLog;
  /** Requests that are complete and not yet routed, and answers that are not yet sent. */
  readonly #routing = new Set<Promise<void>>();
  readonly #answering = new Set<Promise<void>>();
  #server: Server | undefined;
  #address: string | undefined;
  #loopback = false;
  #stopping = false;
  /** Requests at this time, and what their bodies hold. */
  #current = 0;
  #heldBytes = 0;
  #accepted = 0;
  #refused = 0;

  constructor(section: Section, context: PluginContext) {
    this.#section = section;
    this.#context = context;
    this.#listen = parseAddress(section.string('address'));
    this.#log = new LossLog(context);
  }

  /** The bound address once it listens, with the real port. */
  get address(): string | undefined {
    return this.#address;
  }

  get counters(): Readonly<Record<string, number>> {
    return { requests: this.#current, accepted: this.#accepted, refused: this.#refused };
  }

  /** Rejects with HKT_PLUGIN_LISTEN or HKT_TLS_*. */
  async start(open: (source: Source) => Intake): Promise<void> {
    const server = await this.#createServer(open);
    const { host, port } = this.#listen;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => {
        const values = [this.#section.string('address'), error.message];
        reject(new HekateError('HKT_PLUGIN_LISTEN', values, error));
      });
      server.listen(host === '' ? { port } : { host, port }, resolve);
    });
    this.#server = server;
    server.on('error', (error) => this.#context.log.error(`HTTP accept failed: ${error.message}`));
    const bound = server.address();
    if (bound !== null && typeof bound === 'object') {
      this.#address = addressText(bound.address, bound.port);
      this.#loopback = isLoopback(bound.address);
    }
  }

  /** Requests that are complete are answered; all others are cut off. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const server = this.#server;
    if (server === undefined) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    await Promise.allSettled(this.#routing);
    await this.#sent();
    server.closeAllConnections();
    await closed;
  }

  /** A client that does not read its answer is not waited for. */
  async #sent(): Promise<void> {
    const sent = new AbortController();
    const waited = pause(ANSWER_MS, this.#context.clock, sent.signal);
    await Promise.race([Promise.all(this.#answering), waited]);
    sent.abort();
  }

  async #createServer(open: (source: Source) => Intake): Promise<Server> {
    const requestTimeout = this.#section.number('request_timeout');
    const options = {
      maxHeaderSize: HEADER_BYTES,
      requestTimeout,
      headersTimeout: Math.min(HEADERS_MS, requestTimeout),
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: Math.min(CHECK_MS, requestTimeout),
    };
    const handle = (request: IncomingMessage, response: ServerResponse): void => {
      void this.#handle(request, response, open);
    };
    let server: Server;
    if (this.#section.bool('use_tls')) {
      const tls = this.#section.section('tls');
      const secure = { ...(await serverTlsOptions(tls)), handshakeTimeout: HANDSHAKE_MS };
      const tlsServer = createTlsServer({ ...options, ...secure }, handle);
      tlsServer.prependListener('secureConnection', (socket) => this.#checkClient(tls, socket));
      tlsServer.on('tlsClientError', (error, socket) => {
        this.#drop(
          'handshake',
          new HekateError('HKT_TLS_HANDSHAKE', [peerOf(socket), error.message.trim()]),
        );
      });
      server = tlsServer;
    } else server = createServer(options, handle);
    server.maxConnections = this.#section.number('max_connections');
    server.on('drop', (dropped) => {
      const peer = plainHost(dropped?.remoteAddress ?? 'unknown');
      this.#drop('drop', new HekateError('HKT_PLUGIN_CONNECTIONS', [peer, server.maxConnections]));
    });
    return server;
  }

  #checkClient(tls: Section, socket: TLSSocket): void {
    const fault = clientCertificateFault(tls, socket);
    if (fault === undefined) return;
    this.#drop('handshake', new HekateError('HKT_TLS_HANDSHAKE', [peerOf(socket), fault]));
    socket.on('error', () => {}); // it is being thrown away
    socket.destroy();
  }

  #drop(kind: string, fault: HekateError): void {
    this.#refused++;
    this.#log.line(kind, fault.message);
  }

  /** Never rejects. */
  async #handle(
    request: IncomingMessage,
    response: ServerResponse,
    open: (source: Source) => Intake,
  ): Promise<void> {
    // A client that goes away takes its connection with it; there is nobody to tell.
    response.on('error', () => {});
    for (const [name, texts] of Object.entries(this.#section.table('headers'))) {
      response.setHeader(name, Array.isArray(texts) ? texts.map(String) : []);
    }
    this.#current++;
    const chunks: Uint8Array[] = [];
    try {
      const url = this.#admit(request);
      await this.#gather(request, chunks);
      const routing = this.#deliver(request, url, chunks, open);
      this.#routing.add(routing);
      try {
        await routing;
        this.#accepted++;
        this.#answer(response, 200, '');
      } finally {
        this.#routing.delete(routing);
      }
    } catch (thrown) {
      this.#fail(request, response, thrown);
    } finally {
      this.#current--;
      for (const chunk of chunks) this.#heldBytes -= chunk.length;
    }
  }

  /** What can be said before the body is read. Throws a Refusal. */
  #admit(request: IncomingMessage): URL {
    const most = REQUESTS_PER_CONNECTION * this.#section.number('max_connections');
    if (this.#stopping || this.#current > most) throw new Refusal(503, 'busy');
    this.#authenticate(request);
    const url = requestUrl(request);
    if (url === undefined) throw new Refusal(400, 'the address cannot be read');
    if (url.searchParams.size > MOST_PARAMETERS) {
      throw new Refusal(400, `more than ${MOST_PARAMETERS} query parameters`);
    }
    if (Number(request.headers['content-length']) > this.#section.number('max_body_size')) {
      throw this.#tooLong();
    }
    return url;
  }

  #authenticate(request: IncomingMessage): void {
    const text = (key: string): string => this.#section.string(key);
    switch (text('auth_type')) {
      case 'Basic': {
        const given = /^basic +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
        const decoded = Buffer.from(given, 'base64').toString();
        if (sameSecret(decoded, `${text('username')}:${text('password')}`)) return;
        throw new Refusal(401, 'Basic Auth Failed');
      }
      case 'API': {
        const given = request.headersDistinct['x-api-key']?.[0] ?? '';
        if (sameSecret(given, text('api_key'))) return;
        throw new Refusal(401, 'API Auth Failed');
      }
      default:
    }
  }

  #tooLong(): Refusal {
    const error = new HekateError('HKT_PLUGIN_BODY', [this.#section.number('max_body_size')]);
    return new Refusal(413, error.message);
  }

  /** Reads the body into `chunks`. Rejects with a Refusal, or when the client goes away. */
  #gather(request: IncomingMessage, chunks: Uint8Array[]): Promise<void> {
    let length = 0;
    return new Promise((resolve, reject) => {
      const take = (chunk: Uint8Array): void => {
        length += chunk.length;
        this.#heldBytes += chunk.length;
        chunks.push(chunk);
        if (length <= this.#section.number('max_body_size') && this.#heldBytes <= HELD_BYTES)
          return;
        request.off('data', take);
        reject(this.#heldBytes > HELD_BYTES ? new Refusal(503, 'busy') : this.#tooLong());
      };
      request.on('data', take);
      request.once('end', resolve);
      request.once('error', reject);
      // After the end this changes nothing any more.
      request.once('close', () => reject(new Error('the client went away')));
    });
  }

  async #deliver(
    request: IncomingMessage,
    url: URL,
    chunks: readonly Uint8Array[],
    open: (source: Source) => Intake,
  ): Promise<void> {
    if (chunks.length === 0) return;
    const marks = requestMarks(
      request,
      url,
      this.#context,
      this.#section.strings('request_headers'),
    );
    const intake = open({
      origin: {
        description: `${this.#context.name} ${peerOf(request.socket)}`,
        loopback: this.#loopback,
      },
      marks: () => marks,
      wholeBytes: this.#section.number('max_body_size'),
      sharesDecoder: true,
    });
    for (const chunk of chunks) await intake.push(chunk);
    await intake.end();
  }

  #fail(request: IncomingMessage, response: ServerResponse, thrown: unknown): void {
    this.#refused++;
    const peer = peerOf(request.socket);
    // What is still to come of the body is read and thrown away, so that the client gets to read the answer.
    request.resume();
    const [status, kind] = thrown instanceof Refusal ? [thrown.status, 'refused'] : [500, 'failed'];
    const text = errorText(thrown);
    this.#log.line(kind, new HekateError('HKT_PLUGIN_REQUEST', [peer, text], thrown).message);
    if (request.destroyed && !request.complete) return;
    if (status === 401 && this.#section.string('auth_type') === 'Basic') {
      response.setHeader('WWW-Authenticate', 'Basic realm="hekate"');
    }
    if (status === 503) response.setHeader('Retry-After', '1');
    this.#answer(response, status, status === 500 ? 'failed\n' : `${text}\n`);
  }

  #answer(response: ServerResponse, status: number, text: string): void {
    if (response.headersSent || response.destroyed) return;
    response.writeHead(status, {
      ...(text === '' ? {} : { 'Content-Type': 'text/plain' }),
      'Content-Length': Buffer.byteLength(text),
    });
    const answering = new Promise<void>((resolve) => {
      response.once('finish', resolve);
      response.once('close', resolve);
    });
    this.#answering.add(answering);
    void answering.then(() => this.#answering.delete(answering));
    response.end(text);
  }
}

function peerOf(socket: Socket): string {
  return addressText(plainHost(socket.remoteAddress ?? 'unknown'), socket.remotePort ?? 0);
}

export const httpListenInput: PluginType<Input> = {
  spec: httpListenSpec,
  create: (section: Section, context: PluginContext) => new HttpListenInput(section, context),
};
