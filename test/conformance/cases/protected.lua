--# error with a text gets the position
print(pcall(function() error("plain") end))
print(pcall(function()
  error("line 3")
end))
print(pcall(error, "no function of Lua calls"))
--# error levels 0, 1 and 2
local function f(level) error("at " .. tostring(level), level) end
local function g(level)
  f(level)
end
print(pcall(g, 0)) print(pcall(g, 1)) print(pcall(g, 2)) print(pcall(g, nil))
--# error levels above the caller
local function f(level) error("at " .. level, level) end
local function g(level)
  f(level)
  return 1
end
local function h(level)
  g(level)
  return 1
end
print(pcall(h, 3)) print(pcall(h, 4)) print(pcall(h, 50))
--# error levels through tail calls
--! interpreted: a function that was left by a tail call is no level
--! compiled: a call that is no deep tail call is an ordinary one
local function f() error("tail", 2) end
local function g() return f() end
local function h()
  g()
end
print(pcall(h))
--# error with other values
local t = {}
local ok, e = pcall(error, t) print(ok, e == t)
print(pcall(error)) print(pcall(error, nil)) print(pcall(error, true)) print(pcall(error, false))
print(pcall(error, 42)) print(type(select(2, pcall(error, 42))))
print(pcall(function() error(42) end)) print(type(select(2, pcall(function() error(42) end))))
print(pcall(function() error(42, 0) end)) print(type(select(2, pcall(function() error(42, 0) end))))
--# error at the end of the program
error("last words")
--# error at the end of the program with level 0
error("bare", 0)
--# error at the end of the program with level 2
error("up", 2)
--# error at the end of the program with a table
error({})
--# error at the end of the program with a table that has __tostring
error(setmetatable({}, {__tostring = function() return "told" end}))
--# error at the end of the program with nil
error(nil)
--# error at the end of the program with a number
error(12)
--# assert
print(assert(1, 2, 3)) print(select("#", assert(true, nil)))
print(pcall(assert, false)) print(pcall(assert, nil, "message")) print(pcall(assert)) print(pcall(assert, false, 5))
print(pcall(assert, nil, {}) == false)
print(pcall(function() assert(false, "in a function") end))
print(pcall(function() assert(nil) end))
--# assert with a message that is no text
print(pcall(assert, false, {}))
print(pcall(assert, false, nil))
print(pcall(assert, false, true))
--# pcall gives all results
print(pcall(function() return 1, nil, 3, nil end))
print(select("#", pcall(function() end)))
print(pcall(function(...) return select("#", ...), ... end, 1, nil))
--# pcall without a function
print(pcall(nil)) print(pcall(5)) print(pcall({})) print(pcall("x")) print(pcall(pcall))
--# nested pcalls
print(pcall(pcall, error, "x"))
print(pcall(pcall))
print(pcall(function() local ok, e = pcall(error, "inner", 0) error("outer of " .. e, 0) end))
print(pcall(function() return pcall(function() return pcall(function() error("deep", 0) end) end) end))
--# an error value passes pcalls untouched
local t = {code = 5}
local ok, e = pcall(function() local ok, e = pcall(function() error(t) end) error(e) end)
print(ok, e == t, e.code)
--# rethrowing adds no second position at level 0
local ok, e = pcall(function() error("first") end)
print(pcall(function() error(e, 0) end))
print(pcall(function() error(e) end))
--# locals after an error
local x = 1
pcall(function() x = 2 error("stop") x = 3 end)
print(x)
--# an error in the middle of an assignment
local t = {}
local function bad() error("bad", 0) end
print(pcall(function() t.a, t.b = 1, bad() end))
print(t.a, t.b)
--# loops with pcall inside
local ok, bad = 0, 0
for i = 1, 100 do if pcall(function() if i % 3 == 0 then error("third") end end) then ok = ok + 1 else bad = bad + 1 end end
print(ok, bad)
--# closures survive the error of their maker
local get
pcall(function() local n = 1 get = function() n = n + 1 return n end error("x") end)
print(get(), get())
--# xpcall calls its handler with the error
print(xpcall(function() error("e", 0) end, function(m) return "handled " .. m end))
print(xpcall(function() return 1, 2, 3 end, function() return "never" end))
print(xpcall(function() error({code = 7}) end, function(e) return e.code end))
print(xpcall(function() error() end, function(e) return tostring(e) end))
print(xpcall(function() local x = nil; return x.y end, function(m) return "<" .. m .. ">" end))
--# xpcall gives one result of its handler
print(xpcall(error, function() return 1, 2, 3 end))
print(xpcall(error, function() end))
--# xpcall passes no arguments
print(xpcall(function(...) return select("#", ...) end, print, 1, 2, 3))
--# xpcall with an error in the handler
print(xpcall(function() error("a") end, function(m) error("b") end))
print(xpcall(function() error("a") end, function(m) local x = nil; return x.y end))
--# xpcall with what is no function
print(xpcall(nil, function(m) return "H: " .. m end))
print(xpcall(error, nil))
print(pcall(xpcall)) print(pcall(xpcall, print))
print(pcall(xpcall, nil, nil))
--# xpcall's handler sees the stack of the error
local function f() error("deep") end
local level
print(xpcall(function() f() end, function(m) level = 0 local ok, e = pcall(error, "probe", 3) return m end))
print(level)
--# a handler inside of a handler
print(xpcall(function() xpcall(function() error("in", 0) end, function(m) error("again " .. m, 0) end) error("out", 0) end, function(m) return "H(" .. m .. ")" end))
--# pcall within xpcall does not call the handler
local n = 0
print(xpcall(function() pcall(error, "x") return "fine" end, function() n = n + 1 end), n)
--# stack overflow is an error that xpcall handles
local function r() return 1 + r() end
print(xpcall(r, function(m) return type(m) .. tostring(m:find("stack overflow", 1, true) ~= nil) end))
--# a text error of a method call
local o = {}
function o:fail(m)
  error(m)
end
print(pcall(o.fail, o, "m1"))
print(pcall(function() o:fail("m2") end))
print(pcall(function() o:fail() end))
--# errors of natives get the caller's line
print(pcall(function()
  local a = 1
  string.rep()
end))
print(pcall(function()
  local t = setmetatable({}, {})
  return ("x"):rep(1,
    2), setmetatable(1)
end))
--# errors of natives called by natives have no position
print(pcall(string.rep))
print(pcall(string.rep, "x", {}))
print(pcall(setmetatable, {}))
print(pcall(pcall, string.rep))
print(pcall(table.sort, {3, 2, 1}, string.rep))
--# errors of natives called by callbacks
print(pcall(string.gsub, "abc", "b", function(x) return x:rep({}) end))
print(pcall(table.foreach, {1}, function() error("each") end))
print(pcall(table.sort, {2, 1}, function() error("order", 0) end))
--# error values keep their identity through coroutines
local t = {}
local co = coroutine.create(function() error(t) end)
local ok, e = coroutine.resume(co)
print(ok, e == t, coroutine.status(co))
--# many nested pcalls are refused at the limit of C calls
local n = 0
local function f() n = n + 1 local ok, e = pcall(f) if not ok then error(e, 0) end end
local ok, e = pcall(f)
print(ok, n > 150, n < 250, e)
--# error handlers that return the error's parts
local function thrower() error({kind = "custom", args = {1, 2}}) end
local ok, e = xpcall(thrower, function(e) e.seen = true return e end)
print(ok, e.kind, #e.args, e.seen)
--# a finaliser by hand
local log = {}
local function with(f) local ok, e = pcall(f) log[#log + 1] = "closed" if not ok then error(e, 0) end return e end
print(pcall(with, function() log[#log + 1] = "body" error("broken", 0) end))
print(pcall(with, function() log[#log + 1] = "body" return "result" end))
print(table.concat(log, " "))
--# errors in a for iterator
print(pcall(function() for x in function() error("iterator") end do end end))
print(pcall(function()
  for k, v in pairs({1}) do
    error("body " .. v)
  end
end))
--# errors while a constructor is built
print(pcall(function()
  return {
    1,
    x = nil + 1,
  }
end))
--# error text with zero bytes and long lines
local ok, e = pcall(error, "a\0b", 0)
print(ok, #e, e == "a\0b")
local ok, e = pcall(error, ("x"):rep(5000), 0)
print(ok, #e)
--# tostring of an error that is a number
local ok, e = pcall(error, 1.5)
print(e + 1, type(e))
