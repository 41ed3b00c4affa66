-- code that is much longer than its source is no internal fault
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string'
local n = 0
function process_message()
    n = n + 1
    local f = loadstring(('x=1\n'):rep(25000 * n))
    if f then f() end
    while n > 3 do end
    return 0
end
