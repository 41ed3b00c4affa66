-- compiling for ever is ended
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string'
function process_message()
    local source = string.rep('x = x + 1 ', 1000)
    while true do loadstring(source) end
    return 0
end
