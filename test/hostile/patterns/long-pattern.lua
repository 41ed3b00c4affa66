-- a pattern of a megabyte is matched or refused, not crashed on
-- expect: message HKT_SANDBOX_* process_message() *
require 'string'
function process_message()
    while true do string.find(string.rep('a', 500000), string.rep('a?', 250000)) end
    return 0
end
