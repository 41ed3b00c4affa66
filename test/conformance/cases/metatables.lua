--# arithmetic events with either operand
local mt = {}
for _, e in ipairs({"add", "sub", "mul", "div", "mod", "pow"}) do
  mt["__" .. e] = function(a, b) return e .. ":" .. type(a) .. ":" .. type(b) end
end
mt.__unm = function(a, b) return "unm:" .. type(a) .. ":" .. tostring(rawequal(a, b)) end
local o = setmetatable({}, mt)
print(o + 1, 1 + o, o - "x", "y" - o, o * nil, false * o)
print(o / o, 2 / o, o % 2, 2 % o, o ^ 2, 2 ^ o, -o)
--# the first operand's handler comes first
local a = setmetatable({}, {__add = function() return "a" end, __concat = function() return "ca" end})
local b = setmetatable({}, {__add = function() return "b" end, __concat = function() return "cb" end})
print(a + b, b + a, a .. b, b .. a, 1 + b, a + 1)
--# a handler's first result only
local a = setmetatable({}, {__add = function() return 1, 2, 3 end, __index = function() return 4, 5 end, __unm = function() end})
print(a + 1) print(a.x) print(-a)
--# a handler that is a callable table
local h = setmetatable({}, {__call = function(self, a, b) return "called", b end})
local o = setmetatable({}, {__add = h, __index = h})
print(o + 5)
print(pcall(function() return o.x end))
--# strings in arithmetic are converted before handlers are asked
local o = setmetatable({}, {__add = function(a, b) return "handler " .. tostring(type(a)) .. type(b) end})
print("10" + 1, o + "10", "10" + o)
print(pcall(function() return "abc" + 1 end))
getmetatable("").__add = function(a, b) return "text add" end
print("abc" + 1, 1 + "abc", "1" + "2")
getmetatable("").__add = nil
--# __index functions
local log = {}
local t = setmetatable({present = 1}, {__index = function(t, k) log[#log + 1] = tostring(k) return k end})
print(t.present, t.absent, t[1], t[true], rawget(t, "absent"))
print(table.concat(log, " "))
--# chains of __index tables
local a = {x = "ax", z = "az"}
local b = setmetatable({y = "by"}, {__index = a})
local c = setmetatable({x = "cx"}, {__index = b})
print(c.x, c.y, c.z, c.w)
a.w = "late"
print(c.w, rawget(c, "w"))
--# __index of a table that ends in a function
local base = setmetatable({}, {__index = function(t, k) return "made " .. k end})
local t = setmetatable({}, {__index = setmetatable({}, {__index = base})})
print(t.abc, t.def)
--# __index gets the table in which it was missing
local inner = setmetatable({}, {__index = function(t, k) return t.name end}) inner.name = "inner"
local outer = setmetatable({}, {__index = inner})
print(outer.foo)
--# a long chain of __index
local t = {deep = "found"}
for i = 1, 90 do t = setmetatable({}, {__index = t}) end
print(t.deep, t.missing)
--# a loop of __index
local a, b = {}, {}
setmetatable(a, {__index = b}) setmetatable(b, {__index = a})
print(pcall(function() return a.x end))
print(pcall(function() a.y = 1 return a.y end))
--# __index on strings, and what is no table
print(("x").len == string.len, ("x").nothing)
print(pcall(function() return (5).x end))
print(pcall(function() local n = nil return n.x end))
--# __index with nil and NaN keys
local t = setmetatable({}, {__index = function(_, k) return "asked " .. tostring(k) end})
print(t[nil], t[0/0] ~= nil)
print(({})[nil])
--# __newindex functions
local log = {}
local t = setmetatable({old = 1}, {__newindex = function(t, k, v) log[#log + 1] = k .. tostring(v) rawset(t, k, v) end})
t.old = 2 t.new = 3 t.new = 4 t.new = nil t.new = 5
print(table.concat(log, " "), t.old, t.new)
--# __newindex tables
local store = {}
local t = setmetatable({}, {__newindex = store})
t.x = 1 t[1] = 2
print(rawget(t, "x"), store.x, t[1], store[1])
--# chains of __newindex
local last = {}
local mid = setmetatable({kept = 0}, {__newindex = last})
local t = setmetatable({}, {__newindex = mid})
t.kept = 1 t.other = 2
print(mid.kept, rawget(mid, "other"), last.other)
--# a loop of __newindex
local a, b = {}, {}
setmetatable(a, {__newindex = b}) setmetatable(b, {__newindex = a})
print(pcall(function() a.x = 1 end))
--# a read only table
local function readonly(t) return setmetatable({}, {__index = t, __newindex = function(_, k) error("no " .. k, 2) end}) end
local r = readonly({x = 1})
print(r.x, pcall(function() r.y = 2 end))
print(pcall(function()
  r.x = 1
end))
--# assigning nil to what is missing asks __newindex
local n = 0
local t = setmetatable({}, {__newindex = function() n = n + 1 end})
t.x = nil t[1] = nil
print(n)
--# rawset and rawget do not ask
local t = setmetatable({}, {__index = function() return "i" end, __newindex = function() error("n") end})
rawset(t, "a", 1)
print(rawget(t, "a"), rawget(t, "b"), t.b)
--# __call with arguments and results
local c = setmetatable({}, {__call = function(self, ...) return select("#", ...), ... end})
print(c()) print(c(nil)) print(c(1, 2)) print((c(1, 2)))
--# a chain of __call is not followed
local a = setmetatable({}, {__call = function(self, x) return "a", x end})
local b = setmetatable({}, {__call = a})
print(pcall(function() return b(1) end))
--# __call on a method, a field and an upvalue
local c = setmetatable({v = 7}, {__call = function(self, a, b) return self.v, a, b end})
local t = {f = c}
print(t.f(1)) print(t:f(1) == 7, select(2, t:f(1)) == t)
print((function() return c("up") end)())
--# __call that is missing names the variable
local t = setmetatable({}, {})
print(pcall(function() t() end)) print(pcall(function() t.x() end)) print(pcall(function() t:m() end))
--# __call with pcall, xpcall, sort, gsub and foreach
local c = setmetatable({}, {__call = function(self, a, b) return a, b end})
print(pcall(c, 1, 2))
print(xpcall(c, print))
print(pcall(string.gsub, "abc", "b", c))
print(pcall(table.sort, {2, 1}, c))
print(pcall(table.foreach, {5}, c))
--# __concat with texts and numbers
local o = setmetatable({}, {__concat = function(a, b)
  return (type(a) == "table" and "o" or a) .. "+" .. (type(b) == "table" and "o" or b) end})
print(o .. "x", "x" .. o, o .. 1, 1 .. o, o .. o)
print("a" .. "b" .. o, o .. "a" .. "b", "a" .. o .. "b", 1 .. 2 .. o)
--# __concat that gives no text
local o = setmetatable({}, {__concat = function() return {} end})
print(type(o .. "x"), pcall(function() return "a" .. (o .. "x") end))
--# __concat that is missing
print(pcall(function() local t = {} return "a" .. t end))
print(pcall(function() local t = {} return t .. "a" end))
print(pcall(function() return "a" .. nil .. "b" end))
print(pcall(function() return 1 .. true end))
--# __len is not asked for tables
local t = setmetatable({1, 2}, {__len = function() return 99 end})
print(#t)
--# __eq needs the same function on both sides
local eq = function() return true end
local a, b = setmetatable({}, {__eq = eq}), setmetatable({}, {__eq = eq})
print(a == b, a ~= b)
--# __eq with different functions
--! interpreted: asks __eq when either table has it, as later versions
local a = setmetatable({}, {__eq = function() return true end})
local b = setmetatable({}, {__eq = function() return true end})
print(a == b, a ~= b, a == {}, {} == a)
--# __eq is not asked for different types or the same object
local n = 0
local mt = {__eq = function() n = n + 1 return true end}
local a = setmetatable({}, mt)
print(a == a, a == 1, a == "x", a == nil, n)
--# __eq gives a boolean
local r
local mt = {__eq = function() return r end}
local a, b = setmetatable({}, mt), setmetatable({}, mt)
for _, v in ipairs({1, "x", false}) do r = v print(a == b, a ~= b) end
r = nil
print(a == b, rawequal(a, b))
--# __lt for tables of the same handler
local mt = {__lt = function(a, b) return a.v < b.v end}
local a, b = setmetatable({v = 1}, mt), setmetatable({v = 2}, mt)
print(a < b, b < a, a > b, b > a)
--# __le falls back to not __lt of the swapped operands
local mt = {__lt = function(a, b) return a.v < b.v end}
local a, b = setmetatable({v = 1}, mt), setmetatable({v = 2}, mt)
print(a <= b, b <= a, a >= b, b >= a, a <= a)
--# __le comes before __lt
local mt = {__lt = function() error("lt") end, __le = function(a, b) return "yes" end}
local a, b = setmetatable({}, mt), setmetatable({}, mt)
print(a <= b, a >= b)
--# __lt with different handlers or types is an error
--! interpreted: asks __lt when either operand has it, as later versions
local a = setmetatable({}, {__lt = function() return true end})
local b = setmetatable({}, {__lt = function() return true end})
print(pcall(function() return a < b end))
print(pcall(function() return a < 1 end))
print(pcall(function() return "x" < a end))
--# order without handlers is an error
print(pcall(function() return {} < {} end)) print(pcall(function() return {} <= {} end))
print(pcall(function() return {} < 1 end)) print(pcall(function() return 1 < "1" end))
print(pcall(function() return nil < nil end)) print(pcall(function() return true >= false end))
print(pcall(function() return print < print end))
--# handlers of order give booleans
local mt = {__lt = function() return 1 end, __le = function() return nil end}
local a, b = setmetatable({}, mt), setmetatable({}, mt)
print(a < b, a > b, a <= b, a >= b, not (a < b))
if a < b then print("then") else print("else") end
--# __tostring
local o = setmetatable({}, {__tostring = function(self) return "object" end})
print(o, tostring(o))
print(tostring(setmetatable({}, {__tostring = function() return "a\0b" end})) == "a\0b")
--# __tostring that gives no text
local o = setmetatable({}, {__tostring = function() return 5 end})
print(tostring(o) == 5, type(tostring(o)))
local p = setmetatable({}, {__tostring = function() return {} end})
print(pcall(tostring, p) == true)
print(pcall(tostring, setmetatable({}, {__tostring = true})))
--# __tostring is not asked by concat and format
local o = setmetatable({}, {__tostring = function() return "o" end})
print(pcall(function() return "x" .. o end))
print(pcall(string.format, "%s", o))
print(pcall(table.concat, {o}))
--# __metatable
local o = setmetatable({}, {__metatable = "locked"})
print(getmetatable(o), pcall(setmetatable, o, {}))
local p = setmetatable({}, {__metatable = false})
print(getmetatable(p), pcall(setmetatable, p, nil))
--# setmetatable and getmetatable
local mt = {}
local t = {}
print(setmetatable(t, mt) == t, getmetatable(t) == mt, setmetatable(t, nil) == t, getmetatable(t))
print(pcall(setmetatable, 1, {})) print(pcall(setmetatable, {}, 1)) print(pcall(setmetatable, {}))
print(getmetatable(1), getmetatable(nil), getmetatable(print), getmetatable("").__index == string)
--# the metatable of strings has effect on all of them
local mt = getmetatable("")
mt.__call = function(s, x) return s .. "!" .. tostring(x) end
print(("a")(1), ("b")())
mt.__unm = function(s) return s:reverse() end
print(-"abc", -"12")
mt.__call, mt.__unm = nil, nil
--# handlers added later have effect
local mt = {}
local a, b = setmetatable({}, mt), setmetatable({}, mt)
print(pcall(function() return a + b end))
mt.__add = function() return "now" end
print(a + b)
mt.__add = nil
print(pcall(function() return a + b end))
mt.__index = {x = 1}
print(a.x)
mt.__index = nil
print(a.x)
--# handlers set with rawset and through other names
local mt = {}
rawset(mt, "__index", function() return "raw" end)
local k = "__" .. "call"
mt[k] = function() return "computed" end
local t = setmetatable({}, mt)
print(t.x, t())
for key in pairs(mt) do mt[key] = nil end
print(t.x, pcall(t))
--# inherited handlers are not handlers
local base = {__add = function() return "inherited" end}
local mt = setmetatable({}, {__index = base})
local o = setmetatable({}, mt)
print(pcall(function() return o + 1 end))
--# a metatable of itself
local t = {}
setmetatable(t, t)
t.__index = function(_, k) return k .. "?" end
t.__call = function(self, x) return x end
print(t.foo, t(5))
--# a class with a constructor and inheritance
local Animal = {} Animal.__index = Animal
setmetatable(Animal, {__call = function(class, name) return setmetatable({name = name}, class) end})
function Animal:speak() return self.name .. " makes a sound" end
local Dog = setmetatable({}, {__index = Animal, __call = getmetatable(Animal).__call}) Dog.__index = Dog
function Dog:speak() return Animal.speak(self) .. ": woof" end
print(Animal("cat"):speak()) print(Dog("rex"):speak())
--# a vector with arithmetic
local V = {} V.__index = V
local function vec(x, y) return setmetatable({x = x, y = y}, V) end
V.__add = function(a, b) return vec(a.x + b.x, a.y + b.y) end
V.__mul = function(a, b) if type(a) == "number" then return vec(a * b.x, a * b.y) elseif type(b) == "number" then return b * a end return a.x * b.x + a.y * b.y end
V.__unm = function(a) return vec(-a.x, -a.y) end
V.__eq = function(a, b) return a.x == b.x and a.y == b.y end
V.__tostring = function(a) return "(" .. a.x .. ", " .. a.y .. ")" end
print(vec(1, 2) + vec(3, 4), 2 * vec(1, 2), vec(1, 2) * 3, vec(1, 2) * vec(3, 4), -vec(1, -1), vec(1, 2) == vec(1, 2), vec(1, 2) ~= vec(1, 2))
--# errors in handlers name the handler's line
local t = setmetatable({}, {
  __index = function(t, k)
    error("no field " .. k)
  end,
  __add = function(a, b)
    return a.x.y
  end})
print(pcall(function() return t.foo end))
print(pcall(function() return t + 1 end))
--# error levels through handlers
local t = setmetatable({}, {__index = function(t, k) error("level 2", 2) end})
print(pcall(function()
  local x = t.foo
end))
--# getmetatable with __index on the metatable itself
local mt = setmetatable({}, {__index = function(_, k) return "fake " .. k end})
local t = setmetatable({}, mt)
print(getmetatable(t) == mt, t.x, pcall(function() return t + 1 end))
--# __mode and __gc are accepted
local t = setmetatable({}, {__mode = "k"})
t[1] = "strong"
print(t[1], getmetatable(t).__mode)
setmetatable({}, {__gc = function() error("never") end})
collectgarbage()
print("alive")
--# pairs, ipairs and next do not ask handlers
local t = setmetatable({1, 2}, {__index = function(_, i) if i < 5 then return i end end, __pairs = function() error("p") end, __ipairs = function() error("i") end})
for i, v in ipairs(t) do print(i, v) end
for k, v in pairs(t) do print(k, v) end
print(table.concat(t, ","), #t, unpack(t))
--# table functions do not ask handlers
local t = setmetatable({}, {__newindex = function() error("n") end, __index = function() error("i") end})
table.insert(t, 1) table.insert(t, 1, 0)
print(table.concat(t, ","), table.remove(t), table.remove(t, 1), #t)
