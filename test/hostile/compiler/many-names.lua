-- two hundred locals, sixty upvalues and two hundred parameters are within limits, more are refused
-- expect: lives
require 'string' require 'table'
local function names(prefix, count)
    local list = {}
    for i = 1, count do list[i] = prefix .. i end
    return table.concat(list, ',')
end
local n = 0
function process_message()
    n = n + 1
    if n > 1 then return 0 end
    local function ok(source) return loadstring(source) ~= nil end
    assert(ok('local ' .. names('a', 199) .. ' = 1 return a199'))
    assert(not ok('local ' .. names('a', 201) .. ' = 1'))
    assert(ok('return function(' .. names('a', 199) .. ') return a1 end') and not ok('return function(' .. names('a', 256) .. ') end'))
    local list = names('a', 60)
    assert(ok('local ' .. list .. ' return function() return ' .. list .. ' end'))
    list = names('a', 61)
    assert(not ok('local ' .. list .. ' return function() return ' .. list .. ' end'))
    local f = assert(loadstring('return function(' .. names('a', 150) .. ', ...) local ' .. names('b', 40) .. ' = ... return a150, b40 end'))()
    assert(f() == nil)
    return 0
end
