--#
local x; x()
--#
y()
--#
local a = {} ; a.b.c = 1
--#
local a = {} ; a.b()
--#
local a = {} ; a:m()
--#
return 1 + nil
--#
local q = {} return q + 1
--#
return zz + 1
--#
return {} .. "x"
--#
local n; return "a" .. n
--#
return "a" .. gg .. "b"
--#
return 1 < "x"
--#
return {} < {}
--#
return nil > 1
--#
return #5
--#
local u; return #u
--#
return "abc" + 1
--#
for i = "a", 2 do end
--#
for i = 1, {} do end
--#
for i = 1, 2, "x" do end
--#
local t = {} t[nil] = 1
--#
local t = {} t[0/0] = 1
--#
local up; return (function() up() end)()
--#
local up; return (function() return up.x end)()
--#
return ("a" .. 1)()
--#
local s = "x" s()
--#
string.rep()
--#
("x"):rep({})
--#
setmetatable({})
--#
error("plain", 0)
--#
error("with position")
--#
assert(false)
--#
assert(nil, "msg")
--#
table.concat({1, {}, 3})
--#
table.sort({1, "x", 2})
--#
table.insert({}, 1, 2, 3)
--#
ipairs()
--#
select(0)
--#
tonumber()
--#
tonumber(1, 99)
--#
math.floor("x")
--#
math.random(0)
--#
setfenv(pairs, {})
--#
setfenv(1)
--#
setfenv(100, {})
--#
getfenv(-1)
--#
string.find("a", "[")
--#
unpack()
--#
next({}, "nope")
--#
rawset({}, nil, 1)
--#
setmetatable(setmetatable({}, {__metatable = 1}), {})
--#
coroutine.resume(1)
--#
coroutine.wrap(function() error("in co") end)()
--#
coroutine.yield(1)
--#
os.time({})
--#
local t = setmetatable({}, {}) getmetatable(t).__index = t return t.x
--#
local function r(n) return 1 + r(n + 1) end r(1)
--#
local t = setmetatable({}, {}) getmetatable(t).__index = function(s, k) return s[k] end return t.x
--#
x = 5 5
--#
for
--#
x = }
--#
x = [[abc
--#
if x then
--#
return return
--#
f(
--#
local function 5
--#
function f() return ... end
--#
a.b:c = 1
--#
for i=1 do end
--#
local a.b = 1
--#
x x
--#
x = 1 // 2
--#
x = 1 & 2
--#
x = ~1
--#
::a::
--#
goto x
--#
local function f() error("at the caller", 2) end f()
