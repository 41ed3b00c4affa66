-- using megabytes as keys is ended
-- expect: message HKT_SANDBOX_* process_message() *limit*
require 'string'
local long = string.rep('x', 1024 * 1024)
local t = {}
function process_message()
    for i = 1, 1e6 do t[long .. i % 2] = i end
    return 0
end
