/**
 * require, module and what the environment holds before anything is required.
 */
import t from 'tap';
import { GuestError } from '../../workers/isolate/engine.ts';
import { engines } from './engines.ts';
import {
  evaluate as evaluateWith,
  type GuestSettings,
  makeGuest as makeGuestWith,
  outcomeText,
} from './guest.ts';

const bare: GuestSettings = { libraries: [] };

for (const factory of engines) {
  const makeGuest = (settings?: GuestSettings) => makeGuestWith(factory, settings);
  const evaluate = (source: string, settings?: GuestSettings) =>
    evaluateWith(factory, source, settings);

  t.test(`${factory.name}: only the base library is there before require`, async (t) => {
    t.equal(
      evaluate('return string, table, math, os, coroutine, io, debug', bare),
      'nil | nil | nil | nil | nil | nil | nil',
    );
    t.equal(evaluate('return ("x"):upper()', bare), 'chunk.lua:1: attempt to index a string value');
    const names = `_G _VERSION assert error gcinfo getfenv getmetatable ipairs module next package pairs pcall rawequal
    rawget rawset require select setfenv setmetatable tonumber tostring type unpack xpcall`;
    for (const name of names.split(/\s+/)) t.not(evaluate(`return ${name}`, bare), 'nil', name);
    t.equal(
      evaluate('return _VERSION, type(getmetatable(_G)), package.loaded, package.path', bare),
      'Lua 5.1 | table | nil | nil',
    );
    t.equal(
      evaluate(
        'local n = 0 for k in pairs(package) do n = n + 1 end return n, type(package.seeall)',
        bare,
      ),
      '1 | function',
    );
  });

  t.test(`${factory.name}: require returns a library and sets its global`, async (t) => {
    t.equal(evaluate('return require "string" == string, ("x"):upper()', bare), 'true | X');
    t.equal(
      evaluate(
        'local a = require "math" return a == require "math", math.erf(0.5), math.erfc(0.5)',
        bare,
      ),
      'true | 0.52049987781305 | 0.47950012218695',
    );
    t.equal(
      evaluate('return require "_G" == _G, require "" == _G, require "package" == package', bare),
      'true | true | true',
    );
    t.equal(evaluate('return type(getmetatable(require "table"))', bare), 'table');
  });

  t.test(
    `${factory.name}: entries and modules that the host takes away are not there`,
    async (t) => {
      const settings = {
        ...bare,
        removed: ['loadstring', 'os.date', 'mine.b'],
        disabled: ['io'],
        modules: { mine: 'return {a = 1, b = 2}' },
      };
      t.equal(
        evaluate('return loadstring, require("os").date, type(os.time)', settings),
        'nil | nil | function',
      );
      t.equal(evaluate('local m = require "mine" return m.a, m.b', settings), '1 | nil');
      t.equal(evaluate('require "io"', settings), "chunk.lua:1: module 'io' disabled");
      t.equal(evaluate('return pcall(require, "io")', settings), "false | module 'io' disabled");
    },
  );

  t.test(`${factory.name}: a module file is run once and its result kept`, async (t) => {
    const modules = {
      counted: 'loads = (loads or 0) + 1 return {name = ...}',
      silent: 'x = 1',
      no: 'loads = (loads or 0) + 1 return false',
      text: 'return "text"',
      'deep.er': 'return {where = ...}',
      classic: 'module(..., package.seeall) function hi() return _NAME end',
    };
    const settings = { ...bare, modules };
    t.equal(
      evaluate(
        'local a = require "counted" return a == require "counted", a.name, loads, counted',
        settings,
      ),
      'true | counted | 1 | nil',
    );
    t.equal(evaluate('return require "silent", x', settings), 'true | 1');
    t.equal(evaluate('return require "no", require "no", loads', settings), 'false | false | 2');
    t.equal(evaluate('return require "text", getmetatable("")', settings), 'text | nil');
    t.equal(evaluate('return require("deep.er").where', settings), 'deep.er');
    t.equal(
      evaluate('return require "classic" == classic, classic.hi()', settings),
      'true | classic',
    );
    t.equal(evaluate('local m = require "counted" return next(getmetatable(m))', settings), 'nil');
  });

  t.test(`${factory.name}: what goes wrong in require is told as upstream tells it`, async (t) => {
    const modules = {
      syn: 'x = = 1',
      boom: '\nerror("boom")',
      a: 'require "b"',
      b: 'require "a"',
      '#!': '',
    };
    const settings = { ...bare, modules };
    t.equal(
      evaluate('require "nope"', settings),
      "chunk.lua:1: module 'nope' not found:\n\tno file 'lua/nope.lua'",
    );
    t.equal(evaluate('require "../x"', settings), "invalid module name '../x'");
    t.equal(
      evaluate('require "syn"', settings),
      "error loading module 'syn' from file 'lua/syn.lua':\n\tlua/syn.lua:1: unexpected symbol near '='",
    );
    t.equal(evaluate('require "boom"', settings), 'lua/boom.lua:2: boom');
    t.equal(
      evaluate('require "a"', settings),
      "lua/b.lua:1: loop or previous error loading module 'a'",
    );
    t.equal(
      evaluate('require {}', settings),
      "chunk.lua:1: bad argument #1 to 'require' (string expected, got table)",
    );
  });

  t.test(
    `${factory.name}: a native module is found before files and becomes a global`,
    async (t) => {
      let made = 0;
      const settings: GuestSettings = {
        libraries: [],
        modules: { extra: 'error("not this one")' },
        native: {
          extra: () => {
            made++;
            return {
              name: 'extra',
              functions: {
                twice: ([value]) => Number(value) * 2,
                fail: () => {
                  throw new GuestError('failed');
                },
                version: '1.0',
                size: 3,
              },
            };
          },
        },
      };
      const engine = makeGuest(settings);
      const source =
        'local e = require "extra" require "extra" return e == extra, e.twice(4), e.version, e.size';
      t.equal(outcomeText(engine, engine.run(source, 'c.lua')), 'true | 8 | 1.0 | 3');
      t.equal(made, 1);
      t.equal(outcomeText(engine, engine.run('extra.fail()', 'c.lua')), 'c.lua:1: failed');
    },
  );

  t.test(`${factory.name}: binary chunks and dumps are refused`, async (t) => {
    const refusal = /: (?:binary chunks are refused|bad header in precompiled chunk)$/;
    t.match(evaluate('return loadstring("\\27Lua")'), /^nil \| \[string "\x1bLua"\]: /);
    t.match(evaluate('return loadstring("\\27Lua")'), refusal);
    t.match(evaluate('\x1bLuaQ'), refusal);
    t.equal(evaluate('string.dump(print)'), 'chunk.lua:1: unable to dump given function');
  });

  t.test(`${factory.name}: a first line for the operating system is skipped`, async (t) => {
    t.equal(evaluate('#!/usr/bin/lua\nerror("x")'), 'chunk.lua:2: x');
  });

  t.test(`${factory.name}: os.date validates conversion specifiers and works in UTC`, async (t) => {
    t.equal(
      evaluate('os.date("a %Ez b")'),
      "chunk.lua:1: bad argument #1 to 'date' (invalid conversion specifier '%Ez b')",
    );
    t.equal(
      evaluate('os.date("%")'),
      "chunk.lua:1: bad argument #1 to 'date' (invalid conversion specifier '%')",
    );
    t.equal(
      evaluate('return os.date("%Ec %Od %Z", 0), os.date("%H", 3600)'),
      'Thu Jan  1 00:00:00 1970 01 UTC | 01',
    );
    t.equal(evaluate('return os.getenv, os.exit, os.execute'), 'nil | nil | nil');
  });

  t.test(
    `${factory.name}: each engine has its own random numbers, and a seed repeats them`,
    async (t) => {
      const source =
        'math.randomseed(7) local a = math.random(1e6) math.randomseed(7) return a == math.random(1e6)';
      t.equal(evaluate(source), 'true');
      t.not(evaluate('return math.random()'), evaluate('return math.random()'));
      t.equal(
        evaluate(
          'for i = 1, 1000 do local r = math.random(3) if r < 1 or r > 3 then return r end end return "ok"',
        ),
        'ok',
      );
    },
  );
}
