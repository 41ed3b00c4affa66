-- a growing list of records ends at the memory limit
-- expect: message HKT_SANDBOX_MEMORY process_message() not enough memory
local t = {}
function process_message()
    for i = 1, 60000 do t[#t + 1] = {i, tostring(i)} end
    return 0
end
