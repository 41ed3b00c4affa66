-- twenty thousand parentheses are an ordinary error
-- expect: lives
require 'string'
function process_message()
    local chunk, text = loadstring('return ' .. string.rep('(', 20000) .. '1' .. string.rep(')', 20000))
    assert(chunk == nil)
    assert(type(text) == 'string')
    return 0
end
