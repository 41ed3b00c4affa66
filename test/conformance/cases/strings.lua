--#
return ("hello world"):find("o w"), ("hello"):find("l+"), ("hello"):find("xyz")
--#
return ("hello"):find(""), ("hello"):find("", 10), ("hello"):find("l", -2)
--#
return ("a.b"):find(".", 1, true), ("a.b"):find("%.")
--#
return ("key = value"):match("(%w+)%s*=%s*(%w+)")
--#
return ("  trim  "):match("^%s*(.-)%s*$"), ("abc"):match("()b()")
--#
return ("hello world"):gsub("o", "0")
--#
return ("hello"):gsub("", "-")
--#
return ("abc"):gsub("%w", "%0%0"), ("abc"):gsub("(a)(b)", "%2%1"), ("hello world"):gsub("%w+", "%0 %0", 1)
--#
return ("abc"):gsub("b", {b = "X"}), ("abc"):gsub("%w", {a = 1, b = false}), ("abc"):gsub(".", function(c) if c == "b" then return "[" .. c .. "]" end end)
--#
return ("$name is $age"):gsub("%$(%w+)", {name = "Bob", age = 42})
--#
return ("f(a(b)c)d"):match("%b()"), ("THE (quick) fox"):gsub("%f[%a]%a+", string.lower)
--#
return ("a\0b"):gsub("%z", "0"), ("a\0b"):find("\0"), #"a\0b", ("a\0b"):match("%Z+")
--#
local s = "" for k, v in ("a=1, b=2"):gmatch("(%w+)=(%w+)") do s = s .. k .. v .. ";" end return s
--#
local s = "" for w in string.gfind("one two", "%a+") do s = s .. w .. ";" end return s
--#
local n = 0 for a in ("abc"):gmatch("") do n = n + 1 end return n
--#
return ("abc"):rep(3), ("abc"):rep(0), ("abc"):rep(-1), ("abc"):reverse(), ("aBc"):upper(), ("aBc"):lower(), ("abc"):len()
--#
return ("abc"):byte(), ("abc"):byte(1, -1)
--#
return ("abc"):byte(10), ("abc"):byte(-1), string.char(), string.char(97, 98)
--#
return ("hello"):sub(2), ("hello"):sub(2, 3), ("hello"):sub(-3), ("hello"):sub(-3, -2), ("hello"):sub(0), ("hello"):sub(10), ("hello"):sub(3, 2), ("hello"):sub(-100, 100)
--#
return ("[test]"):match("%[(.-)%]"), ("a]b"):match("[]]"), ("a^b"):match("[%^]"), ("a-z"):match("[a%-z]+"), ("x-1"):match("[+-]?%d+")
--#
return ("0123456789"):match("^(%d%d)(%d%d)"), ("aaab"):match("a-b"), ("aaa"):match("a-$"), ("abab"):match("(ab)%1")
--#
return ("\228"):upper() == "\228", ("\228"):lower() == "\228", ("\228"):match("%a")
--#
return pcall(string.find, "a", "(")
--#
return pcall(string.find, "a", "%")
--#
return pcall(string.find, "a", "[a")
--#
return pcall(string.find, "a", "%b")
--#
return pcall(string.find, "a", "%f")
--#
return pcall(string.find, "a", "(a))")
--#
return pcall(string.gsub, "a", "a", "%2")
--#
return pcall(string.gsub, "abc", "b", function() return {} end)
--#
return pcall(string.gsub, "a", "a", true)
--#
return pcall(string.char, 256)
--#
return string.format("%5d|%-5d|%05d|%+d|% d|%x|%X|%#x|%o|%u", 42, 42, 42, 42, 42, 255, 255, 255, 8, 42)
--#
return string.format("%d %d %d %i", 3.7, -3.7, 2^53, 1e10), string.format("%x %X %x", -1, -255, 2^40)
--#
return string.format("%5.1f|%-8.3f|%08.2f|%+.2f|%.0f|%.0f|%.0f|%f", 3.14159, 2.5, -1.5, 1.005, 0.5, 1.5, 2.5, 1/3)
--#
return string.format("%e %E %.3e %g %g %g %g %G", 12345.678, 0.00012, 1e100, 1e20, 0.0001, 0.00001, 123456789, 1e-10)
--#
return string.format("%g %g %g %#g %.3g %.10g", 100000, 1000000, 1e15, 1, 1234.5, 1/3)
--#
return string.format("%.2f %.2f %.2f %.1f %.1f %.3f", 0.125, 0.375, 2.675, 0.25, 0.35, 1.0005)
--#
return string.format("%.17g %.17g %.20f", 0.1, 1e23, 0.1), string.format("%.3f", 2^70)
--#
return string.format("%s|%10s|%-10s|%.2s|%5.1s|", "abc", "abc", "abc", "abc", "abc")
--#
return string.format("%q", 'a"b\\c\nd\re\0f\1')
--#
return string.format("%%|%5s|%s", "x", 12), string.format("%10.4d|%-10.4d|%+.3d", 42, 42, 7), string.format("%#o %#x %#.3x", 8, 0, 5)
--#
return pcall(string.format, "%d", "x")
--#
return pcall(string.format, "%y", 1)
--#
return pcall(string.format, "%123d", 1)
--#
return pcall(string.format, "%d")
--#
return "a" .. "b" .. "c" .. 1 .. 2, (1) .. (2), 1 .. 2 .. 3
--#
return "a\q\.\-\[" , 'it\'s', "\65\066\0671", [==[a]]b]==], [[
x]]
--#
return "a" < "b", "a" < "B", "" < "a", "a\0b" < "a\0c", "Z" < "a", "\255" > "a", "a" <= "a"
--#
local t = {} t["\5\161"] = 1 t["\90\1"] = 2 return t["\5\161"], t["\90\1"]
