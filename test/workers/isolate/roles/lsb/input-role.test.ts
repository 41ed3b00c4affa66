/** Inputs of lua_sandbox 1.x, on both engines. */
import t from 'tap';
import { Message } from '../../../../../lib/protocol/message.ts';
import { engineNames, type LsbOptions, LsbSandbox, textOf } from './lsb-sandbox.ts';

const UUID = `0a10${'00'.repeat(16)}`;

function hex(text: string): string {
  return Buffer.from(text, 'latin1').toString('hex');
}

function hexOf(bytes: Uint8Array | undefined): string {
  return hex(textOf(bytes));
}

for (const engine of engineNames) {
  const input = (script: string, options: LsbOptions = {}): LsbSandbox =>
    new LsbSandbox(engine, 'input', script, options);
  /** What a call logs with print. */
  const printed = (body: string, options: LsbOptions = {}): readonly string[] => {
    const s = input(`require "string" function process_message(cp)\n${body}\nreturn 0 end`, {
      ...options,
      config: { log_level: 7, ...options.config },
    });
    s.poll();
    const { logs, termination } = s.detail();
    return [
      ...logs.map(({ text }) => text),
      ...(termination === undefined ? [] : [`ended: ${termination.text}`]),
    ];
  };

  t.test(
    `${engine}: process_message gets the last checkpoint and says what became of it`,
    async (t) => {
      const s = input(`
      function process_message(cp, ...)
        seen = type(cp) .. select("#", ...)
        if cp == 0 then return -2, "host specific failure" end
        if cp == 1 then return -1, "failed" end
        if cp == 2 then return 0, "ok" end
        if cp == "string" then return 0, "string" end
        if cp == nil then return 0, "no cp" end
        return 0
      end`);
      t.same(s.poll(0), { status: -2, text: 'host specific failure' });
      t.same(s.poll(1), { status: -1, text: 'failed' });
      t.same(s.poll(2), { status: 0, text: 'ok' });
      t.same(s.poll('string'), { status: 0, text: 'string' });
      t.same(s.poll(), { status: 0, text: 'no cp' });
      t.same(s.poll(''), { status: 0 });
    },
  );

  t.test(`${engine}: what ends an input`, async (t) => {
    const end = (body: string) => {
      const s = input(`require "string" function process_message(cp)\n${body} end`);
      t.equal(s.poll(), undefined);
      t.equal(s.poll(), undefined, 'for good');
      return s.detail().termination?.text;
    };
    t.equal(end('error("boom")'), 'process_message() main.lua:2: boom');
    t.equal(end('return 0, {}'), 'process_message() must return a nil or string error message');
    t.equal(end('return {}'), 'process_message() must return a numeric status code');
    t.equal(end('error(string.rep("a", 255))')?.length, 255);
    t.equal(end('error(nil)'), 'process_message() <nil error message>');
    t.equal(end('return 1'), 'process_message() received a termination status code');
    const missing = input('');
    missing.poll();
    t.equal(missing.detail().termination?.text, 'process_message() function was not found');
  });

  t.test(`${engine}: messages leave with the checkpoint that was given last`, async (t) => {
    const s = input(
      `local zeros = require("string").rep("\\0", 16)
      function process_message()
        inject_message({Timestamp = 0, Uuid = zeros})
        inject_message({Timestamp = 1, Uuid = "00000000-0000-0000-0000-000000000000"}, 7)
        inject_message({Timestamp = 2, Uuid = zeros, Type = "type", Logger = "logger", Hostname = "hostname",
          Payload = "payload", EnvVersion = "envversion", Pid = 99, Severity = 5}, 99)
        return 0
      end`,
      { config: { Logger: 'iim', Pid: 0 } },
    );
    s.poll();
    t.equal(s.deliveries.length, 2, 'once after the load and once after the call');
    const { messages, checkpoint } = s.deliveries[1] ?? { messages: [], checkpoint: undefined };
    t.equal(checkpoint, 99);
    const tail = `2203${hex('iim')}40004a02${hex('hn')}`;
    t.equal(hexOf(messages[0]), `${UUID}1000${tail}`);
    t.equal(hexOf(messages[1]), `${UUID}1001${tail}`);
    t.equal(messages[2]?.length, 69);
  });

  t.test(
    `${engine}: a checkpoint can come alone, as a number or as text up to its first zero byte`,
    async (t) => {
      const given = (value: string) => {
        const s = input(`function process_message() inject_message(nil, ${value}) return 0 end`);
        t.same(s.poll(), { status: 0 }, value);
        return s.deliveries.map(({ checkpoint }) => checkpoint).filter((it) => it !== undefined);
      };
      t.same(given('"foo.log:123"'), ['foo.log:123']);
      t.same(given('123'), [123]);
      t.same(given('"a\\0b"'), ['a']);
      t.same(given('0/0'), [], 'NaN is none');
      t.same(given('-1.5'), [-1.5]);
    },
  );

  t.test(`${engine}: errors of inject_message`, async (t) => {
    t.same(
      printed(
        `local function try(...) print(select(2, pcall(inject_message, ...))) end
        try()
        try(nil)
        try(nil, nil)
        try(5) try(true) try(print) try(coroutine)
        try({}, {}) try({}, true) try(nil, print)
        try(require("io").stdin)
        try("")
        try("\\0")
        try(string.rep("x", 100))
        try(create_stream_reader("x"))
        try({Fields = {counts = {2, "ten", 4}}})
        try({Fields = {counts = {}}})
        try({Fields = {counts = {value = "s", value_type = 2}}})
        try({Fields = {bf = {value = io.stdin}}})
        try({}, string.rep("x", 8192))
        try({}, string.rep("x", 8191))
        try({Payload = string.rep("x", 300)})`,
        { limits: { outputBytes: 200 } },
      ).map((line) => line.replace(/^process_message\(\) /, '')),
      [
        'inject_message() unsupported message type: no value',
        'inject_message() message cannot be nil without a checkpoint update',
        'inject_message() message cannot be nil without a checkpoint update',
        'inject_message() unsupported message type: number',
        'inject_message() unsupported message type: boolean',
        'inject_message() unsupported message type: function',
        'inject_message() message cannot be nil without a checkpoint update',
        'inject_message() unsupported checkpoint type: table',
        'inject_message() unsupported checkpoint type: boolean',
        'inject_message() unsupported checkpoint type: function',
        "bad argument #1 to '?' (lsb.heka_stream_reader expected, got userdata)",
        'inject_message() attempted to inject a invalid protobuf string',
        'inject_message() attempted to inject a invalid protobuf string',
        'inject_message() attempted to inject a invalid protobuf string',
        'inject_message() attempted to inject a nil message',
        'inject_message() failed: array has mixed types',
        'inject_message() failed: unsupported type: nil',
        'inject_message() failed: invalid string value_type: 2',
        'inject_message() failed: userdata object does not implement lsb_output',
        'checkpoint string exceeds 8192',
        'inject_message() failed: checkpoint update',
        'inject_message() failed: exceeded output_limit',
      ],
    );
  });

  t.test(
    `${engine}: encoded messages go on byte for byte, also beyond the output limit`,
    async (t) => {
      const message = Message.create({
        payload: 'x'.repeat(500),
        uuid: new Uint8Array(16),
        timestampNs: 4,
      });
      const s = input(`function process_message(text) inject_message(text, 5) return 0 end`, {
        limits: { outputBytes: 100 },
      });
      t.same(s.poll(textOf(message.bytes)), { status: 0 });
      t.same(s.deliveries.at(-1), { messages: [message.bytes], checkpoint: 5 });
      const short = input(`function process_message(text) inject_message(text) return 0 end`, {
        limits: { messageBytes: 400 },
      });
      short.poll(textOf(message.bytes));
      t.equal(
        short.detail().termination?.text,
        'process_message() main.lua:1: inject_message() failed: exceeded max_message_size',
      );
    },
  );

  t.test(`${engine}: what is no message in lua_sandbox's terms is refused`, async (t) => {
    const head = `${'0a10'}${'00'.repeat(16)}`;
    const accepted = (text: string): unknown =>
      printed(`print(pcall(inject_message, cp))`.replace('cp', `"${escaped(text)}"`))[0];
    const right = [
      `${head}1004`,
      `1004${head}`,
      `${head}100452030a0161`, // a field without a value
      `${head}10045208${'0a0161'}${'3203010203'}`, // packed integers
      `${head}10045207${'0a0161'}${'3001'}${'3002'}`, // unpacked ones
      `${head}1004520a${'0a0161'}${'1003'}${'3a00'}${'1a0178'}`, // an empty packed list, a representation behind it
      `${head}10042201612201622801400a4a0163`, // repeated headers
    ];
    for (const bytes of right) t.equal(accepted(bytes), 'true', bytes);
    const wrong = [
      head, // no timestamp
      '1004', // no uuid
      `0a0f${'00'.repeat(15)}1004`, // a short uuid
      `${head}10`, // cut off
      `${head}1004f000`, // an unknown tag
      `${head}10045800`, // tag 11
      `${head}1204`, // timestamp of another wire type
      `${head}1004520210ff`, // a field without a name
      `${head}10045200`, // an empty field
      `${head}100452050a01613a01`, // a packed double of one byte
      `${head}100452060a016148014a`, // tag 9 in a field
      `${head}1004520a0a01`, // longer than what is there
      `${head}${'10'}${'ff'.repeat(10)}`, // an endless varint
      `${head}1004${'22'}${'ffffffffffffffffff01'}`, // a length below zero
    ];
    for (const bytes of wrong) {
      t.equal(
        accepted(bytes),
        'false\tinject_message() attempted to inject a invalid protobuf string',
        bytes,
      );
    }
  });

  t.test(
    `${engine}: is_running hands over what was gathered and says whether to go on`,
    async (t) => {
      const s = input(
        `loading = is_running()
      function process_message()
        local rounds = 0
        while is_running("ignored") do
          rounds = rounds + 1
          inject_message({Payload = tostring(rounds)}, rounds)
          if rounds == 3 then return -1, tostring(loading) end
        end
        return 0, "stopped"
      end`,
      );
      t.same(s.poll(), { status: -1, text: 'false' }, 'false while the script loads');
      const payloads = s.deliveries.map(({ messages, checkpoint }) => [
        messages.map((bytes) => Message.decode(bytes).payload).join(),
        checkpoint,
      ]);
      t.same(payloads, [
        ['', undefined],
        ['', undefined],
        ['', undefined],
        ['1', 1],
        ['2', 2],
        ['3', 3],
      ]);
      s.stop(1);
      t.same(s.poll(), { status: 0, text: 'stopped' });
      t.ok(s.preserve() instanceof Uint8Array);
    },
  );

  t.test(
    `${engine}: what is gathered leaves in the middle of a call when there is much of it`,
    async (t) => {
      const s = input(
        `local payload = require("string").rep("x", 10000)
      function process_message()
        for i = 1, 50 do inject_message({Payload = payload, Pid = i}, i) end
        return 0
      end`,
        { sizes: { outBytes: 200_000 } },
      );
      s.poll();
      t.ok(s.deliveries.length >= 4, `${s.deliveries.length}`);
      const pids = s.deliveries.flatMap(({ messages }) =>
        messages.map((m) => Message.decode(m).pid),
      );
      t.same(
        pids,
        Array.from({ length: 50 }, (_, i) => i + 1),
      );
      for (const { messages, checkpoint } of s.deliveries) {
        const last = messages.at(-1);
        if (last !== undefined) t.equal(Message.decode(last).pid, checkpoint);
      }
    },
  );

  t.test(`${engine}: a forced stop is no fault, and the state can be kept`, async (t) => {
    const s = input(`count = 0
      function process_message() while true do count = count + 1 pcall(function() while true do end end) end end`);
    s.stop(2);
    t.same(s.poll(), { status: 0 });
    t.equal(s.detail().termination, undefined);
    t.ok(s.preserve() instanceof Uint8Array);
    t.same(s.poll(), { status: 0 }, 'and nothing of it runs again');
  });

  t.test(`${engine}: files and coroutines are there`, async (t) => {
    const s = input(
      `require "io" require "coroutine"
      function process_message()
        local fh = assert(io.open("in.log"))
        local lines = coroutine.wrap(function() for line in fh:lines() do coroutine.yield(line) end end)
        inject_message({Payload = lines()})
        inject_message({Payload = lines()})
        fh:close()
        fh = io.open("out.txt", "w")
        fh:write("written ", 5)
        return 0
      end`,
      { files: { 'in.log': 'first\nsecond\n' } },
    );
    t.same(s.poll(), { status: 0 });
    t.same(
      s.deliveries.at(-1)?.messages.map((m) => Message.decode(m).payload),
      ['first', 'second'],
    );
    t.equal(
      s.files.contents.get('out.txt'),
      'written 5',
      'what was written is passed on, the file open or not',
    );
  });

  t.test(`${engine}: an input has no message and gets no events`, async (t) => {
    const s = input('function process_message() return 0 end');
    t.equal(
      s.send({ message: Message.create({}) }).termination?.text,
      'process_message() function was not found',
    );
  });
}

/** Hex as the escapes of a Lua string. */
function escaped(bytes: string): string {
  return bytes.replace(/../g, (byte) => `\\${String(Number.parseInt(byte, 16)).padStart(3, '0')}`);
}
