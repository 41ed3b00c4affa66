--# string.sub at and beyond its limits
local s = "hello"
print(s:sub(1), s:sub(2, 4), s:sub(-3), s:sub(-3, -2), s:sub(0), s:sub(10), s:sub(3, 2), s:sub(-100, 100), s:sub(2, -2), s:sub(5, 5), s:sub(6))
print(s:sub(1.9, 2.9), s:sub("2", "3"), s:sub(-1.5), s:sub(math.huge), s:sub(-math.huge), s:sub(1, math.huge), s:sub(1, -math.huge), s:sub(2^31), s:sub(-2^31, 2^31))
--# string.byte and string.char
print(("abc"):byte(), ("abc"):byte(2), ("abc"):byte(-1), ("abc"):byte(1, -1)) print(("abc"):byte(10)) print(("abc"):byte(0)) print(("abc"):byte(3, 2)) print((""):byte())
print(string.char(), string.char(97, 98, 99), #string.char(0, 255), string.char("65"), string.char(66.9)) print(pcall(string.char, -1)) print(pcall(string.char, 256)) print(pcall(string.char, "x"))
--# string.rep, reverse, upper, lower, len
print(("ab"):rep(3), ("ab"):rep(0), ("ab"):rep(-5), (""):rep(100), ("x"):rep(2.9), ("abc"):reverse(), (""):reverse(), ("aBc1"):upper(), ("aBc1"):lower(), ("abc"):len(), #("a\0b"))
--# methods on numbers as texts
print(string.len(12345), string.rep(12, 2), string.sub(12345, 2, 3), string.upper(1e15), string.reverse(1.5), string.byte(7))
--# string.find
print(("hello world"):find("wor")) print(("hello"):find("l")) print(("hello"):find("xyz")) print(("hello"):find("")) print(("hello"):find("", 6)) print(("hello"):find("", 7)) print((""):find("")) print((""):find("x")) print((""):find("", 2))
print(("hello"):find("l", 4)) print(("hello"):find("l", -2)) print(("hello"):find("h", -100)) print(("hello"):find("o", 10)) print(("a.b"):find(".", 1, true)) print(("a.b"):find("%.")) print(("a+b"):find("+", 1, true)) print(("a+b"):find("a+b")) print(("a+b"):find("a+b", 1, true))
print(("abc"):find("b", nil, true)) print(("abc"):find("(b)(c)")) print(("abc"):find("()b()")) print(("a\0b"):find("\0")) print(("a\0b"):find("b", 1, true)) print(("xx[x"):find("[", 1, true))
--# string.match
print(("key = value"):match("^(%w+)%s*=%s*(%w+)$")) print(("2024-01-02"):match("(%d+)-(%d+)-(%d+)")) print(("abc"):match("b")) print(("abc"):match("x")) print(("abc"):match(".-")) print(("abc"):match("()")) print(("  x  "):match("^%s*(.-)%s*$")) print(("abc"):match("^b")) print(("abc"):match("c$")) print(("abc"):match("a$"))
print(("abcabc"):match("b", 3)) print(("abc"):match("c", -1)) print(("abc"):match("^c", 3)) print(("a$b"):match("$b")) print(("a^b"):match("a^")) print(("^a"):match("%^a"))
--# character classes
local s = "aZ5 _\t.\127\200\0x"
for _, c in ipairs({"%a", "%d", "%l", "%s", "%u", "%w", "%x", "%p", "%c", "%z", "%A", "%D", "%L", "%S", "%U", "%W", "%X", "%P", "%C", "%Z", "."}) do print(c, (s:gsub(c, "")):byte(1, -1)) end
--# sets
print(("abc123"):match("[a-c]+"), ("abc123"):match("[^a-c]+"), ("a-b"):match("[a%-]+"), ("x]y"):match("[]]"), ("x]y"):match("[^]]+"), ("a^b"):match("[b^]"), ("[x]"):match("[[]"), ("a-z"):match("[a-]+"), ("+-*"):match("[+%-*]+"), ("x%"):match("[%%]"), ("09az"):match("[%da]+"), ("ab\n"):match("[^\n]+"), ("z-a"):match("[z-a]"), ("abc"):match("[%a]+"), ("a.b"):match("[.]"))
print(("a\0b"):match("[%z]") == "\0", ("\200"):match("[\199-\201]") == "\200", ("e"):match("[a-fA-F0-9]"), ("-"):match("[a-]"), ("b"):match("[a-]"), ("]"):match("[a%]]"))
--# repetitions
print(("aaa"):match("a*"), ("aaa"):match("a+"), ("aaa"):match("a-"), ("aaa"):match("a?"), ("baaa"):match("ba-$"), ("b"):match("a*"), ("b"):match("a+"), ("aab"):match("a-b"), ("aab"):match("a*ab"), ("ab"):match("a?b"), ("b"):match("a?b"), ("<a><b>"):match("<.*>"), ("<a><b>"):match("<.->"), ("xay"):match("x.?y"), ("xy"):match("x.?y"))
--# balanced matches and frontiers
print(("f(a(b)c)d"):match("%b()"), ("((x)"):match("%b()"), ("(x"):match("%b()"), ("[[x]]"):match("%b[]"), ("xx"):match("%bxx"), ("THE (quick) fox"):gsub("%f[%a]%a+", string.lower)) print(("hello world"):gsub("%f[%w]%w", string.upper)) print(("a"):find("%f[%z]")) print(("x"):find("%f[x]"))
--# back references
print(("abab"):match("(ab)%1"), ("'q' \"r\""):match("(['\"])(.-)%1"), ("aXa"):match("(.)X%1"), ("aXb"):match("(.)X%1"), ("abcabc"):find("(a)(b)(c)%1%2%3")) print(pcall(string.match, "a", "%1")) print(pcall(string.match, "a", "(a%1)"))
--# captures of positions and nested captures
print(("abc"):match("()a()b()")) print(("abcd"):match("((a)(b(c)))")) print(("x=1,y=2"):match("((%w)=(%d))")) print(("abc"):find("(b()c)"))
--# gsub with texts
print(("hello world"):gsub("o", "0")) print(("hello"):gsub("", "-")) print(("abc"):gsub(".", "%0%0")) print(("abc def"):gsub("(%w+) (%w+)", "%2 %1")) print(("abc"):gsub("b", "%%")) print(("abc"):gsub("x", "y")) print(("abc"):gsub("%w", "x", 2)) print(("abc"):gsub("%w", "x", 0)) print(("abc"):gsub("%w", "x", -1)) print((""):gsub("", "x")) print(("a b c"):gsub("%s", "")) print(("abc"):gsub("(b)", "[%1]")) print(("abc"):gsub("b", "%1")) print(("abc"):gsub("^a", "x")) print(("aaa"):gsub("^a", "x")) print(("abc"):gsub("c$", "x")) print(("abc"):gsub("$", "x")) print(("a.b"):gsub("%.", "%%"))
print(("abc"):gsub("b", 5)) print(("x y"):gsub("(%w)", "<%1%1>")) print(("abc"):gsub("()", "%1"))
--# gsub with replacements that are wrong
print(pcall(string.gsub, "abc", "b", "%2")) print(pcall(string.gsub, "abc", "b", "%x")) print(pcall(string.gsub, "abc", "b")) print(pcall(string.gsub, "abc", "b", nil)) print(pcall(string.gsub, "abc", "b", true)) print(pcall(string.gsub, "abc", "b", function() return {} end)) print(pcall(string.gsub, "abc", "b", {b = true})) print(pcall(string.gsub, "abc", "b", {b = print}) == false)
--# gsub with a replacement that ends with a percent sign
--! interpreted: Lua 5.1 copies the zero byte behind the text
print(("abc"):gsub("b", "%"))
--# gsub with tables
print(("$name is $age"):gsub("%$(%w+)", {name = "Bob", age = 42})) print(("abc"):gsub("%w", {a = 1, b = false})) print(("abc"):gsub("(a)(b)", {a = "X"})) print(("abc"):gsub("()", {[1] = "one"})) print(("ab"):gsub(".", setmetatable({}, {__index = function(_, k) return k:upper() end})))
--# gsub with functions
print(("abc"):gsub(".", function(c) if c == "b" then return "[" .. c .. "]" end end)) print(("abc"):gsub("(a)(b)", function(x, y) return y .. x end)) print(("abc"):gsub(".", function() return false end)) print(("abc"):gsub(".", function() return 5 end)) print(("x"):gsub("x", function() return "%1" end)) print(("abc"):gsub("()", function(p) return p end)) local n = 0 print(("aaaa"):gsub("a", function() n = n + 1 return n end, 3))
--# gsub keeps what is between empty matches
print(("abc"):gsub("b*", "-")) print(("abc"):gsub("%w*", "x")) print((" a b "):gsub("%s*", "")) print(("hello"):gsub("l*", "L")) print(("abc"):gsub(".-", "x"))
--# gmatch
for w in ("one two  three"):gmatch("%a+") do print(w) end
for k, v in ("a=1, b=2"):gmatch("(%w+)=(%w+)") do print(k, v) end
for p in ("abc"):gmatch("()") do print(p) end
for x in ("abc"):gmatch("") do print("empty", x) end
for x in ("aXbX"):gmatch("(.-)X") do print(x) end
for x in ("^a^a"):gmatch("^a") do print(x) end
print(pcall(string.gmatch, "x")) print(string.gfind == string.gmatch or type(string.gfind))
--# gmatch inside of gmatch
for line in ("a b\nc d"):gmatch("[^\n]+") do for w in line:gmatch("%w") do print(line, w) end end
--# splitting
local function split(s, sep) local t = {} for p in (s .. sep):gmatch("(.-)" .. sep:gsub("%p", "%%%0")) do t[#t + 1] = p end return t end
print(table.concat(split("a,b,,c", ","), "|"), #split("", ","), table.concat(split("a.b", "."), "|"))
--# malformed patterns
for _, p in ipairs({"(", ")", "%", "[", "[a", "[^", "[]", "[%", "%b", "%bx", "%f", "%fa", "(a", "a)", "((a)", "(()", "%1", "[a-", "%g"}) do print(p, pcall(string.find, "aaa", p)) end
--# captures at their limit
print(select("#", ("x"):rep(32):match(("(.)"):rep(32)))) print(pcall(string.match, ("x"):rep(33), ("(.)"):rep(33)))
--# string comparison and equality of built texts
local a = "ab" .. "cd" local b = "abc" .. "d" print(a == b, a < b, a <= b, ("x"):rep(1000) == ("x"):rep(1000), ("x"):rep(1000) < ("x"):rep(1001))
local t = {} t["a" .. "b"] = 1 print(t.ab, t[("xab"):sub(2)], t[table.concat({"a", "b"})])
--# string.format with integers
print(string.format("%d %5d %-5d| %05d %+d %+d % d %i", 42, 42, 42, 42, 42, -42, 42, 7)) print(string.format("%d %d %d %d", 3.99, -3.99, 2^31, -2^31)) print(string.format("%.3d %8.3d %-8.3d| %+.3d %05.3d", 5, 5, 5, 5, 5)) print(string.format("%u %c%c %o %x %X %#x %#o %#X", 42, 72, 105, 8, 255, 255, 255, 8, 255)) print(string.format("%d %x", "10", "0x1f")) print(string.format("%5x|%-5x|%05x", 255, 255, 255))
print(string.format("%x %X %o", -1, -255, -8)) print(string.format("%d %d", 2^53, -2^53)) print(string.format("%d", 1e15))
--# string.format with floats
print(string.format("%f %.2f %8.3f %-8.3f| %08.3f %+.1f % .1f %.0f %#.0f", 3.14159, 3.14159, 3.14159, 3.14159, 3.14159, 3.14159, 3.14159, 3.14159, 3.14159)) print(string.format("%e %.2e %E %.0e %12.3e|%-12.3e|", 12345.678, 12345.678, 12345.678, 12345.678, 12345.678, 12345.678)) print(string.format("%g %g %g %g %g %G %.3g %#g %10g %-10g|", 0.1, 1e20, 1e-5, 100000, 1e6, 1e-10, 1234.5, 1.5, 0.5, 0.5))
print(string.format("%.0f %.0f %.0f %.0f %.1f %.2f %.2f", 0.5, 1.5, 2.5, -0.5, 0.25, 2.675, 1.005)) print(string.format("%.20f %.17g %.14g", 0.1, 0.1, 0.1)) print(string.format("%f %g %e", 1e15, 1e15, 1e15)) print(string.format("%.3f %.3f", 1e22, 123456789.987654321)) print(string.format("%5.1f|%5.1f|%5.1f", 9.95, 99.95, -9.95)) print(string.format("%g %g", 123456, 1234567)) print(string.format("%.99f", 1/3))
--# string.format with infinities and NaN
print(string.format("%f %g %e %.2f %5.1f|%-6g|%06f", 1/0, -1/0, 1/0, 1/0, 1/0, 1/0, 1/0)) print(string.format("%+f % f", 1/0, 1/0)) print((string.format("%f", 0/0):gsub("-", "")))
--# string.format with texts
print(string.format("%s %10s|%-10s|%.2s|%5.1s|%-5.1s|", "abc", "abc", "abc", "abc", "abc", "abc")) print(string.format("%s %s", 1, 1.5)) print(string.format("%%")) print(string.format("no directives")) print(string.format("%s", ("x"):rep(200)) == ("x"):rep(200)) print(#string.format("%99s", "x"), #string.format("%s", ("a\0"):rep(60)))
print(pcall(string.format, "%s")) print(pcall(string.format, "%s", nil)) print(pcall(string.format, "%s", true)) print(pcall(string.format, "%s", {}) == false) print(pcall(string.format, "%d", "x")) print(pcall(string.format, "%d", nil)) print(pcall(string.format, "%d"))
--# string.format with short texts that hold a zero byte
--! interpreted: Lua 5.1 gives these to C, whose text ends there
print(#string.format("%s", "a\0b"))
--# string.format with quoted texts
print(string.format("%q", 'a "quoted" \\ text\nwith lines')) print(string.format("%q", "\r\0\0011\t\200")) print(string.format("%q", 5)) print(pcall(string.format, "%q", {})) print(string.format("[%5q]", "x"))
--# string.format that is wrong
print(pcall(string.format, "%y", 1)) print(pcall(string.format, "%", 1)) print(pcall(string.format, "%123d", 1)) print(pcall(string.format, "%.123d", 1)) print(pcall(string.format, "%-+ #0-d", 1)) print(pcall(string.format, "%#123x", 1)) print(pcall(string.format)) print(pcall(string.format, {})) print(string.format("%d", 1, 2, 3)) print(pcall(string.format, "%l", 1))
--# string.format with %c of zero
--! interpreted: keeps the byte
print(#string.format("%c", 0), #string.format("a%cb", 0))
--# tostring and tonumber
print(tostring(nil), tostring(true), tostring(12), tostring(-0.5), tostring("x"), tostring(1e100)) print(tonumber("12"), tonumber(" 12 "), tonumber("0x1F"), tonumber("1e3"), tonumber("-1.5e-2"), tonumber(""), tonumber(" "), tonumber("1 2"), tonumber("x"), tonumber("0x"), tonumber("1e"), tonumber("--1"), tonumber("- 1"), tonumber("+1"), tonumber(".5"), tonumber("5."), tonumber("."), tonumber("1_000"), tonumber("\t5\n")) print(tonumber(nil), tonumber(true), tonumber({}), tonumber(5)) print(pcall(tonumber))
print(tonumber("0x1p4"), tonumber("0x.1"), tonumber("infinity"), tonumber("INF"), tonumber("1e400"), tonumber("-1e400"), tonumber("1e-400"), tonumber("0b1"), tonumber("1f"), tonumber("1\0"), tonumber("0x1.8"))
--# tonumber with bases
print(tonumber("10", 2), tonumber("ff", 16), tonumber("FF", 16), tonumber("zz", 36), tonumber("8", 8), tonumber("0x10", 16), tonumber("7", 7), tonumber(" 11 ", 2), tonumber("1.5", 10), tonumber("1e1", 16), tonumber("", 16), tonumber("-11", 10), tonumber("777", 8), tonumber("1", 10)) print(pcall(tonumber, "1", 1)) print(pcall(tonumber, "1", 37)) print(pcall(tonumber, {}, 16)) print(tonumber(10, 16), tonumber("ffffffff", 16), tonumber("-ff", 16))
--# texts in concatenations with numbers
print(1 .. "", 1.5 .. "|" .. 2 .. "|" .. 1e100 .. "|" .. -0.1, 10 / 2 .. "", 2^53 .. "", 1e15 .. "", 0.1 + 0.2 .. "")
--# long texts by doubling and joining
local s = "x" for i = 1, 12 do s = s .. s end print(#s)
local t = {} for i = 1, 1000 do t[i] = i % 10 end local j = table.concat(t) print(#j, j:sub(1, 12))
local r = "" for i = 1, 500 do r = r .. i .. "," end print(#r, r:sub(-9))
--# a caesar cipher and a palindrome
local function rot(s, n) return (s:gsub("%a", function(c) local base = c:match("%l") and 97 or 65 return string.char((c:byte() - base + n) % 26 + base) end)) end
print(rot("Hello, World!", 13), rot(rot("Hello, World!", 13), 13))
local function pal(s) s = s:lower():gsub("%W", "") return s == s:reverse() end
print(pal("A man, a plan, a canal: Panama"), pal("no"))
