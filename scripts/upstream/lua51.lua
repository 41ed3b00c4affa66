-- Runs one file of the Lua 5.1 test suite as its own all.lua does. arguments: file
local name = arg[1]
-- What a file returns when it came to its end.
local returns = {["attrib.lua"] = 27, ["locals.lua"] = 5, ["events.lua"] = 12, ["verybig.lua"] = 10}

-- Tests that a file leaves out, in its own words.
function Message(text)
    print(text)
end

assert(os.setlocale("C"))
math.randomseed(0)

local chunk = assert(loadfile(name))
if name == "big.lua" then
    local run = coroutine.wrap(chunk)
    assert(run() == "b")
    assert(run() == "a")
else
    local result = chunk()
    assert(returns[name] == nil or result == returns[name], "the file did not return what it should")
    assert(name ~= "calls.lua" or result == deep and deep)
end
