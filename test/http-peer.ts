/** An HTTP server in this process for tests of what sends requests: it keeps what it hears. */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface Heard {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Answer = (response: ServerResponse, heard: Heard) => void;

/** A server that keeps what it hears, and answers as it is told. */
export class HttpPeer {
  readonly heard: Heard[] = [];
  connections = 0;
  answer: Answer = (response) => void response.end('thanks');
  readonly server: Server;

  constructor(tls?: { readonly cert: string; readonly key: string }) {
    const listener = (request: IncomingMessage, response: ServerResponse): void => {
      let body = '';
      request.setEncoding('latin1');
      request.on('data', (chunk: string) => {
        body += chunk;
      });
      request.on('end', () => {
        const { method = '', url = '', headers } = request;
        const heard = { method, url, headers, body };
        this.heard.push(heard);
        this.answer(response, heard);
      });
    };
    this.server =
      tls === undefined
        ? createServer(listener)
        : createTlsServer({ cert: readFileSync(tls.cert), key: readFileSync(tls.key) }, listener);
    this.server.on('connection', () => this.connections++);
    this.server.on('tlsClientError', () => {});
  }

  async listen(port = 0): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(port, '127.0.0.1', () => resolve()));
    return this;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port; // a TCP server's
  }

  get bodies(): string[] {
    return this.heard.map(({ body }) => body);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }
}

/** A listening peer that is closed with the test. */
export async function peerFor(t: {
  teardown(close: () => Promise<void>): void;
}): Promise<HttpPeer> {
  const peer = await new HttpPeer().listen();
  t.teardown(() => peer.close());
  return peer;
}
