/**
 * A process with a disk queue that is killed with SIGKILL again and again: the peer gets every message that was flushed,
 * in order, and a message comes again only behind the place from which a new life goes on.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { RecordFinder } from '../../lib/protocol/framing.ts';
import { Message } from '../../lib/protocol/message.ts';
import { type SeededRandom, seededRandom } from '../seeded-random.ts';

const SENDER = fileURLToPath(new URL('./queue-sender.ts', import.meta.url));
const LIVES = 7;

/** What the peer took from one life of the process, in order. */
type Epoch = string[];

interface Peer {
  readonly port: number;
  readonly epochs: Epoch[];
  /** The next life begins; resolves when all that the last one sent was read. */
  next(): Promise<void>;
  close(): void;
}

/** "<life>:<number>" of a framed message. */
function nameOf(bytes: Uint8Array): string {
  return Message.decode(bytes).payload.split(':', 2).join(':');
}

/** Answers 200 to most requests, which acknowledges them; to the others 503, or nothing but the end of the connection. */
async function httpPeer(random: SeededRandom): Promise<Peer> {
  const epochs: Epoch[] = [];
  const server = createHttpServer((request, response) => {
    const finder = new RecordFinder(8192);
    request.on('error', () => undefined); // killed within a request
    request.on('data', (chunk: Buffer) => finder.append(chunk));
    request.on('end', () => {
      const luck = random.below(1000);
      if (luck === 0) response.writeHead(503).end('busy');
      else if (luck === 1) request.socket.destroy();
      else if (finder.next()) {
        epochs.at(-1)?.push(nameOf(finder.message()));
        response.end('ok');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port, // a TCP server's
    epochs,
    next: async () => {
      server.closeAllConnections();
      epochs.push([]);
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function tcpPeer(): Promise<Peer> {
  const epochs: Epoch[] = [];
  const open = new Set<Promise<unknown>>();
  const server = createServer((socket) => {
    const finder = new RecordFinder(8192);
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      finder.append(chunk);
      while (finder.next()) epochs.at(-1)?.push(nameOf(finder.message()));
    });
    const closed = once(socket, 'close').finally(() => open.delete(closed));
    open.add(closed);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port, // a TCP server's
    epochs,
    next: async () => {
      await Promise.all(open);
      epochs.push([]);
    },
    close: () => server.close(),
  };
}

interface Life {
  readonly child: ChildProcess;
  readonly over: Promise<number | null>;
  /** The highest number that is known to be flushed. */
  readonly flushed: () => number;
  readonly errors: () => string;
}

function live(kind: string, peer: Peer, base: string, life: string, random: SeededRandom): Life {
  const args = [SENDER, kind, String(peer.port), base, life, String(random.below(1e9))];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let flushed = 0;
  let text = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) if (line !== 'started') flushed = Number(line);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const over = once(child, 'close').then(([code]) => (typeof code === 'number' ? code : null));
  return { child, over, flushed: () => flushed, errors: () => errors };
}

/** Resolves after `count` pieces of output, or when the process is over. */
async function outputs({ child, over }: Life, count: number): Promise<void> {
  const { stdout } = child;
  if (stdout === null) return;
  for (let i = 0; i < count; i++) {
    const ended = await Promise.race([
      once(stdout, 'data').then(() => false),
      over.then(() => true),
    ]);
    if (ended) return;
  }
}

/** The messages of all lives in the order in which they were made, as far as they were seen. */
function expected(epochs: readonly Epoch[]): string[] {
  const highest = new Map<number, number>();
  for (const name of epochs.flat()) {
    const [life = 0, number = 0] = name.split(':').map(Number);
    highest.set(life, Math.max(highest.get(life) ?? -1, number));
  }
  return [...highest]
    .sort(([a], [b]) => a - b)
    .flatMap(([life, last]) => Array.from({ length: last + 1 }, (_, i) => `${life}:${i}`));
}

for (const kind of ['http', 'tcp']) {
  t.test(
    `${kind}: what was flushed arrives, in order, whenever the process is killed`,
    async (t) => {
      const random = seededRandom();
      t.comment(`HEKATE_TEST_SEED=${random.seed}`);
      const base = t.testdir();
      const peer = kind === 'http' ? await httpPeer(random) : await tcpPeer();
      t.teardown(() => peer.close());
      const flushed: number[] = [];
      for (let i = 0; i < LIVES; i++) {
        await peer.next();
        const life = live(kind, peer, base, String(i), random);
        t.teardown(() => life.child.kill('SIGKILL'));
        await outputs(life, 1 + random.below(60));
        life.child.kill('SIGKILL');
        t.equal(await life.over, null, 'it was killed, and did not end by itself');
        t.notMatch(life.errors(), /queue_lost|lost at shutdown|in use/);
        flushed.push(life.flushed());
      }
      await peer.next();
      const last = live(kind, peer, base, 'drain', random);
      t.teardown(() => last.child.kill('SIGKILL'));
      t.equal(await last.over, 0, last.errors());

      const order = expected(peer.epochs);
      const place = new Map(order.map((name, index) => [name, index]));
      const seen = new Set(peer.epochs.flat());
      t.same(
        order.filter((name) => !seen.has(name)),
        [],
        'none is missing before the last one that arrived',
      );
      for (const [life, count] of flushed.entries()) {
        const arrived = [...seen].filter((name) => name.startsWith(`${life}:`)).length;
        t.ok(arrived >= count, `life ${life}: ${count} flushed, ${arrived} arrived`);
      }
      const jumps = peer.epochs.flatMap((epoch) =>
        epoch.filter(
          (name, i) => i > 0 && place.get(name) !== (place.get(epoch[i - 1] ?? '') ?? 0) + 1,
        ),
      );
      t.same(jumps, [], 'within a life of the process each message follows the one before it');
      const again = peer.epochs.flat().length - seen.size;
      t.comment(`${seen.size} messages, ${again} of them twice`);
      t.ok(seen.size > 100, 'enough of them were sent to mean something');

      const folder = join(base, 'output_queue/out');
      const left = readdirSync(folder).sort();
      t.same(
        left.filter((name) => !/^(?:checkpoint\.txt|\d+\.log)$/.test(name)),
        [],
        'no lock and no temporary file stays',
      );
      t.ok(left.filter((name) => name.endsWith('.log')).length <= 1, 'delivered files are gone');
      t.match(readFileSync(join(folder, 'checkpoint.txt'), 'latin1'), /^\d+ \d+$/);
    },
  );
}
