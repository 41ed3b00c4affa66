--# module makes a global table and leaves the environment
local f = loadstring("module('m1') x = 5 function get() return x end")
f()
print(m1.x, m1.get(), m1._NAME, m1._M == m1, m1._PACKAGE, x)
--# a module does not see the globals
local f = loadstring("local type = type module('m2') t = type(print) p = print")
f()
print(m2.t, m2.p)
--# module with package.seeall
local f = loadstring("module('m3', package.seeall) t = type(print) function hi() return tostring(5) end")
f()
print(m3.t, m3.hi(), rawget(m3, "print"))
--# dotted names
local f = loadstring("module('d1.d2.d3', package.seeall) v = 1")
f()
print(d1.d2.d3.v, d1.d2.d3._NAME, d1.d2.d3._PACKAGE)
--# a module twice goes on with the same table
loadstring("module('m4') a = 1")()
local first = m4
loadstring("module('m4') b = 2")()
print(m4 == first, m4.a, m4.b)
--# require gives a module that was made with module
loadstring("module('m5') a = 1")()
print(require("m5") == m5)
--# name conflicts
m6 = 5
print(pcall(loadstring("module('m6')")))
m7 = {sub = "text"}
print(pcall(loadstring("module('m7.sub')", "=m")))
--# module calls its options
local seen = {}
opt = function(m) seen[#seen + 1] = m._NAME end
loadstring("module('m8', opt, opt)")()
print(table.concat(seen, " "))
--# module wants a name
print(pcall(module)) print(pcall(module, {}))
--# package.seeall on a table
local t = package.seeall({}) 
local u = {}
package.seeall(u)
print(t, u.print == print, rawget(u, "print"))
print(pcall(package.seeall)) print(pcall(package.seeall, 5))
--# require gives the libraries
print(require("string") == string, require("table") == table, require("math") == math, require("os") == os, require("coroutine") == coroutine)
print(require("_G") == _G)
print(pcall(require)) print(pcall(require, {}))
--# package.loaded holds what was required
--! all: the table of loaded modules is hidden in a sandbox
print(package.loaded.string == string, package.loaded._G == _G)
package.loaded.mine = "preset"
print(require("mine"))
--# package.preload gives loaders
--! all: a sandbox has no loaders of its own
package.preload.mine = function(name) return {name = name} end
print(require("mine").name, package.loaded.mine.name)
