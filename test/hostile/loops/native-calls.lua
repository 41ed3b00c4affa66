-- a loop of nothing but calls of natives is ended
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string'
function process_message()
    while true do string.find('a', 'b', 1, true) end
    return 0
end
