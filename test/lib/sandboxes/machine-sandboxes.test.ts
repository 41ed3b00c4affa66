/**
 * Inputs and outputs that use sockets and files, in a whole daemon: scripts that wait, and those that ship with the packages.
 */

import dgram from 'node:dgram';
import { once } from 'node:events';
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import type { Clock } from '../../../lib/plugin.ts';
import { frame } from '../../../lib/protocol/framing.ts';
import { Message } from '../../../lib/protocol/message.ts';
import { Peer, type RunningDaemon, startDaemon } from '../../daemon-harness.ts';
import { ManualClock } from '../../manual-clock.ts';
import { until } from '../../plugin-context.ts';

const FILE = `
[PayloadEncoder]
[out]
type = "FileOutput"
path = "out.log"
message_matcher = "TRUE"
encoder = "PayloadEncoder"
`;
const TCP = `
[tcp]
type = "TcpInput"
address = "127.0.0.1:0"
`;

async function running(
  t: Test,
  folder: string,
  text: string,
  clock?: Clock,
): Promise<RunningDaemon> {
  const started = await startDaemon(folder, text.replaceAll('out.log', `${folder}/out.log`), clock);
  t.teardown(() => started.daemon.stop());
  return started;
}

function lines(folder: string): string[] {
  const file = path.join(folder, 'out.log');
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
}

function errors(log: readonly string[]): string[] {
  return log.filter((line) => line.startsWith('!'));
}

/** A port that was free a moment ago: the scripts that ship say nowhere which one they got. */
async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function connected(t: Test, port: number): Promise<net.Socket> {
  const socket = net.connect(port, '127.0.0.1');
  t.teardown(() => socket.destroy());
  socket.on('error', () => undefined); // the daemon may end first
  await once(socket, 'connect');
  return socket;
}

/** What a socket has received so far. */
function reading(socket: net.Socket): () => string {
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  return () => text;
}

/** A script that waits for ever, for connections and for their lines. */
const ECHO = `
require "io"
local socket = require "socket"
local server = assert(socket.bind("127.0.0.1", 0))
function process_message()
  local f = io.open("port", "w")
  f:write((select(2, server:getsockname())))
  f:close()
  while true do
    local client = server:accept()
    while true do
      local line = client:receive()
      if not line then break end
      inject_message({Payload = line})
      client:send("got " .. line .. "\\n")
    end
  end
end`;

const portOf = (folder: string): number => {
  const file = path.join(folder, 'base', 'sandbox_files', 'port');
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
};

for (const engine of ['interpreted', 'compiled']) {
  t.test(`${engine}: what a waiting script received is delivered while it waits`, async (t) => {
    const folder = t.testdir({ 'inp.lua': ECHO });
    const clock = new ManualClock();
    const config = `${FILE}\n[inp]\ntype = "SandboxInput"\nengine = "${engine}"\nfilename = "inp.lua"\n`;
    const { daemon, log } = await running(t, folder, config, clock);
    await until(() => portOf(folder) > 0);
    const peer = await connected(t, portOf(folder));
    const answer = reading(peer);
    for (const [i, line] of ['one', 'two'].entries()) {
      peer.write(`${line}\n`);
      await until(() => answer().includes(`got ${line}\n`));
      await until(() => daemon.counters()['routed'] === i + 1);
    }
    const second = await connected(t, portOf(folder));
    second.write('not accepted yet\n');
    let over = false;
    const stopped = daemon.stop().then(() => {
      over = true;
    });
    // It waits without a time-out, so it is asked in vain, and ended 10 seconds later.
    await until(() => {
      clock.advance(5_000);
      return over;
    });
    await stopped;
    t.same(errors(log), []);
    t.same(lines(folder), ['one', 'two']);
  });
}

t.test('a wait with a time-out ends as soon as the input is asked to stop', async (t) => {
  const folder = t.testdir({
    'inp.lua': `
local socket = require "socket"
local server = assert(socket.bind("127.0.0.1", 0))
server:settimeout(3600)
function process_message()
  inject_message({Payload = "waiting"})
  local client, err = server:accept()
  inject_message({Payload = "accept: " .. err})
  socket.sleep(3600)
  local r, w, err = socket.select({server}, nil, 3600)
  inject_message({Payload = "select: " .. err})
  return 0
end`,
  });
  const config = `${FILE}\n[inp]\ntype = "SandboxInput"\nfilename = "inp.lua"\n`;
  const { daemon, log } = await running(t, folder, config, new ManualClock());
  await until(() => daemon.counters()['routed'] === 1);
  await daemon.stop(); // no time passes
  t.same(lines(folder), ['waiting', 'accept: timeout', 'select: timeout']);
  t.same(errors(log), []);
});

t.test('tcp.lua decodes lines of many connections', async (t) => {
  const folder = t.testdir({});
  const port = await freePort();
  const { daemon, log } = await running(
    t,
    folder,
    `${FILE}
[inp]
type = "SandboxInput"
api = "lsb"
filename = "tcp.lua"
[inp.config]
port = ${port}
max_message_size = 1000
default_headers = { Type = "line" }
`,
  );
  const peers = await Promise.all([1, 2, 3].map(() => connected(t, port)));
  for (const [i, peer] of peers.entries()) peer.write(`a${i}\r\nb${i}\npart of`);
  await until(() => daemon.counters()['routed'] === 6);
  for (const [i, peer] of peers.entries()) peer.end(` a line ${i}\nno newline`);
  await until(() => daemon.counters()['routed'] === 9);
  const flood = await connected(t, port);
  const gone = once(flood, 'close');
  flood.write('x'.repeat(100_000));
  await gone;
  await daemon.stop();
  t.same(
    lines(folder).sort(),
    ['a0', 'a1', 'a2', 'b0', 'b1', 'b2', ...[0, 1, 2].map((i) => `part of a line ${i}`)].sort(),
  );
  t.match(log.join('\n'), /a line is too long, its connection is closed:\s127\.0\.0\.1/);
  t.same(errors(log), []);
});

t.test('heka_tcp.lua takes messages in, and heka_tcp.lua sends them', async (t) => {
  const folder = t.testdir({ receiver: {}, sender: {} });
  const port = await freePort();
  const receiver = path.join(folder, 'receiver');
  const input = await running(
    t,
    receiver,
    `${FILE}
[inp]
type = "SandboxInput"
api = "lsb"
filename = "heka_tcp.lua"
[inp.config]
port = ${port}
`,
  );
  const routed = () => input.daemon.counters()['routed'];
  const peer = await connected(t, port);
  const bytes = Buffer.concat(
    ['one', 'two', 'three'].map((payload) => frame(Message.create({ payload }).bytes)),
  );
  const half = Math.floor(bytes.length / 2);
  peer.write(Buffer.concat([Buffer.from('rubbish'), bytes.subarray(0, half)]));
  await until(() => routed() === 1);
  peer.end(bytes.subarray(half));
  await until(() => routed() === 3);

  const output = await running(
    t,
    path.join(folder, 'sender'),
    `${TCP}
[outp]
type = "SandboxOutput"
api = "lsb"
filename = "heka_tcp.lua"
message_matcher = "TRUE"
[outp.config]
port = ${port}
`,
  );
  const client = await Peer.connect(output.daemon, 'tcp');
  const payloads = Array.from({ length: 20 }, (_, i) => `sent ${i}`);
  for (const payload of payloads) await client.send({ payload });
  await client.close();
  await output.daemon.stop();
  await until(() => routed() === 23);
  await input.daemon.stop();
  t.same(lines(receiver), ['one', 'two', 'three', ...payloads]);
  t.same([...errors(input.log), ...errors(output.log)], []);
});

t.test('udp.lua decodes datagrams and says who sent them', async (t) => {
  const folder = t.testdir({
    'enc.lua': `
function process_message()
  local port = read_message("Fields[sender_port]")
  add_to_payload(read_message("Payload"), " ", read_message("Fields[sender_ip]"), " ", port, " ",
    read_message("Fields[kept]"), "\\n")
  inject_payload()
  return 0
end`,
  });
  const port = await freePort();
  const { daemon, log } = await running(
    t,
    folder,
    `
[enc]
type = "SandboxEncoder"
filename = "enc.lua"
[out]
type = "FileOutput"
path = "out.log"
message_matcher = "TRUE"
encoder = "enc"
[inp]
type = "SandboxInput"
api = "lsb"
filename = "udp.lua"
[inp.config]
port = ${port}
decoder_module = "decoders.payload"
[inp.config.default_headers]
Fields = { kept = "yes" }
`,
  );
  const socket = dgram.createSocket('udp4');
  t.teardown(() => socket.close());
  for (const text of ['first', 'second', 'x'.repeat(20_000)]) socket.send(text, port, '127.0.0.1');
  await until(() => daemon.counters()['routed'] === 3);
  const from = socket.address().port;
  await daemon.stop();
  t.same(
    lines(folder).map((line) => line.replace(/x+/, 'x')),
    ['first', 'second', 'x'].map((text) => `${text} 127.0.0.1 ${from} yes`),
  );
  t.same(errors(log), []);
});

t.test('heka_tcp_matcher.lua streams what its subscribers ask for', async (t) => {
  const folder = t.testdir({});
  const port = await freePort();
  const clock = new ManualClock();
  const { daemon, log } = await running(
    t,
    folder,
    `${TCP}
[outp]
type = "SandboxOutput"
api = "lsb"
filename = "heka_tcp_matcher.lua"
message_matcher = "TRUE"
ticker_interval = 1
[outp.config]
port = ${port}
`,
    clock,
  );
  const wanted = await connected(t, port);
  const wrong = await connected(t, port);
  const silent = await connected(t, port);
  const received = reading(wanted);
  const answer = reading(wrong);
  const silentGone = once(silent, 'close');
  silent.resume();
  wanted.write("Type == 'wan");
  wrong.write('Type ==\n');
  await until(() => answer().includes('bad matcher'), clock, 500);
  wanted.write("ted'\n");
  const source = await Peer.connect(daemon, 'tcp');
  await until(
    () => {
      void source.send({ type: 'wanted', payload: 'a payload' });
      void source.send({ type: 'other', payload: 'not this' });
      return received().includes('a payload');
    },
    clock,
    500,
  );
  t.notMatch(received(), 'not this');
  let gone = false;
  void silentGone.then(() => {
    gone = true;
  });
  await until(() => gone, clock, 500);
  await source.close();
  await daemon.stop();
  t.match(log.join('\n'), /bad matcher/);
  t.same(errors(log), []);
});

t.test('tail.lua follows a name through rotations, and goes on from its checkpoint', async (t) => {
  const folder = t.testdir({ base: { sandbox_files: { 'app.log': 'one\ntwo\nthree with' } } });
  const file = path.join(folder, 'base', 'sandbox_files', 'app.log');
  const config = `${FILE}
[inp]
type = "SandboxInput"
api = "lsb"
filename = "tail.lua"
ticker_interval = 1
[inp.config]
input_filename = "app.log"
follow = "name"
`;
  const clock = new ManualClock();
  const first = await running(t, folder, config, clock);
  const routed = (count: number, { daemon }: RunningDaemon) =>
    until(() => daemon.counters()['routed'] === count, clock, 500);
  await routed(2, first);
  appendFileSync(file, ' its end\nfour\n');
  await routed(4, first);
  renameSync(file, `${file}.1`);
  appendFileSync(`${file}.1`, 'five\n');
  writeFileSync(file, 'six\n');
  await routed(6, first);
  await first.daemon.stop();
  appendFileSync(file, 'seven\n');
  const second = await running(t, folder, config, clock);
  await routed(1, second);
  await second.daemon.stop();
  t.same(lines(folder), ['one', 'two', 'three with its end', 'four', 'five', 'six', 'seven']);
  t.same([...errors(first.log), ...errors(second.log)], []);
});

t.test('tail.lua reads compressed files too', async (t) => {
  const folder = t.testdir({ base: { sandbox_files: {} } });
  const text = Array.from({ length: 2000 }, (_, i) => `line ${i}\n`).join('');
  writeFileSync(path.join(folder, 'base', 'sandbox_files', 'app.log.gz'), gzipSync(text));
  const { daemon, log } = await running(
    t,
    folder,
    `${FILE}
[inp]
type = "SandboxInput"
api = "lsb"
filename = "tail.lua"
[inp.config]
input_filename = "app.log.gz"
`,
  );
  await until(() => daemon.counters()['routed'] === 2000);
  await daemon.stop();
  t.equal(`${lines(folder).join('\n')}\n`, text);
  t.same(errors(log), []);
});

t.test('a script makes requests over HTTP, with all that a server may answer', async (t) => {
  const seen: string[] = [];
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      seen.push(`${request.method} ${request.url} ${body}`);
      if (request.url === '/moved') response.writeHead(302, { location: '/here' }).end();
      else if (request.url === '/away') {
        response.writeHead(302, { location: 'http://localhost:1/' }).end();
      } else if (request.url === '/cut') {
        response.writeHead(200, { 'content-length': 100 });
        response.write('half');
        setImmediate(() => response.destroy());
      } else if (request.url === '/chunks') {
        for (let i = 0; i < 500; i++) response.write(`${i} ${'x'.repeat(50)}\n`);
        response.end();
      } else response.setHeader('content-length', 2).end('ok');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const folder = t.testdir({
    'inp.lua': `
local http = require "socket.http"
require "string"
local base = "http://127.0.0.1:${port}"
local function tell(...)
  local parts = {...}
  for i = 1, select("#", ...) do parts[i] = tostring(parts[i]) end
  inject_message({Payload = table.concat(parts, " ")})
end
function process_message()
  require "table"
  tell(http.request(base .. "/get?q=1"))
  tell(http.request(base .. "/post", "a=b"))
  tell((http.request(base .. "/moved")))
  local _, code, headers = http.request(base .. "/away")
  tell(code, headers.location)
  tell(http.request(base .. "/cut"))
  local text, code = http.request(base .. "/chunks")
  tell(#text, code)
  tell(select(2, http.request{url = base .. "/head", method = "HEAD"}))
  http.TIMEOUT = 0.05
  tell(http.request("http://192.0.2.1/"))
  return 0
end`,
  });
  const config = `${FILE}\n[inp]\ntype = "SandboxInput"\nfilename = "inp.lua"\n`;
  const { daemon, log } = await running(t, folder, config);
  await until(() => daemon.counters()['routed'] === 8);
  await daemon.stop();
  const got = lines(folder).map((line) => line.replace(/ table: \S+/, ' table'));
  const chunks = Array.from({ length: 500 }, (_, i) => `${i}`.length + 52).reduce((a, b) => a + b);
  t.same(got.slice(0, 7), [
    'ok 200 table HTTP/1.1 200 OK',
    'ok 200 table HTTP/1.1 200 OK',
    'ok',
    '302 http://localhost:1/',
    'nil closed',
    `${chunks} 200`,
    '200 table HTTP/1.1 200 OK',
  ]);
  t.match(got[7], /^nil (?:timeout|Network is unreachable|No route to host|connection refused)$/);
  t.same(seen, [
    'GET /get?q=1 ',
    'POST /post a=b',
    'GET /moved ',
    'GET /here ',
    'GET /away ',
    'GET /cut ',
    'GET /chunks ',
    'HEAD /head ',
  ]);
  t.same(errors(log), []);
});

t.test('without network a script is told so', async (t) => {
  const folder = t.testdir({ 'inp.lua': 'require("socket").tcp()' });
  const config = `[inp]\ntype = "SandboxInput"\nfilename = "inp.lua"\nnetwork = false\n`;
  await t.rejects(startDaemon(folder, config), {
    message: /sockets are not for this sandbox: its setting 'network' is false/,
  });
});
