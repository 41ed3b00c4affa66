/** Filters of lua_sandbox 1.x (analysis plugins), on both engines. */
import t from 'tap';
import { Message } from '../../../../../lib/protocol/message.ts';
import { RunStatus } from '../../../../../workers/isolate/contract.ts';
import { Register } from '../../../../../workers/isolate/mailbox.ts';
import { engineNames, type LsbOptions, LsbSandbox, textOf } from './lsb-sandbox.ts';

const one = Message.create({
  uuid: new Uint8Array(16),
  timestampNs: 1e9,
  type: 'type',
  logger: 'logger',
  payload: 'payload',
  fields: [
    { name: 'string', value: 'string' },
    { name: 'number', value: 1 },
    { name: 'bool', value: true },
  ],
});

for (const engine of engineNames) {
  /** A sandbox whose process_message is `body`. */
  const filter = (body: string, options: LsbOptions = {}): LsbSandbox =>
    new LsbSandbox(engine, 'filter', `function process_message()\n${body}\nend`, options);
  /** Why it ended on its first message. */
  const ending = (body: string, options: LsbOptions = {}) =>
    filter(body, options).send({ message: one }).termination;

  t.test(
    `${engine}: what is injected has the host's headers, and the script's table stays as it is`,
    async (t) => {
      const s = filter(`
      msg = {Pid = 0, Timestamp = 0, Uuid = "0123456789abcdef", Logger = "ignore", Hostname = "spoof", Type = "x"}
      inject_message(msg)
      inject_message({Type = msg.Logger .. msg.Hostname .. msg.Timestamp})
      return 0`);
      const { out, status } = s.send({ message: one, loop: 2 });
      t.equal(status, RunStatus.done);
      t.match(out, [
        {
          type: 'x',
          logger: 'lg',
          hostname: 'hn',
          pid: 3,
          timestampNs: 1_700_000_000_500_000_000n,
        },
        { type: 'ignorespoof0' },
      ]);
      t.not(out[0]?.uuid, '30313233-3435-3637-3839-616263646566');
      t.same(s.loops, [3, 3]);
    },
  );

  t.test(
    `${engine}: headers come from the configuration, and restricted_headers = false gives them to the script`,
    async (t) => {
      const config = {
        Logger: 'own',
        Hostname: 'h\xc3\xa9',
        Pid: '77.9',
        restricted_headers: false,
      };
      const s = filter(
        'inject_message({Timestamp = 5, Logger = "mine"}) inject_message({Pid = 4}) return 0',
        { config },
      );
      const { out } = s.send({ message: one });
      t.match(out[0], { logger: 'mine', hostname: 'hé', pid: 77, timestampNs: 5n });
      t.match(out[1], { logger: 'own', pid: 4 });
      const odd = filter('inject_message({Logger = "mine"}) return 0', {
        config: { restricted_headers: 'false', Pid: true },
      });
      t.match(odd.send({ message: one }).out, [{ logger: 'lg', pid: 0 }], 'only a boolean counts');
    },
  );

  t.test(`${engine}: payloads`, async (t) => {
    const s = filter(`
      add_to_payload("foo bar")
      inject_payload()
      add_to_payload("foo")
      inject_payload("dat", "test", " bar", 1.5, nil, true)
      inject_payload()
      inject_payload("txt", "name", read_message("Payload", nil, nil, true))
      return 0`);
    const { out } = s.send({ message: one });
    t.same(
      out.map((m) => [
        m.type,
        m.payload,
        m.field('payload_type'),
        m.field('payload_name'),
        m.logger,
      ]),
      [
        ['inject_payload', 'foo bar', 'txt', undefined, 'lg'],
        ['inject_payload', 'foo bar1.5niltrue', 'dat', 'test', 'lg'],
        ['inject_payload', 'payload', 'txt', 'name', 'lg'],
      ],
    );
  });

  t.test(`${engine}: errors of injections can be caught and have upstream's texts`, async (t) => {
    const s = filter(
      `
      local function try(f, ...) print(select(2, pcall(f, ...))) end
      try(inject_message)
      try(inject_message, nil)
      try(inject_message, "text")
      try(inject_message, {Fields = {foo = {value = {"s", true}}}})
      try(add_to_payload)
      try(add_to_payload, add_to_payload)
      try(inject_payload, "txt", "name", add_to_payload)
      try(inject_payload, true, "name", "data")
      try(inject_payload, "txt", true, "data")
      try(inject_payload, nil)
      try(inject_payload, "", nil)
      try(inject_message, {Payload = "${'x'.repeat(128)}"})
      inject_message({}) inject_message({})
      try(inject_message, {})
      return 0`,
      { config: { log_level: 7 }, limits: { processInject: 2, outputBytes: 128 } },
    );
    const { logs, out } = s.send({ message: one });
    t.same(
      logs.map((line) => line.slice(2)),
      [
        "bad argument #1 to '?' (table expected, got no value)",
        "bad argument #1 to '?' (table expected, got nil)",
        "bad argument #1 to '?' (table expected, got string)",
        'inject_message() failed: array has mixed types',
        "bad argument #0 to '?' (must have at least one argument)",
        "bad argument #1 to '?' (unsupported type)",
        "bad argument #3 to '?' (unsupported type)",
        'inject_payload() payload_type argument must be a string',
        'inject_payload() payload_name argument must be a string',
        'inject_payload() payload_type argument must be a string',
        'inject_payload() payload_name argument must be a string',
        'inject_message() failed: exceeded output_limit',
        'inject_message() failed: injection limit exceeded',
      ],
    );
    t.equal(out.length, 2);
  });

  t.test(`${engine}: limits that end the sandbox keep their codes`, async (t) => {
    t.match(
      ending('inject_message({}) inject_message({}) return 0', { limits: { processInject: 1 } }),
      {
        code: 'HKT_SANDBOX_INJECT_COUNT',
        text: 'process_message() main.lua:2: inject_message() failed: injection limit exceeded',
        limit: 1,
        used: 2,
      },
    );
    t.match(ending('inject_message({}) return 0', { limits: { processInject: 0 } }), {
      code: 'HKT_SANDBOX_INJECT_COUNT',
      limit: 0,
    });
    t.match(
      ending(`inject_message({Payload = "${'x'.repeat(200)}"}) return 0`, {
        limits: { outputBytes: 100 },
      }),
      {
        code: 'HKT_SANDBOX_OUTPUT',
        text: 'process_message() main.lua:2: inject_message() failed: exceeded output_limit',
        limit: 100,
      },
    );
    t.match(
      ending(`add_to_payload("${'x'.repeat(200)}") return 0`, { limits: { outputBytes: 100 } }),
      {
        code: 'HKT_SANDBOX_OUTPUT',
        text: 'process_message() main.lua:2: output_limit exceeded',
      },
    );
    t.match(ending('while true do end', { limits: { instructions: 1000 } }), {
      code: 'HKT_SANDBOX_INSTRUCTIONS',
      text: 'process_message() instruction_limit exceeded',
    });
    t.match(
      ending(`inject_message({Payload = "${'x'.repeat(5000)}"}) return 0`, {
        limits: { messageBytes: 4000 },
      }),
      { text: 'process_message() main.lua:2: inject_message() failed: exceeded max_message_size' },
    );
  });

  t.test(
    `${engine}: a message that comes of too many injections is not injected any more`,
    async (t) => {
      const s = filter('inject_message({}) return 0');
      t.equal(s.send({ message: one, loop: 3 }).out.length, 1);
      t.same(s.loops, [4]);
      t.match(filter('inject_message({}) return 0').send({ message: one, loop: 4 }).termination, {
        code: 'HKT_SANDBOX_LOOPS',
        text: 'process_message() main.lua:2: inject_message() failed: exceeded MaxMsgLoops',
      });
    },
  );

  t.test(
    `${engine}: what a script's own matcher would take is injected all the same`,
    async (t) => {
      const s = filter('inject_message({Type = "type"}) return 0', {
        spec: { matcher: "Type == 'type'" },
      });
      t.equal(s.send({ message: one }).out.length, 1);
      const own = filter('return 0', { spec: { matcher: "Type == 'x'% || Fields[a][0] == NIL" } });
      t.equal(own.loadError, undefined, "and its grammar is not Heka's");
    },
  );

  t.test(`${engine}: nothing is injected while the script loads`, async (t) => {
    const s = new LsbSandbox(engine, 'filter', 'inject_message({})');
    t.match(s.loadTermination, {
      code: 'HKT_SANDBOX_INJECT_COUNT',
      text: 'main.lua:1: inject_message() failed: injection limit exceeded',
    });
  });

  t.test(`${engine}: results of process_message`, async (t) => {
    const run = (returns: string) => {
      const s = filter(`return ${returns}`);
      const { termination, logs } = s.send({ message: one });
      return [
        termination?.text ?? '',
        logs.join('|'),
        s.register(Register.processed),
        s.register(Register.failed),
      ];
    };
    t.same(run('0'), ['', '', 1, 0]);
    t.same(run('0, "ok"'), ['', '', 1, 0]);
    t.same(run('0.9'), ['', '', 1, 0]);
    t.same(run('-1'), ['', '', 1, 1]);
    t.same(run('-1, "failed"'), ['', '4 received: -1 msg: failed', 1, 1]);
    t.same(run('-1.9, "failed"'), ['', '4 received: -1 msg: failed', 1, 1]);
    t.same(run('-2, "skipped"'), ['', '4 received: -2 msg: skipped', 1, 0]);
    t.same(run('-3'), ['', '', 1, 0]);
    t.same(run('-3, "again"'), ['', '4 received: -3 msg: again', 1, 0]);
    const ended = 'process_message() received a termination status code';
    t.same(run('1'), [ended, '', 1, 0]);
    t.same(run('2, "enough"'), [ended, '3 process_message returned: 2 enough', 1, 0]);
    const numeric = 'process_message() must return a numeric status code';
    t.same(run(''), [numeric, '', 1, 0]);
    t.same(run('nil'), [numeric, '', 1, 0]);
    t.same(run('"0"'), [numeric, '', 1, 0]);
    t.same(run('{}'), [numeric, '', 1, 0]);
    const text = 'process_message() must return a nil or string error message';
    t.same(run('0, {}'), [text, '', 1, 0]);
    t.same(run('0, 5'), [text, '', 1, 0]);
    t.match(ending('return 1'), { code: 'HKT_SANDBOX_STATUS' });
  });

  t.test(`${engine}: errors of a call`, async (t) => {
    t.equal(ending('error("boom")')?.text, 'process_message() main.lua:2: boom');
    t.equal(ending('error(nil)')?.text, 'process_message() <nil error message>');
    t.equal(ending('error({})')?.text, 'process_message() <nil error message>');
    t.equal(ending('error(5)')?.text, 'process_message() main.lua:2: 5');
    t.equal(ending('require "string" error(string.rep("a", 300), 0)')?.text.length, 255);
    const missing = new LsbSandbox(engine, 'filter', '');
    t.equal(
      missing.send({ message: one }).termination?.text,
      'process_message() function was not found',
    );
    t.equal(
      missing.send({ message: one }).termination?.text,
      'process_message() function was not found',
    );
    t.equal(missing.preserve(), 'sandbox already terminated');
  });

  t.test(
    `${engine}: timer_event has its arguments, no message, and its own injection limit`,
    async (t) => {
      const s = new LsbSandbox(
        engine,
        'filter',
        `function process_message() return 0 end
      function timer_event(ns, shutdown)
        add_to_payload(ns, " ", shutdown, " ", read_message("Uuid"), read_message("nonsense"))
        inject_payload()
        if ns == 2e9 then error("boom") end
        return 5
      end`,
        { limits: { timerInject: 1, processInject: 0 } },
      );
      const { out } = s.send(
        { timer: 0 },
        { message: one, loop: 1 },
        { timer: 1e9, shutdown: true },
      );
      t.same(
        out.map((m) => m.payload),
        ['0 false nilnil', '1000000000 true nilnil'],
      );
      t.same(s.loops, [1, 2]);
      t.equal(s.register(Register.timers), 2);
      const { termination } = s.send({ timer: 2e9 });
      t.equal(termination?.text, 'timer_event() main.lua:5: boom');
    },
  );

  t.test(
    `${engine}: a script without timer_event ends by a timer, but not by the last one`,
    async (t) => {
      const s = filter('return 0');
      t.equal(s.send({ timer: 1e9, shutdown: true }).termination, undefined);
      t.ok(s.preserve() instanceof Uint8Array);
      t.equal(s.send({ timer: 1e9 }).termination?.text, 'timer_event() function was not found');
    },
  );

  t.test(
    `${engine}: messages are read as lua_sandbox reads them, also through references`,
    async (t) => {
      const s = new LsbSandbox(
        engine,
        'filter',
        `local payload = read_message("Payload", nil, nil, true)
      local raw = read_message("raw", nil, nil, true)
      function process_message()
        print(read_message("Uuid") == ("\\0"):rep(16), read_message("Pid"), read_message("Severity"), read_message("EnvVersion"))
        print(read_message("Fields[number]"), read_message("Fields[bool]"), read_message("Fields[none]"))
        print(tostring(payload), decode_message(raw).Fields[1].value[1], #decode_message(read_message("raw")).Fields)
        print(select(2, pcall(read_message, "nonsense")))
        return 0
      end
      require "string"`,
        { config: { log_level: 7 } },
      );
      t.same(
        s.send({ message: one }).logs.map((line) => line.slice(2)),
        [
          'true\tnil\t7\tnil',
          '1\ttrue\tnil',
          'payload\tstring\t3',
          "heka_read_message() field: 'nonsense' not supported/recognized",
        ],
      );
    },
  );

  t.test(`${engine}: only what is written counts as output`, async (t) => {
    const s = filter(`
      if calls == nil then calls = 1 inject_message({Payload = "0123456789"})
      else add_to_payload("abc") inject_payload("txt", "x", "defg") end
      return 0`);
    s.send({ message: one });
    t.match(s.usage().output, { used: 0, maximum: 0 });
    s.send({ message: one });
    t.match(s.usage().output, { used: 7, maximum: 7, limit: 64512 });
  });

  t.test(`${engine}: state is kept and comes back`, async (t) => {
    const script = `
      _PRESERVATION_VERSION = (read_config("preservation_version") or 0)
      count = 100
      function process_message() count = count + 1 inject_message({Payload = tostring(count)}) return 0 end`;
    const first = new LsbSandbox(engine, 'filter', script);
    t.same(
      first.send({ message: one }).out.map((m) => m.payload),
      ['101'],
    );
    const state = first.preserve();
    if (typeof state === 'string') throw new Error(state);
    const second = new LsbSandbox(engine, 'filter', script, { spec: { state } });
    t.same(
      second.send({ message: one }).out.map((m) => m.payload),
      ['102'],
    );
    const other = new LsbSandbox(engine, 'filter', script, {
      spec: { state },
      config: { preservation_version: 1 },
    });
    t.same(
      other.send({ message: one }).out.map((m) => m.payload),
      ['101'],
    );
  });

  t.test(`${engine}: work on long messages is paid for`, async (t) => {
    const long = Message.create({ payload: 'x'.repeat(50_000) });
    for (const body of [
      'local m = {Payload = read_message("Payload")} for i = 1, 1e6 do pcall(inject_message, m) end',
      'local raw = read_message("raw", nil, nil, true) for i = 1, 1e6 do decode_message(raw) end',
    ]) {
      const { termination } = filter(body, { limits: { instructions: 100_000 } }).send({
        message: long,
      });
      t.equal(termination?.code, 'HKT_SANDBOX_INSTRUCTIONS', body);
    }
  });

  t.test(`${engine}: the largest message that fits is delivered whole`, async (t) => {
    const s = filter('inject_message({Payload = read_message("Payload")}) return 0', {
      limits: { outputBytes: 65536, messageBytes: 65536 },
    });
    const { bytes } = s.send({ message: Message.create({ payload: 'x'.repeat(65_000) }) });
    t.equal(textOf(bytes[0]).includes('x'.repeat(65_000)), true);
  });
}
