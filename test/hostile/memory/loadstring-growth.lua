-- compiled chunks that pile up end at the memory limit
-- expect: message HKT_SANDBOX_* process_message() *limit*
local t = {}
function process_message()
    while true do t[#t + 1] = loadstring('local a, b, c = 1, 2, 3 return function() return a + b + c end') end
    return 0
end
