-- closures that pile up end at the memory limit
-- expect: message HKT_SANDBOX_MEMORY process_message() not enough memory
local t = {}
function process_message()
    for i = 1, 80000 do t[#t + 1] = function() return i end end
    return 0
end
