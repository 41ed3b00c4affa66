/** What scripts of lua_sandbox 1.x's sandbox types find around them, on both engines. */
import t from 'tap';
import type { GuestConfigValue, SandboxKind } from '../../../../../lib/protocol/batch.ts';
import { Message } from '../../../../../lib/protocol/message.ts';
import { engineNames, type LsbOptions, LsbSandbox } from './lsb-sandbox.ts';

const BASE =
  '_G _VERSION assert error gcinfo getfenv getmetatable ipairs module next package pairs pcall print rawequal ' +
  'rawget rawset require select setfenv setmetatable tonumber tostring type unpack xpcall';

/** Globals that each type has beside the base library's, once its script is loaded. */
const TYPES: readonly (readonly [SandboxKind, string])[] = [
  [
    'filter',
    'add_to_payload decode_message inject_message inject_payload read_config read_message',
  ],
  [
    'input',
    'collectgarbage create_stream_reader decode_message inject_message is_running read_config',
  ],
  [
    'output',
    'collectgarbage create_message_matcher decode_message encode_message inject_message read_config read_message update_checkpoint',
  ],
  [
    'decoder',
    'add_to_payload collectgarbage create_stream_reader decode_message inject_message inject_payload read_config read_message',
  ],
  [
    'encoder',
    'add_to_payload collectgarbage decode_message encode_message inject_message inject_payload read_config read_message',
  ],
];

const LIBRARIES: Readonly<Record<string, string>> = {
  string: 'byte char find format gfind gmatch gsub len lower match rep reverse sub upper',
  table: 'concat foreach foreachi getn insert maxn remove setn sort',
  math:
    'abs acos asin atan atan2 ceil cos cosh deg erf erfc exp floor fmod frexp huge ldexp log log10 max min mod modf pi pow rad ' +
    'random randomseed sin sinh sqrt tan tanh',
};

/** Makes a sandbox whose script logs what it finds, and gives the lines. */
function logged(
  engine: (typeof engineNames)[number],
  kind: SandboxKind,
  script: string,
  options: LsbOptions = {},
): readonly string[] {
  const s = new LsbSandbox(engine, kind, script, {
    ...options,
    config: { log_level: 7, ...options.config },
  });
  if (s.loadError !== undefined) throw new Error(s.loadError);
  return s.loadLogs.map(({ text }) => text);
}

const NAMES = `
  local function names(t)
    local found = {}
    for name in pairs(t) do found[#found + 1] = name end
    table.sort(found)
    return table.concat(found, " ")
  end
`;

for (const engine of engineNames) {
  for (const [kind, functions] of TYPES) {
    t.test(
      `${engine}, ${kind}: the base library and the type's own functions, and nothing else`,
      async (t) => {
        const script = `
        local table = require "table"
        ${NAMES}
        function process_message()
          _G.table = nil
          print(names(_G))
          return 0
        end`;
        const s = new LsbSandbox(engine, kind, script, { config: { log_level: 7 } });
        t.equal(s.loadError, undefined);
        let logs: readonly string[];
        if (kind === 'input') {
          s.poll();
          logs = s.detail().logs.map(({ text }) => text);
        } else {
          logs = s.send({ message: Message.create({}) }).logs.map((line) => line.slice(2));
        }
        const expected = `${BASE} process_message ${functions}`.split(' ').sort().join(' ');
        t.same(logs[0]?.split(' ').sort().join(' '), expected);
      },
    );

    t.test(`${engine}, ${kind}: the contents of the libraries`, async (t) => {
      const machine = kind === 'input' || kind === 'output';
      const all = logged(
        engine,
        kind,
        `require "table" require "string" require "math" require "os" ${NAMES}
        for _, library in ipairs {"string", "table", "math", "os", "package"} do print(names(_G[library])) end
        print(pcall(require, "io")) print(pcall(require, "coroutine"))
        if io then print(names(io)) end
        if coroutine then print(names(coroutine)) end`,
      );
      t.equal(all[0], LIBRARIES['string']);
      t.equal(all[1], LIBRARIES['table']);
      t.equal(all[2], LIBRARIES['math']);
      t.equal(
        all[3],
        machine
          ? 'clock date difftime execute getenv remove rename time tmpname'
          : 'clock date difftime time',
      );
      t.equal(all[4], 'seeall');
      if (machine) {
        t.match(all[5], /^true\ttable/);
        t.equal(
          all[7],
          'close flush input lines open output popen read stderr stdin stdout tmpfile type write',
        );
      } else t.equal(all[5], "false\tmodule 'io' disabled");
      if (kind === 'filter') t.equal(all[6], "false\tmodule 'coroutine' disabled");
      else t.equal(all.at(-1), 'create resume running status wrap yield');
    });
  }

  t.test(
    `${engine}: output is there while an input or output loads, and never for a filter`,
    async (t) => {
      const script = 'print(type(output), type(add_to_payload))';
      t.same(logged(engine, 'input', script), ['function\tnil']);
      t.same(logged(engine, 'output', script), ['function\tnil']);
      t.same(logged(engine, 'filter', script), ['nil\tfunction']);
    },
  );

  t.test(`${engine}: strings have methods only once the library is loaded`, async (t) => {
    t.same(
      logged(
        engine,
        'filter',
        `print(pcall(function() return ("x"):upper() end))
        require "string"
        print(("x"):upper())
        print(type(getmetatable(_G)))`,
      ),
      ['false\tmain.lua:1: attempt to index a string value', 'X', 'table'],
    );
  });

  t.test(
    `${engine}: read_config gives what is configured, and one and the same table each time`,
    async (t) => {
      const config: Readonly<Record<string, GuestConfigValue>> = {
        array: ['foo', 99],
        hash: { foo: 'bar', hash1: { subfoo: 'subbar' }, list: [[1], { a: true }] },
        text: 'a\0\xff',
        flag: false,
        5: 'five',
        memory_limit: 65765,
      };
      const lines = logged(
        engine,
        'filter',
        `local array, hash = read_config("array"), read_config("hash")
      print(#array, array[1], array[2], hash.foo, hash.hash1.subfoo, hash.list[1][1], hash.list[2].a)
      print(read_config("text") == "a\\0\\255", read_config("flag"), read_config("nothing"), read_config(5))
      print(read_config("memory_limit"), read_config("input_limit"), read_config("max_message_size"))
      print(read_config("toString"), read_config("__proto__"), read_config("Hostname"), read_config("Logger"))
      print(array == read_config("array"), hash == read_config("hash"))
      hash.foo = "changed"
      array[3] = 1
      print(read_config("hash").foo, #read_config("array"))
      local function fails(...) print(select(2, pcall(read_config, ...))) end
      fails() fails(nil) fails({}) fails("a", 1)`,
        { config },
      );
      t.same(lines, [
        '2\tfoo\t99\tbar\tsubbar\t1\ttrue',
        'true\tfalse\tnil\tfive',
        '65765\t64512\t65536',
        'nil\tnil\thn\tlg',
        'true\ttrue',
        'changed\t3',
        "bad argument #1 to '?' (string expected, got no value)",
        "bad argument #1 to '?' (string expected, got nil)",
        "bad argument #1 to '?' (string expected, got table)",
        "bad argument #0 to '?' (too many arguments)",
      ]);
    },
  );

  t.test(
    `${engine}: a max_message_size that is none is replaced, and read_config shows it`,
    async (t) => {
      for (const given of ['x', 0, -1, true]) {
        t.same(
          logged(engine, 'input', 'print(read_config("max_message_size"))', {
            config: { max_message_size: given },
          }),
          ['65536'],
        );
      }
      t.same(
        logged(engine, 'input', 'print(read_config("max_message_size"))', {
          config: { max_message_size: 8196 },
        }),
        ['8196'],
      );
    },
  );

  t.test(
    `${engine}: print writes one line of printable characters, at log level 7 alone`,
    async (t) => {
      const script = `
      print()
      print("foo\\n", 10, true)
      print("f\\r\\0x", 10, true)
      print("\\195\\169", nil)
      local own = setmetatable({}, {__tostring = function() return "own" end})
      print(own)
      tostring = function() return 5 end
      print("x")
      tostring = function() return {} end
      rest = {pcall(print, "foo")}
      tostring = nil
      again = {pcall(print, "foo")}
      tostring = function(x) return x end
      print(rest[2])
      print(again[2])`;
      t.same(logged(engine, 'filter', script), [
        'foo \t10\ttrue',
        'f \t10\ttrue',
        '  \tnil',
        'own',
        '5',
        "'tostring' must return a string to 'print'",
        'attempt to call a nil value',
      ]);
      for (const level of [6, 8, 0, '7', true]) {
        t.same(
          logged(engine, 'filter', script.replace(/rest.*/s, ''), {
            config: { log_level: level },
          }),
          [],
        );
      }
      const silent = new LsbSandbox(engine, 'filter', 'print("x")');
      t.same(silent.loadLogs, [], 'and the default is 3');
    },
  );

  t.test(
    `${engine}: print is cut at the output limit and empties the payload, also when it is silent`,
    async (t) => {
      t.same(
        logged(engine, 'filter', 'print("0123456789012345678", "x")', {
          limits: { outputBytes: 16 },
        }),
        ['012345678901234'],
      );
      const s = new LsbSandbox(
        engine,
        'filter',
        'function process_message() add_to_payload("lost") print() add_to_payload("kept") inject_payload() return 0 end',
      );
      const { out } = s.send({ message: Message.create({}) });
      t.same(
        out.map(({ payload }) => payload),
        ['kept'],
      );
    },
  );

  t.test(`${engine}: require in the order and with the texts of lua_sandbox`, async (t) => {
    const modules = {
      'a.b': 'local name = ... ; return {name = name, one = 1, two = 2}',
      falsy: 'count = (count or 0) + 1; return false',
      nothing: 'x = 1',
      number: 'return 5',
      bad: 'return 1 + nilvalue',
      syntax: 'x = = 1',
      loop: 'require "loop"',
      '7': 'return "seven"',
      setup: 'module("setup") value = 3',
    };
    const lines = logged(
      engine,
      'filter',
      `local m = require "a.b"
      print(m.name, m.one, m.two, require("a.b") == m, a, type(getmetatable(m)))
      print(require "falsy", require "falsy", count)
      print(require "nothing", require "nothing", require "number", require(7))
      print(require("").print == print, require "_G" == _G, require "package" == package)
      print(package.loaded, package.preload, package.path, package.cpath, package.loaders)
      require "setup"
      print(setup.value, type(math), require "math" == math)
      local function fails(...) print(select(2, pcall(function(...) require(...) end, ...))) end
      fails "bad"
      fails "syntax"
      fails "loop"
      fails "loop"
      fails "../invalid"
      fails "with space"
      fails "io"
      fails(nil)
      fails({})
      fails "unknown"
      fails "off"`,
      {
        modules,
        spec: {
          disabledModules: ['off'],
          removedEntries: { 'a.b': ['two', 'unknown'] },
          moduleDirectories: ['/m'],
        },
      },
    );
    t.same(lines, [
      'a.b\t1\tnil\ttrue\tnil\ttable',
      'false\tfalse\t2',
      'true\ttrue\t5\tseven',
      'true\ttrue\ttrue',
      'nil\tnil\tnil\tnil\tnil',
      '3\tnil\ttrue',
      "bad.lua:1: attempt to perform arithmetic on global 'nilvalue' (a nil value)",
      "error loading module 'syntax' from file 'syntax.lua':  syntax.lua:1: unexpected symbol near '='",
      "loop.lua:1: loop or previous error loading module 'loop'",
      "main.lua:9: loop or previous error loading module 'loop'",
      "invalid module name '../invalid'",
      "invalid module name 'with space'",
      "main.lua:9: module 'io' disabled",
      "main.lua:9: bad argument #1 to 'require' (string expected, got nil)",
      "main.lua:9: bad argument #1 to 'require' (string expected, got table)",
      "main.lua:9: module 'unknown' not found:  no file 'unknown.lua'",
      "main.lua:9: module 'off' disabled",
    ]);
  });

  t.test(`${engine}: without folders for modules require says so`, async (t) => {
    const s = new LsbSandbox(engine, 'filter', 'require "foo"');
    t.equal(
      s.loadError,
      "no 'path' configuration was specified for the sandbox; external modules have been disabled",
    );
  });

  t.test(`${engine}: collectgarbage tells of the isolate's memory where it is`, async (t) => {
    const seen: boolean[] = [];
    const lines = logged(
      engine,
      'input',
      'print(collectgarbage("count") > 0, collectgarbage(), gcinfo() > 0, pcall(collectgarbage, "bogus"))',
      {
        host: {
          memory: (collect) => {
            seen.push(collect);
            return 1 << 20;
          },
        },
      },
    );
    t.same(lines, ["true\t0\ttrue\tfalse\tbad argument #1 to '?' (invalid option 'bogus')"]);
    t.ok(seen.includes(true));
  });

  t.test(
    `${engine}: the environment cannot be reached through the operator's tables`,
    async (t) => {
      t.same(
        logged(
          engine,
          'filter',
          'local t = read_config("t"); t.self = t; print(t.self.self == t, read_config("t").self == t)',
          { config: { t: { a: 1 } } },
        ),
        ['true\ttrue'],
      );
    },
  );
}
