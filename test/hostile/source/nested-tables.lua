-- table constructors nested ten thousand deep are an ordinary error
-- expect: lives
require 'string'
function process_message()
    local chunk, text = loadstring('return ' .. string.rep('{', 10000) .. string.rep('}', 10000))
    assert(chunk == nil or type(chunk) == 'function')
    assert(chunk ~= nil or type(text) == 'string')
    return 0
end
