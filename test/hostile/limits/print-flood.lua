-- printing for ever is ended and the log keeps its size
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string'
function process_message()
    while true do print(string.rep('x', 1000)) end
    return 0
end
