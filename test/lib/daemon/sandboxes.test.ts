/** Decoders, encoders, inputs and outputs that are sandboxes, in a whole daemon. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import type { Clock } from '../../../lib/plugin.ts';
import { Peer, type RunningDaemon, startDaemon } from '../../daemon-harness.ts';
import { ManualClock } from '../../manual-clock.ts';
import { until } from '../../plugin-context.ts';

type Tap = { teardown(action: () => unknown): void };

const LINES = `
[tcp]
type = "TcpInput"
address = "127.0.0.1:0"
splitter = "TokenSplitter"
decoder = "dec"
send_decode_failures = true
[dec]
type = "SandboxDecoder"
filename = "dec.lua"
`;

const FILE = `
[PayloadEncoder]
[out]
type = "FileOutput"
path = "out.log"
message_matcher = "TRUE"
encoder = "PayloadEncoder"
`;

async function running(
  t: Tap,
  folder: string,
  text: string,
  clock?: Clock,
): Promise<RunningDaemon> {
  const started = await startDaemon(folder, text.replaceAll('out.log', `${folder}/out.log`), clock);
  t.teardown(() => started.daemon.stop());
  return started;
}

function lines(folder: string, name = 'out.log'): string[] {
  return readFileSync(path.join(folder, name), 'utf8').split('\n').filter(Boolean);
}

function errors(log: readonly string[]): string[] {
  return log.filter((line) => line.startsWith('!'));
}

t.test('a decoder changes, replaces, multiplies and refuses records, in their order', async (t) => {
  const folder = t.testdir({
    'dec.lua': `require "string"
function process_message()
  local p = string.gsub(read_message("Payload"), "%s+$", "")
  if p == "bad" then return -1, "no good" end
  if p == "two" then
    inject_message({Payload = "first of two"})
    inject_message({Payload = "second of two"})
  elseif p == "change" then
    write_message("Payload", "changed")
  end
  return 0
end`,
  });
  const { daemon, log } = await running(t, folder, LINES + FILE);
  const peer = await Peer.connect(daemon, 'tcp');
  await peer.sendRaw(Buffer.from('one\ntwo\nbad\nchange\nlast\n'));
  await peer.close();
  await daemon.stop();
  t.same(lines(folder), ['one', 'first of two', 'second of two', 'bad', 'changed', 'last']);
  t.match(daemon.counters(), { records: 5, decodeFailures: 1 });
  t.match(errors(log), [
    /^! Decoder 'tcp' error: Failed parsing: no good payload: bad {2}\(message [0-9a-f-]{36}\)$/,
  ]);
});

t.test('a decoder that ends on the hundredth message fails that one only', async (t) => {
  const folder = t.testdir({
    'dec.lua': `n = 0
function process_message()
  n = n + 1
  if n == 100 then local t = nil; t.x = 1 end
  write_message("Payload", "" .. n)
  return 0
end`,
  });
  const { daemon, log } = await running(t, folder, LINES + FILE);
  const peer = await Peer.connect(daemon, 'tcp');
  await peer.sendRaw(Buffer.from('x\n'.repeat(150)));
  await peer.close();
  await daemon.stop();
  const all = lines(folder);
  t.equal(all.length, 150);
  t.same([all[98], all[99], all[100]], ['99', 'x', '1'], 'a new sandbox goes on behind it');
  t.match(daemon.counters(), { records: 150, decodeFailures: 1 });
  t.match(errors(log).join(''), /process_message\(\) dec\.lua:4: attempt to index local 't'/);
});

t.test('several instances of a decoder keep the order of the records', async (t) => {
  const folder = t.testdir({
    'dec.lua': 'function process_message() write_message("Type", "seen") return 0 end',
  });
  const config = LINES.replace('filename = "dec.lua"', 'filename = "dec.lua"\ninstances = 3');
  const { daemon } = await running(t, folder, config + FILE);
  const peer = await Peer.connect(daemon, 'tcp');
  const wanted = Array.from({ length: 500 }, (_, i) => String(i));
  await peer.sendRaw(Buffer.from(`${wanted.join('\n')}\n`));
  await peer.close();
  await daemon.stop();
  t.same(lines(folder), wanted);
});

t.test('a decoder whose script is faulty keeps the daemon from starting', async (t) => {
  const folder = t.testdir({ 'dec.lua': 'function process_message(' });
  await t.rejects(startDaemon(folder, LINES), {
    code: 'HKT_DAEMON_PLUGIN',
    message: /dec\.lua:1:/,
  });
});

t.test('an encoder writes, leaves out, and fails message by message', async (t) => {
  const folder = t.testdir({
    'enc.lua': `function process_message()
  local p = read_message("Payload")
  if p == "skip" then return -2 end
  if p == "bad" then return -1, "cannot" end
  add_to_payload("<", p, ">\\n")
  inject_payload()
  return 0
end`,
  });
  const config = `
[tcp]
type = "TcpInput"
address = "127.0.0.1:0"
[enc]
type = "SandboxEncoder"
filename = "enc.lua"
[out]
type = "FileOutput"
path = "out.log"
message_matcher = "TRUE"
encoder = "enc"
`;
  const { daemon, log } = await running(t, folder, config);
  const peer = await Peer.connect(daemon, 'tcp');
  for (const payload of ['a', 'skip', 'bad', 'b']) await peer.send({ payload });
  await peer.close();
  await daemon.stop();
  t.same(lines(folder), ['<a>', '<b>']);
  t.match(errors(log).join(''), /Failed serializing: cannot/);
});

t.test('an input makes messages once, and its files stay below its root', async (t) => {
  const folder = t.testdir({
    'inp.lua': `require "io"
function process_message()
  local f, why = io.open("../outside.txt", "w")
  inject_message({Type = "t", Payload = f and "escaped" or "refused: " .. why})
  for line in io.lines("in.txt") do inject_message({Payload = line}) end
  return 0
end`,
  });
  mkdirSync(path.join(folder, 'base/sandbox_files'), { recursive: true });
  writeFileSync(path.join(folder, 'base/sandbox_files/in.txt'), 'one\ntwo\n');
  const config = `${FILE}\n[inp]\ntype = "SandboxInput"\nfilename = "inp.lua"\n`;
  const { daemon, log } = await running(t, folder, config);
  await until(() => log.includes("Input 'inp': ended"));
  await daemon.stop();
  t.same(lines(folder), ['refused: ../outside.txt: Permission denied', 'one', 'two']);
  t.same(errors(log), []);
});

t.test('an input that never returns is ended when the daemon stops', async (t) => {
  const folder = t.testdir({
    'inp.lua': `function process_message()
  inject_message({Payload = "before"})
  local n = 0
  while true do n = n + 1 if n % 1000000 == 0 then inject_message({Payload = "again"}) end end
end`,
  });
  const config = `${FILE}\n[inp]\ntype = "SandboxInput"\nfilename = "inp.lua"\n`;
  const clock = new ManualClock();
  const { daemon, log } = await running(t, folder, config, clock);
  await until(() => (daemon.counters()['routed'] ?? 0) > 1);
  let over = false;
  const stopped = daemon.stop().then(() => {
    over = true;
  });
  // The script is asked, and then has 10 seconds to return.
  await until(() => {
    clock.advance(5_000);
    return over;
  });
  await stopped;
  t.same(errors(log), []);
  t.equal(lines(folder)[0], 'before');
});

t.test('an output gets every message, its timer and its end, and keeps its state', async (t) => {
  const folder = t.testdir({
    'outp.lua': `require "io"
total = 0
function process_message()
  total = total + 1
  local f = io.open("seen.txt", "a")
  f:write(total, " ", read_message("Payload"), "\\n")
  f:close()
  if read_message("Payload") == "bad" then return -1, "refused it" end
  return 0
end
function timer_event(ns, shutdown)
  local f = io.open("seen.txt", "a")
  f:write("timer ", tostring(shutdown), "\\n")
  f:close()
end`,
  });
  const config = `
[tcp]
type = "TcpInput"
address = "127.0.0.1:0"
[outp]
type = "SandboxOutput"
filename = "outp.lua"
message_matcher = "TRUE"
preserve_data = true
timer_event_on_shutdown = true
`;
  for (const payloads of [['a', 'bad'], ['b']]) {
    const { daemon, log } = await running(t, folder, config);
    const peer = await Peer.connect(daemon, 'tcp');
    for (const payload of payloads) await peer.send({ payload });
    await peer.close();
    await daemon.stop();
    t.equal(errors(log).length, payloads.includes('bad') ? 1 : 0);
  }
  t.same(lines(folder, 'base/sandbox_files/seen.txt'), [
    '1 a',
    '2 bad',
    'timer true',
    '3 b',
    'timer true',
  ]);
});

t.test('an output whose script ends is told, and ends the daemon if it must', async (t) => {
  const folder = t.testdir({ 'outp.lua': 'function process_message() error("broken") end' });
  const config = (more: string) => `
[tcp]
type = "TcpInput"
address = "127.0.0.1:0"
[outp]
type = "SandboxOutput"
filename = "outp.lua"
message_matcher = "TRUE"
${more}
`;
  const { daemon } = await running(t, folder, config('can_exit = false'));
  const peer = await Peer.connect(daemon, 'tcp');
  await peer.send({ payload: 'x' });
  t.match(await daemon.exit, { code: 'HKT_DAEMON_EXIT', message: /outp\.lua:1: broken/ });
  await peer.close();
});

t.test('what an analysis of lua_sandbox injects goes to outputs and not to analyses', async (t) => {
  const folder = t.testdir({
    'dec.lua': 'function process_message() return 0 end',
    'ana.lua': `function process_message()
  inject_payload("txt", "seen", "seen " .. read_message("Payload"))
  return 0
end
function timer_event() end`,
  });
  const filters = ['a', 'b'].map(
    (name) => `
[${name}]
type = "SandboxFilter"
api = "lsb"
filename = "ana.lua"
message_matcher = "TRUE"
process_message_inject_limit = 1
`,
  );
  const { daemon, log } = await running(t, folder, LINES + FILE + filters.join(''));
  const peer = await Peer.connect(daemon, 'tcp');
  await peer.sendRaw(Buffer.from('one\n'));
  await peer.close();
  await daemon.stop();
  t.same(lines(folder), ['one\nseen one\nseen one'].join('').split('\n'));
  t.same(errors(log), []);
});
