-- taking a text apart and putting it together is ended
-- expect: message HKT_SANDBOX_* process_message() *limit*
require 'string'
local long = string.rep('x', 1024 * 1024)
function process_message()
    while true do string.char(string.byte(long, 1, 5000)) end
    return 0
end
