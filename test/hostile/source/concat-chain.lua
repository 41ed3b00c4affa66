-- a chain of ten thousand concatenations is an ordinary error
-- expect: lives
require 'string'
function process_message()
    local chunk, text = loadstring('return ' .. string.rep('a .. ', 10000) .. 'a')
    assert(chunk == nil or type(chunk) == 'function')
    assert(chunk ~= nil or type(text) == 'string')
    return 0
end
