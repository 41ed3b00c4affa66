--# loadstring
print(loadstring("return 1 + 1")()) print(loadstring("return ...")(1, 2, 3)) print(loadstring("")()) print(select("#", loadstring("x = 1")()), x)
--# chunk names in messages
print(pcall(loadstring("error('e')"))) print(pcall(loadstring("error('e')", "name"))) print(pcall(loadstring("error('e')", "@name"))) print(pcall(loadstring("error('e')", "=name")))
print(pcall(loadstring("error('e')", "=" .. ("n"):rep(100)))) print(pcall(loadstring("error('e')", "@" .. ("n"):rep(100)))) print(pcall(loadstring("error('e') -- " .. ("c"):rep(100))))
print(pcall(loadstring("\nerror('e')"))) print(pcall(loadstring("error('e')\n-- second line"))) print(pcall(loadstring("error('e')", "")))
--# syntax errors are results
print(loadstring("x =")) print(loadstring("x = 1 y", "=s")) print(loadstring("for", "@s")) print(loadstring("return return", "=s")) print(loadstring("end", "=s")) print(loadstring("x = }", "=s"))
--# what is expected near what
for _, s in ipairs({"if x then", "while x do", "repeat", "for i = 1 do end", "for i in", "for 1 = 2 do end", "function", "function f", "function f(", "function f(a,", "function f(...", "function f(..., a) end", "local", "local function", "local x =", "f(", "f(1,", "t[", "t[1", "t.", "t:", "t:m", "{", "x = {", "x = {1", "x = {1,", "x = {a =", "x = (1", "x = 1 +", "x = not", "x = -", "return 1,", "x, y", "x.y", "x.y, z", "f() = 1", "1 = 2", "'s' = 1", "x = y z", "do", "do end end", "if x end", "if x then else elseif", "if x then elseif", "local x.y = 1", "local x:y", "return return", "a.b:c = 1", "x = function", "x = function(", "x = function() return", "goto x", "::x::", "x = a.1", "x = 'a", "x = [[a", "x = @", "x = #", "x = ~", "x ~= 1", "x == 1", "x = 1 = 2", "local function f.x() end", "function f.x:y.z() end", "for a, b = 1, 2 do end", "for i = 1, 2, 3, 4 do end", "f 1", "f nil", "and", "x = and", "until x", "then", "x = 5 5", "x = {} {}", "x = !", "x = $y", "x = 1 ? 2"}) do
  print(s, loadstring(s, "=s"))
end
--# dots outside of a vararg function
print(loadstring("function f() return ... end", "=s")) print(loadstring("function f(...) return function() return ... end end", "=s")) print(loadstring("return ...", "=s") ~= nil)
--# characters that are no symbol
--! interpreted: they are written as in later versions
print(loadstring("\1", "=s")) print(loadstring("x = \200", "=s"))
--# an assignment to an expression in parentheses
--! interpreted: the message is worded as for other symbols
print(loadstring("(x) = 1", "=s"))
--# break outside of a loop
--! interpreted: the message names no token
print(loadstring("=s")) print(loadstring("do break end", "=s")) print(loadstring("while true do local f = function() break end end", "=s"))
--# statements after return
print(loadstring("return 1; x = 2", "=s")) print(loadstring("do return 1 end x = 2", "=s") ~= nil) print(loadstring("return 1;", "=s") ~= nil) print(loadstring("return; return", "=s"))
--# statements after break
--! interpreted: break may stand anywhere, as in later versions
print(loadstring("while true do break x = 1 end", "=s")) print(loadstring("while true do break; end", "=s") ~= nil)
--# ambiguous calls
--! interpreted: a statement may begin with a parenthesis
print(loadstring("f\n(g)", "=s")) print(loadstring("local x = f\n(g).y = 1", "=s"))
--# the line of an unfinished block
print(loadstring("if x then\n\n\nfoo()", "=s")) print(loadstring("while true do\nfor i = 1, 2 do\nend", "=s")) print(loadstring("f(1,\n2", "=s")) print(loadstring("x = {1,\n2,\n3", "=s")) print(loadstring("function f()\nif x then\n", "=s")) print(loadstring("x = (1\n+ 2", "=s")) print(loadstring("repeat\nx = 1\n", "=s"))
--# load with a reader
local parts = {"return ", "1 ", "+ 41"}
local i = 0
print(load(function() i = i + 1 return parts[i] end)())
local i = 0
print(load(function() i = i + 1 if i < 4 then return "x" .. i .. "=" .. i .. " " elseif i == 4 then return "" end return "never" end)())
print(x1, x2, x3)
--# load with names and errors
print(type(load(function() return nil end)))
local done
print(load(function() if not done then done = true return "x = =" end end, "=named"))
done = nil
print(load(function() if not done then done = true return "x = =" end end))
print(pcall(load, 5)) print(pcall(load)) print(pcall(load, "return 1"))
--# load with a reader that gives no text
--! interpreted: raises an error
print(load(function() return {} end))
--# load with a reader that raises an error
--! interpreted: raises the error
print(pcall(load, function() error("reader", 0) end))
--# code in code
local f = loadstring("return loadstring('return loadstring(\"return ...\")(...)')(...)")
print(f("deep"))
--# loaded functions share globals and keep their own upvalues
local make = loadstring("local n = ... return function() n = n + 1 shared = n return n end")
local a, b = make(0), make(10)
print(a(), b(), a(), shared)
--# many small chunks
local s = 0
for i = 1, 200 do s = s + loadstring("return " .. i)() end
print(s)
--# a chunk that is a large table
local parts = {}
for i = 1, 3000 do parts[i] = i .. "," end
local t = loadstring("return {" .. table.concat(parts) .. "}")()
print(#t, t[1], t[1500], t[3000])
--# a chunk with many constants and functions
local parts = {}
for i = 1, 300 do parts[i] = "f" .. i .. " = function(x) return x + " .. i .. ".5 end" end
loadstring(table.concat(parts, "\n"))()
print(f1(0), f150(1), f300(2))
--# a first line with a number sign is no comment for loadstring
print(loadstring("# comment\nreturn 1", "=s"))
--# nesting at its limit
local function nested(open, close, n) return loadstring(open:rep(n) .. " x = 1 " .. close:rep(n), "=s") end
print(nested("do ", "end ", 190) ~= nil) print(nested("do ", "end ", 250)) print(nested("x = {", "}", 250)) print(loadstring("x = " .. ("("):rep(250), "=s")) print(loadstring("x = " .. ("-"):rep(2) , "=s"))
print(loadstring("x = " .. ("not "):rep(250) .. "1", "=s")) print(loadstring("x = " .. ("a .. "):rep(250) .. "a", "=s"))
--# 60 upvalues and one more
local function make(n)
  local names = {}
  for i = 1, n do names[i] = "u" .. i end
  local list = table.concat(names, ",")
  return "local " .. list .. "\nlocal function f()\nreturn " .. list .. "\nend\nreturn f"
end
print(loadstring(make(60), "=s") ~= nil)
--# more than 60 upvalues
--! interpreted: the limit is 255, as in later versions
local names = {}
for i = 1, 61 do names[i] = "u" .. i end
local list = table.concat(names, ",")
print(loadstring("local " .. list .. "\nlocal function f()\nreturn " .. list .. "\nend\nreturn f", "=s"))
