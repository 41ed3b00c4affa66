-- a cycle of __newindex tables is an error, not a loop
-- expect: message HKT_SANDBOX_SCRIPT process_message() *loop in settable
local a, b = {}, {}
setmetatable(a, {__newindex = b})
setmetatable(b, {__newindex = a})
function process_message()
    a.nothing = 1
    return 0
end
