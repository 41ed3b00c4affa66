-- returning a thousand values is an ordinary error
-- expect: lives
require 'string'
function process_message()
    local chunk, text = loadstring('return ' .. string.rep('a,', 1000) .. 'a')
    assert(chunk == nil or type(chunk) == 'function')
    assert(chunk ~= nil or type(text) == 'string')
    return 0
end
