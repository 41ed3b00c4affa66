-- asking for the largest index of a long list is ended
-- expect: message HKT_SANDBOX_* process_message() *limit*
require 'table'
local t = {}
for i = 1, 50000 do t[i + 0.5] = i end
function process_message()
    while true do table.maxn(t) end
    return 0
end
