-- more than sixty upvalues are an ordinary error
-- expect: lives
require 'string'
require 'table'
function process_message()
    local names = {}
    for i = 1, 150 do names[i] = 'v' .. i end
    local list = table.concat(names, ', ')
    local chunk, text = loadstring('local ' .. list .. ' return function() return ' .. list .. ' end')
    assert(chunk == nil)
    assert(type(text) == 'string')
    return 0
end
