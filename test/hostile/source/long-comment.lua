-- an unfinished comment of a megabyte is charged for
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string'
function process_message()
    local chunk, text = loadstring('--[==[' .. string.rep('x]]', 300000))
    assert(chunk == nil or type(chunk) == 'function')
    assert(chunk ~= nil or type(text) == 'string')
    return 0
end
