-- a plain search of nearly matching text is ended or charged
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string'
function process_message()
    local hay, needle = string.rep('a', 1000000), string.rep('a', 500000) .. 'b'
    while true do string.find(hay, needle, 1, true) end
    return 0
end
