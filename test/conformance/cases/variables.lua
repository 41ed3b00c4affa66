--# calling what is no function, by kind of variable
local l
local t = {}
local function up() return l() end
print(pcall(function() local x; x() end))
print(pcall(function() g() end))
print(pcall(up))
print(pcall(function() t.f() end))
print(pcall(function() t:m() end))
print(pcall(function() t[1]() end))
print(pcall(function() local k = "f" t[k]() end))
print(pcall(function() t["quoted"]() end))
print(pcall(function() t["not a name"]() end))
print(pcall(function() (1)() end))
print(pcall(function() ("x")() end))
print(pcall(function() (nil)() end))
print(pcall(function() ({})() end))
print(pcall(function() t.a.b() end))
print(pcall(function() (l or t.x)() end))
--# calling results of calls
local function f() return nil end
print(pcall(function() f()() end))
print(pcall(function() f().x() end))
print(pcall(function() local s = "x" s:nothing() end))
print(pcall(function() ("x"):nothing() end))
--# indexing what is no table, by kind of variable
local l
local t = {}
print(pcall(function() local x; return x.f end))
print(pcall(function() return g.f end))
print(pcall(function() return l.f end))
print(pcall(function() return t.a.b end))
print(pcall(function() return t[1].b end))
print(pcall(function() local k = "key" return t[k].b end))
print(pcall(function() return t["a b"].c end))
print(pcall(function() return (nil).x end))
print(pcall(function() return (1).x end))
print(pcall(function() return (true).x end))
print(pcall(function() return t:m().x end))
--# indexing with method calls on nothing
local l
print(pcall(function() local x; x:m() end))
print(pcall(function() g:m() end))
print(pcall(function() l:m() end))
print(pcall(function() local t = {} t.a:m() end))
print(pcall(function() (5):m() end))
--# assigning to fields of what is no table
local l
local t = {}
print(pcall(function() local x; x.f = 1 end))
print(pcall(function() g.f = 1 end))
print(pcall(function() l.f = 1 end))
print(pcall(function() t.a.b = 1 end))
print(pcall(function() t[1].b = 1 end))
print(pcall(function() local x = 5 x[1] = 1 end))
print(pcall(function() local s = "text" s.x = 1 end))
print(pcall(function() function l.f() end end))
--# arithmetic on what is no number, by kind of variable
local l
local t = {}
print(pcall(function() local x; return x + 1 end))
print(pcall(function() local x; return 1 + x end))
print(pcall(function() return g + 1 end))
print(pcall(function() return 2 * g end))
print(pcall(function() return l - 1 end))
print(pcall(function() return 1 - l end))
print(pcall(function() return t.a / 2 end))
print(pcall(function() return 2 ^ t.a end))
print(pcall(function() return t[1] % 2 end))
print(pcall(function() return -t.a end))
print(pcall(function() return -l end))
print(pcall(function() return -g end))
print(pcall(function() return {} + 1 end))
print(pcall(function() return 1 + {} end))
print(pcall(function() return "abc" + 1 end))
print(pcall(function() local s = "abc" return s + 1 end))
print(pcall(function() local s = "abc" return 1 + s end))
print(pcall(function() return t.a + t.b end))
print(pcall(function() local a, b = 1, nil return a + b end))
print(pcall(function() local a, b = nil, 1 return a + b end))
print(pcall(function() local a, b = nil, {} return a + b end))
print(pcall(function() local a, b = "5", {} return a + b end))
print(pcall(function() return (t.a) + 1 end))
print(pcall(function() return true + 1 end))
print(pcall(function() return nil + nil end))
print(pcall(function() return -{} end))
print(pcall(function() return -"x" end))
print(pcall(function() return 10 % nil end))
--# arithmetic on results
local function f() end
print(pcall(function() return f() + 1 end))
print(pcall(function() return 1 + f() end))
print(pcall(function() return #f() end))
print(pcall(function() return (1 < 2) + 1 end))
--# concatenating what is no text, by kind of variable
local l
local t = {}
print(pcall(function() local x; return x .. "a" end))
print(pcall(function() local x; return "a" .. x end))
print(pcall(function() return g .. "a" end))
print(pcall(function() return "a" .. l end))
print(pcall(function() return "a" .. t.f end))
print(pcall(function() return t.f .. "a" end))
print(pcall(function() return "a" .. t end))
print(pcall(function() return "a" .. "b" .. l end))
print(pcall(function() return "a" .. l .. "b" end))
print(pcall(function() return l .. "a" .. "b" end))
print(pcall(function() return "a" .. {} end))
print(pcall(function() return "a" .. true end))
print(pcall(function() return 1 .. nil end))
print(pcall(function() local a, b = {}, "x" return a .. b end))
print(pcall(function() local a, b = "x", {} return a .. b end))
print(pcall(function() local a, b = {}, {} return a .. b end))
print(pcall(function() local a, b, c = "1", nil, {} return a .. b .. c end))
--# the length of what has none, by kind of variable
local l
local t = {}
print(pcall(function() local x; return #x end))
print(pcall(function() return #g end))
print(pcall(function() return #l end))
print(pcall(function() return #t.f end))
print(pcall(function() return #5 end))
print(pcall(function() return #nil end))
print(pcall(function() return #print end))
print(pcall(function() return #true end))
--# comparing what has no order
local l
print(pcall(function() return 1 < "x" end))
print(pcall(function() return "x" < 1 end))
print(pcall(function() return {} < {} end))
print(pcall(function() return l < 1 end))
print(pcall(function() return 1 < l end))
print(pcall(function() return 1 > l end))
print(pcall(function() return l >= 1 end))
print(pcall(function() return 1 <= l end))
print(pcall(function() return print < print end))
print(pcall(function() return true < false end))
print(pcall(function() return {} <= 5 end))
print(pcall(function() return nil > nil end))
--# loops over what is no number
print(pcall(function() for i = nil, 1 do end end))
print(pcall(function() for i = 1, nil do end end))
print(pcall(function() for i = 1, 2, nil do end end))
print(pcall(function() for i = "x", 1 do end end))
print(pcall(function() for i = 1, "x" do end end))
print(pcall(function() for i = 1, 2, {} do end end))
--# loops whose values are all wrong
--! interpreted: looks at the limit first
print(pcall(function() for i = {}, "x", nil do end end))
--# loops over what is no function
local l
local t = {}
print(pcall(function() for k in l do end end))
print(pcall(function() for k in nil do end end))
print(pcall(function() for k in t do end end))
print(pcall(function() for k in t.x do end end))
print(pcall(function() for k in pairs(nil) do end end))
print(pcall(function() for k in ipairs() do end end))
print(pcall(function() for k in 5, 6 do end end))
--# keys that cannot be
local t = {}
print(pcall(function() t[nil] = 1 end))
print(pcall(function() t[0/0] = 1 end))
print(pcall(function() return {[nil] = 1} end))
print(pcall(function() return {[0/0] = 1} end))
print(pcall(function() local k t[k] = nil end))
print(pcall(rawset, t, nil, 1))
print(t[nil], t[0/0])
--# constants as operands
print(pcall(function() return nil .. "x" end))
print(pcall(function() return 1 + nil end))
print(pcall(function() return "a" + 1 end))
print(pcall(function() return "10" + "x" end))
print(pcall(function() return {} .. {} end))
print(pcall(function() return ("x").y.z end))
--# fields of upvalues and globals
local up = {}
glob = {}
print(pcall(function() return up.a.b end))
print(pcall(function() return glob.a.b end))
print(pcall(function() up.a.b = 1 end))
print(pcall(function() glob.a.b() end))
print(pcall(function() glob.a() end))
print(pcall(function() return glob.a + 1 end))
print(pcall(function() return up[glob].x end))
--# a parameter, a loop variable and a vararg
print(pcall(function(p) return p.x end))
print(pcall(function(...) local v = ... return v.x end))
print(pcall(function(...) return (...).x end))
print(pcall(function(...) return ... + 1 end))
print(pcall(function() for i = 1, 1 do i() end end))
print(pcall(function() for k, v in pairs({1}) do v() end end))
print(pcall(function() for k, v in pairs({1}) do return k.x.y end end))
--# a variable that was assigned in between
print(pcall(function() local a = {} a = a.x return a.y end))
print(pcall(function() local a = 1 local b = a return b() end))
print(pcall(function() local a = {} local b = a.b return b.c end))
print(pcall(function() local t = {} local x = t.y + 1 end))
--# names shadowed by inner blocks
local x = {}
do local x = nil print(pcall(function() return x.y end)) end
print(pcall(function() local x = 5 do local x = x.y x() end end))
--# values of every type
local values = {nil, true, 5, "s", {}, type, coroutine.create(function() end)}
for i = 1, 7 do
  local v = values[i]
  local function text(ok, e) print(type(v), (ok and "ok" or e)) end
  text(pcall(function() return v() end))
  text(pcall(function() return v.x end))
  text(pcall(function() return v + 1 end))
  text(pcall(function() return #v end))
  text(pcall(function() return v .. "x" end))
  text(pcall(function() return v < v end))
  text(pcall(function() return -v end))
end
--# globals with names of JavaScript
print(pcall(function() constructor() end))
print(pcall(function() return __proto__.x end))
print(pcall(function() return toString + 1 end))
print(pcall(function() local t = {} t.constructor() end))
print(pcall(function() local t = {} t:hasOwnProperty() end))
print(pcall(function() local arguments; arguments() end))
--# field names that are no names
local t = {}
print(pcall(function() t["a-b"]() end))
print(pcall(function() t[""]() end))
print(pcall(function() t["a\nb"].x() end))
print(pcall(function() t["end"]() end))
print(pcall(function() t[true]() end))
print(pcall(function() t[1.5]() end))
--# an upvalue of an upvalue
local a
local function f() return function() return function() return a.b end end end
print(pcall(f()()))
--# arguments of library functions by name
print(pcall(function() string.rep() end))
print(pcall(function() ("x"):rep() end))
print(pcall(function() ("x"):rep({}) end))
print(pcall(function() local s = string.rep s("x", "y") end))
print(pcall(function() local t = {go = string.rep} t.go() end))
print(pcall(function() local t = {go = string.rep} t:go(1) end))
print(pcall(string.rep))
print(pcall(function() setmetatable(1, 2) end))
print(pcall(function() math.floor({}) end))
print(pcall(function() table.concat(1) end))
print(pcall(function() table.insert({}) end))
print(pcall(function() ipairs() end))
print(pcall(function() tonumber("1", 1) end))
print(pcall(function() unpack() end))
print(pcall(function() string.char(-1) end))
print(pcall(function() string.format("%d", {}) end))
print(pcall(function() ("%d"):format("x") end))
print(pcall(function() rawset(1, 2, 3) end))
print(pcall(function() next(5) end))
print(pcall(function() select() end))
print(pcall(function() error() end))
print(pcall(function() os.time(5) end))
print(pcall(function() os.date(5, {}) end))
print(pcall(function() math.random(1, 2, 3) end))
print(pcall(function() math.max() end))
print(pcall(function() string.sub() end))
print(pcall(function() ("x"):sub() end))
print(pcall(function() loadstring() end))
print(pcall(function() load() end))
print(pcall(function() getfenv({}) end))
print(pcall(function() coroutine.create() end))
print(pcall(function() coroutine.resume() end))
print(pcall(function() coroutine.wrap(5) end))
print(pcall(function() coroutine.status(nil) end))
--# a bad self
local t = {rep = string.rep, byte = string.byte}
print(pcall(function() t:rep(3) end))
print(pcall(function() t:byte() end))
local o = setmetatable({}, {__index = string})
print(pcall(function() o:upper() end))
