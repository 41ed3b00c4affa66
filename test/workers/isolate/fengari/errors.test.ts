/**
 * Messages of run-time and syntax errors.
 * Each expectation is what Lua 5.1.5 gives for the same source.
 */
import t from 'tap';
import { evaluate } from './guest.ts';

const cases: readonly (readonly [string, string])[] = [
  ['local x; x()', "chunk.lua:1: attempt to call local 'x' (a nil value)"],
  ['y()', "chunk.lua:1: attempt to call global 'y' (a nil value)"],
  ['local a = {} ; a.b.c = 1', "chunk.lua:1: attempt to index field 'b' (a nil value)"],
  ['local a = {} ; a.b()', "chunk.lua:1: attempt to call field 'b' (a nil value)"],
  ['local a = {} ; a:m()', "chunk.lua:1: attempt to call method 'm' (a nil value)"],
  ['return 1 + nil', 'chunk.lua:1: attempt to perform arithmetic on a nil value'],
  [
    'local q = {} return q + 1',
    "chunk.lua:1: attempt to perform arithmetic on local 'q' (a table value)",
  ],
  ['return zz + 1', "chunk.lua:1: attempt to perform arithmetic on global 'zz' (a nil value)"],
  ['return {} .. "x"', 'chunk.lua:1: attempt to concatenate a table value'],
  ['local n; return "a" .. n', "chunk.lua:1: attempt to concatenate local 'n' (a nil value)"],
  ['return "a" .. gg .. "b"', "chunk.lua:1: attempt to concatenate global 'gg' (a nil value)"],
  ['return 1 < "x"', 'chunk.lua:1: attempt to compare number with string'],
  ['return {} < {}', 'chunk.lua:1: attempt to compare two table values'],
  ['return nil > 1', 'chunk.lua:1: attempt to compare number with nil'],
  ['return #5', 'chunk.lua:1: attempt to get length of a number value'],
  ['local u; return #u', "chunk.lua:1: attempt to get length of local 'u' (a nil value)"],
  ['return "abc" + 1', 'chunk.lua:1: attempt to perform arithmetic on a string value'],
  ['for i = "a", 2 do end', "chunk.lua:1: 'for' initial value must be a number"],
  ['for i = 1, {} do end', "chunk.lua:1: 'for' limit must be a number"],
  ['for i = 1, 2, "x" do end', "chunk.lua:1: 'for' step must be a number"],
  ['local t = {} t[nil] = 1', 'chunk.lua:1: table index is nil'],
  ['local t = {} t[0/0] = 1', 'chunk.lua:1: table index is NaN'],
  [
    'local up; return (function() up() end)()',
    "chunk.lua:1: attempt to call upvalue 'up' (a nil value)",
  ],
  [
    'local up; return (function() return up.x end)()',
    "chunk.lua:1: attempt to index upvalue 'up' (a nil value)",
  ],
  ['return ("a" .. 1)()', 'chunk.lua:1: attempt to call a string value'],
  ['local s = "x" s()', "chunk.lua:1: attempt to call local 's' (a string value)"],
  ['string.rep()', "chunk.lua:1: bad argument #1 to 'rep' (string expected, got no value)"],
  ['("x"):rep({})', "chunk.lua:1: bad argument #1 to 'rep' (number expected, got table)"],
  ['setmetatable({})', "chunk.lua:1: bad argument #2 to 'setmetatable' (nil or table expected)"],
  ['error("plain", 0)', 'plain'],
  ['error("with position")', 'chunk.lua:1: with position'],
  ['assert(false)', 'chunk.lua:1: assertion failed!'],
  ['assert(nil, "msg")', 'chunk.lua:1: msg'],
  [
    'table.concat({1, {}, 3})',
    "chunk.lua:1: invalid value (table) at index 2 in table for 'concat'",
  ],
  ['table.sort({1, "x", 2})', 'attempt to compare string with number'],
  ['table.insert({}, 1, 2, 3)', "chunk.lua:1: wrong number of arguments to 'insert'"],
  ['ipairs()', "chunk.lua:1: bad argument #1 to 'ipairs' (table expected, got no value)"],
  ['select(0)', "chunk.lua:1: bad argument #1 to 'select' (index out of range)"],
  ['tonumber()', "chunk.lua:1: bad argument #1 to 'tonumber' (value expected)"],
  ['tonumber(1, 99)', "chunk.lua:1: bad argument #2 to 'tonumber' (base out of range)"],
  ['math.floor("x")', "chunk.lua:1: bad argument #1 to 'floor' (number expected, got string)"],
  ['math.random(0)', "chunk.lua:1: bad argument #1 to 'random' (interval is empty)"],
  ['setfenv(print, {})', "chunk.lua:1: 'setfenv' cannot change environment of given object"],
  ['setfenv(1)', "chunk.lua:1: bad argument #2 to 'setfenv' (table expected, got no value)"],
  ['setfenv(100, {})', "chunk.lua:1: bad argument #1 to 'setfenv' (invalid level)"],
  ['getfenv(-1)', "chunk.lua:1: bad argument #1 to 'getfenv' (level must be non-negative)"],
  ['string.find("a", "[")', "chunk.lua:1: malformed pattern (missing ']')"],
  ['unpack()', "chunk.lua:1: bad argument #1 to 'unpack' (table expected, got no value)"],
  ['next({}, "nope")', "invalid key to 'next'"],
  ['rawset({}, nil, 1)', 'table index is nil'],
  [
    'setmetatable(setmetatable({}, {__metatable = 1}), {})',
    'chunk.lua:1: cannot change a protected metatable',
  ],
  ['coroutine.resume(1)', "chunk.lua:1: bad argument #1 to 'resume' (coroutine expected)"],
  ['coroutine.wrap(function() error("in co") end)()', 'chunk.lua:1: chunk.lua:1: in co'],
  ['coroutine.yield(1)', 'attempt to yield across metamethod/C-call boundary'],
  ['os.time({})', "chunk.lua:1: field 'day' missing in date table"],
  [
    'local t = setmetatable({}, {}) getmetatable(t).__index = t return t.x',
    'chunk.lua:1: loop in gettable',
  ],
  ['local function r(n) return 1 + r(n + 1) end r(1)', 'chunk.lua:1: stack overflow'],
  [
    'local t = setmetatable({}, {}) getmetatable(t).__index = function(s, k) return s[k] end return t.x',
    'chunk.lua:1: C stack overflow',
  ],
  ['x = 5 5', "chunk.lua:1: unexpected symbol near '5'"],
  ['for', "chunk.lua:1: '<name>' expected near '<eof>'"],
  ['x = }', "chunk.lua:1: unexpected symbol near '}'"],
  ['x = [[abc', "chunk.lua:1: unfinished long string near '<eof>'"],
  ['if x then', "chunk.lua:1: 'end' expected near '<eof>'"],
  ['return return', "chunk.lua:1: unexpected symbol near 'return'"],
  ['f(', "chunk.lua:1: unexpected symbol near '<eof>'"],
  ['local function 5', "chunk.lua:1: '<name>' expected near '5'"],
  [
    'function f() return ... end',
    "chunk.lua:1: cannot use '...' outside a vararg function near '...'",
  ],
  ['a.b:c = 1', "chunk.lua:1: function arguments expected near '='"],
  ['for i=1 do end', "chunk.lua:1: ',' expected near 'do'"],
  ['local a.b = 1', "chunk.lua:1: unexpected symbol near '.'"],
  ['x x', "chunk.lua:1: '=' expected near 'x'"],
  ['x = 1 // 2', "chunk.lua:1: unexpected symbol near '/'"],
  ['x = 1 & 2', "chunk.lua:1: unexpected symbol near '&'"],
  ['x = ~1', "chunk.lua:1: unexpected symbol near '~'"],
  ['::a::', "chunk.lua:1: unexpected symbol near ':'"],
  ['goto x', "chunk.lua:1: '=' expected near 'x'"],
  ['local function f() error("at the caller", 2) end f()', 'chunk.lua:1: at the caller'],
];

t.test('errors are worded and placed as in Lua 5.1', async (t) => {
  for (const [source, expected] of cases) {
    t.equal(evaluate(source), expected, source.slice(0, 70));
  }
});
