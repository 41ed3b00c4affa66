--# errors in expressions of many lines: operands
--! interpreted: an operator's line is where it stands, not where its last operand ends
print(pcall(function()
  return 1 +
    2 +
    nil
end))
print(pcall(function()
  local x =
    1
    + {}
  return x
end))
print(pcall(function()
  local a = nil
  return "x" ..
    "y" ..
    a
end))
--# errors in calls of many lines
local function f() end
print(pcall(function()
  f(
    1,
    nil + 1
  )
end))
print(pcall(function()
  undefinedf(
    1,
    2
  )
end))
print(pcall(function()
  local t = {}
  t
  .a
  .b
  .c = 1
end))
print(pcall(function()
  local t = {}
  t.x
  :m()
end))
--# errors of error in calls of many lines
print(pcall(function()
  error(
    "text"
    ..
    "more"
  )
end))
--# errors in constructors of many lines
print(pcall(function()
  local t = {
    a = 1,
    b = nil .. "x",
    c = 3
  }
end))
print(pcall(function()
  local t = {
    1,
    2,
    #nil,
    4
  }
end))
--# errors in conditions of many lines
print(pcall(function()
  if 1 == 1
    and nil < 1
  then
    return 1
  end
end))
print(pcall(function()
  while
    {} < {}
  do end
end))
print(pcall(function()
  repeat
    local x = 1
  until
    x.y.z
end))
--# errors in for statements of many lines
print(pcall(function()
  for i =
    1,
    "x"
  do
  end
end))
print(pcall(function()
  for k, v
  in
    nil
  do
  end
end))
print(pcall(function()
  for k, v in pairs({1})
  do
    local x = k.y.z
  end
end))
--# errors in assignments of many lines
--! compiled: a field that cannot be set has the line of the field, not the line where the statement ends
print(pcall(function()
  local t
  local a, b =
    1,
    t.x
end))
print(pcall(function()
  local t = {}
  t.x, t.y.z =
    1,
    2
end))
--# errors in return statements of many lines
print(pcall(function()
  return
    1,
    nil + 1
end))
print(pcall(function()
  return (function()
    return nil .. 1
  end)()
end))
--# errors after comments and long strings
print(pcall(function()
  -- comment
  --[[ two
  lines ]] local s = [[
  long
  string]] error("here")
end))
--# errors with levels and lines
local function thrower()
  error("two", 2)
end
print(pcall(function()
  local a = 1

  thrower()
end))
print(pcall(function()
  thrower(
    1,
    2
  )
end))
--# lines in loaded chunks
print(pcall(loadstring("\n\nerror('third')", "=loaded")))
print(pcall(loadstring("local x = 1\n\n\n\nx.y.z = 1", "@file.lua")))
print(pcall(loadstring("\r\n\r\nerror('third')", "=crlf")))
print(pcall(loadstring("\n\r\n\rerror('third')", "=lfcr")))
--# lines in functions on one line
local f = function() error("a") end local g = function() error("b") end print(pcall(f)) print(pcall(g))
--# lines of methods chained over lines
--! interpreted: a chain of calls has the line where it begins
local o = {}
function o:a() return self end
function o:fail() error("failed", 2) end
print(pcall(function()
  o:a()
    :a()
    :fail()
end))
--# lines of natives in expressions over lines
print(pcall(function()
  local x = ("x"):rep(3) ..
    ("y"):rep({})
end))
print(pcall(function()
  return tostring(1)
    .. setmetatable(1)
end))
--# lines of comparisons, unary operators and lengths
--! interpreted: an operator's line is where it stands, not where its last operand ends
print(pcall(function()
  local x
  local y = -
    x
end))
print(pcall(function()
  local x
  local y = #
    x
end))
print(pcall(function()
  return {}
    <
    {}
end))
print(pcall(function()
  local t = {}
  return t
    [nil]
    .x
end))
--# the line of a function's end
print(pcall(function()
  local t = setmetatable({}, {__index = function(t, k)
    return k.x.y
  end})
  return t.foo
end))
--# the line of an upvalue call in a loop
local n = 0
local function step()
  n = n + 1
  if n == 3 then
    error("third step")
  end
end
print(pcall(function()
  while true do
    step()
  end
end))
--# an if over lines
print(pcall(function()
  local a = 5
  if a == 1 then
    return 1
  elseif a.b.c then
    return 2
  end
end))
--# local function and assignment lines
--! compiled: a field that cannot be set has the line of the field, not the line where the statement ends
print(pcall(function()
  local t = nil
  t.x =
    5
end))
print(pcall(function()
  local t = {}
  t[
    nil
  ] = 5
end))
--# a missing field in a condition of many lines
--! interpreted: has the line behind the expression
print(pcall(function()
  local t = {}
  if t
    .a
    .b
  then end
end))
--# the line of a method look-up
print(pcall(function()
  local o
  print(function()
  end, o:byte(1))
end))
--# errors in later arguments of calls of many lines
print(pcall(function()
  local o
  print(function()
  end, o.x)
end))
print(pcall(function()
  print({
  }, undefined())
end))
print(pcall(function()
  print({
  }, "x" + 1, undefined())
end))
print(pcall(function()
  local t = {}
  print({
  }, #t.x)
end))
print(pcall(function()
  local t = {}
  print({
  }, t.x.y
  .z)
end))
print(pcall(function()
  local t = {}
  local a, b = {
  }, t.x.y
end))
print(pcall(function()
  local t = {}
  return {
  }, t.x .. "y"
end))
print(pcall(function()
  local t = {}
  return ({
  })
  .a
  .b
end))
print(pcall(function()
  local t = {}
  t.a = {
    t.b
    .c
  }
end))
print(pcall(function()
  local s = ""
  for i = 1, 3 do
    s = s ..
      i ..
      (i == 2 and nil or "")
  end
end))
--# a key of a constructor of many lines that is nil
print(pcall(function()
  return {
    a = 1,
    [nil] = 2
  }
end))
print(pcall(function()
  print(function()
  end, {[nil] = 2})
end))
