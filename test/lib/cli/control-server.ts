/** A daemon's side of the control connection, for tests: a TCP server that reads frames and does as the test says. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { type ControlReply, encodeControlReply } from '../../../lib/protocol/control.ts';
import { type FrameHeader, frame, RecordFinder } from '../../../lib/protocol/framing.ts';
import { Message } from '../../../lib/protocol/message.ts';

export interface Received {
  readonly message: Message;
  readonly header: FrameHeader | undefined;
  readonly socket: Socket;
  reply(reply: Partial<ControlReply>): void;
}

export interface ControlServer {
  readonly port: number;
  readonly received: readonly Received[];
  close(): Promise<void>;
}

export async function controlServer(
  onMessage: (received: Received) => void = () => {},
  tls?: TlsOptions,
): Promise<ControlServer> {
  const received: Received[] = [];
  const sockets = new Set<Socket>();
  const onConnection = (socket: Socket): void => {
    sockets.add(socket);
    const finder = new RecordFinder(1 << 24);
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      finder.append(chunk);
      while (finder.next()) {
        const message = Message.decode(finder.message());
        const entry: Received = {
          message,
          header: finder.header,
          socket,
          reply: (reply) => {
            const full = { request: message.uuid, code: 'ok', action: 'load', name: '', text: '' };
            const answer = encodeControlReply({ ...full, ...reply }, 'Mgr', { hostname: 'h' });
            socket.write(frame(answer.bytes));
          },
        };
        received.push(entry);
        onMessage(entry);
      }
    });
  };
  const server: Server =
    tls === undefined ? createServer(onConnection) : createTlsServer(tls, onConnection);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a listening TCP server has one
  return {
    port,
    received,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
