-- a limit below V8's own smallest heap is in force
-- expect: message HKT_SANDBOX_MEMORY process_message() not enough memory
-- memory: 262144
local t = {}
function process_message()
    for i = 1, 60000 do t[#t + 1] = {i} end
    return 0
end
