-- gmatch over empty matches for ever is ended
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string'
function process_message()
    while true do
        for _ in string.gmatch('abc', '') do end
    end
    return 0
end
