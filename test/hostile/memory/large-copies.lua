-- copies of a large string end at the memory limit
-- expect: message HKT_SANDBOX_* process_message() *limit*
require 'string'
local t = {}
function process_message()
    local s = string.rep('x', 1024 * 1024)
    while true do
        t[#t + 1] = string.upper(s) .. #t
        t[#t + 1] = string.reverse(s) .. #t
    end
    return 0
end
