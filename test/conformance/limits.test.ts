/**
 * Limits of instructions, memory and nesting: each program must end in time and as said, whatever it wraps around itself.
 */
import t from 'tap';
import { engines } from './engines.ts';
import {
  evaluate as evaluateWith,
  type GuestSettings,
  makeGuest as makeGuestWith,
  outcomeText,
} from './guest.ts';

/** Endless programs that only the instruction limit ends. */
const endless: Readonly<Record<string, string>> = {
  'a loop': 'while true do end',
  'a loop in pcall, for ever': 'while true do pcall(function() while true do end end) end',
  'a loop in the handler of xpcall': 'xpcall(error, function() while true do end end)',
  'handlers of xpcall, for ever':
    'while true do xpcall(error, function() while true do end end) end',
  'a loop in a coroutine':
    'local co = coroutine.create(function() while true do end end) while true do coroutine.resume(co) end',
  'new coroutines, for ever':
    'while true do pcall(coroutine.wrap(function() while true do end end)) end',
  'yields, for ever':
    'local co = coroutine.wrap(function() while true do coroutine.yield() end end) while true do co() end',
  'a loop in a comparator': 'table.sort({3, 2, 1}, function() while true do end end)',
  'a loop in a callback of gsub': '("xxx"):gsub("x", function() while true do end end)',
  'a loop in __index': 'return setmetatable({}, {__index = function() while true do end end}).x',
  'a loop in __tostring':
    'tostring(setmetatable({}, {__tostring = function() while true do end end}))',
  'a loop in a table.foreach': 'table.foreach({1}, function() while true do end end)',
  'sorting, for ever':
    'local t = {} for i = 1, 1000 do t[i] = i end while true do table.sort(t) end',
  'backtracking through optional items':
    'return (("a"):rep(30)):find(("a?"):rep(30) .. ("a"):rep(30))',
  'backtracking through shortest repetitions': 'return (("a"):rep(5000)):find(".-.-.-.-b")',
  'backtracking through captures': 'return (("a"):rep(100000)):match("(.*)(.*)(.*)b")',
  'searching for what is not there':
    'local s = ("a"):rep(1000000) while true do s:find("b", 1, true) end',
  'a long needle':
    'local s = ("a"):rep(2000000) local n = ("a"):rep(1000000) .. "b" while true do s:find(n, 1, true) end',
  'a long set':
    'local s = ("b"):rep(100000) while true do s:find("[^" .. ("a"):rep(1000) .. "]x") end',
  'balanced brackets': 'local s = ("("):rep(3000) while true do s:find("%b()") end',
  'concatenating a list':
    'local t = {} for i = 1, 1000 do t[i] = "x" end while true do table.concat(t) end',
  'comparing long strings':
    'local a = ("a"):rep(4000000) local b = a .. "b" a = a .. "c" while true do local x = a < b, a == b end',
  'looking up long strings':
    'local t = {} t[("a"):rep(4000000)] = 1 local b = ("a"):rep(4000000) while true do local x = t[b] end',
  'traversing what was deleted':
    'local t = {} for i = 1, 1e4 do t[i + 0.5] = 1 end for k in pairs(t) do t[k] = nil end while true do next(t) end',
  'inserting at the front': 'local t = {} while true do table.insert(t, 1, 1) end',
  unpacking: 'local t = {} while true do unpack(t, 1, 7900) end',
  formatting: 'while true do string.format("%99.99f", 1e300) end',
  quoting: 'local s = ("\\""):rep(2000000) while true do string.format("%q", s) end',
  'reversing and changing case':
    'local s = ("a"):rep(4000000) while true do s:reverse() s:upper() s:lower() end',
  dates: 'local f = ("%c"):rep(100000) while true do os.date(f) end',
  'numbers out of long texts':
    'local s = ("1"):rep(4000000) while true do tonumber(s) tonumber(s, 36) end',
  'a long text in arithmetic': 'local s = ("1"):rep(4000000) while true do local x = s + 1 end',
  'loading, for ever': 'while true do loadstring(("x = 1 "):rep(1000)) end',
};

for (const factory of engines) {
  const makeGuest = (settings?: GuestSettings) => makeGuestWith(factory, settings);
  const evaluate = (source: string, settings?: GuestSettings) =>
    evaluateWith(factory, source, settings);

  t.test(
    `${factory.name}: an endless program ends when its instructions are used up`,
    async (t) => {
      for (const [name, source] of Object.entries(endless)) {
        const engine = makeGuest({ instructions: 300_000 });
        const started = performance.now();
        t.equal(outcomeText(engine, engine.run(source, 'chunk.lua')), '<instructions>', name);
        // A second is ten times what the slowest takes.
        t.ok(performance.now() - started < 3000, `${name} took no longer than its instructions`);
      }
    },
  );

  /** Programs that grow until the memory limit ends them; the fake meter never gets anything back. */
  const growing: Readonly<Record<string, string>> = {
    tables: 'local t = {} while true do t[#t + 1] = {} end',
    'text keys': 'local t, i = {}, 0 while true do i = i + 1 t["k" .. i] = i end',
    'number keys': 'local t, i = {}, 0.5 while true do i = i + 1 t[i] = i end',
    globals: 'local i = 0 while true do i = i + 1 _G["g" .. i] = i end',
    'strings by doubling': 'local s = "x" while true do s = s .. s end',
    'strings by appending': 'local s = "" while true do s = s .. "abcdefgh" end',
    closures: 'local t = {} while true do local x = 1 t[#t + 1] = function() return x end end',
    coroutines: 'local t = {} while true do t[#t + 1] = coroutine.create(function() end) end',
    'a repeated string': 'return ("x"):rep(1e9)',
    'a repeated string of strings': 'local s = "x" while true do s = s:rep(2) end',
    'one long concatenation': 'local s = ("x"):rep(8e6) return s .. s .. s .. s',
    'table.concat':
      'local t = {} for i = 1, 1000 do t[i] = ("x"):rep(10000) end return table.concat(t)',
    gsub: 'return ("x"):rep(100000):gsub("x", ("y"):rep(1000))',
    'pcall around growth':
      'local t = {} while true do pcall(function() while true do t[#t + 1] = {} end end) end',
    format: 'local s = ("x"):rep(5e6) return string.format("%s%s", s, s)',
    'load from a reader': 'return load(function() return ("x"):rep(1000000) end)',
  };

  t.test(`${factory.name}: a growing program ends at the memory limit`, async (t) => {
    for (const [name, source] of Object.entries(growing)) {
      const outcome = evaluate(source, { memory: 32 * 1024 * 1024, instructions: 20_000_000 });
      t.equal(outcome, '<memory>', name);
    }
  });

  /** Deep recursion of every kind: an ordinary error that the guest can catch. */
  const deep: Readonly<Record<string, readonly [string, string]>> = {
    'Lua calls': [
      'local function f(n) return 1 + f(n + 1) end return f(1)',
      'chunk.lua:1: stack overflow',
    ],
    __index: [
      'local t = setmetatable({}, {}) getmetatable(t).__index = function(s, k) return s[k] end return t.x',
      'chunk.lua:1: C stack overflow',
    ],
    __concat: [
      'local mt = {} mt.__concat = function(a, b) return a .. b end return setmetatable({}, mt) .. "a"',
      'chunk.lua:1: C stack overflow',
    ],
    __tostring: [
      'local t = {} t.__tostring = function(s) return tostring(s) end return tostring(setmetatable(t, t))',
      'C stack overflow',
    ],
    gsub: ['local function f(s) return s:gsub(".", f) end return f("x")', 'C stack overflow'],
    sort: ['local function f() table.sort({1, 2, 3}, f) end f()', 'C stack overflow'],
    patterns: ['return (("x"):rep(300)):find(("x*"):rep(300))', 'chunk.lua:1: pattern too complex'],
    parentheses: [
      'return assert(loadstring(("("):rep(20000), "=s"))',
      'chunk.lua:1: s:1: chunk has too many syntax levels',
    ],
    functions: [
      'return assert(loadstring(("function f() "):rep(3000), "=s"))',
      'chunk.lua:1: s:1: chunk has too many syntax levels',
    ],
  };

  t.test(`${factory.name}: deep recursion is an ordinary error`, async (t) => {
    for (const [name, [source, expected]] of Object.entries(deep)) {
      t.equal(evaluate(source), expected, name);
      const caught = evaluate(`local ok = pcall(function() ${source} end) return ok`);
      t.equal(caught, 'false', `${name}, caught`);
    }
    t.equal(
      evaluate('local n = 0 local function f() n = n + 1 return pcall(f) end f() return n > 150'),
      'true',
    );
    const nested = 'local function f(n) return coroutine.wrap(f)(n + 1) end return (pcall(f, 1))';
    t.equal(evaluate(nested), 'false', 'nested coroutines');
  });

  t.test(`${factory.name}: the instruction that reaches the limit is not executed`, async (t) => {
    const source = 'local n = 0 for i = 1, 10 do n = n + i end x = n';
    const engine = makeGuest({ libraries: [] });
    engine.run(source, 'chunk.lua');
    const used = engine.instructionsUsed;
    t.ok(used > 10, `${used} instructions`);
    t.equal(evaluate(source, { instructions: used + 1, libraries: [] }), '');
    t.equal(evaluate(source, { instructions: used, libraries: [] }), '<instructions>');
  });

  t.test(`${factory.name}: instructions are counted and renewed by every call`, async (t) => {
    const engine = makeGuest({ instructions: 5000 });
    engine.run('function work(n) for i = 1, n do end end', 'chunk.lua');
    for (let i = 0; i < 10; i++) t.equal(engine.call('work', [4000]).kind, 'returned');
    t.ok(engine.instructionsUsed > 4000 && engine.instructionsUsed < 4100);
    engine.call('work', [10]);
    t.ok(engine.instructionsUsed < 100);
  });

  t.test(`${factory.name}: a coroutine counts on where its resumer was`, async (t) => {
    const source = `local function work() for i = 1, 4000 do end end
    work() coroutine.wrap(work)() return "done"`;
    t.equal(evaluate(source, { instructions: 20_000 }), 'done');
    t.equal(evaluate(source, { instructions: 6000 }), '<instructions>');
  });

  t.test(`${factory.name}: an ended engine runs nothing any more`, async (t) => {
    const engine = makeGuest({ instructions: 10_000 });
    engine.run(
      'n = 0 function f() n = n + 1 return n end function spin() while true do end end',
      '',
    );
    t.equal(outcomeText(engine, engine.call('f', [])), '1');
    t.equal(outcomeText(engine, engine.call('spin', [])), '<instructions>');
    t.equal(outcomeText(engine, engine.call('f', [])), '<instructions>');
    t.equal(outcomeText(engine, engine.run('n = 100', '')), '<instructions>');
    t.equal(engine.getGlobal('n'), 1);
  });

  t.test(`${factory.name}: an ordinary error leaves the engine usable`, async (t) => {
    const engine = makeGuest();
    engine.run(
      'function bad() local x = nil; x.y = 1 end function good() return "ok" end',
      'c.lua',
    );
    for (let i = 0; i < 300; i++) engine.call('bad', []);
    t.equal(
      outcomeText(engine, engine.call('bad', [])),
      "c.lua:1: attempt to index local 'x' (a nil value)",
    );
    t.equal(outcomeText(engine, engine.call('good', [])), 'ok');
  });
}
