--#
return 1, 1.5, -0.5, 1e14, 1e15, 99999999999999, 123456789012345
--#
return 7/1, 3/2, 2^53, 2^31, 2^32, -2^31, 0x7fffffff + 1
--#
return 0.1, 1/3, 1e-5, 1e-4, 123e-7, 5e-324, 1.7976931348623157e308
--#
return 1/0, -1/0
--#
return -0
--#
return 0 == -0
--#
return 0xffffffff, 0xfffffffffffff, 0x10
--#
return 7 % 3, -7 % 3, 7 % -3, -7 % -3, 5.5 % 2
--#
return "10" + 5, "0x10" + 0, " 5 " * 2, 10 .. 20, 1.5 .. ""
--#
return tonumber("10"), tonumber("abc"), tonumber("1e1"), tonumber("0x1p4"), tonumber(""), tonumber("1 2"), tonumber("."), tonumber("5.")
--#
return tonumber("10", 2), tonumber("ff", 16), tonumber("zz", 36), tonumber("8", 8), tonumber("0xff", 16), tonumber("7fffffff", 16)
--#
return tonumber("inf"), tonumber("-inf"), tonumber(" 12 "), tonumber("1e"), tonumber("0x")
--#
local s = "" for i = 2^31 - 2, 2^31 + 1 do s = s .. i .. " " end return s
--#
local s = "" for i = 1, 2, 0.25 do s = s .. i .. " " end return s
--#
local s = "" for i = 10, 1, -3 do s = s .. i .. " " end return s
--#
local n = 0 for i = 1, 0 do n = n + 1 end return n
--#
return 2147483647 + 1, 4294967296 * 4294967296, 2^1023 * 2
--#
return 1 == 1.0, "1" == 1, 1 < 2, 2 <= 2, 3 > 4
--#
local t = {} t[1.0] = "a" t[2^53] = "b" t[-0] = "c" return t[1], t[2^53], t[0]
--#
return 100000000000005, 100000000000015, 1000000000000050
--#
return math.floor(-3.5), math.ceil(3.2), math.floor(2^40 + 0.5), math.abs(-1), math.max(1, 5, 3), math.min(2, 1)
--#
return math.fmod(7, 3), math.fmod(-7, 3), math.mod(7, 3), math.pow(2, 10), math.sqrt(16), math.log10(1000)
--#
return math.modf(3.7)
--#
return math.modf(-3.7)
--#
return math.modf(math.huge)
--#
return math.frexp(8), math.frexp(0.3)
--#
return math.frexp(5e-324)
--#
return math.ldexp(0.5, 4), math.ldexp(1, 1023), math.ldexp(1, -1074), math.deg(math.pi), math.pi, math.huge
--#
return math.sinh(1), math.cosh(1), math.tanh(1), math.atan2(1, 1), math.exp(0), math.log(1)
