-- a growing list ends at the memory limit
-- expect: message HKT_SANDBOX_MEMORY process_message() not enough memory
local t = {}
function process_message()
    local n = #t
    while true do n = n + 1 t[n] = n end
    return 0
end
