-- what runs at the edge of the stack is contained
-- expect: message HKT_SANDBOX_* process_message() *limit*
require 'string'
local function f(n)
    pcall(string.rep, 'x', 10)
    pcall(string.gsub, 'abc', '.', function() return read_message('Payload') end)
    return f(n + 1) + 1
end
function process_message()
    while true do pcall(f, 1) end
    return 0
end
