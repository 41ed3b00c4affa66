-- changing environments for ever is paid for in instructions or memory
-- expect: message HKT_SANDBOX_INSTRUCTIONS process_message() instruction_limit exceeded
require 'string' require 'table'
local function f() return x end
function process_message()
    while true do setfenv(f, {}) getfenv(f) getfenv(1) setfenv(1, getfenv(1)) getfenv(loadstring) end
end
