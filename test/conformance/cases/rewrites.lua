--# library functions that are replaced while a loop runs
local log = {}
local old = {pairs = pairs, ipairs = ipairs, next = next, type = type, tostring = tostring, unpack = unpack, rawget = rawget}
for round = 1, 3 do
  for k, v in pairs({10, 20}) do log[#log + 1] = k .. ":" .. v end
  for i, v in ipairs({5}) do log[#log + 1] = i .. "," .. v end
  log[#log + 1] = type(round)
  if round == 1 then
    pairs = function(t) return old.next, {"mine"}, nil end
    ipairs = function(t) return function(s, c) if c < 1 then return c + 1, "own" end end, t, 0 end
    type = function() return "typed" end
  elseif round == 2 then
    pairs, ipairs, type = old.pairs, old.ipairs, old.type
  end
end
print(table.concat(log, " "))
--# next that is replaced does not change pairs
local old = next
next = function() return nil end
local n = 0
for k in pairs({1, 2, 3}) do n = n + 1 end
for k in next, {1} do n = n + 100 end
next = old
print(n)
--# select that is replaced in a function with dots
local function count(...) return select("#", ...) end
local function first(...) return (select(1, ...)) end
print(count(1, 2, 3), first("a", "b"))
local old = select
select = function(...) return "replaced", ... end
print(count(1), first("a"))
select = nil
print(pcall(count, 1))
select = old
print(count(), pcall(first))
--# string methods that are replaced
local old = string.upper
string.upper = function(s) return "<" .. s .. ">" end
print(("abc"):upper(), string.upper("x"))
string.upper = old
string.shout = function(s) return s:upper() .. "!" end
print(("abc"):shout())
string.shout = nil
print(pcall(function() return ("abc"):shout() end))
--# the table string that is replaced
local old = string
string = {upper = function() return "other" end}
print(string.upper("a"), ("a"):upper())
string = old
getmetatable("").__index = function(s, k) return function() return k .. " of " .. s end end
print(("abc"):anything())
getmetatable("").__index = string
print(("abc"):len())
--# math functions that are replaced
local old = math.floor
local function half(x) return math.floor(x / 2) end
print(half(7))
math.floor = function(x) return "floor " .. x end
print(half(7))
math.floor = old
print(half(7))
--# setmetatable and getmetatable that are replaced
local old = setmetatable
setmetatable = function(t, m) return old(t, {__index = function() return "wrapped" end}) end
local t = setmetatable({}, {})
print(t.x)
setmetatable = old
print(setmetatable({}, {__index = {x = 1}}).x)
--# pcall and error that are replaced
local p, e = pcall, error
pcall = function(f, ...) return "fake", f(...) end
print(pcall(function(x) return x end, 5))
pcall = p
error = function(m) e("changed " .. m, 0) end
print(pcall(function() error("m") end))
error = e
--# a global function that is redefined while it runs
function f(n) if n == 2 then f = function() return "new" end end if n == 0 then return "old" end return f(n - 1) end
print(f(3), f(3))
--# a method that is redefined while it runs
local o = {}
function o:m(n) if n == 1 then function self:m() return "second" end end if n == 0 then return "first" end return self:m(n - 1) end
print(o:m(2), o:m(0))
--# a metatable that changes while a loop runs
local t = setmetatable({}, {})
local out = {}
for i = 1, 6 do
  local mt = getmetatable(t)
  if i == 2 then mt.__index = function(_, k) return k .. i end end
  if i == 4 then mt.__index = {x = "table"} end
  if i == 5 then setmetatable(t, nil) end
  if i == 6 then t.x = "own" end
  out[i] = tostring(t.x)
end
print(table.concat(out, " "))
--# __newindex that appears and goes while a loop runs
local log = {}
local mt = {}
local t = setmetatable({}, mt)
for i = 1, 5 do
  if i == 2 then mt.__newindex = function(_, k, v) log[#log + 1] = k .. tostring(v) end end
  if i == 4 then mt.__newindex = nil end
  t["f" .. i] = i
  t.fixed = (t.fixed or 0) + i
  t.late = i > 2 and i or nil
end
print(table.concat(log, " "), t.f1, t.f2, t.f3, t.f4, t.f5, t.fixed, t.late)
--# one call site, values of every type
local function get(v) return v.x end
local function call(v) return v(1) end
local function add(a, b) return a + b end
local function less(a, b) return a < b end
local function cat(a, b) return a .. b end
local function len(v) return #v end
local c = setmetatable({x = "field"}, {__call = function(_, n) return "called" .. n end, __add = function() return "added" end, __lt = function() return true end, __concat = function() return "cat" end})
for _, v in ipairs({{x = 1}, c, "text", 5, true, print}) do
  if v ~= print then print(pcall(get, v)) print(pcall(add, v, 1)) print(pcall(cat, v, "!")) print(pcall(len, v)) end
end
for _, v in ipairs({function(n) return n end, c, type, {}, 1}) do print(pcall(call, v)) end
print(pcall(less, 1, 2), pcall(less, "a", "b"), pcall(less, c, c), pcall(less, 1, "a"))
--# one loop, numbers and then texts
local function sum(t) local s = 0 for i = 1, #t do s = s + t[i] end return s end
print(sum({1, 2, 3}), sum({1.5, 2.5}), sum({"1", "2"}), sum({}), pcall(sum, {1, {}, 3}), pcall(sum, {1, "x"}))
local V = setmetatable({}, {__add = function(a, b) return 100 end})
print(sum({1, V, 3}))
--# a parameter that changes its type in a loop
local function f(x) for i = 1, 4 do if i == 2 then x = x .. "" elseif i == 3 then x = x + 0.5 elseif i == 4 then x = -x end end return x, type(x) end
print(f(1), f("2")) print(f(10))
--# numeric loops over parameters of every type
local function loop(a, b, c) local s, n = 0, 0 for i = a, b, c do s = s + i * a n = n + 1 if n > 20 then break end end return s, n end
print(loop(1, 10, 1)) print(loop(1, 2, 0.25)) print(loop(10, 1, -3)) print(loop("1", "4", "1")) print(pcall(loop, 1, 2)) print(pcall(loop, nil, 2, 1)) print(pcall(loop, 1, {}, 1)) print(loop(1, 0, 1)) print(loop(2147483646, 2147483650, 1)) print(loop(-2147483650, -2147483646, 1)) print(loop(0, 1e300, 1e299)) print(loop(1, 3, 0/0))
--# a step of zero
local n = 0
for i = 1, 2, 0 do n = n + 1 if n >= 3 then break end end
for i = 2, 1, 0 do n = n + 100 if n >= 300 then break end end
print(n)
--# accumulators that overflow and lose digits
local a, b, c = 1, 1, 0.1
for i = 1, 60 do a = a * 3 b = b + b c = c + 0.1 end
print(a, b, c, a % 7, b % 1000, c * 10)
--# comparisons chained with locals that are nil
local function pick(a, b, c) return a and b or c, a or b and c, not a and b, (a == nil) == (b == nil) end
print(pick(1, 2, 3)) print(pick(nil, 2, 3)) print(pick(false, nil, 3)) print(pick(1, nil, 3)) print(pick(1, false))
--# temporary values keep their order
local t = {n = 0}
local function nextn() t.n = t.n + 1 return t.n end
local a = nextn() + nextn() * nextn() - nextn()
local b = {nextn(), nextn(), x = nextn(), nextn()}
local c = nextn() .. nextn() .. nextn()
print(a, b[1], b[2], b[3], b.x, c, nextn() < nextn(), nextn() == nextn(), t.n)
--# a local changed by a call within the expression that reads it
local x = 1
local function set(v) x = v return v end
print(x + set(5), x + set(7) + x, set(2) + x, x .. set(9), x)
local y = 1
local function change() y = 10 return 1 end
local z = y + change()
print(z, y)
local t = {y, change(), y}
print(t[1], t[2], t[3])
--# a parameter changed by a closure within a call's arguments
local function f(a) local function g() a = a + 1 return a end return a, g(), a, g(), a end
print(f(1))
local function h(a) local function g() a = {v = 2} return "k" end a[g()] = a.v return a.v, a.k end
print(h({v = 1}))
--# the object of a method call is read once, before its arguments
local o = {name = "first"}
function o:m(x) return self.name, x end
local p = o
local function swap() p = {name = "second", m = o.m} return "arg" end
print(p:m(swap())) print(p:m("then"))
--# the function of a call is read before its arguments
local function one() return "one" end
local function two() return "two" end
local f = one
local function swap() f = two end
print(f(swap()), f())
g = one
local function gswap() g = two end
print(g(gswap()), g())
--# the table of an assignment is read before its value
local t = {n = "first"}
local u = t
local function swap() t = {n = "second"} return "v" end
t.x = swap()
print(u.x, t.x)
local i, list = 1, {}
local function bump() i = i + 1 return i end
list[i] = bump()
print(list[1], list[2])
--# a table that is its own key and value
local t = {}
t[t] = t
t.self = t
print(t[t] == t, t.self.self.self == t, next({[t] = t}) == t)
--# many fields on one table, and one field on many tables
local big = {}
for i = 1, 300 do big["k" .. i] = i end
big.k1, big.k150, big.k300 = "a", "b", "c"
local s = 0
for k, v in pairs(big) do if type(v) == "number" then s = s + v end end
print(s, big.k1, big.k150, big.k300, big.k2)
local many = {}
for i = 1, 300 do many[i] = {["only" .. i] = i, common = i} end
s = 0
for i = 1, 300 do s = s + many[i].common + many[i]["only" .. i] end
print(s)
--# fields added in another order
local function mk(order) local t = {} for _, k in ipairs(order) do if k == "a" then t.a = 1 elseif k == "b" then t.b = 2 else t.c = 3 end end return t end
local function read(t) return t.a, t.b, t.c end
for _, o in ipairs({{"a", "b", "c"}, {"c", "b", "a"}, {"b"}, {}, {"c", "a"}}) do print(read(mk(o))) end
--# constant and computed keys of the same names, stored and removed in turns
local t = {}
for i = 1, 4 do
  t.alpha = i t["al" .. "pha"] = t.alpha + 10
  if i % 2 == 0 then t["alpha"] = nil end
  t["be" .. "ta"] = i
  print(t.alpha, t.beta, rawget(t, "al" .. "pha"), (next(t)) ~= nil)
end
local n = 0
for k, v in pairs(t) do n = n + 1 end
print(n)
--# deleted fields are not found by next
local t = {a = 1, b = 2, c = 3}
t.b = nil
local keys = {}
for k in pairs(t) do keys[#keys + 1] = k end
table.sort(keys)
print(table.concat(keys, " "))
t.b = 4
keys = {}
for k, v in pairs(t) do keys[#keys + 1] = k .. v end
table.sort(keys)
print(table.concat(keys, " "))
--# closures of loops of every kind, called behind and changed
local fs = {}
for i = 1, 2 do local j = i fs[#fs + 1] = function() i = i + 1 j = j + i return i, j end end
for k, v in pairs({10, 20}) do fs[#fs + 1] = function() k = k + v return k, v end end
local n = 0
while n < 2 do n = n + 1 local m = n fs[#fs + 1] = function() m = m + n return m, n end end
repeat local m = n n = n - 1 fs[#fs + 1] = function() m = m * 2 return m, n end until m == 1
for round = 1, 2 do for i = 1, #fs do print(round, i, fs[i]()) end end
--# varargs captured in closures by a table
local function pack(...) local n, t = select("#", ...), {...} return function() return unpack(t, 1, n) end end
print(pack(1, nil, 3)()) print(select("#", pack(nil, nil)()))
--# recursion through pcall, metamethods, sort and gsub together
local depth = 0
local T = setmetatable({}, {__index = function(_, k) depth = depth + 1 if depth < 5 then local ok, v = pcall(function() return T2[k] end) return (("x"):gsub("x", function() return tostring(v) .. depth end)) end return "end" end})
T2 = T
local l = {2, 1, 3}
table.sort(l, function(a, b) local _ = T["k" .. a] return a < b end)
print(table.concat(l, " "), depth)
--# results of a call with more values than are wanted, in every count
local function r(n) if n == 0 then return elseif n == 1 then return 1 elseif n == 2 then return 1, 2 elseif n == 3 then return 1, 2, 3 elseif n == 4 then return 1, 2, 3, 4 end return 1, 2, 3, 4, 5 end
for n = 0, 5 do
  local a = r(n)
  local b, c = r(n)
  local d, e, f = r(n)
  local g, h, i, j = r(n)
  local t = {0, r(n)}
  print(n, a, b, c, d, e, f, g, h, i, j, #t, (r(n)), select("#", r(n)), select("#", 0, r(n)))
end
--# results passed through functions, pcall, coroutines and unpack
local function r(n) local t = {} for i = 1, n do t[i] = i end return unpack(t) end
for n = 0, 6 do
  local w = coroutine.wrap(function() coroutine.yield(r(n)) return r(n) end)
  print(n, select("#", pcall(r, n)), select("#", w()), select("#", w()), select("#", (function(...) return ... end)(r(n))), select("#", unpack({r(n)}, 1, n)), select("#", (function() return r(n) end)()))
end
--# results of metamethods are one
local t = setmetatable({}, {__index = function() return 1, 2, 3 end, __call = function() return 1, 2, 3 end, __add = function() return 1, 2 end, __concat = function() end, __eq = function() return 1, 2 end, __unm = function() return end})
local function count(...) return select("#", ...) end
print(count(t.x), count(t()), count(t + 1), count(t .. "a"), count(-t), count(t.x, t()), t.x, -t)
--# numbers as keys in every form
local t = {}
for _, k in ipairs({1, 1.0, "1", 2^53, -1, 0.1 + 0.2, 0.3, 1e300, 2^31, 2^32, -2^31, 4294967297}) do t[k] = (t[k] or "") .. "x" end
print(t[1], t["1"], t[2^53], t[-1], t[0.3], t[0.1 + 0.2], t[1e300], t[2^31], t[2^32], t[-2^31], t[4294967297], #t)
--# long if chains on texts and numbers
local function kind(v) if v == "a" then return 1 elseif v == "b" then return 2 elseif v == 3 then return "three" elseif v == 3.5 then return "x" elseif v == nil then return "nil" elseif v == true then return "true" else return "else" end end
print(kind("a"), kind("b"), kind(3), kind(3.0), kind("3"), kind(3.5), kind(nil), kind(true), kind(false), kind({}))
--# while loops with conditions of many parts
local i, j, log = 0, 10, {}
while i < 5 and j > 5 or not (i < 7) and j == 3 do i = i + 1 j = j - 1 if i == 3 then i = i + 1 end log[#log + 1] = i .. "/" .. j end
print(table.concat(log, " "), i, j)
--# return from nested loops within a coroutine
local co = coroutine.wrap(function() for i = 1, 3 do for j = 1, 3 do local r = coroutine.yield(i, j) if r then return "stopped", r end end end return "ran out" end)
print(co()) print(co()) print(co("now"))
--# a coroutine that is run to its end within a for, a while and a repeat
local function gen(n) return coroutine.wrap(function() for i = 1, n do coroutine.yield(i) end end) end
local s = 0
for v in gen(4) do s = s + v end
local g, v = gen(3)
repeat v = g() s = s + (v or 0) until not v
print(s)
--# an upvalue is read before the key that it is indexed with
--! interpreted: reads it behind the key, as later versions
local t = {k = "old"}
local function change() t = {k = "new"} return "k" end
local function read() return t[change()] end
print(read())
