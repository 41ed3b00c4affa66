-- a chain of ten thousand unary operators is an ordinary error
-- expect: lives
require 'string'
function process_message()
    local chunk, text = loadstring('return ' .. string.rep('not ', 10000) .. string.rep('- ', 10000) .. 'a')
    assert(chunk == nil or type(chunk) == 'function')
    assert(chunk ~= nil or type(text) == 'string')
    return 0
end
