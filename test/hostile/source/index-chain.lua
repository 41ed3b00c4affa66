-- a chain of a hundred thousand indices is compiled or refused
-- expect: lives
-- instructions: 10000000
require 'string'
function process_message()
    local chunk, text = loadstring('return a' .. string.rep('.b', 100000))
    assert(chunk == nil or type(chunk) == 'function')
    assert(chunk ~= nil or type(text) == 'string')
    return 0
end
