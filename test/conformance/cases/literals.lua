--# escapes
print("a\tb\\c\"d\'e", 'a"b\'c', "\65\066\0671\x")
print(#"\a\b\f\n\r\t\v", ("\a\b\f\n\r\t\v"):byte(1, -1))
print(#"\0", #"a\0b\0", ("\0\1\255"):byte(1, 3))
print("one\
two", #"a\
b")
--# unknown escapes mean the character
print("\q\%\-\[\c", #"\q")
--# escapes that are too large
--! interpreted: the message shows more of the string
print(loadstring('return "\\256"', "=s"))
print(loadstring('return "\\999"', "=s"))
--# long strings
print([[a]b]], [==[a]]b]=]c]==], #[[

x]], [[]], #[[\n]])
print([[first line is dropped]] == [[
first line is dropped]], [=[[[nested]]]=])
--# long strings across lines keep their breaks
local s = [[
one
  two

four]]
print(s, #s)
--# carriage returns in long strings
print(#loadstring("return [[a\r\nb]]")(), loadstring("return [[a\r\nb]]")():byte(1, -1))
print(#loadstring("return [[\r\na]]")(), #loadstring("return [[a\rb]]")(), loadstring("return [[a\n\rb]]")():byte(1, -1))
print(loadstring("return 'a\\\r\nb'")():byte(1, -1))
--# unfinished strings
print(loadstring('return "abc', "=s")) print(loadstring('return "abc\ndef"', "=s")) print(loadstring("return [[abc", "=s")) print(loadstring("--[[abc", "=s")) print(loadstring("return [=abc", "=s"))
print(loadstring('x = "a\\', "=s"))
--# comments
-- one line
--[[ several
lines ]]
--[==[ with ]] inside
]==]
print("x") -- after
--[[ before ]] print("y")
--[=not long
print("z") ---[[ still one line
--# numbers of every form
print(3, 3.0, 3.1416, 314.16e-2, 0.31416E1, .5, 5., 1e2, 1E+2, 1e-2, 0xff, 0xA, 0X10)
print(1e308 * 10, -1e308 * 10, 1e-400, 0x7fffffffffffffff)
--# hexadecimal numbers beyond 53 bits
print(0xffffffffffffffff, string.format("%.0f", 0xffffffffffffffff), 0x10000000000000000)
print(0x20000000000001, string.format("%.0f", 0x1fffffffffffff))
--# numbers that run into names
--! interpreted: a number ends where a name begins
print(loadstring("return 3x", "=s")) print(loadstring("return 0xg", "=s"))
--# malformed numbers
print(loadstring("return 1e", "=s")) print(loadstring("return 1..2", "=s")) print(loadstring("return 1.2.3", "=s")) print(loadstring("return 0x", "=s")) print(loadstring("return 1e+", "=s"))
--# numbers and concatenation
print(1 .. 2, 1.5 .. "x", 1 ..2, -1 .. "", 2 .. 3 == "23")
--# names with digits and underscores
local _a1, a_b, _, __ = 1, 2, 3, 4
print(_a1, a_b, _, __)
--# equal constants of different types
local t = {[1] = "number", ["1"] = "text", [true] = "true", ["true"] = "text true"}
print(t[1], t["1"], t[true], t["true"])
--# whitespace of every kind
local	a =
1  local b
= 2
print(a
+
b)
--# bytes above 127 in strings
local s = "\228\246\252\255\128"
print(#s, s:byte(1, -1))
print(s:upper() == s, s:reverse():byte())
--# strings with all bytes
local t = {}
for i = 0, 255 do t[#t + 1] = string.char(i) end
local s = table.concat(t)
local sum = 0
for i = 1, #s do sum = sum + s:byte(i) * i end
print(#s, sum, s:sub(66, 70))
--# strings that JavaScript would treat otherwise
print("$&", "`${x}`", "</script>", "\\u0041", "a\226\128\168b" == "a" .. string.char(226, 128, 168) .. "b")
print(("x"):gsub("x", "$&"), ("x"):gsub("x", "$1"), ("x"):rep(2, "$"))
