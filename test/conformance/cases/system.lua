--# os.time of tables
print(os.time({year = 2000, month = 1, day = 1, hour = 0})) print(os.time({year = 2000, month = 1, day = 1})) print(os.time({year = 2001, month = 13, day = 32, hour = 25, min = 61, sec = 61})) print(os.time({year = 1970, month = 1, day = 1, hour = 0})) print(os.time({year = 2024, month = 3, day = 0, hour = 0}))
print(os.time({year = "2000", month = "2", day = "29", hour = "12"})) print(os.time({year = 2000, month = -1, day = 1, hour = 0}))
--# os.time with fields that are missing
print(pcall(os.time, {})) print(pcall(os.time, {year = 2000})) print(pcall(os.time, {year = 2000, month = 1})) print(pcall(os.time, {day = 1, month = 1})) print(pcall(os.time, {year = 2000, month = "x", day = 1})) print(pcall(os.time, 5))
--# os.time of now
print(type(os.time()), os.time() > 1600000000, os.time() % 1)
--# os.date with every conversion
print(os.date("!%Y-%m-%d %H:%M:%S", 0)) print(os.date("!%a %A %b %B %d %H %I %j %m %M %p %S %w %y %Y %%", 1e9)) print(os.date("!%c|%x|%X", 1e9)) print(os.date("!%U %W %w", 1230768000)) print(os.date("!%p %I", 0), os.date("!%p %I", 43200), os.date("!%p %I", 46800))
print(os.date("%Y-%m-%d", 86400 * 365)) print(os.date("!%d/%m/%y", 951782400)) print(os.date("!plain")) print(os.date("", 0) == "")
--# os.date of tables
local d = os.date("!*t", 1e9)
print(d.year, d.month, d.day, d.hour, d.min, d.sec, d.wday, d.yday, d.isdst)
local n = 0 for k in pairs(d) do n = n + 1 end print(n)
local e = os.date("*t", 951782400) print(e.year, e.month, e.day, e.yday, e.wday)
print(os.time(os.date("*t", 1234567890)), os.time(os.date("!*t", 0)))
--# os.date before 1970
print(os.date("!%Y-%m-%d %H:%M:%S", -1)) print(os.date("!%Y-%m-%d", -86400 * 366)) print(os.date("!*t", -1).yday)
--# os.date with fractions and texts
print(os.date("!%S", 5.9), os.date("!%S", "7")) print(pcall(os.date, {})) print(pcall(os.date, "%S", {})) print(pcall(os.date, "%S", "x"))
--# os.difftime and os.clock
print(os.difftime(5, 2), os.difftime(5), pcall(os.difftime)) print(type(os.clock()), os.clock() >= 0)
--# rounding functions
print(math.floor(3.7), math.floor(-3.7), math.ceil(3.2), math.ceil(-3.2), math.floor(5), math.floor("2.5"), math.floor(1e300), math.ceil(-0.5), math.floor(2^53 + 0.5)) print(pcall(math.floor, "x")) print(pcall(math.floor)) print(math.abs(-5), math.abs(5), math.abs("-2"), math.abs(-math.huge))
--# math.max and math.min
print(math.max(1, 5, 3), math.min(2, 1), math.max(-1), math.max("10", 9), math.min(1, "0.5"), math.max(-math.huge, math.huge)) print(pcall(math.max)) print(pcall(math.min, "x")) print(pcall(math.max, 1, nil))
--# math.fmod, mod and modf
print(math.fmod(7, 3), math.fmod(-7, 3), math.fmod(7, -3), math.fmod(5.5, 2), math.mod(7, 3), math.fmod(1e308, 3)) print(math.fmod(5, math.huge), math.fmod(5, 0) ~= math.fmod(5, 0)) print(math.modf(3.7)) print(math.modf(-3.7)) print(math.modf(5)) print(math.modf(math.huge)) print(math.modf(-math.huge)) print(math.modf("2.5"))
--# math.frexp and ldexp
print(math.frexp(8)) print(math.frexp(0)) print(math.frexp(-0.3)) print(math.frexp(1e-310)) print(math.ldexp(0.5, 4), math.ldexp(1, -1074), math.ldexp(1, 1023), math.ldexp(1, 2000), math.ldexp(3, 0), math.ldexp(1, -2000)) print(math.frexp(2^1000)) print(math.frexp(math.huge) == math.huge)
--# powers, roots and logarithms
print(math.sqrt(2), math.sqrt(16), math.pow(2, 10), math.pow(2, 0.5), math.exp(0), math.exp(1), math.log(1), math.log(10), math.log10(1000), math.log10(2), math.log(0), math.log10(0)) print(math.exp(710), math.exp(-746), math.log(2^1023))
--# trigonometry
print(math.sin(0), math.cos(0), math.tan(0), math.sin(1), math.cos(1), math.tan(1), math.asin(1), math.acos(0), math.atan(1), math.atan2(1, -1), math.atan2(-1, -1), math.atan2(0, -1), math.sinh(1), math.cosh(1), math.tanh(1)) print(math.deg(math.pi), math.rad(180), math.pi, math.huge, -math.huge) print(math.sin(1e10), math.cos(12345.678), math.tan(1.5))
--# math.random in its ranges
math.randomseed(42)
local ok = true
for i = 1, 200 do local a, b, c = math.random(), math.random(6), math.random(-3, 3) if a < 0 or a >= 1 or b < 1 or b > 6 or b % 1 ~= 0 or c < -3 or c > 3 or c % 1 ~= 0 then ok = false end end
print(ok, math.random(1), math.random(5, 5)) print(pcall(math.random, 0)) print(pcall(math.random, 2, 1)) print(pcall(math.random, 1, 2, 3)) print(pcall(math.random, "x")) print(select("#", math.randomseed(1)))
--# type of every library function
local n = 0
for _, lib in ipairs({string, table, math, coroutine}) do for k, v in pairs(lib) do if type(v) == "function" then n = n + 1 end end end
for _, name in ipairs({"byte", "char", "dump", "find", "format", "gfind", "gmatch", "gsub", "len", "lower", "match", "rep", "reverse", "sub", "upper"}) do if type(string[name]) ~= "function" then print("string." .. name) end end
for _, name in ipairs({"concat", "foreach", "foreachi", "getn", "insert", "maxn", "remove", "setn", "sort"}) do if type(table[name]) ~= "function" then print("table." .. name) end end
for _, name in ipairs({"abs", "acos", "asin", "atan", "atan2", "ceil", "cos", "cosh", "deg", "exp", "floor", "fmod", "frexp", "ldexp", "log", "log10", "max", "min", "mod", "modf", "pow", "rad", "random", "randomseed", "sin", "sinh", "sqrt", "tan", "tanh"}) do if type(math[name]) ~= "function" then print("math." .. name) end end
for _, name in ipairs({"create", "resume", "running", "status", "wrap", "yield"}) do if type(coroutine[name]) ~= "function" then print("coroutine." .. name) end end
--# base functions with strange arguments
print(pcall(rawget, 1, 2)) print(pcall(rawset, {}, 1)) print(pcall(rawequal, 1)) print(pcall(ipairs, nil)) print(pcall(pairs, 5)) print(pcall(next, nil)) print(pcall(getmetatable)) print(pcall(unpack, 5)) print(pcall(unpack, {}, "x")) print(pcall(select, "x")) print(pcall(tostring)) print(pcall(type)) print(pcall(collectgarbage, "nonsense")) print(type(collectgarbage("count")), collectgarbage("collect"), collectgarbage())
--# unpack with too many
print(pcall(unpack, {}, 1, 1e6)) print(pcall(unpack, {}, 1, 1e8)) print(pcall(unpack, {}, -1e9, 1e9))
--# _VERSION and _G
print(_VERSION, _G._G == _G, _G.print == print, rawget(_G, "_VERSION"))
