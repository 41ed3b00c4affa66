-- a name of a megabyte is compiled or refused
-- expect: lives
require 'string'
function process_message()
    local chunk, text = loadstring('return ' .. string.rep('x', 1000000))
    assert(chunk == nil or type(chunk) == 'function')
    assert(chunk ~= nil or type(text) == 'string')
    return 0
end
