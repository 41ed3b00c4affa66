/** Sockets as a shard has them, with the helper thread behind them. Both ends are sockets of services. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import t, { type Test } from 'tap';
import { ControlWord } from '../../../lib/protocol/control-word.ts';
import { GuestPaths } from '../../../workers/guest-paths.ts';
import type { ServiceValue } from '../../../workers/isolate/modules/native-module.ts';
import { Patience } from '../../../workers/services/patience.ts';
import { socketService } from '../../../workers/services/socket-service.ts';
import { type SocketLimits, socketLimits } from '../../../workers/services/sockets/messages.ts';

const SOON = 20;
const NEVER = -1;
const NOW = 0;

interface Options {
  readonly network?: boolean;
  readonly limits?: Partial<SocketLimits>;
  readonly patience?: Patience;
  readonly root?: string;
}

class Sockets {
  readonly warnings: string[] = [];
  readonly close: () => void;
  readonly #operations: ReturnType<typeof socketService>['operations'];

  constructor(t: Test, options: Options = {}) {
    const service = socketService({
      network: options.network ?? true,
      paths: new GuestPaths([options.root ?? t.testdir({})]),
      patience: options.patience ?? new Patience(),
      warn: (text) => void this.warnings.push(text),
      limits: { ...socketLimits, ...options.limits },
    });
    this.#operations = service.operations;
    this.close = () => service.close();
    t.teardown(this.close);
  }

  call(name: string, ...args: ServiceValue[]): readonly ServiceValue[] {
    const run = this.#operations[name];
    if (run === undefined) throw new Error(`no operation ${name}`);
    return run(args);
  }

  first(name: string, ...args: ServiceValue[]): ServiceValue {
    return this.call(name, ...args)[0];
  }

  /** A server on a port of its own. */
  server(): { readonly server: ServiceValue; readonly port: ServiceValue } {
    const server = this.first('stream');
    this.call('bind', server, '127.0.0.1', 0, undefined);
    this.call('listen', server);
    return { server, port: this.call('name', server, 'local')[1] };
  }

  connected(port: ServiceValue): ServiceValue {
    const client = this.first('stream');
    const answer = this.call('connect', client, '127.0.0.1', port, undefined, SOON, NEVER);
    if (answer[0] !== 1) throw new Error(String(answer[1]));
    return client;
  }

  pair(): readonly [ServiceValue, ServiceValue] {
    const { port, server } = this.server();
    const client = this.connected(port);
    return [client, this.first('accept', server, SOON, NEVER)];
  }

  /** Sends a text of any length. */
  send(id: ServiceValue, text: string, seconds = SOON): readonly ServiceValue[] {
    let answer: readonly ServiceValue[] = [true];
    for (let at = 0; at < text.length && answer[0] === true; at += 65_536) {
      answer = this.call('send', id, text.slice(at, at + 65_536), seconds, NEVER);
    }
    return answer;
  }

  /** What there is until the error. */
  all(id: ServiceValue, seconds = SOON): readonly [string, ServiceValue] {
    let text = '';
    for (;;) {
      const [piece, , error] = this.call('receive', id, 'all', 0, seconds, NEVER);
      text += String(piece);
      if (error !== undefined) return [text, error];
    }
  }

  line(id: ServiceValue, seconds = SOON): ServiceValue {
    let text = '';
    for (;;) {
      const [piece, more, error] = this.call('receive', id, 'line', 0, seconds, NEVER);
      text += String(piece);
      if (error !== undefined) return `${text} (${String(error)})`;
      if (more !== true) return text;
    }
  }
}

t.test('two ends of a connection have each other as peers', async (t) => {
  const sockets = new Sockets(t);
  const [client, server] = sockets.pair();
  t.same(sockets.call('name', client, 'peer'), sockets.call('name', server, 'local'));
  t.same(sockets.call('name', client, 'local'), sockets.call('name', server, 'peer'));
  t.equal(sockets.call('name', client, 'peer')[0], '127.0.0.1');
});

t.test('lines come whole, without carriage returns; parts come as they are', async (t) => {
  const sockets = new Sockets(t);
  const [client, server] = sockets.pair();
  sockets.send(client, 'one\r\n\ntw\ro\nthr');
  t.same([sockets.line(server), sockets.line(server), sockets.line(server)], ['one', '', 'two']);
  t.equal(sockets.line(server, NOW), 'thr (timeout)');
  sockets.send(client, 'ee\n12345');
  t.equal(sockets.line(server), 'ee');
  t.same(sockets.call('receive', server, 'count', 2, SOON, NEVER), ['12', false]);
  t.same(sockets.call('receive', server, 'count', 10, SOON, NEVER), ['345', true]);
  t.same(sockets.call('receive', server, 'count', 7, NOW, NEVER), ['', false, 'timeout']);
});

t.test('after the end there is what was sent before, and then "closed"', async (t) => {
  const sockets = new Sockets(t);
  const [client, server] = sockets.pair();
  const text = 'x'.repeat(200_000);
  sockets.send(client, text);
  sockets.call('close', client);
  const [received, error] = sockets.all(server);
  t.equal(received, text);
  t.equal(error, 'closed');
  t.same(sockets.call('receive', server, 'line', 0, SOON, NEVER), ['', false, 'closed']);
});

t.test('one direction can be ended by itself', async (t) => {
  const sockets = new Sockets(t);
  const [client, server] = sockets.pair();
  sockets.call('shutdown', client, 'send');
  t.same(sockets.call('send', client, 'x', SOON, NEVER), [false, 'closed']);
  t.same(sockets.all(server), ['', 'closed']);
  sockets.send(server, 'an answer\n');
  t.equal(sockets.line(client), 'an answer');
  sockets.call('shutdown', client, 'receive');
  t.same(sockets.all(client), ['', 'closed']);
});

t.test(
  'sending to a peer that is gone fails at the second time, as with the system itself',
  async (t) => {
    const sockets = new Sockets(t);
    const other = new Sockets(t);
    const { port, server } = other.server();
    const client = sockets.connected(port);
    other.call('close', other.first('accept', server, SOON, NEVER));
    t.same(sockets.all(client), ['', 'closed']);
    t.same(sockets.call('send', client, 'lost', SOON, NEVER), [true]);
    let sent: readonly ServiceValue[] = [true];
    for (let i = 0; i < 100 && sent[0] === true; i++) {
      sockets.call('select', 0.01, 0); // the answer is on its way
      sent = sockets.call('send', client, 'told', SOON, NEVER);
      if (i === 99) t.fail('nobody told');
    }
    t.same(sent, [false, 'closed']);
  },
);

t.test('connecting fails with the text of what is wrong', async (t) => {
  const sockets = new Sockets(t);
  const { port, server } = sockets.server();
  sockets.call('close', server);
  const connect = (host: ServiceValue, to: ServiceValue, family?: string) =>
    sockets.call('connect', sockets.first('stream'), host, to, family, SOON, NEVER)[1];
  t.equal(connect('127.0.0.1', port), 'connection refused');
  t.equal(connect('no.such.host.invalid', 80), 'host or service not provided, or not known');
  t.equal(connect('', 80), 'host or service not provided, or not known');
  t.equal(connect('local\0host', 80), 'host or service not provided, or not known');
  t.equal(connect('x'.repeat(100_000), 80), 'host or service not provided, or not known');
  t.equal(connect('127.0.0.1', 'no service'), 'service not supported for socket type');
  t.equal(connect('127.0.0.1', 65_536), 'service not supported for socket type');
  t.match(connect('127.0.0.1', port, 'inet6'), /^Address family for hostname not supported$/);
});

t.test('a connection that nobody waited for is made all the same', async (t) => {
  const sockets = new Sockets(t);
  const { port, server } = sockets.server();
  const client = sockets.first('stream');
  const connect = () => sockets.call('connect', client, '127.0.0.1', port, undefined, NOW, NEVER);
  t.same(connect(), [undefined, 'timeout']);
  t.same(sockets.call('select', SOON, 0, client), [0, client], 'it can be written to then');
  t.same(connect(), [1], 'told once');
  t.same(connect(), [undefined, 'already connected']);
  t.type(sockets.first('accept', server, SOON, NEVER), 'number');
  const lost = sockets.first('stream');
  const fail = () => sockets.call('connect', lost, '127.0.0.1', 1, undefined, NOW, NEVER);
  t.same(fail(), [undefined, 'timeout']);
  t.same(sockets.call('select', SOON, 1, lost, lost), [1, lost, lost]);
  t.same(fail(), [undefined, 'connection refused']);
});

t.test('a place is bound to once, and free again when it is closed', async (t) => {
  const sockets = new Sockets(t);
  const { port, server } = sockets.server();
  const other = sockets.first('stream');
  t.same(sockets.call('bind', other, '127.0.0.1', port), [undefined, 'address already in use']);
  t.same(sockets.call('bind', other, '192.0.2.1', 0), [
    undefined,
    'Cannot assign requested address',
  ]);
  t.same(sockets.call('listen', other), [undefined, 'Bad file descriptor']);
  sockets.call('close', server);
  t.same(sockets.call('bind', other, '127.0.0.1', port), [1]);
  t.same(sockets.call('bind', other, '127.0.0.1', port), [undefined, 'Invalid argument']);
});

t.test('accept waits as long as it is told', async (t) => {
  const sockets = new Sockets(t);
  const { server } = sockets.server();
  t.same(sockets.call('accept', server, NOW, NEVER), [undefined, 'timeout']);
  t.same(sockets.call('accept', server, NEVER, 0.01), [undefined, 'timeout']);
});

t.test('select tells who can be read from and who written to', async (t) => {
  const sockets = new Sockets(t);
  const { port, server } = sockets.server();
  const idle = sockets.connected(port);
  const [client, peer] = sockets.pair();
  const datagrams = sockets.first('datagram');
  sockets.call('bindDatagram', datagrams, '127.0.0.1', 0);
  sockets.send(client, 'x');
  t.same(sockets.call('select', SOON, 1, server), [1, server]);
  t.same(sockets.call('select', SOON, 1, peer), [1, peer]);
  t.same(sockets.call('select', SOON, 2, idle, peer, client), [1, peer, client]);
  t.same(sockets.call('select', NOW, 2, idle, datagrams, datagrams), [0, datagrams]);
  t.same(sockets.call('select', 0.01, 1, idle), [0]);
  sockets.call('close', client);
  sockets.all(peer);
  t.same(sockets.call('select', SOON, 1, peer), [1, peer], 'an end is something to read');
  t.same(sockets.call('select', 0.01, 0), [0]);
});

t.test('a peer that reads nothing holds its sender up, and nobody else', async (t) => {
  const sockets = new Sockets(t);
  const [client, server] = sockets.pair();
  const piece = 'x'.repeat(65_536);
  let pieces = 0;
  while (sockets.call('send', client, piece, 0.3, NEVER)[0] === true) pieces++;
  t.ok(pieces > 4 && pieces < 400, `${pieces} pieces are on their way`);
  t.same(sockets.call('send', client, 'x', NOW, NEVER), [false, 'timeout']);
  t.same(sockets.call('select', NOW, 0, client), [0]);
  const [other, end] = sockets.pair();
  sockets.send(other, 'still\n');
  t.equal(sockets.line(end), 'still');
  let received = 0;
  while (received < pieces * piece.length) {
    received += String(sockets.first('receive', server, 'all', 0, SOON, NEVER)).length;
  }
  t.same(sockets.call('select', SOON, 0, client), [0, client], 'it goes on when the peer reads');
});

t.test(
  'a peer that sends without end is read from no further than the guest takes it',
  async (t) => {
    const sockets = new Sockets(t, { limits: { windowBytes: 128 * 1024 } });
    const flood = new Sockets(t);
    const { port, server } = sockets.server();
    const sender = flood.connected(port);
    const peer = sockets.first('accept', server, SOON, NEVER);
    const piece = 'x'.repeat(65_536);
    let sent = 0;
    while (flood.call('send', sender, piece, 0.3, NEVER)[0] === true) sent += piece.length;
    t.ok(sent < 40 * 1024 * 1024, `${sent} bytes were taken by the two systems`);
    sockets.call('dirty', peer);
    let received = 0;
    for (;;) {
      const [text] = sockets.call('receive', peer, 'all', 0, NOW, NEVER);
      if (text === '') break;
      received += String(text).length;
    }
    t.ok(received >= 128 * 1024, `${received} bytes were at hand`);
    while (received < sent) {
      received += String(sockets.first('receive', peer, 'all', 0, SOON, NEVER)).length;
    }
    t.equal(received, sent, 'and nothing is lost');
  },
);

t.test('all connections together have a bound, and each has its share of it', async (t) => {
  const sockets = new Sockets(t, { limits: { windowBytes: 1024 * 1024, totalBytes: 256 * 1024 } });
  const pairs = Array.from({ length: 6 }, () => sockets.pair());
  const text = 'y'.repeat(300_000);
  for (const [client] of pairs) sockets.send(client, text);
  // Whoever is asked first is served, whatever the others hold.
  for (const [client, server] of pairs.reverse()) {
    sockets.call('close', client);
    t.equal(sockets.all(server)[0], text);
  }
});

t.test('a guest has so many sockets, those that are not accepted yet included', async (t) => {
  const sockets = new Sockets(t, { limits: { sockets: 12, pending: 4 } });
  const crowd = new Sockets(t);
  const { port, server } = sockets.server();
  const clients = Array.from({ length: 30 }, () => crowd.connected(port));
  const ended = () => Number(crowd.first('select', NOW, clients.length, ...clients));
  while (ended() < 26) crowd.call('select', 0.01, 0);
  let accepted = 0;
  while (sockets.first('accept', server, NOW, NEVER) !== undefined) accepted++;
  t.equal(accepted, 4);
  let opened = 0;
  while (sockets.first('stream') !== undefined) opened++;
  t.equal(opened, 7);
  t.same(sockets.call('stream'), [undefined, 'Too many open files']);
  t.same(sockets.call('datagram'), [undefined, 'Too many open files']);
  while (sockets.warnings.length === 0) sockets.call('select', 0.05, 0);
  t.match(sockets.warnings[0], /^26 connections were closed: the script does not accept them/);
});

t.test('connections that wait are closed with their server', async (t) => {
  const sockets = new Sockets(t);
  const other = new Sockets(t);
  const { port, server } = sockets.server();
  const client = other.connected(port);
  sockets.call('select', SOON, 1, server);
  sockets.call('close', server);
  t.same(other.all(client), ['', 'closed']);
});

t.test('datagrams come one by one, cut off at what is asked for', async (t) => {
  const sockets = new Sockets(t);
  const receiver = sockets.first('datagram');
  t.same(sockets.call('name', receiver, 'local'), [undefined, 'Bad file descriptor']);
  sockets.call('bindDatagram', receiver, '*', 0);
  const port = sockets.call('name', receiver, 'local')[1];
  const sender = sockets.first('datagram');
  t.same(sockets.call('sendDatagram', sender, 'hello', '127.0.0.1', port), [5]);
  t.same(sockets.call('sendDatagram', sender, '', '127.0.0.1', port), [0]);
  const [, from] = sockets.call('name', sender, 'local');
  t.same(sockets.call('receiveDatagram', receiver, 3, SOON, NEVER), ['hel', '127.0.0.1', from]);
  t.same(sockets.call('receiveDatagram', receiver, 8192, SOON, NEVER), ['', '127.0.0.1', from]);
  t.same(sockets.call('receiveDatagram', receiver, 8192, NOW, NEVER), [undefined, 'timeout']);
  const text = (name: string, ...args: ServiceValue[]) => sockets.call(name, ...args)[1];
  t.equal(text('sendDatagram', sender, 'x', 'localhost', port), 'Name or service not known');
  t.equal(
    text('sendDatagram', sender, 'x', '::1', port),
    'Address family not supported by protocol',
  );
  t.equal(text('sendDatagram', sender, 'x'), 'Destination address required');
  t.equal(text('sendDatagram', sender, 'x'.repeat(65_508), '127.0.0.1', port), 'Message too long');
  t.equal(text('sendDatagram', sender, 'x'.repeat(1e6), '127.0.0.1', port), 'Message too long');
  t.equal(text('bindDatagram', sender, '127.0.0.1', 0), 'Invalid argument');
});

t.test('a datagram socket may have a peer, and hears when that one is gone', async (t) => {
  const sockets = new Sockets(t);
  const [receiver, sender] = [sockets.first('datagram'), sockets.first('datagram')];
  sockets.call('bindDatagram', receiver, '127.0.0.1', 0);
  const port = sockets.call('name', receiver, 'local')[1];
  t.same(sockets.call('connectDatagram', sender, 'localhost', port), [1]);
  t.equal(sockets.call('name', sender, 'peer')[1], port);
  t.same(sockets.call('sendDatagram', sender, 'to the peer'), [11]);
  t.equal(sockets.first('receiveDatagram', receiver, 100, SOON, NEVER), 'to the peer');
  sockets.call('close', receiver);
  sockets.call('sendDatagram', sender, 'x');
  t.same(sockets.call('receiveDatagram', sender, 100, SOON, NEVER), [
    undefined,
    'connection refused',
  ]);
  t.same(sockets.call('connectDatagram', sender), [1]);
  t.same(sockets.call('name', sender, 'peer'), [undefined, 'Transport endpoint is not connected']);
});

t.test('datagrams that are not taken are dropped and counted', async (t) => {
  const sockets = new Sockets(t, { limits: { datagrams: 10 } });
  const receiver = sockets.first('datagram');
  sockets.call('bindDatagram', receiver, '127.0.0.1', 0);
  const port = sockets.call('name', receiver, 'local')[1];
  const sender = sockets.first('datagram');
  for (let i = 0; i < 50; i++) sockets.call('sendDatagram', sender, `${i}`, '127.0.0.1', port);
  while (sockets.warnings.length === 0) sockets.call('select', 0.05, 0);
  t.match(sockets.warnings[0], /^40 datagrams were dropped: the script does not take them/);
  for (let i = 0; i < 10; i++) {
    t.equal(sockets.first('receiveDatagram', receiver, 100, SOON, NEVER), `${i}`);
  }
  t.equal(sockets.call('receiveDatagram', receiver, 100, NOW, NEVER)[1], 'timeout');
});

t.test('options of datagram sockets', async (t) => {
  const sockets = new Sockets(t);
  const socket = sockets.first('datagram');
  t.same(sockets.call('option', socket, 'broadcast', true), [1], 'before it is bound');
  sockets.call('bindDatagram', socket, '127.0.0.1', 0);
  t.same(sockets.call('option', socket, 'broadcast', false), [1]);
  t.same(sockets.call('option', socket, 'multicastTtl', 3), [1]);
  t.equal(sockets.call('option', socket, 'multicastTtl', -5)[0], undefined);
  t.equal(sockets.call('option', socket, 'join', 'no group')[0], undefined);
  t.throws(() => sockets.call('option', socket, 'bogus', true), /no such option/);
});

t.test('sockets in the file system lie below the root, and go with their servers', async (t) => {
  // The system has room for a hundred bytes of a name.
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'hekate-')));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const root = path.join(folder, 'root');
  mkdirSync(root);
  writeFileSync(path.join(folder, 'outside.sock'), '');
  symlinkSync(folder, path.join(root, 'up'));
  const sockets = new Sockets(t, { root });
  const server = sockets.first('stream');
  t.same(sockets.call('bindPath', server, 'own.sock'), [1]);
  sockets.call('listen', server);
  const client = sockets.first('stream');
  t.same(sockets.call('connectPath', client, `${root}/own.sock`, SOON, NEVER), [1]);
  const peer = sockets.first('accept', server, SOON, NEVER);
  sockets.send(client, 'by file\n');
  t.equal(sockets.line(peer), 'by file');
  t.same(sockets.call('path', server), [path.join(root, 'own.sock')]);
  for (const place of ['../outside.sock', 'up/outside.sock', `${folder}/outside.sock`]) {
    const stream = sockets.first('stream');
    t.same(sockets.call('bindPath', stream, place), [undefined, 'permission denied'], place);
    t.same(sockets.call('connectPath', stream, place, SOON, NEVER), [
      undefined,
      'permission denied',
    ]);
  }
  const stream = sockets.first('stream');
  t.same(sockets.call('bindPath', stream, '\0abstract'), [undefined, 'No such file or directory']);
  t.same(sockets.call('connectPath', stream, 'missing', SOON, NEVER), [
    undefined,
    'No such file or directory',
  ]);
  t.same(sockets.call('bindPath', stream, 'own.sock'), [undefined, 'address already in use']);
  t.same(sockets.call('bindPath', stream, 'x'.repeat(200)), [undefined, 'path too long']);
  sockets.call('close', server);
  sockets.call('resolve', 'localhost'); // by then the server is closed
  t.notOk(existsSync(path.join(root, 'own.sock')));
});

t.test('names and addresses', async (t) => {
  const sockets = new Sockets(t);
  const [name, ...addresses] = sockets.call('resolve', 'localhost');
  t.equal(name, 'localhost');
  t.ok(addresses.includes('127.0.0.1') || addresses.includes('::1'));
  t.type(sockets.first('reverse', '127.0.0.1'), 'string');
  t.equal(sockets.first('reverse', 'no address'), undefined);
  t.equal(sockets.first('resolve', 'no.such.host.invalid'), undefined);
  t.ok(Math.abs(Number(sockets.first('time')) - Date.now() / 1000) < 10);
  t.type(sockets.first('hostname'), 'string');
});

t.test('without network there are times and nothing else', async (t) => {
  const sockets = new Sockets(t, { network: false });
  for (const name of ['stream', 'datagram', 'resolve', 'reverse', 'select', 'close']) {
    t.throws(() => sockets.call(name), /its setting 'network' is false/, name);
  }
  t.type(sockets.first('time'), 'number');
  t.same(sockets.call('sleep', 0.001), []);
});

t.test('told to end, no operation waits, and nothing is left of the sockets', async (t) => {
  const control = new Int32Array(new SharedArrayBuffer(8));
  const sockets = new Sockets(t, { patience: new Patience({ control, hurries: true }) });
  const { server } = sockets.server();
  const [client] = sockets.pair();
  Atomics.store(control, ControlWord.stop, 1);
  t.same(sockets.call('accept', server, 3600, NEVER), [undefined, 'timeout']);
  t.same(sockets.call('receive', client, 'line', 0, 3600, NEVER), ['', false, 'timeout']);
  t.same(sockets.call('select', 3600, 1, client), [0]);
  Atomics.store(control, ControlWord.stop, 2);
  t.throws(() => sockets.call('accept', server, NEVER, NEVER), /^stopped$/);
  t.throws(() => sockets.call('receive', client, 'line', 0, NEVER, NEVER), /^stopped$/);
  sockets.close();
  sockets.close();
  t.throws(() => sockets.call('bind', sockets.first('stream'), '127.0.0.1', 0), /has ended/);
});

t.test('what was sent leaves before the sandbox ends', async (t) => {
  const sender = new Sockets(t);
  const receiver = new Sockets(t);
  const { port, server } = receiver.server();
  const client = sender.connected(port);
  const peer = receiver.first('accept', server, SOON, NEVER);
  const text = 'z'.repeat(3_000_000);
  // Half of it is sent by a socket that is closed, and not read until then.
  let sent = 0;
  while (sent < text.length) {
    if (sender.call('send', client, text.slice(sent, sent + 65_536), NOW, NEVER)[0] !== true) break;
    sent += Math.min(65_536, text.length - sent);
  }
  sender.call('close', client);
  sender.close();
  t.equal(receiver.all(peer)[0].length, sent);
});
