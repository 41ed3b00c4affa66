-- sorting a long list again and again is ended
-- expect: message HKT_SANDBOX_* process_message() *limit*
require 'table'
local t = {}
for i = 1, 20000 do t[i] = i * 7919 % 20011 end
function process_message()
    while true do table.sort(t, function(a, b) return a > b end) table.sort(t) end
    return 0
end
