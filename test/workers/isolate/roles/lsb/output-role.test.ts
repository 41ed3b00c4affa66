/** Outputs of lua_sandbox 1.x, on both engines. */
import t from 'tap';
import { Message } from '../../../../../lib/protocol/message.ts';
import { HAS_DETAIL, RunStatus } from '../../../../../workers/isolate/contract.ts';
import { Register } from '../../../../../workers/isolate/mailbox.ts';
import { engineNames, type LsbOptions, LsbSandbox, textOf } from './lsb-sandbox.ts';

const one = Message.create({
  uuid: new Uint8Array(16),
  timestampNs: 1e9,
  type: 'type',
  payload: 'payload',
  fields: [
    { name: 'string', value: 'string' },
    { name: 'number', value: 1 },
  ],
});
const two = Message.create({ type: 'foo', payload: 'second', timestampNs: 2e9 });

for (const engine of engineNames) {
  const output = (body: string, options: LsbOptions = {}, before = ''): LsbSandbox =>
    new LsbSandbox(engine, 'output', `${before} function process_message(sid, ...)\n${body}\nend`, {
      ...options,
      config: { log_level: 7, ...options.config },
    });
  const lines = (logs: readonly string[]): readonly string[] => logs.map((line) => line.slice(2));

  t.test(`${engine}: every message is answered by its status and text`, async (t) => {
    const s = output(
      `n = (n or 0) + 1
      if n == 1 then return 0 end
      if n == 2 then return -1, "failed" end
      if n == 3 then return -2, "skipped" end
      if n == 4 then return -4 end
      if n == 5 then return -5, "queued" end
      return 0, "ok"`,
      { config: { async_buffer_size: 10 } },
    );
    const events = Array.from({ length: 6 }, () => ({ message: one }));
    const { logs, statuses, texts, status } = s.send(...events);
    t.equal(status, RunStatus.done + HAS_DETAIL);
    t.same(statuses, [0, -1, -2, -4, -5, 0]);
    t.same(texts, [
      [1, 'failed'],
      [2, 'skipped'],
      [4, 'queued'],
    ]);
    t.same(logs, []);
    t.equal(s.register(Register.processed), 6);
  });

  t.test(`${engine}: -5 needs a buffer`, async (t) => {
    for (const config of [{}, { async_buffer_size: 0 }, { async_buffer_size: '5' }]) {
      const { termination, statuses } = output('return -5', { config }).send({ message: one });
      t.same(termination, {
        code: 'HKT_SANDBOX_STATUS',
        text: 'cannot use async checkpointing without a configured buffer',
        limit: 0,
        used: 0,
      });
      t.same(statuses, [1]);
    }
  });

  t.test(`${engine}: -3 asks for the same message again, under the same sequence id`, async (t) => {
    const s = output(
      `tries = (tries or 0) + 1
      first = first or sid
      print(type(sid), select("#", ...), sid == first, read_message("Payload"))
      seen = seen or {}
      seen[sid] = (seen[sid] or 0) + 1
      print(seen[first])
      if tries < 3 then return -3, "not yet" end
      return 0`,
    );
    const first = s.send({ message: one }, { message: two });
    t.equal(first.status, RunStatus.retry + HAS_DETAIL);
    t.same(lines(first.logs), ['userdata\t0\ttrue\tpayload', '1', 'retry message 1 err: not yet']);
    t.equal(s.register(Register.processed), 0, 'it is not counted');
    t.same(first.statuses, []);
    t.equal(s.send({ message: one }, { message: two }).status, RunStatus.retry + HAS_DETAIL);
    const third = s.send({ message: one }, { message: two });
    t.same(third.statuses, [0, 0]);
    t.same(lines(third.logs), [
      'userdata\t0\ttrue\tpayload',
      '3',
      'userdata\t0\tfalse\tsecond',
      '3',
    ]);
    t.equal(s.register(Register.processed), 2);
  });

  t.test(
    `${engine}: update_checkpoint takes sequence ids, and reported failures are logged`,
    async (t) => {
      const s = output(
        `local function try(...) print(select(2, pcall(update_checkpoint, ...))) end
      print(select("#", update_checkpoint()))
      update_checkpoint(sid)
      update_checkpoint(sid, 7)
      try(1, 2, 3)
      try(true)
      try(nil)
      try(sid, "foo")
      try(sid, nil)
      try(require("io").stdin)
      print(sid)
      return 0`,
      );
      t.same(s.send({ message: one }).logs, [
        '7 0',
        '4 update_checkpoint: 7 messages failed',
        '7 update_checkpoint() invalid number of args: 3',
        "7 bad argument #1 to '?' (userdata expected, got boolean)",
        "7 bad argument #1 to '?' (userdata expected, got nil)",
        "7 bad argument #2 to '?' (number expected, got string)",
        "7 bad argument #2 to '?' (number expected, got nil)",
        "7 bad argument #1 to '?' (userdata expected, got userdata)",
        '7 userdata: 0x1',
      ]);
    },
  );

  t.test(`${engine}: matchers test the message that is processed`, async (t) => {
    const s = output(
      `print(mm:eval(), create_message_matcher("Type == 'foo'"):eval(), bytes:eval())
      print(select(2, pcall(create_message_matcher, "Widget == 'foo'")))
      print(select(2, pcall(create_message_matcher, {})))
      print(select(2, pcall(create_message_matcher)))
      print(select(2, pcall(mm.eval, 5)))
      return 0`,
      {},
      `mm = create_message_matcher("Type == 'type' && Fields[number] == 1")
      bytes = create_message_matcher("Payload =~ '^pay' || Payload == '\\195\\169'")
      function timer_event() print(select(2, pcall(mm.eval, mm))) end
      print(select(2, pcall(mm.eval, mm)))`,
    );
    t.same(
      s.loadLogs.map(({ text }) => text),
      ['no active message'],
    );
    t.same(lines(s.send({ message: one }).logs), [
      'true\tfalse\ttrue',
      'invalid message matcher expression',
      "bad argument #1 to '?' (string expected, got table)",
      "bad argument #1 to '?' (string expected, got no value)",
      "bad argument #1 to '?' (lsb.heka_message_matcher expected, got number)",
    ]);
    t.match(lines(s.send({ message: two }).logs)[0], 'false\ttrue\tfalse');
    t.match(
      lines(s.send({ message: Message.create({ payload: 'é' }) }).logs)[0],
      'false\tfalse\ttrue',
    );
    t.same(lines(s.send({ timer: 1 }).logs), ['no active message']);
  });

  t.test(`${engine}: matchers are paid for, and count into the memory limit`, async (t) => {
    const limits = { instructions: 100_000 };
    const long = Message.create({ payload: 'a'.repeat(60_000) });
    const ending = (body: string, message = one, more: LsbOptions = {}) =>
      output(body, { limits, ...more }).send({ message }).termination?.code;
    t.equal(
      ending(
        `local mm = create_message_matcher("Payload =~ '.-.-.-.-.-.-x'") for i = 1, 1000 do mm:eval() end return 0`,
        long,
      ),
      'HKT_SANDBOX_INSTRUCTIONS',
    );
    t.equal(
      ending(
        `local e = "Type == '" .. require("string").rep("x", 200) .. "'"
        for i = 1, 1000 do create_message_matcher(e) end return 0`,
      ),
      'HKT_SANDBOX_INSTRUCTIONS',
    );
    t.equal(
      ending(
        `local e = "Type == '" .. require("string").rep("x", 200) .. "'"
        local all = {}
        for i = 1, 100 do all[i] = create_message_matcher(e) end return 0`,
        one,
        { limits: { memoryBytes: 1 << 20, instructions: 1e9 }, host: { memory: () => 1 << 20 } },
      ),
      'HKT_SANDBOX_MEMORY',
    );
  });

  t.test(`${engine}: references to message parts are written without a copy`, async (t) => {
    const s = output(
      `local fh = io.open("out.txt", "a")
      print(fh:write(payload, " ", 10, none, "\\n"))
      io.output(fh)
      print(io.write(framed))
      fh:close()
      local function try(...) print(select(2, pcall(...))) end
      io.output("other.txt")
      try(io.write, {}) try(io.write, true) try(io.write, nil) try(io.write, io.stdin) try(io.write, sid)
      try(io.write, number)
      return 0`,
      { files: { 'out.txt': '' } },
      `require "io"
      payload = read_message("Payload", nil, nil, true)
      framed = read_message("framed", nil, nil, true)
      none = read_message("Fields[none]", nil, nil, true)
      number = read_message("Fields[number]", nil, nil, true)`,
    );
    t.same(lines(s.send({ message: one }).logs), [
      'true',
      'true',
      "bad argument #1 to '?' (number, string or userdata expected, got table)",
      "bad argument #1 to '?' (number, string or userdata expected, got boolean)",
      "bad argument #1 to '?' (number, string or userdata expected, got nil)",
      "bad argument #1 to '?' (no zero copy support)",
      "bad argument #1 to '?' (no zero copy support)",
      "read_message() zc->name.s: 'Fields[number]' contains an unsupported type",
    ]);
    const head = `\x1e\x02\x08${String.fromCharCode(one.bytes.length)}\x1f`;
    t.equal(s.files.contents.get('out.txt'), `payload 10\n${head}${textOf(one.bytes)}`);
  });

  t.test(`${engine}: encode_message`, async (t) => {
    const s = output(
      `local function try(...) print(select(2, pcall(encode_message, ...))) end
      local bytes = encode_message({Timestamp = 0, Uuid = require("string").rep("\\0", 16)})
      local framed = encode_message({Timestamp = 0, Uuid = string.rep("\\0", 16)}, true)
      print(#bytes, #framed, framed:sub(6) == bytes, framed:byte(1, 5))
      try() try("foo") try({}, 5) try({}, true, 1)
      try({Fields = {a = {1, "x"}}})
      try({Payload = string.rep("x", 400)})
      return 0`,
      { config: { Logger: 'sl', Hostname: 'sh', Pid: 0 }, limits: { outputBytes: 300 } },
    );
    t.same(lines(s.send({ message: one }).logs), [
      '30\t35\ttrue\t30\t2\t8\t30\t31',
      "bad argument #0 to '?' (incorrect number of arguments)",
      "bad argument #1 to '?' (table expected, got string)",
      "bad argument #2 to '?' (boolean expected, got number)",
      "bad argument #3 to '?' (incorrect number of arguments)",
      'encode_message() failed: array has mixed types',
      'encode_message() failed: buffer full',
    ]);
    t.match(s.usage().output, { used: 35, maximum: 35 });
    const full = output('encode_message({Payload = require("string").rep("x", 400)}) return 0', {
      limits: { outputBytes: 300 },
    });
    t.match(full.send({ message: one }).termination, { code: 'HKT_SANDBOX_OUTPUT', limit: 300 });
  });

  t.test(`${engine}: outputs inject tables, with the script's headers, and bounded`, async (t) => {
    const s = output(
      `inject_message({Pid = 2, Timestamp = 3, Logger = "ignore", Hostname = "spoof"})
      return 0`,
      {},
      'inject_message({Payload = "loading"}) function timer_event(ns) inject_message({Payload = tostring(ns)}) end',
    );
    const { out } = s.send({ message: one, loop: 1 }, { timer: 5e9 });
    t.match(out, [
      { payload: 'loading', logger: 'lg', hostname: 'hn', pid: 3 },
      { logger: 'ignore', hostname: 'spoof', pid: 2, timestampNs: 3n },
      { payload: '5000000000' },
    ]);
    t.same(s.loops, [1, 2, 2]);
    t.match(output('inject_message(nil)').send({ message: one }).termination, {
      text: "process_message() main.lua:2: bad argument #1 to 'inject_message' (table expected, got nil)",
    });
    t.match(output('inject_message({}) return 0').send({ message: one, loop: 4 }).termination, {
      code: 'HKT_SANDBOX_LOOPS',
    });
    const endless = output('while true do inject_message({}) end', {
      limits: { instructions: Number.POSITIVE_INFINITY },
    });
    t.match(endless.send({ message: one }).termination, {
      code: 'HKT_SANDBOX_INJECT_COUNT',
      limit: 10_000,
      used: 10_001,
    });
  });

  t.test(`${engine}: timers, and the last one`, async (t) => {
    const s = output('return 0', {}, 'function timer_event(ns, shutdown) print(ns, shutdown) end');
    t.same(lines(s.send({ timer: 0 }, { timer: 1e9, shutdown: true }).logs), [
      '0\tfalse',
      '1000000000\ttrue',
    ]);
    const without = output('return 0');
    t.equal(without.send({ timer: 1, shutdown: true }).termination, undefined);
    t.equal(without.send({ timer: 1 }).termination?.text, 'timer_event() function was not found');
  });

  t.test(`${engine}: a status above 0 and a forced stop end it`, async (t) => {
    t.same(output('return 1, "disk full"').send({ message: one }).logs, [
      '3 process_message returned: 1 disk full',
    ]);
    const s = output('while true do end', { limits: { instructions: Number.POSITIVE_INFINITY } });
    s.stop(2);
    t.match(s.send({ message: one }).termination, {
      code: 'HKT_SANDBOX_STOPPED',
      text: 'process_message() shutting down',
    });
  });
}
