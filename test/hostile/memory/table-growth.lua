-- a growing list ends at the memory limit
-- expect: message HKT_SANDBOX_MEMORY process_message() not enough memory
local t, n = {}, 0
function process_message()
    for i = 1, 50000 do
        n = n + 1
        t[n] = {n}
    end
    return 0
end
