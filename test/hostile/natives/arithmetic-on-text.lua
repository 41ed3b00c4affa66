-- arithmetic on a megabyte of text is ended
-- expect: message HKT_SANDBOX_* process_message() *limit*
require 'string'
local digits = '0.' .. string.rep('0', 1024 * 1024) .. '1'
function process_message()
    while true do local x = digits + 1 end
    return 0
end
