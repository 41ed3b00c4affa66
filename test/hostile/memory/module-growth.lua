-- module tables that pile up end at the memory limit
-- expect: message HKT_SANDBOX_* process_message() *
local n = 0
function process_message()
    local keep = module
    local env = getfenv(1)
    while true do
        n = n + 1
        keep('m' .. n)
        setfenv(1, env)
    end
    return 0
end
