--# precedence of arithmetic
print(2 + 3 * 4, (2 + 3) * 4, 2 * 3 % 4, 10 - 4 - 3, 2 ^ 3 ^ 2, -2 ^ 2, 2 ^ -1, -2 ^ -2, 100 / 10 / 2, 7 % 4 * 2)
print(1 - -1, - - 2, not not nil, -"2" ^ 2, 2 * -3, 5 - -3 * 2)
--# precedence of comparison, logic and concatenation
print(1 < 2 == true, not 1 == 2, not (1 == 2), 1 .. 2 == "12", "a" .. "b" == "ab" and 1 or 2)
print(1 + 1 .. 2 + 2, 2 ^ 2 .. "x", -1 .. "y", #"abc" + 1, -#"abc", #"a" .. "b", not #"" == 0)
print(1 or 2 and 3, nil and 1 or 2, false or nil and 1, 1 and 2 or 3 and 4, not nil and 5)
--# concatenation associates to the right
local mt = {__concat = function(a, b) return "(" .. tostring(a) .. tostring(b) .. ")" end}
local o = setmetatable({}, mt)
mt.__tostring = function() return "o" end
print("a" .. "b" .. o) print(o .. "a" .. "b") print("a" .. o .. "b" .. "c")
--# operators of power associate to the right
local mt = {} mt.__pow = function(a, b) return setmetatable({s = "(" .. a.s .. "^" .. b.s .. ")"}, mt) end
local function v(s) return setmetatable({s = s}, mt) end
print((v"a" ^ v"b" ^ v"c").s)
--# modulo by its formula
print(5 % 3, -5 % 3, 5 % -3, -5 % -3, 5.5 % 2, -5.5 % 2, 5 % 0.3, 0 % 5, -0 % 5)
print(5 % math.huge, -5 % math.huge, 1e15 % 7, 2^53 % 3)
print(5 % 0 ~= 5 % 0, 0 % 0 ~= 0 % 0, math.huge % 2 ~= math.huge % 2)
--# division and infinities
print(1 / 0, -1 / 0, 0 / 1, 7 / 2, -7 / 2, 1 / 3)
print(math.huge - math.huge ~= math.huge - math.huge, math.huge * 0 ~= math.huge * 0, 1 / math.huge, -1 / math.huge)
--# NaN
local nan = 0 / 0
print(nan == nan, nan ~= nan, nan < 1, nan > 1, nan <= nan, nan >= nan, not (nan < 1))
local t = {}
print(pcall(function() t[nan] = 1 end), t[nan])
print(math.max(1, nan) == 1, math.min(nan, 1) ~= nil)
--# how NaN prints
--! compiled: the sign of NaN cannot be seen in JavaScript
print(0 / 0, -(0 / 0), math.huge - math.huge, math.sqrt(-1))
--# negative zero
local zero = tonumber("0")
local z = -zero
print(z, zero == z, 1 / z, 1 / (zero * -1), -z, zero + z, z + z, z - zero, tostring(z), z .. "")
print(z * 5, zero / -5, math.floor(z), math.abs(z), z % 5, z ^ 3, math.max(z, zero), math.min(zero, z), string.format("%d %g %.1f", z, z, z))
--# the constants 0 and -0 of one function
--! interpreted: Lua 5.1 keeps one constant for both, the one that comes first
local a, b = 0, -0
print(a, b, 1 / a)
--# strings as numbers
print("10" + 5, "0x10" + 0, " 5 " * 2, "1e2" - 1, "3" ^ "2", "7" % 4, -"2", -"-2", "10" / "4")
print(pcall(function() return "1x" + 1 end)) print(pcall(function() return "" + 1 end)) print(pcall(function() return "1 2" + 1 end)) print(pcall(function() return " " + 1 end)) print(pcall(function() return "0x" + 1 end))
print("\t1\n" + 1, "1." + 1, ".5" + 1, "1e+2" + 0, "0x.8" + 0, "inf" + 0, "-0x10" + 0)
--# strings and numbers do not compare
print(1 == "1", "1" == 1, 1 ~= "1") print(pcall(function() return 1 < "2" end)) print(pcall(function() return "1" < 2 end))
--# comparisons of texts
print("a" < "b", "a" < "B", "Z" < "a", "" < "a", "a" < "aa", "abc" < "abd", "a\0a" < "a\0b", "a" <= "a", "b" >= "a", "\127" < "\128", "\255" > "a", "10" < "9")
--# equality of everything
local f = function() end
print(nil == false, 0 == false, "" == nil, f == f, f == function() end, 1 == 1.0, "a" == "a", {} == {}, true == true, true == 1)
--# not
print(not nil, not false, not 0, not "", not {}, not not 1)
--# large numbers
print(2^53, 2^53 + 1, 2^63, 2^64, -2^63, 1e15, 1e16, 123456789012, 1234567890123456, 99999999999999, 999999999999999)
print(2^31, 2^31 - 1, -2^31, 2^32, 4294967295, 2147483647 + 1, -2147483648 - 1, 2147483647 * 2)
print(65536 * 65536, 46341 * 46341, 2147483647 * 2147483647, 1073741824 + 1073741824)
--# small integers overflow to doubles in loops
local n = 1
for i = 1, 70 do n = n * 2 end
print(n)
local n = 2147483600
for i = 1, 100 do n = n + 1 end
print(n)
local n = -2147483600
for i = 1, 100 do n = n - 1 end
print(n)
local f = 1
for i = 1, 25 do f = f * i end
print(f, string.format("%.0f", f))
--# fractions
print(0.1 + 0.2, 0.1 + 0.2 == 0.3, 1 - 0.9, 1e-10, 1.5e300 * 1e10, 3.14159265358979, 1/3*3, 100 * 1.1)
--# number texts at their 14 digits
print(3.14159265358979, 1e14, 1e15 / 10, 12345678901234, 123456789012345, 0.1, 1e-4, 1e-5, 123456.789e3, 1e100, 1.0000000000001, 1.00000000000001, 0.99999999999999, 0.999999999999999)
print(5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 1e21, 1e22, 123e20)
--# powers
print(2^10, 2^0.5, 2^-1, (-8)^(1/3) ~= (-8)^(1/3), 0^0, 10^15, 10^-3, (-2)^3, (-2)^2)
--# powers of one and minus one
--! interpreted: 1 and -1 to the power of infinity and NaN are NaN
local one, inf, nan = 1, math.huge, 0/0
print(one ^ inf, one ^ -inf, (-one) ^ inf, (-one) ^ -inf, one ^ nan, nan ^ 0, 2 ^ inf, 0.5 ^ inf, (-2) ^ 0.5 ~= 0, inf ^ 0)
print(math.pow(one, inf), math.pow(-one, inf), math.pow(one, nan), math.pow(nan, 0))
--# integer and fraction keys after arithmetic
local t = {}
t[0.5 + 0.5] = "one" t[10 / 5] = "two" t[3 * 1.0] = "three"
print(t[1], t[2], t[3], #t)
--# a long sum and a long concatenation
local s, c = {}, {}
for i = 1, 150 do s[i] = tostring(i) c[i] = "'" .. i % 10 .. "'" end
print(loadstring("return " .. table.concat(s, "+"))(), loadstring("return " .. table.concat(c, ".."))())
--# deep parentheses
print(loadstring("return " .. ("("):rep(150) .. "7" .. (")"):rep(150))())
--# operators on calls, fields and methods
local o = {n = 5, get = function(self) return self.n end, list = {1, 2, 3}}
print(o.n + o:get() * #o.list - -o.list[2] ^ 2, o.list[#o.list] .. o.n, not o.missing and "m" or o.n)
