-- an unfinished comment of a megabyte is an ordinary error
-- expect: lives
require 'string'
function process_message()
    local chunk, text = loadstring('--[==[' .. string.rep('x]]', 300000))
    assert(chunk == nil or type(chunk) == 'function')
    assert(chunk ~= nil or type(text) == 'string')
    return 0
end
