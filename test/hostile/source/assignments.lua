-- an assignment to ten thousand targets is an ordinary error
-- expect: lives
require 'string'
function process_message()
    local chunk, text = loadstring(string.rep('a,', 10000) .. 'a = 1')
    assert(chunk == nil or type(chunk) == 'function')
    assert(chunk ~= nil or type(text) == 'string')
    return 0
end
