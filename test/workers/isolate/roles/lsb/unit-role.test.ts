/** The sandbox of module tests, on both engines: lua_sandbox's unit test interface. */
import t from 'tap';
import { extensionCode } from '../../../../../lib/cells/isolate-code.ts';
import type { SandboxSpec } from '../../../../../lib/protocol/batch.ts';
import { engineNames, type LsbOptions, LsbSandbox } from './lsb-sandbox.ts';

const extensions = await extensionCode();

/** Entries that upstream's own tests take out. */
const RESTRICTED: NonNullable<SandboxSpec['removedEntries']> = {
  '': ['collectgarbage', 'dofile', 'load', 'loadfile', 'loadstring', 'newproxy', 'print'],
  os: ['getenv', 'execute', 'exit', 'remove', 'rename', 'setlocale', 'tmpname'],
};
/** What units have beside the generic sandbox. */
const MESSAGE_FUNCTIONS = [
  'add_to_payload',
  'create_message_matcher',
  'create_stream_reader',
  'decode_message',
  'encode_message',
  'inject_message',
  'inject_payload',
  'is_running',
  'read_message',
  'update_checkpoint',
];

for (const engine of engineNames) {
  const unit = (script: string, options: LsbOptions = {}): LsbSandbox =>
    new LsbSandbox(engine, 'unit', script, options);

  t.test(
    `${engine}: process and report are called with a number, and say how it went`,
    async (t) => {
      const s = unit(`
      function process(tc, ...)
        if tc == 1 then return 0, "ok" end
        if tc == 3 then return "5" end
        if tc == 4 then return -1.9, "failed" end
        if tc == 5 then return 7 end
        write_output(tc, select("#", ...))
        return 0
      end
      function report(tc) write_output("report ", tc) return 99, "ignored" end`);
      t.same(s.test('process', 1), { status: 0, error: 'ok', outputs: [] });
      t.same(s.test('report', 9), { status: 0, error: 'ok', outputs: ['report 9'] });
      t.same(s.test('process', 0), { status: 0, error: '', outputs: ['00'] });
      t.same(s.test('process', 3), { status: 5, error: '', outputs: [] });
      t.same(s.test('process', 4), { status: -1, error: 'failed', outputs: [] });
      t.same(
        s.test('process', 5),
        { status: 7, error: '', outputs: [] },
        'a status above 0 ends nothing',
      );
      t.same(s.test('process', 1.5), { status: 0, error: '', outputs: ['1.50'] });
    },
  );

  t.test(`${engine}: what ends it`, async (t) => {
    const end = (body: string, options: LsbOptions = {}) => {
      const s = unit(`function process(tc) ${body} end function report() return 0 end`, options);
      const first = s.test('process', 2);
      t.equal(first.status, 1);
      t.same(s.test('report', 0), { status: 1, error: first.error, outputs: [] }, 'for good');
      return first.error;
    };
    t.equal(end('return 0, true'), 'process() must return a nil or string error message');
    t.equal(end('return nil'), 'process() must return a numeric error code');
    t.equal(end('return'), 'process() must return a numeric error code');
    t.equal(end('return "x"'), 'process() must return a numeric error code');
    t.equal(end('error(nil)'), 'process() <nil error message>');
    t.equal(end('error({})'), 'process() <nil error message>');
    t.equal(
      end('x = x + 1'),
      "process() main.lua:1: attempt to perform arithmetic on global 'x' (a nil value)",
    );
    t.equal(
      end('while true do end', { limits: { instructions: 1000 } }),
      'process() instruction_limit exceeded',
    );
    const report = unit('function report() error("late") end');
    t.match(report.test('report', 0), { status: 1, error: 'report() main.lua:1: late' });
  });

  t.test(`${engine}: a function that is not there is no end`, async (t) => {
    const s = unit(
      'function later() function process() return 0 end end function report() later() end',
    );
    t.same(s.test('process', 0), { status: 1, error: 'process() not found', outputs: [] });
    t.same(s.test('report', 0), { status: 0, error: 'process() not found', outputs: [] });
    t.same(s.test('process', 0), { status: 0, error: '', outputs: [] });
    const number = unit('process = 5');
    t.equal(number.test('process', 0).status, 1);
  });

  t.test(`${engine}: output gathers, and write_output hands over`, async (t) => {
    const s = unit(`
      write_output("while it loads")
      function process(tc)
        if tc == 0 then write_output(1.2, " string ", nil, " ", true, " ", false) end
        if tc == 1 then output("a") output("b", 5) write_output("c") write_output() write_output("d\\0") end
        if tc == 2 then output("left") end
        if tc == 3 then write_output() end
        return 0
      end`);
    t.same(s.test('process', 0).outputs, ['1.2 string nil true false']);
    t.same(s.test('process', 1).outputs, ['ab5c', '', 'd\0']);
    t.same(s.test('process', 2).outputs, []);
    t.same(s.test('process', 3).outputs, ['left']);
  });

  t.test(`${engine}: objects write themselves`, async (t) => {
    const probe = `() => () => ({ name: 'ud', open: () => ({ name: 'ud', functions: {
      new: ([name]) => ({ kind: 'object', type: 'ud', methods: {}, externalBytes: 0, output: () => name }),
      mute: () => ({ kind: 'object', type: 'mute', methods: {}, externalBytes: 0 }),
    } }) })`;
    const s = unit(
      `require "ud"
      function process(tc) if tc == 1 then write_output(ud.mute()) end write_output(ud.new("foo"), 1) return 0 end`,
      {
        spec: { nativeModules: ['ud'] },
        host: { extension: (name) => (name === 'module/ud' ? probe : extensions[name]) },
      },
    );
    t.same(s.test('process', 0).outputs, ['foo1']);
    t.match(
      s.test('process', 1).error,
      "bad argument #1 to 'write_output' (unknown userdata type)",
    );
  });

  t.test(`${engine}: a forced stop ends it`, async (t) => {
    const s = unit('function process() while true do end end', {
      limits: { instructions: Number.POSITIVE_INFINITY },
    });
    s.stop(2);
    t.equal(s.test('process', 0).error, 'process() shutting down');
  });

  t.test(`${engine}: errors of output`, async (t) => {
    const limits = { outputBytes: 128 };
    const error = (body: string) =>
      unit(`function process(tc)\n${body}\nend`, {
        limits,
        spec: { access: { root: '/', network: false } },
      }).test('process', 0).error;
    t.equal(
      error('output({})'),
      "process() main.lua:2: bad argument #1 to 'output' (unsupported type)",
    );
    t.equal(
      error('output()'),
      "process() main.lua:2: bad argument #0 to 'output' (must have at least one argument)",
    );
    t.equal(
      error(
        'local e = ("\\n"):rep(60) for i = 1, 10 do e = e .. e end output(e)'.replace(
          'local',
          'require "string" local',
        ),
      ),
      'process() main.lua:2: output_limit exceeded',
    );
    t.equal(
      error('write_output(require("io").stdin)'),
      "process() main.lua:2: bad argument #1 to 'write_output' (unknown userdata type)",
    );
    t.equal(
      error('for i = 1, 15 do output(("x"):rep(102)) end'.replace('for', 'require "string" for')),
      'process() main.lua:2: output_limit exceeded',
    );
  });

  t.test(`${engine}: modules and limits, as upstream's error test has them`, async (t) => {
    const modules = {
      bad_module: 'function process_message()\nend\nreturn 1 + nilvalue',
    };
    const error = (body: string, options: LsbOptions = {}) =>
      unit(`function process(tc)\n${body}\nend`, {
        modules,
        spec: { moduleDirectories: ['/m'] },
        ...options,
      }).test('process', 0).error;
    t.equal(
      error('require("unknown")'),
      "process() main.lua:2: module 'unknown' not found:\n\tno file 'unknown.lua'",
    );
    t.equal(
      error('require "bad_module"'),
      "process() bad_module.lua:3: attempt to perform arithmetic on global 'nilvalue' (a nil value)",
    );
    t.equal(error('require "../invalid"'), "process() invalid module name '../invalid'");
    t.match(
      error(`require "${'pathoverflow'.repeat(21)}"`),
      /^process\(\) main\.lua:2: module 'pathoverflow.{210,}$/,
    );
    t.equal(error(`require "${'pathoverflow'.repeat(21)}"`).length, 255);
    t.equal(
      error(
        'data = "" for i = 1, 500 do data = data .. ("x"):rep(1000) end'.replace(
          'data',
          'require "string" data',
        ),
        {
          limits: { memoryBytes: 32767 },
          host: { memory: () => 1 << 20 },
        },
      ),
      'process() not enough memory',
    );
    const none = unit('require "foo"');
    t.equal(
      none.loadError,
      "no 'path' configuration was specified for the sandbox; external modules have been disabled",
    );
  });

  t.test(
    `${engine}: the generic sandbox is what is left when the message functions are taken out`,
    async (t) => {
      const base =
        '_G _VERSION assert error gcinfo getfenv getmetatable ipairs module next output package pairs pcall print rawequal rawget ' +
        'rawset read_config require select setfenv setmetatable tonumber tostring type unpack xpcall';
      const list = (removed: NonNullable<SandboxSpec['removedEntries']>) => {
        const s = unit(
          `local found = {}
        for name in pairs(_G) do found[#found + 1] = name end
        require("table").sort(found)
        write_output(table.concat(found, " "))
        local sum = table.concat(found, " ")
        function process() write_output(sum) return 0 end`,
          { spec: { removedEntries: removed } },
        );
        return s.test('process', 0).outputs[0]?.split(' ');
      };
      const restricted = { ...RESTRICTED, '': [...(RESTRICTED[''] ?? []), ...MESSAGE_FUNCTIONS] };
      t.same(list(restricted), [...base.split(' '), 'write_output'].sort());
      t.same(
        list({}),
        [
          ...base.split(' '),
          ...MESSAGE_FUNCTIONS,
          'collectgarbage',
          'dofile',
          'load',
          'loadfile',
          'loadstring',
          'newproxy',
          'write_output',
        ].sort(),
      );
    },
  );

  t.test(`${engine}: libraries, and modules that are refused`, async (t) => {
    const s = unit(
      `require "math" require "os" require "string" require "table"
      local function names(t)
        local found = {}
        for name in pairs(t) do found[#found + 1] = name end
        table.sort(found)
        return table.concat(found, " ")
      end
      function process()
        write_output(names(os)) write_output(names(package)) write_output(names(string))
        write_output(select(2, pcall(require, "io")))
        write_output(select(2, pcall(require, "coroutine")))
        return 0
      end`,
      { spec: { removedEntries: RESTRICTED, disabledModules: ['io', 'coroutine'] } },
    );
    t.same(s.test('process', 0).outputs, [
      'clock date difftime time',
      'seeall',
      'byte char dump find format gfind gmatch gsub len lower match rep reverse sub upper',
      "module 'io' disabled",
      "module 'coroutine' disabled",
    ]);
  });

  t.test(`${engine}: with access there are files, and Lua files can be loaded`, async (t) => {
    const options: LsbOptions = {
      spec: { access: { root: '/', network: false } },
      files: { 'part.lua': '#!lua\nreturn ...', 'bad.lua': 'x = = 1', 'in.txt': 'text' },
    };
    const s = unit(
      `require "io"
      function process(tc)
        write_output(io.open("in.txt"):read("*a"), assert(loadfile("part.lua"))(7))
        write_output(select(2, loadfile("bad.lua"))) write_output(select(2, loadfile("none.lua")))
        write_output(dofile("part.lua"), select(2, pcall(dofile, "none.lua")))
        local fh = io.open("out.txt", "w") fh:write("left open")
        return 0
      end`,
      options,
    );
    t.same(s.test('process', 0).outputs, [
      'text7',
      "bad.lua:1: unexpected symbol near '='",
      'cannot open none.lua: No such file or directory',
      'nilcannot open none.lua: No such file or directory',
    ]);
    t.equal(s.files.contents.get('out.txt'), 'left open');
    t.equal(s.files.openCount, 2, 'what was read to load it is closed');
    const without = unit('require "io"');
    t.equal(without.loadError, "main.lua:1: module 'io' disabled");
  });

  t.test(
    `${engine}: print at log level 7, and read_config, also with a configuration`,
    async (t) => {
      const s = unit(
        `assert(read_config("memory_limit") == 65765) assert(read_config("input_limit") == 64512)
      assert(read_config("array")[2] == 99) assert(read_config("hash").hash1.subfoo == "subbar")
      function process(tc) if tc == 1 then print("foo\\n", 10, true) else print() end return 0 end`,
        {
          config: {
            memory_limit: 65765,
            array: ['foo', 99],
            hash: { hash1: { subfoo: 'subbar' } },
            log_level: 7,
          },
        },
      );
      t.equal(s.loadError, undefined);
      s.test('process', 0);
      t.same(s.detail().logs, []);
      s.test('process', 1);
      t.same(s.detail().logs, [{ level: 7, text: 'foo \t10\ttrue' }]);
    },
  );

  t.test(`${engine}: message functions work on what a test has itself`, async (t) => {
    const s = unit(`
      function process(tc)
        local bytes = encode_message({Timestamp = 6, Uuid = "0123456789abcdef", Payload = "p"}, true)
        local hsr = create_stream_reader("test")
        assert(hsr:find_message(bytes))
        write_output(hsr:read_message("Payload"), decode_message(hsr:read_message("raw")).Timestamp)
        inject_message(hsr) inject_message({Payload = "x"}, 5) inject_message(nil, 5) inject_payload("txt", "n", "x")
        write_output(read_message("Payload"), is_running(), select(2, pcall(inject_message, {Fields = {a = {}}})))
        write_output(select(2, pcall(create_message_matcher, "x")), type(create_message_matcher("TRUE")))
        return 0
      end`);
    t.same(s.test('process', 0).outputs, [
      'p6',
      'niltrueinject_message() failed: unsupported type: nil',
      'invalid message matcher expressionuserdata',
    ]);
  });

  t.test(`${engine}: the other flavour has Heka's functions`, async (t) => {
    const s = unit(
      `function process(tc)
        if tc == 0 then
          write_output(read_config("a"), read_message("Payload"), type(read_next_field), type(output), type(create_stream_reader))
          inject_payload("txt", "n", "x") inject_message({Type = "x"})
        end
        if tc == 1 then for i = 1, 1000 do inject_message({Payload = "x"}) end end
        return 0
      end`,
      { spec: { api: 'heka' }, config: { a: 1 }, limits: { timerInject: 5 } },
    );
    t.same(s.test('process', 0), {
      status: 0,
      error: '',
      outputs: ['1nilfunctionfunctionnil'],
    });
    t.match(s.test('process', 1).error, 'exceeded InjectMessage count');
  });

  t.test(`${engine}: its state can be kept, and comes back`, async (t) => {
    const script = `
      _PRESERVATION_VERSION = 1
      count = 100
      function process() count = count + 1 write_output(count) return 0 end
      function report(version) _PRESERVATION_VERSION = version end`;
    const first = unit(script);
    t.same(first.test('process', 0).outputs, ['101']);
    const state = first.preserve();
    if (typeof state === 'string') throw new Error(state);
    const second = unit(script, { spec: { state } });
    t.same(second.test('process', 0).outputs, ['102']);
    second.test('report', 2);
    const changed = second.preserve();
    if (typeof changed === 'string') throw new Error(changed);
    t.same(unit(script, { spec: { state: changed } }).test('process', 0).outputs, ['101']);
    const bad = unit('t = { [function() end] = "foo" }');
    t.equal(bad.preserve(), "serialize_data cannot preserve type 'function'");
  });

  t.test(`${engine}: what write_output hands over is bounded`, async (t) => {
    const s = unit(
      'local x = require("string").rep("x", 60000) function process() while true do write_output(x) end end',
      { limits: { memoryBytes: 1 << 20, instructions: 1e9 } },
    );
    t.equal(s.test('process', 0).error, 'process() main.lua:1: not enough memory');
  });
}
