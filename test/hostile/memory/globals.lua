-- growing by globals ends at the memory limit
-- expect: message HKT_SANDBOX_MEMORY process_message() not enough memory
local n = 0
function process_message()
    for i = 1, 60000 do n = n + 1 _G['g' .. n] = n end
    return 0
end
