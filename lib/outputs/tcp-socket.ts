/**
 * What outputs do with a TCP connection of their own: open it within a bounded time, and write to it until the system
 * took the bytes or the connection failed.
 */
import type { Socket } from 'node:net';
import type { Clock } from '../plugin.ts';

const CONNECT_MS = 10_000;
const HANG_UP_MS = 5_000;

/** Resolves with the socket that `open` makes once it is connected, and for TLS verified. Rejects with the reason. */
export async function openSocket(
  open: () => Socket,
  tls: boolean,
  clock: Clock,
  signal: AbortSignal,
): Promise<Socket> {
  if (signal.aborted) throw new Error('shutting down');
  const socket = open();
  const timer = clock.after(CONNECT_MS, () =>
    socket.destroy(new Error(`no connection within ${CONNECT_MS} ms`)),
  );
  const abort = (): void => void socket.destroy(new Error('shutting down'));
  signal.addEventListener('abort', abort, { once: true });
  // Errors after this show in the write that they fail, and in 'close'.
  socket.on('error', () => {});
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once(tls ? 'secureConnect' : 'connect', resolve);
      socket.once('error', reject);
      socket.once('close', () => reject(new Error('closed')));
    });
    return socket;
  } catch (thrown) {
    socket.destroy();
    throw thrown;
  } finally {
    signal.removeEventListener('abort', abort);
    timer[Symbol.dispose]();
  }
}

/** Resolves when the system took all bytes, rejects when the connection failed before that; an abort makes it fail. */
export async function write(socket: Socket, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  const abort = (): void => void socket.destroy();
  signal.addEventListener('abort', abort, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** Closes a connection after the system sent everything that was written. */
export async function hangUp(socket: Socket, clock: Clock): Promise<void> {
  if (socket.destroyed) return;
  const closed = Promise.withResolvers<void>();
  socket.once('close', () => closed.resolve());
  socket.once('finish', () => socket.destroySoon());
  socket.end();
  // A peer that never closes its side must not hold us: what was written is in its hands.
  const timer = clock.after(HANG_UP_MS, () => socket.destroy());
  await closed.promise;
  timer[Symbol.dispose]();
}
