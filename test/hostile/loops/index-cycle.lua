-- a cycle of __index tables is an error, not a loop
-- expect: message HKT_SANDBOX_SCRIPT process_message() *loop in gettable
local a, b = {}, {}
setmetatable(a, {__index = b})
setmetatable(b, {__index = a})
function process_message()
    local x = a.nothing
    return 0
end
