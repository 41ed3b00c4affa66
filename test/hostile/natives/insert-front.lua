-- inserting at the front of a long list is ended
-- expect: message HKT_SANDBOX_* process_message() *limit*
require 'table'
local t = {}
for i = 1, 50000 do t[i] = i end
function process_message()
    while true do table.insert(t, 1, 0) table.remove(t, 1) end
    return 0
end
