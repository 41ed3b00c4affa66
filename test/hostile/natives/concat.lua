-- concatenating a long list again and again is ended
-- expect: message HKT_SANDBOX_* process_message() *limit*
require 'table'
local t = {}
for i = 1, 50000 do t[i] = i + 0.5 end
function process_message()
    while true do table.concat(t, ',') end
    return 0
end
