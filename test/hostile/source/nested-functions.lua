-- functions nested a thousand deep are an ordinary error
-- expect: lives
require 'string'
function process_message()
    local chunk, text = loadstring(string.rep('return function() ', 1000) .. string.rep(' end', 1000))
    assert(chunk == nil or type(chunk) == 'function')
    assert(chunk ~= nil or type(text) == 'string')
    return 0
end
