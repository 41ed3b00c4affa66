-- module tables that pile up end the sandbox
-- expect: message HKT_SANDBOX_* process_message() *
local n = 0
local module, setfenv, env = module, setfenv, getfenv(1)
local function grow()
    n = n + 1
    module('m' .. n)
end
function process_message()
    while true do grow() end
end
