-- tables nested without end fill the memory limit
-- expect: message HKT_SANDBOX_MEMORY process_message() not enough memory
local t = {}
function process_message()
    for i = 1, 100000 do t = {t} end
    return 0
end
