--# setfenv of a function
local function f() return x end
x = "global"
print(f()) setfenv(f, {x = "own"}) print(f(), x) setfenv(f, _G) print(f())
--# setfenv returns the function
local function f() end
print(setfenv(f, {}) == f)
--# getfenv of functions, levels and nothing
local function f() end
print(getfenv(f) == _G, getfenv(1) == _G, getfenv() == _G, getfenv(0) == _G)
local e = {}
setfenv(f, e)
print(getfenv(f) == e, getfenv(print) == _G, getfenv(string.rep) == _G)
--# setfenv of the running function
local function f() local getfenv, setfenv, e = getfenv, setfenv, {} setfenv(1, e) y = 5 return e.y, getfenv(1) == e end
print(f()) print(y)
--# setfenv of the caller
local function change(e) setfenv(2, e) end
local function f() change({z = "changed"}) return z end
print(f(), z)
--# setfenv of the main program
local print = print
local e = {}
setfenv(1, e)
a = 1
function b() return a end
print(e.a, e.b ~= nil, e.b())
--# functions take over the environment of their maker
local function maker() return function() return v end end
v = "global"
local before = maker()
setfenv(maker, {v = "own"})
local after = maker()
print(before(), after(), v)
--# closures made before a change keep the old environment
local e1, e2 = {n = 1}, {n = 2}
local function outer() setfenv(1, e1) local a = function() return n end setfenv(1, e2) local b = function() return n end return a, b end
setmetatable(e1, {__index = _G})
local a, b = outer()
print(a(), b())
--# nested functions three deep
local e = setmetatable({w = "inner"}, {__index = _G})
local function a() return function() return function() return w end end end
w = "outer"
local f1 = a()()
setfenv(a, e)
local f2 = a()()
print(f1(), f2())
local mid = a()
setfenv(mid, {w = "mid"})
print(mid()(), f2())
--# global functions called in an environment use their own
function helper() return val end
val = "G"
local e = setmetatable({val = "E"}, {__index = _G})
local function f() return helper(), val end
setfenv(f, e)
print(f())
--# an environment with __index and __newindex
local log = {}
local e = setmetatable({}, {__index = function(_, k) log[#log + 1] = "get " .. k return _G[k] end, __newindex = function(_, k, v) log[#log + 1] = "set " .. k end})
local function f() q = 1 return tostring(q) end
setfenv(f, e)
print(f(), rawget(e, "q"), table.concat(log, ", "))
--# strict globals
setmetatable(_G, {__newindex = function(t, k, v) error("assign to undeclared " .. k, 2) end, __index = function(t, k) error("undeclared " .. k, 2) end})
print(pcall(function() undeclared = 1 end))
print(pcall(function() return undeclared end))
rawset(_G, "declared", 5)
print(declared)
--# _G is a field like any other
local g = _G
_G = nil
x = 5
g._G = g
print(_G.x, g.x)
--# removing and replacing global functions
local old = tostring
tostring = function(x) return "<" .. old(x) .. ">" end
print(tostring(5))
tostring = nil
local ok, e = pcall(function() return tostring(5) end)
tostring = old
print(ok, e)
--# globals by computed names
_G["a b"] = 1
for i = 1, 3 do _G["v" .. i] = i * 10 end
print(_G["a b"], v1 + v2 + v3, rawget(_G, "v2"))
local n = 0
for k, v in pairs(_G) do if type(k) == "string" and k:match("^v%d$") then n = n + v end end
print(n)
--# loaded chunks have the globals as environment
local function f() return loadstring("return where")() end
where = "global"
setfenv(f, {loadstring = loadstring, where = "own"})
print(f())
--# setfenv of a loaded chunk
local chunk = loadstring("n = (n or 0) + 1 return n")
local e1, e2 = {}, {}
setfenv(chunk, e1) print(chunk(), chunk())
setfenv(chunk, e2) print(chunk())
print(e1.n, e2.n, n)
--# wrong arguments of setfenv and getfenv
print(pcall(setfenv)) print(pcall(setfenv, 1)) print(pcall(setfenv, {}, {})) print(pcall(setfenv, "x", {}))
print(pcall(setfenv, 100, {})) print(pcall(setfenv, -1, {})) print(pcall(setfenv, pairs, {})) print(pcall(setfenv, function() end, nil))
print(pcall(getfenv, {})) print(pcall(getfenv, 100)) print(pcall(getfenv, -1)) print(pcall(getfenv, "x"))
--# levels as text
local function f() setfenv("1", {e = 7}) return e end
print(f())
--# getfenv of levels
local e = setmetatable({tag = "e"}, {__index = _G})
local function f() return getfenv(1).tag, getfenv(2).tag end
local function g() return f(), "", f() end
setfenv(g, e)
print(g())
setfenv(f, setmetatable({tag = "f"}, {__index = _G}))
local function h() local a, b = f() return a, b end
setfenv(h, e)
print(h())
--# an environment in recursion
local e = setmetatable({depth = 0}, {__index = _G})
local function r(n) depth = depth + 1 if n > 0 then return r(n - 1) end return depth end
setfenv(r, e)
print(r(10), e.depth, depth)
--# method definitions in an environment
local e = {}
local f = loadstring("Account = {balance = 0} function Account:deposit(v) self.balance = self.balance + v return self.balance end function helper() return Account end")
setfenv(f, e)
f()
print(e.Account:deposit(5), e.helper() == e.Account, Account)
--# global counters in loops
count = 0
for i = 1, 1000 do count = count + i end
print(count)
count = nil
print(count)
--# a global is nil, false, and anything
print(neverset)
flag = false
print(flag, flag == nil)
flag = nil
print(flag)
--# two environments in one loop
local envs = {{n = 0}, {n = 100}}
local function bump() n = n + 1 return n end
local out = {}
for i = 1, 6 do setfenv(bump, envs[i % 2 + 1]) out[i] = bump() end
print(table.concat(out, " "))
--# functions with loops of their own in a chunk that changed its environment
local chunk = loadstring([[
  local pairs, ipairs, setfenv = pairs, ipairs, setfenv
  local M = {}
  setfenv(1, M)
  function helper() return 5 end
  function each(t) local n = 0 for k in pairs(t) do n = n + helper() end return n end
  function list(t) for i, v in ipairs(t) do last = v end return last end
  function count(n) local s = 0 for i = 1, n do s = s + helper() end return s end
  return M
]])
local M = chunk()
print(M.each({a = 1, b = 2}), M.list({7, 8}), M.count(3), M.last, last)
