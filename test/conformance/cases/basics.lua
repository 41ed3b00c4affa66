--#
local function cnt() local n = 0 return function() n = n + 1 return n end end local a, b = cnt(), cnt() return a(), a(), b()
--#
local fs = {} for i = 1, 3 do fs[i] = function() return i end end return fs[1](), fs[2](), fs[3]()
--#
local w = {} local j = 0 while j < 3 do j = j + 1 local k = j w[j] = function() k = k + 1 return k end end return w[1](), w[1](), w[2]()
--#
local function v(...) return select("#", ...), ... end return v(1, nil)
--#
local function va(a, ...) local b, c = ... return a, b, c end return va(1, 2, 3)
--#
local function old(...) return arg.n, arg[1], arg[2] end return old(1, nil, 3)
--#
local function old(a, ...) local x = arg return #x, x.n end return old(1, 2)
--#
local function outer(...) return (function() return arg.n end)() end return outer(1, 2, 3)
--#
local function both(...) local n = select("#", ...) return n, arg end return both(1, 2)
--#
local function mk() return function() end end return mk() == mk()
--#
local goto = 2 local t = {goto = 1} return goto, t.goto
--#
return #"abc", #{1, 2, 3}, #{1, 2, nil, 4}, #{n = 1}, #{}
--#
local ar = {} for i = 10, 1, -1 do ar[i] = i end local a = #ar ar[#ar] = nil local b = #ar ar[11] = 1 ar[10] = 10 return a, b, #ar
--#
local tt = {} for i = 1, 10 do tt[i] = i end for k in pairs(tt) do tt[k] = nil end return next(tt)
--#
local h = {} for i = 1, 100 do h["k" .. i] = i end local n = 0 for k, v in pairs(h) do h[k] = nil n = n + 1 end return n, next(h)
--#
local t1 = {1, 2, 3, n = 5, [10] = "x", (function() return 7, 8 end)()} return #t1, t1[4], t1[5], t1.n, t1[10]
--#
local i = 1 local arr = {} i, arr[i] = i + 1, 20 return i, arr[1], arr[2]
--#
local o = setmetatable({}, {__index = function(t, k) return k .. "!" end}) return o.foo, rawget(o, "foo")
--#
local o = setmetatable({}, {__call = function(self, a, b) return b, a end}) return o(1, 2)
--#
local o = setmetatable({}, {__add = function(a, b) return "add" end, __concat = function() return "cat" end, __unm = function() return "neg" end}) return o + 1, 1 + o, o .. 1, 1 .. o, "x" .. o, -o
--#
local o = setmetatable({}, {__len = function() return 99 end}) return #o
--#
local mt = {__eq = function() return true end, __lt = function() return true end} local a, b = setmetatable({}, mt), setmetatable({}, mt) return a == b, a < b, a <= b
--#
local o = setmetatable({}, {__newindex = function(t, k, v) rawset(t, k, v * 2) end}) o.x = 5 return o.x
--#
return tostring(setmetatable({}, {__tostring = function() return "OBJ" end})), getmetatable(setmetatable({}, {__metatable = "locked"}))
--#
local A = {} A.__index = A function A.new(x) return setmetatable({x = x}, A) end function A:get() return self.x end return A.new(5):get()
--#
return select(2, "a", "b", "c")
--#
return select(-1, "a", "b", "c")
--#
return unpack({1, 2, 3}, 2)
--#
return unpack({1, 2}, 1, 4)
--#
return pcall(unpack, {}, 1, 1e6)
--#
return xpcall(function() error("e", 0) end, function(m) return "H:" .. m end)
--#
return xpcall(function() return 1, 2 end, print)
--#
return xpcall(function() error("a") end, function(m) error("b") end)
--#
return pcall(error, nil)
--#
return pcall(error, "x", 0)
--#
return loadstring("return ...")(7), loadstring("return 1 + 1")()
--#
local parts, i = {"return ", "1", "+1"}, 0 return load(function() i = i + 1 return parts[i] end)()
--#
local co = coroutine.create(function(a, b) local c = coroutine.yield(a + b) local d, e = coroutine.yield(c * 2) return d + e end) local _, x = coroutine.resume(co, 1, 2) local _, y = coroutine.resume(co, 10) local _, z = coroutine.resume(co, 3, 4) return x, y, z, coroutine.resume(co)
--#
local wr = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i) end end) return wr(), wr(), wr(), wr()
--#
return coroutine.running(), coroutine.wrap(function() return type(coroutine.running()) end)()
--#
return coroutine.resume(coroutine.create(function() return pcall(coroutine.yield, 1) end))
--#
local co co = coroutine.create(function() return coroutine.status(co) end) local before = coroutine.status(co) local _, within = coroutine.resume(co) return before, within, coroutine.status(co)
--#
local function f(n) if n == 0 then return "done" end return f(n - 1) end return f(10000)
--#
return table.concat({1, 2, 3}, ", "), table.concat({}, "x"), table.concat({1, 2, 3}, "-", 2), table.concat({1, "a", 2.5})
--#
local q = {5, 2, 8, 1} table.sort(q) local a = table.concat(q, " ") table.sort(q, function(a, b) return a > b end) return a, table.concat(q, " ")
--#
local q = {} for i = 1, 200 do q[i] = (i * 7919) % 211 end table.sort(q) for i = 2, #q do if q[i] < q[i - 1] then return "unsorted" end end return "sorted"
--#
local r = {1, 2, 3} table.insert(r, 4) table.insert(r, 1, 0) local s = table.concat(r, " ") return s, table.remove(r), table.remove(r, 1), table.concat(r, " "), #r, (table.remove({}))
--#
return table.getn({1, 2}), table.maxn({[3] = 1, [1.5] = 2, [-1] = 3}), (pcall(table.setn, {}, 1))
--#
return table.foreach({1, 2, 3}, function(k, v) if v == 2 then return k end end), table.foreachi({4, 5}, function(i, v) if v == 5 then return i end end)
--#
return next({}), next({10}), type(next), rawequal("a", "a"), rawequal({}, {})
--#
return os.date("!%Y-%m-%d %H:%M:%S", 0), os.date("!%c|%x|%X|%p|%j|%U|%W|%a|%A|%b|%B|%y|%w|%d|%I|%M|%S|%%", 1e9)
--#
return os.date("!%C %D %e %F %g %G %h %k %l %R %r %s %T %u %V %z", 1230768000), os.date("!%G-%V %U %W", 1609372800)
--#
return os.time({year = 2000, month = 1, day = 1, hour = 0}), os.time({year = 2001, month = 13, day = 32}), os.date("!*t", 86400).yday, os.difftime(5, 2)
--#
local f = setfenv(function() x1 = 5 return x1 end, {}) return f(), x1, getfenv(f).x1
--#
local env = {} local function g1() return a1 end local function g2() return a1 end setfenv(g1, {a1 = "g1"}) a1 = "global" local r = {g1(), g2()} a1 = nil return r[1], r[2]
--#
local chunk = loadstring("local M = {} setfenv(1, M) function f() return y end y = 9 return M, f") local M, f = chunk() return M.f == f, M.y, f(), y, M.f()
--#
local function lvl() setfenv(2, setmetatable({}, {__index = _G})) end local function call() lvl() gl = 3 return gl, rawget(_G, "gl") end return call()
--#
return getfenv(1) == _G, getfenv(0) == _G, getfenv(print) == _G, getfenv() == _G
--#
local f = loadstring("module('mymod', package.seeall) x2 = 7 function get() return x2, tostring(1) end return _NAME, _PACKAGE") local a, b = f() return a, b, mymod.x2, x2, mymod.get()
--#
local f = loadstring("module('deep.er.mod') z = 1") f() return deep.er.mod.z, deep.er.mod._PACKAGE, deep.er.mod._NAME
