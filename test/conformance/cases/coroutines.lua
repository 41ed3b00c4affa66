--# values go in and out
local co = coroutine.create(function(a, b)
  print("start", a, b)
  local c = coroutine.yield(a + b)
  print("got", c)
  local d, e = coroutine.yield(c * 2)
  print("got", d, e)
  return "end", d + e
end)
print(coroutine.resume(co, 1, 2)) print(coroutine.resume(co, 10)) print(coroutine.resume(co, 3, 4)) print(coroutine.resume(co))
--# yields of no, one, many and nil values
local co = coroutine.wrap(function() coroutine.yield() coroutine.yield(nil) coroutine.yield(nil, nil) coroutine.yield(1, 2, 3, 4, 5) return nil, 6 end)
print(select("#", co())) print(select("#", co())) print(select("#", co())) print(co()) print(co())
--# resumes with no, one, many and nil values
local co = coroutine.create(function(...)
  local n = select("#", ...)
  while true do n = select("#", coroutine.yield(n)) end
end)
print(coroutine.resume(co)) print(coroutine.resume(co, nil)) print(coroutine.resume(co, 1, nil, nil)) print(coroutine.resume(co, 1, 2, 3, 4, 5))
--# status
local co
co = coroutine.create(function() print(coroutine.status(co)) coroutine.yield() end)
print(coroutine.status(co)) coroutine.resume(co) print(coroutine.status(co)) coroutine.resume(co) print(coroutine.status(co))
--# status normal
local a, b
a = coroutine.create(function() coroutine.resume(b) print("a", coroutine.status(b)) end)
b = coroutine.create(function() print("b", coroutine.status(a), coroutine.status(b)) end)
coroutine.resume(a)
print(coroutine.status(a), coroutine.status(b))
--# running
print(coroutine.running())
local co
co = coroutine.create(function() return coroutine.running() == co end)
print(coroutine.resume(co))
print(coroutine.wrap(function() return type(coroutine.running()), coroutine.wrap(function() return type(coroutine.running()) end)() end)())
--# resuming the dead, the running and the normal
local co = coroutine.create(function() return 1 end)
coroutine.resume(co)
print(coroutine.resume(co)) print(coroutine.resume(co))
local self
self = coroutine.create(function() return coroutine.resume(self) end)
print(coroutine.resume(self))
local a, b
a = coroutine.create(function() return coroutine.resume(b) end)
b = coroutine.create(function() return coroutine.resume(a) end)
print(coroutine.resume(a))
--# errors end a coroutine
local co = coroutine.create(function() error("inside") end)
print(coroutine.resume(co)) print(coroutine.status(co)) print(coroutine.resume(co))
local co = coroutine.create(function() coroutine.yield(1) local x = nil; return x.y end)
print(coroutine.resume(co)) print(coroutine.resume(co)) print(coroutine.status(co))
--# wrap raises errors
local w = coroutine.wrap(function() error("inside") end)
print(pcall(w)) print(pcall(w))
local w = coroutine.wrap(function() error({}) end)
print(type(select(2, pcall(w))))
local w = coroutine.wrap(function() return 1 end)
w()
print(pcall(w))
--# wrap raises errors with the position of its caller
local w = coroutine.wrap(function() error("inside") end)
print(pcall(function()
  w()
end))
local d = coroutine.wrap(function() end)
d()
print(pcall(function()
  d()
end))
--# a generator
local function range(a, b) return coroutine.wrap(function() for i = a, b do coroutine.yield(i) end end) end
for i in range(1, 4) do print(i) end
local s = 0
for i in range(1, 100) do for j in range(1, 3) do s = s + i * j end end
print(s)
--# permutations
local function permgen(a, n) if n == 0 then coroutine.yield(table.concat(a, " ")) else for i = 1, n do a[n], a[i] = a[i], a[n] permgen(a, n - 1) a[n], a[i] = a[i], a[n] end end end
for p in coroutine.wrap(function() permgen({1, 2, 3}, 3) end) do print(p) end
--# producer, filter and consumer
local function producer() return coroutine.create(function() for _, l in ipairs({"a", "b", "c"}) do coroutine.yield(l) end return nil end) end
local function receive(p) local ok, v = coroutine.resume(p) return v end
local function filter(p) return coroutine.create(function() local n = 1 while true do local x = receive(p) if not x then return nil end coroutine.yield(n .. ":" .. x) n = n + 1 end end) end
local f = filter(producer())
while true do local x = receive(f) if not x then break end print(x) end
--# yields from functions called deep inside
local function deep(n) if n == 0 then return coroutine.yield("bottom") end local r = deep(n - 1) return r + 1 end
local co = coroutine.create(deep)
print(coroutine.resume(co, 20)) print(coroutine.resume(co, 100))
--# yields from a tail call
local function t(n) if n == 0 then return coroutine.yield("tail") end return t(n - 1) end
local co = coroutine.create(t)
print(coroutine.resume(co, 1000)) print(coroutine.resume(co, "back", 2))
--# yields in every kind of statement
local y = coroutine.yield
local co = coroutine.wrap(function()
  local a, b = y(1), y(2)
  local t = {y(3), y(4), k = y(5)}
  if y(6) then t.x = y(7) end
  while y(8) do break end
  for i = y(9), y(10), y(11) do t.n = i end
  t[y(12)] = y(13)
  repeat local done = y(14) until done
  local s = y(15) .. y(16) .. y(17)
  local c = y(18) < y(19)
  return a, b, #t, t.k, t.x, t.n, t.key, s, c, y(20) and y(21) or y(22), -y(23)
end)
local answers = {"a", "b", "c", "d", "e", true, "x", true, 1, 5, 2, "key", "value", true, "p", "q", "r", 1, 2, false, "or"}
local out = {co()}
local i = 0
while #out == 1 do
  i = i + 1
  local sent = answers[i]
  if out[1] == 22 then sent = "or" elseif out[1] == 23 then sent = 9 end
  out = {co(sent)}
end
print(unpack(out))
--# yields as arguments keep their order
local co = coroutine.wrap(function() local function f(...) return select("#", ...), ... end return f(coroutine.yield("a"), coroutine.yield("b"), coroutine.yield("c")) end)
print(co()) print(co(1)) print(co(2)) print(co(3, 4))
--# locals and upvalues live across yields
local co = coroutine.wrap(function() local n = 0 local function inc() n = n + 1 return n end while true do coroutine.yield(inc() + inc()) end end)
print(co(), co(), co())
--# closures made in a coroutine live after its end
local co = coroutine.create(function() local n = 10 coroutine.yield(function() n = n + 1 return n end) n = 100 end)
local _, f = coroutine.resume(co)
print(f()) coroutine.resume(co) print(f(), coroutine.status(co))
--# each coroutine has its own state
local function gen(k) return coroutine.wrap(function() local n = k while true do coroutine.yield(n) n = n + k end end) end
local a, b = gen(1), gen(10)
print(a(), a(), b(), a(), b())
--# the loop variable of a generic for with yields in its body
local co = coroutine.wrap(function() for k, v in ipairs({"x", "y"}) do coroutine.yield(k, v) end return "done" end)
print(co()) print(co()) print(co())
--# yields outside of coroutines
print(pcall(coroutine.yield, 1))
print(pcall(function() coroutine.yield() end))
--# yields across pcall
local co = coroutine.create(function() print(pcall(function() coroutine.yield(1) end)) return "after" end)
print(coroutine.resume(co))
--# yields across metamethods
local co = coroutine.create(function()
  local t = setmetatable({}, {__index = function() coroutine.yield(1) end, __add = function() coroutine.yield(2) end, __call = function(self, x) return coroutine.yield(x) end})
  print(pcall(function() return t.x end))
  print(pcall(function() return t + 1 end))
  return "called", t(5)
end)
print(coroutine.resume(co)) print(coroutine.resume(co, "back"))
--# a yield across a metamethod ends the coroutine
--! interpreted: a coroutine may yield there, as in Lua 5.3
local co = coroutine.create(function() local t = setmetatable({}, {__index = function() coroutine.yield(1) end}) return t.x end)
print(coroutine.resume(co)) print(coroutine.status(co))
--# yields in an iterator of a generic for
--! interpreted: a coroutine may yield there, as in Lua 5.3
local co = coroutine.create(function() for x in function() return coroutine.yield("in iterator") end do print("x", x) end return "end" end)
print(coroutine.resume(co)) print(coroutine.resume(co, 5)) print(coroutine.resume(co))
--# yields across sort, gsub and foreach
local co = coroutine.create(function() table.sort({3, 2, 1}, function(a, b) coroutine.yield() return a < b end) end)
print(coroutine.resume(co))
local co = coroutine.create(function() return (("abc"):gsub(".", function(c) coroutine.yield(c) end)) end)
print(coroutine.resume(co))
local co = coroutine.create(function() table.foreach({1}, function(c) coroutine.yield(c) end) end)
print(coroutine.resume(co))
--# a coroutine inside of pcall inside of a coroutine
local co = coroutine.wrap(function()
  local ok, v = pcall(function() local inner = coroutine.wrap(function() coroutine.yield("inner") end) return inner() end)
  coroutine.yield(ok, v)
  return "end"
end)
print(co()) print(co())
--# pcall around resume
local co = coroutine.create(function() coroutine.yield(1) error("boom") end)
print(pcall(coroutine.resume, co)) print(pcall(coroutine.resume, co)) print(pcall(coroutine.resume, co))
--# natives cannot be coroutines
print(pcall(coroutine.create, string.upper))
print(pcall(coroutine.wrap, type))
--# coroutines of coroutine.yield itself
print(pcall(coroutine.wrap, coroutine.yield))
--# coroutine.create takes functions of Lua only
print(pcall(coroutine.create, setmetatable({}, {__call = print})))
print(pcall(coroutine.create)) print(pcall(coroutine.create, 5)) print(pcall(coroutine.wrap, {}))
--# resume wants a coroutine
print(pcall(coroutine.resume, print)) print(pcall(coroutine.resume)) print(pcall(coroutine.status, 5))
--# a coroutine as a key and in comparisons
local co = coroutine.create(function() end)
local t = {[co] = "found"}
print(t[co], co == co, co == coroutine.create(function() end), type(co))
--# tostring of a coroutine
print((tostring(coroutine.create(function() end)):gsub("0x%x+", "ADDRESS")))
--# a wrap that resumes itself
local w
w = coroutine.wrap(function() return w() end)
print(pcall(w))
--# a hundred nested coroutines
local function nest(n) if n == 0 then return "bottom" end return coroutine.wrap(function() return nest(n - 1) end)() end
print(nest(100))
--# a thousand coroutines alive at once
local list = {}
for i = 1, 1000 do list[i] = coroutine.wrap(function() local n = i while true do coroutine.yield(n) n = n + 1 end end) end
local s = 0
for round = 1, 3 do for i = 1, 1000 do s = s + list[i]() end end
print(s)
--# an error through two coroutines
local outer = coroutine.wrap(function() local inner = coroutine.wrap(function() error("deep", 0) end) inner() end)
print(pcall(outer))
--# error levels inside of coroutines
local co = coroutine.create(function() local function f() error("caller", 2) end
  f()
end)
print(coroutine.resume(co))
local co = coroutine.create(function() error("beyond", 2) end)
print(coroutine.resume(co))
--# an abandoned coroutine does no harm
do local co = coroutine.create(function() coroutine.yield() print("never") end) coroutine.resume(co) end
collectgarbage()
print("done")
--# xpcall inside of a coroutine
local co = coroutine.wrap(function() local r = {xpcall(function() error("x", 0) end, function(m) return "H" .. m end)} coroutine.yield(unpack(r)) return "end" end)
print(co()) print(co())
--# yield in xpcall's handler
local co = coroutine.create(function() return xpcall(function() error("x", 0) end, function(m) coroutine.yield(m) end) end)
print(coroutine.resume(co))
--# methods that yield
local o = {n = 0}
function o:step(x) self.n = self.n + (coroutine.yield(self.n) or x) return self end
local co = coroutine.wrap(function() return o:step(1):step(2):step(3).n end)
print(co()) print(co(10)) print(co()) print(co(100))
--# varargs across yields
local co = coroutine.wrap(function(...) coroutine.yield(...) return select("#", ...), ... end)
print(co(1, nil, 3)) print(co("ignored"))
--# a scheduler
local log, tasks = {}, {}
local function spawn(name, n) tasks[#tasks + 1] = coroutine.create(function() for i = 1, n do log[#log + 1] = name .. i coroutine.yield() end end) end
spawn("a", 3) spawn("b", 1) spawn("c", 2)
while #tasks > 0 do for i = #tasks, 1, -1 do coroutine.resume(tasks[i]) if coroutine.status(tasks[i]) == "dead" then table.remove(tasks, i) end end end
print(table.concat(log, " "))
--# functions under other names
local yield, resume, create = coroutine.yield, coroutine.resume, coroutine.create
local c = {["y" .. "ield"] = coroutine["yi" .. "eld"]}
local co = create(function(a) local b = yield(a) local d = c.yield(b) return d end)
print(resume(co, 1)) print(resume(co, 2)) print(resume(co, 3))
--# loaded code yields
local co = coroutine.wrap(loadstring("local a = ... local b = coroutine.yield(a + 1) return b * 2"))
print(co(1)) print(co(21))
local f = loadstring("return function(x) return coroutine.yield(x) end")()
local co = coroutine.wrap(function() return f("through loaded code") end)
print(co()) print(co("back"))
