--# the adjusting of results in every place
local function f() return 1, 2, 3 end
print(f())
print(f(), f())
print((f()))
print(f(), 10)
print(({f()})[3], #{f(), f()})
--# results in constructors
local function f() return 1, 2, 3 end
local function none() end
print(#{f()}, #{f(), f()}, #{(f())}, #{f(), nil}, #{none()}, #{f(), none()}, #{none(), 1})
local t = {f(), x = f(), f()}
print(t[1], t[2], t[3], t[4], t.x)
t = {[1] = "a", f()}
print(t[1])
--# results as arguments
local function f() return 1, 2, 3 end
local function none() end
print(select("#", f()), select("#", f(), f()), select("#", none()), select("#", none(), none()), select("#", (none())))
print(select("#", f(), nil))
--# results in return
local function f() return 1, 2, 3 end
local function g() return f() end
local function h() return f(), f() end
local function i() return (f()) end
local function j() return f(), "end" end
print(g()) print(h()) print(i()) print(j())
--# results in operators are single
local function f() return 1, 2, 3 end
print(f() + f(), -f(), not f(), f() .. f(), f() == f(), #{f()})
--# results in indices and assignments
local function f() return "k", "other" end
local t = {k = 5}
print(t[f()])
t[f()] = 7, 8
print(t.k, t.other)
--# many results
local function many(n) local t = {} for i = 1, n do t[i] = i end return unpack(t) end
print(select("#", many(0)), select("#", many(1)), select("#", many(4)), select("#", many(5)), select("#", many(250)))
print(many(4)) print(many(5)) print((many(5)))
local a, b, c, d, e = many(4)
print(a, b, c, d, e)
--# varargs count nils
local function f(...) return select("#", ...) end
print(f(), f(nil), f(nil, nil), f(1, nil, nil))
--# varargs in the middle of a list are one value
local function f(...) return ..., "end" end
print(f(1, 2, 3)) print(f())
local function g(...) return (...) end
print(g(1, 2)) print(select("#", g()))
--# varargs in constructors
local function f(...) local t = {...} return #t, t[1], t[3] end
print(f("a", "b", "c"))
local function g(...) return {"x", ..., n = select("#", ...)} end
local t = g(1, 2, 3)
print(t[1], t[2], t[3], t[4], t.n)
--# varargs passed on
local function f(...) return ... end
local function g(...) return f("first", ...) end
print(g()) print(g(1)) print(g(1, nil))
print((f(1, 2, 3)))
--# varargs of a function with parameters
local function f(a, b, ...) return a, b, select("#", ...), ... end
print(f()) print(f(1)) print(f(1, 2)) print(f(1, 2, 3, nil))
--# varargs are each call's own
local function f(...) local a = {...} local function g(...) return select("#", ...), a[1] end return g("x", "y") end
print(f("A"))
--# varargs assigned to locals
local function f(...) local a, b, c = ... return a, b, c end
print(f(1, 2)) print(f(1, 2, 3, 4))
local function g(...) local a, b = 0, ... return a, b end
print(g(5, 6))
--# varargs in a loop
local function sum(...) local s = 0 for i = 1, select("#", ...) do s = s + (select(i, ...)) end return s end
print(sum(), sum(1), sum(1, 2, 3, 4, 5))
local function list(...) local r = "" for i, v in ipairs({...}) do r = r .. i .. v end return r end
print(list("a", "b", nil, "d"))
--# varargs of the main program
print(select("#", ...))
local a, b = ...
print(a, b)
--# select with negative and out of range numbers
print(select(-1, 1, 2, 3)) print(select(-3, 1, 2, 3)) print(select(2.9, 1, 2, 3)) print(select("2", "a", "b"))
print(select(5, 1, 2)) print(select("#")) print(pcall(select, -4, 1, 2, 3)) print(pcall(select, 0, 1))
--# select is an ordinary global
local old = select
select = function(n, ...) return "mine", n end
local function f(...) return select("#", ...), select(1, ...) end
print(f(1, 2))
select = old
print(f(1, 2))
--# the table arg of functions with dots that do not use them
local function f(...) return arg.n, #arg, arg[1], arg[2] end
print(f()) print(f(1, 2)) print(f(nil, 3))
local function g(a, ...) arg.n = nil return next(arg) end
print(g(1)) print(g(1, 2))
--# arg of each call is another table
local function f(...) return arg end
local a, b = f(1), f(2)
print(a ~= b, a[1], b[1])
--# arg as an upvalue and as a parameter
local function f(...) return function() return arg.n end end
print(f(1, 2, 3)())
local function g(arg, ...) return arg end
print(type(g("mine", 1)))
--# string and table arguments without parentheses
local function f(x) return type(x) == "table" and x[1] or x end
print(f"text", f'text', f[[long]], f{"table"}, f[==[l]]v]==])
local o = {m = function(self, x) return type(x) == "table" and x.k or x end}
print(o:m"a", o:m{k = "b"}, type(o.m{}))
--# calls of results of calls
local function f(a) return function(b) return function(c) return a .. b .. c end end end
print(f(1)(2)(3), f"a""b""c")
local t = {f = function() return {g = function(x) return x end} end}
print(t.f().g(5), t.f()["g"](6))
--# methods evaluate their object once
local n = 0
local function obj() n = n + 1 return {m = function(self, a) return a end} end
print(obj():m(7), n)
--# methods of strings
print(("abc"):upper(), ("%d"):format(5), ("x"):rep(3):len())
local s = "hello"
print(s:sub(2, 3), s:len(), #s)
--# methods through __index
local Base = {} Base.__index = Base
function Base:name() return "base " .. self.x end
local Derived = setmetatable({}, {__index = Base}) Derived.__index = Derived
function Derived:extra() return "extra " .. self:name() end
local o = setmetatable({x = 1}, Derived)
print(o:name(), o:extra())
--# a tail call 100,000 deep
local function down(n) if n == 0 then return "bottom", n end return down(n - 1) end
print(down(100000))
--# tail calls 100,000 deep between two functions
local even, odd
function even(n) if n == 0 then return true end return odd(n - 1) end
function odd(n) if n == 0 then return false end return even(n - 1) end
print(even(100000), odd(100001), even(99999))
--# tail calls 100,000 deep through a method
local o = {}
function o:down(n, ...) if n == 0 then return "done", ... end return self:down(n - 1, ...) end
print(o:down(100000, 1, nil, 3))
--# tail calls 100,000 deep with varargs
local function f(n, ...) if n == 0 then return select("#", ...), ... end return f(n - 1, ...) end
print(f(100000, "a", nil))
--# tail calls 100,000 deep through closures and tables
local t = {}
for i = 1, 3 do t[i] = function(n) if n == 0 then return i end return t[n % 3 + 1](n - 1) end end
print(t[1](100000))
--# tail calls 100,000 deep in branches and loops
local function f(n, acc)
  while true do
    if n <= 0 then return acc
    elseif n % 2 == 0 then return f(n - 1, acc + 1)
    else for _ = 1, 1 do return f(n - 1, acc) end end
  end
end
print(f(100000, 0))
--# a tail call of a native function
local function f(...) return select("#", ...) end
local function g(t) return unpack(t) end
local function h(s) return tostring(s) end
print(f(1, 2), g({1, 2, 3}))
print(h(12))
--# a tail call of a value that is no function
local function f() local x = 5 return x() end
print(pcall(f))
local function g() return undefinedname() end
print(pcall(g))
--# a tail call of a callable table
local c = setmetatable({}, {__call = function(self, a, b) return a, b, self ~= nil end})
local function f() return c(1, 2) end
print(f())
--# a result in parentheses is no tail call, and one value
local function two() return 1, 2 end
local function f() return (two()) end
print(f())
--# pcall in tail position 10,000 times
local n = 0
local function f() n = n + 1 if n < 100 then return pcall(f) end return "end" end
print(select("#", f()), n)
--# recursion 5,000 deep
local function depth(n) if n == 0 then return 0 end return 1 + depth(n - 1) end
print(depth(5000))
--# recursion without an end is an error
local function r() return 1 + r() end
local ok, e = pcall(r)
print(ok, string.find(e, "stack overflow", 1, true) ~= nil)
print(pcall(function() return "alive" end))
--# recursion without an end over and over
local function r(n) return 1 + r(n + 1) end
local count = 0
for i = 1, 20 do if not pcall(r, 1) then count = count + 1 end end
print(count)
--# unpack
print(unpack({1, 2, 3})) print(unpack({1, 2, 3}, 2)) print(unpack({1, 2, 3}, 2, 2)) print(unpack({}, 1, 3))
print(unpack({1, nil, 3}, 1, 3)) print(unpack({[-1] = "a", [0] = "b"}, -1, 0)) print(select("#", unpack({}, 5, 4)))
--# a function with many parameters
local names, values = {}, {}
for i = 1, 150 do names[i] = "p" .. i values[i] = i end
local f = loadstring("return function(" .. table.concat(names, ",") .. ") return p1 + p75 + p150 end")()
print(f(unpack(values)))
--# a call with many arguments
local values = {}
for i = 1, 240 do values[i] = tostring(i) end
local f = loadstring("return select('#', " .. table.concat(values, ",") .. ")")
print(f())
--# results of a call 60 functions deep
local function nest(n, ...) if n == 0 then return ... end local a, b, c = nest(n - 1, ...) return c, a, b end
print(nest(60, 1, 2, 3))
--# next, type and tostring called strangely
print(pcall(type)) print(pcall(tostring)) print(type(nil), type(type), type({}), type("x"), type(2), type(true))
print(next({}, nil)) print(pcall(next)) print(rawequal("a", "a"), pcall(rawequal, 1))
--# Fibonacci with upvalues, numbers and recursion
local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
print(fib(20))
local memo = setmetatable({}, {__index = function(t, n) local v = n < 2 and n or t[n - 1] + t[n - 2] t[n] = v return v end})
print(memo[60])
