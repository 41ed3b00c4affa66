-- comparing megabytes that differ at their ends is ended
-- expect: message HKT_SANDBOX_* process_message() *limit*
require 'string'
local long = string.rep('x', 1024 * 1024)
local other = string.rep('x', 1024 * 1024 - 1) .. 'y'
function process_message()
    while true do local less, same = long < other, long == other end
    return 0
end
