-- a chain of three thousand elseif is compiled or refused
-- expect: lives
require 'string'
function process_message()
    local chunk, text = loadstring('if a then ' .. string.rep('elseif a then ', 3000) .. ' end')
    assert(chunk == nil or type(chunk) == 'function')
    assert(chunk ~= nil or type(text) == 'string')
    return 0
end
