-- a leak of a little per message ends at the memory limit in its time
-- expect: message HKT_SANDBOX_MEMORY process_message() not enough memory
require 'string'
local t = {}
function process_message()
    for i = 1, 20000 do t[#t + 1] = {a = i, b = 'text ' .. i} end
    return 0
end
