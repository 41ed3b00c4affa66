/**
 * Lua scripts through the whole isolate side: the interpreter, the host API, the mailbox.
 */
import t from 'tap';
import { Message } from '../../../lib/protocol/message.ts';
import { HAS_DETAIL, RunStatus } from '../../../workers/isolate/contract.ts';
import { createFengariEngine } from '../../../workers/isolate/fengari/fengari-engine.ts';
import { Register } from '../../../workers/isolate/mailbox.ts';
import { type TestEvent, TestSandbox, type TestSandboxOptions } from './test-sandbox.ts';

const ENDED = RunStatus.terminated + HAS_DETAIL;

function lua(script: string, more: Partial<TestSandboxOptions> = {}): TestSandbox {
  return new TestSandbox({ engines: { interpreted: createFengariEngine }, script, ...more });
}

/** Runs `body` as process_message over one message and gives the text of the end, or the payloads that came out. */
function processing(
  body: string,
  more: Partial<TestSandboxOptions> = {},
): string | undefined | string[] {
  const s = lua(`function process_message()\n${body}\nend`, more);
  if (s.loaded.termination !== undefined) return s.loaded.termination.text;
  const { detail, injected } = s.send({ message: widget(0) });
  return detail.termination?.text ?? injected.map(({ message }) => message.payload);
}

function widget(seconds: number, fields: Readonly<Record<string, string | number>> = {}): Message {
  return Message.create({
    type: 'Widget',
    logger: 'factory',
    payload: `part at ${seconds}`,
    timestampNs: BigInt(seconds) * 1_000_000_000n,
    fields: Object.entries(fields).map(([name, value]) => ({ name, value })),
  });
}

const MINUTES = `
  require "circular_buffer"

  minutes = circular_buffer.new(3, 1, 60)
  local PARTS = minutes:set_header(1, "Parts", "count")
  total = 0

  function process_message()
    minutes:add(read_message("Timestamp"), PARTS, 1)
    total = total + 1
    return 0
  end

  function timer_event(ns)
    inject_payload("cbuf", "parts", minutes)
  end
`;

const COLUMN = '"column_info":[{"name":"Parts","unit":"count","aggregation":"sum"}]';

t.test('a filter counts messages per minute and injects its circular buffer', async (t) => {
  const s = lua(MINUTES);
  t.same(s.loaded, { logs: [] });
  const events: TestEvent[] = [0, 59, 60, 61, 62, 180].map((at) => ({ message: widget(at) }));
  const { status, injected } = s.send(...events, { timer: 200e9 });
  t.equal(status, RunStatus.done);
  t.equal(injected.length, 1);
  t.match(injected[0]?.message, { type: 'heka.sandbox-output', logger: 'counter' });
  t.equal(injected[0]?.message.field('payload_type'), 'cbuf');
  t.equal(injected[0]?.message.field('payload_name'), 'parts');
  t.equal(
    injected[0]?.message.payload,
    `{"time":60,"rows":3,"columns":1,"seconds_per_row":60,${COLUMN}}\n3\nnan\n1\n`,
  );
  t.ok(s.register(Register.instructionsUsed) > 0);
  t.ok(s.register(Register.externalBytes) > 0);
});

t.test('a filter of Heka 0.5 runs unchanged', async (t) => {
  const s = lua(`
    require "string"
    total = 0
    local count = 0

    function process_message()
      total = total + 1
      count = count + 1
      return 0
    end

    function timer_event(ns)
      output(string.format("%d new, %d in all", count, total))
      output({total = total}, true)
      count = 0
      inject_message()
      output("a\\tb\\n")
      inject_message("tsv", "table")
      inject_message({Type = "sum", Fields = {total = total}})
    end
  `);
  const { injected } = s.send({ message: widget(1) }, { message: widget(2) }, { timer: 1 });
  t.same(
    injected.map(({ message: m }) => [
      m.type,
      m.payload,
      m.field('payload_type'),
      m.field('payload_name'),
      m.field('total'),
    ]),
    [
      ['heka.sandbox-output', '2 new, 2 in all{"total":2}\ntrue', 'txt', '', undefined],
      ['heka.sandbox-output', 'a\tb\n', 'tsv', 'table', undefined],
      ['heka.sandbox.sum', '', undefined, undefined, 2],
    ],
  );
});

t.test('state survives the end of the isolate, the script’s own references included', async (t) => {
  const first = lua(MINUTES);
  first.send({ message: widget(0) }, { message: widget(60) });
  const state = first.entry.preserve();
  if (typeof state === 'string') return t.fail(state);
  const second = lua(MINUTES, { spec: { state } });
  t.same(second.loaded, { logs: [] });
  const { injected } = second.send({ message: widget(61) }, { timer: 1 });
  t.match(injected[0]?.message.payload, /\n1\n2\nnan\n$/);
  const third = second.entry.preserve();
  t.type(third, Uint8Array);
  t.not(Buffer.compare(Buffer.from(third), Buffer.from(state)), 0);
});

t.test(
  'tables, shared references and functions of a script go through preservation as upstream has it',
  async (t) => {
    const script = `
    require "string"; require "table"; require "math"; require "os"
    local mt = setmetatable({}, {})
    if not _RESTORED then
      shared = {1, 2, 0.1}
      data = {a = shared, b = shared, [1.5] = "x", [true] = "\\0\\255", f = function() end, m = mt}
      data.self = data
      with_meta = setmetatable({1}, {})
    end
    function process_message()
      local same = data.a == data.b and data.self == data and shared == data.a
      inject_payload("txt", "", same, shared[3] == 0.1, data[1.5], #data[true], math.floor(1.5), string.len("abc"))
      return 0
    end
  `;
    const first = lua(script);
    t.same(
      first.send({ message: widget(1) }).injected.map((i) => i.message.payload),
      ['truetruex213'],
    );
    const state = first.entry.preserve();
    if (typeof state === 'string') return t.fail(state);
    const second = lua(script.replace('not _RESTORED', 'false'), { spec: { state } });
    t.equal(second.loaded.termination, undefined);
    t.same(
      second.send({ message: widget(1) }).injected.map((i) => i.message.payload),
      ['truetruex213'],
    );
    t.equal(
      lua('t = {[function() end] = 1}').entry.preserve(),
      "serialize_data cannot preserve type 'function'",
    );
  },
);

t.test('another _PRESERVATION_VERSION starts clean', async (t) => {
  const script = (version: number) => `
    _PRESERVATION_VERSION = (read_config("preservation_version") or 0) + ${version}
    n = 0
    function process_message() n = n + 1 inject_payload("txt", "", n) return 0 end
  `;
  const first = lua(script(1));
  first.send({ message: widget(1) });
  const state = first.entry.preserve();
  if (typeof state === 'string') return t.fail(state);
  const payload = (s: TestSandbox) => s.send({ message: widget(1) }).injected[0]?.message.payload;
  t.equal(payload(lua(script(1), { spec: { state } })), '2');
  t.equal(payload(lua(script(2), { spec: { state } })), '1');
  const config = { preservation_version: 1 };
  t.equal(payload(lua(script(0), { spec: { state, config } })), '2');
});

t.test('a state whose circular buffer has other dimensions fails the load', async (t) => {
  const first = lua(MINUTES);
  const state = first.entry.preserve();
  if (typeof state === 'string') return t.fail(state);
  const wider = lua(MINUTES.replace('new(3, 1, 60)', 'new(4, 1, 60)'), { spec: { state } });
  t.match(wider.loaded.termination, {
    code: 'HKT_SANDBOX_STATE',
    text: 'restore_global_data fromstring() too few values: 3, expected 4',
  });
});

t.test('errors carry the function, the script and the line', async (t) => {
  t.equal(
    processing('x = x + 1'),
    "process_message() counter.lua:2: attempt to perform arithmetic on global 'x' (a nil value)",
  );
  t.equal(processing('error("boom")'), 'process_message() counter.lua:2: boom');
  t.equal(processing('error({})'), 'process_message() <nil error message>');
  t.equal(processing('return'), 'process_message() must return a numeric status code');
  t.equal(
    processing('return -1, 1'),
    'process_message() must return a nil or string error message',
  );
  t.equal(
    processing('write_message("Type", "x")'),
    "process_message() counter.lua:2: attempt to call global 'write_message' (a nil value)",
  );
  t.equal(
    processing('read_message("Type", -1)'),
    "process_message() counter.lua:2: bad argument #2 to 'read_message' (field index must be >= 0)",
  );
  t.equal(
    processing('add_to_payload()'),
    "process_message() counter.lua:2: bad argument #0 to 'add_to_payload' (must have at least one argument)",
  );
  t.equal(
    processing('inject_payload("txt", "", "a") inject_payload("txt", "", "b")'),
    'process_message() counter.lua:2: inject_payload() exceeded InjectMessage count',
  );
  t.equal(
    processing('add_to_payload(require("string").rep("x", 64512))'),
    'process_message() counter.lua:2: output_limit exceeded',
  );
  t.equal(processing('require "io"'), "process_message() counter.lua:2: module 'io' disabled");
  t.equal(lua('\nx = = 1').loaded.termination?.text, "counter.lua:2: unexpected symbol near '='");
});

t.test('limits end the script and nothing it does about it helps', async (t) => {
  const endless = 'process_message() instruction_limit exceeded';
  t.equal(processing('while true do end'), endless);
  t.equal(processing('while true do pcall(function() while true do end end) end'), endless);
  const text = processing('local keep = {} for i = 1, 1e9 do keep[i] = {i} end', {
    limits: { memoryBytes: 1e6, instructions: 1e9 },
    host: { memory: () => 9e6 },
  });
  t.equal(text, 'process_message() not enough memory');
});

t.test(
  'a limit ends the sandbox in the middle of a batch after what was injected before',
  async (t) => {
    const s = lua(`
    function process_message()
      inject_payload("txt", "", read_message("Fields[n]"))
      if read_message("Fields[n]") == 2 then while true do end end
      return 0
    end
  `);
    const { status, injected, detail } = s.send(
      ...[1, 2, 3].map((n) => ({ message: widget(0, { n }) })),
    );
    t.equal(status, ENDED);
    t.same(
      injected.map((i) => i.message.payload),
      ['1', '2'],
    );
    t.equal(s.register(Register.nextEvent), 2);
    t.equal(s.register(Register.processed), 1);
    t.match(detail.termination, { code: 'HKT_SANDBOX_INSTRUCTIONS', used: 1_000_000 });
  },
);

t.test('the environment is a filter’s', async (t) => {
  const names = 'collectgarbage coroutine dofile load loadfile newproxy write_message io debug';
  const result = processing(
    `
    local missing, present = "", ""
    for name in ("${names}"):gmatch("%a[%w_]*") do if _G[name] ~= nil then present = present .. name end end
    require "os"
    for _, name in ipairs{"getenv", "execute", "exit", "remove", "rename", "setlocale", "tmpname"} do
      if os[name] then present = present .. " os." .. name end
    end
    add_to_payload(present, type(read_next_field), type(print), type(output), type(os.time))
    inject_payload()
    return 0`.replace('local missing', 'require "string" local missing'),
  );
  t.same(result, ['functionfunctionfunctionfunction']);
});

t.test('statistics of the circular buffer reach Lua', async (t) => {
  t.same(
    processing(`
      require "circular_buffer"
      local cb = circular_buffer.new(10, 1, 1)
      for i = 0, 9 do cb:set(i * 1e9, 1, i) end
      local avg, rows = cb:compute("avg", 1)
      local none, zero = cb:compute("avg", 1, 20e9, 30e9)
      local u1, p = cb:mannwhitneyu(1, 0, 4e9, 5e9, 9e9)
      local ok, err = pcall(cb.add, cb, 0, 5, 1)
      local rows2, cols, spr = cb:get_configuration()
      inject_payload("txt", "", avg, " ", rows, " ", none, " ", zero, " ", u1, " ", p > 0 and p < 0.01, " ", rows2 + cols + spr, " ", err)
      return 0`),
    ["4.5 10 nil 0 0 true 12 bad argument #3 to '?' (column out of range)"],
  );
  t.equal(
    processing('require "circular_buffer" circular_buffer.new(1, 1, 1)'),
    "process_message() counter.lua:2: bad argument #1 to 'new' (rows must be > 1)",
  );
});

t.test('decode_message gives back what inject_message takes', async (t) => {
  const s = lua(`
    function process_message()
      local m = decode_message(read_message("raw"))
      m.Type = m.Type .. "2"
      inject_message(m)
      return 0
    end
  `);
  const message = widget(9, { n: 5, s: 'x' });
  const { injected } = s.send({ message });
  const copy = injected[0]?.message;
  t.match(copy, { type: 'heka.sandbox.Widget2', uuid: message.uuid, payload: 'part at 9' });
  t.equal(copy?.field('n'), 5);
  t.equal(copy?.field('s'), 'x');
});

t.test('print and tostring of the guest', async (t) => {
  const s = lua(
    'print("loaded", 1.5, nil, setmetatable({}, {__tostring = function() return "me" end}))',
  );
  t.same(s.loaded.logs, [{ level: 7, text: 'loaded\t1.5\tnil\tme' }]);
});

t.test('batches of trivial messages do not slow down or leak', async (t) => {
  const s = lua('n = 0 function process_message() n = n + 1 return 0 end');
  const events = Array.from({ length: 64 }, (_, i) => ({ message: widget(i) }));
  for (let round = 0; round < 50; round++) {
    s.feed(events);
    t.equal(s.enter(), RunStatus.done);
  }
  t.equal(s.register(Register.processed), 64);
});
