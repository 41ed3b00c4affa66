-- more upvalues than a function can have are an ordinary error
-- expect: lives
require 'string'
require 'table'
function process_message()
    local parts = {}
    for f = 1, 3 do
        local names = {}
        for i = 1, 100 do names[i] = 'v' .. f .. '_' .. i end
        parts[f] = 'local ' .. table.concat(names, ', ')
    end
    local all = parts[1]:sub(7) .. ', ' .. parts[2]:sub(7) .. ', ' .. parts[3]:sub(7)
    local source = parts[1] .. ' return function() ' .. parts[2] .. ' return function() ' .. parts[3]
        .. ' return function() return {' .. all .. '} end end end'
    local chunk, text = loadstring(source)
    assert(chunk == nil)
    assert(string.find(text, 'upvalues', 1, true), text)
    return 0
end
