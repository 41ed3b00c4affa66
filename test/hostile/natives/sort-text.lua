-- sorting texts that are equal almost to their ends is ended
-- expect: message HKT_SANDBOX_* process_message() *limit*
require 'string'
require 'table'
local t = {}
local long = string.rep('x', 2000)
for i = 1, 1000 do t[i] = long .. i end
function process_message()
    while true do table.sort(t, function(a, b) return a > b end) table.sort(t) end
    return 0
end
