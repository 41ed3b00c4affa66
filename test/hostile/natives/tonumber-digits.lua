-- converting a megabyte of digits again and again is ended
-- expect: message HKT_SANDBOX_* process_message() *limit*
require 'string'
local digits = string.rep('9', 1024 * 1024)
function process_message()
    while true do tonumber(digits) tonumber(digits, 36) end
    return 0
end
