-- a call with a thousand arguments is an ordinary error
-- expect: lives
require 'string'
function process_message()
    local chunk, text = loadstring('return f(' .. string.rep('1,', 1000) .. '1)')
    assert(chunk == nil or type(chunk) == 'function')
    assert(chunk ~= nil or type(text) == 'string')
    return 0
end
