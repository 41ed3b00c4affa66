--# blocks hide outer locals and give them back
local x = 1
do local x = x + 1 print(x) do local x = x * 10 print(x) end print(x) end
print(x)
--# a local is not in scope in its own initialiser
local a = 5
local a = a and a + 1
print(a)
y = "global"
local y = y .. "!"
print(y)
--# a local function is in scope in its own body, a local with a function is not
local function f(n) if n == 0 then return "f0" end return f(n - 1) end
print(f(3))
local g = function(n) return g end
print(g(1))
--# a name may be declared twice in a block
local a = 1
local f = function() return a end
local a = 2
print(a, f())
a = 3
print(a, f())
--# repeat sees the locals of its body in its condition
local n = 0
repeat local done = n >= 3 n = n + 1 until done
print(n)
local fs = {}
repeat local k = #fs + 1 fs[k] = function() return k end until k == 3
print(fs[1](), fs[2](), fs[3]())
--# break leaves the innermost loop only
for i = 1, 3 do
  for j = 1, 3 do
    if j == 2 then break end
    print(i, j)
  end
end
--# break out of while, repeat and generic for
local i = 0
while true do i = i + 1 if i > 4 then break end end
print(i)
repeat i = i + 1 if i > 9 then break end until false
print(i)
for k, v in pairs({1, 2, 3}) do i = v if v == 2 then break end end
print(i)
--# closures made in a loop that is left with break keep their variable
local f
for i = 1, 10 do local j = i * 2 if i == 4 then f = function() j = j + 1 return i, j end break end end
print(f())
print(f())
--# each turn of a while loop has its own locals
local fs, i = {}, 0
while i < 3 do i = i + 1 local x = i * 10 fs[i] = {function() x = x + 1 end, function() return x end} end
fs[1][1]() fs[1][1]() fs[3][1]()
print(fs[1][2](), fs[2][2](), fs[3][2]())
--# each turn of a generic for has its own variables
local fs = {}
for k, v in ipairs({"a", "b", "c"}) do fs[#fs + 1] = function() return k .. v end end
print(fs[1](), fs[2](), fs[3]())
--# assigning to the variable of a numeric for changes one turn only
for i = 1, 4 do local was = i i = i * 10 print(was, i) end
--# a closure that changes the loop variable does not change the loop
local fs = {}
for i = 1, 3 do fs[i] = function(n) i = i + n return i end fs[i](100) end
print(fs[1](1), fs[2](1), fs[3](1))
--# two closures share an upvalue
local function pair() local n = 0 return function() n = n + 1 end, function() return n end end
local inc, get = pair()
inc() inc()
print(get())
local inc2, get2 = pair()
inc2()
print(get(), get2())
--# an upvalue through three functions
local function a() local n = 1 return function() return function() n = n * 2 return n end end end
local b = a()
local c, d = b(), b()
print(c(), d(), c())
--# a parameter is an upvalue like any other
local function counter(n, step) return function() n = n + step return n end end
local a, b = counter(0, 1), counter(100, -10)
print(a(), a(), b(), b(), a())
--# recursion gives each call its own locals
local fs = {}
local function r(n) local x = n fs[n] = function() x = x + 1 return x end if n > 1 then r(n - 1) end x = x * 100 end
r(3)
print(fs[1](), fs[2](), fs[3](), fs[1]())
--# numeric for evaluates its limits once
local n = 3
local function limit() print("limit") return n end
for i = 1, limit() do n = 10 print(i) end
--# numeric for with a step that misses the limit
for i = 1, 10, 4 do print(i) end
for i = 10, 1, -4 do print(i) end
--# numeric for that does nothing
for i = 2, 1 do print("never") end
for i = 1, 2, -1 do print("never") end
for i = 0/0, 1 do print("never") end
for i = 1, 0/0 do print("never") end
print("done")
--# numeric for takes texts that are numbers
for i = "1", "3" do print(i, type(i)) end
for i = "0x10", 18, "1" do print(i) end
--# numeric for with fractions
for x = 0, 1, 0.25 do print(x) end
local n = 0
for x = 0, 1, 0.1 do n = n + 1 end
print(n)
for x = 1, 0, -0.3 do print(x) end
--# numeric for with infinite limits
local n = 0
for i = 1, math.huge do n = n + 1 if n == 5 then break end end
print(n)
for i = -math.huge, 1 do n = i break end
print(n)
--# numeric for with very large numbers
local n = 0
for i = 2^53, 2^53 + 4, 2 do n = n + 1 end
print(n)
for i = 1e308, math.huge, 1e308 do n = n + 1 if n > 20 then break end end
print(n)
--# generic for with a function, a state and a control variable
local function step(s, c) if c < s then return c + 1, c * c end end
for a, b in step, 4, 0 do print(a, b) end
--# generic for evaluates its list once and takes three values
local function list() print("once") return next, {10}, nil, "ignored" end
for k, v in list() do print(k, v) end
--# generic for with a callable table
local it = setmetatable({n = 0}, {__call = function(self, s, c) self.n = self.n + 1 if self.n <= s then return self.n, c end end})
for a, b in it, 3 do print(a, b) end
--# generic for ends with nil only
local n = 0
for v in function() n = n + 1 if n == 1 then return false elseif n == 2 then return 0 end end do print(v) end
--# changing the control variable of a generic for does not change the traversal
local t = {10, 20, 30}
for k, v in pairs(t) do k = "x" print(k, v) end
--# multiple assignment evaluates everything before it stores
local a, b, c = 1, 2, 3
a, b, c = c, a, b
print(a, b, c)
local t = {1, 2}
local i = 1
i, t[i] = i + 1, "x"
print(i, t[1], t[2])
--# assignment with too few and too many values
local a, b, c = 1
print(a, b, c)
a, b = 10, 20, 30
print(a, b)
local function f() print("called") return 1, 2 end
a = 5, f()
print(a)
a, b, c = 0, f()
print(a, b, c)
a, b, c = f(), 7
print(a, b, c)
a, b, c = (f())
print(a, b, c)
--# assignment stores from right to left
local log = {}
local t = setmetatable({}, {__newindex = function(_, k, v) log[#log + 1] = k .. "=" .. v end})
t.a, t.b, t.c = 1, 2, 3
print(table.concat(log, " "))
--# the prefix of an assignment is evaluated from left to right
local log = {}
local function note(x) log[#log + 1] = x return {} end
note("a").x, note("b").y = note("c"), note("d")
print(table.concat(log, " "))
--# arguments are evaluated from left to right
local log = {}
local function n(x) log[#log + 1] = x return x end
print(n(1), n(2), n(3) + n(4) * n(5))
print(table.concat(log, " "))
--# constructors evaluate their fields in order
local log = {}
local function n(x) log[#log + 1] = x return x end
local t = {n(1), [n("k")] = n(2), n(3), x = n(4), n(5)}
print(table.concat(log, " "), #t, t[1], t[2], t[3], t.k, t.x)
--# if takes everything but nil and false as true
for _, v in ipairs({0, "", "false", 0/0}) do if v then print("true") else print("false") end end
if nil then print("true") else print("false") end
if false then print(1) elseif nil then print(2) elseif 0 then print(3) else print(4) end
--# and and or give one of their operands
print(nil and 1, false and 1, 1 and 2, 1 and nil, nil or false, false or nil, 1 or 2, nil or "x")
print(1 and 2 or 3, nil and 2 or 3, false or nil or 4, 1 and nil or 5)
print(not nil, not 0, not not nil)
--# and and or do not evaluate what they do not need
local function no() print("evaluated") return true end
print(false and no(), 1 or no(), nil and no() or "other")
local x = nil
local y = x and x.y and x.y.z
print(y)
--# and, or with several results
local function f() return 1, 2, 3 end
print(f() and f())
print(nil or f())
print((f()))
--# comparisons as values
local a, b = 1 < 2, 2 < 1
print(a, b, 1 == 1 and "eq" or "ne", (1 > 2) == false)
local t = {1 < 2, 1 ~= 1, not (1 <= 1)}
print(t[1], t[2], t[3])
--# a chain of elseif
local function kind(n)
  if n < 0 then return "negative"
  elseif n == 0 then return "zero"
  elseif n < 10 then return "small"
  elseif n < 100 then return "medium"
  else return "large" end
end
print(kind(-1), kind(0), kind(5), kind(50), kind(500))
--# return in the middle of a function stands in a block
local function f(x) do return x end print("never") end
print(f(3))
--# functions without return give nothing
local function f() end
print(f(), (f()))
print((select("#", f())), (select("#", (f()))))
--# function statements with paths
local a = {b = {}}
function a.f(x) return "a.f", x end
function a.b.g(x) return "a.b.g", x end
function a.b:m(x) return self == a.b, x end
print(a.f(1)) print(a.b.g(2)) print(a.b:m(3))
--# a global function and a local of the same name
function f() return "global" end
local function f() return "local" end
print(f(), _G.f())
--# goto, continue and the words of later versions are names
local goto, continue, const, close, integer = 1, 2, 3, 4, 5
print(goto + continue + const + close + integer)
--# a semicolon may end a statement
local a = 1; local b = 2;
print(a, b);
do local c = a + b; print(c); end;
--# an empty program

--# only a comment
-- nothing
--# a while loop whose condition has calls
local n = 0
local function less(m) n = n + 1 return n < m end
while less(5) do end
print(n)
--# nested loops with shared upvalues
local fs = {}
for i = 1, 2 do local row = i * 100 for j = 1, 2 do fs[#fs + 1] = function() row = row + j return row end end end
for k = 1, 4 do print(fs[k]()) end
--# a loop in a loop in a function that returns out of them
local function find(t, x) for i, row in ipairs(t) do for j, v in ipairs(row) do if v == x then return i, j end end end return nil, "none" end
print(find({{1, 2}, {3, 4}}, 3))
print(find({{1, 2}, {3, 4}}, 9))
--# 200 locals in one function
--! interpreted: the message goes on with "near '='"
local source = {}
for i = 1, 200 do source[i] = "local v" .. i .. " = " .. i end
source[201] = "return v1 + v100 + v200"
print(loadstring(table.concat(source, "\n"))())
source[201] = "local v201 = 1"
print(loadstring(table.concat(source, "\n"), "=s"))
--# a local of an outer block used after an inner of the same name is captured
local r = {}
local x = "outer"
for i = 1, 2 do local x = "inner" .. i r[#r + 1] = function() return x end end
r[#r + 1] = function() return x end
x = "changed"
print(r[1](), r[2](), r[3]())
--# upvalues of a loop that is run twice
local fs = {}
local function run() for i = 1, 2 do local v = i fs[#fs + 1] = function() v = v + 1 return v end end end
run() run()
print(fs[1](), fs[1](), fs[2](), fs[3](), fs[4](), fs[4]())
--# parameters that are missing are nil, surplus arguments are dropped
local function f(a, b) return a, b end
print(f()) print(f(1)) print(f(1, 2, 3))
--# assigning to a parameter does not change the caller's value
local function f(a) a = a + 1 return a end
local x = 1
print(f(x), x)
--# names of JavaScript are ordinary names
local constructor, prototype, this, arguments, undefined, NaN, eval, let, var, new, class, yield, await, null =
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14
print(constructor, prototype, this, arguments, undefined, NaN, eval, let, var, new, class, yield, await, null)
local t = {constructor = 1, __proto__ = 2, toString = 3, hasOwnProperty = 4, length = 5, arr = 6, hash = 7, mt = 8}
print(t.constructor, t.__proto__, t.toString, t.hasOwnProperty, t.length, t.arr, t.hash, t.mt)
print(({}).constructor, ({}).__proto__, ({}).toString, ({}).length, ({}).arr, ({}).hash, ({}).mt)
switch, case, default, try, catch, throw, delete, void, typeof, with, enum, export, import, super, const, static =
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16
print(switch + case + default + try + catch + throw + delete + void + typeof + with + enum + export + import + super + const + static)
--# names of JavaScript as fields, globals and methods
local o = {}
function o.delete(x) return x end
function o:typeof() return self == o end
function o.new(class) return class end
print(o.delete(1), o:typeof(), o.new("c"))
function valueOf() return "v" end
print(valueOf(), toString, hasOwnProperty, __proto__, globalThis, window, process)
